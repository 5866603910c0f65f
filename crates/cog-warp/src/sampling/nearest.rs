//! The source pixel in which a place lies.

use super::axis::Axis;
use super::number::Number;
use super::places::{Places, ROW, band_row};
use super::scratch::Scratch;
use super::taps;
use super::view::View;
use crate::vector::vectorized;

vectorized! {
    /// Fills rows of all bands. `columns` are those of the places' xs, if they were found before. `samples` has room for `bands` rows,
    /// `valid` for one or as many.
    pub(crate) fn nearest<T: Number>(
        view: &View<'_, T>,
        places: &Places<'_>,
        columns: &mut Axis<T>,
        scratch: &mut Scratch<T>,
        samples: &mut [T],
        valid: &mut [u8],
    ) = fill;
}

#[inline(always)]
pub(super) fn fill<T: Number>(
    view: &View<'_, T>,
    places: &Places<'_>,
    columns: &mut Axis<T>,
    scratch: &mut Scratch<T>,
    samples: &mut [T],
    valid: &mut [u8],
) {
    let len = places.xs.len().min(ROW);
    if !places.columns_are_found {
        columns.find_nearest(places.columns());
    }
    scratch.rows.find_nearest(places.rows());
    let count = taps::find(view, places, columns, 1, scratch);
    let (first, Some(inside)) = (&scratch.first, scratch.inner.get(..len)) else { return };
    for band in 0..view.bands {
        let Some((plane, out)) = band_row(view, band, len, samples, valid) else { continue };
        if count == 0 {
            out.samples.fill(T::default());
            out.valid.fill(0);
            continue;
        }
        first.expect(plane.samples, taps::ROWS_AHEAD * plane.width);
        first.gather(plane.samples, out.samples.as_chunks_mut::<1>().0);
        match plane.valid {
            None => out.valid.copy_from_slice(inside),
            Some(mask) => first.gather(mask, out.valid.as_chunks_mut::<1>().0),
        }
        if count < len {
            for ((sample, valid), inside) in out.samples.iter_mut().zip(out.valid).zip(inside) {
                *sample = if *inside == 0 { T::default() } else { *sample };
                *valid &= inside;
            }
        }
    }
}
