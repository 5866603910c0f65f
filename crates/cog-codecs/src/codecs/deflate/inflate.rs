//! Our own inflate (RFC 1951), for streams of many literals with short codes: imagery after a horizontal predictor.
//!
//! Such streams take time because the place of a code is known only once the one before it has been looked up. Here one
//! look tells two literals where both codes fit into the bits of the table, which makes them half as many. Streams of
//! other kinds, where copies or long codes prevail, and all that is not as it should be, are left to the other decoders.

use self::bits::Bits;
use self::block::Blocks;
use self::header::Lengths;

mod bits;
mod block;
mod entry;
mod header;
mod table;
#[cfg(test)]
mod tests;

/// Outputs shorter than this are not worth two looks at the start of the stream.
const SHORTEST: usize = 16 << 10;

/// The share of pairs from which on this decoder takes less time than libdeflate: measured, at 0.5 it is 1.2 times as
/// fast, at 0.9 1.7 times, at 0.2 0.9 times.
const SUITABLE: f64 = 0.45;

/// Blocks of fewer bytes are done before their pairs would be made.
const LARGE: usize = 8 << 10;

/// The share of pairs from which on a block is faster with them.
const WORTH_PAIRS: f64 = 0.25;

/// Streams to decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    All,
    /// Those that libdeflate takes longer for.
    ShortLiterals,
}

/// After a stream that was left to another decoder on the way, so many are left to it at once: they come from the same file.
const SKIPPED: u32 = 8;

/// Tables of one worker.
#[derive(Default)]
pub(super) struct Inflate {
    /// Made for the first stream that needs them.
    blocks: Option<Box<Blocks>>,
    /// Streams that are not looked at.
    to_skip: u32,
}

impl Inflate {
    /// Inflates a zlib stream (RFC 1950) into the start of `out`; gives the length.
    ///
    /// `None` for streams of other kinds, where the stream is damaged, cut short or longer than `out`, and where it has no
    /// checksum: `out` holds anything then.
    pub(super) fn zlib(&mut self, src: &[u8], kind: Kind, out: &mut [u8]) -> Option<usize> {
        let stream = deflated(src)?;
        if kind == Kind::ShortLiterals && (out.len() < SHORTEST || !is_of_short_literals(stream)) {
            return None;
        }
        if self.to_skip > 0 {
            self.to_skip -= 1;
            return None;
        }
        let len = self.checked(stream, kind, out);
        if len.is_none() {
            self.to_skip = SKIPPED;
        }
        len
    }

    fn checked(&mut self, stream: &[u8], kind: Kind, out: &mut [u8]) -> Option<usize> {
        let blocks = self.blocks.get_or_insert_default();
        let (taken, len) = inflate(blocks, stream, kind, out)?;
        let expected = u32::from_be_bytes(*stream.get(taken..)?.first_chunk()?);
        (simd_adler32::adler32(&out.get(..len)?) == expected).then_some(len)
    }
}

/// Bytes of the stream that were taken, and bytes of `out` that were filled.
fn inflate(blocks: &mut Blocks, stream: &[u8], kind: Kind, out: &mut [u8]) -> Option<(usize, usize)> {
    let mut bits = Bits::new(stream);
    let (mut at, mut small) = (0, Small::default());
    // How much the block before gave: the next one will give as much.
    let mut before = out.len();
    loop {
        let last = bits.take(1)? == 1;
        let start = at;
        match bits.take(2)? {
            0 => stored(&mut bits, out, &mut at)?,
            1 => {
                blocks.fixed()?;
                blocks.run(&mut bits, out, &mut at)?;
            }
            2 => {
                let lengths = Lengths::read(&mut bits)?;
                let share = lengths.share_of_pairs(Blocks::PAIR);
                // Of another kind after all, and most of it is to come.
                if kind == Kind::ShortLiterals && share < WORTH_PAIRS && at < out.len() / 4 {
                    return None;
                }
                let are_paired = share >= WORTH_PAIRS && before.min(out.len() - at) >= LARGE;
                blocks.dynamic(&lengths, are_paired)?;
                blocks.run(&mut bits, out, &mut at)?;
                before = at - start;
                if !last && !small.may_go_on(before, at) {
                    return None;
                }
            }
            _ => return None,
        }
        if last {
            return Some((bits.position(), at));
        }
    }
}

/// Blocks too small for tables of this size: making these takes the time.
#[derive(Default)]
struct Small {
    count: usize,
}

impl Small {
    /// False if too many blocks are small; `len` is what one gave, `at` what all did.
    fn may_go_on(&mut self, len: usize, at: usize) -> bool {
        const SMALL: usize = 2 << 10;
        const FEW: usize = 4;
        self.count += usize::from(len < SMALL);
        self.count <= FEW + at / (16 * SMALL)
    }
}

/// What follows the two bytes of a zlib header.
fn deflated(src: &[u8]) -> Option<&[u8]> {
    let (&[method, flags], stream) = src.split_first_chunk()?;
    let is_zlib = method & 15 == 8 && method >> 4 <= 7 && u16::from_be_bytes([method, flags]) % 31 == 0;
    let has_dictionary = flags & 0x20 != 0;
    (is_zlib && !has_dictionary).then_some(stream)
}

/// Whether the first block is of many literals with short codes; the others will be like it.
fn is_of_short_literals(stream: &[u8]) -> bool {
    let mut bits = Bits::new(stream);
    let is_dynamic = bits.take(1).is_some() && bits.take(2) == Some(2);
    is_dynamic && Lengths::read(&mut bits).is_some_and(|lengths| lengths.share_of_pairs(Blocks::PAIR) >= SUITABLE)
}

/// A block that is stored as it is (RFC 1951, 3.2.4).
fn stored(bits: &mut Bits<'_>, out: &mut [u8], at: &mut usize) -> Option<()> {
    let &[a, b, c, d] = bits.bytes(4)?.first_chunk()?;
    let len = u16::from_le_bytes([a, b]);
    if len != !u16::from_le_bytes([c, d]) {
        return None;
    }
    let end = *at + usize::from(len);
    out.get_mut(*at..end)?.copy_from_slice(bits.bytes(len.into())?);
    *at = end;
    Some(())
}
