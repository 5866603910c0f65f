//! Weighted sums of neighbours.

use super::vectorized;
use crate::resample::weighted::{Phases, Weighted};

vectorized! {
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
