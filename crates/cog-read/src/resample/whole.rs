//! Average where every output pixel covers whole source pixels: 2 × 2, 4 × 4, 3 × 5 …

use super::finish::{Finish, Sink};
use super::gather::Gather;
use super::plan::{Columns, Span};
use super::{Numeric, Plan, vector};

/// Source rows that can be added up in 32 bits.
pub(crate) const MAX_ROWS: f64 = 32_768.0;

/// Adds source rows first: integers (up to 16 bits) stay integers and exact, so the order does not matter; floats may
/// differ from another order in the last bit of a double.
#[derive(Debug)]
pub(crate) struct WholeSums<T> {
    plan: Plan,
    gather: Gather<Sums>,
    finish: Finish<T>,
    source: Vec<f64>,
    means: Vec<Vec<f64>>,
}

#[derive(Debug)]
enum Sums {
    Small(Vec<i32>),
    Wide(Vec<Vec<f64>>),
}

impl<T: Numeric> WholeSums<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> WholeSums<T> {
        let width = plan.source_area().width as usize;
        WholeSums {
            plan: plan.clone(),
            gather: Gather::new(plan),
            finish,
            source: vec![0.0; if T::SMALL { 0 } else { width }],
            means: vec![vec![0.0; plan.out_size().0]; T::LANES],
        }
    }

    pub(crate) fn row(&mut self, row: u32, samples: &[T], sink: Sink<'_, T>) {
        let width = samples.len();
        let (source, means, finish) = (&mut self.source, &mut self.means, &mut self.finish);
        let Columns::Spans(spans) = self.plan.columns() else { return };
        let fresh = || {
            if T::SMALL { Sums::Small(vec![0; width]) } else { Sums::Wide(vec![vec![0.0; width]; T::LANES]) }
        };
        self.gather.visit(row..row + 1, fresh, |step, sums| {
            match sums {
                Sums::Small(sums) => {
                    if step.first {
                        sums.fill(0);
                    }
                    vector::add_small(sums, samples);
                }
                Sums::Wide(lanes) => {
                    for (lane, sums) in lanes.iter_mut().enumerate() {
                        if step.first {
                            sums.fill(0.0);
                        }
                        vector::widen(samples, lane, source);
                        vector::add_line(sums, source, 1.0);
                    }
                }
            }
            if !step.last {
                return;
            }
            let rows = step.all.len();
            match sums {
                Sums::Small(sums) => {
                    if let [means, ..] = means.as_mut_slice() {
                        small_means(sums, spans, rows, means);
                    }
                }
                Sums::Wide(lanes) => {
                    for (means, sums) in means.iter_mut().zip(lanes) {
                        for (mean, span) in means.iter_mut().zip(spans) {
                            let sum: f64 = sums.get(span.first..span.first + span.len).unwrap_or_default().iter().sum();
                            *mean = sum / (span.len * rows) as f64;
                        }
                    }
                }
            }
            finish.means(step.row, means, None, &mut *sink);
        });
    }
}

fn small_means(sums: &[i32], spans: &[Span], rows: usize, means: &mut [f64]) {
    let pairs = spans.iter().zip(0..).all(|(span, i)| span.len == 2 && span.first == 2 * i);
    if pairs {
        let share = 1.0 / (2 * rows) as f64;
        if rows.is_power_of_two() {
            for (mean, pair) in means.iter_mut().zip(sums.chunks_exact(2)) {
                *mean = f64::from(pair.iter().sum::<i32>()) * share;
            }
            return;
        }
    }
    for (mean, span) in means.iter_mut().zip(spans) {
        let parts = sums.get(span.first..span.first + span.len).unwrap_or_default();
        let sum: i64 = parts.iter().map(|part| i64::from(*part)).sum();
        *mean = sum as f64 / (span.len * rows) as f64;
    }
}
