//! The pixels of an output while they are made.

use cog_raster::canvas::zeros;
use cog_raster::ndarray::{Array2, Array3};
use cog_raster::{Area, DatasetValidity, Sample, Validity};

use crate::alpha::Alpha;
use crate::error::{Error, Result};
use crate::level::Rectangle;

/// Takes rows of output.
pub(crate) trait Sink<T> {
    /// `samples` (bands × n), whose values do not matter afterwards, and `valid` (one or bands × n, 255 or 0) of n pixels from a column and row of the whole grid on.
    fn row(&mut self, column: u32, row: u32, samples: &mut [T], valid: &[u8]);
}

/// Samples and validity of a rectangle of the output grid.
///
/// Bands share their validity until a row comes in which they differ.
#[derive(Clone, Debug)]
pub(crate) struct Output<T> {
    /// Columns and rows of the whole grid.
    pub(crate) within: Rectangle,
    pub(crate) bands: usize,
    /// Bands × rows × columns.
    pub(crate) samples: Vec<T>,
    /// None, one or bands × rows × columns.
    pub(crate) valid: Vec<u8>,
}

impl<T: Sample> Output<T> {
    /// # Errors
    /// Memory that cannot be had.
    pub(crate) fn new(within: Rectangle, bands: usize, masks: usize) -> Result<Output<T>> {
        let plane = within.pixels();
        let len = plane.saturating_mul(bands);
        let error = || Error::OutOfMemory { bytes: (len as u64).saturating_mul(size_of::<T>() as u64) };
        Ok(Output {
            within,
            bands,
            samples: zeros(len).ok_or_else(error)?,
            valid: zeros(plane.saturating_mul(masks)).ok_or_else(error)?,
        })
    }

    /// All samples have the value of their band.
    #[cfg(feature = "files")]
    pub(crate) fn filled(mut self, values: &[T]) -> Output<T> {
        let plane = self.within.pixels().max(1);
        // Zeros are there already, and take no memory before they are written.
        let bands = self.samples.chunks_exact_mut(plane).zip(values).filter(|(_, value)| **value != T::default());
        bands.for_each(|(samples, value)| samples.fill(*value));
        self
    }

    /// Takes in what another made of a rectangle that lies in this one.
    pub(crate) fn place(&mut self, part: &Output<T>) {
        let (plane, own_plane) = (self.within.pixels().max(1), part.within.pixels().max(1));
        if part.valid.len() > own_plane && self.valid.len() == plane {
            self.tell_bands_apart();
        }
        let rows = Rows {
            len: (part.within.width as usize).max(1),
            first: (part.within.row - self.within.row) as usize * self.within.width as usize
                + (part.within.column - self.within.column) as usize,
            step: self.within.width as usize,
        };
        let bands = self.samples.chunks_exact_mut(plane).zip(part.samples.chunks_exact(own_plane));
        bands.for_each(|(to, from)| rows.copy(to, from));
        // A mask that bands share is the mask of each.
        let masks = self.valid.chunks_exact_mut(plane).zip(part.valid.chunks_exact(own_plane).cycle());
        masks.for_each(|(to, from)| rows.copy(to, from));
    }

    /// From one row of validity for all bands to one for each.
    fn tell_bands_apart(&mut self) {
        let shared = std::mem::take(&mut self.valid);
        self.valid = shared.repeat(self.bands);
    }

    /// Where any band is valid: an output whose samples are its validity.
    ///
    /// # Errors
    /// Memory that cannot be had.
    #[cfg(feature = "files")]
    pub(crate) fn union(&self) -> Result<Output<u8>> {
        let mut union = Output::<u8>::new(self.within, 1, 1)?;
        for mask in self.valid.chunks_exact(self.within.pixels().max(1)) {
            union.valid.iter_mut().zip(mask).for_each(|(all, v)| *all |= v);
        }
        union.samples.clone_from(&union.valid);
        Ok(union)
    }

