//! Bands to evaluate over.

use cog_raster::ndarray::ArrayView2;
use cog_raster::{Pixels, Raster};

/// A band: which of some pixels, and which of them hold data.
#[derive(Clone, Debug)]
pub struct Band<'a> {
    pub(super) pixels: &'a Pixels,
    pub(super) index: usize,
    pub(super) mask: Option<ArrayView2<'a, u8>>,
}

impl<'a> Band<'a> {
    /// The band at `index` of pixels, from 0; all of it holds data.
    pub fn new(pixels: &'a Pixels, index: usize) -> Band<'a> {
        Band { pixels, index, mask: None }
    }

    /// The band at `index` of a raster, from 0.
    pub fn of(raster: &'a Raster, index: usize) -> Band<'a> {
        Band { pixels: &raster.pixels, index, mask: raster.validity.of_band(index) }
    }

    /// Only pixels where the mask, (row, column), is above 0 hold data.
    #[must_use]
    pub fn mask(mut self, mask: ArrayView2<'a, u8>) -> Band<'a> {
        self.mask = Some(mask);
        self
    }

    /// Rows and columns; `None` if the pixels have no such band.
    pub(super) fn dim(&self) -> Option<(usize, usize)> {
        let (bands, rows, columns) = self.pixels.dim();
        (self.index < bands).then_some((rows, columns))
    }

    pub(super) fn mask_dim(&self) -> Option<(usize, usize)> {
        self.mask.map(|mask| mask.dim())
    }

    pub(super) fn is_complex(&self) -> bool {
        self.pixels.sample_type().is_complex()
    }
}
