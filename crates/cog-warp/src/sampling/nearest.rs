//! The source pixel in which a place lies.

use super::number::Number;
use super::places::{Places, ROW, below, for_each_band, index as index_of};
use super::view::View;

/// Nothing lies there.
const NOWHERE: usize = usize::MAX;

/// Fills rows of all bands. `samples` has room for `bands` rows, `valid` for one or as many.
pub(crate) fn nearest<T: Number>(view: &View<'_, T>, places: &Places<'_>, samples: &mut [T], valid: &mut [u8]) {
    let len = places.xs.len().min(ROW);
    let mut index = [NOWHERE; ROW];
    let (width, height) = (view.width as i32, view.height as i32);
    let (last_column, last_row) = (places.extent.right as i32 - 1, places.extent.bottom as i32 - 1);
    let mut all_inside = true;
    for ((index, x), y) in index.iter_mut().zip(places.xs).zip(places.ys) {
        let (column, row) = (below(*x).min(last_column), below(*y).min(last_row));
        // A view holds all that its rows need; what lies outside it lies outside the level.
        let is_inside = places.extent.contains(*x, *y) & (column >= 0) & (row >= 0) & (column < width) & (row < height);
        *index = if is_inside { index_of(column, row, view.width) } else { NOWHERE };
        all_inside &= is_inside;
    }
    for_each_band(view, len, samples, valid, |plane, out| match (all_inside, plane.valid) {
        (true, None) => {
            for (sample, index) in out.samples.iter_mut().zip(&index) {
                *sample = plane.samples.get(*index).copied().unwrap_or_default();
            }
            out.valid.fill(255);
        }
        (_, mask) => {
            for ((sample, valid), index) in out.samples.iter_mut().zip(out.valid).zip(&index) {
                (*sample, *valid) = match plane.samples.get(*index) {
                    Some(v) => (*v, mask.and_then(|m| m.get(*index)).map_or(255, |v| *v)),
                    None => (T::default(), 0),
                };
            }
        }
    });
}
