//! Sixteen source pixels around a place.

use super::axis::{Axis, four_weights};
use super::linear::{fraction_of, some_of_four};
use super::number::{Number, Sum};
use super::places::{Places, ROW, band_row, below, index};
use super::scratch::{Scratch, WeightRow};
use super::taps;
use super::view::{Plane, View};
use crate::vector::vectorized;

/// The weights of four pixels in a row, but for the second.
type Weights<T> = [<<T as Number>::Sum as Sum>::Weight; 3];

vectorized! {
    /// Fills rows of all bands. `columns` are those of the places' xs, if they were found before. `samples` has room for `bands` rows,
    /// `valid` for one or as many.
    ///
    /// A place of whose sixteen taps one is invalid or outside is bilinear instead, as in GDAL's warper.
    pub(crate) fn cubic<T: Number>(
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
        columns.find_cubic(places.columns());
    }
    scratch.rows.find_cubic(places.rows());
    let count = taps::find(view, places, columns, 4, scratch);
    let Scratch { first, inner, rows, fours, .. } = scratch;
    for band in 0..view.bands {
        let Some((plane, out)) = band_row(view, band, len, samples, valid) else { continue };
        let mut holds = true;
        if count > 0 {
            for (row, fours) in fours.iter_mut().enumerate() {
                first.gather(plane.samples.get(row * plane.width..).unwrap_or_default(), fours);
            }
            holds = sixteen_of_each(fours, &columns.weights, &rows.weights, out.samples);
        }
        if holds && count == len && plane.valid.is_none() {
            out.valid.fill(255);
            continue;
        }
        let spots = first.get().iter().zip(inner.iter()).zip(places.xs.iter().zip(places.ys));
        for ((sample, valid), ((first, inner), (x, y))) in out.samples.iter_mut().zip(out.valid).zip(spots) {
            *valid = 255;
            if *inner == 0 || !taps::all_valid(&plane, *first, 4) {
                (*sample, *valid) = some_of_four(&plane, places, *x, *y).map_or((T::default(), 0), |v| (v, 255));
            } else if !sample.holds() {
                *sample = sixteen(&plane, *first, *x, *y).unwrap_or_default();
            }
        }
    }
}

/// False if sums of one of them may have grown too large.
#[inline(always)]
fn sixteen_of_each<T: Number>(
    lines: &[[[T; 4]; ROW]; 4],
    [wa, _, wc, wd]: &[WeightRow<T>; 4],
    [va, _, vc, vd]: &[WeightRow<T>; 4],
    out: &mut [T],
) -> bool {
    let mut holds = true;
    let [la, lb, lc, ld] = lines;
    let taps = la.iter().zip(lb).zip(lc.iter().zip(ld));
    let weights = wa.iter().zip(wc.iter().zip(wd)).zip(va.iter().zip(vc.iter().zip(vd)));
    for (sample, (((la, lb), (lc, ld)), ((wa, (wc, wd)), (va, (vc, vd))))) in out.iter_mut().zip(taps.zip(weights)) {
        let (w, v) = ([*wa, *wc, *wd], [*va, *vc, *vd]);
        let lines = [across::<T>(la, &w), across::<T>(lb, &w), across::<T>(lc, &w), across::<T>(ld, &w)];
        *sample = T::from_sum(weighed(lines, &v));
        holds &= sample.holds();
    }
    holds
}

#[inline(always)]
fn across<T: Number>([a, b, c, d]: &[T; 4], weights: &Weights<T>) -> T::Sum {
    weighed([a.to_sum(), b.to_sum(), c.to_sum(), d.to_sum()], weights)
}

/// The second of four, and what the others differ from it by their weights: all four weights are 1 together. Of equal ones it is that value itself,
/// however weights are rounded.
#[inline(always)]
fn weighed<S: Sum>([a, b, c, d]: [S; 4], [wa, wc, wd]: &[S::Weight; 3]) -> S {
    b.add(a.minus(b).times(*wa)).add(c.minus(b).times(*wc).add(d.minus(b).times(*wd)))
}

/// The value of a place all of whose taps are there.
fn sixteen<T: Number>(plane: &Plane<'_, T>, first: usize, x: f64, y: f64) -> Option<T> {
    let (across, down): ([f64; 4], [f64; 4]) = (four_weights(fraction_of(x)), four_weights(fraction_of(y)));
    let mut sum = T::Wide::default();
    for (row, weight) in down.into_iter().enumerate() {
        let taps: &[T; 4] = plane.samples.get(first + row * plane.width..)?.first_chunk()?;
        let line = taps.iter().zip(across).fold(T::Wide::default(), |line, (v, w)| line.add(v.to_wide().times(w)));
        sum = sum.add(line.times(weight));
    }
    Some(T::from_wide(sum))
}

/// The value of one place, for rows whose kernels are of several sizes.
pub(super) fn one<T: Number>(plane: &Plane<'_, T>, places: &Places<'_>, x: f64, y: f64) -> Option<T> {
    let (column, row) = (below(x - 0.5) - 1, below(y - 0.5) - 1);
    let is_inner = places.extent.contains(x, y)
        && (column >= 0 && column < plane.width as i32 - 3)
        && (row >= 0 && row < plane.height as i32 - 3);
    let first = if is_inner { index(column, row, plane.width) } else { 0 };
    if is_inner && taps::all_valid(plane, first, 4) {
        return sixteen(plane, first, x, y);
    }
    some_of_four(plane, places, x, y)
}
