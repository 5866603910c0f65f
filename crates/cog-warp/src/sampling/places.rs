//! Where a row of output pixels looks in the source.

use super::view::{Plane, View};
use crate::level::SIDE;

/// Pixels of a row that are sampled together, at most.
pub(super) const ROW: usize = SIDE as usize;

/// Source coordinates of the middles of a row of output pixels, in pixels of the view. NaN has no place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places<'a> {
    pub(crate) xs: &'a [f64],
    pub(crate) ys: &'a [f64],
    pub(crate) extent: &'a Extent,
    /// The xs are those of the row before, and their columns are known.
    pub(crate) columns_are_found: bool,
    /// All ys are the same.
    pub(crate) is_level: bool,
}

/// The edges of the whole level, in pixels of the view.
///
/// A place lies inside from the first edge to the last; the last edge belongs to the last pixel, as in GDAL's warper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extent {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Extent {
    /// Whether a place lies inside. NaN does not.
    #[inline(always)]
    pub(crate) fn contains(&self, x: f64, y: f64) -> bool {
        // Without branches: of several places at once.
        (x >= self.left) & (x <= self.right) & (y >= self.top) & (y <= self.bottom)
    }

    /// The pixel that a place lies in; `None` outside.
    #[inline(always)]
    pub(crate) fn pixel(&self, x: f64, y: f64) -> Option<(i32, i32)> {
        self.contains(x, y).then(|| (below(x).min(self.right as i32 - 1), below(y).min(self.bottom as i32 - 1)))
    }
}

/// The whole number at or below a number between -2^30 and 2^30; of others, anything. As in GDAL, a number within 1e-10 of the next whole
/// one counts as it.
///
/// Adding 1.5 × 2^52 leaves the nearest whole number in the lowest bits. The conversion of the language checks more than is needed
/// here, and rounding down is a call on processors that we are compiled for.
#[inline(always)]
pub(crate) fn below(v: f64) -> i32 {
    const LOWEST_BITS: f64 = 6_755_399_441_055_744.0;
    ((v - 0.5 + 1e-10) + LOWEST_BITS).to_bits() as i32
}

/// The index of a pixel that lies inside rows of a width. In whole words of the machine: an array in memory may have more pixels than fit into 32 bits.
#[inline(always)]
pub(super) fn index(column: i32, row: i32, width: usize) -> usize {
    // Factors of 32 bits: processors multiply several of them at once.
    (u64::from(row as u32) * u64::from(width as u32)) as usize + column as u32 as usize
}

/// One band of a row: what was made, and what of it is valid (255 or 0).
pub(super) struct BandRow<'a, T> {
    pub(super) samples: &'a mut [T],
    pub(super) valid: &'a mut [u8],
}

/// The row of one band in buffers that hold those of all bands one after the other. Bands share one row of validity if there is one
/// only.
#[inline(always)]
pub(super) fn band_row<'v, 'o, T>(
    view: &View<'v, T>,
    band: usize,
    len: usize,
    samples: &'o mut [T],
    valid: &'o mut [u8],
) -> Option<(Plane<'v, T>, BandRow<'o, T>)> {
    let at = band * len;
    let at_valid = if valid.len() < len * view.bands { 0 } else { at };
    let out = BandRow { samples: samples.get_mut(at..at + len)?, valid: valid.get_mut(at_valid..at_valid + len)? };
    Some((view.band(band)?, out))
}

#[cfg(test)]
mod tests {
    use super::{below, index};

    #[test]
    fn pixels_beyond_four_thousand_million_have_indices_of_their_own() {
        assert_eq!(index(69_999, 69_999, 70_000), 4_899_999_999);
    }

    #[test]
    fn numbers_are_rounded_down_and_those_just_below_a_whole_one_count_as_it() {
        for (v, whole) in
            [(0.0, 0), (0.99, 0), (1.0, 1), (-0.25, -1), (-1.0, -1), (2.999_999_999_99, 3), (1e9, 1_000_000_000)]
        {
            assert_eq!(below(v), whole, "{v}");
        }
    }
}
