//! Four source pixels around a place.

use super::axis::Axis;
use super::number::{Number, Sum, Weight};
use super::places::{Places, ROW, band_row, below};
use super::scratch::Scratch;
use super::taps;
use super::view::{Plane, View};
use crate::vector::vectorized;

/// Below this sum of weights there is no value, as in GDAL's warper.
const LEAST_WEIGHT: f64 = 1e-5;

vectorized! {
    /// Fills rows of all bands. `columns` are those of the places' xs, if they were found before. `samples` has room for `bands` rows,
    /// `valid` for one or as many.
    ///
    /// A pixel is valid if the source pixel in which its place lies is; taps that are invalid or outside have no weight.
    pub(crate) fn linear<T: Number>(
        view: &View<'_, T>,
        places: &Places<'_>,
        columns: &mut Axis<T>,
        scratch: &mut Scratch<T>,
        samples: &mut [T],
        valid: &mut [u8],
    ) = fill;
}

#[inline(always)]
pub(super) fn fill<T: Number>(
    view: &View<'_, T>,
    places: &Places<'_>,
    columns: &mut Axis<T>,
    scratch: &mut Scratch<T>,
    samples: &mut [T],
    valid: &mut [u8],
) {
    let len = places.xs.len().min(ROW);
    if !places.columns_are_found {
        columns.find_linear(places.columns());
    }
    scratch.rows.find_linear(places.rows());
    let count = taps::find(view, places, columns, 2, scratch);
    let Scratch { first, inner, rows, pairs: [upper, lower], .. } = scratch;
    let ([fx, ..], [fy, ..]) = (&columns.weights, &rows.weights);
    for band in 0..view.bands {
        let Some((plane, out)) = band_row(view, band, len, samples, valid) else { continue };
        let mut holds = true;
        if count > 0 {
            first.expect(plane.samples, taps::ROWS_AHEAD * plane.width);
            first.gather(plane.samples, upper);
            first.gather(plane.samples.get(plane.width..).unwrap_or_default(), lower);
            let taps = upper.iter().zip(lower.iter()).zip(fx.iter().zip(fy.iter()));
            for (sample, ((upper, lower), (fx, fy))) in out.samples.iter_mut().zip(taps) {
                *sample = T::from_sum(four(*upper, *lower, *fx, *fy));
                holds &= sample.holds();
            }
        }
        if holds && count == len && plane.valid.is_none() {
            out.valid.fill(255);
            continue;
        }
        let spots = first.get().iter().zip(inner.iter()).zip(places.xs.iter().zip(places.ys));
        for ((sample, valid), ((first, inner), (x, y))) in out.samples.iter_mut().zip(out.valid).zip(spots) {
            *valid = 255;
            if *inner == 0 || !sample.holds() || !taps::all_valid(&plane, *first, 2) {
                (*sample, *valid) = some_of_four(&plane, places, *x, *y).map_or((T::default(), 0), |v| (v, 255));
            }
        }
    }
}

/// How far a place is behind the middle of the pixel before it.
#[inline(always)]
pub(super) fn fraction_of(v: f64) -> f64 {
    v - 0.5 - f64::from(below(v - 0.5))
}

/// The nearer of two, and a part of what the other one differs by: of two that are equal it is that value itself, however fractions are rounded,
/// and of others none beyond them.
#[inline(always)]
fn between<S: Sum>(a: S, b: S, fraction: S::Weight) -> S {
    let rest = fraction.rest();
    let (near, far, fraction) = if fraction < rest { (a, b, fraction) } else { (b, a, rest) };
    near.add(far.minus(near).times(fraction))
}

#[inline(always)]
fn four<T: Number>([a, b]: [T; 2], [c, d]: [T; 2], x: <T::Sum as Sum>::Weight, y: <T::Sum as Sum>::Weight) -> T::Sum {
    let (upper, lower) = (between(a.to_sum(), b.to_sum(), x), between(c.to_sum(), d.to_sum(), x));
    between(upper, lower, y)
}

/// The value of a place of whose taps some may be missing; `None` if the pixel in which it lies is.
pub(super) fn some_of_four<T: Number>(plane: &Plane<'_, T>, places: &Places<'_>, x: f64, y: f64) -> Option<T> {
    let (column, row) = places.extent.pixel(x, y)?;
    plane.get(column, row)?;
    let (left, top) = (below(x - 0.5), below(y - 0.5));
    let (fx, fy) = (fraction_of(x), fraction_of(y));
    let (mut sum, mut weights) = (T::Wide::default(), 0.0);
    for (dy, wy) in [(0, 1.0 - fy), (1, fy)] {
        for (dx, wx) in [(0, 1.0 - fx), (1, fx)] {
            if let Some(v) = plane.get(left + dx, top + dy) {
                sum = sum.add(v.to_wide().times(wx * wy));
                weights += wx * wy;
            }
        }
    }
    (weights >= LEAST_WEIGHT).then(|| T::from_wide(sum.times(1.0 / weights)))
}
