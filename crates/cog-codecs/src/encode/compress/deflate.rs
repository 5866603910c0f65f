//! Compression 8: a zlib stream.

#[cfg(feature = "deflate")]
use libdeflate as backend;
#[cfg(not(feature = "deflate"))]
use zlib_rs as backend;

#[cfg(feature = "deflate")]
mod libdeflate;
#[cfg(not(feature = "deflate"))]
mod zlib_rs;

pub(super) use backend::Deflate;

const NAME: &str = "deflate";
