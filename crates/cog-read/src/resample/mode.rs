//! The value that occurs most often.

use std::collections::VecDeque;
use std::ops::Range;

use super::finish::{Finish, Sink};
use super::plan::{Columns, Span};
use super::{Numeric, Plan};

/// Values that are compared one by one where there is no table of all.
const FEW: usize = 32;

/// Source rows with their masks (empty: all valid).
type Rows<T> = VecDeque<(Vec<T>, Vec<u8>)>;

/// Keeps the source rows under an output row (as many as the reduction) and counts when they are complete.
#[derive(Debug)]
pub(crate) struct Mode<T: Numeric> {
    plan: Plan,
    next: usize,
    finish: Finish<T>,
    rows: Rows<T>,
    free: Vec<(Vec<T>, Vec<u8>)>,
    /// Number of the first row kept.
    start: u32,
    counter: Counter<T>,
    valid: Vec<u8>,
    /// Every output column is made from two of its own.
    pairs: bool,
}

impl<T: Numeric> Mode<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> Mode<T> {
        let pairs = match plan.columns() {
            Columns::Spans(spans) => spans.iter().zip(0..).all(|(span, i)| span.len == 2 && span.first == 2 * i),
            _ => false,
        };
        Mode {
            plan: plan.clone(),
            next: plan.out_rows().start,
            finish,
            rows: VecDeque::new(),
            free: Vec::new(),
            start: plan.source_area().y,
            counter: Counter::default(),
            valid: vec![255; plan.out_size().0],
            pairs,
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
        let samples = self.finish.samples_mut();
        match self.rows.make_contiguous() {
            [(top, masks), (bottom, _)] if self.pairs && masks.is_empty() => {
                for ((sample, top), bottom) in samples.iter_mut().zip(top.chunks_exact(2)).zip(bottom.chunks_exact(2)) {
                    if let ([a, b], [c, d]) = (top, bottom) {
                        *sample = of_four(*a, *b, *c, *d);
                    }
                }
                self.valid.fill(255);
            }
            rows => {
                for ((sample, valid), span) in samples.iter_mut().zip(&mut self.valid).zip(spans) {
                    let found = self.counter.most(rows, span);
                    *valid = if found.is_some() { 255 } else { 0 };
                    *sample = found.unwrap_or_default();
                }
            }
        }
        self.finish.emit(self.next, Some(&self.valid), sink);
    }
}

/// The first of four values that comes twice, if it is not the last to do so.
#[inline(always)]
fn of_four<T: Numeric>(a: T, b: T, c: T, d: T) -> T {
    let (first, second, third, fourth) = (a.key(), b.key(), c.key(), d.key());
    let late = if fourth == third { c } else { a };
    let late = if fourth == second { b } else { late };
    let late = if fourth == first { a } else { late };
    let late = if third == second { b } else { late };
    if first == second || first == third { a } else { late }
}

/// Counts values.
#[derive(Debug)]
struct Counter<T: Numeric> {
    values: Vec<T>,
    /// Counts of all values: 0 between two windows.
    dense: Vec<u32>,
    /// Open addressing: key and count, 0 for an empty place.
    table: Vec<(T::Key, u32)>,
}

impl<T: Numeric> Default for Counter<T> {
    fn default() -> Self {
        Counter { values: Vec::new(), dense: vec![0; T::DENSE], table: Vec::new() }
    }
}

impl<T: Numeric> Counter<T> {
    /// The value that first reaches the largest count, rows from the top; `None` if no pixel is valid.
    fn most(&mut self, rows: &[(Vec<T>, Vec<u8>)], span: &Span) -> Option<T> {
        let range = span.first..span.first + span.len;
        if let Some(value) = only_value(rows, &range) {
            return Some(value);
        }
        if T::DENSE > 0 {
            return self.count_dense(rows, &range);
        }
        self.values.clear();
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
        if self.values.len() <= FEW { self.compare() } else { self.count_table() }
    }

