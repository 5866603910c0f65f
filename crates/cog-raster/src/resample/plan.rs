//! Everything about a resampling that does not depend on pixels.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::axis::{Axis, Taps};
use super::mode::held;
use super::weighted::Weighted;
use super::{ResampleError, Resampling};
use crate::geometry::window::{Area, Window};

/// A resampling of a window of one level to an output size: which source pixels are needed, when, and with which weights.
///
/// A plan can be cut into strips of output columns, which take the same rows side by side on several threads.
#[derive(Clone, Debug)]
pub struct Plan {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    method: Resampling,
    x: Axis,
    y: Axis,
    /// Made when they are asked for: those of a wide plan may be too large to be held, and only its strips are used.
    columns: OnceLock<Columns>,
    /// Source columns needed.
    across: Range<u32>,
    /// Output columns.
    columns_out: Range<usize>,
    height: usize,
    /// Every output pixel covers whole source pixels only.
    whole: bool,
}

/// What each output column is made from; source columns count from the first that is needed.
#[derive(Debug)]
pub(crate) enum Columns {
    /// One source column each. `run` if they follow each other.
    Picks { columns: Vec<u32>, run: bool },
    /// Neighbours of weight 1 but for the first and the last.
    Spans(Vec<Span>),
    /// Neighbours with weights.
    Weighted(Weighted),
}

/// Source columns of one output column of an average.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) first: usize,
    pub(crate) len: usize,
    pub(crate) left: f64,
    pub(crate) right: f64,
}

impl Plan {
    /// `window` is in pixels of a level of `raster` (width, height) pixels and should lie inside it, up to a part of its first
    /// and last output pixels; `output` is (width, height). Tables are not allocated if they and what a
    /// [`Resampler`](crate::resample::Resampler) holds for 8-byte samples would take more than `max_bytes`.
    ///
    /// A window of whole pixels at its own size is copied, whatever the method.
    ///
    /// # Errors
    /// If the output is empty, the window is empty, not finite or begins outside the raster, or memory is short.
    pub fn new(
        method: Resampling,
        window: &Window,
        output: (usize, usize),
        raster: (u32, u32),
        max_bytes: u64,
    ) -> Result<Plan, ResampleError> {
        Plan::of(method, |axis| axis, window, output, raster, max_bytes)
    }

