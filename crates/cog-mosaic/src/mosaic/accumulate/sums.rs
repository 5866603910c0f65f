//! Means, sums and deviations: no layer is kept.

use cog_raster::{Pixels, Raster, Sample};

use super::shape::{Accumulate, Shape, layer};
use crate::error::Result;
use crate::mosaic::masks::Masks;
use crate::mosaic::rectangle::Rectangle;

/// What is made of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Mean,
    Sum,
    Deviation,
}

/// One number of a sample, over all layers.
#[derive(Clone, Copy, Default)]
struct Cell {
    /// The sum; for deviations the mean of those so far.
    sum: f64,
    /// For deviations: squares of distances to the mean, added up (Welford).
    squares: f64,
}

pub(super) struct Sums<T> {
    of: Of,
    shape: Shape,
    /// (band, lane of the sample, row, column).
    cells: Vec<Cell>,
    /// How many layers, of each sample: (band, row, column).
    counts: Vec<u32>,
    masks: Masks,
    _samples: std::marker::PhantomData<fn() -> T>,
}

impl<T: Sample> Sums<T> {
    pub(super) fn new(of: Of, shape: Shape) -> Sums<T> {
        let samples = shape.bands * shape.plane();
        Sums {
            of,
            shape,
            cells: vec![Cell::default(); samples * T::LANES],
            counts: vec![0; samples],
            masks: Masks::nothing(shape.plane()),
            _samples: std::marker::PhantomData,
        }
    }
}

impl<T: Sample> Accumulate for Sums<T> {
    fn feed(&mut self, rasters: Vec<Raster>, at: Rectangle) -> Result<bool> {
        let layer = layer::<T>(rasters, at, self.shape.bands)?;
        let has_data = layer.masks.any();
        if layer.masks.planes > 1 {
            self.masks.spread(self.shape.bands);
        }
        let (width, plane, deviation) = (self.shape.width, self.shape.plane().max(1), self.of == Of::Deviation);
        let bands = self.cells.chunks_exact_mut(plane * T::LANES).zip(self.counts.chunks_exact_mut(plane));
        for (band, ((cells, counts), theirs)) in bands.zip(layer.samples.chunks_exact(at.pixels().max(1))).enumerate() {
            let has = layer.masks.band(band);
            let rows = at.starts(width).zip(theirs.chunks_exact(at.width).zip(has.chunks_exact(at.width)));
            for (first, (theirs, has)) in rows {
                let counts = counts.get_mut(first..first + at.width).unwrap_or_default();
                counts.iter_mut().zip(has).for_each(|(count, has)| *count += u32::from(*has > 0));
                for (lane, cells) in cells.chunks_exact_mut(plane).enumerate() {
                    let cells = cells.get_mut(first..first + at.width).unwrap_or_default();
                    for ((cell, new), (count, has)) in cells.iter_mut().zip(theirs).zip(counts.iter().zip(has)) {
                        if *has == 0 {
                            continue;
                        }
                        let value = new.lane(lane);
                        if deviation {
                            let off = value - cell.sum;
                            cell.sum += off / f64::from(*count);
                            cell.squares += off * (value - cell.sum);
                        } else {
                            cell.sum += value;
                        }
                    }
                }
            }
        }
        self.masks.or(&layer.masks, at, width);
        Ok(has_data)
    }

    fn missing(&self) -> Option<Rectangle> {
        Some(self.shape.all())
    }

    fn finish(self: Box<Self>) -> Result<(Pixels, Masks)> {
        let pixels = match self.of {
            Of::Deviation => self.shape.pixels(self.shape.bands, self.deviations())?,
            Of::Mean | Of::Sum => self.shape.pixels(self.shape.bands, self.samples())?,
        };
        Ok((pixels, self.masks))
    }
}

impl<T: Sample> Sums<T> {
    fn samples(&self) -> Vec<T> {
        let plane = self.shape.plane().max(1);
        let fill = self.shape.fill.map_or_else(T::default, T::from_nodata);
        let mut samples = Vec::with_capacity(self.counts.len());
        for (cells, counts) in self.cells.chunks_exact(plane * T::LANES).zip(self.counts.chunks_exact(plane)) {
            let (real, imaginary) = cells.split_at(plane);
            for (pixel, count) in counts.iter().enumerate() {
                if *count == 0 {
                    samples.push(fill);
                    continue;
                }
                let value = |lane: &[Cell]| {
                    let sum = lane.get(pixel).map_or(0.0, |cell| cell.sum);
                    if self.of == Of::Mean { sum / f64::from(*count) } else { sum }
                };
                samples.push(match T::LANES {
                    1 => whole::<T>(value(real)),
                    _ => T::from_lanes([value(real), value(imaginary)]),
                });
            }
        }
        samples
    }

    fn deviations(&self) -> Vec<f64> {
        let fill = self.shape.fill.map_or(f64::NAN, f64::from_nodata);
        let of = |(cell, count): (&Cell, &u32)| match count {
            0 => fill,
            count => (cell.squares.max(0.0) / f64::from(*count)).sqrt(),
        };
        self.cells.iter().zip(&self.counts).map(of).collect()
    }
}

/// A number as a sample: of integers the fraction is cut off, as NumPy's `astype` does, and what lies beyond the range is cut to it.
pub(super) fn whole<T: Sample>(value: f64) -> T {
    T::from_mean(if T::MANTISSA.is_none() { value.trunc() } else { value })
}
