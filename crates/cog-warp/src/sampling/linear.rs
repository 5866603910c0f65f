//! Four source pixels around a place.

use super::number::{Number, Sum, Weight};
use super::places::{Places, ROW, band_row, below};
use super::scratch::Scratch;
use super::taps;
use super::view::{Plane, View};
use crate::vector::vectorized;

/// Below this sum of weights there is no value, as in GDAL's warper.
const LEAST_WEIGHT: f64 = 1e-5;

vectorized! {
    /// Fills rows of all bands. `samples` has room for `bands` rows, `valid` for one or as many.
    ///
    /// A pixel is valid if the source pixel in which its place lies is; taps that are invalid or outside have no weight.
    pub(crate) fn linear<T: Number>(
        view: &View<'_, T>,
        places: &Places<'_>,
        scratch: &mut Scratch<T>,
        samples: &mut [T],
        valid: &mut [u8],
    ) = fill;
}

#[inline(always)]
pub(super) fn fill<T: Number>(
    view: &View<'_, T>,
    places: &Places<'_>,
    scratch: &mut Scratch<T>,
    samples: &mut [T],
    valid: &mut [u8],
) {
    let len = places.xs.len().min(ROW);
    let count = taps::find(view, places, 0, 1, scratch);
    let Scratch { first, inner, across: [fx, ..], down: [fy, ..], pairs: [upper, lower], .. } = scratch;
    for ((fx, fy), (x, y)) in fx.iter_mut().zip(fy.iter_mut()).zip(places.xs.iter().zip(places.ys)) {
        (*fx, *fy) = (Weight::from_f64(fraction_of(*x)), Weight::from_f64(fraction_of(*y)));
    }
    for band in 0..view.bands {
        let Some((plane, out)) = band_row(view, band, len, samples, valid) else { continue };
        if count > 0 {
            first.gather(plane.samples, upper);
            first.gather(plane.samples.get(plane.width..).unwrap_or_default(), lower);
            let taps = upper.iter().zip(lower.iter()).zip(fx.iter().zip(fy.iter()));
            for (sample, ((upper, lower), (fx, fy))) in out.samples.iter_mut().zip(taps) {
                *sample = T::from_sum(four(*upper, *lower, *fx, *fy));
            }
        }
        if count == len && plane.valid.is_none() {
            out.valid.fill(255);
            continue;
        }
        let spots = first.get().iter().zip(inner.iter()).zip(places.xs.iter().zip(places.ys));
        for ((sample, valid), ((first, inner), (x, y))) in out.samples.iter_mut().zip(out.valid).zip(spots) {
            *valid = 255;
            if *inner == 0 || !taps::all_valid(&plane, *first, 2) {
                let value = some_of_four(&plane, places, *x, *y);
                (*sample, *valid) = value.map_or((T::default(), 0), |v| (T::from_sum(v), 255));
            }
        }
    }
}

/// How far a place is behind the middle of the pixel before it.
#[inline(always)]
pub(super) fn fraction_of(v: f64) -> f64 {
    v - 0.5 - f64::from(below(v - 0.5))
}

#[inline(always)]
fn four<T: Number>([a, b]: [T; 2], [c, d]: [T; 2], x: <T::Sum as Sum>::Weight, y: <T::Sum as Sum>::Weight) -> T::Sum {
    let (far_x, far_y) = (x.rest(), y.rest());
    let upper = a.to_sum().times(far_x).add(b.to_sum().times(x));
    let lower = c.to_sum().times(far_x).add(d.to_sum().times(x));
    upper.times(far_y).add(lower.times(y))
}

/// The value of a place of whose taps some may be missing; `None` if the pixel in which it lies is.
pub(super) fn some_of_four<T: Number>(plane: &Plane<'_, T>, places: &Places<'_>, x: f64, y: f64) -> Option<T::Sum> {
    let (column, row) = places.extent.pixel(x, y)?;
    plane.get(column, row)?;
    let (left, top) = (below(x - 0.5), below(y - 0.5));
    let (fx, fy) = (fraction_of(x), fraction_of(y));
    let (mut sum, mut weights) = (T::Sum::default(), 0.0);
    for (dy, wy) in [(0, 1.0 - fy), (1, fy)] {
        for (dx, wx) in [(0, 1.0 - fx), (1, fx)] {
            if let Some(v) = plane.get(left + dx, top + dy) {
                sum = sum.add(v.to_sum().times(Weight::from_f64(wx * wy)));
                weights += wx * wy;
            }
        }
    }
    (weights >= LEAST_WEIGHT).then(|| sum.times(Weight::from_f64(1.0 / weights)))
}
