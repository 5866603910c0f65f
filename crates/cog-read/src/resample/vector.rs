//! The inner loops, compiled for the widest vectors the processor has. No fused multiply-add: it rounds once where GDAL
//! rounds twice.
#![allow(unsafe_code)]

use super::Numeric;
use super::weighted::{Phases, Weighted};

/// Output columns side by side.
pub(crate) const LANES: usize = 32;

/// Samples that one register-sized step of a loop takes.
const STEP: usize = 16;

/// A length that the loops need no remainder for.
pub(crate) fn padded(len: usize) -> usize {
    len.next_multiple_of(STEP)
}

/// Declares a function twice: for any processor, and for those with AVX2, chosen at run time.
macro_rules! dispatch {
    ($(#[$doc:meta])* fn $name:ident $(<$t:ident: $bound:ident>)? ($($arg:ident: $type:ty),* $(,)?) = $body:ident;) => {
        $(#[$doc])*
        pub(crate) fn $name $(<$t: $bound>)? ($($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2 $(<$t: $bound>)? ($($arg: $type),*) {
                    $body($($arg),*);
                }
                if std::arch::is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2.
                    return unsafe { avx2($($arg),*) };
                }
            }
            $body($($arg),*);
        }
    };
}

/// The whole number towards 0, between `min` and `max`. What `as` does, but in vectors.
#[inline(always)]
pub(crate) fn truncate(v: f32, min: i16, max: u16) -> i32 {
    let v = v.max(f32::from(min)).min(f32::from(max));
    // SAFETY: both bounds fit an i32, and `max` with a number leaves no NaN.
    unsafe { v.to_int_unchecked() }
}

/// As [`truncate`].
#[inline(always)]
pub(crate) fn truncate_wide(v: f64, min: i16, max: u16) -> i32 {
    let v = v.max(f64::from(min)).min(f64::from(max));
    // SAFETY: both bounds fit an i32, and `max` with a number leaves no NaN.
    unsafe { v.to_int_unchecked() }
}

dispatch! {
    /// Adds one number of each sample of `lines` (each as long as `sums`, one after the other) times the line's weight to `sums`;
    /// `first` puts them there.
    fn add_lines<T: Numeric>(
        sums: &mut [f64],
        lines: &[T],
        lane: usize,
        weights: &[f64],
        first: bool,
    ) = add_lines_body;
}

#[inline(always)]
fn add_lines_body<T: Numeric>(sums: &mut [f64], lines: &[T], lane: usize, weights: &[f64], first: bool) {
    let width = sums.len().max(1);
    for (at, sums) in sums.chunks_exact_mut(STEP).enumerate() {
        let mut held = [0.0; STEP];
        if !first {
            held.copy_from_slice(sums);
        }
        for (line, weight) in lines.chunks_exact(width).zip(weights) {
            let Some(line) = line.get(at * STEP..(at + 1) * STEP) else { continue };
            for (held, sample) in held.iter_mut().zip(line) {
                *held += sample.lane(lane) * weight;
            }
        }
        sums.copy_from_slice(&held);
    }
}

dispatch! {
    /// One number of each sample as a double.
    fn widen<T: Numeric>(samples: &[T], lane: usize, line: &mut [f64]) = widen_body;
}

#[inline(always)]
fn widen_body<T: Numeric>(samples: &[T], lane: usize, line: &mut [f64]) {
    for (v, sample) in line.iter_mut().zip(samples) {
        *v = sample.lane(lane);
    }
}

dispatch! {
    /// Weighted sums of neighbours, one for each output column.
    fn convolve(line: &[f64], columns: &Weighted, sums: &mut [f64]) = convolve_body;
}

#[inline(always)]
fn convolve_body(line: &[f64], columns: &Weighted, sums: &mut [f64]) {
    let Some(phases) = columns.phases() else {
        return convolve_apart(line, columns.iter(), sums);
    };
    let (start, end) = (phases.columns.start, phases.columns.end.min(sums.len()));
    if let Some(sums) = sums.get_mut(..start) {
        convolve_apart(line, columns.some(0..start), sums);
    }
    if let Some(sums) = sums.get_mut(end..) {
        convolve_apart(line, columns.some(end..usize::MAX), sums);
    }
    if let Some(sums) = sums.get_mut(start..end) {
        convolve_phases(line, phases, sums);
    }
}

/// Column by column, each with weights of its own. A loop, not a closure: those are compiled apart, for any processor.
#[inline(always)]
fn convolve_apart<'a>(line: &[f64], columns: impl Iterator<Item = (usize, &'a [f64])>, sums: &mut [f64]) {
    for (sum, (first, weights)) in sums.iter_mut().zip(columns) {
        *sum = dot(line.get(first..first + weights.len()).unwrap_or_default(), weights);
    }
}

