//! A decoder for the LZW of TIFF 6.0: most significant bit first, early change, output of known length.
//!
//! A string is never spelled out twice. Each code remembers where in the output its string stands and how long it is:
//! a new code's string is the previous one with one byte more, and those bytes are next to each other in the output
//! already. Decoding a code is a copy from earlier output; strings of up to eight bytes come from the table itself, as
//! one store.

const CLEAR: u16 = 256;
const END: u16 = 257;
const FIRST_FREE: u16 = 258;
const CODES: usize = 4096;
/// A copy may run this far past the end of a string; the next string writes over it.
const SLACK: usize = 16;

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

#[derive(Clone, Copy, Default)]
struct Entry {
    /// The first eight bytes of the string, the first one lowest.
    head: u64,
    /// Where the string stands in the output.
    at: u32,
    /// Its length.
    len: u32,
}

/// Strings by code; kept between blocks.
pub(super) struct Table {
    entries: Box<[Entry; CODES]>,
}

impl Default for Table {
    fn default() -> Self {
        let mut entries = Box::new([Entry::default(); CODES]);
        for (byte, entry) in entries.iter_mut().enumerate().take(256) {
            *entry = Entry { head: byte as u64, at: 0, len: 1 };
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
    /// The next `width` bits (at most 12); `None` at the end of the stream.
    #[inline(always)]
    fn take(&mut self, width: u32) -> Option<u16> {
        if self.count < width {
            if let Some((word, _)) = self.src.split_first_chunk::<8>() {
                // As many whole bytes as there is room for.
                let bytes = (63 - self.count) / 8;
                self.held |= u64::from_be_bytes(*word) >> self.count;
                self.src = self.src.get(bytes as usize..)?;
                self.count += bytes * 8;
            } else {
                while self.count < width {
                    let (&byte, rest) = self.src.split_first()?;
                    self.held |= u64::from(byte) << (56 - self.count);
                    self.src = rest;
                    self.count += 8;
                }
            }
        }
        let code = (self.held >> (64 - width)) as u16;
        self.held <<= width;
        self.count -= width;
        // The refill may have put bits of a byte here that is read again: they are the same bits.
        Some(code)
    }
}

impl Table {
    /// Fills `out` from `src`.
    #[allow(clippy::indexing_slicing, reason = "codes are below 4096; positions are checked against the output")]
    pub(super) fn decode(&mut self, src: &[u8], out: &mut [u8]) -> Outcome {
        let mut bits = Bits { src, held: 0, count: 0 };
        let mut written = 0usize;
        let mut next = FIRST_FREE;
        let mut width = 9;
        let mut previous: Option<Entry> = None;
        let entries = &mut *self.entries;
        while written < out.len() {
            let Some(code) = bits.take(width) else { return Outcome::Short(written) };
            if code == CLEAR {
                (next, width, previous) = (FIRST_FREE, 9, None);
                continue;
            }
            if code == END {
                return Outcome::Short(written);
            }
            let at = written as u32;
            let entry = match previous {
                None if code < CLEAR => entries[usize::from(code & 0xff)],
                None => return Outcome::BadCode(written),
                Some(last) => {
                    let entry = if code < next {
                        entries[usize::from(code) & (CODES - 1)]
                    } else if code == next && usize::from(next) < CODES {
                        // The string being made: the previous one and its own first byte.
                        extended(last, last.head as u8)
                    } else {
                        return Outcome::BadCode(written);
                    };
                    if usize::from(next) < CODES {
                        entries[usize::from(next)] = extended(last, entry.head as u8);
                        next += 1;
                        // One code early, as TIFF has it.
                        if next >= (1 << width) - 1 && width < 12 {
                            width += 1;
                        }
                    }
                    entry
                }
            };
            let len = entry.len as usize;
            copy(out, written, entry);
            written = (written + len).min(out.len());
            previous = Some(Entry { at, ..entry });
        }
        Outcome::Full
    }
}

/// The string of `last` and one byte more, standing where `last` was written most recently.
#[inline(always)]
fn extended(last: Entry, byte: u8) -> Entry {
    let head = if last.len < 8 { last.head | u64::from(byte) << (8 * last.len) } else { last.head };
    Entry { head, at: last.at, len: last.len + 1 }
}

/// Writes a string at `to`, as far as it fits.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "both ranges are checked against the output")]
fn copy(out: &mut [u8], to: usize, entry: Entry) {
    let (from, len) = (entry.at as usize, entry.len as usize);
    if len <= 8 {
        let bytes = entry.head.to_le_bytes();
        if let Some(word) = out.get_mut(to..).and_then(|o| o.first_chunk_mut::<8>()) {
            *word = bytes;
        } else {
            let room = out.len().saturating_sub(to).min(len);
            out[to..to + room].copy_from_slice(&bytes[..room]);
        }
        return;
    }
    if len <= SLACK && to + SLACK <= out.len() && from + SLACK <= to {
        let mut block = [0; SLACK];
        block.copy_from_slice(&out[from..from + SLACK]);
        out[to..to + SLACK].copy_from_slice(&block);
        return;
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
