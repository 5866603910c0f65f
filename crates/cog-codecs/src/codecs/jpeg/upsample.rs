//! Enlarging subsampled components as libjpeg-turbo does by default ("fancy upsampling"): a triangle filter where the
//! factor is 2, repetition elsewhere.

use crate::codecs::jpeg::layout::{Component, Layout};
use crate::codecs::jpeg::plane::Plane;
use crate::codecs::jpeg::sample::Sample;

/// How one component reaches the size of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Across,
    Down,
    Both,
    /// Each sample so many times across, each row so many times down (of which 1 × 1 is most usual).
    Repeat,
}

/// One component's way to rows of full size.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upsampler {
    filter: Filter,
    across: usize,
    down: usize,
    width: usize,
    height: usize,
}

impl Upsampler {
    pub(super) fn new(layout: &Layout, component: &Component, smooth: bool) -> Self {
        let (across, down) = (layout.max_across / component.across, layout.max_down / component.down);
        // libjpeg does not filter across where there are not three columns.
        let filter = match (across, down) {
            _ if !smooth => Filter::Repeat,
            (2, 1) if component.width > 2 => Filter::Across,
            (1, 2) => Filter::Down,
            (2, 2) if component.width > 2 => Filter::Both,
            _ => Filter::Repeat,
        };
        Self { filter, across, down, width: component.width, height: component.height }
    }

    /// Whether the last row of an MCU needs the MCU row below.
    pub(super) fn needs_row_below(&self) -> bool {
        matches!(self.filter, Filter::Down | Filter::Both)
    }

    /// Row `y` of the picture, of which `plane` holds the MCU row that begins at row `top` of the component.
    #[inline(always)]
    pub(super) fn row<'a, S: Sample>(
        &self,
        y: usize,
        top: usize,
        plane: &'a Plane<S>,
        line: &'a mut Line<S>,
    ) -> &'a [S] {
        let near = y / self.down;
        let below = y % 2 == 1;
        let far = if below { (near + 1).min(self.height.saturating_sub(1)) } else { near.saturating_sub(1) };
        let row = |index: usize| {
            let row = plane.row((index + 1).saturating_sub(top));
            row.get(..self.width).unwrap_or(row)
        };
        let Line { sums, samples } = line;
        match self.filter {
            Filter::Repeat if self.across == 1 => return row(near),
            Filter::Repeat => repeat(row(near), self.across, samples),
            Filter::Down => {
                let bias = if below { 2 } else { 1 };
                for ((to, &near), &far) in samples.iter_mut().zip(row(near)).zip(row(far)) {
                    *to = S::of((near.into() * 3 + far.into() + bias) >> 2);
                }
            }
            Filter::Across => {
                widen(sums, row(near).iter().map(|&s| s.into()));
                across::<S, 1, 2, 2>(sums, self.width, samples);
            }
            Filter::Both => {
                // Of 12-bit samples at most 16 380, and four times that and 8 fit as well.
                let sum = |(&near, &far): (&S, &S)| near.into() * 3 + far.into();
                widen(sums, row(near).iter().zip(row(far)).map(sum));
                across::<S, 8, 7, 4>(sums, self.width, samples);
            }
        }
        samples
    }
}

/// Room for one enlarged row.
#[derive(Debug, Default)]
pub(super) struct Line<S> {
    /// The row before it is enlarged across, with its first and last value once more at either end.
    sums: Vec<u16>,
    samples: Vec<S>,
}

impl<S: Sample> Line<S> {
    /// Makes room for a picture of so many columns (at most 65 535).
    pub(super) fn fit(&mut self, width: usize) {
        let width = width.next_multiple_of(4);
        self.sums.resize(width + 2, 0);
        self.samples.resize(width, S::default());
    }
}

#[inline(always)]
fn widen(to: &mut [u16], from: impl ExactSizeIterator<Item = u16>) {
    let len = from.len();
    if let Some(to) = to.get_mut(..len + 2) {
        for (to, from) in to.iter_mut().skip(1).zip(from) {
            *to = from;
        }
        if let &mut [ref mut first, second, ..] = to {
            *first = second;
        }
        if let &mut [.., second, ref mut last] = to {
            *last = second;
        }
    }
}

/// Two samples of each: three parts itself, one part its neighbour to the left or right.
#[inline(always)]
fn across<S: Sample, const LEFT: u16, const RIGHT: u16, const SHIFT: u16>(sums: &[u16], width: usize, to: &mut [S]) {
    let (Some(left), Some(this), Some(right)) = (sums.get(..width), sums.get(1..=width), sums.get(2..width + 2)) else {
        return;
    };
    for (((pair, left), this), right) in to.as_chunks_mut::<2>().0.iter_mut().zip(left).zip(this).zip(right) {
        *pair = [S::of((3 * this + left + LEFT) >> SHIFT), S::of((3 * this + right + RIGHT) >> SHIFT)];
    }
}

fn repeat<S: Sample>(from: &[S], times: usize, to: &mut [S]) {
    for (to, from) in to.chunks_mut(times.max(1)).zip(from) {
        to.fill(*from);
    }
}
