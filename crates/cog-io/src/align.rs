//! Header bytes come in aligned blocks, so that a second look at the same place finds them.

use std::ops::Range;

/// Aligned blocks start at multiples of this: 16 KiB, what GDAL promises to be enough for the IFDs of a COG without their tables.
pub const BLOCK: u64 = 16 << 10;

/// Widens a wanted header range to the bytes worth fetching with it.
///
/// The result starts at the multiple of `block` at or before `wanted.start` and ends at the first multiple that is both at or
/// after `wanted.end` and at least one `block` past `wanted.start`; it is cut at `size` when that is known. An
/// IFD offset (a wanted range of a few bytes) at the tail of a file of any length thus brings the whole IFD in one request. `block` 0
/// leaves the range as it is.
///
/// ```
/// use cog_io::align;
/// assert_eq!(align(40_000..40_002, 16_384, None), 32_768..65_536);
/// assert_eq!(align(40_000..40_002, 16_384, Some(50_000)), 32_768..50_000);
/// ```
pub fn align(wanted: Range<u64>, block: u64, size: Option<u64>) -> Range<u64> {
    if block == 0 {
        return wanted;
    }
    let start = wanted.start - wanted.start % block;
    let least = wanted.end.max(wanted.start.saturating_add(block));
    let end = least.checked_next_multiple_of(block).unwrap_or(u64::MAX);
    // A range past the end stays what it was: reading it then names the bytes that are missing.
    match size {
        Some(size) if wanted.end <= size => start..end.min(size),
        Some(_) => wanted,
        None => start..end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_range_past_the_end_is_left_for_the_read_to_refuse() {
        assert_eq!(align(90..110, 64, Some(100)), 90..110);
    }

    #[test]
    fn offsets_near_the_end_of_all_numbers_do_not_overflow() {
        assert_eq!(align(u64::MAX - 1..u64::MAX, 16_384, None).end, u64::MAX);
    }

    proptest! {
        #[test]
        fn the_widened_range_covers_the_wanted_one(start in 0u64..1 << 40, len in 0u64..1 << 20, extra in 0u64..1 << 20) {
            let wanted = start..start + len;
            let size = wanted.end + extra;
            let wide = align(wanted.clone(), BLOCK, Some(size));
            prop_assert!(wide.start <= wanted.start && wanted.end <= wide.end && wide.end <= size);
            prop_assert!(wide.end == size || wide.end - wanted.start >= BLOCK);
        }
    }
}
