//! The four kernels where some source pixels do not count.

use std::ops::Range;

use super::finish::{Finish, Sink};
use super::gather::Gather;
use super::plan::Columns;
use super::{Plan, vector};
use crate::pixels::sample::Sample;

/// Convolves along rows first, then adds rows, and divides by the sum of the weights in both passes, as GDAL does: here the
/// order matters.
#[derive(Debug)]
pub(crate) struct Masked<T> {
    plan: Plan,
    gather: Gather<Sums>,
    finish: Finish<T>,
    needs_run: bool,
    source: Vec<f64>,
    full: FullRuns,
    line: Vec<Vec<f64>>,
    valid: Vec<u8>,
    valid_out: Vec<u8>,
    out: Vec<Vec<f64>>,
}

/// What an output row in the making knows of each column.
#[derive(Debug)]
struct Sums {
    values: Vec<Vec<f64>>,
    /// All columns alike so far: sum of the weights and number of the lines.
    even: Option<(f64, u32)>,
    weights: Vec<f64>,
    /// Lines since the last invalid one, and the most of them.
    run: Vec<u32>,
    longest: Vec<u32>,
}

impl Sums {
    fn new(lanes: usize, width: usize) -> Sums {
        Sums {
            values: vec![vec![0.0; width]; lanes],
            even: Some((0.0, 0)),
            weights: vec![0.0; width],
            run: vec![0; width],
            longest: vec![0; width],
        }
    }

    fn clear(&mut self) {
        self.values.iter_mut().for_each(|lane| lane.fill(0.0));
        self.even = Some((0.0, 0));
    }

    /// Adds a line as often as there are weights.
    fn add(&mut self, line: &[Vec<f64>], (valid, all): (&[u8], bool), weights: &[f64], needs_run: bool) {
        let (weight, times): (f64, _) = (weights.iter().sum(), weights.len() as u32);
        match self.even {
            Some((sum, count)) if all => self.even = Some((sum + weight, count + times)),
            Some((sum, count)) => {
                self.weights.fill(sum);
                self.run.fill(count);
                self.longest.fill(count);
                self.even = None;
            }
            None => {}
        }
        for (values, line) in self.values.iter_mut().zip(line) {
            // Lines are 0 where they are not valid.
            vector::add_line(values, line, weight);
        }
        if self.even.is_none() {
            vector::add_weight(&mut self.weights, valid, weight);
            if needs_run {
                vector::add_runs(&mut self.run, &mut self.longest, valid, times);
            }
        }
    }

    /// Divides by the weights; says which columns are valid.
    fn finish(&mut self, taps: usize, needs_run: bool, out: &mut [Vec<f64>], valid: &mut [u8]) {
        let enough = |longest: u32| !needs_run || longest as usize >= taps / 2;
        match self.even {
            Some((sum, count)) => {
                let good = sum > 0.0 && enough(count);
                valid.fill(u8::from(good));
                for (out, values) in out.iter_mut().zip(&self.values) {
                    out.iter_mut().zip(values).for_each(|(out, v)| *out = if good { v / sum } else { 0.0 });
                }
            }
            None => {
                for ((valid, sum), longest) in valid.iter_mut().zip(&self.weights).zip(&self.longest) {
                    *valid = u8::from(*sum > 0.0 && enough(*longest));
                }
                for (out, values) in out.iter_mut().zip(&self.values) {
                    let columns = out.iter_mut().zip(values).zip(&self.weights).zip(&*valid);
                    columns.for_each(|(((out, v), sum), valid)| *out = if *valid == 0 { 0.0 } else { v / sum });
                }
            }
        }
    }
}

/// Where source pixels count fully: runs of weight 255, in order.
#[derive(Debug, Default)]
struct FullRuns(Vec<(usize, usize)>);

impl FullRuns {
    fn find(&mut self, weights: &[u8]) {
        self.0.clear();
        let mut at = 0;
        while at < weights.len() {
            let rest = weights.get(at..).unwrap_or_default();
            let skipped = leading(rest, |weight| weight != 255);
            let run = leading(rest.get(skipped..).unwrap_or_default(), |weight| weight == 255);
            if run > 0 {
                self.0.push((at + skipped, at + skipped + run));
            }
            at += skipped + run;
        }
    }
}

