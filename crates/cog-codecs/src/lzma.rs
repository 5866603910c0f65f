//! Compression 34925: an xz stream.

use liblzma::stream::{Action, Error as LzmaError, Status, Stream};

use crate::{BlockSpec, Codec, Decoded, Error, Result, Scratch};

const NAME: &str = "LZMA";

/// What the decoder of one block may take: the dictionary of the highest preset (64 MiB) and its tables.
const MEMORY: u64 = 80 << 20;

/// liblzma.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lzma;

impl Codec for Lzma {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        let mut stream = Stream::new_stream_decoder(MEMORY, 0).map_err(|cause| named(&cause))?;
        loop {
            let (read, written) = (stream.total_in() as usize, stream.total_out() as usize);
            let (Some(input), Some(room)) = (src.get(read..), out.get_mut(written..)) else { break };
            if room.is_empty() {
                return Ok(Decoded::default());
            }
            let status = stream.process(input, room, Action::Run).map_err(|cause| named(&cause))?;
            let stuck = (stream.total_in() as usize, stream.total_out() as usize) == (read, written);
            if matches!(status, Status::StreamEnd | Status::MemNeeded) || stuck {
                break;
            }
        }
        match stream.total_out() as usize {
            got if got == out.len() => Ok(Decoded::default()),
            got => Err(Error::Short { codec: NAME, got, want: out.len() }),
        }
    }

    fn heeds_predictor(&self) -> bool {
        true
    }
}

fn named(cause: &LzmaError) -> Error {
    match cause {
        LzmaError::MemLimit => Error::variant(NAME, format!("a dictionary that takes more than {MEMORY} bytes")),
        LzmaError::Mem => Error::OutOfMemory { codec: NAME, bytes: MEMORY as usize },
        other => Error::corrupt(NAME, other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_tiff::{Compression, SampleFormat};
    use proptest::prelude::*;

    fn decode(src: &[u8], len: usize) -> Result<Vec<u8>> {
        let spec = BlockSpec::new(len as u32, 1, 1, 8, SampleFormat::Uint, Compression::Lzma);
        let mut out = vec![0; len];
        Lzma.decode(&spec, src, &mut Scratch::new(), &mut out).map(|_| out)
    }

    fn encode(data: &[u8]) -> Vec<u8> {
        let mut stream = Stream::new_easy_encoder(6, liblzma::stream::Check::Crc32).unwrap();
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
        assert!(decode(&[], 10).is_err());
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
