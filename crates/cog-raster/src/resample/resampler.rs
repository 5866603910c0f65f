//! Makes the output rows of a plan, whatever the method.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use ndarray::ArrayView2;

use super::area::AreaSums;
use super::convolve::Convolve;
use super::finish::{Finish, Rules, Sink};
use super::masked::Masked;
use super::mode::Mode;
use super::nearest::Nearest;
use super::palette::{Colors, PaletteMeans};
use super::whole::{self, WholeSums};
use super::{Plan, ResampleError, Resampling};
use crate::pixels::sample::Sample;

/// Makes the output rows of a plan, for one band.
#[derive(Debug)]
pub struct Resampler<T: Sample> {
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
enum Engine<T: Sample> {
    Nearest(Nearest<T>),
    Convolve(Convolve<T>),
    Masked(Masked<T>),
    Area(AreaSums<T>),
    Whole(WholeSums<T>),
    Mode(Mode<T>),
    Palette(PaletteMeans<T>),
}

impl<T: Sample> Resampler<T> {
    /// `weighted` says whether [`Resampler::push_rows`] will be given weights. With nodata and without weights, samples that
    /// equal nodata count as invalid.
    ///
    /// # Errors
    /// [`ResampleError::Unsupported`] for gauss of complex samples, which [`Plan::for_complex`] never has.
    pub fn new(plan: &Plan, rules: Rules<T>, weighted: bool) -> Result<Self, ResampleError> {
        let method = plan.method();
        if T::LANES > 1 && method == Resampling::Gauss {
            return Err(ResampleError::Unsupported { method, sample: T::TYPE.name() });
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
    pub fn of_colors(plan: &Plan, rules: Rules<T>, weighted: bool, colors: Arc<Colors>) -> Result<Self, ResampleError> {
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
    pub fn push_rows(
        &mut self,
        first_row: u32,
        rows: ArrayView2<'_, T>,
        weights: Option<ArrayView2<'_, u8>>,
        sink: Sink<'_, T>,
    ) -> Result<(), ResampleError> {
        let height = rows.dim().0;
        self.go_on_to(first_row, &rows, weights)?;
        let given = first_row.saturating_add(u32::try_from(height).unwrap_or(u32::MAX)).min(self.end);
        let line = |row: u32| {
            let samples = rows.row((row - first_row) as usize);
            samples.to_slice().map_or_else(|| Cow::Owned(samples.to_vec()), Cow::Borrowed)
        };
        let mut row = self.next;
        while row < given {
            let samples = line(row);
            let made = match &mut self.engine {
                Engine::Whole(engine) if row + 1 < given => engine.two_rows(row, [&samples, &line(row + 1)], sink),
                _ => false,
            };
            if made {
                row += 2;
                continue;
            }
            let masks = weights.as_ref().map(|weights| weights.row((row - first_row) as usize));
            let masks = masks.as_ref().map(|m| m.as_slice().map_or_else(|| Cow::Owned(m.to_vec()), Cow::Borrowed));
            self.push(row, row + 1 == given, &samples, masks.as_deref(), sink);
            row += 1;
        }
        self.next = self.next.max(given);
        Ok(())
    }

    /// Takes source rows that all have the samples and weights of the one row given, each of them of one value: rows of blocks that
    /// were never written. Takes about as long as a few rows.
    ///
    /// # Errors
    /// As [`push_rows`](Self::push_rows).
    pub fn push_same(
        &mut self,
        rows: Range<u32>,
        row: ArrayView2<'_, T>,
        weights: Option<ArrayView2<'_, u8>>,
        sink: Sink<'_, T>,
    ) -> Result<(), ResampleError> {
        let (height, width) = row.dim();
        if height != 1 {
            return Err(ResampleError::Rows { row: rows.start, width, expected: self.next, needed: self.width });
        }
        self.go_on_to(rows.start, &row, weights)?;
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

    /// Passes over the rows above `first_row`, which must not be needed; refuses rows that do not fit.
    fn go_on_to(
        &mut self,
        first_row: u32,
        rows: &ArrayView2<'_, T>,
        weights: Option<ArrayView2<'_, u8>>,
    ) -> Result<(), ResampleError> {
        let (_, width) = rows.dim();
        let same_size = weights.is_none_or(|weights| weights.dim() == rows.dim());
        let left_out = self.next..first_row.min(self.end);
        if width != self.width || !same_size || (!left_out.is_empty() && self.plan.needs(left_out)) {
            return Err(ResampleError::Rows { row: first_row, width, expected: self.next, needed: self.width });
        }
        self.next = self.next.max(first_row.min(self.end));
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
