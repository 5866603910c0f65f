//! Warps as GDAL 3.10 makes them, for comparison and migration.
//!
//! Coordinates are interpolated along whole rows of a chunk, kernels scaled by the chunk's size, areas taken for upright boxes around two
//! corners. So pixels depend on how the output is cut; the whole of it is one chunk here, unless GDAL would cut it.

mod approximate;
mod areas;
mod chunks;
mod job;
mod kernel;
mod row;
mod source_window;
mod sum;

use std::borrow::Cow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::Result;
use crate::level::Rectangle;
use crate::method::{Covering, Kind};
use crate::output::{Output, copy};
use crate::sampling::{Ordered, View, ViewValidity};
use chunks::Chunk;
use row::GdalRow;

pub(crate) use job::Job;
pub(crate) use source_window::Forward;

/// Makes an output.
///
/// # Errors
/// Memory that cannot be had.
pub(crate) fn fill<T: Ordered>(view: &View<'_, T>, job: &Job<'_>) -> Result<Output<T>> {
    let mut output = Output::new(job.within, view.bands, view.masks())?;
    let bytes = |per_pixel: usize| (per_pixel * view.bands) as f64;
    for chunk in chunks::of(job, bytes(size_of::<T>())) {
        let window = Window::cut(view, chunk.source);
        let view = window.view(view.bands);
        if job.kind == Kind::Covering(Covering::Sum) {
            let sums = sum::fill(&view, job, &chunk);
            let width = chunk.output.width as usize;
            for line in 0..chunk.output.height {
                let at = line as usize * width;
                let plane = chunk.output.pixels();
                let rows = sums.samples.chunks_exact(plane).filter_map(|band| band.get(at..at + width));
                let masks = sums.valid.chunks_exact(plane).filter_map(|mask| mask.get(at..at + width));
                put(&mut output, &chunk, line, rows, masks);
            }
            continue;
        }
        let output = Mutex::new(&mut output);
        let next = AtomicU32::new(0);
        let worker = || {
            let mut row = GdalRow::new(job, &chunk, &view);
            loop {
                let line = next.fetch_add(1, Ordering::Relaxed);
                if line >= chunk.output.height {
                    return;
                }
                row.make(line);
                if let Ok(mut output) = output.lock() {
                    let n = chunk.output.width as usize;
                    put(&mut output, &chunk, line, row.samples.chunks_exact(n), row.valid.chunks_exact(n));
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..job.threads.max(1) {
                scope.spawn(worker);
            }
            worker();
        });
    }
    Ok(output)
}

/// Copies a row of a chunk, of all bands, to its place.
fn put<'r, T: Ordered>(
    output: &mut Output<T>,
    chunk: &Chunk,
    line: u32,
    bands: impl Iterator<Item = &'r [T]>,
    masks: impl Iterator<Item = &'r [u8]>,
) {
    let (plane, width) = (output.within.pixels(), output.within.width as usize);
    let at = line as usize + (chunk.output.row - output.within.row) as usize;
    let at = at * width + (chunk.output.column - output.within.column) as usize;
    bands.enumerate().for_each(|(band, samples)| copy(&mut output.samples, band * plane + at, samples));
    masks.enumerate().for_each(|(mask, valid)| copy(&mut output.valid, mask * plane + at, valid));
}

/// The part of a source that GDAL would have read for a chunk: beyond it, there is nothing.
struct Window<'a, T: Clone> {
    samples: Cow<'a, [T]>,
    valid: Option<Cow<'a, [u8]>>,
    is_shared: bool,
    width: usize,
    height: usize,
}

impl<'a, T: Ordered> Window<'a, T> {
    fn cut(view: &View<'a, T>, part: Rectangle) -> Window<'a, T> {
        let (width, height) = (part.width as usize, part.height as usize);
        let (valid, is_shared) = match view.validity {
            ViewValidity::All => (None, true),
            ViewValidity::Shared(valid) => (Some(valid), true),
            ViewValidity::PerBand(valid) => (Some(valid), false),
        };
        if (width, height) == (view.width, view.height) {
            let (samples, valid) = (Cow::Borrowed(view.samples), valid.map(Cow::Borrowed));
            return Window { samples, valid, is_shared, width, height };
        }
        let masks = if is_shared { 1 } else { view.bands };
        let samples = Cow::Owned(cut(view.samples, view.bands, (view.width, view.height), part));
        let valid = valid.map(|valid| Cow::Owned(cut(valid, masks, (view.width, view.height), part)));
        Window { samples, valid, is_shared, width, height }
    }

    fn view(&self, bands: usize) -> View<'_, T> {
        let validity = match &self.valid {
            None => ViewValidity::All,
            Some(valid) if self.is_shared => ViewValidity::Shared(valid),
            Some(valid) => ViewValidity::PerBand(valid),
        };
        View { samples: &self.samples, validity, bands, width: self.width, height: self.height }
    }
}

/// A rectangle of each of several planes.
fn cut<V: Copy>(planes: &[V], count: usize, (width, height): (usize, usize), part: Rectangle) -> Vec<V> {
    let mut out = Vec::with_capacity(part.pixels() * count);
    for plane in planes.chunks_exact((width * height).max(1)).take(count) {
        let rows = plane.chunks_exact(width.max(1)).skip(part.row as usize).take(part.height as usize);
        let (first, end) = (part.column as usize, (part.column + part.width) as usize);
        out.extend(rows.flat_map(|row| row.get(first..end).unwrap_or_default()).copied());
    }
    out
}
