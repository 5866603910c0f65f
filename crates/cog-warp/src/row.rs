//! Source coordinates of one row of output pixels.

use crate::frame::Frame;
use crate::lattice::Leaf;
use crate::level::{Rectangle, SIDE};
use crate::sampling::{Extent, Places, Quad};

/// Pixels of a row that are made together, at most.
pub(crate) const ROW: usize = SIDE as usize;

/// Coordinates of a row of pixels of one square, in pixels of the level, seen from a column and row of it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    len: usize,
    xs: [f64; ROW],
    ys: [f64; ROW],
    quads: [Quad; ROW],
    sizes: [(f64, f64); ROW],
}

impl Row {
    pub(crate) fn new() -> Row {
        Row { len: 0, xs: [0.0; ROW], ys: [0.0; ROW], quads: [[(0.0, 0.0); 4]; ROW], sizes: [(0.0, 0.0); ROW] }
    }

    /// Looks at the pixels of `part` in a row of the whole grid.
    pub(crate) fn middles(&mut self, frame: &Frame<'_>, leaf: &Leaf, part: Rectangle, row: u32) {
        self.len = (part.width as usize).min(ROW);
        let (Some(xs), Some(ys)) = (self.xs.get_mut(..self.len), self.ys.get_mut(..self.len)) else { return };
        let column = f64::from(part.column - leaf.column) + 0.5;
        leaf.coordinates(frame.mapping, column, f64::from(row - leaf.row) + 0.5, xs, ys);
        if let Some(turn) = frame.mapping.turn() {
            let width = f64::from(frame.level.full.0);
            for x in xs.iter_mut() {
                // Interpolated longitudes may run over the end of the source, where they begin anew.
                if *x < 0.0 && *x + turn <= width {
                    *x += turn;
                } else if *x > width && *x - turn >= 0.0 {
                    *x -= turn;
                }
            }
        }
        frame.to_view(xs, ys);
    }

    /// Adds corners and sizes of the pixels whose middles were found last.
    pub(crate) fn corners(&mut self, frame: &Frame<'_>, leaf: &Leaf, part: Rectangle, row: u32) {
        let n = self.len;
        let column = f64::from(part.column - leaf.column);
        let mut lines = [([0.0; ROW + 1], [0.0; ROW + 1]); 2];
        for ((xs, ys), row) in lines.iter_mut().zip([row - leaf.row, row - leaf.row + 1]) {
            let (Some(xs), Some(ys)) = (xs.get_mut(..=n), ys.get_mut(..=n)) else { return };
            leaf.coordinates(frame.mapping, column, f64::from(row), xs, ys);
            frame.to_view(xs, ys);
        }
        let turn = frame.mapping.turn().map(|turn| turn * frame.level.factors().0);
        let [(upper_xs, upper_ys), (lower_xs, lower_ys)] = &lines;
        let tops = upper_xs.windows(2).zip(upper_ys.windows(2));
        let bottoms = lower_xs.windows(2).zip(lower_ys.windows(2));
        let pixels = self.quads.iter_mut().zip(&self.xs).take(n);
        for ((quad, middle), (top, bottom)) in pixels.zip(tops.zip(bottoms)) {
            let (([ax, bx], [ay, by]), ([dx, cx], [dy, cy])) = (top, bottom) else { continue };
            *quad = [(*ax, *ay), (*bx, *by), (*cx, *cy), (*dx, *dy)];
            if let Some(turn) = turn {
                // On the same turn around the Earth as the middle.
                quad.iter_mut().for_each(|(x, _)| *x += ((middle - *x) / turn).round() * turn);
            }
        }
    }

    /// How far pixels reach along x and y of the source, from the corners that were found last.
    pub(crate) fn measure(&mut self) {
        for (size, quad) in self.sizes.iter_mut().zip(&self.quads).take(self.len) {
            *size = size_of(quad);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn places<'a>(&'a self, extent: &'a Extent) -> Places<'a> {
        let n = self.len;
        Places { xs: self.xs.get(..n).unwrap_or_default(), ys: self.ys.get(..n).unwrap_or_default(), extent }
    }

    pub(crate) fn quads(&self) -> &[Quad] {
        self.quads.get(..self.len).unwrap_or_default()
    }

    pub(crate) fn sizes(&self) -> &[(f64, f64)] {
        self.sizes.get(..self.len).unwrap_or_default()
    }
}

/// How far a pixel reaches along x and y of the source: the lengths that a step in any direction has at most.
fn size_of([a, b, c, d]: &Quad) -> (f64, f64) {
    let across = (0.5 * ((b.0 - a.0) + (c.0 - d.0)), 0.5 * ((b.1 - a.1) + (c.1 - d.1)));
    let down = (0.5 * ((d.0 - a.0) + (c.0 - b.0)), 0.5 * ((d.1 - a.1) + (c.1 - b.1)));
    let length = |a: f64, b: f64| (a * a + b * b).sqrt();
    (length(across.0, down.0), length(across.1, down.1))
}