/// Source columns whose output columns are made together.
const RUN: usize = 32;

/// Column by column of the period, so that neighbours are in one vector.
#[inline(always)]
fn convolve_phases(line: &[f64], phases: &Phases, sums: &mut [f64]) {
    let period = phases.period.len().max(1);
    for (run, sums) in sums.chunks_mut(RUN * period).enumerate() {
        for (phase, (first, weights)) in phases.period.iter().enumerate() {
            let mut held = [0.0; RUN];
            let line = line.get(first + run * RUN..).unwrap_or_default();
            match line.get(..RUN - 1 + weights.len()) {
                Some(line) => dot_run(line, weights, &mut held),
                None => {
                    for (held, at) in held.iter_mut().zip(0..line.len()) {
                        *held = line.get(at..at + weights.len()).map_or(0.0, |values| dot(values, weights));
                    }
                }
            }
            for (sums, held) in sums.chunks_exact_mut(period).zip(&held) {
                if let Some(sum) = sums.get_mut(phase) {
                    *sum = *held;
                }
            }
        }
    }
}

/// [`dot`] of each value and those behind it.
#[inline(always)]
fn dot_run(line: &[f64], weights: &[f64], sums: &mut [f64; RUN]) {
    let from = |at: usize| line.get(at..).and_then(|line| line.first_chunk::<RUN>()).unwrap_or(&[0.0; RUN]);
    match weights {
        [u, v] => {
            let (a, b) = (from(0), from(1));
            sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum = a * u + b * v);
        }
        [u, v, w, x] => {
            let (a, b, c, d) = (from(0), from(1), from(2), from(3));
            let values = a.iter().zip(b).zip(c.iter().zip(d));
            sums.iter_mut().zip(values).for_each(|(sum, ((a, b), (c, d)))| *sum = (a * u + c * w) + (b * v + d * x));
        }
        [u, v, w, x, y, z] => {
            let (a, b, c, d, e, f) = (from(0), from(1), from(2), from(3), from(4), from(5));
            let values = a.iter().zip(b).zip(c.iter().zip(d)).zip(e.iter().zip(f));
            sums.iter_mut().zip(values).for_each(|(sum, (((a, b), (c, d)), (e, f)))| {
                *sum = (a * u + c * w + e * y) + (b * v + d * x + f * z);
            });
        }
        _ => {
            for (sum, values) in sums.iter_mut().zip(line.windows(weights.len().max(1))) {
                *sum = dot(values, weights);
            }
        }
    }
}

/// Sum of products.
#[inline(always)]
fn dot(values: &[f64], weights: &[f64]) -> f64 {
    match (values, weights) {
        ([a, b], [u, v]) => a * u + b * v,
        ([a, b, c], [u, v, w]) => (a * u + b * v) + c * w,
        ([a, b, c, d], [u, v, w, x]) => (a * u + c * w) + (b * v + d * x),
        ([a, b, c, d, e, f], [u, v, w, x, y, z]) => (a * u + c * w + e * y) + (b * v + d * x + f * z),
        _ => dot_many(values, weights),
    }
}

