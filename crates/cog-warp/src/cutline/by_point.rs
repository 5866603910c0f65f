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

    /// Whether the middle of a pixel of the grid lies inside.
    pub(super) fn contains(&self, column: i64, row: i64, memory: &mut Memory) -> bool {
        let (x, y) = self.grid.apply(column as f64 + 0.5, row as f64 + 0.5);
        let place = match &self.transform {
            Some(transform) => transform.point(x, y),
            None => Some((x, y)),
        };
        let Some((x, y)) = place else { return false };
        memory.levels.resize_with(self.polygons.len(), Level::default);
        self.polygons.iter().zip(&mut memory.levels).any(|(outline, level)| {
            let [left, bottom, right, top] = outline.bounds;
            if !(y >= bottom && y <= top) {
                return false;
            }
            if level.y != Some(y) {
                outline.cross(y, &mut memory.found, level);
            }
            let Some(turn) = self.turn else { return level.contains(x) };
            // The same place has many longitudes.
            let x = x + ((left - x) / turn).ceil() * turn;
            let turns = (0..TURNS).map(|turns| x + f64::from(turns) * turn).take_while(|x| *x <= right);
            turns.into_iter().any(|x| level.contains(x))
        })
    }
}

/// What one pixel leaves for the next: in a row of a map, y is often the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    found: Vec<u32>,
    levels: Vec<Level>,
}

/// Where a line of one y crosses the edges of a polygon, from left to right.
#[derive(Clone, Debug, Default)]
struct Level {
    y: Option<f64>,
    crossings: Vec<f64>,
}

impl Level {
    fn contains(&self, x: f64) -> bool {
        self.crossings.partition_point(|crossing| *crossing < x) % 2 == 1
    }
}

impl Outline {
    fn cross(&self, y: f64, found: &mut Vec<u32>, level: &mut Level) {
        found.clear();
        self.by_y.touching(y, y, found);
        level.y = Some(y);
        level.crossings.clear();
        level.crossings.extend(found.iter().filter_map(|at| self.edges.get(*at as usize)).filter_map(|(a, b)| {
            let (low, high) = if a.1 <= b.1 { (a, b) } else { (b, a) };
            // An edge has its lower end.
            let crosses = y >= low.1 && y < high.1;
            crosses.then(|| (y - low.1) * (high.0 - low.0) / (high.1 - low.1) + low.0)
        }));
        level.crossings.sort_unstable_by(f64::total_cmp);
    }
}
