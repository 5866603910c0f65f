//! Some columns of the output of one band, and the resampler that makes them.

use std::ops::Range;

use cog_raster::resample::{Plan, Resampler};
use cog_raster::{ResampleError, Sample};
use ndarray::{Array3, ArrayView2, s};

/// Output columns that are worth a strip of their own.
const STRIP_COLUMNS: usize = 64;

/// Finished bytes that are handed over together: they should still be in the processor's cache when they are copied.
const HANDED_OVER: usize = 128 << 10;

/// Some columns of the output of one band.
pub(super) struct Strip<T: Sample> {
    pub(super) band: usize,
    /// Taken while it works.
    pub(super) resampler: Option<Resampler<T>>,
    /// Columns of the output.
    pub(super) columns: Range<usize>,
    /// Columns of the rows that come in.
    pub(super) source: Range<usize>,
}

/// Which rows of the level are given.
#[derive(Clone, Copy, Debug)]
pub(super) enum SourceRows {
    /// So many rows from this one on.
    Each(u32, u32),
    /// One row, which stands for all up to the second.
    Same(u32, u32),
}

/// Rows that follow each other, as a resampler finished them.
pub(super) struct Finished<T> {
    pub(super) first: usize,
    pub(super) rows: Vec<T>,
    /// Empty: all are valid.
    pub(super) validity: Vec<u8>,
}

/// The plan of each strip of a band: so many that all threads have as much to do.
pub(super) fn plans(plan: &Plan, threads: usize, bands: usize) -> Vec<Plan> {
    let columns = plan.out_size().0;
    let count = strips(threads, bands).min(columns / STRIP_COLUMNS).max(1);
    (0..count).map(|strip| plan.strip(strip * columns / count..(strip + 1) * columns / count)).collect()
}

/// Strips of each band, so that all threads have as much to do.
fn strips(threads: usize, bands: usize) -> usize {
    (1..threads).find(|parts| (parts * bands).is_multiple_of(threads)).unwrap_or(threads)
}

/// Gives rows to a resampler and hands over what it finishes.
pub(super) fn push<T: Sample>(
    mut resampler: Resampler<T>,
    given: SourceRows,
    rows: ArrayView2<'_, T>,
    weights: Option<ArrayView2<'_, u8>>,
    mut hand_over: impl FnMut(Finished<T>),
) -> Result<Resampler<T>, ResampleError> {
    let mut ready: Option<Finished<T>> = None;
    let mut sink = |row: usize, values: &[T], valid: Option<&[u8]>| {
        let capacity = HANDED_OVER / size_of::<T>().max(1) + values.len();
        let rows = || Vec::with_capacity(capacity);
        let held = ready.get_or_insert_with(|| Finished { first: row, rows: rows(), validity: Vec::new() });
        held.rows.extend_from_slice(values);
        held.validity.extend_from_slice(valid.unwrap_or_default());
        if size_of_val(held.rows.as_slice()) >= HANDED_OVER
            && let Some(rows) = ready.take()
        {
            hand_over(rows);
        }
    };
    match given {
        SourceRows::Each(first, count) => {
            let rows = rows.slice_move(s![..(count as usize).min(rows.dim().0), ..]);
            resampler.push_rows(first, rows, weights, &mut sink)?;
        }
        SourceRows::Same(first, end) => resampler.push_same(first..end, rows, weights, &mut sink)?,
    }
    if let Some(rows) = ready {
        hand_over(rows);
    }
    Ok(resampler)
}

/// Puts finished rows, which follow each other, into some columns of the output.
pub(super) fn put<T: Copy>(out: &mut Array3<T>, band: usize, columns: &Range<usize>, first: usize, rows: &[T]) {
    let (bands, height, width) = out.dim();
    if band >= bands || columns.is_empty() || columns.end > width {
        return;
    }
    let count = (rows.len() / columns.len()).min(height.saturating_sub(first));
    if let Ok(rows) = ArrayView2::from_shape((count, columns.len()), rows) {
        out.slice_mut(s![band, first..first + count, columns.clone()]).assign(&rows);
    }
}

#[cfg(test)]
mod tests {
    use super::strips;

    #[test]
    fn every_thread_gets_as_many_strips() {
        let of = |threads, bands| strips(threads, bands);
        assert_eq!((of(1, 3), of(2, 1), of(2, 3), of(2, 4), of(8, 4), of(8, 3)), (1, 2, 2, 1, 2, 8));
    }
}
