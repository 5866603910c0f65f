//! From a source in memory to squares of the output.

use crate::frame::Frame;
use crate::lattice::Leaf;
use crate::level::Rectangle;
use crate::method::{Kernel, Kind};
use crate::row::{ROW, Row};
use crate::sampling::{self, CoveringRow, KernelRow, Ordered, View};

/// Makes squares of the output. One for each thread: it holds the memory that a row needs.
#[derive(Clone, Debug)]
pub(crate) struct Engine<T> {
    sampler: Sampler<T>,
    row: Box<Row>,
    samples: Vec<T>,
    valid: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Sampler<T> {
    Nearest,
    Kernel(Kernel, KernelRow),
    Covering(CoveringRow<T>),
}

/// Takes rows of output.
pub(crate) trait Sink<T> {
    /// `samples` (bands × n) and `valid` (one or bands × n, 255 or 0) of n pixels from a column and row of the whole grid on.
    fn row(&mut self, column: u32, row: u32, samples: &[T], valid: &[u8]);
}

impl<T: Ordered> Engine<T> {
    pub(crate) fn new(kind: Kind) -> Engine<T> {
        let sampler = match kind {
            Kind::Nearest => Sampler::Nearest,
            Kind::Kernel(kernel) => Sampler::Kernel(kernel, KernelRow::new(kernel)),
            Kind::Covering(covering) => Sampler::Covering(CoveringRow::new(covering)),
        };
        Engine { sampler, row: Box::new(Row::new()), samples: Vec::new(), valid: Vec::new() }
    }

    /// Makes the pixels of `within` that lie in these squares. `frame` is that of the view.
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
        for leaf in leaves {
            let Some(part) = within.intersect(leaf.rectangle()) else { continue };
            // Kernels of one size all over the square need no corners.
            let is_native = match &self.sampler {
                Sampler::Kernel(kernel @ (Kernel::Bilinear | Kernel::Cubic), _) => {
                    leaf.largest_pixel(frame).is_some_and(|size| kernel.widening(size) == 1.0)
                }
                _ => false,
            };
            for row in part.row..part.row + part.height {
                self.row.middles(frame, leaf, part, row);
                if !is_native && !matches!(self.sampler, Sampler::Nearest) {
                    self.row.corners(frame, leaf, part, row);
                    if matches!(self.sampler, Sampler::Kernel(..)) {
                        self.row.measure();
                    }
                }
                let n = self.row.len();
                let places = self.row.places(extent);
                let (Some(samples), Some(valid)) =
                    (self.samples.get_mut(..n * view.bands), self.valid.get_mut(..n * masks))
                else {
                    return;
                };
                match &mut self.sampler {
                    Sampler::Nearest => sampling::nearest(view, &places, samples, valid),
                    Sampler::Kernel(Kernel::Bilinear, _) if is_native => {
                        sampling::linear(view, &places, samples, valid)
                    }
                    Sampler::Kernel(_, _) if is_native => sampling::cubic(view, &places, samples, valid),
                    Sampler::Kernel(_, kernel) => kernel.fill(view, &places, self.row.sizes(), samples, valid),
                    Sampler::Covering(covering) => covering.fill(view, self.row.quads(), samples, valid),
                }
                sink.row(part.column, row, samples, valid);
            }
        }
    }
}
