//! From a source in memory to squares of the output.

use crate::frame::Frame;
use crate::lattice::Leaf;
use crate::level::Rectangle;
use crate::method::{Kernel, Kind};
use crate::output::Sink;
use crate::row::{Part, ROW, Row};
use crate::sampling::{self, Axis, CoveringRow, KernelRow, Ordered, Scratch, View};

/// Makes squares of the output. One for each thread: it holds the memory that a row needs.
#[derive(Clone, Debug)]
pub(crate) struct Engine<T: Ordered> {
    sampler: Sampler<T>,
    row: Box<Row>,
    scratch: Box<Scratch<T>>,
    /// Where pixels look in columns of the source, square by square.
    columns: Vec<Axis<T>>,
    samples: Vec<T>,
    valid: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Sampler<T: Ordered> {
    Nearest,
    Kernel(Kernel, KernelRow),
    Covering(CoveringRow<T>),
}

impl<T: Ordered> Engine<T> {
    pub(crate) fn new(kind: Kind) -> Engine<T> {
        let sampler = match kind {
            Kind::Nearest => Sampler::Nearest,
            Kind::Kernel(kernel) => Sampler::Kernel(kernel, KernelRow::new(kernel)),
            Kind::Covering(covering) => Sampler::Covering(CoveringRow::new(covering)),
        };
        Engine {
            sampler,
            row: Box::new(Row::new()),
            scratch: Box::new(Scratch::new()),
            columns: Vec::new(),
            samples: Vec::new(),
            valid: Vec::new(),
        }
    }

    /// Makes the pixels of `within` that lie in these squares. `frame` is that of the view. Squares that lie outside the source are left as
    /// they are: not valid, if nothing was there before.
    pub(crate) fn fill(
        &mut self,
        frame: &Frame<'_>,
        leaves: &[Leaf],
        within: Rectangle,
        view: &View<'_, T>,
        sink: &mut impl Sink<T>,
    ) {
        let masks = view.masks();
        self.samples.resize(view.bands * ROW, T::default());
        self.valid.resize(masks * ROW, 0);
        let extent = frame.extent();
        // Row after row of all squares: the output is written from one end to the other.
        let parts: Vec<(Part<'_>, bool)> = leaves.iter().filter_map(|leaf| self.part(frame, leaf, within)).collect();
        self.row.begin(parts.len());
        self.columns.resize_with(parts.len(), Axis::new);
        for row in within.row..within.row.saturating_add(within.height) {
            for (number, (square, is_native)) in parts.iter().enumerate() {
                let (part, is_native) = (square.part, *is_native);
                if row < part.row || row - part.row >= part.height {
                    continue;
                }
                match self.sampler {
                    Sampler::Covering(_) => self.row.areas(frame, square, row, number),
                    Sampler::Kernel(..) if !is_native => {
                        self.row.middles(frame, square, row);
                        self.row.corners(frame, square, row, number);
                        self.row.measure();
                    }
                    _ => self.row.next_middles(frame, square, row, number),
                }
                let n = self.row.len();
                let places = self.row.places(&extent);
                let (Some(samples), Some(valid)) =
                    (self.samples.get_mut(..n * view.bands), self.valid.get_mut(..n * masks))
                else {
                    return;
                };
                let Some(columns) = self.columns.get_mut(number) else { return };
                match &mut self.sampler {
                    Sampler::Nearest => sampling::nearest(view, &places, columns, &mut self.scratch, samples, valid),
                    Sampler::Kernel(Kernel::Bilinear, _) if is_native => {
                        sampling::linear(view, &places, columns, &mut self.scratch, samples, valid)
                    }
                    Sampler::Kernel(_, _) if is_native => {
                        sampling::cubic(view, &places, columns, &mut self.scratch, samples, valid)
                    }
                    Sampler::Kernel(_, kernel) => kernel.fill(view, &places, self.row.sizes(), samples, valid),
                    Sampler::Covering(covering) => covering.fill(view, self.row.quads(), &extent, samples, valid),
                }
                if view.alpha.is_some() {
                    match &self.sampler {
                        Sampler::Covering(covering) => {
                            sampling::alpha_of_areas(view, n, covering.adds_up(), samples, valid);
                        }
                        Sampler::Kernel(kernel, _) => {
                            sampling::alpha_of_places(view, &places, kernel.is_signed(), samples, valid);
                        }
                        Sampler::Nearest => sampling::alpha_of_places(view, &places, false, samples, valid),
                    }
                }
                sink.row(part.column, row, samples, valid);
            }
        }
    }

    /// The pixels of `within` in a square, and whether kernels have one size all over it: they need no corners. `None` if there are no
    /// pixels.
    fn part<'l>(&self, frame: &Frame<'_>, leaf: &'l Leaf, within: Rectangle) -> Option<(Part<'l>, bool)> {
        let part = within.intersect(leaf.rectangle())?;
        let square = Part::new(frame, leaf, part);
        if square.is_outside(frame) {
            return None;
        }
        let is_native = match &self.sampler {
            Sampler::Kernel(kernel @ (Kernel::Bilinear | Kernel::Cubic), _) => {
                leaf.largest_pixel(frame).is_some_and(|size| kernel.widening(size) == 1.0)
            }
            _ => false,
        };
        Some((square, is_native))
    }
}
