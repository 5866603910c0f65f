//! Source coordinates of one row of output pixels.

use crate::frame::Frame;
use crate::lattice::Leaf;
use crate::level::{Rectangle, SIDE};
use crate::sampling::{Extent, Places, Quad, Quads};
use crate::vector::vectorized;

/// Pixels of a row that are made together, at most.
pub(crate) const ROW: usize = SIDE as usize;

/// Coordinates of a row of pixels of one square, in pixels of the level, seen from a column and row of it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    len: usize,
    xs: [f64; ROW],
    ys: [f64; ROW],
    /// The xs that all rows of a square have, for upright ones.
    columns: Vec<Columns>,
    /// Which of them count now, instead of `xs`.
    current: Option<usize>,
    /// They are those of the row before.
    columns_are_found: bool,
    /// Corners above and below the row, of each square.
    lines: Vec<Lines>,
    quads: Quads,
    sizes: [(f64, f64); ROW],
}

/// What is to be made of a square.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    leaf: &'a Leaf,
    /// Columns and rows of the whole grid.
    pub(crate) part: Rectangle,
    /// Once around the Earth in pixels of full resolution, if its places may lie on several turns.
    turn: Option<f64>,
}

impl<'a> Part<'a> {
    pub(crate) fn new(frame: &Frame<'_>, leaf: &'a Leaf, part: Rectangle) -> Part<'a> {
        let turn = frame.mapping.turn().filter(|turn| leaf.may_turn(*turn, f64::from(frame.level.full.0)));
        Part { leaf, part, turn }
    }

    /// Whether its places may lie on several turns around the Earth.
    #[cfg(feature = "files")]
    pub(crate) fn may_turn(&self) -> bool {
        self.turn.is_some()
    }

    /// True if no pixel of the square touches the source.
    pub(crate) fn is_outside(&self, frame: &Frame<'_>) -> bool {
        let (width, height) = (f64::from(frame.level.full.0), f64::from(frame.level.full.1));
        let beside = |(least, most): (f64, f64), length: f64| most < -1.0 || least > length + 1.0;
        let Some([xs, ys]) = self.leaf.bounds().filter(|_| self.turn.is_none()) else { return false };
        beside(xs, width) || beside(ys, height)
    }
}

/// The xs of the middles of pixels.
#[derive(Clone, Debug)]
struct Columns {
    xs: Box<[f64; ROW]>,
    are_known: bool,
}

/// Corners above and below a row of pixels.
#[derive(Clone, Debug)]
struct Lines {
    upper: Box<Corners>,
    lower: Box<Corners>,
    /// The row that the lower ones are above of.
    next: Option<u32>,
}

#[derive(Clone, Debug)]
struct Corners {
    xs: [f64; ROW + 1],
    ys: [f64; ROW + 1],
}

impl Corners {
    fn new() -> Box<Corners> {
        Box::new(Corners { xs: [0.0; ROW + 1], ys: [0.0; ROW + 1] })
    }

    /// The corners above a row of `n` pixels.
    fn find(&mut self, frame: &Frame<'_>, leaf: &Leaf, part: Rectangle, row: u32, n: usize) {
        let (Some(xs), Some(ys)) = (self.xs.get_mut(..=n), self.ys.get_mut(..=n)) else { return };
        leaf.places(frame, f64::from(part.column - leaf.column), f64::from(row - leaf.row), xs, ys);
    }
}

impl Row {
    pub(crate) fn new() -> Row {
        Row {
            len: 0,
            xs: [0.0; ROW],
            ys: [0.0; ROW],
            columns: Vec::new(),
            current: None,
            columns_are_found: false,
            lines: Vec::new(),
            quads: Quads::new(),
            sizes: [(0.0, 0.0); ROW],
        }
    }

    /// Looks at the pixels of `part`, the one of that number, in a row of the whole grid: one after the other of those that
    /// [`begin`](Self::begin) was told of.
    pub(crate) fn next_middles(&mut self, frame: &Frame<'_>, part: &Part<'_>, row: u32, number: usize) {
        let Some(columns) = self.columns.get_mut(number).filter(|_| part.leaf.is_upright()) else {
            return self.middles(frame, part, row);
        };
        self.current = Some(number);
        self.columns_are_found = columns.are_known;
        if columns.are_known {
            self.len = (part.part.width as usize).min(ROW);
            let mut y = [part.leaf.upright_y(f64::from(row - part.leaf.row) + 0.5)];
            frame.to_view(&mut [], &mut y);
            self.ys = [y[0]; ROW];
        } else {
            self.middles(frame, part, row);
            if let Some(columns) = self.columns.get_mut(number) {
                (*columns.xs, columns.are_known) = (self.xs, true);
            }
            self.current = Some(number);
        }
    }

    /// Looks at the pixels of `part` in a row of the whole grid.
    pub(crate) fn middles(&mut self, frame: &Frame<'_>, Part { leaf, part, turn, .. }: &Part<'_>, row: u32) {
        self.len = (part.width as usize).min(ROW);
        (self.current, self.columns_are_found) = (None, false);
        let (Some(xs), Some(ys)) = (self.xs.get_mut(..self.len), self.ys.get_mut(..self.len)) else { return };
        let column = f64::from(part.column - leaf.column) + 0.5;
        let row = f64::from(row - leaf.row) + 0.5;
        let Some(turn) = *turn else { return leaf.places(frame, column, row, xs, ys) };
        leaf.coordinates(frame.mapping, column, row, xs, ys);
        turn_inside(turn, f64::from(frame.level.full.0), xs);
        frame.to_view(xs, ys);
    }

