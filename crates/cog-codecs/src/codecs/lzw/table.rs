//! A decoder for the LZW of TIFF 6.0: most significant bit first, early change, output of known length.
//!
//! A string is never spelled out twice. One of up to seven bytes stands in the table itself, and writing it is one store of
//! eight bytes. Of a longer one the table knows where it stands in the output: a new code's string is the previous one
//! with one byte more, and those bytes are next to each other in the output already.
//!
//! A code of imagery stands for two bytes, seldom more, so what counts is the time of one code: entries have eight bytes,
//! that the table may stay in the nearest cache, and between two changes of width codes are cut by fours from a register.

const CLEAR: usize = 256;
const END: usize = 257;
const FIRST_FREE: usize = 258;
const CODES: usize = 4096;
/// A copy may run this far past the end of a string; the next string writes over it.
const SLACK: usize = 16;
/// Codes that are cut from a full register, at most 12 bits each.
const AT_ONCE: usize = 4;

/// What decoding came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The block is full.
    Full,
    /// The stream ended after so many bytes.
    Short(usize),
    /// A code that does not exist yet, after so many bytes.
    BadCode(usize),
}

/// A string, in 64 bits.
///
/// | bits | of up to seven bytes | longer |
/// |---|---|---|
/// | 0–7 | first byte | first byte |
/// | 8–55 | the other bytes, then 0 | 16 bits of length, 32 bits of place in the output |
/// | 56–63 | eight times the length | 255 |
#[derive(Clone, Copy, Default)]
struct Entry(u64);

impl Entry {
    const ELSEWHERE: u64 = 255;
    const LONGEST: usize = 7;

    fn byte(byte: u8) -> Entry {
        Entry(u64::from(byte) | 8 << 56)
    }

    /// The codes that stand for no string.
    fn none() -> Entry {
        Entry(Entry::ELSEWHERE << 56)
    }

    #[inline(always)]
    fn first(self) -> u64 {
        self.0 & 0xff
    }

    /// Of a string that stands here: its bits.
    #[inline(always)]
    fn bits(self) -> Option<u32> {
        let bits = self.0 >> 56;
        (bits != Entry::ELSEWHERE).then_some(bits as u32)
    }

    /// Of a string that stands elsewhere.
    #[inline(always)]
    fn place(self) -> (usize, usize) {
        ((self.0 >> 24) as u32 as usize, (self.0 >> 8) as u16 as usize)
    }

    /// This string and the first byte of another, where this one was written to `at` most recently.
    #[inline(always)]
    fn and_first_of(self, other: Entry, at: usize) -> Entry {
        match self.bits() {
            Some(bits @ ..56) => Entry((self.0 | other.first() << bits) + (8 << 56)),
            Some(_) => self.moved(at, Entry::LONGEST + 1),
            None => self.moved(at, self.place().1 + 1),
        }
    }

    fn moved(self, at: usize, len: usize) -> Entry {
        Entry(self.first() | (len as u64) << 8 | (at as u64) << 24 | Entry::ELSEWHERE << 56)
    }
}

/// Strings by code; kept between blocks.
pub(super) struct Table {
    entries: Box<[Entry; CODES]>,
}

impl Default for Table {
    fn default() -> Self {
        let mut entries = Box::new([Entry::none(); CODES]);
        for (byte, entry) in (0..=255).zip(entries.iter_mut()) {
            *entry = Entry::byte(byte);
        }
        Self { entries }
    }
}

/// Bits, most significant first.
struct Bits<'a> {
    src: &'a [u8],
    held: u64,
    count: u32,
}

impl Bits<'_> {
    /// As many whole bytes as there is room for, at least 56 bits in all; false near the end of the stream.
    ///
    /// Bits of a byte that is read again later may come along: they are the same bits then.
    #[inline(always)]
    fn fill(&mut self) -> bool {
        let Some(word) = self.src.first_chunk::<8>() else { return false };
        self.held |= u64::from_be_bytes(*word) >> self.count;
        self.src = self.src.get((63 - self.count as usize) / 8..).unwrap_or_default();
        self.count |= 56;
        true
    }

    /// Whether there are `width` bits.
    fn have(&mut self, width: u32) -> bool {
        while self.count < width {
            let Some((&byte, rest)) = self.src.split_first() else { return false };
            self.held |= u64::from(byte) << (56 - self.count);
            self.src = rest;
            self.count += 8;
        }
        true
    }

    #[inline(always)]
    fn peek(&self, width: u32) -> usize {
        (self.held >> (64 - width)) as usize
    }

    #[inline(always)]
    fn skip(&mut self, width: u32) {
        self.held <<= width;
        self.count -= width;
    }
}

/// Where a stream is.
struct State<'a> {
    bits: Bits<'a>,
    width: u32,
    /// The code that comes next into being.
    next: usize,
    written: usize,
    /// The string written last and where it begins; none at the start and after a clear code.
    last: Option<(Entry, usize)>,
}

