//! Polygons of which everybody knows the inside.

use super::crossing;
use crate::error::CutlineError;

/// The most points that the rings of a cut-line may have together, before and after they are made finer.
pub(super) const MOST_POINTS: usize = 500_000;

/// A place in the CRS of the cut-line.
pub(super) type Point = (f64, f64);

/// Polygons, each of rings; the last point of a ring repeats the first. Inside is what an odd number of rings surrounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Polygons {
    polygons: Vec<Vec<Vec<Point>>>,
    points: usize,
}

impl Polygons {
    /// Adds one, unless it has no rings.
    ///
    /// # Errors
    /// Rings that are open, short, not of finite numbers, or cross themselves; too many points.
    pub(super) fn add(&mut self, mut rings: Vec<Vec<Point>>) -> Result<(), CutlineError> {
        let polygon = self.polygons.len();
        for (ring, points) in rings.iter().enumerate() {
            self.points += points.len();
            if self.points > MOST_POINTS {
                return Err(CutlineError::TooManyPoints { limit: MOST_POINTS });
            }
            if points.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
                return Err(CutlineError::NotFinite { polygon, ring });
            }
            if points.len() < 4 {
                return Err(CutlineError::ShortRing { polygon, ring, points: points.len() });
            }
            if points.first() != points.last() {
                return Err(CutlineError::OpenRing { polygon, ring });
            }
            if let Some((x, y)) = crossing::find(points) {
                return Err(CutlineError::CrossingRing { polygon, ring, at: [x, y] });
            }
        }
        // As in GDAL, where the way of a ring decides on pixels whose middles lie on level edges.
        rings.iter_mut().filter(|ring| !is_clockwise(ring)).for_each(|ring| ring.reverse());
        if !rings.is_empty() {
            self.polygons.push(rings);
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.polygons.is_empty()
    }

    /// Rings of one after the other.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Vec<Point>]> {
        self.polygons.iter().map(Vec::as_slice)
    }

    /// minx, miny, maxx, maxy.
    pub(super) fn bounds(&self) -> [f64; 4] {
        bounds(self.polygons.iter().flatten().flatten().copied())
    }
}

/// Where y points up.
fn is_clockwise(ring: &[Point]) -> bool {
    let (x, y) = ring.first().copied().unwrap_or_default();
    let edges = ring.iter().zip(ring.iter().skip(1));
    edges.map(|(a, b)| (a.0 - x) * (b.1 - y) - (b.0 - x) * (a.1 - y)).sum::<f64>() <= 0.0
}

/// minx, miny, maxx, maxy; of no points, infinite and inverted.
pub(super) fn bounds(points: impl Iterator<Item = Point>) -> [f64; 4] {
    let none = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    points.fold(none, |[l, b, r, t], (x, y)| [l.min(x), b.min(y), r.max(x), t.max(y)])
}
