//! One row of a chunk.

use super::approximate::along_row;
use super::areas::{Areas, Corners};
use super::chunks::Chunk;
use super::job::Job;
use super::kernel::WideKernel;
use crate::level::SIDE;
use crate::mapping::Mapping;
use crate::method::{Kernel, Kind};
use crate::sampling::{self, Axis, Extent, Ordered, Places, Scratch, View};

/// Pixels that are sampled together, at most.
const ROW: usize = SIDE as usize;

/// Makes rows of a chunk. One for each thread.
pub(super) struct GdalRow<'a, T: Ordered> {
    mapping: &'a Mapping,
    chunk: &'a Chunk,
    view: &'a View<'a, T>,
    sampler: Sampler<T>,
    /// Whether it is a kernel with weights below 0.
    is_signed: bool,
    scratch: Box<Scratch<T>>,
    columns: Box<Axis<T>>,
    upper: Line,
    lower: Line,
    boxes: Vec<Corners>,
    /// Of one piece of a row.
    piece: (Vec<T>, Vec<u8>),
    /// Bands × columns.
    pub(super) samples: Vec<T>,
    /// One or bands × columns.
    pub(super) valid: Vec<u8>,
}

enum Sampler<T> {
    Nearest,
    Linear,
    Cubic,
    Wide(WideKernel),
    Areas(Areas<T>),
}

/// Places in pixels of what was read of the source.
#[derive(Default)]
struct Line {
    xs: Vec<f64>,
    ys: Vec<f64>,
}

impl<'a, T: Ordered> GdalRow<'a, T> {
    pub(super) fn new(job: &Job<'a>, chunk: &'a Chunk, view: &'a View<'a, T>) -> GdalRow<'a, T> {
        let width = chunk.output.width as usize;
        let sampler = match job.kind {
            Kind::Nearest => Sampler::Nearest,
            Kind::Covering(covering) => Sampler::Areas(Areas::new(covering, &chunk.window)),
            Kind::Kernel(Kernel::Bilinear) if chunk.window.is_native() => Sampler::Linear,
            Kind::Kernel(Kernel::Cubic) if chunk.window.is_native() => Sampler::Cubic,
            Kind::Kernel(kernel) => Sampler::Wide(WideKernel::new(kernel, &chunk.window)),
        };
        let empty = |n: usize| vec![T::default(); n];
        GdalRow {
            mapping: job.mapping,
            chunk,
            view,
            sampler,
            is_signed: matches!(job.kind, Kind::Kernel(kernel) if kernel.is_signed()),
            scratch: Box::new(Scratch::new()),
            columns: Box::new(Axis::new()),
            upper: Line::default(),
            lower: Line::default(),
            boxes: Vec::new(),
            piece: (empty(ROW * view.bands), vec![0; ROW * view.masks()]),
            samples: empty(width * view.bands),
            valid: vec![0; width * view.masks()],
        }
    }

    /// Makes a row of the chunk.
    pub(super) fn make(&mut self, line: u32) {
        let top = f64::from(self.chunk.output.row) + f64::from(line);
        match &mut self.sampler {
            Sampler::Areas(areas) => {
                corners(self.mapping, self.chunk, top, &mut self.upper, &mut self.lower, &mut self.boxes);
                areas.fill(self.view, &self.boxes, &mut self.samples, &mut self.valid);
                sampling::alpha_of_areas(self.view, self.boxes.len(), false, &mut self.samples, &mut self.valid);
                return;
            }
            _ => self.middles(top + 0.5),
        }
        let width = self.chunk.output.width as usize;
        let extent = Extent { left: 0.0, top: 0.0, right: self.view.width as f64, bottom: self.view.height as f64 };
        for first in (0..width).step_by(ROW) {
            let end = (first + ROW).min(width);
            let n = end - first;
            let (Some(samples), Some(valid)) =
                (self.piece.0.get_mut(..n * self.view.bands), self.piece.1.get_mut(..n * self.view.masks()))
            else {
                return;
            };
            let places = Places {
                xs: self.upper.xs.get(first..end).unwrap_or_default(),
                ys: self.upper.ys.get(first..end).unwrap_or_default(),
                extent: &extent,
                columns_are_found: false,
                is_level: false,
            };
            match &mut self.sampler {
                Sampler::Nearest => {
                    sampling::nearest(self.view, &places, &mut self.columns, &mut self.scratch, samples, valid)
                }
                Sampler::Linear => {
                    sampling::linear(self.view, &places, &mut self.columns, &mut self.scratch, samples, valid)
                }
                Sampler::Cubic => {
                    sampling::cubic(self.view, &places, &mut self.columns, &mut self.scratch, samples, valid)
                }
                Sampler::Wide(kernel) => kernel.fill(self.view, &places, samples, valid),
                Sampler::Areas(_) => {}
            }
            sampling::alpha_of_places(self.view, &places, self.is_signed, samples, valid);
            insert(samples, n, &mut self.samples, first, width);
            insert(valid, n, &mut self.valid, first, width);
        }
    }

    /// Middles of pixels. What lies beside the source by less than a pixel is looked at again by itself.
    fn middles(&mut self, y: f64) {
        let left = f64::from(self.chunk.output.column) + 0.5;
        let width = self.chunk.output.width as usize;
        let window = self.chunk.source;
        let (right, bottom) = (f64::from(window.width), f64::from(window.height));
        let exact = |x: f64| place(self.mapping, self.chunk, x, y);
        self.upper.fill(left, width, &exact);
        let near = |v: f64, length: f64| v > -1.0 && v < length + 1.0;
        // What lies on the last edge to the last digit is outside, for GDAL.
        let inside = |v: f64, length: f64| v >= 0.0 && v + 1e-10 <= length;
        for (i, (x, y)) in self.upper.xs.iter_mut().zip(&mut self.upper.ys).enumerate() {
            if inside(*x, right) && inside(*y, bottom) {
                continue;
            }
            let again = if near(*x, right) && near(*y, bottom) { exact(left + i as f64) } else { None };
            let kept = again.filter(|(x, y)| inside(*x, right) && inside(*y, bottom));
            (*x, *y) = kept.unwrap_or((f64::NAN, f64::NAN));
        }
    }
}

