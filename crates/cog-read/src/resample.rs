//! Pixels of another resolution, as GDAL's RasterIO makes them.
//!
//! A [`Plan`] knows which source pixels every output pixel needs; a [`Resampler`] is given source rows from the top and hands
//! out each output row as soon as its last source row came. It holds sums of a few rows, never the source: memory grows with
//! the width, not with the height. Formulas were compared with GDAL 3.10.3 (`xtask/oracle/resample.py`).
//!
//! Where results differ from GDAL's on purpose:
//! - GDAL works in chunks of the output and cuts kernels at `radius × round(ratio)` source pixels around a chunk. For
//!   Lanczos at ratios of 1.4 to 1.5 (and a little above 2.4) that is too short at the borders of chunks and windows, and
//!   gauss is cut where one axis is enlarged and the other reduced. Here a kernel ends at the raster's edge only, so a
//!   window is a crop of the whole.
//! - For average and rms GDAL takes the plain mean of 2 × 2 samples wherever an output pixel is exactly two columns wide
//!   and touches two rows, even if it covers these in part. Here the parts count.
//! - Where 64-bit integers lie beyond 2^53, or are mixed with such, the last digits of a kernel's sum depend on the order in which
//!   doubles are added, and that is not GDAL's. Lanczos, some of whose weights are negative, loses the more digits the more the
//!   samples that it mixes differ in size.
//! - Beside nodata GDAL's bilinear turns an infinite sum into the greatest finite number. Here it stays infinite.
//! - Gauss of numbers of colours is nearest; GDAL mixes the colours by the weights of the kernel.
//! - For mode GDAL overlooks the mask of 8-bit samples, and writes 0 instead of a NaN nodata. Here it does not.
//! - Complex samples get the kernels of GDAL's warper, by which GDAL resamples them, but for cubic at the edge of a raster that is
//!   enlarged (GDAL takes bilinear there) and for Lanczos (GDAL's goes on beyond its radius, and differs where a centre lies on a
//!   pixel's).

mod area;
mod axis;
mod convolve;
mod finish;
mod gather;
mod kernel;
mod masked;
mod method;
mod mode;
mod nearest;
#[cfg(test)]
mod oracle;
mod palette;
mod plan;
#[cfg(test)]
mod same_rows;
mod sample;
mod vector;
mod weighted;
mod whole;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use ndarray::ArrayView2;

pub(crate) use finish::{Rules, Sink};
pub use method::{Resampling, UnknownResampling};
pub(crate) use palette::Colors;
pub(crate) use plan::Plan;
pub(crate) use sample::Numeric;

use area::AreaSums;
use convolve::Convolve;
use finish::Finish;
use masked::Masked;
use mode::Mode;
use nearest::Nearest;
use palette::PaletteMeans;
use whole::WholeSums;

/// Why a resampling cannot be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResampleError {
    /// The caller wants nothing.
    #[error("an output of {width} × {height} pixels is empty")]
    EmptyOutput {
        /// Columns asked for.
        width: usize,
        /// Rows asked for.
        height: usize,
    },
    /// The window is empty, not finite, or outside.
    #[error(
        "the window {},{},{},{} does not begin inside a raster of {} × {} pixels, or is empty",
        window[0], window[1], window[2], window[3], raster.0, raster.1
    )]
    BadWindow {
        /// Column, row, width and height, in pixels of the level.
        window: [f64; 4],
        /// Width and height of the level.
        raster: (u32, u32),
    },
    /// Tables and sums would not fit.
    #[error("resampling takes {bytes} bytes beside the output, more than the limit of {limit}")]
    TooLarge {
        /// Bytes needed.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The method does not know the type.
    #[error("{method} of {sample} samples is not supported")]
    Unsupported {
        /// The method.
        method: Resampling,
        /// NumPy's name of the type.
        sample: &'static str,
    },
    /// Source rows must come from the top, without those left out that are needed, and as wide as the plan says.
    #[error("source rows {row}.. of {width} columns were given where row {expected} of {needed} columns comes next")]
    Rows {
        /// First row given.
        row: u32,
        /// Its columns.
        width: usize,
        /// The row that comes next.
        expected: u32,
        /// Columns of the plan.
        needed: usize,
    },
}

