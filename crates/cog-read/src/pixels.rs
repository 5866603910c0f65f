//! Samples and which of them hold data.

pub(crate) mod raster;
pub(crate) mod unscale;
pub(crate) mod validity;
