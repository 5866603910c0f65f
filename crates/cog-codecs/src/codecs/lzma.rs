//! Compression 34925: an xz stream.

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

#[cfg(feature = "lzma")]
use self::liblzma as backend;
#[cfg(not(feature = "lzma"))]
use pure as backend;

#[cfg(feature = "lzma")]
mod liblzma;
#[cfg(not(feature = "lzma"))]
mod pure;

const NAME: &str = "LZMA";

/// What the decoder of one block may take: the dictionary of the highest preset (64 MiB) and its tables.
const MEMORY: u32 = 80 << 20;

/// liblzma, or without a C compiler lzma-rust2.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lzma;

impl Codec for Lzma {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        match backend::fill(src, out)? {
            got if got == out.len() => Ok(Decoded::default()),
            got => Err(Error::Short { codec: NAME, got, want: out.len() }),
        }
    }

    fn heeds_predictor(&self) -> bool {
        true
    }
}

fn over_memory() -> Error {
    Error::variant(NAME, format!("a dictionary that takes more than {MEMORY} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::liblzma::stream::{Action, Check, Status, Stream};
    use cog_tiff::{Compression, SampleFormat};
    use proptest::prelude::*;

    fn decode(src: &[u8], len: usize) -> Result<Vec<u8>> {
        let spec = BlockSpec::new(len as u32, 1, 1, 8, SampleFormat::Uint, Compression::Lzma);
        let mut out = vec![0; len];
        Lzma.decode(&spec, src, &mut Scratch::new(), &mut out).map(|_| out)
    }

    fn encode(data: &[u8]) -> Vec<u8> {
        let mut stream = Stream::new_easy_encoder(6, Check::Crc32).unwrap();
        let mut out = Vec::with_capacity(data.len() + 1000);
        assert_eq!(stream.process_vec(data, &mut out, Action::Finish).unwrap(), Status::StreamEnd);
        out
    }

    #[test]
    fn streams_longer_and_shorter_than_the_block() {
        let data: Vec<u8> = (0..5000u32).map(|i| ((i * i) >> 7) as u8).collect();
        let src = encode(&data);
        assert_eq!(decode(&src, 5000).unwrap(), data);
        assert_eq!(decode(&src, 4000).unwrap(), &data[..4000]);
        assert_eq!(decode(&src, 6000).unwrap_err().to_string(), "LZMA: stream ends after 5000 of 6000 bytes");
        assert!(decode(&src[..src.len() / 2], 5000).is_err());
        assert!(decode(b"not a stream", 10).unwrap_err().to_string().starts_with("LZMA: "));
        assert_eq!(decode(&[], 10).unwrap_err().to_string(), "LZMA: stream ends after 0 of 10 bytes");
    }

    #[test]
    fn a_dictionary_beyond_the_limit_is_refused() {
        let mut options = ::liblzma::stream::LzmaOptions::new_preset(0).unwrap();
        options.dict_size(128 << 20);
        let mut filters = ::liblzma::stream::Filters::new();
        filters.lzma2(&options);
        let mut stream = Stream::new_stream_encoder(&filters, Check::Crc32).unwrap();
        let mut src = Vec::with_capacity(1000);
        stream.process_vec(&[7; 100], &mut src, Action::Finish).unwrap();
        let error = decode(&src, 100).unwrap_err();
        assert_eq!(error.to_string(), "LZMA: a dictionary that takes more than 83886080 bytes is not supported");
    }

    /// As libtiff writes them: differences first.
    #[test]
    fn the_delta_filter_is_undone() {
        let options = ::liblzma::stream::LzmaOptions::new_preset(6).unwrap();
        let mut filters = ::liblzma::stream::Filters::new();
        filters.delta_properties(&[2]).unwrap().lzma2(&options);
        let data: Vec<u8> = (0..9000u32).map(|i| ((i * i) >> 9) as u8).collect();
        let mut stream = Stream::new_stream_encoder(&filters, Check::None).unwrap();
        let mut src = Vec::with_capacity(20000);
        stream.process_vec(&data, &mut src, Action::Finish).unwrap();
        assert_eq!(decode(&src, 9000).unwrap(), data);
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_block_or_an_error(at in 0usize..200, byte in any::<u8>()) {
            let mut src = encode(&[7; 3000]);
            let at = at % src.len();
            src[at] = byte;
            let _ = decode(&src, 3000);
        }
    }
}
