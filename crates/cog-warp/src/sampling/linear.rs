//! Four source pixels around a place.

use super::number::{Number, Sum, Weight};
use super::places::{Places, ROW, below, for_each_band};
use super::taps::{Taps, all_valid};
use super::view::{Plane, View};

/// Below this sum of weights there is no value, as in GDAL's warper.
const LEAST_WEIGHT: f64 = 1e-5;

/// Fills rows of all bands. `samples` has room for `bands` rows, `valid` for one or as many.
///
/// A pixel is valid if the source pixel in which its place lies is; taps that are invalid or outside have no weight.
pub(crate) fn linear<T: Number>(view: &View<'_, T>, places: &Places<'_>, samples: &mut [T], valid: &mut [u8]) {
    let len = places.xs.len().min(ROW);
    let mut fractions = [(<T::Sum as Sum>::Weight::default(), <T::Sum as Sum>::Weight::default()); ROW];
    for ((fraction, x), y) in fractions.iter_mut().zip(places.xs).zip(places.ys) {
        *fraction = (Weight::from_f64(fraction_of(*x)), Weight::from_f64(fraction_of(*y)));
    }
    let taps = Taps::new(view, places, 0, 1);
    for_each_band(view, len, samples, valid, |plane, out| {
        if taps.all_inner && plane.valid.is_none() {
            for ((sample, first), fraction) in out.samples.iter_mut().zip(&taps.first).zip(&fractions) {
                *sample = four(&plane, *first, *fraction).map_or(T::default(), T::from_sum);
            }
            out.valid.fill(255);
            return;
        }
        let spots = taps.iter().zip(&fractions).zip(places.xs.iter().zip(places.ys));
        for ((sample, valid), ((first, fraction), (x, y))) in out.samples.iter_mut().zip(out.valid).zip(spots) {
            let value = match first {
                Some(first) if all_valid(&plane, first, 2) => four(&plane, first, *fraction),
                _ => some_of_four(&plane, places, *x, *y),
            };
            (*sample, *valid) = value.map_or((T::default(), 0), |v| (T::from_sum(v), 255));
        }
    });
}

/// How far a place is behind the middle of the pixel before it.
#[inline(always)]
pub(super) fn fraction_of(v: f64) -> f64 {
    v - 0.5 - f64::from(below(v - 0.5))
}

#[inline(always)]
fn four<T: Number>(
    plane: &Plane<'_, T>,
    first: usize,
    (x, y): (<T::Sum as Sum>::Weight, <T::Sum as Sum>::Weight),
) -> Option<T::Sum> {
    let [a, b] = *plane.samples.get(first..)?.first_chunk::<2>()?;
    let [c, d] = *plane.samples.get(first + plane.width..)?.first_chunk::<2>()?;
    let (far_x, far_y) = (x.rest(), y.rest());
    let upper = a.to_sum().times(far_x).add(b.to_sum().times(x));
    let lower = c.to_sum().times(far_x).add(d.to_sum().times(x));
    Some(upper.times(far_y).add(lower.times(y)))
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
