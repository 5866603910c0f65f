//! The inside of polygons, asked for point by point.
//!
//! A polygon over the edge of a map (the antimeridian in Web Mercator, the pole in plate carrée) has no outline on it. Its pixels are
//! taken back to the CRS of the cut-line instead, where it has one.

use cog_crs::Transform;
use cog_raster::GeoTransform;

use super::intervals::Intervals;
use super::polygon::{Point, bounds};

/// A polygon is not looked at over more turns around the Earth.
const TURNS: u32 = 4;

#[derive(Debug)]
pub(super) struct ByPoint {
    /// From the grid's CRS to that of the cut-line; `None` if they are the same.
    transform: Option<Transform>,
    grid: GeoTransform,
    /// Once around the Earth in the cut-line's CRS, if its x is a longitude.
    turn: Option<f64>,
    polygons: Vec<Outline>,
}

#[derive(Debug)]
struct Outline {
    bounds: [f64; 4],
    edges: Vec<(Point, Point)>,
    by_y: Intervals,
}

impl ByPoint {
    pub(super) fn new<'a>(
        transform: Option<Transform>,
        grid: GeoTransform,
        turn: Option<f64>,
        polygons: impl Iterator<Item = &'a [Vec<Point>]>,
    ) -> ByPoint {
        let outline = |rings: &[Vec<Point>]| {
            let edges: Vec<(Point, Point)> =
                rings.iter().flat_map(|ring| ring.iter().copied().zip(ring.iter().skip(1).copied())).collect();
            Outline {
                bounds: bounds(edges.iter().map(|(a, _)| *a)),
                by_y: Intervals::new(edges.iter().map(|(a, b)| (a.1.min(b.1), a.1.max(b.1)))),
                edges,
            }
        };
        ByPoint { transform, grid, turn, polygons: polygons.map(outline).collect() }
    }

    /// Whether the middle of a pixel of the grid lies inside. `found` is memory to work in.
    pub(super) fn contains(&self, column: i64, row: i64, found: &mut Vec<u32>) -> bool {
        let (x, y) = self.grid.apply(column as f64 + 0.5, row as f64 + 0.5);
        let place = match &self.transform {
            Some(transform) => transform.point(x, y),
            None => Some((x, y)),
        };
        let Some((x, y)) = place else { return false };
        self.polygons.iter().any(|outline| {
            let [left, _, right, _] = outline.bounds;
            let Some(turn) = self.turn else { return outline.contains((x, y), found) };
            // The same place has many longitudes.
            let x = x + ((left - x) / turn).ceil() * turn;
            let turns = (0..TURNS).map(|turns| x + f64::from(turns) * turn).take_while(|x| *x <= right);
            turns.into_iter().any(|x| outline.contains((x, y), found))
        })
    }
}

impl Outline {
    fn contains(&self, (x, y): Point, found: &mut Vec<u32>) -> bool {
        let [left, bottom, right, top] = self.bounds;
        if !(x >= left && x <= right && y >= bottom && y <= top) {
            return false;
        }
        found.clear();
        self.by_y.touching(y, y, found);
        let crossings = found.iter().filter_map(|at| self.edges.get(*at as usize)).filter(|(a, b)| {
            let (low, high) = if a.1 <= b.1 { (a, b) } else { (b, a) };
            // An edge has its lower end.
            y >= low.1 && y < high.1 && (y - low.1) * (high.0 - low.0) / (high.1 - low.1) + low.0 < x
        });
        crossings.count() % 2 == 1
    }
}