    /// The same for complex samples, to which GDAL's warper gives kernels that are a little different (see [`Resampling`]); gauss
    /// becomes nearest.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn for_complex(
        method: Resampling,
        window: &Window,
        output: (usize, usize),
        raster: (u32, u32),
        max_bytes: u64,
    ) -> Result<Plan, ResampleError> {
        let method = if method == Resampling::Gauss { Resampling::Nearest } else { method };
        Plan::of(method, Axis::warped, window, output, raster, max_bytes)
    }

    /// The same for a window of an overview that was chosen for the size of the output: average, rms and mode begin with a whole pixel.
    ///
    /// # Errors
    /// As [`Plan::new`].
    pub fn on_overview(
        method: Resampling,
        window: &Window,
        output: (usize, usize),
        raster: (u32, u32),
        max_bytes: u64,
    ) -> Result<Plan, ResampleError> {
        Plan::of(method, Axis::beginning_whole, window, output, raster, max_bytes)
    }

    fn of(
        method: Resampling,
        change: fn(Axis) -> Axis,
        window: &Window,
        output: (usize, usize),
        raster: (u32, u32),
        max_bytes: u64,
    ) -> Result<Plan, ResampleError> {
        let (width, height) = output;
        if width == 0 || height == 0 {
            return Err(ResampleError::EmptyOutput { width, height });
        }
        // The first output pixel of a boundless read may begin outside.
        let begins = |offset: f64, ratio: f64, size: u32| offset > -ratio && offset < f64::from(size);
        let lasts = |length: f64| length.is_finite() && length > 0.0;
        let good = lasts(window.width)
            && lasts(window.height)
            && begins(window.column, window.width / width as f64, raster.0)
            && begins(window.row, window.height / height as f64, raster.1);
        if !good {
            return Err(ResampleError::BadWindow {
                window: [window.column, window.row, window.width, window.height],
                raster,
            });
        }
        let unchanged = window.is_whole() && window.width == width as f64 && window.height == height as f64;
        let method = if unchanged { Resampling::Nearest } else { method };
        let axis = |offset, length, count, size| change(Axis::new(method, offset, length, count, size));
        let y = axis(window.row, window.height, height, raster.1);
        let y = y.with_blur_of(&y);
        let x = axis(window.column, window.width, width, raster.0).with_blur_of(&y);
        let bytes = table_bytes(method, &x);
        if bytes > max_bytes {
            return Err(ResampleError::TooLarge { bytes, limit: max_bytes });
        }
        let across = across(method, &x, 0..width);
        let ends = |offset: f64, length: f64, size: u32| offset + length <= f64::from(size);
        let whole = x.is_whole()
            && y.is_whole()
            && ends(window.column, window.width, raster.0)
            && ends(window.row, window.height, raster.1);
        let shared = Shared { method, x, y, columns: OnceLock::new(), across, columns_out: 0..width, height, whole };
        let plan = Plan { shared: Arc::new(shared) };
        let bytes = bytes.saturating_add(plan.scratch_bytes(8, false));
        if bytes > max_bytes {
            return Err(ResampleError::TooLarge { bytes, limit: max_bytes });
        }
        Ok(plan)
    }

    /// The method used: nearest where pixels are only copied.
    pub fn method(&self) -> Resampling {
        self.shared.method
    }

    /// Width and height of the output: of a strip, its own.
    pub fn out_size(&self) -> (usize, usize) {
        (self.shared.columns_out.len(), self.shared.height)
    }

    /// Columns of the whole output that this plan makes.
    pub fn out_columns(&self) -> Range<usize> {
        self.shared.columns_out.clone()
    }

    /// All output rows.
    pub fn out_rows(&self) -> Range<usize> {
        0..self.shared.height
    }

    /// The rectangle of the level that is needed, with what the kernel reaches beyond the window.
    pub fn source_area(&self) -> Area {
        let first = self.source_rows(0).start;
        let end = self.source_rows(self.shared.height.saturating_sub(1)).end;
        let Range { start: x, end: right } = self.shared.across;
        Area { x, y: first, width: right.saturating_sub(x), height: end.saturating_sub(first) }
    }

    /// Rows of the level that an output row is made from.
    pub fn source_rows(&self, out_row: usize) -> Range<u32> {
        self.shared.y.range(out_row)
    }

    /// Columns of the level that an output column is made from, counted from the first that this plan makes.
    pub fn source_columns(&self, out_column: usize) -> Range<u32> {
        let column = self.shared.columns_out.start + out_column;
        match self.shared.method {
            Resampling::Nearest => across(Resampling::Nearest, &self.shared.x, column..column + 1),
            _ => self.shared.x.range(column),
        }
    }

    /// True if some output row is made from one of these rows of the level. Nearest passes over most rows of a much larger
    /// source.
    pub fn needs(&self, source_rows: Range<u32>) -> bool {
        let Range { mut start, mut end } = self.out_rows();
        // The first output row that ends behind the start.
        while start < end {
            let middle = start + (end - start) / 2;
            if self.source_rows(middle).end > source_rows.start { end = middle } else { start = middle + 1 }
        }
        start < self.shared.height && self.source_rows(start).start < source_rows.end
    }

    /// The part of this plan that makes some of its output columns, counted from its own first. It needs the same source
    /// rows, but fewer columns of them; its pixels are those of the whole.
    pub fn strip(&self, columns: Range<usize>) -> Plan {
        let shared = &*self.shared;
        let all = self.out_columns();
        let start = all.start + columns.start.min(all.len());
        let columns_out = start..(all.start + columns.end).clamp(start, all.end);
        let strip = Shared {
            method: shared.method,
            x: shared.x,
            y: shared.y,
            columns: OnceLock::new(),
            across: across(shared.method, &shared.x, columns_out.clone()),
            columns_out,
            height: shared.height,
            whole: shared.whole,
        };
        Plan { shared: Arc::new(strip) }
    }

    /// The part of this plan that makes some of its output rows, counted from its own first. It needs the same source columns, but
    /// fewer rows of them; its pixels are those of the whole.
    pub fn rows(&self, rows: Range<usize>) -> Plan {
        let shared = &*self.shared;
        let y = shared.y.part(rows);
        let part = Shared {
            method: shared.method,
            x: shared.x,
            y,
            columns: OnceLock::new(),
            across: shared.across.clone(),
            columns_out: shared.columns_out.clone(),
            height: y.count(),
            whole: shared.whole,
        };
        Plan { shared: Arc::new(part) }
    }

    /// About how much a [`super::Resampler`] for this plan holds while it works, for samples of `sample_size` bytes.
    pub(crate) fn scratch_bytes(&self, sample_size: usize, weighted: bool) -> u64 {
        let shared = &*self.shared;
        let source = u64::from(shared.across.end.saturating_sub(shared.across.start));
        let (sample, lanes) = (sample_size as u64, if sample_size > 8 { 2 } else { 1 });
        let ratio = shared.y.ratio();
        let reach = match shared.method {
            Resampling::Nearest => 0.0,
            Resampling::Mode => 0.0,
            Resampling::Average | Resampling::Rms => 2.0,
            Resampling::Gauss => 7.0 / ratio + 2.0,
            method => 2.0 * method.radius().unwrap_or(1.0) * (1.0 / ratio).max(1.0) + 2.0,
        };
        let reach = reach.min(shared.height as f64 + ratio + 2.0) as u64;
        let output = (shared.columns_out.len() as u64).saturating_mul(sample + 1 + 16 * lanes);
        let held = match shared.method {
            Resampling::Nearest => 0,
            Resampling::Mode => {
                let columns = shared.columns_out.len() as u64;
                held::held_bytes(sample_size, columns, source as f64 / columns.max(1) as f64, ratio)
            }
            Resampling::Average | Resampling::Rms | Resampling::Gauss => (shared.columns_out.len() as u64)
                .saturating_mul(reach * 16 * lanes)
                .saturating_add(source.saturating_mul(8)),
            _ if weighted => (shared.columns_out.len() as u64).saturating_mul(reach.saturating_mul(20 * lanes)),
            _ => source.saturating_mul((reach + 1).saturating_mul(8 * lanes)),
        };
        held.saturating_add(output).saturating_add(source.saturating_mul(8 * lanes + 8))
    }

    pub(crate) fn y(&self) -> &Axis {
        &self.shared.y
    }

    pub(crate) fn columns(&self) -> &Columns {
        let Shared { method, x, columns_out, across, .. } = &*self.shared;
        self.shared.columns.get_or_init(|| columns(*method, x, columns_out.clone(), across.start))
    }

    /// About how much its tables and the resamplers of some bands hold.
    pub fn held_bytes(&self, sample_size: usize, bands: usize) -> u64 {
        let scratch = self.scratch_bytes(sample_size, false).max(self.scratch_bytes(sample_size, true));
        table_bytes(self.shared.method, &self.shared.x).saturating_add(scratch.saturating_mul(bands as u64))
    }

    /// True if every output pixel lies within one source pixel.
    pub(crate) fn is_single(&self) -> bool {
        let columns = matches!(self.columns(), Columns::Spans(spans) if spans.iter().all(|span| span.len == 1));
        columns && self.out_rows().all(|row| self.source_rows(row).len() == 1)
    }

    /// True if every output pixel covers whole source pixels only.
    pub(crate) fn is_whole(&self) -> bool {
        self.shared.whole
    }
}

