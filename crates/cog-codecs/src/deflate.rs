//! Compressions 8 and 32946: a zlib stream (RFC 1950) in Adobe's and in the older number.

use flate2::{Decompress, FlushDecompress};
use libdeflater::Decompressor;

use crate::{BlockSpec, Codec, Decoded, Error, Result, Scratch};

const NAME: &str = "deflate";

/// libdeflate for whole streams; whatever it refuses (a lost checksum, more data than the block holds) is tried again
/// with a decoder that gives partial output, and accepted if the block came out full, as with libtiff.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deflate;

impl Codec for Deflate {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        inflate(src, scratch, out)?;
        Ok(Decoded::default())
    }

    fn heeds_predictor(&self) -> bool {
        true
    }
}

/// Fills `out` from a zlib stream.
fn inflate(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
    match scratch.slot::<Whole>().0.zlib_decompress(src, out) {
        Ok(got) if got == out.len() => Ok(()),
        Ok(got) => Err(Error::Short { codec: NAME, got, want: out.len() }),
        Err(_) => inflate_partly(src, &mut scratch.slot::<Partial>().0, out),
    }
}

/// Inflates a stream of unknown length into `out`; gives the length.
#[cfg(feature = "lerc")]
pub(crate) fn unwrap(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<usize> {
    let result = scratch.slot::<Whole>().0.zlib_decompress(src, out);
    result.map_err(|cause| match cause {
        libdeflater::DecompressionError::BadData => Error::corrupt(NAME, "the stream is damaged or cut short"),
        _ => Error::corrupt(NAME, format!("the stream holds more than {} bytes", out.len())),
    })
}

fn inflate_partly(src: &[u8], decompress: &mut Decompress, out: &mut [u8]) -> Result<()> {
    decompress.reset(true);
    let result = decompress.decompress(src, out, FlushDecompress::Finish);
    let got = decompress.total_out() as usize;
    match result {
        Ok(_) if got == out.len() => Ok(()),
        Ok(_) => Err(Error::Short { codec: NAME, got, want: out.len() }),
        Err(cause) => Err(Error::corrupt(NAME, format!("{cause} after {got} of {} bytes", out.len()))),
    }
}

struct Whole(Decompressor);

impl Default for Whole {
    fn default() -> Self {
        Self(Decompressor::new())
    }
}

struct Partial(Decompress);

impl Default for Partial {
    fn default() -> Self {
        Self(Decompress::new(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_tiff::{Compression, SampleFormat};
    use proptest::prelude::*;
    use std::io::Write;

    fn decode(src: &[u8], len: usize) -> Result<Vec<u8>> {
        let spec = BlockSpec::new(len as u32, 1, 1, 8, SampleFormat::Uint, Compression::AdobeDeflate);
        let mut out = vec![0; len];
        Deflate.decode(&spec, src, &mut Scratch::new(), &mut out).map(|_| out)
    }

    fn encode(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn data() -> Vec<u8> {
        (0..5000u32).map(|i| ((i * i) >> 7) as u8).collect()
    }

    #[test]
    fn a_lost_checksum_is_no_loss() {
        let src = encode(&data());
        assert_eq!(decode(&src[..src.len() - 4], 5000).unwrap(), data());
    }

    #[test]
    fn a_wrong_checksum_is_an_error() {
        let mut src = encode(&data());
        *src.last_mut().unwrap() ^= 1;
        assert!(decode(&src, 5000).unwrap_err().to_string().starts_with("deflate: "));
    }

    #[test]
    fn a_stream_longer_than_the_block_fills_it() {
        assert_eq!(decode(&encode(&data()), 4000).unwrap(), &data()[..4000]);
    }

    #[test]
    fn bytes_after_the_stream_are_ignored() {
        let mut src = encode(&data());
        src.extend([1, 2, 3]);
        assert_eq!(decode(&src, 5000).unwrap(), data());
    }

    #[test]
    fn a_short_stream_says_how_far_it_came() {
        let error = decode(&encode(&[7; 1200]), 65536).unwrap_err();
        assert_eq!(error.to_string(), "deflate: stream ends after 1200 of 65536 bytes");
        let src = encode(&data());
        assert!(matches!(decode(&src[..src.len() / 2], 5000), Err(Error::Short { .. })));
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_block_or_an_error(src in prop::collection::vec(any::<u8>(), 0..300), len in 0usize..3000) {
            let _ = decode(&src, len);
        }
    }
}
