//! The four kernels where every source pixel counts.

use std::ops::Range;

use super::finish::{Finish, Sink};
use super::gather::Gather;
use super::plan::Columns;
use super::{Numeric, Plan, vector};

/// Doubles of a band of source rows: as much as stays in a core's cache.
const BAND: usize = 1 << 15;

/// Rows of a band at most.
const BAND_ROWS: usize = 16;

/// Adds source rows into output rows first, and convolves a row when it is complete: few rows are left then, and adding
/// rows vectorises best. GDAL goes along rows first. The two differ in the last bit of a double, which the step through
/// f32 takes away for all types but 32- and 64-bit integers and f64.
#[derive(Debug)]
pub(crate) struct Convolve<T> {
    plan: Plan,
    gather: Gather<Vec<Vec<f64>>>,
    finish: Finish<T>,
    width: usize,
    /// First source row of the band, how many are there, and of each lane the rows.
    start: u32,
    rows: usize,
    capacity: usize,
    band: Vec<Vec<f64>>,
    line: Vec<Vec<f64>>,
}

impl<T: Numeric> Convolve<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> Convolve<T> {
        let area = plan.source_area();
        let width = vector::padded(area.width as usize);
        let capacity = (BAND / width.max(1)).clamp(1, BAND_ROWS);
        Convolve {
            plan: plan.clone(),
            gather: Gather::new(plan),
            finish,
            width,
            start: area.y,
            rows: 0,
            capacity,
            band: vec![vec![0.0; width * capacity]; T::LANES],
            line: vec![vec![0.0; plan.out_size().0]; T::LANES],
        }
    }

    /// Takes the next source row; `last` if none of the band's rows should wait for more.
    pub(crate) fn row(&mut self, row: u32, samples: &[T], last: bool, sink: Sink<'_, T>) {
        for (lane, band) in self.band.iter_mut().enumerate() {
            if let Some(line) = band.get_mut(self.rows * self.width..(self.rows + 1) * self.width) {
                vector::widen(samples, lane, line);
            }
        }
        self.rows += 1;
        if self.rows == self.capacity || last {
            self.add(self.start..row + 1, sink);
            self.start = row + 1;
            self.rows = 0;
        }
    }

    fn add(&mut self, band: Range<u32>, sink: Sink<'_, T>) {
        let (width, lines, line, finish) = (self.width, &self.band, &mut self.line, &mut self.finish);
        let Columns::Weighted(columns) = self.plan.columns() else { return };
        let fresh = || vec![vec![0.0; width]; T::LANES];
        self.gather.visit(band, fresh, |step, sums| {
            for ((sums, band), line) in sums.iter_mut().zip(lines).zip(line.iter_mut()) {
                if step.first {
                    sums.fill(0.0);
                }
                let lines = band.get(step.lines.start * width..step.lines.end * width).unwrap_or_default();
                vector::add_lines(sums, lines, step.weights);
                if step.last {
                    vector::convolve(sums, columns, line);
                }
            }
            if step.last {
                finish.kernel(step.row, line, None, &mut *sink);
            }
        });
    }
}
