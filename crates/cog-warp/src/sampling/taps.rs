//! Where the source pixels around a row of places lie.

use super::places::{Places, ROW, below, index};
use super::view::{Plane, View};

/// The place has no pixel, or some of its taps lie outside.
const NOT_INNER: usize = usize::MAX;

/// Indices of the first of the taps around each place of a row.
pub(super) struct Taps {
    pub(super) first: [usize; ROW],
    /// True if all taps of all places lie inside the view.
    pub(super) all_inner: bool,
}

impl Taps {
    /// Taps from `from` to `to` around the middle of the pixel before each place.
    #[inline]
    pub(super) fn new<T>(view: &View<'_, T>, places: &Places<'_>, from: i32, to: i32) -> Taps {
        let mut taps = Taps { first: [NOT_INNER; ROW], all_inner: true };
        let (columns, rows) = (view.width as i32 - (to - from), view.height as i32 - (to - from));
        for ((first, x), y) in taps.first.iter_mut().zip(places.xs).zip(places.ys) {
            let (column, row) = (below(x - 0.5) + from, below(y - 0.5) + from);
            let is_inner =
                places.extent.contains(*x, *y) & (column >= 0) & (row >= 0) & (column < columns) & (row < rows);
            *first = if is_inner { index(column, row, view.width) } else { NOT_INNER };
            taps.all_inner &= is_inner;
        }
        taps
    }

    /// The first tap of each place, if all of its taps lie inside.
    pub(super) fn iter(&self) -> impl Iterator<Item = Option<usize>> {
        self.first.iter().map(|first| (*first != NOT_INNER).then_some(*first))
    }
}

/// Whether a square of pixels holds data.
#[inline(always)]
pub(super) fn all_valid<T>(plane: &Plane<'_, T>, first: usize, side: usize) -> bool {
    let Some(valid) = plane.valid else { return true };
    (0..side).all(|row| {
        let at = first + row * plane.width;
        valid.get(at..at + side).is_some_and(|row| row.iter().all(|v| *v != 0))
    })
}