/// How many weights from the start are as wanted, in steps of 32 first.
fn leading(weights: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    let whole = weights.chunks_exact(32).take_while(|chunk| chunk.iter().fold(true, |all, w| all & wanted(*w))).count();
    let rest = weights.get(whole * 32..).unwrap_or_default();
    whole * 32 + rest.iter().take_while(|weight| wanted(**weight)).count()
}

impl<T: Sample> Masked<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> Masked<T> {
        let (width, source) = (plan.out_size().0, plan.source_area().width as usize);
        Masked {
            plan: plan.clone(),
            gather: Gather::new(plan),
            finish,
            needs_run: plan.method().needs_run(),
            source: vec![0.0; source],
            full: FullRuns::default(),
            line: vec![vec![0.0; width]; T::LANES],
            valid: vec![0; width],
            valid_out: vec![0; width],
            out: vec![vec![0.0; width]; T::LANES],
        }
    }

    pub(crate) fn row(&mut self, row: u32, samples: &[T], weights: &[u8], sink: Sink<'_, T>) {
        self.same_rows(row..row + 1, samples, weights, sink);
    }

    /// Takes source rows that are all alike.
    pub(crate) fn same_rows(&mut self, rows: Range<u32>, samples: &[T], weights: &[u8], sink: Sink<'_, T>) {
        self.along(samples, weights);
        let (line, valid, out, finish) = (&self.line, &self.valid, &mut self.out, &mut self.finish);
        let (needs_run, width) = (self.needs_run, self.plan.out_size().0);
        let all = valid.iter().fold(true, |all, v| all & (*v != 0));
        let valid_out = &mut self.valid_out;
        self.gather.visit(
            rows,
            || Sums::new(T::LANES, width),
            |step, sums| {
                if step.first {
                    sums.clear();
                }
                if !step.weights.is_empty() {
                    sums.add(line, (valid, all), step.weights, needs_run);
                }
                if step.last {
                    sums.finish(step.all.len(), needs_run, out, valid_out);
                    finish.kernel(step.row, out, Some(valid_out), &mut *sink);
                }
            },
        );
    }

    /// Convolves one source row.
    fn along(&mut self, samples: &[T], weights: &[u8]) {
        let Columns::Weighted(columns) = self.plan.columns() else { return };
        self.full.find(weights);
        let whole = self.full.0.as_slice() == [(0, weights.len())];
        let spread_nan = self.finish.rules().spread_nan;
        for (lane, line) in self.line.iter_mut().enumerate() {
            vector::widen(samples, lane, &mut self.source);
            // Right wherever all taps count; the others are done again.
            vector::convolve(&self.source, columns, line);
            self.valid.fill(1);
            if whole {
                continue;
            }
            let mut runs = self.full.0.iter().copied().peekable();
            for ((sum, valid), (first, taps)) in line.iter_mut().zip(&mut self.valid).zip(columns.iter()) {
                let end = first + taps.len();
                while runs.next_if(|(_, stop)| *stop <= first).is_some() {}
                if runs.peek().is_some_and(|(start, stop)| *start <= first && end <= *stop) {
                    continue;
                }
                let values = self.source.get(first..end).unwrap_or_default();
                let masks = weights.get(first..end).unwrap_or_default();
                (*sum, *valid) = (0.0, 0);
                if !self.needs_run || longest_run(masks) >= taps.len() / 2 {
                    let (mut total, mut weight) = (0.0, 0.0);
                    for ((v, tap), mask) in values.iter().zip(taps).zip(masks) {
                        let part = tap * f64::from(*mask);
                        total += if *mask == 0 && !spread_nan { 0.0 } else { v * part };
                        weight += part;
                    }
                    if weight > 0.0 {
                        (*sum, *valid) = (total / weight, 1);
                    }
                }
            }
        }
    }
}

fn longest_run(masks: &[u8]) -> usize {
    let (mut run, mut longest) = (0, 0);
    for mask in masks {
        run = if *mask == 0 { 0 } else { run + 1 };
        longest = longest.max(run);
    }
    longest
}
