//! The output of a stack, filled slab by slab.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cog_raster::ndarray::{Array3, Axis, s};
use cog_raster::{Nodata, Pixels, Raster, Sample, SampleType, Validity};
use cog_warp::{OutputGrid, WarpProgress};

use crate::composite::stack::{Hook, StackProgress};
use crate::error::Result;
use crate::sample_types::convert;

/// Bytes of what is read at once, beside the output.
const SLAB: u64 = 64 << 20;

/// Rows of a slab are a multiple of this where it has as many: blocks that two slabs see are read twice.
const ROWS: usize = 512;

/// Bytes of samples and their validity.
pub(super) fn bytes_of((bands, rows, columns): (usize, usize, usize), sample_type: SampleType) -> u64 {
    let cells = (bands as u64).saturating_mul(rows as u64).saturating_mul(columns as u64);
    cells.saturating_mul(sample_type.size() as u64 + 1)
}

/// Some rows of a grid, in all its width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slab {
    pub(super) row: usize,
    pub(super) rows: usize,
}

impl Slab {
    /// These rows of a grid, whose pixels are those of the whole.
    pub(super) fn of(self, grid: &OutputGrid) -> Result<OutputGrid> {
        // Both are parts of a height that is a u32.
        Ok(grid.window(0, self.row as u32, grid.width(), self.rows as u32)?)
    }
}

/// A grid of so many rows in slabs, where a row takes so many bytes.
pub(super) fn slabs(rows: usize, row_bytes: u64) -> Vec<Slab> {
    let most = usize::try_from(SLAB / row_bytes.max(1)).unwrap_or(usize::MAX).max(1);
    let most = if most >= ROWS { most / ROWS * ROWS } else { most };
    (0..rows).step_by(most).map(|row| Slab { row, rows: most.min(rows - row) }).collect()
}

/// The output, filled part by part.
pub(super) struct Output<T> {
    samples: Array3<T>,
    /// Nothing while all is valid.
    masks: Option<Array3<u8>>,
    /// What pixels without data have.
    fill: T,
}

impl<T: Sample> Output<T> {
    /// Bands, rows, columns; and what pixels without data will have.
    pub(super) fn new(shape: (usize, usize, usize), fill: Nodata) -> Result<Output<T>> {
        let samples = Pixels::filled(T::TYPE, shape, None).and_then(|pixels| pixels.into_array::<T>().ok());
        let samples = samples.ok_or(cog_warp::Error::OutOfMemory { bytes: bytes_of(shape, T::TYPE) })?;
        Ok(Output { samples, masks: None, fill: T::from_nodata(fill) })
    }

    /// Puts rows of some bands at their place: the first band and the first row. What reaches over the output is left out.
    pub(super) fn put(&mut self, (band, row): (usize, usize), part: Raster) {
        let (bands, rows, columns) = part.dim();
        let shape = self.samples.dim();
        if band + bands > shape.0 || row + rows > shape.1 || columns != shape.2 {
            return;
        }
        let all_valid = matches!(part.validity, Validity::AllValid);
        if !all_valid && self.masks.is_none() {
            self.masks = Some(Array3::from_elem(shape, 255));
        }
        let Ok(samples) = convert(part.pixels, T::TYPE).into_array::<T>() else { return };
        for (index, from) in samples.outer_iter().enumerate() {
            let place = s![row..row + rows, ..];
            let mut to = self.samples.index_axis_mut(Axis(0), band + index);
            let mut to = to.slice_mut(place);
            to.assign(&from);
            if let Some(masks) = self.masks.as_mut().filter(|_| !all_valid) {
                let valid = part.validity.band(index, rows, columns);
                let fill = self.fill;
                to.zip_mut_with(&valid, |to, valid| {
                    if *valid == 0 {
                        *to = fill
                    }
                });
                masks.index_axis_mut(Axis(0), band + index).slice_mut(place).assign(&valid);
            }
        }
    }

    /// The samples and their validity.
    pub(super) fn done(self) -> (Array3<T>, Validity) {
        (self.samples, self.masks.map_or(Validity::AllValid, Validity::PerBand))
    }
}

/// How far all files are together.
pub(super) struct Watch {
    hook: Option<Hook>,
    /// Of each part.
    done: Arc<[AtomicU64]>,
    pixels: u64,
}

impl Watch {
    /// Of so many parts, which have so many pixels in all.
    pub(super) fn new(hook: Option<Hook>, pixels: u64, parts: usize) -> Watch {
        Watch { hook, done: (0..parts).map(|_| AtomicU64::new(0)).collect(), pixels }
    }

    /// What one part calls.
    pub(super) fn hook(&self, part: usize) -> Option<impl Fn(WarpProgress) + Send + Sync + 'static> {
        let (hook, done, pixels) = (self.hook.clone()?, Arc::clone(&self.done), self.pixels);
        Some(move |now: WarpProgress| {
            if let Some(own) = done.get(part) {
                own.store(now.done, Ordering::Relaxed);
            }
            hook(StackProgress { done: done.iter().map(|part| part.load(Ordering::Relaxed)).sum(), pixels });
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slabs_cover_every_row_once() {
        assert_eq!(slabs(140, 450), [Slab { row: 0, rows: 140 }]);
        let large = slabs(10_980, 10_980 * 3);
        assert_eq!(
            large.iter().map(|slab| slab.rows).collect::<Vec<_>>(),
            [1536, 1536, 1536, 1536, 1536, 1536, 1536, 228]
        );
        assert!(large.iter().zip(large.iter().skip(1)).all(|(a, b)| a.row + a.rows == b.row));
        assert_eq!(slabs(2, u64::MAX).len(), 2);
        assert_eq!(slabs(1, 0), [Slab { row: 0, rows: 1 }]);
    }
}
