//! What is known of a file so far, and what a lookup in it answers.

use std::borrow::Cow;
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

/// Sorts ranges and joins those that overlap or touch, as [`Stop::Need`] lists them.
pub fn join_ranges(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_touch_are_joined_and_others_stay_apart() {
        assert_eq!(join_ranges(vec![10..20, 0..4, 4..8, 15..30]), vec![0..8, 10..30]);
    }

    #[test]
    fn an_offset_near_the_end_of_the_number_range_is_out_of_bounds() {
        assert!(check_bounds(None, Part::Ifd, u64::MAX - 1, 8).is_err());
    }
}
