//! Means of what the pixels of a row cover.

use super::number::{Number, Sum, Weight};
use super::places::{Extent, ROW, band_row, index};
use super::quads::Quads;
use super::shares::{BLOCK, MOST, Shares, measure};
use super::view::{Plane, View};
use crate::vector::{Indices, vectorized};

/// Rows of means, with the memory they use.
#[derive(Clone, Debug)]
pub(super) struct MeanRow<T: Number> {
    shares: Shares,
    /// Whether a pixel of the row is small enough, and inside.
    known: [bool; ROW],
    /// The shares of what is valid.
    counted: [[[f32; BLOCK]; MOST]; MOST],
    first: Indices,
    fours: [[T; 4]; BLOCK],
    eights: [[T; 8]; BLOCK],
    masks: [[u8; 8]; BLOCK],
    sums: [T::Sum; BLOCK],
    /// The least and the most of the samples of each sum.
    ends: [[T; BLOCK]; 2],
    totals: [<T::Sum as Sum>::Weight; BLOCK],
}

vectorized! {
    /// Fills rows of all bands where [`knows`](MeanRow::knows) says so.
    pub(super) fn means<T: Number>(
        row: &mut MeanRow<T>,
        view: &View<'_, T>,
        quads: &Quads,
        extent: &Extent,
        samples: &mut [T],
        valid: &mut [u8],
    ) = fill;
}

impl<T: Number> MeanRow<T> {
    pub(super) fn new() -> MeanRow<T> {
        MeanRow {
            shares: Shares::new(),
            known: [false; ROW],
            counted: [[[0.0; BLOCK]; MOST]; MOST],
            first: Indices::new(),
            fours: [[T::default(); 4]; BLOCK],
            eights: [[T::default(); 8]; BLOCK],
            masks: [[0; 8]; BLOCK],
            sums: [T::Sum::default(); BLOCK],
            ends: [[T::default(); BLOCK]; 2],
            totals: [Default::default(); BLOCK],
        }
    }

    /// Whether a pixel of the row was filled: the others reach over an edge, touch too many source pixels, or have sums
    /// that may have grown too large.
    pub(super) fn knows(&self, i: usize) -> bool {
        self.known.get(i).is_some_and(|known| *known)
    }
}

#[inline(always)]
pub(super) fn fill<T: Number>(
    row: &mut MeanRow<T>,
    view: &View<'_, T>,
    quads: &Quads,
    extent: &Extent,
    samples: &mut [T],
    valid: &mut [u8],
) {
    let len = quads.len.min(ROW);
    for start in (0..len).step_by(BLOCK) {
        measure(&mut row.shares, quads, start, extent);
        for (i, known) in row.known.iter_mut().skip(start).take(BLOCK).enumerate() {
            *known = row.shares.knows(i);
        }
        fill_block(row, view, start, len, samples, valid);
    }
}

#[inline(always)]
fn fill_block<T: Number>(
    row: &mut MeanRow<T>,
    view: &View<'_, T>,
    start: usize,
    len: usize,
    samples: &mut [T],
    valid: &mut [u8],
) {
    let MeanRow { shares, known, counted, first, fours, eights, masks, sums, ends, totals } = row;
    let places = shares.columns.iter().zip(&shares.rows);
    for (first, (column, row)) in first.renew(BLOCK).iter_mut().zip(places) {
        *first = index(*column, *row, view.width);
    }
    first.measure();
    let has_masks = view.has_masks();
    for band in 0..view.bands {
        let Some((plane, out)) = band_row(view, band, len, samples, valid) else { continue };
        let is_first = band == 0;
        if let Some(mask) = plane.valid
            && (is_first || has_masks)
        {
            count_valid(shares, first, mask, plane.width, masks, counted);
        }
        let cells = if plane.valid.is_some() { &*counted } else { &shares.cells };
        if is_first || has_masks {
            add_up::<T>(cells, shares.across, shares.down, totals);
        }
        if shares.across <= 4 {
            weigh(&plane, first, cells, [shares.across, shares.down], fours, (sums, ends));
        } else {
            weigh(&plane, first, cells, [shares.across, shares.down], eights, (sums, ends));
        }
        let mut means = [T::default(); BLOCK];
        let mut holds = true;
        for (mean, (sum, total)) in means.iter_mut().zip(sums.iter().zip(totals.iter())) {
            *mean = T::from_sum(sum.times(*total));
            holds &= mean.holds();
        }
        if T::HAS_WIDER_SUMS && !holds {
            let known = known.iter_mut().skip(start).zip(&means);
            known.for_each(|(known, mean)| *known &= mean.holds());
        }
        if T::IS_BOUNDED {
            let [least, most] = &*ends;
            for ((mean, total), (least, most)) in means.iter_mut().zip(totals.iter()).zip(least.iter().zip(most)) {
                let bounded = least.most(most.least(*mean));
                *mean = if *total > Weight::from_f64(0.0) { bounded } else { *mean };
            }
        }
        let means = means.iter().zip(totals.iter());
        for ((sample, valid), (mean, share)) in out.samples.iter_mut().zip(out.valid).skip(start).zip(means) {
            (*sample, *valid) = (*mean, if *share > Weight::from_f64(0.0) { 255 } else { 0 });
        }
    }
}

