//! The value that occurs most often.

pub(crate) mod held;
mod lanes;
mod table;

use std::collections::VecDeque;
use std::ops::Range;

use super::Plan;
use super::finish::{Finish, Sink};
use super::plan::{Columns, Span};
use crate::pixels::sample::Sample;
use held::keeps_rows;

use lanes::Lanes;
use table::Table;

/// Finds the value that first reaches the largest count, rows from the top.
#[derive(Debug)]
pub(crate) struct Mode<T: Sample> {
    plan: Plan,
    finish: Finish<T>,
    /// The output row that comes next.
    next: usize,
    held: Held<T>,
    valid: Vec<u8>,
}

/// What is known of the source rows so far.
#[derive(Debug)]
enum Held<T: Sample> {
    /// The rows, and those that were counted last.
    Rows(Lanes<T>, Range<u32>),
    /// Counts, with those of finished rows to be used again.
    Counts { open: VecDeque<Open<T>>, free: Vec<Vec<Table<T>>> },
}

/// Output rows that are made from the same source rows, and the counts of each column.
#[derive(Debug)]
struct Open<T> {
    rows: Range<u32>,
    out: Range<usize>,
    tables: Vec<Table<T>>,
}

impl<T: Sample> Mode<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> Mode<T> {
        let held = match keeps_rows(plan.y().ratio()) {
            true => Held::Rows(Lanes::new(spans(plan), plan.source_area().y), 0..0),
            false => Held::Counts { open: VecDeque::new(), free: Vec::new() },
        };
        let (next, valid) = (plan.out_rows().start, vec![255; plan.out_size().0]);
        Mode { plan: plan.clone(), finish, next, held, valid }
    }

    pub(crate) fn row(&mut self, row: u32, samples: &[T], weights: Option<&[u8]>, sink: Sink<'_, T>) {
        let (plan, finish, valid) = (&self.plan, &mut self.finish, &mut self.valid);
        let end = plan.out_rows().end;
        match &mut self.held {
            Held::Rows(rows, counted) => {
                rows.push(samples, weights);
                while self.next < end && plan.source_rows(self.next).end == row + 1 {
                    let needed = plan.source_rows(self.next);
                    if *counted != needed {
                        rows.drop_until(needed.start);
                        rows.count(finish.samples_mut(), valid);
                        *counted = needed;
                    }
                    finish.emit(self.next, Some(valid), sink);
                    self.next += 1;
                }
            }
            Held::Counts { .. } => {
                self.open(row);
                let Held::Counts { open, .. } = &mut self.held else { return };
                for open in open.iter_mut() {
                    for (table, span) in open.tables.iter_mut().zip(spans(&self.plan)) {
                        let range = span.first..span.first + span.len;
                        let weights = weights.map(|weights| weights.get(range.clone()).unwrap_or_default());
                        table.add(samples.get(range).unwrap_or_default(), weights);
                    }
                }
                self.close(row + 1, sink);
            }
        }
    }
}

impl<T: Sample> Mode<T> {
    /// Takes source rows that are all alike, as those of blocks that were never written are: of one value and one weight.
    pub(crate) fn same_rows(&mut self, rows: Range<u32>, samples: &[T], weights: Option<&[u8]>, sink: Sink<'_, T>) {
        let Some(value) = samples.first().copied() else { return };
        if matches!(self.held, Held::Rows(..)) {
            return self.same_rows_kept(rows, samples, weights, sink);
        }
        let mut at = rows.start;
        while at < rows.end {
            self.open(at);
            let next = (self.next < self.plan.out_rows().end).then(|| self.plan.source_rows(self.next).start);
            let Held::Counts { open, .. } = &mut self.held else { return };
            // Until then no output row begins or ends.
            let front = open.front().map(|open| open.rows.end);
            let to = [front, next].into_iter().flatten().fold(rows.end, u32::min).max(at + 1);
            for open in open.iter_mut() {
                for (table, span) in open.tables.iter_mut().zip(spans(&self.plan)) {
                    let weights =
                        weights.map(|weights| weights.get(span.first..span.first + span.len).unwrap_or_default());
                    let valid =
                        weights.map_or(span.len, |weights| weights.iter().filter(|weight| **weight != 0).count());
                    table.add_times(value, (valid as u64).saturating_mul(u64::from(to - at)));
                }
            }
            self.close(to, sink);
            at = to;
        }
    }

    /// The same where rows are kept: of the output rows that are made from these rows alone, one is counted.
    fn same_rows_kept(&mut self, rows: Range<u32>, samples: &[T], weights: Option<&[u8]>, sink: Sink<'_, T>) {
        let end = self.plan.out_rows().end;
        let mut row = rows.start;
        while row < rows.end {
            self.row(row, samples, weights, sink);
            row += 1;
            let Held::Rows(kept, counted) = &mut self.held else { return };
            if counted.start >= counted.end || counted.start < rows.start {
                continue;
            }
            while self.next < end && self.plan.source_rows(self.next).end <= rows.end {
                self.finish.emit(self.next, Some(&self.valid), sink);
                self.next += 1;
            }
            let needed = if self.next < end { self.plan.source_rows(self.next).start } else { rows.end };
            if needed > row {
                row = needed.min(rows.end);
                *kept = Lanes::new(spans(&self.plan), row);
            }
        }
    }