/// In four partial sums.
#[inline(always)]
fn dot_many(values: &[f64], weights: &[f64]) -> f64 {
    let mut parts = [0.0; 4];
    let (values, weights) = (values.chunks_exact(4), weights.chunks_exact(4));
    let rest = values.remainder().iter().zip(weights.remainder()).fold(0.0, |sum, (v, w)| sum + v * w);
    for (values, weights) in values.zip(weights) {
        for ((part, v), w) in parts.iter_mut().zip(values).zip(weights) {
            *part += v * w;
        }
    }
    let [a, b, c, d] = parts;
    (a + c) + (b + d) + rest
}

dispatch! {
    /// Adds small integers (their squares if `squares`) to integer sums.
    fn add_small<T: Numeric>(sums: &mut [i32], samples: &[T], squares: bool) = add_small_body;
}

#[inline(always)]
fn add_small_body<T: Numeric>(sums: &mut [i32], samples: &[T], squares: bool) {
    if squares {
        for (sum, sample) in sums.iter_mut().zip(samples) {
            *sum += sample.small() * sample.small();
        }
    } else {
        for (sum, sample) in sums.iter_mut().zip(samples) {
            *sum += sample.small();
        }
    }
}

dispatch! {
    /// Adds a line times its weight to sums.
    fn add_line(sums: &mut [f64], line: &[f64], weight: f64) = add_line_body;
}

#[inline(always)]
fn add_line_body(sums: &mut [f64], line: &[f64], weight: f64) {
    for (sum, v) in sums.iter_mut().zip(line) {
        *sum += v * weight;
    }
}

dispatch! {
    /// Adds the sums of pairs of small integers (their squares if `squares`) to integer sums.
    fn add_pairs<T: Numeric>(sums: &mut [i32], samples: &[T], squares: bool) = add_pairs_body;
}

#[inline(always)]
fn add_pairs_body<T: Numeric>(sums: &mut [i32], samples: &[T], squares: bool) {
    let pairs = sums.iter_mut().zip(samples.chunks_exact(2));
    if squares {
        for (sum, pair) in pairs {
            if let [a, b] = pair {
                *sum += a.small() * a.small() + b.small() * b.small();
            }
        }
    } else {
        for (sum, pair) in pairs {
            if let [a, b] = pair {
                *sum += a.small() + b.small();
            }
        }
    }
}

dispatch! {
    /// Means of `2^shift` small integers.
    fn small_means<T: Numeric>(sums: &[i32], shift: u32, samples: &mut [T]) = small_means_body;
}

#[inline(always)]
fn small_means_body<T: Numeric>(sums: &[i32], shift: u32, samples: &mut [T]) {
    for (sample, sum) in samples.iter_mut().zip(sums) {
        *sample = T::small_mean(*sum, shift);
    }
}

dispatch! {
    /// Samples of kernel sums.
    fn from_sums<T: Numeric>(sums: &[f64], samples: &mut [T]) = from_sums_body;
}

#[inline(always)]
fn from_sums_body<T: Numeric>(sums: &[f64], samples: &mut [T]) {
    for (sample, sum) in samples.iter_mut().zip(sums) {
        *sample = T::from_lanes([*sum, 0.0]);
    }
}

dispatch! {
    /// Samples of means.
    fn from_means<T: Numeric>(means: &[f64], samples: &mut [T]) = from_means_body;
}

#[inline(always)]
fn from_means_body<T: Numeric>(means: &[f64], samples: &mut [T]) {
    for (sample, mean) in samples.iter_mut().zip(means) {
        *sample = T::from_mean(*mean);
    }
}

dispatch! {
    /// Samples of means of squares.
    fn from_mean_squares<T: Numeric>(means: &[f64], samples: &mut [T]) = from_mean_squares_body;
}

#[inline(always)]
fn from_mean_squares_body<T: Numeric>(means: &[f64], samples: &mut [T]) {
    for (sample, mean) in samples.iter_mut().zip(means) {
        *sample = T::from_mean_square(*mean);
    }
}