/// The shares of valid pixels.
#[inline(always)]
fn count_valid(
    shares: &Shares,
    first: &Indices,
    mask: &[u8],
    width: usize,
    taps: &mut [[u8; 8]; BLOCK],
    counted: &mut [[[f32; BLOCK]; MOST]; MOST],
) {
    for (row, (cells, counted)) in shares.cells.iter().zip(counted).enumerate().take(shares.down) {
        first.gather_inside(mask, row * width, taps);
        for (column, (cells, counted)) in cells.iter().zip(counted).enumerate().take(shares.across) {
            for ((counted, share), taps) in counted.iter_mut().zip(cells).zip(taps.iter()) {
                *counted = if taps.get(column).is_some_and(|v| *v != 0) { *share } else { 0.0 };
            }
        }
    }
}

/// 1 by the sum of the shares of each pixel; 0 if there are none.
#[inline(always)]
fn add_up<T: Number>(
    cells: &[[[f32; BLOCK]; MOST]; MOST],
    across: usize,
    down: usize,
    shares: &mut [<T::Sum as Sum>::Weight; BLOCK],
) {
    let nothing: <T::Sum as Sum>::Weight = Weight::from_f64(0.0);
    let mut totals = [nothing; BLOCK];
    for cells in cells.iter().take(down) {
        for cells in cells.iter().take(across) {
            for (total, share) in totals.iter_mut().zip(cells) {
                *total = total.plus(Weight::from_f64(f64::from(*share)));
            }
        }
    }
    for (share, total) in shares.iter_mut().zip(totals) {
        let of_one = total.of_one();
        *share = if total > nothing { of_one } else { nothing };
    }
}

/// The sums of samples by their shares, `N` columns of the source at most, and of a bounded type the least and the most of those samples.
#[inline(always)]
fn weigh<T: Number, const N: usize>(
    plane: &Plane<'_, T>,
    first: &Indices,
    cells: &[[[f32; BLOCK]; MOST]; MOST],
    [across, down]: [usize; 2],
    taps: &mut [[T; N]; BLOCK],
    (sums, ends): (&mut [T::Sum; BLOCK], &mut [[T; BLOCK]; 2]),
) {
    *sums = [T::Sum::default(); BLOCK];
    if T::IS_BOUNDED {
        *ends = [[T::ENDS[0]; BLOCK], [T::ENDS[1]; BLOCK]];
    }
    for (row, cells) in cells.iter().enumerate().take(down) {
        first.gather_inside(plane.samples, row * plane.width, taps);
        match across {
            0 => {}
            1 => add_columns::<T, N, 1>(cells, taps, sums),
            2 => add_columns::<T, N, 2>(cells, taps, sums),
            3 => add_columns::<T, N, 3>(cells, taps, sums),
            4 => add_columns::<T, N, 4>(cells, taps, sums),
            5 => add_columns::<T, N, 5>(cells, taps, sums),
            6 => add_columns::<T, N, 6>(cells, taps, sums),
            7 => add_columns::<T, N, 7>(cells, taps, sums),
            _ => add_columns::<T, N, 8>(cells, taps, sums),
        }
        if T::IS_BOUNDED {
            widen(cells, across, taps, ends);
        }
    }
}

#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "indices are below the lengths of arrays")]
fn add_columns<T: Number, const N: usize, const COLUMNS: usize>(
    cells: &[[f32; BLOCK]; MOST],
    taps: &[[T; N]; BLOCK],
    sums: &mut [T::Sum; BLOCK],
) {
    if COLUMNS > N || COLUMNS > MOST {
        return;
    }
    for i in 0..BLOCK {
        let mut sum = sums[i];
        for column in 0..COLUMNS {
            let share = cells[column][i];
            // What is not covered may be no number.
            let tap = taps[i][column];
            let sample = if share > 0.0 { tap } else { T::default() };
            sum = sum.add(sample.to_sum().times(Weight::from_f64(f64::from(share))));
        }
        sums[i] = sum;
    }
}

/// Takes the samples that have a share into the ends.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "indices are below the lengths of arrays")]
fn widen<T: Number, const N: usize>(
    cells: &[[f32; BLOCK]; MOST],
    across: usize,
    taps: &[[T; N]; BLOCK],
    [least, most]: &mut [[T; BLOCK]; 2],
) {
    let [.., nothing] = T::ENDS;
    for column in 0..across.min(N).min(MOST) {
        for i in 0..BLOCK {
            let sample = if cells[column][i] > 0.0 { taps[i][column] } else { nothing };
            (least[i], most[i]) = (sample.least(least[i]), sample.most(most[i]));
        }
    }
}
