//! From the bytes that a codec leaves to samples of this machine: bit depths, byte order, predictors, colours, bands.

pub(crate) mod bits;
pub(crate) mod byte_swap;
pub(crate) mod chroma;
pub(crate) mod color;
pub(crate) mod deinterleave;
pub(crate) mod predictor;
