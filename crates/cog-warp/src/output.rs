//! The pixels of an output while they are made.

use cog_raster::ndarray::{Array2, Array3};
use cog_raster::{DatasetValidity, Sample, Validity};

use crate::error::{Error, Result};
use crate::level::Rectangle;

/// Samples and validity of a rectangle of the output grid.
#[derive(Clone, Debug)]
pub(crate) struct Output<T> {
    /// Columns and rows of the whole grid.
    pub(crate) within: Rectangle,
    pub(crate) bands: usize,
    /// Bands × rows × columns.
    pub(crate) samples: Vec<T>,
    /// One or bands × rows × columns.
    pub(crate) valid: Vec<u8>,
}

impl<T: Sample> Output<T> {
    /// # Errors
    /// Memory that cannot be had.
    pub(crate) fn new(within: Rectangle, bands: usize, masks: usize) -> Result<Output<T>> {
        let plane = within.pixels();
        let len = plane.saturating_mul(bands);
        let error = || Error::OutOfMemory { bytes: (len as u64).saturating_mul(size_of::<T>() as u64) };
        let (mut samples, mut valid): (Vec<T>, Vec<u8>) = (Vec::new(), Vec::new());
        samples.try_reserve_exact(len).map_err(|_| error())?;
        valid.try_reserve_exact(plane.saturating_mul(masks)).map_err(|_| error())?;
        samples.resize(len, T::default());
        valid.resize(plane * masks, 0);
        Ok(Output { within, bands, samples, valid })
    }

    /// The samples as (band, row, column), and their validity; `dataset` is that of the image where it is not that of its bands. `None` if the
    /// sizes do not fit.
    pub(crate) fn finish(self, dataset: Option<Output<u8>>) -> Option<(Array3<T>, Validity)> {
        let (rows, columns) = (self.within.height as usize, self.within.width as usize);
        let samples = Array3::from_shape_vec((self.bands, rows, columns), self.samples).ok()?;
        if self.valid.len() == rows * columns {
            return Some((samples, Validity::Shared(Array2::from_shape_vec((rows, columns), self.valid).ok()?)));
        }
        let masks = Array3::from_shape_vec((self.bands, rows, columns), self.valid).ok()?;
        let Some(dataset) = dataset else { return Some((samples, Validity::PerBand(masks))) };
        let dataset = Array2::from_shape_vec((rows, columns), dataset.valid).ok()?;
        let of_band = (0..self.bands).map(Some).collect();
        Some((samples, Validity::Dataset(DatasetValidity::new(dataset, masks, of_band))))
    }
}

/// Copies a row to its place in a plane.
pub(crate) fn copy<V: Copy>(to: &mut [V], at: usize, row: &[V]) {
    if let Some(to) = to.get_mut(at..at + row.len()) {
        to.copy_from_slice(row);
    }
}
