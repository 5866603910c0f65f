//! Sixteen source pixels around a place.

use super::linear::{fraction_of, some_of_four};
use super::number::{Number, Sum, Weight};
use super::places::{Places, ROW, band_row, below, index};
use super::scratch::{Scratch, WeightRow};
use super::taps;
use super::view::{Plane, View};
use crate::vector::vectorized;

/// The weights of four pixels in a row.
type Weights<T> = [<<T as Number>::Sum as Sum>::Weight; 4];

vectorized! {
    /// Fills rows of all bands. `samples` has room for `bands` rows, `valid` for one or as many.
    ///
    /// A place of whose sixteen taps one is invalid or outside is bilinear instead, as in GDAL's warper.
    pub(crate) fn cubic<T: Number>(
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
    let count = taps::find(view, places, -1, 2, scratch);
    weigh::<T>(places.xs, &mut scratch.across);
    weigh::<T>(places.ys, &mut scratch.down);
    let Scratch { first, inner, across, down, fours, .. } = scratch;
    for band in 0..view.bands {
        let Some((plane, out)) = band_row(view, band, len, samples, valid) else { continue };
        if count > 0 {
            for (row, fours) in fours.iter_mut().enumerate() {
                first.gather(plane.samples.get(row * plane.width..).unwrap_or_default(), fours);
            }
            sixteen_of_each(fours, across, down, out.samples);
        }
        if count == len && plane.valid.is_none() {
            out.valid.fill(255);
            continue;
        }
        let spots = first.get().iter().zip(inner.iter()).zip(places.xs.iter().zip(places.ys));
        for ((sample, valid), ((first, inner), (x, y))) in out.samples.iter_mut().zip(out.valid).zip(spots) {
            *valid = 255;
            if *inner == 0 || !taps::all_valid(&plane, *first, 4) {
                let value = some_of_four(&plane, places, *x, *y);
                (*sample, *valid) = value.map_or((T::default(), 0), |v| (T::from_sum(v), 255));
            }
        }
    }
}

/// The weights of the four taps of a row of places along one axis.
#[inline(always)]
fn weigh<T: Number>(places: &[f64], [a, b, c, d]: &mut [WeightRow<T>; 4]) {
    for ((((a, b), c), d), place) in a.iter_mut().zip(b).zip(c).zip(d).zip(places) {
        [*a, *b, *c, *d] = four_weights(fraction_of(*place));
    }
}

#[inline(always)]
fn sixteen_of_each<T: Number>(
    lines: &[[[T; 4]; ROW]; 4],
    [wa, wb, wc, wd]: &[WeightRow<T>; 4],
    [va, vb, vc, vd]: &[WeightRow<T>; 4],
    out: &mut [T],
) {
    let [la, lb, lc, ld] = lines;
    let taps = la.iter().zip(lb).zip(lc.iter().zip(ld));
    let weights = wa.iter().zip(wb).zip(wc.iter().zip(wd)).zip(va.iter().zip(vb).zip(vc.iter().zip(vd)));
    for (sample, (((la, lb), (lc, ld)), (((wa, wb), (wc, wd)), ((va, vb), (vc, vd))))) in
        out.iter_mut().zip(taps.zip(weights))
    {
        let w = [*wa, *wb, *wc, *wd];
        let sum = across(la, &w)
            .times(*va)
            .add(across(lb, &w).times(*vb))
            .add(across(lc, &w).times(*vc).add(across(ld, &w).times(*vd)));
        *sample = T::from_sum(sum);
    }
}

#[inline(always)]
fn across<T: Number>([a, b, c, d]: &[T; 4], [wa, wb, wc, wd]: &Weights<T>) -> T::Sum {
    a.to_sum().times(*wa).add(b.to_sum().times(*wb)).add(c.to_sum().times(*wc).add(d.to_sum().times(*wd)))
}

/// The weights of four pixels of which the second is `fraction` before the place.
#[inline(always)]
fn four_weights<W: Weight>(fraction: f64) -> [W; 4] {
    let f = fraction;
    [
        W::from_f64(((-0.5 * f + 1.0) * f - 0.5) * f),
        W::from_f64((1.5 * f - 2.5) * f * f + 1.0),
        W::from_f64(((-1.5 * f + 2.0) * f + 0.5) * f),
        W::from_f64((0.5 * f - 0.5) * f * f),
    ]
}

#[inline(always)]
fn sixteen<T: Number>(plane: &Plane<'_, T>, first: usize, wx: &Weights<T>, wy: &Weights<T>) -> Option<T::Sum> {
    let line = |row: usize| Some(across(plane.samples.get(first + row * plane.width..)?.first_chunk()?, wx));
    let [a, b, c, d] = *wy;
    Some(line(0)?.times(a).add(line(1)?.times(b)).add(line(2)?.times(c).add(line(3)?.times(d))))
}

/// The value of one place, for rows whose kernels are of several sizes.
pub(super) fn one<T: Number>(plane: &Plane<'_, T>, places: &Places<'_>, x: f64, y: f64) -> Option<T::Sum> {
    let (column, row) = (below(x - 0.5) - 1, below(y - 0.5) - 1);
    let is_inner = places.extent.contains(x, y)
        && (column >= 0 && column < plane.width as i32 - 3)
        && (row >= 0 && row < plane.height as i32 - 3);
    let first = if is_inner { index(column, row, plane.width) } else { 0 };
    if is_inner && taps::all_valid(plane, first, 4) {
        return sixteen(plane, first, &four_weights(fraction_of(x)), &four_weights(fraction_of(y)));
    }
    some_of_four(plane, places, x, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::method::Kernel;

    #[test]
    fn the_four_weights_are_those_of_the_kernel() {
        for i in 0..=100 {
            let f = f64::from(i) / 100.0;
            let weights: [f64; 4] = four_weights(f);
            for (w, distance) in weights.iter().zip([1.0 + f, f, 1.0 - f, 2.0 - f]) {
                assert!((w - Kernel::Cubic.weight(distance)).abs() < 1e-15, "{f} {distance}");
            }
        }
    }
}