/// Makes the output rows of a plan, for one band.
#[derive(Debug)]
pub(crate) struct Resampler<T: Numeric> {
    plan: Plan,
    engine: Engine<T>,
    nodata: Option<T>,
    masked: bool,
    width: usize,
    /// The source row that comes next, and where they end.
    next: u32,
    end: u32,
    masks: Vec<u8>,
}

#[derive(Debug)]
enum Engine<T: Numeric> {
    Nearest(Nearest<T>),
    Convolve(Convolve<T>),
    Masked(Masked<T>),
    Area(AreaSums<T>),
    Whole(WholeSums<T>),
    Mode(Mode<T>),
    Palette(PaletteMeans<T>),
}

impl<T: Numeric> Resampler<T> {
    /// `weighted` says whether [`Resampler::push_rows`] will be given weights. With nodata and without weights, samples that
    /// equal nodata count as invalid.
    ///
    /// # Errors
    /// [`ResampleError::Unsupported`] for gauss of complex samples, which [`Plan::for_complex`] never has.
    pub(crate) fn new(plan: &Plan, rules: Rules<T>, weighted: bool) -> Result<Self, ResampleError> {
        let method = plan.method();
        if T::LANES > 1 && method == Resampling::Gauss {
            return Err(ResampleError::Unsupported { method, sample: T::NAME });
        }
        let area = plan.source_area();
        let masked = weighted || rules.nodata.is_some();
        let finish = Finish::new(method, rules, masked, plan.out_size().0);
        let small = plan.y().ratio() <= whole::MAX_ROWS;
        let exact = !T::FORMS && size_of::<T>() <= 4;
        let engine = match method {
            Resampling::Nearest => Engine::Nearest(Nearest::new(plan, finish)),
            Resampling::Mode => Engine::Mode(Mode::new(plan, finish)),
            // The mean of one small integer is that integer, and mode has no sums to make.
            Resampling::Average if exact && rules.nodata.is_none() && plan.is_single() => {
                Engine::Mode(Mode::new(plan, finish))
            }
            Resampling::Average | Resampling::Rms if !masked && plan.is_whole() && small => {
                Engine::Whole(WholeSums::new(plan, finish))
            }
            Resampling::Average | Resampling::Rms | Resampling::Gauss => {
                Engine::Area(AreaSums::new(plan, finish, masked))
            }
            _ if masked => Engine::Masked(Masked::new(plan, finish)),
            _ => Engine::Convolve(Convolve::new(plan, finish)),
        };
        let end = area.y + area.height;
        Ok(Resampler {
            plan: plan.clone(),
            engine,
            nodata: rules.nodata,
            masked,
            width: area.width as usize,
            next: area.y,
            end,
            masks: Vec::new(),
        })
    }

    /// The same for samples that are numbers of colours: of average and rms the colours are mixed.
    ///
    /// # Errors
    /// As [`Resampler::new`].
    pub(crate) fn of_colors(
        plan: &Plan,
        rules: Rules<T>,
        weighted: bool,
        colors: Arc<Colors>,
    ) -> Result<Self, ResampleError> {
        let mut resampler = Resampler::new(plan, rules, weighted)?;
        if matches!(plan.method(), Resampling::Average | Resampling::Rms) {
            let finish = Finish::new(plan.method(), rules, resampler.masked, plan.out_size().0);
            resampler.engine = Engine::Palette(PaletteMeans::new(plan, finish, colors));
        }
        Ok(resampler)
    }

    /// Takes source rows `first_row..` of the level, cut to the columns of [`Plan::source_area`]; rows above and below it are
    /// passed over, and rows that no output row is made from ([`Plan::needs`]) may be left out. `weights`: 0 for invalid; else
    /// 255, or alpha, by which the four kernels weigh (as GDAL does) while the others take it as valid.
    ///
    /// `sink` gets each output row once, in order: its number, its samples, and 255 or 0 for each sample (`None`: all
    /// valid).
    ///
    /// # Errors
    /// [`ResampleError::Rows`] if needed rows are left out or rows are of another width.
    pub(crate) fn push_rows(
        &mut self,
        first_row: u32,
        rows: ArrayView2<'_, T>,
        weights: Option<ArrayView2<'_, u8>>,
        sink: Sink<'_, T>,
    ) -> Result<(), ResampleError> {
        let (height, width) = rows.dim();
        let same_size = weights.is_none_or(|weights| weights.dim() == (height, width));
        let left_out = self.next..first_row.min(self.end);
        if width != self.width || !same_size || (!left_out.is_empty() && self.plan.needs(left_out)) {
            return Err(ResampleError::Rows { row: first_row, width, expected: self.next, needed: self.width });
        }
        self.next = self.next.max(first_row.min(self.end));
        let given = first_row.saturating_add(u32::try_from(height).unwrap_or(u32::MAX)).min(self.end);
        for row in self.next..given {
            let at = (row - first_row) as usize;
            let samples = rows.row(at);
            let samples = samples.as_slice().map_or_else(|| Cow::Owned(samples.to_vec()), Cow::Borrowed);
            let masks = weights.as_ref().map(|weights| weights.row(at));
            let masks = masks.as_ref().map(|m| m.as_slice().map_or_else(|| Cow::Owned(m.to_vec()), Cow::Borrowed));
            self.push(row, row + 1 == given, &samples, masks.as_deref(), sink);
        }
        self.next = self.next.max(given);
        Ok(())
    }

