//! Compression 34925: an xz stream without a checksum, as libtiff writes it: differences of samples' bytes, then LZMA2. After a
//! predictor, which took differences already, LZMA2 alone.

#[cfg(feature = "lzma")]
use liblzma as backend;
#[cfg(not(feature = "lzma"))]
use pure as backend;

#[cfg(feature = "lzma")]
mod liblzma;
#[cfg(not(feature = "lzma"))]
mod pure;

pub(super) use backend::Lzma;

use cog_tiff::Predictor;

use crate::encode::shape::BlockShape;

const NAME: &str = "LZMA";

/// How many bytes apart those are whose differences are taken, if any.
fn distance(predictor: Predictor, shape: &BlockShape) -> Option<u8> {
    let whole = if shape.bits.is_multiple_of(8) { shape.stored_sample() as u8 } else { 1 };
    (predictor == Predictor::None).then_some(whole)
}
