//! Compression 5: LZW (TIFF 6.0 section 13), and the least-significant-bit-first streams of writers older than TIFF 5.0.

mod table;

use weezl::BitOrder;
use weezl::decode::{Configuration, Decoder};

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded};
use crate::error::{Error, Result};
use crate::scratch::Scratch;
use table::{Outcome, Table};

const NAME: &str = "LZW";

/// Stops when the block is full, as libtiff does: many rasters lack the end-of-information code or have one of a
/// wrong width.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lzw;

impl Codec for Lzw {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        // Positions in the table are 32 bits wide.
        let old_style = is_old_style(src);
        if !old_style && u32::try_from(out.len()).is_ok() {
            match scratch.slot::<Table>().decode(src, out) {
                Outcome::Full => return Ok(Decoded::default()),
                Outcome::Short(got) => return Err(Error::Short { codec: NAME, got, want: out.len() }),
                // An odd stream: the other decoder has the last word.
                Outcome::BadCode(_) => {}
            }
        }
        let decoders = scratch.slot::<Decoders>();
        let decoder = if old_style { &mut decoders.old } else { &mut decoders.new };
        decoder.reset();
        fill(decoder, src, out)?;
        Ok(Decoded::default())
    }

    fn heeds_predictor(&self) -> bool {
        true
    }
}

/// The table of each kind of stream, kept between blocks.
struct Decoders {
    new: Decoder,
    old: Decoder,
}

impl Default for Decoders {
    fn default() -> Self {
        let new = Configuration::with_tiff_size_switch(BitOrder::Msb, 8).with_yield_on_full_buffer(true).build();
        let old = Configuration::new(BitOrder::Lsb, 8).with_yield_on_full_buffer(true).build();
        Self { new, old }
    }
}

/// A stream begins with the 9-bit code 256: a first byte of 128 in today's bit order, of 0 and then an odd one in the
/// old order (libtiff's test).
fn is_old_style(src: &[u8]) -> bool {
    matches!(src, [0, second, ..] if second & 1 == 1)
}

/// Calls in a row that bring nothing before a stream counts as ended.
const MOST_IDLE: u32 = 3;

