//! What any processor computes is what those with wide vectors compute.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::mean::{self, MeanRow, means};
use super::places::ROW;
use super::*;
use super::{cubic as cubic_module, linear as linear_module, nearest as nearest_module};

const WIDTH: usize = 50;
const HEIGHT: usize = 40;
const EXTENT: Extent = Extent { left: 0.0, top: 0.0, right: WIDTH as f64, bottom: HEIGHT as f64 };

fn view<'a, T>(samples: &'a [T], valid: Option<&'a [u8]>) -> View<'a, T> {
    let validity = valid.map_or(ViewValidity::All, ViewValidity::Shared);
    View { samples, validity, bands: 2, width: WIDTH, height: HEIGHT, alpha: None }
}

/// A row of places that begins inside, or left of the source, and runs over its right edge.
fn row(number: usize) -> (Vec<f64>, Vec<f64>) {
    let (dx, dy) = (0.61 + 0.013 * number as f64, 0.37 - 0.011 * number as f64);
    let place = |i: usize| (number as f64 * 1.7 - 9.0 + dx * i as f64, 3.3 + number as f64 * 0.71 + dy * i as f64);
    (0..ROW).map(place).unzip()
}

fn quads(number: usize) -> Quads {
    let mut quads = Quads::new();
    quads.len = ROW - number % 3;
    let (xs, ys) = row(number);
    let size = 0.3 + 0.11 * number as f64;
    for (corner, (u, v)) in [(-1.0, -1.0), (1.0, -0.9), (1.1, 1.0), (-1.0, 1.1)].into_iter().enumerate() {
        for i in 0..ROW {
            (quads.xs[corner][i], quads.ys[corner][i]) = (xs[i] + u * size + v * 0.1, ys[i] + v * size - u * 0.07);
        }
    }
    quads
}

type Fill<T> = fn(&View<'_, T>, &Places<'_>, &mut Axis<T>, &mut Scratch<T>, &mut [T], &mut [u8]);

/// What makes a row of areas.
type Areas<T> = fn(&mut MeanRow<T>, &View<'_, T>, &Quads, &Extent, &mut [T], &mut [u8]);

fn same<T: Number>(samples: &[T], bits: fn(&T) -> u64) {
    let mask: Vec<u8> = (0..WIDTH * HEIGHT).map(|i| if i % 13 == 0 { 0 } else { 255 }).collect();
    let pairs: [(Fill<T>, Fill<T>); 3] =
        [(nearest, nearest_module::fill), (linear, linear_module::fill), (cubic, cubic_module::fill)];
    for number in 0..30 {
        for valid in [None, Some(mask.as_slice())] {
            let view = view(samples, valid);
            let bits_of = |(out, valid): (Vec<T>, Vec<u8>)| (out.iter().map(bits).collect::<Vec<_>>(), valid);
            let (xs, ys) = row(number);
            let places = Places { xs: &xs, ys: &ys, extent: &EXTENT, columns_are_found: false, is_level: false };
            for (wide, plain) in pairs {
                let make = |fill: Fill<T>| {
                    let (mut out, mut valid) = (vec![T::default(); 2 * ROW], vec![0; ROW]);
                    fill(&view, &places, &mut Axis::new(), &mut Scratch::new(), &mut out, &mut valid);
                    (out, valid)
                };
                assert_eq!(bits_of(make(wide)), bits_of(make(plain)), "{number}");
            }
            let quads = quads(number);
            let make = |fill: Areas<T>| {
                let (mut out, mut valid) = (vec![T::default(); 2 * quads.len], vec![0; quads.len]);
                fill(&mut MeanRow::new(), &view, &quads, &EXTENT, &mut out, &mut valid);
                (out, valid)
            };
            assert_eq!(bits_of(make(means)), bits_of(make(mean::fill)), "{number}");
        }
    }
}

#[test]
fn wide_vectors_give_the_same_bits() {
    every_type_is_the_same();
}

/// Processors with wider ones do not use them otherwise.
#[cfg(target_arch = "x86_64")]
#[test]
fn vectors_that_are_less_wide_give_the_same_bits() {
    use crate::vector::{AT_MOST, Widest};
    AT_MOST.set(Widest::Avx2);
    every_type_is_the_same();
}

fn every_type_is_the_same() {
    let value = |i: usize| ((i * 7919) % 251) as f32;
    same(&(0..2 * WIDTH * HEIGHT).map(|i| value(i) as u8).collect::<Vec<_>>(), |v| u64::from(*v));
    same(&(0..2 * WIDTH * HEIGHT).map(|i| value(i) * 0.37 - 40.0).collect::<Vec<_>>(), |v| u64::from(v.to_bits()));
    same(&(0..2 * WIDTH * HEIGHT).map(|i| value(i) as i16 - 120).collect::<Vec<_>>(), |v| *v as u64);
}
