//! The codes of a block, up to its end.

use super::bits::Bits;
use super::entry::Entry;
use super::header::Lengths;
use super::table::Table;
use crate::cpu::{Cpu, compiled_twice};

type Literals = Table<4096, 1024>;
type Distances = Table<512, 512>;

/// What the fast loop may write beyond `at` in one turn: three pairs of literals, and the longest copy in steps of 16.
const ROOM: usize = 6 + 258 + 16;

/// What it may read in one turn, filling its buffer twice.
const AHEAD: usize = 16;

/// The two codes of blocks, which follow each other.
pub(super) struct Blocks {
    literals: Literals,
    distances: Distances,
    /// Whether the tables are those of blocks without codes of their own.
    are_fixed: bool,
    cpu: Cpu,
}

impl Default for Blocks {
    fn default() -> Self {
        Self::of(Cpu::detect())
    }
}

impl Blocks {
    pub(super) fn of(cpu: Cpu) -> Self {
        Self { literals: Table::default(), distances: Table::default(), are_fixed: false, cpu }
    }

    /// Bits of two literals that are told by one look.
    pub(super) const PAIR: u32 = Literals::BITS;

    /// The codes of RFC 1951, 3.2.6.
    pub(super) fn fixed(&mut self) -> Option<()> {
        if !self.are_fixed {
            let mut lengths = [8; 288];
            lengths.get_mut(144..256)?.fill(9);
            lengths.get_mut(256..280)?.fill(7);
            self.literals.fill(&lengths, Entry::literal_or_length)?;
            self.distances.fill(&[5; 32], Entry::distance)?;
            self.are_fixed = true;
        }
        Some(())
    }

    /// Codes of the block's own.
    pub(super) fn dynamic(&mut self, lengths: &Lengths, are_paired: bool) -> Option<()> {
        self.are_fixed = false;
        self.literals.fill(lengths.of_literals(), Entry::literal_or_length)?;
        self.distances.fill(lengths.of_distances(), Entry::distance)?;
        if are_paired {
            self.literals.pair_literals();
        }
        Some(())
    }

    /// Fills `out` from `at` on up to the end of the block, with the codes made last.
    pub(super) fn run(&self, bits: &mut Bits<'_>, out: &mut [u8], at: &mut usize) -> Option<()> {
        match run_fast(self.cpu, self, bits, out, at)? {
            Stop::End => Some(()),
            Stop::Edge => self.run_carefully(bits, out, at),
        }
    }

    /// One code after the other, up to the last byte of stream and output.
    fn run_carefully(&self, bits: &mut Bits<'_>, out: &mut [u8], at: &mut usize) -> Option<()> {
        loop {
            let mut entry = self.literals.first(bits.peek());
            if let Some(second) = entry.second() {
                bits.take(entry.taken())?;
                entry = self.literals.second(second, bits.peek());
            }
            let buffer = bits.peek();
            bits.take(entry.taken())?;
            if entry.is_literal() {
                let literals = entry.literals();
                let literals = literals.get(..entry.literal_count())?;
                out.get_mut(*at..*at + literals.len())?.copy_from_slice(literals);
                *at += literals.len();
                continue;
            }
            if entry.is_special() {
                return entry.is_end().then_some(());
            }
            let len = entry.value(buffer);
            let mut entry = self.distances.first(bits.peek());
            if let Some(second) = entry.second() {
                bits.take(entry.taken())?;
                entry = self.distances.second(second, bits.peek());
            }
            if entry.is_special() {
                return None;
            }
            let buffer = bits.peek();
            bits.take(entry.taken())?;
            let from = at.checked_sub(entry.value(buffer))?;
            for place in from..from + len {
                let byte = *out.get(place)?;
                *out.get_mut(*at)? = byte;
                *at += 1;
            }
        }
    }
}

/// Why the fast loop stopped.
enum Stop {
    /// The block is done.
    End,
    /// Stream or output come to an end.
    Edge,
}

