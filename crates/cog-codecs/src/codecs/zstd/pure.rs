//! structured-zstd, a decoder without C, with its tables kept between blocks.

use structured_zstd::decoding::errors::FrameDecoderError;
use structured_zstd::decoding::{ContentChecksum, FrameDecoder, find_frame_compressed_size};

use super::{NAME, WINDOW_LOG};
use crate::error::{Error, Result};
use crate::foreign_panic::caught;
use crate::scratch::Scratch;

/// Fills `out`.
pub(super) fn fill(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
    let want = out.len();
    with_decoder(scratch, |decoder| {
        // What follows the frame would be taken for another one.
        let frame = find_frame_compressed_size(src).ok().and_then(|len| src.get(..len));
        if let Some(frame) = frame
            && let Ok(got) = decoder.decode_all(frame, out)
        {
            return if got == want { Ok(()) } else { Err(Error::Short { codec: NAME, got, want }) };
        }
        decompress_piecewise(decoder, src, out)
    })
}

/// Decompresses a frame of unknown length into the start of `out`; gives the length.
#[cfg(feature = "lerc")]
pub(super) fn unwrap(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<usize> {
    with_decoder(scratch, |decoder| {
        let len =
            find_frame_compressed_size(src).map_err(|_| Error::corrupt(NAME, "the frame is damaged or cut short"))?;
        let frame = src.get(..len).unwrap_or(src);
        decoder.decode_all(frame, out).map_err(|cause| Error::corrupt(NAME, cause.to_string()))
    })
}

/// Runs a decoder that is kept between blocks, but not beyond one that failed.
fn with_decoder<T>(scratch: &mut Scratch, decode: impl FnOnce(&mut FrameDecoder) -> Result<T>) -> Result<T> {
    let decoder = scratch.slot::<Context>();
    let result = caught(NAME, || decode(&mut decoder.0));
    if result.is_err() {
        *decoder = Context::default();
    }
    result
}

fn decompress_piecewise(decoder: &mut FrameDecoder, mut src: &[u8], out: &mut [u8]) -> Result<()> {
    let want = out.len();
    let mut got = 0;
    let failed = |cause: FrameDecoderError, got| Error::corrupt(NAME, format!("{cause} after {got} of {want} bytes"));
    if src.is_empty() {
        return Err(Error::Short { codec: NAME, got, want });
    }
    decoder.set_max_window_size(1 << WINDOW_LOG).map_err(|cause| failed(cause, 0))?;
    decoder.init(&mut src).map_err(|cause| failed(cause, 0))?;
    while let Some(room) = out.get_mut(got..).filter(|room| !room.is_empty()) {
        let (read, written) = decoder.decode_from_to(src, room).map_err(|cause| failed(cause, got))?;
        got += written;
        src = src.get(read..).unwrap_or_default();
        if (read, written) == (0, 0) || (decoder.is_finished() && decoder.can_collect() == 0 && got < want) {
            return Err(Error::Short { codec: NAME, got, want });
        }
    }
    Ok(())
}

struct Context(FrameDecoder);

impl Default for Context {
    fn default() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_content_checksum(ContentChecksum::Verify);
        Self(decoder)
    }
}
