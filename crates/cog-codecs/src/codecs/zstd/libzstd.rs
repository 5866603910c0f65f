//! libzstd, with a context for whole frames kept between blocks.

use zstd_safe::{DCtx, DParameter, InBuffer, OutBuffer};

use super::{NAME, WINDOW_LOG};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

/// Fills `out`.
pub(super) fn fill(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
    let context = &mut scratch.slot::<Context>().0;
    let want = out.len();
    // What follows the frame would be an error of the one-shot call.
    let frame = zstd_safe::find_frame_compressed_size(src).ok().and_then(|len| src.get(..len));
    if let Some(frame) = frame
        && let Ok(got) = context.decompress(out, frame)
    {
        return if got == want { Ok(()) } else { Err(Error::Short { codec: NAME, got, want }) };
    }
    decompress_piecewise(src, out)
}

/// Decompresses a frame of unknown length into `out`; gives the length.
#[cfg(feature = "lerc")]
pub(super) fn unwrap(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<usize> {
    let named = |code| Error::corrupt(NAME, zstd_safe::get_error_name(code));
    let len = zstd_safe::find_frame_compressed_size(src).map_err(named)?;
    scratch.slot::<Context>().0.decompress(out, src.get(..len).unwrap_or(src)).map_err(named)
}

/// In a context of its own: what a damaged frame comes to depends on the buffers that an earlier one left behind.
fn decompress_piecewise(src: &[u8], out: &mut [u8]) -> Result<()> {
    let want = out.len();
    let named = |code| Error::corrupt(NAME, zstd_safe::get_error_name(code));
    let mut context = DCtx::create();
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