    fn compare(&mut self) -> Option<T> {
        let mut keys = [T::Key::default(); FEW];
        keys.iter_mut().zip(&self.values).for_each(|(key, value)| *key = value.key());
        let mut best = (0, None);
        for (i, (key, value)) in keys.iter().zip(&self.values).enumerate() {
            // Places behind the value do not count it yet.
            let before = keys.get(..i).unwrap_or_default();
            let count = 1 + before.iter().map(|other| u32::from(other == key)).sum::<u32>();
            if count > best.0 {
                best = (count, Some(*value));
            }
        }
        best.1
    }

    fn count_dense(&mut self, rows: &[(Vec<T>, Vec<u8>)], range: &Range<usize>) -> Option<T> {
        let counts = self.dense.as_mut_slice();
        let (mut best, mut found) = (0, None);
        let mut add = |value: T| {
            if let Some(count) = counts.get_mut(value.dense()) {
                *count += 1;
                if *count > best {
                    best = *count;
                    found = Some(value);
                }
            }
        };
        for (samples, masks) in rows {
            let samples = samples.get(range.clone()).unwrap_or_default();
            match masks.get(range.clone()) {
                Some(masks) => {
                    let valid = samples.iter().zip(masks).filter(|(_, mask)| **mask != 0);
                    valid.for_each(|(value, _)| add(*value));
                }
                None => samples.iter().for_each(|value| add(*value)),
            }
        }
        if range.len() * rows.len() > T::DENSE / 4 {
            counts.fill(0);
        } else {
            for value in rows.iter().flat_map(|(samples, _)| samples.get(range.clone()).unwrap_or_default()) {
                if let Some(count) = counts.get_mut(value.dense()) {
                    *count = 0;
                }
            }
        }
        found
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

/// The value of all pixels, if all are valid and alike: frequent in classified images.
fn only_value<T: Numeric>(rows: &[(Vec<T>, Vec<u8>)], range: &Range<usize>) -> Option<T> {
    let (samples, _) = rows.first()?;
    let first = *samples.get(range.start)?;
    let alike = |(samples, masks): &(Vec<T>, Vec<u8>)| {
        let same = samples.get(range.clone()).is_some_and(|samples| samples.iter().all(|v| *v == first));
        same && masks.get(range.clone()).is_none_or(|masks| masks.iter().all(|mask| *mask != 0))
    };
    rows.iter().all(alike).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: the first value whose count reaches the largest.
    fn by_counting(values: &[u8]) -> u8 {
        let count = |until: usize| values[..=until].iter().filter(|v| **v == values[until]).count();
        let most = (0..values.len()).map(count).max().unwrap();
        values[(0..values.len()).find(|i| count(*i) == most).unwrap()]
    }

    #[test]
    fn every_way_of_counting_finds_the_same_value() {
        for code in 0..256u32 {
            let four = [0, 2, 4, 6].map(|shift| (code >> shift & 3) as u8);
            let [a, b, c, d] = four;
            let expected = by_counting(&four);
            assert_eq!(of_four(a, b, c, d), expected, "{four:?}");
            let span = Span { first: 0, len: 4, left: 1.0, right: 1.0 };
            let row = |values: &[u8]| vec![(values.to_vec(), Vec::new())];
            assert_eq!(Counter::default().most(&row(&four), &span), Some(expected));
            let wide: Vec<u32> = four.iter().map(|v| u32::from(*v)).collect();
            let mut counter = Counter::default();
            assert_eq!(counter.most(&[(wide.clone(), Vec::new())], &span), Some(u32::from(expected)));
            assert_eq!(
                counter.count_table(),
                if a == b && b == c && c == d { None } else { Some(u32::from(expected)) }
            );
        }
    }

    #[test]
    fn masked_values_do_not_count() {
        let span = Span { first: 1, len: 3, left: 1.0, right: 1.0 };
        let mut counter = Counter::<i16>::default();
        assert_eq!(counter.most(&[(vec![9, 5, 5, 7], vec![255, 0, 0, 255])], &span), Some(7));
        assert_eq!(counter.most(&[(vec![9, 5, 5, 7], vec![255, 0, 0, 0])], &span), None);
        assert_eq!(counter.most(&[(vec![9, 5, 5, 5], Vec::new())], &span), Some(5));
    }
}
