//! The simplest [`KnownBytes`]: parts of a file, each byte kept once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{Bound, Range};

use bytes::Bytes;

use crate::known_bytes::KnownBytes;

/// Known ranges of a file, for callers who fetch ranges themselves. Each byte is kept once, as it came first: what is held never
/// exceeds the file. Nothing is dropped, and nothing is copied on the way in: pieces share the memory of the [`Bytes`] that came.
#[derive(Clone, Debug, Default)]
pub struct Fragments {
    /// Start offset → bytes. Pieces are not empty and do not overlap.
    pieces: BTreeMap<u64, Bytes>,
    file_len: Option<u64>,
}

impl Fragments {
    /// Nothing known yet; `file_len` is the length of the whole file in bytes, if known.
    pub fn new(file_len: Option<u64>) -> Self {
        Fragments { pieces: BTreeMap::new(), file_len }
    }

    /// Makes `bytes` known, which lie at `offset` of the file. Bytes known before are kept as they were; only the others are taken.
    /// Bytes past offset `u64::MAX` are ignored.
    pub fn insert(&mut self, offset: u64, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        let room = usize::try_from(u64::MAX - offset).unwrap_or(usize::MAX).min(bytes.len());
        let end = offset.saturating_add(room as u64);
        for gap in self.missing(offset..end) {
            // Both lie within `room`, which is a usize.
            let (from, to) = ((gap.start - offset) as usize, (gap.end - offset) as usize);
            self.pieces.insert(gap.start, bytes.slice(from..to));
        }
    }

    /// The parts of `range` that are not known, in ascending order.
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

    /// The bytes of `range` as a cheap, reference-counted slice: shared where they lie in one piece, copied together where not.
    /// `None` if a part is not known.
    pub fn get_bytes(&self, range: Range<u64>) -> Option<Bytes> {
        let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        if len == 0 {
            return Some(Bytes::new());
        }
        let (piece, within) = self.piece(range.start)?;
        match within.checked_add(len).filter(|&end| end <= piece.len()) {
            Some(end) => Some(piece.slice(within..end)),
            None => self.get(range).map(|bytes| bytes.into_owned().into()),
        }
    }

    /// How many bytes are known.
    pub fn total_bytes(&self) -> u64 {
        self.pieces.values().map(|piece| piece.len() as u64).sum()
    }

    /// The last piece that begins at or before an offset, and how far into it the offset lies: past its end, maybe.
    fn piece(&self, at: u64) -> Option<(&Bytes, usize)> {
        let (&start, piece) = self.pieces.range(..=at).next_back()?;
        Some((piece, usize::try_from(at - start).ok()?))
    }
}

impl KnownBytes for Fragments {
    /// Borrowed where the range lies in one piece, copied together otherwise.
    fn get(&self, range: Range<u64>) -> Option<Cow<'_, [u8]>> {
        let len = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        if len == 0 {
            return Some(Cow::Borrowed(&[]));
        }
        let (piece, within) = self.piece(range.start)?;
        if let Some(found) = within.checked_add(len).and_then(|end| piece.get(within..end)) {
            return Some(Cow::Borrowed(found));
        }
        // Nothing is allocated for a range that is not known to its end.
        if !self.missing(range.clone()).is_empty() {
            return None;
        }
        let mut joined = Vec::with_capacity(len);
        let mut at = range.start;
        while at < range.end {
            let (piece, within) = self.piece(at)?;
            let wanted = usize::try_from(range.end - at).unwrap_or(usize::MAX);
            let part =
                piece.get(within..piece.len().min(within.saturating_add(wanted))).filter(|part| !part.is_empty())?;
            joined.extend_from_slice(part);
            at += part.len() as u64;
        }
        Some(Cow::Owned(joined))
    }

    fn file_len(&self) -> Option<u64> {
        self.file_len
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_range_in_one_piece_is_borrowed_and_one_across_two_is_joined() {
        let mut known = Fragments::new(Some(100));
        known.insert(0, &b"abcd"[..]);
        known.insert(4, &b"efgh"[..]);
        assert!(matches!(known.get(1..3), Some(Cow::Borrowed(b"bc"))));
        assert!(matches!(known.get(2..6), Some(Cow::Owned(ref joined)) if joined == b"cdef"));
        assert_eq!(known.get(6..9), None);
        assert_eq!(known.missing(2..20), std::slice::from_ref(&(8..20)));
    }

    #[test]
    fn what_comes_is_shared_and_not_copied() {
        let came = Bytes::from(vec![7; 100]);
        let mut known = Fragments::default();
        known.insert(50, came.clone());
        let part = known.get_bytes(60..70).unwrap();
        assert_eq!(part.as_ptr(), came[10..].as_ptr());
    }

    #[test]
    fn bytes_known_before_are_not_counted_twice() {
        let mut known = Fragments::default();
        known.insert(10, &b"0123456789"[..]);
        known.insert(5, &b"abcdefghijklmnopqrst"[..]);
        assert_eq!(known.total_bytes(), 20);
        assert_eq!(known.get(5..25).as_deref(), Some(&b"abcde0123456789pqrst"[..]));
        assert_eq!(known.get_bytes(5..25).as_deref(), Some(&b"abcde0123456789pqrst"[..]));
    }

    #[test]
    fn backwards_ranges_are_unknown() {
        #[allow(clippy::reversed_empty_ranges)]
        let backwards = 5..3;
        assert_eq!(Fragments::default().get(backwards), None);
    }

    #[test]
    fn bytes_past_the_last_offset_are_ignored() {
        let mut known = Fragments::default();
        known.insert(u64::MAX - 2, vec![1, 2, 3, 4]);
        assert_eq!(known.get(u64::MAX - 2..u64::MAX).as_deref(), Some(&[1, 2][..]));
    }

    proptest! {
        #[test]
        fn behaves_like_an_array_of_maybe_known_bytes(
            inserts in proptest::collection::vec((0u64..200, 0usize..60), 0..12), start in 0u64..260, len in 0u64..100,
        ) {
            let file: Vec<u8> = (0..400u32).map(|i| (i * 7) as u8).collect();
            let mut model = vec![false; 400];
            let mut known = Fragments::default();
            for (offset, len) in inserts {
                let at = offset as usize;
                known.insert(offset, file[at..at + len].to_vec());
                model[at..at + len].fill(true);
            }
            prop_assert_eq!(known.total_bytes(), model.iter().filter(|&&k| k).count() as u64);
            let (from, to) = (start as usize, (start + len) as usize);
            let all = model[from..to].iter().all(|&k| k);
            let got = known.get(start..start + len);
            prop_assert_eq!(got.as_deref(), all.then(|| &file[from..to]));
            let shared = known.get_bytes(start..start + len);
            prop_assert_eq!(shared.as_deref(), all.then(|| &file[from..to]));
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
