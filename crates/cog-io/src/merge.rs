//! From the ranges wanted to the reads sent: neighbours are merged within a gap cap *and* a size cap.
//!
//! `object_store::coalesce_ranges` has no cap on the merged size, so ten thousand adjacent tiles become one request of a
//! gigabyte; and a read of one large range is slower than several side by side. Hence this planner.

use std::ops::Range;

/// When two ranges become one read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MergeRules {
    /// Ranges further apart than this many bytes stay separate. Default 64 KiB.
    pub max_gap: u64,
    /// A merged read is not made longer than this many bytes; a single range may be. Default 8 MiB.
    pub max_size: u64,
    /// Unwanted bytes in one read, at most, in percent of the wanted ones. Gaps up to [`MergeRules::free_gap`] bytes are
    /// not counted. Default 10.
    pub max_waste_percent: u64,
    /// Gaps this small are always bridged: the header of one more request is longer. Default 1 KiB.
    pub free_gap: u64,
    /// False: only overlapping ranges are joined. Default true.
    pub enabled: bool,
}

impl Default for MergeRules {
    fn default() -> Self {
        Self { max_gap: 64 << 10, max_size: 8 << 20, max_waste_percent: 10, free_gap: 1 << 10, enabled: true }
    }
}

/// One read to be sent and the wanted ranges that lie in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MergedRead {
    /// Bytes of the object, from the start of the first part to the end of the last.
    pub range: Range<u64>,
    /// Indices into the ranges given to [`merge`], ordered by where they start.
    pub parts: Vec<usize>,
}

/// Plans the reads for `ranges`.
///
/// Every non-empty range appears in exactly one read and no byte lies in two reads: ranges that overlap always share one, even if
/// that passes the size cap. Empty ranges need no read and appear in none. Reads are ordered by offset.
///
/// ```
/// use cog_io::{MergeRules, merge};
/// let reads = merge(&[0..100, 5_000_000..5_000_100, 100..200], &MergeRules::default());
/// assert_eq!(reads.len(), 2);
/// assert_eq!((reads[0].range.clone(), reads[0].parts.as_slice()), (0..200, &[0, 2][..]));
/// ```
pub fn merge(ranges: &[Range<u64>], rules: &MergeRules) -> Vec<MergedRead> {
    let mut order: Vec<(usize, &Range<u64>)> = ranges.iter().enumerate().filter(|(_, r)| r.start < r.end).collect();
    order.sort_by_key(|(index, r)| (r.start, r.end, *index));
    let mut reads: Vec<MergedRead> = Vec::new();
    let mut waste = 0u64;
    for (index, range) in order {
        if let Some(last) = reads.last_mut() {
            let overlaps = range.start < last.range.end;
            let gap = range.start.saturating_sub(last.range.end);
            let end = last.range.end.max(range.end);
            let size = end - last.range.start;
            let counted = if gap > rules.free_gap { gap } else { 0 };
            let wanted = size.saturating_sub(waste).saturating_sub(gap);
            let cheap = (waste + counted).saturating_mul(100) <= wanted.saturating_mul(rules.max_waste_percent);
            let near = rules.enabled && gap <= rules.max_gap && size <= rules.max_size && (counted == 0 || cheap);
            if overlaps || near {
                last.range.end = end;
                last.parts.push(index);
                waste += gap;
                continue;
            }
        }
        waste = 0;
        reads.push(MergedRead { range: range.clone(), parts: vec![index] });
    }
    reads
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ten_thousand_adjacent_tiles_become_reads_of_bounded_size() {
        let ranges: Vec<_> = (0..10_000u64).map(|i| i * 100_000..(i + 1) * 100_000).collect();
        let reads = merge(&ranges, &MergeRules::default());
        assert_eq!(reads.len(), 121); // 83 tiles of 100 kB fit in 8 MiB
        assert!(reads.iter().all(|read| read.range.end - read.range.start <= 8 << 20));
    }

    #[test]
    fn a_wide_gap_separates_and_a_leader_of_eight_bytes_does_not() {
        let rules = MergeRules::default();
        assert_eq!(merge(&[0..10, 18..30], &rules).len(), 1);
        assert_eq!(merge(&[0..10, 100_000..100_010], &rules).len(), 2);
    }

    #[test]
    fn gaps_are_bridged_only_while_they_are_a_tenth_of_the_read() {
        let rules = MergeRules::default();
        assert_eq!(merge(&[0..10_000, 15_000..25_000], &rules).len(), 2);
        assert_eq!(merge(&[0..100_000, 105_000..205_000], &rules).len(), 1);
    }

    #[test]
    fn without_merging_only_overlaps_are_joined() {
        let rules = MergeRules { enabled: false, ..MergeRules::default() };
        let reads = merge(&[0..10, 10..20, 5..8, 0..10], &rules);
        assert_eq!(reads.len(), 2);
        assert_eq!(reads[0].parts, [0, 3, 2]);
    }

    proptest! {
        #[test]
        fn every_range_lies_in_one_read_and_no_byte_in_two(
            starts in proptest::collection::vec((0u64..1_000_000, 0u64..50_000), 0..60),
            max_gap in 0u64..100_000, max_size in 1u64..500_000, enabled: bool,
        ) {
            let ranges: Vec<_> = starts.iter().map(|&(start, len)| start..start + len).collect();
            let reads = merge(&ranges, &MergeRules { max_gap, max_size, enabled, ..MergeRules::default() });
            let mut seen = vec![0; ranges.len()];
            for read in &reads {
                for &part in &read.parts {
                    seen[part] += 1;
                    prop_assert!(read.range.start <= ranges[part].start && ranges[part].end <= read.range.end);
                }
            }
            for (range, count) in ranges.iter().zip(seen) {
                prop_assert_eq!(count, usize::from(!range.is_empty()));
            }
            for pair in reads.windows(2) {
                prop_assert!(pair[0].range.end <= pair[1].range.start);
            }
        }
    }
}
