//! zlib-rs: no C, and partial output from a stream that is damaged, cut short or longer than the block.

use flate2::{Decompress, FlushDecompress};

use super::NAME;
use crate::error::{Error, Result};
use crate::scratch::Scratch;

/// Fills `out`.
pub(super) fn fill(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
    let decompress = &mut scratch.slot::<Partial>().0;
    decompress.reset(true);
    let result = decompress.decompress(src, out, FlushDecompress::Finish);
    let got = decompress.total_out() as usize;
    match result {
        Ok(_) if got == out.len() => Ok(()),
        Ok(_) => Err(Error::Short { codec: NAME, got, want: out.len() }),
        Err(cause) => Err(Error::corrupt(NAME, format!("{cause} after {got} of {} bytes", out.len()))),
    }
}

/// Inflates a whole stream into the start of `out`; gives the length.
#[cfg(all(feature = "lerc", not(feature = "deflate")))]
pub(super) fn unwrap(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<usize> {
    let decompress = &mut scratch.slot::<Partial>().0;
    decompress.reset(true);
    let result = decompress.decompress(src, out, FlushDecompress::Finish);
    match (result, decompress.total_out() as usize) {
        (Ok(flate2::Status::StreamEnd), got) => Ok(got),
        (Ok(_), got) if got == out.len() => Err(super::broken::too_long(got)),
        _ => Err(super::broken::damaged()),
    }
}

struct Partial(Decompress);

impl Default for Partial {
    fn default() -> Self {
        Self(Decompress::new(true))
    }
}
