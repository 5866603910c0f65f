//! Compression 50001: one WebP picture of three or four bands.

#[cfg(feature = "webp")]
use libwebp as backend;
#[cfg(not(feature = "webp"))]
use pure as backend;

#[cfg(feature = "webp")]
mod libwebp;
#[cfg(not(feature = "webp"))]
mod pure;

pub(super) use backend::WebP;

const NAME: &str = "WebP";
