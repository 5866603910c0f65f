//! Nearest neighbour, and plain copies.

use std::ops::Range;

use super::Plan;
use super::finish::{Finish, Sink};
use super::plan::Columns;
use crate::pixels::sample::Sample;

/// Takes output rows straight from source rows.
#[derive(Debug)]
pub(crate) struct Nearest<T> {
    plan: Plan,
    next: usize,
    finish: Finish<T>,
}

impl<T: Sample> Nearest<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> Nearest<T> {
        Nearest { plan: plan.clone(), next: plan.out_rows().start, finish }
    }

    /// Output rows whose source row this is.
    pub(crate) fn row(&mut self, row: u32, samples: &[T], weights: Option<&[u8]>, sink: Sink<'_, T>) {
        while self.next < self.plan.out_rows().end && self.plan.source_rows(self.next).start == row {
            let Columns::Picks { columns, run } = self.plan.columns() else { return };
            let write = |to: &mut [T], valid: &mut [u8]| {
                pick(samples, columns, *run, to);
                if let Some(weights) = weights {
                    pick(weights, columns, *run, valid);
                    valid.iter_mut().for_each(|v| *v = if *v == 0 { 0 } else { 255 });
                }
            };
            self.finish.copy(self.next, write, sink);
            self.next += 1;
        }
    }
}

impl<T: Sample> Nearest<T> {
    /// Takes source rows that are all alike.
    pub(crate) fn same_rows(&mut self, rows: Range<u32>, samples: &[T], weights: Option<&[u8]>, sink: Sink<'_, T>) {
        while self.next < self.plan.out_rows().end {
            let row = self.plan.source_rows(self.next).start;
            if !rows.contains(&row) {
                break;
            }
            self.row(row, samples, weights, sink);
        }
    }
}

fn pick<V: Copy>(from: &[V], columns: &[u32], run: bool, to: &mut [V]) {
    match from.get(..to.len()) {
        Some(all) if run => to.copy_from_slice(all),
        _ => {
            for (to, column) in to.iter_mut().zip(columns) {
                if let Some(v) = from.get(*column as usize) {
                    *to = *v;
                }
            }
        }
    }
}
