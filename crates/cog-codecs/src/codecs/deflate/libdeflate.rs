//! libdeflate: the fastest for whole streams that are not of many short literals, without partial output. Whatever it refuses is tried again with zlib-rs.

use libdeflater::Decompressor;

use super::{NAME, zlib_rs};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

/// Fills `out`.
pub(super) fn fill(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
    match scratch.slot::<Whole>().0.zlib_decompress(src, out) {
        Ok(got) if got == out.len() => Ok(()),
        Ok(got) => Err(Error::Short { codec: NAME, got, want: out.len() }),
        Err(_) => zlib_rs::fill(src, scratch, out),
    }
}

/// Inflates a whole stream into the start of `out`; gives the length.
#[cfg(feature = "lerc")]
pub(super) fn unwrap(src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<usize> {
    let result = scratch.slot::<Whole>().0.zlib_decompress(src, out);
    result.map_err(|cause| match cause {
        libdeflater::DecompressionError::BadData => super::broken::damaged(),
        _ => super::broken::too_long(out.len()),
    })
}

struct Whole(Decompressor);

impl Default for Whole {
    fn default() -> Self {
        Self(Decompressor::new())
    }
}
