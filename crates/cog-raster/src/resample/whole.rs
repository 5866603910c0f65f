//! Average and rms where every output pixel covers whole source pixels: 2 × 2, 4 × 4, 3 × 5 …

use std::ops::Range;

use super::finish::{Finish, Sink};
use super::gather::Gather;
use super::plan::Columns;
use super::{Plan, Resampling, vector};
use crate::pixels::sample::Sample;

/// Source rows that can be added up in 32 bits.
pub(crate) const MAX_ROWS: f64 = 32_768.0;

/// Adds source rows first. Sums of integers are exact, so the order does not matter; floats may differ from another order in
/// the last bit of a double.
#[derive(Debug)]
pub(crate) struct WholeSums<T> {
    plan: Plan,
    gather: Gather<Sums>,
    finish: Finish<T>,
    kind: Kind,
    squares: bool,
    pairs: bool,
    means: Vec<Vec<f64>>,
    roots: Vec<f32>,
}

/// How sums are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Two columns make one: 32-bit sums of output columns.
    Pairs,
    /// 32-bit sums of source columns.
    Small,
    /// Doubles.
    Wide,
}

#[derive(Debug)]
enum Sums {
    Small(Vec<i32>),
    Wide(Vec<Vec<f64>>),
}

impl Sums {
    fn clear(&mut self) {
        match self {
            Sums::Small(sums) => sums.fill(0),
            Sums::Wide(lanes) => lanes.iter_mut().for_each(|sums| sums.fill(0.0)),
        }
    }

    /// Adds a source row.
    #[inline(always)]
    fn add<T: Sample>(&mut self, samples: &[T], kind: Kind, squares: bool) {
        match self {
            Sums::Small(sums) if kind == Kind::Pairs => vector::add_pairs(sums, samples, squares),
            Sums::Small(sums) => vector::add_small(sums, samples, squares),
            Sums::Wide(lanes) => {
                for (lane, sums) in lanes.iter_mut().enumerate() {
                    vector::add_wide(sums, samples, lane, squares);
                }
            }
        }
    }

    /// Adds the sums of one source row as often as it comes.
    fn add_times(&mut self, line: &Sums, times: usize, first: bool) {
        if first {
            self.clear();
        }
        match (self, line) {
            (Sums::Small(sums), Sums::Small(line)) => {
                // Not more rows than add up: see `MAX_ROWS`.
                sums.iter_mut().zip(line).for_each(|(sum, v)| *sum += *v * times as i32);
            }
            (Sums::Wide(lanes), Sums::Wide(lines)) => {
                for (sums, line) in lanes.iter_mut().zip(lines) {
                    sums.iter_mut().zip(line).for_each(|(sum, v)| *sum += *v * times as f64);
                }
            }
            _ => {}
        }
    }
}

impl<T: Sample> WholeSums<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> WholeSums<T> {
        let squares = plan.method() == Resampling::Rms;
        let pairs = match plan.columns() {
            Columns::Spans(spans) => spans.iter().zip(0..).all(|(span, i)| span.len == 2 && span.first == 2 * i),
            _ => false,
        };
        let kind = match T::SMALL && (!squares || T::DENSE == 256) {
            true if pairs => Kind::Pairs,
            true => Kind::Small,
            false => Kind::Wide,
        };
        WholeSums {
            plan: plan.clone(),
            gather: Gather::new(plan),
            finish,
            kind,
            squares,
            pairs,
            means: vec![vec![0.0; plan.out_size().0]; T::LANES],
            roots: vec![0.0; if squares { plan.out_size().0 } else { 0 }],
        }
    }

    pub(crate) fn row(&mut self, row: u32, samples: &[T], sink: Sink<'_, T>) {
        self.same_rows(row..row + 1, samples, sink);
    }

    /// Takes source rows that are all alike.
    pub(crate) fn same_rows(&mut self, rows: Range<u32>, samples: &[T], sink: Sink<'_, T>) {
        let (kind, squares, out) = (self.kind, self.squares, self.plan.out_size().0);
        let (pairs, means, finish, roots) = (self.pairs, &mut self.means, &mut self.finish, &mut self.roots);
        let Columns::Spans(spans) = self.plan.columns() else { return };
        let fresh = || match kind {
            Kind::Pairs => Sums::Small(vec![0; out]),
            Kind::Small => Sums::Small(vec![0; samples.len()]),
            Kind::Wide => Sums::Wide(vec![vec![0.0; samples.len()]; T::LANES]),
        };
        let mut line = None;
        self.gather.visit(rows, fresh, |step, sums| {
            if step.weights.len() == 1 {
                if step.first {
                    sums.clear();
                }
                sums.add(samples, kind, squares);
            } else {
                let line = line.get_or_insert_with(|| {
                    let mut line = fresh();
                    line.add(samples, kind, squares);
                    line
                });
                sums.add_times(line, step.weights.len(), step.first);
            }
            if !step.last {
                return;
            }
            let rows = step.all.len();
            let count = |len: usize| (len * rows) as f64;
            match (sums, means.as_mut_slice()) {
                (Sums::Small(sums), _) if kind == Kind::Pairs && !squares && rows.is_power_of_two() && rows <= 128 => {
                    let shift = rows.trailing_zeros() + 1;
                    vector::small_means(sums, shift, finish.samples_mut());
                    return finish.emit(step.row, None, &mut *sink);
                }
                (Sums::Small(sums), _)
                    if kind == Kind::Pairs && T::DIRECT_MEAN && rows.is_power_of_two() && rows <= 16 =>
                {
                    vector::small_roots(sums, rows.trailing_zeros() + 1, roots);
                    for (sample, root) in finish.samples_mut().iter_mut().zip(&*roots) {
                        *sample = T::from_lanes([f64::from(*root), 0.0]);
                    }
                    return finish.emit(step.row, None, &mut *sink);
                }
                (Sums::Small(sums), [means, ..]) if kind == Kind::Pairs => {
                    means.iter_mut().zip(sums).for_each(|(mean, sum)| *mean = f64::from(*sum) / count(2));
                }
                (Sums::Small(sums), [means, ..]) => {
                    for (mean, span) in means.iter_mut().zip(spans) {
                        let parts = sums.get(span.first..span.first + span.len).unwrap_or_default();
                        let sum: i64 = parts.iter().map(|part| i64::from(*part)).sum();
                        *mean = sum as f64 / count(span.len);
                    }
                }
                (Sums::Wide(lanes), means) => {
                    for (means, sums) in means.iter_mut().zip(lanes) {
                        if pairs {
                            vector::pair_means(sums, count(2), means);
                            continue;
                        }
                        for (mean, span) in means.iter_mut().zip(spans) {
                            let sum: f64 = sums.get(span.first..span.first + span.len).unwrap_or_default().iter().sum();
                            *mean = sum / count(span.len);
                        }
                    }
                }
                _ => {}
            }
            finish.means(step.row, means, None, &mut *sink);
        });
    }
}
