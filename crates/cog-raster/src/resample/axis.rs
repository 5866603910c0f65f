//! Which source pixels an output pixel is made from, along one axis.

use std::ops::Range;

use super::{Resampling, kernel};

/// One axis of a plan: `count` output pixels over `length` source pixels from `offset`, in a raster of `size` pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    method: Resampling,
    offset: f64,
    ratio: f64,
    count: usize,
    size: i64,
    /// Positions are worked out relative to this source pixel, as GDAL does: the roundings must be the same.
    base: i64,
    /// From `base` to the start of the window.
    delta: f64,
    /// Output pixels from `base` to the window, if the whole raster's output grid meets the window's.
    shift: f64,
    /// Pixels of the gauss kernel.
    blur: i64,
    /// Kernels are those of GDAL's warper.
    warped: bool,
    /// The first source pixel that means and mode are made from.
    least: i64,
    /// How many output pixels of the whole lie before the first of these.
    skipped: usize,
}

/// Source pixels of one output pixel and their weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Taps {
    pub(crate) first: u32,
    pub(crate) weights: Vec<f64>,
}

impl Axis {
    /// Length and count must be above 0, and the window should lie inside the raster, but for a part of its first and last
    /// output pixel: taps are clamped to the raster.
    pub(crate) fn new(method: Resampling, offset: f64, length: f64, count: usize, size: u32) -> Axis {
        let ratio = length / count as f64;
        let in_output = offset / ratio;
        let nearest = (in_output + 0.5).trunc();
        let meets = (in_output - nearest).abs() < 1e-8;
        let base = if meets { 0 } else { offset as i64 };
        let delta = if meets { 0.0 } else { offset - base as f64 };
        let shift = if meets { nearest } else { 0.0 };
        Axis {
            method,
            offset,
            ratio,
            count,
            size: i64::from(size),
            base,
            delta,
            shift,
            blur: 3,
            warped: false,
            least: 0,
            skipped: 0,
        }
    }

    /// GDAL takes the size of the gauss kernel from the reduction of the rows and uses it for both axes.
    pub(crate) fn with_blur_of(mut self, rows: &Axis) -> Axis {
        self.blur = match (rows.ratio + 0.5) as i64 {
            ..=2 => 3,
            3..=4 => 5,
            _ => 7,
        };
        self
    }

    /// With the kernels of GDAL's warper, by which it resamples complex samples: a reduction within 0.05 of a whole number
    /// counts as that number for the width of the kernel, and taps are as many on both sides of the centre.
    pub(crate) fn warped(self) -> Axis {
        Axis { warped: true, ..self }
    }

    /// Means and mode begin with the window's first pixel, rounded: on an overview that it chose itself GDAL reads whole pixels from
    /// there. A part of an output pixel that lies before counts as the first one's.
    pub(crate) fn beginning_whole(self) -> Axis {
        Axis { least: ((self.offset + 0.5) as i64).clamp(0, self.size - 1), ..self }
    }

