//! From sums and means to samples.

use super::vectorized;
use crate::pixels::sample::Sample;

vectorized! {
    /// Means of `2^shift` small integers.
    fn small_means<T: Sample>(sums: &[i32], shift: u32, samples: &mut [T]) = small_means_body;
}

#[inline(always)]
fn small_means_body<T: Sample>(sums: &[i32], shift: u32, samples: &mut [T]) {
    for (sample, sum) in samples.iter_mut().zip(sums) {
        *sample = T::small_mean(*sum, shift);
    }
}

vectorized! {
    /// Means of two columns of two rows of small integers.
    fn small_means_of_four<T: Sample>(upper: &[T], lower: &[T], samples: &mut [T]) = small_means_of_four_body;
}

#[inline(always)]
fn small_means_of_four_body<T: Sample>(upper: &[T], lower: &[T], samples: &mut [T]) {
    for (sample, pairs) in samples.iter_mut().zip(upper.chunks_exact(2).zip(lower.chunks_exact(2))) {
        if let ([a, b], [c, d]) = pairs {
            *sample = T::small_mean(a.small() + b.small() + c.small() + d.small(), 2);
        }
    }
}

vectorized! {
    /// Means of two columns of two rows: columns are added up first, from 0, as [`super::add_wide`] and [`pair_means`] do.
    fn means_of_four<T: Sample>(upper: &[T], lower: &[T], samples: &mut [T]) = means_of_four_body;
}

#[inline(always)]
fn means_of_four_body<T: Sample>(upper: &[T], lower: &[T], samples: &mut [T]) {
    for (sample, pairs) in samples.iter_mut().zip(upper.chunks_exact(2).zip(lower.chunks_exact(2))) {
        if let ([a, b], [c, d]) = pairs {
            let (left, right) = (0.0 + a.lane(0) + c.lane(0), 0.0 + b.lane(0) + d.lane(0));
            *sample = T::from_lanes([(left + right) / 4.0, 0.0]);
        }
    }
}

vectorized! {
    /// Samples of kernel sums.
    fn from_sums<T: Sample>(sums: &[f64], samples: &mut [T]) = from_sums_body;
}

#[inline(always)]
fn from_sums_body<T: Sample>(sums: &[f64], samples: &mut [T]) {
    for (sample, sum) in samples.iter_mut().zip(sums) {
        *sample = T::from_lanes([*sum, 0.0]);
    }
}

vectorized! {
    /// Samples of means.
    fn from_means<T: Sample>(means: &[f64], samples: &mut [T]) = from_means_body;
}

#[inline(always)]
fn from_means_body<T: Sample>(means: &[f64], samples: &mut [T]) {
    for (sample, mean) in samples.iter_mut().zip(means) {
        *sample = T::from_mean(*mean);
    }
}

vectorized! {
    /// Samples of means of squares.
    fn from_mean_squares<T: Sample>(means: &[f64], samples: &mut [T]) = from_mean_squares_body;
}

#[inline(always)]
fn from_mean_squares_body<T: Sample>(means: &[f64], samples: &mut [T]) {
    for (sample, mean) in samples.iter_mut().zip(means) {
        *sample = T::from_mean_square(*mean);
    }
}

vectorized! {
    /// Sums of pairs, divided.
    fn pair_means(sums: &[f64], count: f64, means: &mut [f64]) = pair_means_body;
}

#[inline(always)]
fn pair_means_body(sums: &[f64], count: f64, means: &mut [f64]) {
    for (mean, pair) in means.iter_mut().zip(sums.chunks_exact(2)) {
        if let [a, b] = pair {
            *mean = (a + b) / count;
        }
    }
}

vectorized! {
    /// Roots of the means of `2^shift` squares of 8-bit samples, rounded as [`Sample::from_mean_square`] does: exact in f32.
    fn small_roots(sums: &[i32], shift: u32, roots: &mut [f32]) = small_roots_body;
}

#[inline(always)]
fn small_roots_body(sums: &[i32], shift: u32, roots: &mut [f32]) {
    let share = 1.0 / (1u32 << shift) as f32;
    for (to, sum) in roots.iter_mut().zip(sums) {
        let square = *sum as f32 * share;
        let root = square.sqrt().floor();
        *to = if square > root * (root + 1.0) + 0.5 { root + 1.0 } else { root };
    }
}
