//! The inner loops, compiled for the widest vectors the processor has. No fused multiply-add: it rounds once where GDAL
//! rounds twice.
#![allow(unsafe_code)]

use super::Numeric;
use super::plan::Weighted;

/// Samples that one register-sized step of a loop takes.
const STEP: usize = 8;

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

dispatch! {
    /// Adds `lines` (each as long as `sums`, one after the other) times their weights to `sums`.
    fn add_lines(sums: &mut [f64], lines: &[f64], weights: &[f64]) = add_lines_body;
}

#[inline(always)]
fn add_lines_body(sums: &mut [f64], lines: &[f64], weights: &[f64]) {
    let width = sums.len().max(1);
    for (at, sums) in sums.chunks_exact_mut(STEP).enumerate() {
        let mut held = [0.0; STEP];
        held.copy_from_slice(sums);
        for (line, weight) in lines.chunks_exact(width).zip(weights) {
            let Some(line) = line.get(at * STEP..(at + 1) * STEP) else { continue };
            for (held, v) in held.iter_mut().zip(line) {
                *held += v * weight;
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
    for (sum, (first, weights)) in sums.iter_mut().zip(columns.iter()) {
        *sum = dot(line.get(first..first + weights.len()).unwrap_or_default(), weights);
    }
}

/// Sum of products, in four partial sums.
#[inline(always)]
pub(crate) fn dot(values: &[f64], weights: &[f64]) -> f64 {
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
    /// Adds small integers to integer sums.
    fn add_small<T: Numeric>(sums: &mut [i32], samples: &[T]) = add_small_body;
}

#[inline(always)]
fn add_small_body<T: Numeric>(sums: &mut [i32], samples: &[T]) {
    for (sum, sample) in sums.iter_mut().zip(samples) {
        *sum += sample.small();
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