compiled_twice! {
    /// Codes as long as neither stream nor output are near their ends.
    fn run_fast(cpu, blocks: &Blocks, bits: &mut Bits<'_>, out: &mut [u8], at: &mut usize) -> Option<Stop> = run_in_turns
}

/// Each turn fills the buffer to 56 bits at least and takes up to three literals or pairs of at most 12 bits, or up to two and
/// a length of at most 20 bits, then fills it again for a distance of at most 28. What comes next is always looked up before
/// the buffer is filled, which has the bits for that: the next place does not wait for it.
#[inline(always)]
fn run_in_turns(blocks: &Blocks, bits: &mut Bits<'_>, out: &mut [u8], at: &mut usize) -> Option<Stop> {
    let (literals, distances) = (&blocks.literals, &blocks.distances);
    bits.peek();
    let (mut rest, mut buffer, mut count) = bits.lend();
    let mut place = *at;
    let end = out.len().saturating_sub(ROOM);

    // Of `count` only the lower six bits count: entries are subtracted whole.
    macro_rules! fill {
        () => {
            buffer |= u64::from_le_bytes(*rest.first_chunk()?).wrapping_shl(count);
            rest = rest.get(((!count >> 3) & 7) as usize..)?;
            count |= 56;
        };
    }
    macro_rules! take {
        ($entry:expr) => {
            buffer = buffer.wrapping_shr($entry.shift());
            count = count.wrapping_sub($entry.shift());
        };
    }
    macro_rules! put {
        ($entry:expr) => {
            *out.get_mut(place..)?.first_chunk_mut()? = $entry.literals();
            place += $entry.literal_count();
        };
    }
    let mut entry = literals.first(buffer);
    macro_rules! take_literal {
        () => {
            if !entry.is_literal() {
                break;
            }
            take!(entry);
            let next = literals.first(buffer);
            put!(entry);
            entry = next;
        };
    }

    let stop = loop {
        // A loop of its own, so that what it needs stays in registers.
        loop {
            if rest.len() < AHEAD || place >= end {
                bits.give_back(rest, buffer, count);
                *at = place;
                return Some(Stop::Edge);
            }
            fill!();
            take_literal!();
            take_literal!();
            take_literal!();
        }
        if let Some(second) = entry.second() {
            take!(entry);
            entry = literals.second(second, buffer);
            if entry.is_literal() {
                take!(entry);
                put!(entry);
                entry = literals.first(buffer);
                continue;
            }
        }
        if entry.is_special() {
            take!(entry);
            break entry.is_end().then_some(Stop::End)?;
        }
        let (with_length, length) = (buffer, entry);
        take!(length);
        let mut distance = distances.first(buffer);
        fill!();
        if let Some(second) = distance.second() {
            take!(distance);
            distance = distances.second(second, buffer);
        }
        if distance.is_special() {
            return None;
        }
        let with_distance = buffer;
        take!(distance);
        entry = literals.first(buffer);
        let len = length.value(with_length);
        copy(out, place, distance.value(with_distance), len)?;
        place += len;
    };
    bits.give_back(rest, buffer, count);
    *at = place;
    Some(stop)
}

/// Repeats `len` bytes from `distance` before `to`; may write up to 15 more, which come later.
#[inline(always)]
fn copy(out: &mut [u8], to: usize, distance: usize, len: usize) -> Option<()> {
    let from = to.checked_sub(distance)?;
    match distance {
        // Short ones are read in short steps: what was just written in shorter ones is there later.
        8.. if len <= 8 => copy_in_steps::<8>(out, from, to, len, 8),
        16.. => copy_in_steps::<16>(out, from, to, len, 16),
        8.. => copy_in_steps::<8>(out, from, to, len, 8),
        1 => {
            let byte = *out.get(from)?;
            out.get_mut(to..to + len)?.fill(byte);
            Some(())
        }
        // Of eight bytes the first `distance` are right, and the step is no longer.
        _ => copy_in_steps::<8>(out, from, to, len, distance),
    }
}

#[inline(always)]
fn copy_in_steps<const N: usize>(out: &mut [u8], from: usize, to: usize, len: usize, step: usize) -> Option<()> {
    let mut done = 0;
    while done < len {
        let bytes: [u8; N] = *out.get(from + done..)?.first_chunk()?;
        *out.get_mut(to + done..)?.first_chunk_mut()? = bytes;
        done += step;
    }
    Some(())
}