    /// Multiplies validity by weights from 0 to 255: `fill` fills in those of some rows, counted from the first one here.
    pub(crate) fn weigh(&mut self, fill: impl Fn(Area, &mut [u8])) {
        /// Rows that are asked for at once.
        const ROWS: u32 = 64;
        let (width, height) = (self.within.width, self.within.height);
        let plane = self.within.pixels().max(1);
        let mut weights = vec![0; (width as usize).saturating_mul(ROWS as usize)];
        for y in (0..height).step_by(ROWS as usize) {
            let rows = Area { x: 0, y, width, height: ROWS.min(height - y) };
            let (at, len) = (width as usize * y as usize, width as usize * rows.height as usize);
            let Some(weights) = weights.get_mut(..len) else { return };
            fill(rows, weights);
            for valid in self.valid.chunks_exact_mut(plane) {
                let own = valid.get_mut(at..at + len).unwrap_or_default().iter_mut();
                own.zip(weights.iter()).for_each(|(own, weight)| *own = times(*own, *weight));
            }
        }
    }

    /// Gives all samples that are not valid the value of their band.
    pub(crate) fn fill_invalid(&mut self, values: &[T]) {
        const RUN: usize = 256;
        let plane = self.within.pixels().max(1);
        // A mask that bands share is the mask of each.
        let masks = self.valid.chunks_exact(plane).cycle();
        for ((samples, mask), value) in self.samples.chunks_exact_mut(plane).zip(masks).zip(values) {
            // Most runs are valid from end to end.
            for (samples, mask) in samples.chunks_mut(RUN).zip(mask.chunks(RUN)) {
                if mask.iter().fold(u8::MAX, |least, valid| least.min(*valid)) == 0 {
                    let samples = samples.iter_mut().zip(mask).filter(|(_, valid)| **valid == 0);
                    samples.for_each(|(sample, _)| *sample = *value);
                }
            }
        }
    }

    /// The samples as (band, row, column), and their validity; `dataset` is that of the image where it is not that of its bands, `alpha` its
    /// alpha bands. `None` if the sizes do not fit.
    pub(crate) fn finish(self, dataset: Option<Output<u8>>, alpha: Option<&Alpha>) -> Option<(Array3<T>, Validity)> {
        let bands = self.bands;
        let (samples, validity) = self.pixels(dataset)?;
        let validity = match alpha {
            Some(alpha) => alpha.beside(validity, bands),
            None => validity,
        };
        Some((samples, validity))
    }

    fn pixels(self, dataset: Option<Output<u8>>) -> Option<(Array3<T>, Validity)> {
        let (rows, columns) = (self.within.height as usize, self.within.width as usize);
        let samples = Array3::from_shape_vec((self.bands, rows, columns), self.samples).ok()?;
        if self.valid.is_empty() {
            return Some((samples, Validity::AllValid));
        }
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

impl<T: Sample> Sink<T> for Output<T> {
    fn row(&mut self, column: u32, row: u32, samples: &mut [T], valid: &[u8]) {
        let n = samples.len() / self.bands.max(1);
        let plane = self.within.pixels();
        let at = (row - self.within.row) as usize * self.within.width as usize + (column - self.within.column) as usize;
        if valid.len() > n && self.valid.len() == plane {
            self.tell_bands_apart();
        }
        for (band, row) in self.samples.chunks_exact_mut(plane).zip(samples.chunks_exact(n)) {
            copy(band, at, row);
        }
        // A row that bands share is the row of each of them.
        let rows = valid.chunks_exact(n).cycle();
        for (mask, row) in self.valid.chunks_exact_mut(plane).zip(rows) {
            copy(mask, at, row);
        }
    }
}

/// The product of two weights of which 255 is all.
pub(crate) fn times(a: u8, b: u8) -> u8 {
    ((u32::from(a) * u32::from(b) + 127) / 255) as u8
}

/// Where the rows of a part lie in a plane.
struct Rows {
    len: usize,
    first: usize,
    step: usize,
}

impl Rows {
    fn copy<V: Copy>(&self, to: &mut [V], from: &[V]) {
        for (row, at) in from.chunks_exact(self.len).zip((self.first..).step_by(self.step.max(1))) {
            copy(to, at, row);
        }
    }
}

/// Copies a row to its place in a plane.
pub(crate) fn copy<V: Copy>(to: &mut [V], at: usize, row: &[V]) {
    if let Some(to) = to.get_mut(at..at + row.len()) {
        to.copy_from_slice(row);
    }
}
