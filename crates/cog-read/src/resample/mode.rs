//! The value that occurs most often.

use std::collections::VecDeque;

use super::finish::{Finish, Sink};
use super::plan::{Columns, Span};
use super::{Numeric, Plan};

/// Windows up to this size are compared pixel by pixel.
const FEW: usize = 12;

/// Keeps the source rows under an output row (as many as the reduction) and counts when they are complete.
#[derive(Debug)]
pub(crate) struct Mode<T: Numeric> {
    plan: Plan,
    next: usize,
    finish: Finish<T>,
    rows: VecDeque<(Vec<T>, Vec<u8>)>,
    free: Vec<(Vec<T>, Vec<u8>)>,
    /// Number of the first row kept.
    start: u32,
    counter: Counter<T>,
    valid: Vec<u8>,
}

impl<T: Numeric> Mode<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> Mode<T> {
        Mode {
            plan: plan.clone(),
            next: plan.out_rows().start,
            finish,
            rows: VecDeque::new(),
            free: Vec::new(),
            start: plan.source_area().y,
            counter: Counter::default(),
            valid: vec![255; plan.out_size().0],
        }
    }

    pub(crate) fn row(&mut self, row: u32, samples: &[T], weights: Option<&[u8]>, sink: Sink<'_, T>) {
        let (mut kept, mut masks) = self.free.pop().unwrap_or_default();
        kept.clear();
        kept.extend_from_slice(samples);
        masks.clear();
        masks.extend_from_slice(weights.unwrap_or_default());
        self.rows.push_back((kept, masks));
        while self.next < self.plan.out_rows().end && self.plan.source_rows(self.next).end == row + 1 {
            let needed = self.plan.source_rows(self.next);
            self.drop_until(needed.start);
            self.count(sink);
            self.next += 1;
        }
    }

    fn drop_until(&mut self, first: u32) {
        while self.start < first {
            self.free.extend(self.rows.pop_front());
            self.start += 1;
        }
    }

    fn count(&mut self, sink: Sink<'_, T>) {
        let Columns::Spans(spans) = self.plan.columns() else { return };
        let columns = self.finish.samples_mut().iter_mut().zip(&mut self.valid).zip(spans);
        for ((sample, valid), span) in columns {
            let found = self.counter.most(&self.rows, span);
            *valid = if found.is_some() { 255 } else { 0 };
            *sample = found.unwrap_or_default();
        }
        self.finish.emit(self.next, Some(&self.valid), sink);
    }
}

/// Counts values.
#[derive(Debug)]
struct Counter<T: Numeric> {
    values: Vec<T>,
    keys: Vec<T::Key>,
    dense: Vec<u32>,
    /// Open addressing: key and count, 0 for an empty place.
    table: Vec<(T::Key, u32)>,
}

impl<T: Numeric> Default for Counter<T> {
    fn default() -> Self {
        Counter { values: Vec::new(), keys: Vec::new(), dense: vec![0; T::DENSE], table: Vec::new() }
    }
}

impl<T: Numeric> Counter<T> {
    /// The value that first reaches the largest count, rows from the top; `None` if no pixel is valid.
    fn most(&mut self, rows: &VecDeque<(Vec<T>, Vec<u8>)>, span: &Span) -> Option<T> {
        self.values.clear();
        let range = span.first..span.first + span.len;
        for (samples, masks) in rows {
            let samples = samples.get(range.clone()).unwrap_or_default();
            match masks.get(range.clone()) {
                Some(masks) => {
                    let valid = samples.iter().zip(masks).filter(|(_, mask)| **mask != 0);
                    self.values.extend(valid.map(|(sample, _)| *sample));
                }
                None => self.values.extend_from_slice(samples),
            }
        }
        if self.values.len() <= FEW {
            self.compare()
        } else if T::DENSE > 0 {
            self.count_dense()
        } else {
            self.count_table()
        }
    }

    /// A value is complete at its last occurrence: of the values that occur most often the one whose last is earliest.
    fn compare(&mut self) -> Option<T> {
        self.keys.clear();
        self.keys.extend(self.values.iter().map(|v| v.key()));
        let mut best = (0, None);
        for (i, key) in self.keys.iter().enumerate() {
            let count = self.keys.iter().take(i + 1).filter(|other| *other == key).count();
            if count > best.0 {
                best = (count, self.values.get(i).copied());
            }
        }
        best.1
    }

    fn count_dense(&mut self) -> Option<T> {
        let mut best = (0, None);
        for value in &self.values {
            if let Some(count) = self.dense.get_mut(value.dense()) {
                *count += 1;
                if *count > best.0 {
                    best = (*count, Some(*value));
                }
            }
        }
        for value in &self.values {
            if let Some(count) = self.dense.get_mut(value.dense()) {
                *count = 0;
            }
        }
        best.1
    }

    fn count_table(&mut self) -> Option<T> {
        let size = (self.values.len() * 2).next_power_of_two();
        self.table.clear();
        self.table.resize(size, (T::Key::default(), 0));
        let mut best = (0, None);
        for value in &self.values {
            let key = value.key();
            let mut place = T::hash(key) as usize & (size - 1);
            // Half of the places are empty, so one is found.
            while let Some((other, count)) = self.table.get_mut(place) {
                if *count == 0 || *other == key {
                    *other = key;
                    *count += 1;
                    if *count > best.0 {
                        best = (*count, Some(*value));
                    }
                    break;
                }
                place = (place + 1) & (size - 1);
            }
        }
        best.1
    }
}
