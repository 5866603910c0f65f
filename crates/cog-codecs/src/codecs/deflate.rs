//! Compressions 8 and 32946: a zlib stream (RFC 1950) in Adobe's and in the older number.
//!
//! A stream that lost its checksum, or that holds more than the block, is accepted if the block came out full, as with
//! libtiff; a wrong checksum is an error.

use cog_tiff::Predictor;

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

use self::inflate::{Inflate, Kind};
#[cfg(not(feature = "deflate"))]
use self::zlib_rs as backend;
#[cfg(feature = "deflate")]
use libdeflate as backend;

mod inflate;
#[cfg(feature = "deflate")]
mod libdeflate;
mod zlib_rs;

const NAME: &str = "deflate";

/// Streams that our own decoder is for: zlib-rs takes longer for all of them, but for those of very small blocks, which our own
/// leaves to it.
const KIND: Kind = if cfg!(feature = "deflate") { Kind::ShortLiterals } else { Kind::All };

/// Our own decoder for streams of many literals and libdeflate for others; without a C compiler our own, and zlib-rs for what it leaves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deflate;

impl Codec for Deflate {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        let own = match KIND {
            // The start of a stream does not tell what all of it is like where the bytes of samples lie in planes.
            Kind::ShortLiterals if spec.predictor == Predictor::FloatingPoint => None,
            kind => scratch.slot::<Inflate>().zlib(src, kind, out),
        };
        match own {
            Some(len) if len == out.len() => {}
            Some(got) => return Err(Error::Short { codec: NAME, got, want: out.len() }),
            None => backend::fill(src, scratch, out)?,
        }
        Ok(Decoded::default())
    }

    fn heeds_predictor(&self) -> bool {
        true
    }
}

/// Inflates a whole stream of unknown length into `out`; gives the length.
#[cfg(feature = "lerc")]
pub(crate) fn unwrap(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<usize> {
    backend::unwrap(src, scratch, out)
}

/// Errors of a stream that has to be whole.
#[cfg(feature = "lerc")]
mod broken {
    use super::NAME;
    use crate::error::Error;

    pub(super) fn damaged() -> Error {
        Error::corrupt(NAME, "the stream is damaged or cut short")
    }

    pub(super) fn too_long(room: usize) -> Error {
        Error::corrupt(NAME, format!("the stream holds more than {room} bytes"))
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
