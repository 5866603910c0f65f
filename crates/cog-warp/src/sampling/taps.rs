//! Where the source pixels around a row of places lie.

use super::number::Number;
use super::places::{Places, below, index};
use super::scratch::Scratch;
use super::view::{Plane, View};

/// Not all taps of a place are inside.
const NOT_INNER: usize = usize::MAX;

/// Looks for taps from `from` to `to` around the middle of the pixel before each place. Returns how many places have all of them inside
/// the view.
#[inline(always)]
pub(super) fn find<T: Number>(
    view: &View<'_, T>,
    places: &Places<'_>,
    from: i32,
    to: i32,
    scratch: &mut Scratch<T>,
) -> usize {
    let (columns, rows) = (view.width as i32 - (to - from), view.height as i32 - (to - from));
    let (extent, width) = (*places.extent, view.width);
    let spots = places.xs.iter().zip(places.ys);
    for (first, (x, y)) in scratch.first.renew(places.xs.len()).iter_mut().zip(spots) {
        let (column, row) = (below(x - 0.5) + from, below(y - 0.5) + from);
        let is_inner = extent.contains(*x, *y) & (column >= 0) & (row >= 0) & (column < columns) & (row < rows);
        *first = if is_inner { index(column, row, width) } else { NOT_INNER };
    }
    settle(scratch)
}

/// The pixels in which places lie. Returns how many of them are inside the view.
#[inline(always)]
pub(super) fn find_nearest<T: Number>(view: &View<'_, T>, places: &Places<'_>, scratch: &mut Scratch<T>) -> usize {
    let (columns, rows) = (view.width as i32, view.height as i32);
    let (extent, width) = (*places.extent, view.width);
    let (last_column, last_row) = (extent.right as i32 - 1, extent.bottom as i32 - 1);
    let spots = places.xs.iter().zip(places.ys);
    for (first, (x, y)) in scratch.first.renew(places.xs.len()).iter_mut().zip(spots) {
        let (column, row) = (below(*x).min(last_column), below(*y).min(last_row));
        // A view holds all that its rows need; what lies outside it lies outside the level.
        let is_inner = extent.contains(*x, *y) & (column >= 0) & (row >= 0) & (column < columns) & (row < rows);
        *first = if is_inner { index(column, row, width) } else { NOT_INNER };
    }
    settle(scratch)
}

/// Counts what is inside, and gives the rest a place that can be looked at.
#[inline(always)]
fn settle<T: Number>(scratch: &mut Scratch<T>) -> usize {
    let Scratch { first, inner, .. } = scratch;
    if first.measure() != NOT_INNER {
        inner.fill(255);
        return first.get().len();
    }
    let mut count = 0;
    for (first, inner) in first.renew(first.get().len()).iter_mut().zip(inner) {
        let is_inner = *first != NOT_INNER;
        (*first, *inner) = if is_inner { (*first, 255) } else { (0, 0) };
        count += usize::from(is_inner);
    }
    first.measure();
    count
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