/// Bytes of the table of columns.
fn table_bytes(method: Resampling, x: &Axis) -> u64 {
    let count = x.count() as u64;
    match method {
        Resampling::Nearest => count.saturating_mul(4),
        Resampling::Average | Resampling::Rms | Resampling::Mode => count.saturating_mul(size_of::<Span>() as u64),
        Resampling::Gauss => count.saturating_mul(12 + 7 * 8),
        _ => {
            let taps = 2.0 * method.radius().unwrap_or(1.0) * x.ratio().max(1.0) + 2.0;
            count.saturating_mul((taps * 8.0) as u64 + 12)
        }
    }
}

/// Source columns that some output columns are made from.
fn across(method: Resampling, x: &Axis, columns: Range<usize>) -> Range<u32> {
    if method == Resampling::Nearest {
        let picks = || x.nearest_columns().skip(columns.start).take(columns.len());
        return picks().min().unwrap_or(0)..picks().max().map_or(0, |last| last + 1);
    }
    match columns.is_empty() {
        true => 0..0,
        false => x.range(columns.start).start..x.range(columns.end - 1).end,
    }
}

/// The table of some output columns; source columns count from `start`.
fn columns(method: Resampling, x: &Axis, range: Range<usize>, start: u32) -> Columns {
    let place = |first: u32| first.saturating_sub(start);
    if method == Resampling::Nearest {
        let columns: Vec<u32> = x.nearest_columns().skip(range.start).take(range.len()).map(place).collect();
        let run = columns.iter().zip(0..).all(|(c, i)| *c == i);
        return Columns::Picks { columns, run };
    }
    let mut taps = Taps::default();
    match method {
        Resampling::Average | Resampling::Rms | Resampling::Mode => Columns::Spans(
            range
                .map(|i| {
                    x.taps(i, &mut taps);
                    let weights = &taps.weights;
                    Span {
                        first: place(taps.first) as usize,
                        len: weights.len(),
                        left: weights.first().copied().unwrap_or(1.0),
                        right: weights.last().copied().unwrap_or(1.0),
                    }
                })
                .collect(),
        ),
        _ => Columns::Weighted(Weighted::new(range.len(), |i, taps| x.taps(range.start + i, taps), place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLENTY: u64 = 1 << 30;

    fn window(column: f64, row: f64, width: f64, height: f64) -> Window {
        Window { column, row, width, height }
    }

    #[test]
    fn a_kernel_reaches_beyond_the_window_but_not_beyond_the_raster() {
        let plan = Plan::new(Resampling::Cubic, &window(10.0, 0.0, 20.0, 20.0), (10, 10), (100, 100), PLENTY).unwrap();
        // Radius 2 · 2 around the centre of the first output column, 11: taps 7 (7.5 rounded down) to 15.
        assert_eq!(plan.source_area(), Area { x: 7, y: 0, width: 26, height: 23 });
    }

    #[test]
    fn a_whole_window_at_its_own_size_is_copied() {
        let plan = Plan::new(Resampling::Lanczos, &window(3.0, 4.0, 5.0, 6.0), (5, 6), (100, 100), PLENTY).unwrap();
        assert_eq!(
            (plan.method(), plan.source_area()),
            (Resampling::Nearest, Area { x: 3, y: 4, width: 5, height: 6 })
        );
    }

    #[test]
    fn strips_need_their_own_columns_only() {
        let plan = Plan::new(Resampling::Average, &window(20.0, 0.0, 40.0, 40.0), (10, 10), (80, 40), PLENTY).unwrap();
        let strip = plan.strip(2..5);
        assert_eq!(strip.source_area(), Area { x: 28, y: 0, width: 12, height: 40 });
        assert_eq!((strip.out_size(), strip.strip(1..9).out_columns()), ((3, 10), 3..5));
        assert!(plan.strip(9..99).out_columns() == (9..10) && plan.strip(99..100).out_columns().is_empty());
    }

    #[test]
    fn rows_between_those_of_nearest_are_not_needed() {
        let plan = Plan::new(Resampling::Nearest, &window(0.0, 0.0, 40.0, 40.0), (4, 4), (40, 40), PLENTY).unwrap();
        // Rows 5, 15, 25, 35.
        assert!(plan.needs(0..6) && plan.needs(15..16) && plan.needs(30..40));
        assert!(!plan.needs(0..5) && !plan.needs(6..15) && !plan.needs(36..40));
        let average = Plan::new(Resampling::Average, &window(0.0, 0.0, 40.0, 40.0), (4, 4), (40, 40), PLENTY).unwrap();
        assert!((0..40).all(|row| average.needs(row..row + 1)));
    }

    #[test]
    fn what_cannot_be_is_refused_before_anything_is_allocated() {
        let all = window(0.0, 0.0, 10.0, 10.0);
        let new = |window: &Window, output, limit| Plan::new(Resampling::Cubic, window, output, (10, 10), limit);
        assert!(matches!(new(&all, (0, 5), PLENTY), Err(ResampleError::EmptyOutput { .. })));
        assert!(matches!(new(&window(f64::NAN, 0.0, 1.0, 1.0), (1, 1), PLENTY), Err(ResampleError::BadWindow { .. })));
        assert!(matches!(new(&window(10.0, 0.0, 1.0, 1.0), (1, 1), PLENTY), Err(ResampleError::BadWindow { .. })));
        assert!(matches!(new(&window(0.0, 0.0, 0.0, 1.0), (1, 1), PLENTY), Err(ResampleError::BadWindow { .. })));
        assert!(matches!(new(&all, (usize::MAX, 5), PLENTY), Err(ResampleError::TooLarge { .. })));
        let huge = window(0.0, 0.0, 4e9, 4e9);
        let huge = Plan::new(Resampling::Lanczos, &huge, (1, 1), (u32::MAX, u32::MAX), PLENTY);
        assert!(matches!(huge, Err(ResampleError::TooLarge { .. })));
    }
}
