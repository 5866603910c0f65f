//! Compression 50000: one Zstandard frame (RFC 8878).

use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer, ResetDirective};

use crate::{BlockSpec, Codec, Decoded, Error, Result, Scratch};

const NAME: &str = "ZSTD";

/// Windows of a stream that has to be decoded piecewise: 8 MiB, what every decoder must support (RFC 8878, 3.1.1.1.2).
const WINDOW_LOG: u32 = 23;

/// libzstd, in one go with a context kept between blocks; whatever that refuses (more data than the block holds) is
/// tried again piecewise, and accepted if the block came out full, as with libtiff.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Zstd;

impl Codec for Zstd {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        decompress(src, scratch, out)?;
        Ok(Decoded::default())
    }

    fn heeds_predictor(&self) -> bool {
        true
    }
}

fn decompress(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
    let context = &mut scratch.slot::<Context>().0;
    let want = out.len();
    // What follows the frame would be an error of the one-shot call.
    let frame = zstd_safe::find_frame_compressed_size(src).ok().and_then(|len| src.get(..len));
    if let Some(frame) = frame
        && let Ok(got) = context.decompress(out, frame)
    {
        return if got == want { Ok(()) } else { Err(Error::Short { codec: NAME, got, want }) };
    }
    decompress_piecewise(context, src, out)
}

/// Decompresses a frame of unknown length into `out`; gives the length.
#[cfg(feature = "lerc")]
pub(crate) fn unwrap(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<usize> {
    let named = |code| Error::corrupt(NAME, zstd_safe::get_error_name(code));
    let len = zstd_safe::find_frame_compressed_size(src).map_err(named)?;
    scratch.slot::<Context>().0.decompress(out, src.get(..len).unwrap_or(src)).map_err(named)
}

fn decompress_piecewise(context: &mut DCtx<'static>, src: &[u8], out: &mut [u8]) -> Result<()> {
    let want = out.len();
    let named = |code| Error::corrupt(NAME, zstd_safe::get_error_name(code));
    context.reset(ResetDirective::SessionOnly).map_err(named)?;
    context.set_parameter(DParameter::WindowLogMax(WINDOW_LOG)).map_err(named)?;
    let mut input = InBuffer::around(src);
    let mut output = OutBuffer::around(out);
    loop {
        let before = (input.pos(), output.pos());
        let left = context.decompress_stream(&mut output, &mut input);
        let got = output.pos();
        if got == want {
            return Ok(());
        }
        match left {
            Err(code) => {
                let name = zstd_safe::get_error_name(code);
                return Err(Error::corrupt(NAME, format!("{name} after {got} of {want} bytes")));
            }
            Ok(0) => return Err(Error::Short { codec: NAME, got, want }),
            Ok(_) if before == (input.pos(), got) => return Err(Error::Short { codec: NAME, got, want }),
            Ok(_) => {}
        }
    }
}

struct Context(DCtx<'static>);

impl Default for Context {
    fn default() -> Self {
        Self(DCtx::create())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn a_context_is_good_for_the_next_block_after_an_error() {
        let spec = BlockSpec::new(5000, 1, 1, 8, SampleFormat::Uint, Compression::Zstd);
        let src = encode(&data());
        let (mut scratch, mut out) = (Scratch::new(), vec![0; 5000]);
        assert!(Zstd.decode(&spec, &src[..100], &mut scratch, &mut out).is_err());
        Zstd.decode(&spec, &src, &mut scratch, &mut out).unwrap();
        assert_eq!(out, data());
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
