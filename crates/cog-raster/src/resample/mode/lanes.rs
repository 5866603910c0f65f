//! Source rows laid out so that many output columns can be counted side by side.

use std::collections::VecDeque;

use super::super::vector::LANES;
use super::table::Table;
use crate::pixels::sample::Sample;
use crate::resample::plan::Span;
use crate::resample::vector;

/// Samples under an output pixel that are compared each with each; more are counted in a table.
const FEW: usize = 128;

/// The source rows of the output rows in the making.
///
/// A row is kept in groups of [`LANES`] output columns: the first source column of each, then the second, as many as the
/// widest has. What an output column does not have counts as invalid.
#[derive(Debug)]
pub(crate) struct Lanes<T: Sample> {
    /// First source column of each output column, and how many there are.
    columns: Vec<(u32, u32)>,
    /// Source columns of the widest output column.
    reach: usize,
    rows: VecDeque<Row<T>>,
    free: Vec<Row<T>>,
    /// Number of the first row kept.
    start: u32,
    samples: Vec<[T; LANES]>,
    valid: Vec<[T::Count; LANES]>,
    column: Vec<T>,
    table: Table<T>,
}

#[derive(Debug)]
struct Row<T> {
    samples: Vec<[T; LANES]>,
    /// 1 for valid, 0 for invalid or not there; empty where all are valid.
    valid: Vec<[u8; LANES]>,
    /// Of each group: all are valid.
    whole: Vec<bool>,
}

impl<T: Sample> Lanes<T> {
    /// `start` is the number of the source row that comes first.
    pub(crate) fn new(spans: &[Span], start: u32) -> Lanes<T> {
        Lanes {
            columns: spans.iter().map(|span| (span.first as u32, span.len as u32)).collect(),
            reach: spans.iter().map(|span| span.len).max().unwrap_or(1).max(1),
            rows: VecDeque::new(),
            free: Vec::new(),
            start,
            samples: Vec::new(),
            valid: Vec::new(),
            column: Vec::new(),
            table: Table::default(),
        }
    }

    /// Takes the next source row; with weights, what is 0 there is invalid.
    pub(crate) fn push(&mut self, samples: &[T], weights: Option<&[u8]>) {
        let empty = || Row { samples: Vec::new(), valid: Vec::new(), whole: Vec::new() };
        let mut row = self.free.pop().unwrap_or_else(empty);
        let groups = self.columns.len().div_ceil(LANES);
        row.samples.resize(groups * self.reach, [T::default(); LANES]);
        row.valid.resize(groups * self.reach, [1; LANES]);
        row.whole.clear();
        let planes = row.samples.chunks_exact_mut(self.reach).zip(row.valid.chunks_exact_mut(self.reach));
        for ((planes, valid), columns) in planes.zip(self.columns.chunks(LANES)) {
            for (plane, at) in planes.iter_mut().zip(0u32..) {
                for (to, (first, _)) in plane.iter_mut().zip(columns) {
                    *to = samples.get((first + at) as usize).copied().unwrap_or_default();
                }
            }
            let even = columns.iter().all(|(_, len)| *len as usize == self.reach);
            let mut whole = even;
            if weights.is_some() || !even {
                for (plane, at) in valid.iter_mut().zip(0u32..) {
                    for (to, (first, len)) in plane.iter_mut().zip(columns) {
                        let weight = weights.map_or(255, |w| w.get((first + at) as usize).copied().unwrap_or(0));
                        *to = u8::from(at < *len && weight != 0);
                    }
                }
                whole = valid.iter().flatten().all(|valid| *valid != 0);
            }
            row.whole.push(whole);
        }
        self.rows.push_back(row);
    }

    /// Gives back the rows above `first`.
    pub(crate) fn drop_until(&mut self, first: u32) {
        while self.start < first {
            self.free.extend(self.rows.pop_front());
            self.start += 1;
        }
    }

    /// Finds the most frequent value of each output column in the rows kept; `valid` is 0 where there is none.
    pub(crate) fn count(&mut self, out: &mut [T], valid: &mut [u8]) {
        let few = self.reach * self.rows.len() <= FEW;
        for (group, (out, valid)) in out.chunks_mut(LANES).zip(valid.chunks_mut(LANES)).enumerate() {
            let planes = group * self.reach..(group + 1) * self.reach;
            let whole = self.rows.iter().all(|row| row.whole.get(group) == Some(&true));
            self.samples.clear();
            for row in &self.rows {
                self.samples.extend_from_slice(row.samples.get(planes.clone()).unwrap_or_default());
            }
            self.valid.clear();
            if !whole {
                for row in &self.rows {
                    let marks = row.valid.get(planes.clone()).unwrap_or_default();
                    // Rows whose marks were never needed hold those of an earlier row.
                    let all = row.whole.get(group) == Some(&true);
                    self.valid.extend(marks.iter().map(|marks| marks.map(|v| T::Count::from(all || v != 0))));
                }
            }
            if few {
                let (mut found, mut counts) = ([T::default(); LANES], [T::Count::default(); LANES]);
                vector::most_frequent(&self.samples, &self.valid, &mut found, &mut counts);
                for ((out, valid), (found, count)) in out.iter_mut().zip(valid).zip(found.iter().zip(counts)) {
                    (*out, *valid) = (*found, if count > T::Count::default() { 255 } else { 0 });
                }
            } else {
                for (lane, (out, valid)) in out.iter_mut().zip(valid).enumerate() {
                    let found = self.count_column(lane);
                    (*out, *valid) = (found.unwrap_or_default(), if found.is_some() { 255 } else { 0 });
                }
            }
        }
    }

    /// Counts one column of the group that was gathered.
    fn count_column(&mut self, lane: usize) -> Option<T> {
        self.column.clear();
        if self.valid.is_empty() {
            self.column.extend(self.samples.iter().filter_map(|plane| plane.get(lane)));
        } else {
            let marked = self.samples.iter().zip(&self.valid);
            let none = T::Count::default();
            let valid = marked.filter(|(_, valid)| valid.get(lane).is_some_and(|valid| *valid > none));
            self.column.extend(valid.filter_map(|(plane, _)| plane.get(lane)));
        }
        self.table.clear();
        self.table.add(&self.column, None);
        self.table.most()
    }
}
