//! The bytes of a file that are known so far.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::error::{Error, Part};

/// A view of a file of which some ranges are known.
///
/// Everything in this crate that reads bytes reads them through this trait, and answers either the value
/// or the ranges it still needs ([`Stop::Need`]).
pub trait KnownBytes {
    /// The bytes of `range`, if all of them are known.
    fn get(&self, range: Range<u64>) -> Option<Cow<'_, [u8]>>;

    /// The length of the whole file in bytes, if known.
    fn file_len(&self) -> Option<u64>;
}

impl KnownBytes for [u8] {
    fn get(&self, range: Range<u64>) -> Option<Cow<'_, [u8]>> {
        let start = usize::try_from(range.start).ok()?;
        let end = usize::try_from(range.end).ok()?;
        <[u8]>::get(self, start..end).map(Cow::Borrowed)
    }

    fn file_len(&self) -> Option<u64> {
        Some(self.len() as u64)
    }
}

impl<K: KnownBytes + ?Sized> KnownBytes for &K {
    fn get(&self, range: Range<u64>) -> Option<Cow<'_, [u8]>> {
        (**self).get(range)
    }

    fn file_len(&self) -> Option<u64> {
        (**self).file_len()
    }
}

/// Why a lookup stopped: it needs bytes that are not known yet, or the file is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Ranges to make known before asking again, in ascending order, not overlapping.
    Need(Vec<Range<u64>>),
    /// More bytes would not help.
    Failed(Error),
}

impl Stop {
    /// One range is needed.
    pub(crate) fn need(range: Range<u64>) -> Stop {
        Stop::Need(std::iter::once(range).collect())
    }
}

impl From<Error> for Stop {
    fn from(e: Error) -> Self {
        Stop::Failed(e)
    }
}

/// A value, or the ranges that are needed to know it.
pub type Lookup<T> = Result<T, Stop>;

/// Bytes of `part`, checked against the end of the file.
pub(crate) fn lookup<K: KnownBytes + ?Sized>(known: &K, part: Part, offset: u64, length: u64) -> Lookup<Cow<'_, [u8]>> {
    let end = check_bounds(known.file_len(), part, offset, length)?;
    known.get(offset..end).ok_or_else(|| Stop::need(offset..end))
}

/// The end of a range, or the error that it lies behind the end of the file.
pub(crate) fn check_bounds(file_len: Option<u64>, part: Part, offset: u64, length: u64) -> Result<u64, Error> {
    match offset.checked_add(length) {
        Some(end) if file_len.is_none_or(|len| end <= len) => Ok(end),
        _ => Err(Error::OutOfBounds { part, offset, length, file_len: file_len.unwrap_or(u64::MAX) }),
    }
}

/// Sorts ranges and joins those that overlap or touch.
pub(crate) fn join_ranges(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|r| r.start);
    let mut joined: Vec<Range<u64>> = Vec::new();
    for r in ranges {
        match joined.last_mut() {
            Some(last) if r.start <= last.end => last.end = last.end.max(r.end),
            _ => joined.push(r),
        }
    }
    joined
}

/// Known ranges of a file. Each byte is kept once, as it came first: what is held never exceeds the file.
///
/// The simplest [`KnownBytes`] for callers who fetch ranges themselves.
#[derive(Clone, Debug, Default)]
pub struct Fragments {
    /// Never overlapping, never empty.
    pieces: BTreeMap<u64, Vec<u8>>,
    file_len: Option<u64>,
}

impl Fragments {
    /// Nothing known yet; `file_len` is the length of the whole file in bytes, if known.
    pub fn new(file_len: Option<u64>) -> Self {
        Fragments { pieces: BTreeMap::new(), file_len }
    }

    /// Makes `bytes` known, which lie at `offset` of the file.
    pub fn insert(&mut self, offset: u64, bytes: Vec<u8>) {
        let end = offset.saturating_add(bytes.len() as u64);
        let gaps = self.missing(offset..end);
        if gaps.len() == 1 && gaps.first() == Some(&(offset..end)) {
            self.pieces.insert(offset, bytes);
            return;
        }
        for gap in gaps {
            let from = usize::try_from(gap.start - offset).unwrap_or(usize::MAX);
            let to = usize::try_from(gap.end - offset).unwrap_or(usize::MAX);
            if let Some(new) = bytes.get(from..to) {
                self.pieces.insert(gap.start, new.to_vec());
            }
        }
    }

    /// The parts of `range` that are not known, in ascending order.
    fn missing(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut gaps = Vec::new();
        let mut at = range.start;
        while at < range.end {
            if let Some(end) = self.known_until(at) {
                at = end;
                continue;
            }
            let next = self.pieces.range(at..range.end).next().map_or(range.end, |(start, _)| *start);
            gaps.push(at..next);
            at = next;
        }
        gaps
    }

    /// The end of the piece that holds the byte at `at`.
    fn known_until(&self, at: u64) -> Option<u64> {
        let (start, bytes) = self.pieces.range(..=at).next_back()?;
        Some(start.saturating_add(bytes.len() as u64)).filter(|end| *end > at)
    }
}

impl KnownBytes for Fragments {
    fn get(&self, range: Range<u64>) -> Option<Cow<'_, [u8]>> {
        if range.start >= range.end {
            return (range.start == range.end).then_some(Cow::Borrowed(&[]));
        }
        let (start, bytes) = self.pieces.range(..=range.start).next_back()?;
        let part = |start: u64, bytes: &'_ [u8], range: &Range<u64>| -> Option<Range<usize>> {
            let from = usize::try_from(range.start.checked_sub(start)?).ok()?;
            let to = usize::try_from(range.end.checked_sub(start)?).ok()?.min(bytes.len());
            Some(from..to)
        };
        let first = bytes.get(part(*start, bytes, &range)?)?;
        let mut at = range.start + first.len() as u64;
        if at == range.end {
            return Some(Cow::Borrowed(first));
        }
        // A range over several pieces: they must follow each other without a gap.
        let mut joined = first.to_vec();
        for (start, bytes) in self.pieces.range(at..range.end) {
            if *start != at {
                return None;
            }
            let next = bytes.get(part(*start, bytes, &(at..range.end))?)?;
            joined.extend_from_slice(next);
            at += next.len() as u64;
        }
        (at == range.end).then_some(Cow::Owned(joined))
    }

    fn file_len(&self) -> Option<u64> {
        self.file_len
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_that_spans_two_fragments_is_joined() {
        let mut f = Fragments::new(Some(100));
        f.insert(0, vec![0, 1, 2, 3]);
        f.insert(4, vec![4, 5, 6, 7]);
        assert_eq!(f.get(2..6).as_deref(), Some(&[2, 3, 4, 5][..]));
        assert_eq!(f.get(6..9), None);
    }

    #[test]
    fn ranges_that_touch_are_joined_and_others_stay_apart() {
        assert_eq!(join_ranges(vec![10..20, 0..4, 4..8, 15..30]), vec![0..8, 10..30]);
    }

    #[test]
    fn an_offset_near_the_end_of_the_number_range_is_out_of_bounds() {
        assert!(check_bounds(None, Part::Ifd, u64::MAX - 1, 8).is_err());
    }
}
