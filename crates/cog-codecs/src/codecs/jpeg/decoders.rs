//! Which decoder reads a stream: our own, or with the feature `turbojpeg` libjpeg-turbo before it.

#[cfg(feature = "turbojpeg")]
use crate::codecs::jpeg::by_turbo;
use crate::codecs::jpeg::name::NAME;
use crate::codecs::jpeg::picture::{self, Rendering};
use crate::codecs::jpeg::sample::Sample;
use crate::codecs::jpeg::stream::Frame;
use crate::cpu::Cpu;
use crate::error::Result;
use crate::foreign_panic::caught;
use crate::scratch::Scratch;

/// Decodes the upper `rows` rows of the picture in `joined` into `out`, which has just their length.
///
/// [`Error::Variant`](crate::error::Error::Variant) for sampling factors that neither decoder has a filter for.
pub(super) fn decode(
    joined: &[u8],
    frame: &Frame,
    rendering: Rendering,
    rows: usize,
    scratch: &mut Scratch,
    out: &mut [u8],
) -> Result<()> {
    #[cfg(feature = "turbojpeg")]
    if by_turbo::takes(frame, rows) {
        let result = by_turbo::decode(joined, frame, rendering, rows, scratch, out);
        // Of what libjpeg-turbo refuses or warns of some is whole for all that: a stream without its end marker, stray
        // bytes before a marker. Our own decoder has the last word, so the feature never makes a file unreadable.
        if result.is_ok() || frame.arithmetic {
            return result;
        }
    }
    if frame.precision == u16::PRECISION {
        by_own::<u16>(joined, rendering, rows, scratch, out)
    } else {
        by_own::<u8>(joined, rendering, rows, scratch, out)
    }
}

fn by_own<S: Sample>(
    joined: &[u8],
    rendering: Rendering,
    rows: usize,
    scratch: &mut Scratch,
    out: &mut [u8],
) -> Result<()> {
    let memory = scratch.slot::<picture::Memory<S>>();
    caught(NAME, || picture::decode(joined, Cpu::detect(), rendering, rows, memory, out))
}