    /// Some of the output pixels, counted from the first of these.
    pub(crate) fn part(self, range: Range<usize>) -> Axis {
        let start = range.start.min(self.count);
        let count = range.end.clamp(start, self.count) - start;
        Axis { skipped: self.skipped + start, count, ..self }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Source pixels per output pixel.
    pub(crate) fn ratio(&self) -> f64 {
        self.ratio
    }

    /// Output pixels from `base` to one of these.
    fn place(&self, i: usize) -> f64 {
        (i + self.skipped) as f64 + self.shift
    }

    /// The centre of an output pixel, from `base`.
    fn centre(&self, i: usize) -> f64 {
        (self.place(i) + 0.5) * self.ratio + self.delta
    }

    /// Start and end of an output pixel, from `base`.
    fn edges(&self, i: usize) -> (f64, f64) {
        let i = self.place(i);
        (self.delta + i * self.ratio, self.delta + (i + 1.0) * self.ratio)
    }

    /// A range from `base`, clamped to the raster and never empty.
    fn clamp(&self, first: i64, end: i64) -> (i64, i64) {
        let (least, most) = (-self.base, self.size - self.base);
        let first = first.clamp(least, most - 1);
        (first, end.clamp(first + 1, most))
    }

    /// Radius of the kernel in source pixels and the factor from source pixels to the kernel's.
    fn scale(&self) -> (f64, f64) {
        let whole = self.ratio.round();
        let snaps = self.warped && (self.ratio - whole).abs() < 0.05;
        let scale = (1.0 / if snaps { whole } else { self.ratio }).min(1.0);
        (self.method.radius().unwrap_or(1.0) / scale, scale)
    }

    /// Range of an output pixel, from `base`.
    fn relative(&self, i: usize) -> (i64, i64) {
        match self.method {
            Resampling::Nearest => {
                let at = self.nearest_row(i) - self.base;
                (at, at + 1)
            }
            Resampling::Average | Resampling::Rms | Resampling::Mode => {
                let (start, end) = self.edges(i);
                let first = ((start + 1e-8).floor() as i64).max(self.least - self.base);
                let end = ((end - 1e-8).ceil() as i64).max(first + 1).min(self.size - self.base);
                (first.min(end - 1), end)
            }
            Resampling::Gauss => {
                let start = self.blur_start(i);
                self.clamp(start, start + self.blur)
            }
            _ => {
                let (centre, (radius, _)) = (self.centre(i), self.scale());
                if self.warped {
                    let (before, radius) = ((centre - 0.5).floor() as i64, radius.ceil() as i64);
                    return self.clamp(before + 1 - radius, before + radius + 1);
                }
                self.clamp((centre - radius + 0.5).floor() as i64, (centre + radius + 0.5) as i64)
            }
        }
    }

    /// Where the gauss kernel begins, before it is cut at the raster's edges. The fraction of a fractional window is
    /// left out, as GDAL does.
    fn blur_start(&self, i: usize) -> i64 {
        let i = self.place(i);
        let first = (0.5 + i * self.ratio) as i64;
        let end = (0.5 + (i + 1.0) * self.ratio) as i64 + 1;
        first + (end - first) / 2 - self.blur / 2
    }

    /// Source pixels that output pixel `i` is made from: never empty, inside the raster, not falling as `i` grows.
    pub(crate) fn range(&self, i: usize) -> Range<u32> {
        let (first, end) = self.relative(i);
        let inside = |v: i64| (v + self.base).clamp(0, self.size) as u32;
        inside(first)..inside(end)
    }

    /// Weights of the source pixels of [`Axis::range`]. Kernels: sum 1. Average and rms: the part covered. Gauss:
    /// binomial coefficients.
    pub(crate) fn taps(&self, i: usize, taps: &mut Taps) {
        let (first, end) = self.relative(i);
        let count = usize::try_from(end - first).unwrap_or(0);
        taps.first = (first + self.base).clamp(0, self.size) as u32;
        taps.weights.clear();
        match self.method {
            Resampling::Nearest | Resampling::Mode => taps.weights.resize(count, 1.0),
            Resampling::Average | Resampling::Rms => {
                taps.weights.resize(count, 1.0);
                let (start, stop) = self.edges(i);
                if let [left, .., right] = taps.weights.as_mut_slice() {
                    // Beyond the raster its outermost pixel goes on. What is a rounding before a pixel begins with it.
                    let cut = start - first as f64;
                    *left = if cut < 0.0 && cut > -1e-8 { 1.0 } else { 1.0 - cut };
                    *right = 1.0 - (end as f64 - stop);
                }
            }
            Resampling::Gauss => {
                let row: &[f64] = match self.blur {
                    3 => &[1.0, 2.0, 1.0],
                    5 => &[1.0, 4.0, 6.0, 4.0, 1.0],
                    _ => &[1.0, 6.0, 15.0, 20.0, 15.0, 6.0, 1.0],
                };
                let cut = usize::try_from(first - self.blur_start(i)).unwrap_or(0);
                taps.weights.extend(row.iter().skip(cut).take(count));
                taps.weights.resize(count, 1.0);
            }
            _ => {
                let (_, scale) = self.scale();
                let mut x = scale * (first as f64 - self.centre(i) + 0.5);
                // Four at a time, as GDAL adds them up: the last bits decide whether a tap at the very edge counts.
                while taps.weights.len() + 4 <= count {
                    for step in 0..4 {
                        taps.weights.push(kernel::weight(self.method, x + f64::from(step) * scale));
                    }
                    x += 4.0 * scale;
                }
                while taps.weights.len() < count {
                    taps.weights.push(kernel::weight(self.method, x));
                    x += scale;
                }
                let sum: f64 = taps.weights.iter().sum();
                if sum != 0.0 {
                    taps.weights.iter_mut().for_each(|w| *w /= sum);
                }
            }
        }
    }

    /// The source row under the centre of output row `i`.
    fn nearest_row(&self, i: usize) -> i64 {
        let at = ((i + self.skipped) as f64 + 0.5) * self.ratio + self.offset + 1e-10;
        (at.max(0.0) as i64).min(self.size - 1)
    }

    /// The source columns under the centres of all output columns. GDAL adds up along a row instead of multiplying.
    pub(crate) fn nearest_columns(&self) -> impl Iterator<Item = u32> {
        let axis = *self;
        let mut at = 0.5 * axis.ratio + axis.offset + 1e-10;
        let picks = (0..axis.skipped + axis.count).map(move |_| {
            let column = (at.max(0.0) as i64).min(axis.size - 1) as u32;
            at += axis.ratio;
            column
        });
        picks.skip(axis.skipped)
    }
}

impl Axis {
    /// True if every output pixel begins and ends between source pixels.
    pub(crate) fn is_whole(&self) -> bool {
        self.ratio.fract() == 0.0 && self.delta.fract() == 0.0
    }
}
