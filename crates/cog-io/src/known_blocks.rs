//! The bytes of a file that are known so far.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{Bound, Range};

use bytes::Bytes;

/// A sparse buffer: parts of a file, by offset, each byte kept once.
///
/// Header bytes are fetched into it, parsed from it, and later serve pixels that happen to lie there. It grows by what is inserted
/// and never drops anything.
#[derive(Debug, Clone, Default)]
pub struct KnownBlocks {
    /// Start offset → bytes. Pieces are not empty and do not overlap.
    pieces: BTreeMap<u64, Bytes>,
}

impl KnownBlocks {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the bytes that stand at `offset` in the file. Bytes known before are kept as they were; only the others are taken. Bytes
    /// past offset `u64::MAX` are ignored.
    pub fn insert(&mut self, offset: u64, bytes: Bytes) {
        let room = usize::try_from(u64::MAX - offset).unwrap_or(usize::MAX).min(bytes.len());
        let end = offset.saturating_add(room as u64);
        for gap in self.missing(offset..end) {
            // Both lie within `room`, which is a usize.
            let (from, to) = ((gap.start - offset) as usize, (gap.end - offset) as usize);
            self.pieces.insert(gap.start, bytes.slice(from..to));
        }
    }

    /// The bytes of `range`, if all of them are known: borrowed when they lie in one piece, copied together otherwise.
    pub fn get(&self, range: Range<u64>) -> Option<Cow<'_, [u8]>> {
        let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        if len == 0 {
            return Some(Cow::Borrowed(&[]));
        }
        let (&first, piece) = self.pieces.range(..=range.start).next_back()?;
        let within = usize::try_from(range.start - first).ok()?;
        if let Some(found) = within.checked_add(len).and_then(|end| piece.get(within..end)) {
            return Some(Cow::Borrowed(found));
        }
        if !self.missing(range.clone()).is_empty() {
            return None;
        }
        let mut joined = Vec::with_capacity(len);
        for (&start, piece) in self.pieces.range(first..range.end) {
            let from = usize::try_from(range.start.saturating_sub(start)).ok()?;
            let to = usize::try_from(range.end - start).map_or(piece.len(), |to| to.min(piece.len()));
            joined.extend_from_slice(piece.get(from..to)?);
        }
        Some(Cow::Owned(joined))
    }

    /// The bytes of `range` as a cheap, reference-counted slice, if they lie in one piece.
    pub fn get_bytes(&self, range: Range<u64>) -> Option<Bytes> {
        let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        if len == 0 {
            return Some(Bytes::new());
        }
        let (&first, piece) = self.pieces.range(..=range.start).next_back()?;
        let from = usize::try_from(range.start - first).ok()?;
        let to = from.checked_add(len).filter(|&to| to <= piece.len())?;
        Some(piece.slice(from..to))
    }

    /// The parts of `range` that are not known, in order.
    pub fn missing(&self, range: Range<u64>) -> Vec<Range<u64>> {
        let mut gaps = Vec::new();
        let mut at = range.start;
        if let Some((&start, piece)) = self.pieces.range(..=range.start).next_back() {
            at = at.max(start.saturating_add(piece.len() as u64));
        }
        for (&start, piece) in self.pieces.range((Bound::Excluded(range.start), Bound::Unbounded)) {
            if start >= range.end {
                break;
            }
            if start > at {
                gaps.push(at..start);
            }
            at = at.max(start.saturating_add(piece.len() as u64));
        }
        if at < range.end {
            gaps.push(at..range.end);
        }
        gaps
    }

    /// How many bytes are known.
    pub fn total_bytes(&self) -> u64 {
        self.pieces.values().map(|piece| piece.len() as u64).sum()
    }

    /// The known parts in order: offset and bytes.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Bytes)> {
        self.pieces.iter().map(|(&start, piece)| (start, piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_range_in_one_piece_is_borrowed_and_one_across_two_is_joined() {
        let mut known = KnownBlocks::new();
        known.insert(0, Bytes::from_static(b"abcd"));
        known.insert(4, Bytes::from_static(b"efgh"));
        assert!(matches!(known.get(1..3), Some(Cow::Borrowed(b"bc"))));
        assert!(matches!(known.get(2..6), Some(Cow::Owned(ref joined)) if joined == b"cdef"));
        assert_eq!(known.get(6..9), None);
        assert_eq!(known.missing(2..20), std::slice::from_ref(&(8..20)));
    }

    #[test]
    fn bytes_known_before_are_not_counted_twice() {
        let mut known = KnownBlocks::new();
        known.insert(10, Bytes::from_static(b"0123456789"));
        known.insert(5, Bytes::from_static(b"abcdefghijklmnopqrst"));
        assert_eq!(known.total_bytes(), 20);
        assert_eq!(known.get(5..25).as_deref(), Some(&b"abcde0123456789pqrst"[..]));
    }

    #[test]
    fn backwards_ranges_are_unknown() {
        #[allow(clippy::reversed_empty_ranges)]
        let backwards = 5..3;
        assert_eq!(KnownBlocks::new().get(backwards), None);
    }

    proptest! {
        #[test]
        fn behaves_like_an_array_of_maybe_known_bytes(
            inserts in proptest::collection::vec((0u64..200, 0usize..60), 0..12), start in 0u64..260, len in 0u64..100,
        ) {
            let file: Vec<u8> = (0..400u32).map(|i| (i * 7) as u8).collect();
            let mut model = vec![false; 400];
            let mut known = KnownBlocks::new();
            for (offset, len) in inserts {
                let at = offset as usize;
                known.insert(offset, Bytes::copy_from_slice(&file[at..at + len]));
                model[at..at + len].fill(true);
            }
            prop_assert_eq!(known.total_bytes(), model.iter().filter(|&&k| k).count() as u64);
            let (from, to) = (start as usize, (start + len) as usize);
            let all = model[from..to].iter().all(|&k| k);
            let got = known.get(start..start + len);
            prop_assert_eq!(got.as_deref(), all.then(|| &file[from..to]));
            let mut gaps = vec![false; 400];
            for gap in known.missing(start..start + len) {
                gaps[gap.start as usize..gap.end as usize].fill(true);
            }
            for i in 0..400 {
                prop_assert_eq!(gaps[i], (from..to).contains(&i) && !model[i]);
            }
        }
    }
}
