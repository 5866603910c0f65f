//! The corners of a row of output pixels.

use super::places::ROW;

/// A corner, in pixels of the view.
pub(super) type Corner = (f64, f64);

/// The corners of an output pixel, in order.
pub(crate) type Quad = [Corner; 4];

/// The corners of a row of pixels, in pixels of the view: upper left, upper right, lower right, lower left in the output.
#[derive(Clone, Debug)]
pub(crate) struct Quads {
    pub(crate) len: usize,
    /// Each is a rectangle whose sides lie along columns and rows of the source.
    pub(crate) are_upright: bool,
    pub(crate) xs: [[f64; ROW]; 4],
    pub(crate) ys: [[f64; ROW]; 4],
}

impl Quads {
    pub(crate) fn new() -> Quads {
        Quads { len: 0, are_upright: false, xs: [[0.0; ROW]; 4], ys: [[0.0; ROW]; 4] }
    }

    /// The corners of one pixel.
    #[inline(always)]
    pub(crate) fn get(&self, i: usize) -> Option<Quad> {
        let corner = |xs: &[f64; ROW], ys: &[f64; ROW]| Some((*xs.get(i)?, *ys.get(i)?));
        let ([ax, bx, cx, dx], [ay, by, cy, dy]) = (&self.xs, &self.ys);
        Some([corner(ax, ay)?, corner(bx, by)?, corner(cx, cy)?, corner(dx, dy)?])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Quad> {
        (0..self.len).filter_map(|i| self.get(i))
    }
}