    /// Begins the output rows that a source row belongs to.
    fn open(&mut self, row: u32) {
        let (plan, columns) = (&self.plan, self.valid.len());
        let Held::Counts { open, free } = &mut self.held else { return };
        while self.next < plan.out_rows().end && plan.source_rows(self.next).start <= row {
            let rows = plan.source_rows(self.next);
            let out = self.next..self.next + 1;
            match open.back_mut() {
                Some(last) if last.rows == rows => last.out.end = out.end,
                _ => {
                    let mut tables = free.pop().unwrap_or_default();
                    tables.resize_with(columns, Table::default);
                    open.push_back(Open { rows, out, tables });
                }
            }
            self.next += 1;
        }
    }

    /// Hands over the output rows that are made from source rows before `end`.
    fn close(&mut self, end: u32, sink: Sink<'_, T>) {
        let (finish, valid) = (&mut self.finish, &mut self.valid);
        let Held::Counts { open, free } = &mut self.held else { return };
        while open.front().is_some_and(|open| open.rows.end <= end) {
            let Some(mut done) = open.pop_front() else { break };
            let columns = finish.samples_mut().iter_mut().zip(valid.iter_mut());
            for ((sample, valid), table) in columns.zip(&mut done.tables) {
                let found = table.most();
                (*sample, *valid) = (found.unwrap_or_default(), if found.is_some() { 255 } else { 0 });
                table.clear();
            }
            done.out.for_each(|row| finish.emit(row, Some(valid), sink));
            free.push(done.tables);
        }
    }
}

fn spans(plan: &Plan) -> &[Span] {
    match plan.columns() {
        Columns::Spans(spans) => spans,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Resampler, Resampling, Rules};
    use super::*;
    use crate::geometry::window::Window;
    use ndarray::{Array2, s};
    use num_complex::Complex;

    /// By the definition: the first value whose count reaches the largest.
    fn by_counting<T: Sample>(values: &[T]) -> Option<T> {
        let count = |until: usize| values[..=until].iter().filter(|v| v.same(values[until])).count();
        let most = (0..values.len()).map(count).max()?;
        (0..values.len()).find(|i| count(*i) == most).map(|i| values[i])
    }

    /// Values of which some are frequent, with a mask; the same for the same seed.
    fn noise(seed: u32, height: usize, width: usize, values: u32) -> Array2<u32> {
        let mut state = seed;
        Array2::from_shape_simple_fn((height, width), || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let wild = state >> 8;
            if wild.is_multiple_of(3) { 1 } else { wild / 3 % values }
        })
    }

    fn check<T: Sample>(make: impl Fn(u32) -> T, output: (usize, usize), masked: bool) {
        let (height, width) = (90, 77);
        for values in [2, 5, 300] {
            let image = noise(values, height, width, values).mapv(&make);
            let mask = noise(9, height, width, 4).mapv(|v| if masked && v == 1 { 0 } else { 255 });
            let window = Window::new(0, 0, width, height);
            let plan = Plan::new(Resampling::Mode, &window, output, (width as u32, height as u32), 1 << 30).unwrap();
            let mut resampler = Resampler::new(&plan, Rules::default(), masked).unwrap();
            let mut seen = 0;
            let mut sink = |row: usize, samples: &[T], _: Option<&[u8]>| {
                let rows = plan.source_rows(row);
                for (sample, span) in samples.iter().zip(spans(&plan)) {
                    let part = s![rows.start as usize..rows.end as usize, span.first..span.first + span.len];
                    let (part, mask) = (image.slice(part), mask.slice(part));
                    let valid: Vec<T> = part.iter().zip(mask).filter(|(_, m)| **m != 0).map(|(v, _)| *v).collect();
                    let expected = by_counting(&valid).unwrap_or_default();
                    assert!(sample.same(expected), "{output:?}: {sample:?} for {valid:?}");
                }
                seen += 1;
            };
            let weights = masked.then(|| mask.view());
            resampler.push_rows(0, image.view(), weights, &mut sink).unwrap();
            assert_eq!(seen, output.1);
        }
    }

    #[test]
    fn every_way_of_counting_finds_the_value_that_first_has_the_largest_count() {
        // Compared each with each, in one table, counted as rows come; enlarged down, across, and not at all evenly.
        for output in [(38, 45), (25, 30), (77, 30), (11, 9), (5, 4), (7, 2), (3, 1), (100, 2), (2, 200), (77, 90)] {
            for masked in [false, true] {
                check(|v| v as u8, output, masked);
                check(|v| v as i16, output, masked);
                check(|v| v, output, masked);
                check(|v| if v == 1 { f32::NAN } else { v as f32 }, output, masked);
                check(|v| Complex::new(v as f64, 1.0), output, masked);
            }
        }
    }
}
