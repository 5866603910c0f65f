//! Compression 50000: one Zstandard frame (RFC 8878).
//!
//! A frame is decoded in one go; whatever that refuses (more data than the block holds) is tried again piecewise, and
//! accepted if the block came out full, as with libtiff. What follows the frame is ignored.

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded};
use crate::error::Result;
use crate::scratch::Scratch;

#[cfg(feature = "zstd")]
use libzstd as backend;
#[cfg(not(feature = "zstd"))]
use pure as backend;

#[cfg(feature = "zstd")]
mod libzstd;
#[cfg(not(feature = "zstd"))]
mod pure;

const NAME: &str = "ZSTD";

/// Windows of a stream that has to be decoded piecewise: 8 MiB, what every decoder must support (RFC 8878, 3.1.1.1.2).
const WINDOW_LOG: u32 = 23;

/// libzstd, or without a C compiler structured-zstd.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Zstd;

impl Codec for Zstd {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        backend::fill(src, scratch, out)?;
        Ok(Decoded::default())
    }

    fn heeds_predictor(&self) -> bool {
        true
    }
}

/// Decompresses a frame of unknown length into `out`; gives the length.
#[cfg(feature = "lerc")]
pub(crate) fn unwrap(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<usize> {
    backend::unwrap(src, scratch, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use cog_tiff::{Compression, SampleFormat};
    use proptest::prelude::*;

    fn decode(src: &[u8], len: usize) -> Result<Vec<u8>> {
        let spec = BlockSpec::new(len as u32, 1, 1, 8, SampleFormat::Uint, Compression::Zstd);
        let mut out = vec![0; len];
        Zstd.decode(&spec, src, &mut Scratch::new(), &mut out).map(|_| out)
    }

    fn encode(data: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(zstd_safe::compress_bound(data.len()));
        zstd_safe::compress(&mut out, data, 3).unwrap();
        out
    }

    fn data() -> Vec<u8> {
        (0..5000u32).map(|i| ((i * i) >> 7) as u8).collect()
    }

    #[test]
    fn bytes_after_the_frame_are_ignored() {
        let mut src = encode(&data());
        src.extend([1, 2, 3]);
        assert_eq!(decode(&src, 5000).unwrap(), data());
    }

    #[test]
    fn a_frame_longer_than_the_block_fills_it() {
        assert_eq!(decode(&encode(&data()), 4000).unwrap(), &data()[..4000]);
    }

    #[test]
    fn an_empty_input_is_an_error() {
        assert_eq!(decode(&[], 10).unwrap_err().to_string(), "ZSTD: stream ends after 0 of 10 bytes");
    }

    #[test]
    fn a_short_or_broken_frame_is_an_error() {
        let src = encode(&data());
        assert_eq!(decode(&src, 6000).unwrap_err().to_string(), "ZSTD: stream ends after 5000 of 6000 bytes");
        assert!(decode(&src[..src.len() / 2], 5000).is_err());
        assert!(decode(b"not a frame", 5000).unwrap_err().to_string().contains("ZSTD: "));
    }

    #[test]
    fn a_wide_window_does_not_matter_to_a_whole_frame_and_is_refused_of_a_longer_one() {
        // No content size, a window of 1 GiB, one last raw block of three bytes (RFC 8878, 3.1.1).
        let src = [0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3, 25, 0, 0, 7, 8, 9];
        assert_eq!(decode(&src, 3).unwrap(), [7, 8, 9]);
        assert!(matches!(decode(&src, 2), Err(Error::Corrupt { .. })));
    }

    #[test]
    fn a_bomb_fills_its_block_and_stops() {
        // 8000 blocks of 128 KiB of the same byte: 1 GiB, were it all unpacked.
        let mut src = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3];
        for _ in 0..8000 {
            let [a, b, c, _] = ((128u32 << 10 << 3) | 1 << 1).to_le_bytes();
            src.extend([a, b, c, 42]);
        }
        src.extend([1, 0, 0]);
        assert_eq!(decode(&src, 1000).unwrap(), [42; 1000]);
    }

    #[test]
    fn a_context_is_good_for_the_next_block_after_an_error() {
        let spec = BlockSpec::new(5000, 1, 1, 8, SampleFormat::Uint, Compression::Zstd);
        let src = encode(&data());
        let (mut scratch, mut out) = (Scratch::new(), vec![0; 5000]);
        assert!(Zstd.decode(&spec, &src[..100], &mut scratch, &mut out).is_err());
        Zstd.decode(&spec, &src, &mut scratch, &mut out).unwrap();
        assert_eq!(out, data());
    }

    #[test]
    fn a_damaged_frame_comes_to_the_same_after_any_other_block() {
        // Found by fuzzing: a raw block of the 21 bytes that the header promises, and bytes that are no block. libzstd's
        // streaming decoder takes it or not, by the size of the buffers it has.
        let src = [
            0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x15, 0xa8, 0x00, 0x00, 0xe1, 0x04, 0x30, 0x06, 0x04, 0x30, 0x06, 0x04, 0x03,
            0x03, 0x01, 0x29, 0x00, 0x00, 0x00, 0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x15, 0xa8, 0x00, 0x00, 0xe1, 0x04, 0x30,
            0x06, 0x04, 0x30, 0x06, 0x04, 0x03, 0x03, 0x2a, 0x05, 0x04, 0x07, 0x04, 0x02, 0x05, 0x05, 0x04, 0x04, 0x02,
        ];
        let spec = BlockSpec::new(21, 1, 1, 8, SampleFormat::Uint, Compression::Zstd);
        let wide = BlockSpec::new(1000, 1, 1, 8, SampleFormat::Uint, Compression::Zstd);
        let long = encode(&[7; 50_000]);
        let (mut scratch, mut out) = (Scratch::new(), vec![0; 21]);
        let fresh = Zstd.decode(&spec, &src, &mut scratch, &mut out).map(|_| out.clone());
        Zstd.decode(&wide, &long, &mut scratch, &mut vec![0; 1000]).unwrap();
        let used = Zstd.decode(&spec, &src, &mut scratch, &mut out).map(|_| out);
        assert_eq!(fresh.ok(), used.ok());
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_block_or_an_error(src in prop::collection::vec(any::<u8>(), 0..300), len in 0usize..3000) {
            let mut framed = vec![0x28, 0xb5, 0x2f, 0xfd];
            framed.extend(src);
            let _ = decode(&framed, len);
        }
    }
}