    /// Begins with new squares, `parts` of them.
    pub(crate) fn begin(&mut self, parts: usize) {
        self.lines.resize_with(parts, || Lines { upper: Corners::new(), lower: Corners::new(), next: None });
        self.lines.iter_mut().for_each(|lines| lines.next = None);
        self.columns.resize_with(parts, || Columns { xs: Box::new([0.0; ROW]), are_known: false });
        self.columns.iter_mut().for_each(|columns| columns.are_known = false);
        self.current = None;
    }

    /// Looks at pixels whose corners alone are needed; if longitudes repeat, their middles tell where they are.
    pub(crate) fn areas(&mut self, frame: &Frame<'_>, part: &Part<'_>, row: u32, number: usize) {
        if part.turn.is_some() {
            self.middles(frame, part, row);
        }
        self.corners(frame, part, row, number);
    }

    /// Looks at the corners of the pixels of `part`, the one of that number, in a row of the whole grid.
    pub(crate) fn corners(
        &mut self,
        frame: &Frame<'_>,
        Part { leaf, part, turn, .. }: &Part<'_>,
        row: u32,
        number: usize,
    ) {
        self.len = (part.width as usize).min(ROW);
        let n = self.len;
        let Some(Lines { upper, lower, next }) = self.lines.get_mut(number) else { return };
        // What is below one row is above the next.
        if *next == Some(row) {
            std::mem::swap(upper, lower);
        } else {
            upper.find(frame, leaf, *part, row, n);
        }
        lower.find(frame, leaf, *part, row + 1, n);
        *next = Some(row + 1);
        let ((upper_xs, upper_ys), (lower_xs, lower_ys)) = ((&upper.xs, &upper.ys), (&lower.xs, &lower.ys));
        self.quads.len = n;
        self.quads.are_upright = leaf.is_upright();
        for (to, from) in self.quads.xs.iter_mut().zip([
            upper_xs.get(..n),
            upper_xs.get(1..=n),
            lower_xs.get(1..=n),
            lower_xs.get(..n),
        ]) {
            to.iter_mut().zip(from.unwrap_or_default()).for_each(|(to, from)| *to = *from);
        }
        for (to, from) in self.quads.ys.iter_mut().zip([
            upper_ys.get(..n),
            upper_ys.get(1..=n),
            lower_ys.get(1..=n),
            lower_ys.get(..n),
        ]) {
            to.iter_mut().zip(from.unwrap_or_default()).for_each(|(to, from)| *to = *from);
        }
        if let Some(turn) = turn.map(|turn| turn * frame.level.factors().0) {
            for corner in &mut self.quads.xs {
                turn_to(&self.xs, turn, corner);
            }
        }
    }

    /// How far pixels reach along x and y of the source, from the corners that were found last.
    pub(crate) fn measure(&mut self) {
        for (size, quad) in self.sizes.iter_mut().zip(self.quads.iter()) {
            *size = size_of(&quad);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn places<'a>(&'a self, extent: &'a Extent) -> Places<'a> {
        let n = self.len;
        let upright = self.current.and_then(|number| self.columns.get(number));
        Places {
            xs: upright.map_or(&self.xs, |columns| &columns.xs).get(..n).unwrap_or_default(),
            ys: self.ys.get(..n).unwrap_or_default(),
            extent,
            columns_are_found: self.columns_are_found,
            is_level: upright.is_some(),
        }
    }

    pub(crate) fn quads(&self) -> &Quads {
        &self.quads
    }

    pub(crate) fn sizes(&self) -> &[(f64, f64)] {
        self.sizes.get(..self.len).unwrap_or_default()
    }
}

vectorized! {
    /// Interpolated longitudes may run over the end of the source, where they begin anew.
    fn turn_inside(turn: f64, width: f64, xs: &mut [f64]) = each_inside;
    /// Brings longitudes to the same turn around the Earth as others.
    fn turn_to(others: &[f64; ROW], turn: f64, xs: &mut [f64; ROW]) = each_to;
}

#[inline(always)]
fn each_inside(turn: f64, width: f64, xs: &mut [f64]) {
    for x in xs {
        let (v, more, less) = (*x, *x + turn, *x - turn);
        let v = if (v < 0.0) & (more <= width) { more } else { v };
        *x = if (v > width) & (less >= 0.0) { less } else { v };
    }
}

#[inline(always)]
fn each_to(others: &[f64; ROW], turn: f64, xs: &mut [f64; ROW]) {
    /// Adding and subtracting it leaves the nearest whole number.
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    let share = 1.0 / turn;
    for (x, other) in xs.iter_mut().zip(others) {
        let turns = ((other - *x) * share + WHOLE) - WHOLE;
        *x += turns * turn;
    }
}

/// How far a pixel reaches along x and y of the source: the lengths that a step in any direction has at most.
fn size_of([a, b, c, d]: &Quad) -> (f64, f64) {
    let across = (0.5 * ((b.0 - a.0) + (c.0 - d.0)), 0.5 * ((b.1 - a.1) + (c.1 - d.1)));
    let down = (0.5 * ((d.0 - a.0) + (c.0 - b.0)), 0.5 * ((d.1 - a.1) + (c.1 - b.1)));
    let length = |a: f64, b: f64| (a * a + b * b).sqrt();
    (length(across.0, down.0), length(across.1, down.1))
}
