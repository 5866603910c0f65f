//! Kernels of any size.

use super::cubic;
use super::linear::some_of_four;
use super::number::{Number, Sum};
use super::places::{Places, ROW, band_row};
use super::view::{Plane, View};
use crate::method::Kernel;

/// Below this sum of weights there is no value, as in GDAL's warper.
const LEAST_WEIGHT: f64 = 1e-6;

/// Rows of a kernel that is as wide as each pixel of the output needs it, with the memory they use.
#[derive(Clone, Debug)]
pub(crate) struct KernelRow {
    kernel: Kernel,
    columns: Vec<f64>,
    rows: Vec<f64>,
}

/// Taps along one axis: the first of them; their weights lie in a buffer.
#[derive(Clone, Copy)]
struct Line {
    first: i32,
}

impl KernelRow {
    pub(crate) fn new(kernel: Kernel) -> KernelRow {
        KernelRow { kernel, columns: Vec::new(), rows: Vec::new() }
    }

    /// Fills rows of all bands. `sizes` are those of the output's pixels, in source pixels along x and y. `samples` has room for
    /// `bands` rows, `valid` for one or as many.
    ///
    /// A pixel is valid if the source pixel in which its place lies is; taps that are invalid or outside have no weight.
    pub(crate) fn fill<T: Number>(
        &mut self,
        view: &View<'_, T>,
        places: &Places<'_>,
        sizes: &[(f64, f64)],
        samples: &mut [T],
        valid: &mut [u8],
    ) {
        let len = places.xs.len().min(ROW);
        for band in 0..view.bands {
            let Some((plane, out)) = band_row(view, band, len, samples, valid) else { continue };
            let spots = places.xs.iter().zip(places.ys).zip(sizes);
            for ((sample, valid), ((x, y), size)) in out.samples.iter_mut().zip(out.valid).zip(spots) {
                let value = self.value(&plane, places, (*x, *y), *size);
                (*sample, *valid) = value.map_or((T::default(), 0), |v| (v, 255));
            }
        }
    }

    fn value<T: Number>(
        &mut self,
        plane: &Plane<'_, T>,
        places: &Places<'_>,
        (x, y): (f64, f64),
        size: (f64, f64),
    ) -> Option<T> {
        let widening = (self.kernel.widening(size.0), self.kernel.widening(size.1));
        if widening == (1.0, 1.0) {
            match self.kernel {
                Kernel::Bilinear => return some_of_four(plane, places, x, y),
                Kernel::Cubic => return cubic::one(plane, places, x, y),
                Kernel::CubicSpline | Kernel::Lanczos => {}
            }
        }
        let (column, row) = places.extent.pixel(x, y)?;
        plane.get(column, row)?;
        let across = line(self.kernel, x, widening.0, plane.width, &mut self.columns)?;
        let down = line(self.kernel, y, widening.1, plane.height, &mut self.rows)?;
        let (mut sum, mut weights) = (T::Wide::default(), 0.0);
        for (row, wy) in (down.first..).zip(&self.rows) {
            for (column, wx) in (across.first..).zip(&self.columns) {
                let weight = wx * wy;
                if weight != 0.0
                    && let Some(v) = plane.get(column, row)
                {
                    sum = sum.add(v.to_wide().times(weight));
                    weights += weight;
                }
            }
        }
        if self.kernel == Kernel::Lanczos && !lanczos_sees_half(plane, (x, y), widening) {
            return None;
        }
        (weights >= LEAST_WEIGHT).then(|| T::from_wide(sum.times(1.0 / weights)))
    }
}

/// Whether at least half of the pixels that a widened Lanczos kernel around a place reaches, of those that there are, hold data: GDAL makes nothing
/// of fewer.
pub(crate) fn lanczos_sees_half<T: Number>(plane: &Plane<'_, T>, place: (f64, f64), widening: (f64, f64)) -> bool {
    if plane.valid.is_none() {
        return true;
    }
    let within = |place: f64, widening: f64, length: usize| {
        let reach = Kernel::Lanczos.radius() * widening;
        let first = (place - 0.5 - reach).ceil().max(0.0) as i32;
        first..((place - 0.5 + reach).floor() as i32 + 1).min(i32::try_from(length).unwrap_or(i32::MAX))
    };
    let (columns, rows) = (within(place.0, widening.0, plane.width), within(place.1, widening.1, plane.height));
    let least = columns.len() * rows.len() / 2;
    let pixels = rows.flat_map(|row| columns.clone().map(move |column| (column, row)));
    pixels.filter(|(column, row)| plane.get(*column, *row).is_some()).take(least).count() == least
}

/// The pixels from 0 to `length` that a kernel around a place reaches, and their weights.
fn line(kernel: Kernel, place: f64, widening: f64, length: usize, weights: &mut Vec<f64>) -> Option<Line> {
    let reach = kernel.radius() * widening;
    let first = (place - reach - 0.5).max(0.0) as i32;
    let end = ((place + reach + 1.5) as i32).min(i32::try_from(length).ok()?);
    weights.clear();
    weights.extend((first..end).map(|i| kernel.weight((f64::from(i) + 0.5 - place) / widening)));
    Some(Line { first })
}