impl Table {
    /// Fills `out`, of at most 2^32 bytes, from `src`.
    pub(super) fn decode(&mut self, src: &[u8], out: &mut [u8]) -> Outcome {
        let bits = Bits { src, held: 0, count: 0 };
        let mut state = State { bits, width: 9, next: FIRST_FREE, written: 0, last: None };
        while state.written < out.len() {
            match state.width {
                9 => self.run::<9>(&mut state, out),
                10 => self.run::<10>(&mut state, out),
                11 => self.run::<11>(&mut state, out),
                _ => self.run::<12>(&mut state, out),
            }
            if state.written < out.len()
                && let Some(outcome) = self.step(&mut state, out)
            {
                return outcome;
            }
        }
        Outcome::Full
    }

    /// Decodes while nothing is out of the ordinary: no change of width, no clear or end code, no string of itself,
    /// bytes and room for several codes.
    #[inline(never)]
    #[allow(clippy::indexing_slicing, reason = "indices are below 4096, the length of the table")]
    fn run<const WIDTH: u32>(&mut self, state: &mut State<'_>, out: &mut [u8]) {
        let Some((mut last, mut at)) = state.last else { return };
        let entries = &mut *self.entries;
        let mut bits = Bits { ..state.bits };
        let (mut next, mut written) = (state.next, state.written);
        // Code 4095 is made by `step`, as is what comes after it.
        let end = (1 << WIDTH) - 1;
        'run: while next + AT_ONCE <= end && written + AT_ONCE * 8 + SLACK <= out.len() && bits.fill() {
            for _ in 0..AT_ONCE {
                let code = bits.peek(WIDTH);
                let entry = entries[code & (CODES - 1)];
                if code >= next {
                    break 'run;
                }
                let len = match entry.bits() {
                    Some(bits) => {
                        if let Some(place) = out.get_mut(written..).and_then(|o| o.first_chunk_mut()) {
                            *place = entry.0.to_le_bytes();
                        }
                        bits as usize / 8
                    }
                    None => {
                        let (from, len) = entry.place();
                        if len == 0 || written + len + AT_ONCE * 8 + SLACK > out.len() {
                            break 'run;
                        }
                        copy(out, written, from, len);
                        len
                    }
                };
                bits.skip(WIDTH);
                entries[next & (CODES - 1)] = last.and_first_of(entry, at);
                next += 1;
                (last, at) = (entry, written);
                written += len;
            }
        }
        let width = if next >= end && WIDTH < 12 { WIDTH + 1 } else { WIDTH };
        *state = State { bits, width, next, written, last: Some((last, at)) };
    }

    /// Decodes one code, whatever it is. The outcome if it is the last.
    #[inline(never)]
    #[allow(clippy::indexing_slicing, reason = "indices are below 4096, the length of the table")]
    fn step(&mut self, state: &mut State<'_>, out: &mut [u8]) -> Option<Outcome> {
        let State { bits, width, next, written, last } = state;
        let at = *written;
        if !bits.have(*width) {
            return Some(Outcome::Short(at));
        }
        let code = bits.peek(*width);
        bits.skip(*width);
        if code == CLEAR {
            (*next, *width, *last) = (FIRST_FREE, 9, None);
            return None;
        }
        if code == END {
            return Some(Outcome::Short(at));
        }
        let known = match last {
            None => code < CLEAR,
            Some(_) => code < *next || (code == *next && *next < CODES),
        };
        if !known {
            return Some(Outcome::BadCode(at));
        }
        if let Some((last, begin)) = *last
            && *next < CODES
        {
            // The string being made is the previous one and its own first byte.
            let first = if code == *next { last } else { self.entries[code & (CODES - 1)] };
            self.entries[*next & (CODES - 1)] = last.and_first_of(first, begin);
            *next += 1;
            // One code early, as TIFF has it.
            if *next >= (1 << *width) - 1 && *width < 12 {
                *width += 1;
            }
        }
        let entry = self.entries[code & (CODES - 1)];
        let room = out.len() - at;
        let len = match entry.bits() {
            Some(bits) => {
                let len = (bits as usize / 8).min(room);
                if let (Some(place), Some(bytes)) = (out.get_mut(at..at + len), entry.0.to_le_bytes().get(..len)) {
                    place.copy_from_slice(bytes);
                }
                len
            }
            None => {
                let (from, len) = entry.place();
                let len = len.min(room);
                copy(out, at, from, len);
                len
            }
        };
        *last = Some((entry, at));
        *written += len;
        None
    }
}

/// Copies earlier output to `to`; more than `len` bytes where there is room.
#[inline(always)]
fn copy(out: &mut [u8], to: usize, from: usize, len: usize) {
    if len <= SLACK && from + SLACK <= to {
        let Some((before, behind)) = out.split_at_mut_checked(to) else { return };
        if let (Some(source), Some(place)) =
            (before.get(from..).and_then(|b| b.first_chunk::<SLACK>()), behind.first_chunk_mut())
        {
            *place = *source;
            return;
        }
    }
    copy_long(out, to, from, len);
}

fn copy_long(out: &mut [u8], to: usize, from: usize, len: usize) {
    let len = len.min(out.len().saturating_sub(to));
    if from + len <= to {
        out.copy_within(from..from + len, to);
        return;
    }
    // The string reaches into itself: byte by byte, so that it repeats.
    for i in 0..len {
        let Some(&byte) = out.get(from + i) else { return };
        if let Some(slot) = out.get_mut(to + i) {
            *slot = byte;
        }
    }
}