/// A place of the output in pixels of what was read of the source.
fn place(mapping: &Mapping, chunk: &Chunk, x: f64, y: f64) -> Option<(f64, f64)> {
    let (x, y) = mapping.point(x, y)?;
    Some((x - f64::from(chunk.source.column), y - f64::from(chunk.source.row)))
}

/// The places of the upper left and the lower right corner of each pixel.
fn corners(mapping: &Mapping, chunk: &Chunk, y: f64, upper: &mut Line, lower: &mut Line, boxes: &mut Vec<Corners>) {
    let left = f64::from(chunk.output.column);
    let width = chunk.output.width as usize;
    upper.fill(left, width, &|x| place(mapping, chunk, x, y));
    lower.fill(left + 1.0, width, &|x| place(mapping, chunk, x, y + 1.0));
    let pairs = upper.xs.iter().zip(&upper.ys).zip(lower.xs.iter().zip(&lower.ys));
    boxes.clear();
    boxes.extend(pairs.map(|((ax, ay), (bx, by))| [*ax, *ay, *bx, *by]));
}

impl Line {
    fn fill(&mut self, first: f64, n: usize, exact: &impl Fn(f64) -> Option<(f64, f64)>) {
        self.xs.resize(n, 0.0);
        self.ys.resize(n, 0.0);
        along_row(first, exact, &mut self.xs, &mut self.ys);
    }
}

/// Copies rows of `n` to where they belong in rows of `width`.
fn insert<V: Copy>(rows: &[V], n: usize, to: &mut [V], first: usize, width: usize) {
    for (row, to) in rows.chunks_exact(n).zip(to.chunks_exact_mut(width)) {
        crate::output::copy(to, first, row);
    }
}
