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

use crate::error::{Error, Result};
use crate::level::Rectangle;
use crate::method::{Covering, Kind};
use crate::output::{Output, Sink};
use crate::sampling::{Ordered, View, ViewValidity};
use row::GdalRow;

pub(crate) use chunks::{Chunk, of as chunks};
pub(crate) use job::Job;
pub(crate) use source_window::Forward;

/// Rows of a chunk that are made together.
const ROWS: u32 = 32;

/// Makes an output. `bytes` are those of a source pixel of all bands: they say how GDAL would cut it.
///
/// # Errors
/// Memory that cannot be had.
pub(crate) fn fill<T: Ordered>(view: &View<'_, T>, job: &Job<'_>, bytes: usize, threads: usize) -> Result<Output<T>> {
    let mut output = Output::new(job.within, view.bands, view.masks())?;
    for chunk in chunks(job, bytes) {
        let window = Window::cut(view, chunk.source);
        let view = window.view(view);
        let waiting = Mutex::new(strips(job.kind, &chunk));
        let done = Mutex::new((&mut output, Ok::<(), Error>(())));
        let worker = || {
            while let Some(strip) = waiting.lock().ok().and_then(|mut strips| strips.pop()) {
                let made = make(&view, job, &chunk, strip);
                let Ok(mut done) = done.lock() else { return };
                match made {
                    Ok(part) => done.0.place(&part),
                    Err(error) => done.1 = Err(error),
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.max(1) {
                scope.spawn(worker);
            }
            worker();
        });
        done.into_inner().map_err(|_| Error::LostWorker)?.1?;
    }
    Ok(output)
}

/// The parts of a chunk that can be made each for itself, the last one first.
pub(crate) fn strips(kind: Kind, chunk: &Chunk) -> Vec<Rectangle> {
    let all = chunk.output;
    if kind == Kind::Covering(Covering::Sum) {
        // Its source is gone through once.
        return vec![all];
    }
    let strip = |first: u32| Rectangle { row: all.row + first, height: ROWS.min(all.height - first), ..all };
    (0..all.height).step_by(ROWS as usize).rev().map(strip).collect()
}

/// Makes a strip of a chunk from what GDAL reads for the chunk.
///
/// # Errors
/// Memory that cannot be had.
pub(crate) fn make<T: Ordered>(
    view: &View<'_, T>,
    job: &Job<'_>,
    chunk: &Chunk,
    strip: Rectangle,
) -> Result<Output<T>> {
    if job.kind == Kind::Covering(Covering::Sum) {
        return sum::fill(view, job, chunk);
    }
    let mut output = Output::new(strip, view.bands, view.masks())?;
    let mut row = GdalRow::new(job, chunk, view);
    for line in strip.row..strip.row + strip.height {
        row.make(line - chunk.output.row);
        output.row(strip.column, line, &mut row.samples, &row.valid);
    }
    Ok(output)
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

    fn view<'v>(&'v self, of: &View<'v, T>) -> View<'v, T> {
        let validity = match &self.valid {
            None => ViewValidity::All,
            Some(valid) if self.is_shared => ViewValidity::Shared(valid),
            Some(valid) => ViewValidity::PerBand(valid),
        };
        View { samples: &self.samples, validity, width: self.width, height: self.height, ..*of }
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