    /// Takes source rows that all have the samples and weights of the one row given, each of them of one value: rows of blocks that
    /// were never written. Takes about as long as a few rows.
    ///
    /// # Errors
    /// As [`push_rows`](Self::push_rows).
    pub(crate) fn push_same(
        &mut self,
        rows: Range<u32>,
        row: ArrayView2<'_, T>,
        weights: Option<ArrayView2<'_, u8>>,
        sink: Sink<'_, T>,
    ) -> Result<(), ResampleError> {
        let (height, width) = row.dim();
        let same_size = weights.is_none_or(|weights| weights.dim() == (height, width));
        let left_out = self.next..rows.start.min(self.end);
        if height != 1 || width != self.width || !same_size || (!left_out.is_empty() && self.plan.needs(left_out)) {
            return Err(ResampleError::Rows { row: rows.start, width, expected: self.next, needed: self.width });
        }
        self.next = self.next.max(rows.start.min(self.end));
        let rows = self.next..rows.end.min(self.end);
        if rows.is_empty() {
            return Ok(());
        }
        self.next = rows.end;
        let samples: Vec<T> = row.iter().copied().collect();
        let masks = self.masked.then(|| match weights {
            Some(weights) => weights.iter().copied().collect(),
            None => samples.iter().map(|sample| self.weight(sample)).collect::<Vec<u8>>(),
        });
        let masks = masks.as_deref();
        match &mut self.engine {
            Engine::Nearest(engine) => engine.same_rows(rows, &samples, masks, sink),
            Engine::Convolve(engine) => engine.same_rows(rows, &samples, sink),
            Engine::Masked(engine) => engine.same_rows(rows, &samples, masks.unwrap_or_default(), sink),
            Engine::Area(engine) => engine.same_rows(rows, &samples, masks, sink),
            Engine::Whole(engine) => engine.same_rows(rows, &samples, sink),
            Engine::Mode(engine) => engine.same_rows(rows, &samples, masks, sink),
            Engine::Palette(engine) => engine.same_rows(rows, &samples, sink),
        }
        Ok(())
    }

    /// The weight of a sample without one.
    fn weight(&self, sample: &T) -> u8 {
        if self.nodata.is_some_and(|nodata| sample.same(nodata)) { 0 } else { 255 }
    }

    fn push(&mut self, row: u32, last: bool, samples: &[T], weights: Option<&[u8]>, sink: Sink<'_, T>) {
        let masks = if self.masked {
            Some(weights.unwrap_or_else(|| {
                self.masks.clear();
                let valid = |sample: &T| if self.nodata.is_some_and(|nodata| sample.same(nodata)) { 0 } else { 255 };
                self.masks.extend(samples.iter().map(valid));
                &self.masks
            }))
        } else {
            None
        };
        match &mut self.engine {
            Engine::Nearest(engine) => engine.row(row, samples, masks, sink),
            Engine::Convolve(engine) => engine.row(row, samples, last, sink),
            Engine::Masked(engine) => engine.row(row, samples, masks.unwrap_or_default(), sink),
            Engine::Area(engine) => engine.row(row, samples, masks, sink),
            Engine::Whole(engine) => engine.row(row, samples, sink),
            Engine::Mode(engine) => engine.row(row, samples, masks, sink),
            Engine::Palette(engine) => engine.row(row, samples, sink),
        }
    }
}
