//! Compression 5: LZW as in TIFF 6.0 section 13, most significant bits first, codes one bit longer one code early.
//!
//! Strings are found in a table of pairs, by the code of what came before and the next byte. A pair of strings that meet a third one
//! forget the older of the two: a string that is not found again costs a few bits, and no search ever goes on. So a step has
//! no branch that depends on the data, and what limits it is the time from one look-up to the next. A block is therefore cut in
//! two, each with a Clear code before it and a table of its own, and both are encoded in one loop; then their bits are
//! joined. Decoders see nothing but one Clear code more.

mod bits;
mod lane;

use crate::cpu::{Cpu, compiled_twice};
use crate::error::{Error, Result};
use bits::append_bits;
use lane::{Lane, Table};

const NAME: &str = "LZW";

/// What starts a new table.
const CLEAR: u32 = 256;
/// What ends a stream.
const END: u32 = 257;
/// Bytes from which on cutting a block in two pays.
const WORTH_CUTTING: usize = 1 << 14;

/// Tables and buffers of two halves.
pub(in crate::encode) struct Lzw {
    cpu: Cpu,
    tables: [Box<Table>; 2],
    buffers: [Vec<u8>; 2],
}

impl Lzw {
    pub(in crate::encode) fn new() -> Self {
        Self { cpu: Cpu::detect(), tables: [lane::table(), lane::table()], buffers: [Vec::new(), Vec::new()] }
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        // Fours of bytes, so that both halves are so many steps.
        let half = if block.len() < WORTH_CUTTING { block.len() } else { block.len() / 8 * 4 };
        let (first, second) = block.split_at(half);
        let [left, right] = &mut self.buffers;
        for (buffer, part) in [(&mut *left, first), (&mut *right, second)] {
            let room = bound(part.len());
            let more = room.saturating_sub(buffer.len());
            buffer.try_reserve(more).map_err(|_| Error::OutOfMemory { codec: NAME, bytes: room })?;
            buffer.resize(buffer.len() + more, 0);
        }
        let [a, b] = &mut self.tables;
        let lens = encode(self.cpu, first, second, a, b, left, right);
        let Some([len, other]) = lens else { return Err(Error::Usage("the scratch buffer of LZW is too short")) };
        out.extend_from_slice(left.get(..len.div_ceil(8)).unwrap_or_default());
        append_bits(out, len % 8, right, other);
        Ok(())
    }
}

/// Bytes that no stream of `len` bytes exceeds, and room for a whole word: 12 bits a byte, and a Clear code a table.
fn bound(len: usize) -> usize {
    len + len / 2 + len / 1024 + 64
}

compiled_twice! {
    /// Encodes both halves, of which the second may be empty; their lengths in bits, none if a buffer is too short.
    fn encode(
        cpu, first: &[u8], second: &[u8], a: &mut Table, b: &mut Table, left: &mut [u8], right: &mut [u8],
    ) -> Option<[usize; 2]> = halves
}

#[inline(always)]
fn halves(
    first: &[u8],
    second: &[u8],
    a: &mut Table,
    b: &mut Table,
    left: &mut [u8],
    right: &mut [u8],
) -> Option<[usize; 2]> {
    let mut one = Lane::start(a);
    let (fours, few) = first.as_chunks::<4>();
    if second.is_empty() {
        for four in fours {
            one.four(*four, a, left)?;
        }
        return Some([one.end(few, a, left)?, 0]);
    }
    let mut two = Lane::start(b);
    let (other_fours, other_few) = second.as_chunks::<4>();
    for (four, other) in fours.iter().zip(other_fours) {
        one.four(*four, a, left)?;
        two.four(*other, b, right)?;
    }
    for other in other_fours.get(fours.len()..).unwrap_or_default() {
        two.four(*other, b, right)?;
    }
    Some([one.join(few, a, left)?, two.end(other_few, b, right)?])
}

impl std::fmt::Debug for Lzw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lzw").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlockSpec, Codecs, Scratch};
    use cog_tiff::{Compression, SampleFormat};
    use proptest::prelude::*;

    fn encoded(lzw: &mut Lzw, data: &[u8]) -> Vec<u8> {
        let mut out = vec![9];
        lzw.compress(data, &mut out).unwrap();
        assert_eq!(out.remove(0), 9, "what was there stays");
        out
    }

    /// weezl's word for it, and our own decoder's.
    fn check(data: &[u8]) -> usize {
        for cpu in [Cpu::detect(), Cpu::Baseline] {
            let mut lzw = Lzw::new();
            lzw.cpu = cpu;
            let out = encoded(&mut lzw, data);
            let back = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).decode(&out).unwrap();
            assert!(back == data, "weezl reads {} of {} bytes", back.len(), data.len());
            let spec = BlockSpec::new(data.len() as u32, 1, 1, 8, SampleFormat::Uint, Compression::Lzw);
            let mut ours = vec![0; data.len()];
            Codecs::default().decode_block(&spec, &out, &mut Scratch::new(), &mut ours).unwrap();
            assert!(ours == data);
            assert_eq!(encoded(&mut lzw, data), out, "a second time the same");
        }
        encoded(&mut Lzw::new(), data).len()
    }

    fn noise(len: usize, mask: u8) -> Vec<u8> {
        let mut state = 7u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8 & mask
        };
        (0..len).map(|_| random()).collect()
    }

    #[test]
    fn the_example_of_the_specification_comes_out() {
        // TIFF 6.0, page 60: 7 7 7 8 8 7 7 6 6 as Clear 7 258 8 8 258 6 6 End.
        let codes = [256u32, 7, 258, 8, 8, 258, 6, 6, 257];
        let digits: String = codes.iter().map(|code| format!("{code:09b}")).collect();
        let bytes = digits.as_bytes().chunks(8).map(|c| format!("{:0<8}", std::str::from_utf8(c).unwrap()));
        let want: Vec<u8> = bytes.map(|b| u8::from_str_radix(&b, 2).unwrap()).collect();
        assert_eq!(encoded(&mut Lzw::new(), &[7, 7, 7, 8, 8, 7, 7, 6, 6]), want);
    }

    #[test]
    fn noise_fills_tables_and_widths_change_in_time() {
        for len in [0, 1, 2, 3, 4, 5, 250, 255, 256, 257, 4000, 9000, 16_383, 16_384, 16_390, 100_003] {
            for mask in [0xff, 3, 0] {
                check(&noise(len, mask));
            }
        }
    }

    #[test]
    fn no_stream_is_longer_than_its_bound() {
        let data = noise(1 << 20, 0xff);
        assert!(check(&data) < bound(data.len()) - 32);
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(
            len in 0usize..70_000, mask in prop::sample::select(vec![0u8, 1, 7, 0x11, 0xff]), stripes in 1usize..300,
        ) {
            let mut data = noise(len, mask);
            data.iter_mut().enumerate().for_each(|(i, byte)| *byte = byte.wrapping_add((i / stripes) as u8));
            check(&data);
        }
    }
}
