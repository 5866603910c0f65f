//! Average, rms and gauss: sums over the source pixels under an output pixel, divided by their weights at the end.

use std::ops::Range;

use super::finish::{Finish, Sink};
use super::gather::Gather;
use super::plan::{Columns, Span};
use super::{Plan, Resampling, vector};
use crate::pixels::sample::Sample;

/// Adds up each source row for all output columns, then adds the rows. Sums are made in GDAL's order (what lies between
/// the edges of a row, its left edge, its right edge; rows from the top), because means of integers often lie exactly
/// between two values.
#[derive(Debug)]
pub(crate) struct AreaSums<T> {
    plan: Plan,
    gather: Gather<Sums>,
    finish: Finish<T>,
    masked: bool,
    source: Vec<f64>,
    line: Vec<Vec<f64>>,
    weights: Vec<f64>,
    /// Of each output column the sum of all its weights.
    whole: Vec<f64>,
    valid: Vec<u8>,
}

#[derive(Debug)]
struct Sums {
    values: Vec<Vec<f64>>,
    weights: Vec<f64>,
}

impl<T: Sample> AreaSums<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>, masked: bool) -> AreaSums<T> {
        let width = plan.out_size().0;
        let whole = match plan.columns() {
            Columns::Spans(spans) => spans.iter().map(Span::weight).collect(),
            Columns::Weighted(columns) => columns.iter().map(|(_, weights)| weights.iter().sum()).collect(),
            Columns::Picks { columns, .. } => vec![1.0; columns.len()],
        };
        AreaSums {
            plan: plan.clone(),
            gather: Gather::new(plan),
            finish,
            masked,
            source: vec![0.0; plan.source_area().width as usize],
            line: vec![vec![0.0; width]; T::LANES],
            weights: vec![0.0; if masked { width } else { 0 }],
            whole,
            valid: vec![0; if masked { width } else { 0 }],
        }
    }

    pub(crate) fn row(&mut self, row: u32, samples: &[T], weights: Option<&[u8]>, sink: Sink<'_, T>) {
        self.same_rows(row..row + 1, samples, weights, sink);
    }

    /// Takes source rows that are all alike.
    pub(crate) fn same_rows(&mut self, rows: Range<u32>, samples: &[T], weights: Option<&[u8]>, sink: Sink<'_, T>) {
        match weights {
            Some(masks) => self.along_masked(samples, masks),
            None => self.along(samples),
        }
        let (width, masked) = (self.plan.out_size().0, self.masked);
        let (line, finish, valid) = (&mut self.line, &mut self.finish, &mut self.valid);
        let (line_weights, whole) = (&self.weights, &self.whole);
        let binomial = self.plan.method() == Resampling::Gauss;
        let fresh =
            || Sums { values: vec![vec![0.0; width]; T::LANES], weights: vec![0.0; if masked { width } else { 0 }] };
        self.gather.visit(rows, fresh, |step, sums| {
            let weight: f64 = step.weights.iter().sum();
            if step.first {
                sums.values.iter_mut().for_each(|lane| lane.fill(0.0));
                sums.weights.fill(0.0);
            }
            for (sums, line) in sums.values.iter_mut().zip(line.iter()) {
                vector::add_line(sums, line, weight);
            }
            vector::add_line(&mut sums.weights, line_weights, weight);
            if !step.last {
                return;
            }
            if masked {
                for (valid, weight) in valid.iter_mut().zip(&sums.weights) {
                    *valid = u8::from(*weight > 0.0);
                }
                for lane in &mut sums.values {
                    let columns = lane.iter_mut().zip(&sums.weights);
                    columns.for_each(|(v, weight)| *v = if *weight > 0.0 { *v / weight } else { 0.0 });
                }
                finish.means(step.row, &sums.values, Some(valid), &mut *sink);
            } else {
                let rows = if binomial { step.all.iter().sum() } else { span_weight(step.all) };
                for lane in &mut sums.values {
                    lane.iter_mut().zip(whole).for_each(|(v, columns)| *v /= columns * rows);
                }
                finish.means(step.row, &sums.values, None, &mut *sink);
            }
        });
    }

    /// Adds up a source row where every pixel counts.
    fn along(&mut self, samples: &[T]) {
        let squares = self.plan.method() == Resampling::Rms;
        for (lane, line) in self.line.iter_mut().enumerate() {
            match self.plan.columns() {
                Columns::Spans(spans) => {
                    vector::widen(samples, lane, &mut self.source);
                    if squares {
                        self.source.iter_mut().for_each(|v| *v *= *v);
                    }
                    for (sum, span) in line.iter_mut().zip(spans) {
                        *sum = span.sum(&self.source);
                    }
                }
                Columns::Weighted(columns) => {
                    vector::widen(samples, lane, &mut self.source);
                    vector::convolve(&self.source, columns, line);
                }
                Columns::Picks { .. } => {}
            }
        }
    }

    /// Adds up the valid pixels of a source row, from the left.
    fn along_masked(&mut self, samples: &[T], masks: &[u8]) {
        let squares = self.plan.method() == Resampling::Rms;
        for (lane, line) in self.line.iter_mut().enumerate() {
            vector::widen(samples, lane, &mut self.source);
            if squares {
                self.source.iter_mut().for_each(|v| *v *= *v);
            }
            let sums = line.iter_mut().zip(&mut self.weights);
            match self.plan.columns() {
                Columns::Spans(spans) => {
                    for ((sum, weight), span) in sums.zip(spans) {
                        let values = self.source.get(span.first..span.first + span.len).unwrap_or_default();
                        let masks = masks.get(span.first..span.first + span.len).unwrap_or_default();
                        (*sum, *weight) = span.sum_masked(values, masks);
                    }
                }
                Columns::Weighted(columns) => {
                    for ((sum, weight), (first, taps)) in sums.zip(columns.iter()) {
                        let values = self.source.get(first..first + taps.len()).unwrap_or_default();
                        let masks = masks.get(first..first + taps.len()).unwrap_or_default();
                        let (mut total, mut count) = (0.0, 0.0);
                        for ((v, tap), _) in values.iter().zip(taps).zip(masks).filter(|(_, mask)| **mask != 0) {
                            total += v * tap;
                            count += tap;
                        }
                        (*sum, *weight) = (total, count);
                    }
                }
                Columns::Picks { .. } => {}
            }
        }
    }
}