dispatch! {
    /// Adds one number of each sample (its square if `squares`) to sums.
    fn add_wide<T: Numeric>(sums: &mut [f64], samples: &[T], lane: usize, squares: bool) = add_wide_body;
}

#[inline(always)]
fn add_wide_body<T: Numeric>(sums: &mut [f64], samples: &[T], lane: usize, squares: bool) {
    if squares {
        for (sum, sample) in sums.iter_mut().zip(samples) {
            let v = sample.lane(lane);
            *sum += v * v;
        }
    } else {
        for (sum, sample) in sums.iter_mut().zip(samples) {
            *sum += sample.lane(lane);
        }
    }
}

dispatch! {
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

dispatch! {
    /// Roots of the means of `2^shift` squares of 8-bit samples, rounded as [`Numeric::from_mean_square`] does: exact in f32.
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

dispatch! {
    /// Adds a weight where lines are valid (1, not 0).
    fn add_weight(sums: &mut [f64], valid: &[u8], weight: f64) = add_weight_body;
}

#[inline(always)]
fn add_weight_body(sums: &mut [f64], valid: &[u8], weight: f64) {
    for (sum, valid) in sums.iter_mut().zip(valid) {
        *sum += weight * f64::from(*valid);
    }
}

dispatch! {
    /// Goes on with runs of valid lines, by as many.
    fn add_runs(runs: &mut [u32], longest: &mut [u32], valid: &[u8], lines: u32) = add_runs_body;
}

#[inline(always)]
fn add_runs_body(runs: &mut [u32], longest: &mut [u32], valid: &[u8], lines: u32) {
    for ((run, longest), valid) in runs.iter_mut().zip(longest).zip(valid) {
        *run = (*run + lines) * u32::from(*valid);
        *longest = (*run).max(*longest);
    }
}

dispatch! {
    /// Of each lane the value that first has the largest count, and that count. `valid`, where it is not empty, holds 0 for what
    /// does not count.
    fn most_frequent<T: Numeric>(
        values: &[[T; LANES]],
        valid: &[[T::Count; LANES]],
        found: &mut [T; LANES],
        best: &mut [T::Count; LANES],
    ) = most_frequent_body;
}

#[inline(always)]
fn most_frequent_body<T: Numeric>(
    values: &[[T; LANES]],
    valid: &[[T::Count; LANES]],
    found: &mut [T; LANES],
    best: &mut [T::Count; LANES],
) {
    let none = T::Count::default();
    let one = T::Count::from(true);
    for (k, of) in values.iter().enumerate() {
        let before = values.get(..k).unwrap_or_default();
        let mut counts = [one; LANES];
        match valid.get(..k) {
            Some(valid) => {
                for (other, valid) in before.iter().zip(valid) {
                    for ((count, valid), (a, b)) in counts.iter_mut().zip(valid).zip(other.iter().zip(of)) {
                        *count += if a.same(*b) { *valid } else { none };
                    }
                }
            }
            None => {
                for other in before {
                    for (count, (a, b)) in counts.iter_mut().zip(other.iter().zip(of)) {
                        *count += T::Count::from(a.same(*b));
                    }
                }
            }
        }
        if let Some(valid) = valid.get(k) {
            counts.iter_mut().zip(valid).for_each(|(count, valid)| *count = if *valid == none { none } else { *count });
        }
        for ((found, best), (count, v)) in found.iter_mut().zip(best.iter_mut()).zip(counts.iter().zip(of)) {
            *found = if *count > *best { *v } else { *found };
            *best = (*best).max(*count);
        }
    }
    if T::FORMS {
        // The first of those that are the same.
        for (k, of) in values.iter().enumerate().rev() {
            let valid = valid.get(k);
            for (i, (found, v)) in found.iter_mut().zip(of).enumerate() {
                let counts = valid.is_none_or(|valid| valid.get(i).is_some_and(|valid| *valid > none));
                *found = if counts && v.same(*found) { *v } else { *found };
            }
        }
    }
}