fn fill(decoder: &mut Decoder, src: &[u8], out: &mut [u8]) -> Result<()> {
    let (mut read, mut written, mut idle) = (0, 0, 0);
    while let (Some(input), Some(output)) = (src.get(read..), out.get_mut(written..)) {
        if output.is_empty() {
            return Ok(());
        }
        let step = decoder.decode_bytes(input, output);
        read += step.consumed_in;
        written += step.consumed_out;
        if written == out.len() {
            return Ok(());
        }
        if let Err(cause) = step.status {
            let cause = format!("{cause} after {written} of {} bytes", out.len());
            return Err(Error::corrupt(NAME, cause));
        }
        // A call may take bytes without giving any, and do neither where two clear codes follow one another.
        idle = if step.consumed_in == 0 && step.consumed_out == 0 { idle + 1 } else { 0 };
        if decoder.has_ended() || idle > MOST_IDLE {
            break;
        }
    }
    Err(Error::Short { codec: NAME, got: written, want: out.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_tiff::{Compression, SampleFormat};
    use proptest::prelude::*;

    fn decode(src: &[u8], len: usize) -> Result<Vec<u8>> {
        let spec = BlockSpec::new(len as u32, 1, 1, 8, SampleFormat::Uint, Compression::Lzw);
        let mut out = vec![0; len];
        Lzw.decode(&spec, src, &mut Scratch::new(), &mut out).map(|_| out)
    }

    fn encode(data: &[u8]) -> Vec<u8> {
        weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8).encode(data).unwrap()
    }

    #[test]
    fn the_example_of_tiff_6_decodes() {
        // Section 13 codes 7 7 7 8 8 7 7 6 6 as 256 7 258 8 8 258 6 6 257, here packed in nine bits each.
        let codes = [256u32, 7, 258, 8, 8, 258, 6, 6, 257];
        let digits: String = codes.iter().map(|c| format!("{c:09b}")).collect();
        let bytes: Vec<u8> = digits
            .as_bytes()
            .chunks(8)
            .map(|c| format!("{:0<8}", std::str::from_utf8(c).unwrap()))
            .map(|d| u8::from_str_radix(&d, 2).unwrap())
            .collect();
        assert_eq!(decode(&bytes, 9).unwrap(), [7, 7, 7, 8, 8, 7, 7, 6, 6]);
    }

    #[test]
    fn a_tile_without_end_code_decodes_when_full() {
        let data: Vec<u8> = (0..5000u32).map(|i| ((i * i) >> 7) as u8).collect();
        let mut src = encode(&data);
        src.truncate(src.len() - 2);
        assert_eq!(decode(&src, 4990).unwrap(), &data[..4990]);
    }

    #[test]
    fn an_old_stream_with_least_significant_bits_first_decodes() {
        let data: Vec<u8> = (0..3000u32).map(|i| (i / 7 % 50) as u8).collect();
        let src = weezl::encode::Encoder::new(BitOrder::Lsb, 8).encode(&data).unwrap();
        assert_eq!(src[..2], [0, src[1] | 1]);
        assert_eq!(decode(&src, 3000).unwrap(), data);
    }

    #[test]
    fn a_short_stream_says_how_far_it_came() {
        let src = encode(&[1, 2, 3, 4]);
        assert_eq!(decode(&src, 9).unwrap_err().to_string(), "LZW: stream ends after 4 of 9 bytes");
        assert!(decode(&[], 9).is_err());
    }

    #[test]
    fn two_clear_codes_in_a_row_are_as_good_as_one() {
        for msb in [true, false] {
            let codes = [256u16, 7, 256, 256, 8, 256, 256, 256, 9, 257];
            let mut bits: Vec<bool> = Vec::new();
            for code in codes {
                let place = |i| if msb { 8 - i } else { i };
                bits.extend((0..9).map(|i| code >> place(i) & 1 == 1));
            }
            let byte = |bits: &[bool]| {
                let place = |i| if msb { 7 - i } else { i };
                bits.iter().enumerate().map(|(i, &bit)| u8::from(bit) << place(i)).sum()
            };
            let src: Vec<u8> = bits.chunks(8).map(byte).collect();
            assert_eq!(decode(&src, 3).unwrap(), [7, 8, 9], "most significant bit first: {msb}");
            let decoders = &mut Decoders::default();
            let mut out = [0; 3];
            let weezl = if msb { &mut decoders.new } else { &mut decoders.old };
            fill(weezl, &src, &mut out).unwrap();
            assert_eq!(out, [7, 8, 9], "by weezl, most significant bit first: {msb}");
        }
    }

    /// The whole of it with weezl: length and bytes, or the error.
    fn oracle(src: &[u8], len: usize) -> Result<Vec<u8>> {
        let mut out = vec![0; len];
        fill(&mut Decoders::default().new, src, &mut out).map(|()| out)
    }

    proptest! {
        #[test]
        fn both_decoders_agree_on_streams_that_decode(
            data in prop::collection::vec(prop_oneof![4 => 0u8..3, 1 => any::<u8>()], 0..30_000),
            repeat in 1usize..40,
            flip in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
            cut in 0usize..50,
            len in 0usize..70_000,
        ) {
            let data: Vec<u8> = data.chunks(700).flat_map(|c| c.iter().copied().cycle().take(c.len() * repeat / 8)).collect();
            let mut src = encode(&data);
            src.truncate(src.len().saturating_sub(cut));
            if let Some((at, byte)) = flip.filter(|_| src.len() > 2) {
                let at = 2 + at.index(src.len() - 2);
                src[at] = byte;
            }
            let mut out = vec![0; len];
            match (Table::default().decode(&src, &mut out), oracle(&src, len)) {
                (Outcome::Full, Ok(want)) => prop_assert!(out == want),
                (Outcome::Short(got), Err(Error::Short { got: want, .. })) => prop_assert_eq!(got, want),
                // Where one finds a bad code the caller asks weezl.
                (Outcome::BadCode(_), _) => {}
                (ours, weezl) => prop_assert!(false, "{ours:?} but {:?}", weezl.map(|_| "full")),
            }
        }

        #[test]
        fn what_was_encoded_comes_back(data in prop::collection::vec(0u8..6, 0..20_000), cut in 0usize..100) {
            let src = encode(&data);
            let len = data.len().saturating_sub(cut);
            prop_assert_eq!(decode(&src, len).unwrap(), &data[..len]);
        }

        #[test]
        fn any_bytes_end_in_a_block_or_an_error(src in prop::collection::vec(any::<u8>(), 0..500), len in 0usize..3000) {
            let _ = decode(&src, len);
        }
    }
}
