//! Sixteen source pixels around a place.

use super::linear::{fraction_of, some_of_four};
use super::number::{Number, Sum, Weight};
use super::places::{Places, ROW, for_each_band};
use super::taps::{Taps, all_valid};
use super::view::{Plane, View};

/// The weights of four pixels in a row.
type Weights<T> = [<<T as Number>::Sum as Sum>::Weight; 4];

/// Fills rows of all bands. `samples` has room for `bands` rows, `valid` for one or as many.
///
/// A place of whose sixteen taps one is invalid or outside is bilinear instead, as in GDAL's warper.
pub(crate) fn cubic<T: Number>(view: &View<'_, T>, places: &Places<'_>, samples: &mut [T], valid: &mut [u8]) {
    let len = places.xs.len().min(ROW);
    let mut weights: [(Weights<T>, Weights<T>); ROW] = [Default::default(); ROW];
    for ((weights, x), y) in weights.iter_mut().zip(places.xs).zip(places.ys) {
        *weights = (four_weights(fraction_of(*x)), four_weights(fraction_of(*y)));
    }
    let taps = Taps::new(view, places, -1, 2);
    for_each_band(view, len, samples, valid, |plane, out| {
        if taps.all_inner && plane.valid.is_none() {
            for ((sample, first), (wx, wy)) in out.samples.iter_mut().zip(&taps.first).zip(&weights) {
                *sample = sixteen(&plane, *first, wx, wy).map_or(T::default(), T::from_sum);
            }
            out.valid.fill(255);
            return;
        }
        let spots = taps.iter().zip(&weights).zip(places.xs.iter().zip(places.ys));
        for ((sample, valid), ((first, (wx, wy)), (x, y))) in out.samples.iter_mut().zip(out.valid).zip(spots) {
            let value = match first {
                Some(first) if all_valid(&plane, first, 4) => sixteen(&plane, first, wx, wy),
                _ => some_of_four(&plane, places, *x, *y),
            };
            (*sample, *valid) = value.map_or((T::default(), 0), |v| (T::from_sum(v), 255));
        }
    });
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
    let mut sum = T::Sum::default();
    for (row, wy) in wy.iter().enumerate() {
        let at = first + row * plane.width;
        let [a, b, c, d] = *plane.samples.get(at..)?.first_chunk::<4>()?;
        let [wa, wb, wc, wd] = *wx;
        let line = a.to_sum().times(wa).add(b.to_sum().times(wb)).add(c.to_sum().times(wc).add(d.to_sum().times(wd)));
        sum = sum.add(line.times(*wy));
    }
    Some(sum)
}

/// The value of one place, for rows whose kernels are of several sizes.
pub(super) fn one<T: Number>(
    view: &View<'_, T>,
    plane: &Plane<'_, T>,
    places: &Places<'_>,
    x: f64,
    y: f64,
) -> Option<T::Sum> {
    let taps = Taps::new(view, &Places { xs: &[x], ys: &[y], ..*places }, -1, 2);
    match taps.iter().next().flatten() {
        Some(first) if all_valid(plane, first, 4) => {
            sixteen(plane, first, &four_weights(fraction_of(x)), &four_weights(fraction_of(y)))
        }
        _ => some_of_four(plane, places, x, y),
    }
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
