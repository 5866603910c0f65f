//! One half of a block on its way.

use std::hint::select_unpredictable;

use super::{CLEAR, END};

/// Pairs of strings that were met, in 64 KiB.
pub(super) type Table = [u64; BUCKETS];

const BUCKETS: usize = 1 << 13;

/// Two strings of a code that no string begins with: nothing.
const EMPTY: u64 = (END as u64) << 52 | (END as u64) << 20;

/// From which next code on the table is given up, so that the four bytes before it was looked at fit: libtiff's decoder takes codes up
/// to 4094.
const FULL: u32 = 4089;

pub(super) fn table() -> Box<Table> {
    let table: Box<[u64]> = vec![EMPTY; BUCKETS].into_boxed_slice();
    table.try_into().unwrap_or_else(|_| Box::new([EMPTY; BUCKETS]))
}

/// Where bytes send a code, so that pairs of both are spread: for each byte it is another place for each code.
const SPREAD: [u16; 256] = spread();

#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn spread() -> [u16; 256] {
    let mut places = [0; 256];
    let mut i = 0;
    while i < 256 {
        // Knuth's multiplicative hashing: the upper bits of a product with the golden ratio.
        places[i] = ((i as u32).wrapping_mul(0x9e37_79b1) >> (32 - BUCKETS.ilog2())) as u16;
        i += 1;
    }
    places
}

/// The string so far, the next free code, and bits that are not yet written.
///
/// A new table begins with Clear as the string so far: the first byte finds no string of it, so that it is written like any
/// other code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lane {
    code: u32,
    next: u32,
    held: u64,
    count: u32,
    at: usize,
}

impl Lane {
    /// Before the first byte, with an empty table.
    #[inline(always)]
    pub(super) fn start(table: &mut Table) -> Self {
        table.fill(EMPTY);
        // Clear takes the place of the code before the first free one.
        Self { code: CLEAR, next: END, held: 0, count: 0, at: 0 }
    }

    /// Four bytes more.
    #[inline(always)]
    pub(super) fn four(&mut self, bytes: [u8; 4], table: &mut Table, out: &mut [u8]) -> Option<()> {
        for byte in bytes {
            self.step(byte, table);
        }
        self.write(out)?;
        if self.next >= FULL {
            *self = begin_anew(*self, table, out)?;
        }
        Some(())
    }

    /// The last bytes, the string that they end, and End; all bits of the lane.
    #[inline(always)]
    pub(super) fn end(mut self, bytes: &[u8], table: &mut Table, out: &mut [u8]) -> Option<usize> {
        self.few(bytes, table, out)?;
        self.emit(self.code, self.width());
        self.next += 1;
        self.emit(END, self.width());
        self.finish(out)
    }

    /// The last bytes and the string that they end, before another lane; all bits of the lane.
    #[inline(always)]
    pub(super) fn join(mut self, bytes: &[u8], table: &mut Table, out: &mut [u8]) -> Option<usize> {
        self.few(bytes, table, out)?;
        if self.code != CLEAR {
            self.leave();
        }
        self.finish(out)
    }

    #[inline(always)]
    fn few(&mut self, bytes: &[u8], table: &mut Table, out: &mut [u8]) -> Option<()> {
        for &byte in bytes {
            self.step(byte, table);
            self.write(out)?;
        }
        Some(())
    }

    /// Puts down the string so far, and those bits of a Clear code that it has more than the nine of a new table: they are 0.
    #[inline(always)]
    fn leave(&mut self) {
        self.emit(self.code, self.width());
        self.next += 1;
        self.emit(0, self.width() - 9);
    }

    /// Writes what is left; all bits of the lane.
    #[inline(always)]
    fn finish(mut self, out: &mut [u8]) -> Option<usize> {
        self.write(out)?;
        Some(self.at * 8 + self.count as usize)
    }

    /// Puts `code` behind the bits held. There is room for four codes and what a write leaves.
    #[inline(always)]
    fn emit(&mut self, code: u32, width: u32) {
        self.held = self.held << width | u64::from(code);
        self.count += width;
    }

    #[inline(always)]
    #[allow(clippy::indexing_slicing, reason = "a byte in an array of 256, and a place below the length")]
    fn step(&mut self, byte: u8, table: &mut Table) {
        let byte = u32::from(byte);
        let place = self.code ^ u32::from(SPREAD[byte as usize]);
        let bucket = &mut table[place as usize % BUCKETS];
        // A string: the code of all but its last byte, that byte, and its own code.
        let wanted = self.code << 20 | byte << 12;
        let pair = *bucket;
        let child = (pair as u32 ^ wanted).min((pair >> 32) as u32 ^ wanted);
        let found = child < 1 << 12;
        let width = select_unpredictable(found, 0, self.width());
        self.emit(select_unpredictable(found, 0, self.code), width);
        *bucket = select_unpredictable(found, pair, pair << 32 | u64::from(wanted | self.next));
        self.next += u32::from(!found);
        self.code = select_unpredictable(found, child, byte);
    }

    /// Bits of a code that is written now: one more as soon as the decoder's next code needs it, which is one behind.
    #[inline(always)]
    fn width(&self) -> u32 {
        32 - self.next.leading_zeros()
    }

    /// Writes all bits held, and keeps those that are no whole byte.
    #[inline(always)]
    fn write(&mut self, out: &mut [u8]) -> Option<()> {
        let room = out.get_mut(self.at..)?.first_chunk_mut::<8>()?;
        *room = (self.held << (63 - self.count) << 1).to_be_bytes();
        self.at += self.count as usize / 8;
        self.count %= 8;
        Some(())
    }
}

/// The string so far, and an empty table.
#[cold]
#[inline(never)]
fn begin_anew(mut lane: Lane, table: &mut Table, out: &mut [u8]) -> Option<Lane> {
    lane.leave();
    lane.write(out)?;
    let Lane { held, count, at, .. } = lane;
    Some(Lane { held, count, at, ..Lane::start(table) })
}
