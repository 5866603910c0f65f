//! The four kernels where every source pixel counts.

use std::ops::Range;

use super::finish::{Finish, Sink};
use super::gather::Gather;
use super::plan::Columns;
use super::{Plan, Resampling, vector};
use crate::pixels::sample::Sample;

/// Doubles of a band of source rows: as much as stays in a core's cache.
const BAND: usize = 1 << 15;

/// Rows of a band at most.
const BAND_ROWS: usize = 16;

/// Convolves along rows and down columns, in the order that is less work: when rows are reduced, source rows are added into
/// output rows first and few rows are left to convolve; when they are enlarged, each source row is convolved once and
/// serves many. GDAL always goes along rows first. The order shows in the last bit of a double, which the step through f32
/// takes away for all types but 32- and 64-bit integers and f64.
#[derive(Debug)]
pub(crate) struct Convolve<T> {
    plan: Plan,
    gather: Gather<Vec<Vec<f64>>>,
    finish: Finish<T>,
    along_first: bool,
    /// The band holds doubles: each line is used so often that making them once pays, or is convolved first.
    widened: bool,
    /// Of a line of the band, and how many there are.
    width: usize,
    capacity: usize,
    /// First source row of the band, and how many are there.
    start: u32,
    rows: usize,
    /// Of each lane the lines of the band.
    band: Vec<Vec<f64>>,
    /// Or the lines as they came: small samples take less of the cache than doubles.
    samples: Vec<T>,
    line: Vec<Vec<f64>>,
}

impl<T: Sample> Convolve<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> Convolve<T> {
        let (area, out) = (plan.source_area(), plan.out_size().0);
        let along_first = plan.y().ratio() < 1.0;
        let widened = along_first || plan.method() == Resampling::Lanczos;
        let source = area.width as usize;
        let (width, line) = if along_first { (out, source) } else { (source, out) };
        let width = vector::padded(width);
        let capacity = (BAND / width.max(1)).clamp(1, BAND_ROWS);
        Convolve {
            plan: plan.clone(),
            gather: Gather::new(plan),
            finish,
            along_first,
            widened,
            width,
            capacity,
            start: area.y,
            rows: 0,
            band: vec![vec![0.0; if widened { width * capacity } else { 0 }]; T::LANES],
            samples: vec![T::default(); if widened { 0 } else { width * capacity }],
            line: vec![vec![0.0; line]; T::LANES],
        }
    }

    /// Takes the next source row; `last` if none of the band's rows should wait for more.
    pub(crate) fn row(&mut self, row: u32, samples: &[T], last: bool, sink: Sink<'_, T>) {
        self.keep(samples);
        if self.rows == self.capacity || last {
            self.add(self.start..row + 1, false, sink);
            self.start = row + 1;
            self.rows = 0;
        }
    }

    /// Takes source rows that are all alike. No others must be waiting.
    pub(crate) fn same_rows(&mut self, rows: Range<u32>, samples: &[T], sink: Sink<'_, T>) {
        self.rows = 0;
        self.keep(samples);
        self.start = rows.end;
        self.add(rows, true, sink);
        self.rows = 0;
    }

    /// Puts a source row into the band.
    fn keep(&mut self, samples: &[T]) {
        let Columns::Weighted(columns) = self.plan.columns() else { return };
        let place = self.rows * self.width..(self.rows + 1) * self.width;
        if self.widened {
            for (lane, (band, line)) in self.band.iter_mut().zip(&mut self.line).enumerate() {
                let Some(to) = band.get_mut(place.clone()) else { return };
                if self.along_first {
                    vector::widen(samples, lane, line);
                    vector::convolve(line, columns, to);
                } else {
                    vector::widen(samples, lane, to);
                }
            }
        } else if let Some(to) = self.samples.get_mut(place) {
            to.iter_mut().zip(samples).for_each(|(to, sample)| *to = *sample);
        }
        self.rows += 1;
    }

    /// Adds the rows of the band to the output rows they touch; `same`: the first stands for all of them.
    fn add(&mut self, band: Range<u32>, same: bool, sink: Sink<'_, T>) {
        let (width, samples, line, finish) = (self.width, &self.samples, &mut self.line, &mut self.finish);
        let Columns::Weighted(columns) = self.plan.columns() else { return };
        let (along_first, widened, lanes) = (self.along_first, self.widened, &self.band);
        let fresh = || vec![vec![0.0; width]; T::LANES];
        self.gather.visit(band, fresh, |step, sums| {
            let sum = [step.weights.iter().sum()];
            let (lines, weights) = match same {
                true => (0..width, &sum[..]),
                false => (step.lines.start * width..step.lines.end * width, step.weights),
            };
            for (lane, ((sums, band), line)) in sums.iter_mut().zip(lanes).zip(line.iter_mut()).enumerate() {
                if widened {
                    let lines = band.get(lines.clone()).unwrap_or_default();
                    vector::add_lines(sums, lines, 0, weights, step.first);
                } else {
                    let samples = samples.get(lines.clone()).unwrap_or_default();
                    vector::add_lines(sums, samples, lane, weights, step.first);
                }
                if step.last && !along_first {
                    vector::convolve(sums, columns, line);
                }
            }
            if step.last {
                finish.kernel(step.row, if along_first { sums } else { line }, None, &mut *sink);
            }
        });
    }
}
