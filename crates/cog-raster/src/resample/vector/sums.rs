//! Adding up samples: along rows, down columns, by weights.

use super::{STEP, vectorized};
use crate::pixels::sample::Sample;

vectorized! {
    /// Adds one number of each sample of `lines` (each as long as `sums`, one after the other) times the line's weight to `sums`;
    /// `first` puts them there.
    fn add_lines<T: Sample>(
        sums: &mut [f64],
        lines: &[T],
        lane: usize,
        weights: &[f64],
        first: bool,
    ) = add_lines_body;
}

#[inline(always)]
fn add_lines_body<T: Sample>(sums: &mut [f64], lines: &[T], lane: usize, weights: &[f64], first: bool) {
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

vectorized! {
    /// One number of each sample as a double.
    fn widen<T: Sample>(samples: &[T], lane: usize, line: &mut [f64]) = widen_body;
}

#[inline(always)]
fn widen_body<T: Sample>(samples: &[T], lane: usize, line: &mut [f64]) {
    for (v, sample) in line.iter_mut().zip(samples) {
        *v = sample.lane(lane);
    }
}

vectorized! {
    /// Adds small integers (their squares if `squares`) to integer sums.
    fn add_small<T: Sample>(sums: &mut [i32], samples: &[T], squares: bool) = add_small_body;
}

#[inline(always)]
fn add_small_body<T: Sample>(sums: &mut [i32], samples: &[T], squares: bool) {
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

vectorized! {
    /// Adds a line times its weight to sums.
    fn add_line(sums: &mut [f64], line: &[f64], weight: f64) = add_line_body;
}

#[inline(always)]
fn add_line_body(sums: &mut [f64], line: &[f64], weight: f64) {
    for (sum, v) in sums.iter_mut().zip(line) {
        *sum += v * weight;
    }
}

vectorized! {
    /// Adds the sums of pairs of small integers (their squares if `squares`) to integer sums.
    fn add_pairs<T: Sample>(sums: &mut [i32], samples: &[T], squares: bool) = add_pairs_body;
}

#[inline(always)]
fn add_pairs_body<T: Sample>(sums: &mut [i32], samples: &[T], squares: bool) {
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

vectorized! {
    /// Adds one number of each sample (its square if `squares`) to sums.
    fn add_wide<T: Sample>(sums: &mut [f64], samples: &[T], lane: usize, squares: bool) = add_wide_body;
}

#[inline(always)]
fn add_wide_body<T: Sample>(sums: &mut [f64], samples: &[T], lane: usize, squares: bool) {
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

vectorized! {
    /// Adds a weight where lines are valid (1, not 0).
    fn add_weight(sums: &mut [f64], valid: &[u8], weight: f64) = add_weight_body;
}

#[inline(always)]
fn add_weight_body(sums: &mut [f64], valid: &[u8], weight: f64) {
    for (sum, valid) in sums.iter_mut().zip(valid) {
        *sum += weight * f64::from(*valid);
    }
}

vectorized! {
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
