//! Output rows in the making.

use std::collections::VecDeque;
use std::ops::Range;

use super::Plan;
use super::axis::{Axis, Taps};

/// The output rows that some, but not all, source rows have been added to. Rows finish in order.
#[derive(Debug)]
pub(crate) struct Gather<S> {
    axis: Axis,
    next: usize,
    end: usize,
    open: VecDeque<Open<S>>,
    kept: VecDeque<Open<S>>,
    free: Vec<Open<S>>,
}

#[derive(Debug)]
struct Open<S> {
    row: usize,
    taps: Taps,
    sums: S,
}

/// What to add to one output row.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    /// The output row.
    pub(crate) row: usize,
    /// Sums are fresh or another row's: overwrite them.
    pub(crate) first: bool,
    /// Nothing will be added after this.
    pub(crate) last: bool,
    /// The lines to add, counted from the start of the band.
    pub(crate) lines: Range<usize>,
    /// Their weights.
    pub(crate) weights: &'a [f64],
    /// The weights of all lines of the output row.
    pub(crate) all: &'a [f64],
}

impl<S> Gather<S> {
    pub(crate) fn new(plan: &Plan) -> Gather<S> {
        let Range { start, end } = plan.out_rows();
        Gather { axis: *plan.y(), next: start, end, open: VecDeque::new(), kept: VecDeque::new(), free: Vec::new() }
    }

    /// The next output row, if just these source rows make it: it counts as made.
    pub(crate) fn take(&mut self, rows: Range<u32>) -> Option<usize> {
        let is_made = self.open.is_empty() && self.next < self.end && self.axis.range(self.next) == rows;
        is_made.then(|| {
            self.next += 1;
            self.next - 1
        })
    }

    /// Shows each output row that a band of source rows touches, in order. Bands must follow each other.
    pub(crate) fn visit(
        &mut self,
        band: Range<u32>,
        mut fresh: impl FnMut() -> S,
        mut add: impl FnMut(Step<'_>, &mut S),
    ) {
        while let Some(mut open) = self.open.pop_front().or_else(|| self.start(band.end, &mut fresh)) {
            let count = open.taps.weights.len() as u32;
            let (first, end) = (open.taps.first, open.taps.first.saturating_add(count));
            let (from, to) = (first.max(band.start), end.min(band.end));
            let weights = open.taps.weights.get(from.saturating_sub(first) as usize..to.saturating_sub(first) as usize);
            let lines = from.saturating_sub(band.start) as usize..to.saturating_sub(band.start) as usize;
            let last = end <= band.end;
            let all = open.taps.weights.as_slice();
            let step = Step {
                row: open.row,
                first: first >= band.start,
                last,
                lines,
                weights: weights.unwrap_or_default(),
                all,
            };
            add(step, &mut open.sums);
            if last { self.free.push(open) } else { self.kept.push_back(open) }
        }
        std::mem::swap(&mut self.open, &mut self.kept);
    }

    /// The next output row, if it begins before the source row `end`.
    fn start(&mut self, end: u32, fresh: &mut impl FnMut() -> S) -> Option<Open<S>> {
        if self.next >= self.end || self.axis.range(self.next).start >= end {
            return None;
        }
        let mut open = self.free.pop().unwrap_or_else(|| Open { row: 0, taps: Taps::default(), sums: fresh() });
        open.row = self.next;
        self.axis.taps(self.next, &mut open.taps);
        self.next += 1;
        Some(open)
    }
}
