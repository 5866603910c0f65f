//! Where the source pixels around a row of places lie.

use super::axis::{Along, Axis};
use super::number::Number;
use super::places::{Places, index};
use super::scratch::Scratch;
use super::view::{Plane, View};

/// How many rows of the source ahead lines are asked for: rows of squares are short, no processor expects the next one by itself.
pub(super) const ROWS_AHEAD: usize = 6;

impl Places<'_> {
    pub(super) fn columns(&self) -> Along<'_> {
        Along { places: self.xs, is_one: false, ends: (self.extent.left, self.extent.right) }
    }

    pub(super) fn rows(&self) -> Along<'_> {
        Along { places: self.ys, is_one: self.is_level, ends: (self.extent.top, self.extent.bottom) }
    }
}

/// Finds the first of `side` × `side` taps of each place, from where they begin along both axes. Returns how many places have all of them
/// inside the view.
#[inline(always)]
pub(super) fn find<T: Number>(
    view: &View<'_, T>,
    places: &Places<'_>,
    columns: &Axis<T>,
    side: usize,
    scratch: &mut Scratch<T>,
) -> usize {
    let len = places.xs.len();
    let Scratch { first, inner, rows, .. } = scratch;
    // A view holds all that its rows need; what lies outside it lies outside the level.
    let inside = (view.width + 1).saturating_sub(side)..(view.height + 1).saturating_sub(side);
    let both = [columns, rows].map(|axis| axis.first.get(..len).unwrap_or_default());
    if columns.is_inside & rows.is_inside && first.locate(both, view.width, [inside.start, inside.end]) {
        inner.fill(255);
        return len;
    }
    let (across, down) = (inside.start as i32, inside.end as i32);
    let [columns, rows] = both;
    let (mut count, extent) = (0, *places.extent);
    let spots = columns.iter().zip(rows).zip(places.xs.iter().zip(places.ys));
    for ((first, inner), ((column, row), (x, y))) in first.renew(len).iter_mut().zip(inner).zip(spots) {
        let is_inner = extent.contains(*x, *y) & (*column >= 0) & (*row >= 0) & (*column < across) & (*row < down);
        (*first, *inner) = if is_inner { (index(*column, *row, view.width), 255) } else { (0, 0) };
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
