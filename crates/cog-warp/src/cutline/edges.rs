//! Edges of polygons on a grid of pixels, and the pixels that they enclose or touch.
//!
//! The rules are those of GDAL's rasterizer (`alg/llrasterize.cpp`), so that masks are the same: a pixel is inside where its middle is, middles
//! on a left edge are outside and on a right one inside, in columns; edges that lie along the middles of a row enclose it where they run
//! to the left. What is touched is what an edge passes through, with GDAL's tolerance for edges that lie along borders of pixels.

use std::ops::Range;

use super::intervals::Intervals;
use super::polygon::Point;

/// An edge in columns and rows of the grid, in the direction of its ring.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) from: Point,
    pub(super) to: Point,
    pub(super) polygon: u32,
    /// False for edges that only touch: the inside is found otherwise.
    pub(super) encloses: bool,
}

/// Columns from the first to the one before the last.
pub(super) type Columns = Range<i64>;

/// Edges, found by rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Edges {
    edges: Vec<Edge>,
    by_row: Intervals,
}

/// Memory for the rows of one window.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    found: Vec<u32>,
    crossings: Vec<(u32, i64)>,
}

impl Edges {
    pub(super) fn new(edges: Vec<Edge>) -> Edges {
        let rows = edges.iter().map(|edge| (edge.from.1.min(edge.to.1), edge.from.1.max(edge.to.1)));
        let by_row = Intervals::new(rows);
        Edges { edges, by_row }
    }

    /// Of all that is enclosed or touched: columns and rows.
    pub(super) fn bounds(&self) -> [f64; 4] {
        super::polygon::bounds(self.edges.iter().flat_map(|edge| [edge.from, edge.to]))
    }

    /// Edges within a distance of rows, ends included.
    pub(super) fn near(&self, from: f64, to: f64, found: &mut Vec<u32>) {
        found.clear();
        self.by_row.touching(from, to, found);
    }

    pub(super) fn get(&self, at: u32) -> Option<&Edge> {
        self.edges.get(at as usize)
    }

    /// Appends the columns of a row whose middles lie inside, and with `touched` those that edges pass through too. They may overlap.
    pub(super) fn row(&self, row: i64, touched: bool, scratch: &mut Scratch, spans: &mut Vec<Columns>) {
        let (top, middle) = (row as f64, row as f64 + 0.5);
        let (from, to) = if touched { (top, top + 1.0) } else { (middle, middle) };
        self.near(from, to, &mut scratch.found);
        scratch.crossings.clear();
        for edge in scratch.found.iter().filter_map(|at| self.get(*at)) {
            if edge.encloses {
                match edge.crossing(middle) {
                    Some(Crossing::At(column)) => scratch.crossings.push((edge.polygon, column)),
                    Some(Crossing::Along(columns)) => spans.push(columns),
                    None => {}
                }
            }
            if touched {
                spans.extend(edge.touched(top));
            }
        }
        scratch.crossings.sort_unstable();
        spans.extend(scratch.crossings.as_chunks::<2>().0.iter().map(|[(_, first), (_, end)]| *first..*end));
    }
}

enum Crossing {
    At(i64),
    Along(Columns),
}

/// The first column whose middle is right of a place.
fn column(x: f64) -> i64 {
    pixel(x + 0.5)
}

/// The pixel that holds a place, as far as numbers of pixels can be counted on.
fn pixel(v: f64) -> i64 {
    const FAR: f64 = 1e15;
    v.floor().clamp(-FAR, FAR) as i64
}

/// Within GDAL's tolerance of a border between pixels.
fn on_border(v: f64) -> bool {
    (v - v.round()).abs() < GDAL_ALIGNED
}

const GDAL_ALIGNED: f64 = 1e-4;

/// Edges that are no longer than this along one axis run along the other, for GDAL.
const GDAL_STRAIGHT: f64 = 0.01;

impl Edge {
    /// Where it crosses the middle line of a row.
    fn crossing(&self, y: f64) -> Option<Crossing> {
        let (mut upper, mut lower) = (self.from, self.to);
        if upper.1 == lower.1 {
            let along = y == upper.1 && self.from.0 > self.to.0;
            return along.then(|| Crossing::Along(column(self.to.0)..column(self.from.0)));
        }
        if upper.1 > lower.1 {
            (upper, lower) = (lower, upper);
        }
        (y >= upper.1 && y < lower.1).then(|| {
            // In this order, for the same rounding as GDAL's.
            Crossing::At(column((y - upper.1) * (lower.0 - upper.0) / (lower.1 - upper.1) + upper.0))
        })
    }

    /// The columns of the row from `top` to the next that it passes through. A pixel has its left and upper borders.
    fn touched(&self, top: f64) -> Option<Columns> {
        let (left, right) = if self.from.0 > self.to.0 { (self.to, self.from) } else { (self.from, self.to) };
        if left.0.floor() == right.0.floor() || (left.0 - right.0).abs() < GDAL_STRAIGHT {
            if on_border(left.0) && on_border(right.0) {
                return None;
            }
            let (first, last) = (left.1.min(right.1).floor(), (left.1.max(right.1) - GDAL_ALIGNED).floor());
            let column = pixel(right.0);
            return (first <= top && top <= last).then_some(column..column + 1);
        }
        if left.1.floor() == right.1.floor() || (left.1 - right.1).abs() < GDAL_STRAIGHT {
            let aligned = on_border(left.1) && on_border(right.1);
            let last = pixel(right.0 - GDAL_ALIGNED);
            return (!aligned && left.1.floor() == top).then_some(pixel(left.0)..last + 1);
        }
        let bottom = top + 1.0;
        let slope = (right.1 - left.1) / (right.0 - left.0);
        let at = |y: f64| left.0 + (y - left.1) / slope;
        let starts_here = left.1 >= top && left.1 < bottom;
        let (enter, leave) = if slope > 0.0 {
            if right.1 <= top || left.1 >= bottom {
                return None;
            }
            (if starts_here { left.0 } else { at(top) }, if right.1 <= bottom { right.0 } else { at(bottom) })
        } else {
            if right.1 >= bottom || left.1 < top {
                return None;
            }
            let enter = if starts_here { left.0 } else { at(bottom) };
            if right.1 < top {
                // The upper border belongs to the row.
                let last = pixel(at(top));
                let first = pixel(enter);
                return Some(first..last.max(first) + 1);
            }
            (enter, right.0)
        };
        let first = pixel(enter);
        Some(first..pixel(leave.ceil()).max(first + 1))
    }
}
