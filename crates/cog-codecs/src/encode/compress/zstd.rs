//! Compression 50000: one Zstandard frame, with the size of its content.

#[cfg(feature = "zstd")]
use libzstd as backend;
#[cfg(not(feature = "zstd"))]
use pure as backend;

#[cfg(feature = "zstd")]
mod libzstd;
#[cfg(not(feature = "zstd"))]
mod pure;

pub(super) use backend::Zstd;

const NAME: &str = "ZSTD";
