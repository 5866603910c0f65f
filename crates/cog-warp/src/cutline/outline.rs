//! The rings of a cut-line on the grid of an output.

use cog_crs::Transform;
use cog_raster::GeoTransform;

use super::polygon::Point;

/// How far an edge on the grid may run beside the line that is straight in the cut-line's CRS, in pixels.
const TOLERANCE: f64 = 0.01;

/// Edges up to this long, in pixels, need no looking at.
const SHORT: f64 = 1.0;

/// Edges are not halved more often: what is not smooth then is torn.
const DEEPEST: u32 = 26;

/// From the CRS of a cut-line to pixels of a grid.
pub(super) struct ToPixels<'a> {
    /// `None` if both have the same CRS.
    pub(super) transform: Option<&'a Transform>,
    pub(super) to_pixels: GeoTransform,
    /// Once around the Earth in pixels, if the grid's x is a longitude.
    pub(super) turn: Option<Point>,
}

/// The way back from coordinates to pixels, with the rounding of GDAL (`GDALInvGeoTransform`): on it depend pixels whose middles lie on an
/// edge.
pub(super) fn inverse(t: &GeoTransform) -> Option<GeoTransform> {
    if t.b == 0.0 && t.d == 0.0 && t.a != 0.0 && t.e != 0.0 {
        return Some(GeoTransform { a: 1.0 / t.a, b: 0.0, c: -t.c / t.a, d: 0.0, e: 1.0 / t.e, f: -t.f / t.e });
    }
    let det = t.a * t.e - t.b * t.d;
    let inverse = 1.0 / det;
    (det != 0.0 && inverse.is_finite()).then(|| GeoTransform {
        a: t.e * inverse,
        b: -t.b * inverse,
        c: (t.b * t.f - t.c * t.e) * inverse,
        d: -t.d * inverse,
        e: t.a * inverse,
        f: (-t.a * t.f + t.c * t.d) * inverse,
    })
}

/// A ring has no image on the grid that is one closed line: it runs over the edge of the map, or around a pole.
#[derive(Debug, PartialEq)]
pub(super) struct Torn;

impl ToPixels<'_> {
    fn point(&self, (x, y): Point) -> Option<Point> {
        let (x, y) = match self.transform {
            Some(transform) => transform.point(x, y)?,
            None => (x, y),
        };
        let GeoTransform { a, b, c, d, e, f } = self.to_pixels;
        // GDAL adds in this order.
        let (column, row) = (c + x * a + y * b, f + x * d + y * e);
        (column.is_finite() && row.is_finite()).then_some((column, row))
    }

    /// On the turn around the Earth that is nearest to another place.
    fn near(&self, point: Point, near: Point) -> Option<Point> {
        let place = self.point(point)?;
        let Some(turn) = self.turn.filter(|_| self.transform.is_some()) else { return Some(place) };
        let length = turn.0 * turn.0 + turn.1 * turn.1;
        let turns = (((near.0 - place.0) * turn.0 + (near.1 - place.1) * turn.1) / length).round();
        Some((place.0 + turns * turn.0, place.1 + turns * turn.1))
    }

    /// A ring with as many points between its corners as a straight edge needs to stay right. Not more than `limit` points: more are left
    /// out, and the answer is longer than the limit.
    pub(super) fn ring(&self, ring: &[Point], limit: usize) -> Result<Vec<Point>, Torn> {
        let mut out = Vec::with_capacity(ring.len());
        let Some(first) = ring.first() else { return Ok(out) };
        let mut here = self.point(*first).ok_or(Torn)?;
        out.push(here);
        for (a, b) in ring.iter().zip(ring.iter().skip(1)) {
            if out.len() > limit {
                return Ok(out);
            }
            here = match self.transform {
                None => self.point(*b).ok_or(Torn)?,
                Some(_) => self.edge(*a, here, *b, DEEPEST, limit, &mut out)?,
            };
            out.push(here);
        }
        let back = out.first().is_some_and(|(x, y)| {
            let reach = self.turn.map_or(f64::INFINITY, |turn| turn.0.hypot(turn.1));
            (x - here.0).hypot(y - here.1) < 0.5 * reach
        });
        if back { Ok(out) } else { Err(Torn) }
    }

    /// The parts of a ring that have an image, as edges: not one closed line.
    pub(super) fn pieces(&self, ring: &[Point], limit: usize) -> Vec<(Point, Point)> {
        /// Edges are halved so often in search of the place of a tear.
        const SEARCH: u32 = 12;
        /// So many are searched; of more, only what has an image without.
        const MOST_SEARCHES: usize = 1000;
        let mut pieces = Vec::new();
        let mut torn = 0;
        for (a, b) in ring.iter().zip(ring.iter().skip(1)) {
            let depth = if torn < MOST_SEARCHES { SEARCH } else { 0 };
            torn += usize::from(!self.piece(*a, *b, depth, limit, &mut pieces));
        }
        pieces
    }

    /// Appends what has an image; false if that is not all.
    fn piece(&self, a: Point, b: Point, depth: u32, limit: usize, pieces: &mut Vec<(Point, Point)>) -> bool {
        if pieces.len() > limit {
            return true;
        }
        let middle = (0.5 * (a.0 + b.0), 0.5 * (a.1 + b.1));
        let mut points = Vec::new();
        let here = self.point(a);
        if let Some(here) = here {
            points.push(here);
            if let Ok(there) = self.edge(a, here, b, DEEPEST, limit, &mut points) {
                points.push(there);
                pieces.extend(points.iter().copied().zip(points.iter().skip(1).copied()));
                return true;
            }
        }
        let is_somewhere = here.is_some() || self.point(middle).is_some() || self.point(b).is_some();
        if let Some(depth) = depth.checked_sub(1).filter(|_| is_somewhere) {
            self.piece(a, middle, depth, limit, pieces);
            self.piece(middle, b, depth, limit, pieces);
        }
        false
    }

    /// Appends points between `a`, whose place is `here`, and `b`, until there are more than `limit`; answers the place of `b`.
    fn edge(
        &self,
        a: Point,
        here: Point,
        b: Point,
        depth: u32,
        limit: usize,
        out: &mut Vec<Point>,
    ) -> Result<Point, Torn> {
        let there = self.near(b, here).ok_or(Torn)?;
        let way = (there.0 - here.0, there.1 - here.1);
        let length = way.0.hypot(way.1);
        if length <= SHORT || out.len() > limit {
            return Ok(there);
        }
        let between = |share: f64| (a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1));
        let mut last = 0.0;
        let mut is_straight = true;
        for share in [0.25, 0.5, 0.75, 1.0] {
            let (x, y) = if share == 1.0 { there } else { self.near(between(share), here).ok_or(Torn)? };
            let (x, y) = (x - here.0, y - here.1);
            let along = (x * way.0 + y * way.1) / (length * length);
            let beside = (x * way.1 - y * way.0).abs() / length;
            // Where most of the way is one step, there may be a tear in it.
            is_straight &= beside <= TOLERANCE && along > last && along - last < 0.7;
            last = along;
        }
        if is_straight {
            return Ok(there);
        }
        let depth = depth.checked_sub(1).ok_or(Torn)?;
        let middle = between(0.5);
        let place = self.edge(a, here, middle, depth, limit, out)?;
        out.push(place);
        self.edge(middle, place, b, depth, limit, out)
    }
}
