//! Where the taps of a row of places lie along one axis, and what they weigh.

use super::number::{Number, Weight};
use super::places::{ROW, below};
use super::scratch::WeightRow;

/// Along columns or rows of the source.
#[derive(Clone, Debug)]
pub(crate) struct Axis<T: Number> {
    /// The first tap of each place.
    pub(super) first: [i32; ROW],
    /// True if all places lie between the ends of the source.
    pub(super) is_inside: bool,
    /// The weights of each place, one tap after the other.
    pub(super) weights: [WeightRow<T>; 4],
}

/// Places along an axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Along<'a> {
    pub(super) places: &'a [f64],
    /// All of them are the same.
    pub(super) is_one: bool,
    /// Where the source begins and ends.
    pub(super) ends: (f64, f64),
}

impl<T: Number> Axis<T> {
    pub(crate) fn new() -> Axis<T> {
        Axis { first: [0; ROW], is_inside: false, weights: [[Default::default(); ROW]; 4] }
    }

    /// The pixels in which places lie.
    #[inline(always)]
    pub(super) fn find_nearest(&mut self, along: Along<'_>) {
        let last = along.ends.1 as i32 - 1;
        if let Some(place) = along.one() {
            self.first = [below(place).min(last); ROW];
        } else {
            self.first.iter_mut().zip(along.places).for_each(|(first, place)| *first = below(*place).min(last));
        }
        self.is_inside = along.is_inside();
    }

    /// The pixel whose middle is before each place, and how far behind it the place lies: the weight of the next.
    #[inline(always)]
    pub(super) fn find_linear(&mut self, along: Along<'_>) {
        let [fractions, ..] = &mut self.weights;
        if let Some(place) = along.one() {
            let first = below(place - 0.5);
            self.first = [first; ROW];
            *fractions = [Weight::from_f64(place - 0.5 - f64::from(first)); ROW];
        } else {
            for ((first, fraction), place) in self.first.iter_mut().zip(fractions).zip(along.places) {
                *first = below(place - 0.5);
                *fraction = Weight::from_f64(place - 0.5 - f64::from(*first));
            }
        }
        self.is_inside = along.is_inside();
    }

    /// The pixel before the one whose middle is before each place, and the weights of four from there on.
    #[inline(always)]
    pub(super) fn find_cubic(&mut self, along: Along<'_>) {
        let [a, b, c, d] = &mut self.weights;
        if let Some(place) = along.one() {
            let before = below(place - 0.5);
            self.first = [before - 1; ROW];
            let [wa, wb, wc, wd] = four_weights(place - 0.5 - f64::from(before));
            (*a, *b, *c, *d) = ([wa; ROW], [wb; ROW], [wc; ROW], [wd; ROW]);
        } else {
            let weights = a.iter_mut().zip(b).zip(c.iter_mut().zip(d));
            for ((first, ((a, b), (c, d))), place) in self.first.iter_mut().zip(weights).zip(along.places) {
                let before = below(place - 0.5);
                *first = before - 1;
                [*a, *b, *c, *d] = four_weights(place - 0.5 - f64::from(before));
            }
        }
        self.is_inside = along.is_inside();
    }
}

impl Along<'_> {
    /// The place, where all are the same.
    #[inline(always)]
    fn one(&self) -> Option<f64> {
        self.places.first().copied().filter(|_| self.is_one)
    }

    /// NaN lies nowhere.
    #[inline(always)]
    fn is_inside(&self) -> bool {
        let (low, high) = self.ends;
        let places = if self.is_one { self.places.get(..1).unwrap_or_default() } else { self.places };
        // Without branches: of several places at once.
        places.iter().fold(true, |all, place| all & (*place >= low) & (*place <= high))
    }
}

/// The weights of four pixels of which the second is `fraction` before the place.
#[inline(always)]
pub(super) fn four_weights<W: Weight>(fraction: f64) -> [W; 4] {
    let f = fraction;
    [
        W::from_f64(((-0.5 * f + 1.0) * f - 0.5) * f),
        W::from_f64((1.5 * f - 2.5) * f * f + 1.0),
        W::from_f64(((-1.5 * f + 2.0) * f + 0.5) * f),
        W::from_f64((0.5 * f - 0.5) * f * f),
    ]
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

    #[test]
    fn one_place_for_all_is_found_as_each_of_many() {
        for place in [0.2, 3.499_999_999_99, 7.5, 11.0, -0.3, f64::NAN] {
            let places = [place; ROW];
            let along = |is_one| Along { places: &places, is_one, ends: (0.0, 11.0) };
            for find in [Axis::<f32>::find_nearest, Axis::find_linear, Axis::find_cubic] {
                let (mut one, mut many) = (Axis::new(), Axis::new());
                find(&mut one, along(true));
                find(&mut many, along(false));
                assert_eq!((one.first, one.is_inside), (many.first, many.is_inside), "{place}");
                let bits = |axis: &Axis<f32>| axis.weights.map(|row| row.map(f32::to_bits));
                assert!(place.is_nan() || bits(&one) == bits(&many), "{place}");
            }
        }
    }
}