/// Sum of weights that are 1 but for the first and the last.
fn span_weight(weights: &[f64]) -> f64 {
    match weights {
        [left, middle @ .., right] => middle.len() as f64 + left + right,
        [one] => *one,
        [] => 0.0,
    }
}

impl Span {
    fn weight(&self) -> f64 {
        if self.len < 2 { 1.0 } else { (self.len - 2) as f64 + self.left + self.right }
    }

    #[inline(always)]
    fn sum(&self, values: &[f64]) -> f64 {
        // Short ones are frequent and have no loop.
        match values.get(self.first..self.first + self.len) {
            Some([left, right]) => left * self.left + right * self.right,
            Some([left, a, right]) => a + left * self.left + right * self.right,
            Some([left, a, b, right]) => a + b + left * self.left + right * self.right,
            Some([left, middle @ .., right]) => middle.iter().sum::<f64>() + left * self.left + right * self.right,
            Some([one]) => *one,
            _ => 0.0,
        }
    }

    /// Sum and weight of the valid pixels, from the left.
    #[inline(always)]
    fn sum_masked(&self, values: &[f64], masks: &[u8]) -> (f64, f64) {
        match (values, masks) {
            ([left, middle @ .., right], [mask, masks @ .., last]) => {
                let (mut sum, mut weight) = if *mask == 0 { (0.0, 0.0) } else { (left * self.left, self.left) };
                for (v, mask) in middle.iter().zip(masks) {
                    let (v, one) = if *mask == 0 { (0.0, 0.0) } else { (*v, 1.0) };
                    sum += v;
                    weight += one;
                }
                if *last == 0 { (sum, weight) } else { (sum + right * self.right, weight + self.right) }
            }
            ([one], [mask]) if *mask != 0 => (*one, 1.0),
            _ => (0.0, 0.0),
        }
    }
}
