//! The outline of a raster on the globe or on another map.

use super::Extent;
use crate::crs::{Crs, Kind};
use crate::error::{Error, Result};
use crate::transform::Transform;
use std::f64::consts::TAU;

mod split;

/// A place: x, y.
type Point = (f64, f64);

/// Places on each edge by which longitudes are followed, however few are asked for: from one to the next they change by less than half
/// a turn.
const FOLLOWED: usize = 22;

/// The outline of a raster as polygons without holes.
#[derive(Clone, Debug, PartialEq)]
pub struct Footprint {
    polygons: Vec<Vec<Point>>,
    bounds: [f64; 4],
}

impl Footprint {
    /// One ring for each polygon: counterclockwise, the last place is the first again (RFC 7946, section 3.1.6). An outline in longitudes
    /// and latitudes that crosses the antimeridian is cut there (section 3.1.9); a pole inside is reached by an edge along the antimeridian.
    pub fn polygons(&self) -> &[Vec<(f64, f64)>] {
        &self.polygons
    }

    /// `[west, south, east, north]` or `[left, bottom, right, top]`; west is greater than east where the outline crosses the antimeridian
    /// (RFC 7946, section 5.2).
    pub fn bounds(&self) -> [f64; 4] {
        self.bounds
    }
}

impl Extent {
    /// The raster's edge in another CRS, with so many places between two corners: straight edges bend. rasterio takes 21 for bounds.
    ///
    /// ```
    /// use cog_crs::{Crs, Extent};
    ///
    /// // 40 degrees across the antimeridian.
    /// let extent = Extent::new(&Crs::from_epsg(4326)?, [1.0, 0.0, 160.0, 0.0, -1.0, 10.0], 40, 20)?;
    /// let footprint = extent.footprint(&Crs::from_epsg(4326)?, 0)?;
    /// assert_eq!(footprint.polygons().len(), 2);
    /// assert_eq!(footprint.bounds(), [160.0, -10.0, -160.0, 10.0]);
    /// # Ok::<(), cog_crs::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Transform::new`], and [`Error::NoImage`] if fewer than three places of the edge have an image.
    pub fn footprint(&self, target: &Crs, between: usize) -> Result<Footprint> {
        let transform = Transform::new_or_ballpark(&self.crs, target)?;
        let edge = self.edge(&transform, target, between)?;
        let mut found = match turn(target) {
            Some(turn) => self.on_globe(&transform, edge, turn),
            None => self.on_map(target, edge, between)?,
        };
        // What is a line or a place only, beyond the poles for example.
        found.polygons.retain(|ring| ring.len() > 3);
        if found.polygons.is_empty() {
            return Err(Error::NoImage { target: target.name().to_string() });
        }
        Ok(found)
    }

    /// The edge, followed closely; each place with whether it was asked for.
    fn edge(&self, transform: &Transform, target: &Crs, between: usize) -> Result<Vec<Followed>> {
        let steps = between.saturating_add(1);
        let finer = FOLLOWED.div_ceil(steps);
        let (width, height) = self.size();
        let corners = [(0.0, 0.0), (0.0, height), (width, height), (width, 0.0)];
        let ends = corners.iter().zip(corners.iter().cycle().skip(1));
        let mut edge = Vec::new();
        for (from, to) in ends {
            for i in 0..steps * finer {
                let part = i as f64 / (steps * finer) as f64;
                let source = self.place(from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
                let at = if transform.is_identity() { Some(source) } else { transform.point(source.0, source.1) };
                if let Some(at) = at.filter(|at| at.0.is_finite() && at.1.is_finite()) {
                    edge.push(Followed { source, at, kept: i % finer == 0 });
                }
            }
        }
        if edge.iter().filter(|place| place.kept).count() < 3 {
            return Err(Error::NoImage { target: target.name().to_string() });
        }
        Ok(edge)
    }

    /// True if the raster holds a place.
    fn holds(&self, (x, y): Point) -> bool {
        let [a, b, c, d, e, f] = self.transform;
        let area = a * e - b * d;
        let (column, row) = match &self.gcps {
            Some(gcps) => gcps.backward(x, y),
            None => ((e * (x - c) - b * (y - f)) / area, (a * (y - f) - d * (x - c)) / area),
        };
        let (width, height) = self.size();
        column > 0.0 && column < width && row > 0.0 && row < height
    }

    fn on_globe(&self, transform: &Transform, edge: Vec<Followed>, turn: f64) -> Footprint {
        let half = turn / 2.0;
        let own_turn = self::turn(&self.crs);
        let (ring, around) = unrolled(edge, turn, own_turn);
        let (low, high) = range(ring.iter().map(|p| p.0));
        let (south, north) = range(ring.iter().map(|p| p.1.clamp(-turn / 4.0, turn / 4.0)));
        if around != 0.0 {
            let quarter = turn / 4.0;
            let inside = |latitude: &f64| transform.point_back(0.0, *latitude).is_some_and(|at| self.holds(at));
            let pole = [quarter, -quarter].into_iter().find(inside).unwrap_or(quarter.copysign(south + north));
            let bounds = [-half, south.min(pole), half, north.max(pole)];
            return Footprint::cut(&around_pole(&ring, around, pole, turn), bounds, turn);
        }
        // All the way around: a band without ends at any longitude.
        let is_side = |p: &Point| is_near(p.0, low, turn) || is_near(p.0, high, turn);
        let is_flat = |p: &Point| p.1 <= south + 1e-9 * turn || p.1 >= north - 1e-9 * turn;
        let bottom_top = ring.iter().all(|p| is_side(p) || is_flat(p));
        if high - low >= turn - 1e-9 * turn && bottom_top {
            let ring = [(-half, south), (half, south), (half, north), (-half, north)];
            return Footprint::cut(&ring, [-half, south, half, north], turn);
        }
        let wrapped = |longitude: f64| (longitude + half).rem_euclid(turn) - half;
        let (west, east) = match () {
            () if high - low >= turn => (-half, half),
            () if low >= -half && high <= half => (low, high),
            // An east end on the antimeridian stays east.
            () => (wrapped(low), -wrapped(-high)),
        };
        Footprint::cut(&ring, [west, south, east, north], turn)
    }

    /// On a map the edge stays whole, unless the map is torn at the antimeridian and the raster lies across it.
    fn on_map(&self, target: &Crs, edge: Vec<Followed>, between: usize) -> Result<Footprint> {
        let whole: Vec<Point> = edge.iter().filter(|place| place.kept).map(|place| place.at).collect();
        if is_torn(&edge)
            && let Some(globe) = self.crs.geographic()
        {
            let to_map = Transform::new_or_ballpark(&globe, target)?;
            let on_globe = self.footprint(&globe, between.max(FOLLOWED))?;
            let on_map = |ring: &Vec<Point>| ring.iter().filter_map(|p| to_map.point(p.0, p.1)).collect();
            let parts: Vec<Vec<Point>> = on_globe.polygons.iter().map(on_map).collect();
            if parts.len() > 1 && parts.iter().all(|part: &Vec<Point>| part.len() > 3) {
                let points = || parts.iter().flatten();
                let (left, right) = range(points().map(|p| p.0));
                let (bottom, top) = range(points().map(|p| p.1));
                let polygons = parts.iter().map(|part| closed(part.clone())).collect();
                return Ok(Footprint { polygons, bounds: [left, bottom, right, top] });
            }
        }
        let (left, right) = range(whole.iter().map(|p| p.0));
        let (bottom, top) = range(whole.iter().map(|p| p.1));
        Ok(Footprint { polygons: vec![closed(whole)], bounds: [left, bottom, right, top] })
    }
}

/// A place of the edge.
struct Followed {
    source: Point,
    at: Point,
    /// Asked for; the others are there to follow longitudes by.
    kept: bool,
}

/// A whole turn in units of longitudes; `None` for coordinates that are none.
fn turn(crs: &Crs) -> Option<f64> {
    let geographic = matches!(crs.horizontal().kind(), Kind::Geographic | Kind::Geographic3d);
    let (_, unit) = crs.unit().filter(|_| geographic)?;
    let turn = TAU / unit;
    // The factor of a degree is rounded.
    Some(if (turn - 360.0).abs() < 1e-9 { 360.0 } else { turn })
}

/// The kept places with longitudes that do not jump, and by how much the last place is off the first: a turn if a pole is inside.
fn unrolled(mut edge: Vec<Followed>, turn: f64, own_turn: Option<f64>) -> (Vec<Point>, f64) {
    let nearest = |longitude: f64, to: f64| longitude + turn * ((to - longitude) / turn).round();
    // A pole that is a place on the map, not one of its sides: its longitude says nothing, so the walk does not begin there.
    let at_pole: Vec<bool> = edge.iter().map(|place| is_near(place.at.1.abs(), turn / 4.0, turn)).collect();
    let pole_at = |i: usize| at_pole.get(i % at_pole.len()).copied().unwrap_or(false);
    let alone = |i: usize| own_turn.is_none() && pole_at(i) && !pole_at(i + 1) && !pole_at(i + at_pole.len() - 1);
    let start = (0..edge.len()).find(|i| !alone(*i)).unwrap_or(0);
    edge.rotate_left(start);
    let mut ring: Vec<Point> = Vec::new();
    let (mut first, mut before) = (None, None);
    let mut after_pole = None;
    for (i, Followed { source, at, kept }) in edge.into_iter().enumerate() {
        let is_pole = alone(i + start);
        // Coordinates that are longitudes do not jump; those of a pole say nothing.
        let longitude = match (own_turn, before) {
            (Some(own), _) => nearest(at.0, source.0 * (turn / own)),
            (None, Some(before)) if is_pole => before,
            (None, Some(before)) => nearest(at.0, before),
            (None, None) => at.0,
        };
        // Half a turn from one place to the next: the pole lies between them.
        let passed = before.filter(|before: &f64| own_turn.is_none() && (longitude - before).abs() > turn * 0.499_999);
        if let Some(before) = passed {
            ring.push((before, (turn / 4.0).copysign(at.1)));
            after_pole = Some(ring.len());
        }
        if kept || is_pole {
            ring.push((longitude, at.1));
        }
        if is_pole {
            after_pole = Some(ring.len());
        }
        first = first.or(Some(longitude));
        before = Some(longitude);
    }
    let (first, last) = (first.unwrap_or(0.0), before.unwrap_or(0.0));
    let turns = ((nearest(first, last) - first) / turn).round();
    let mut around = if own_turn.is_some() { 0.0 } else { turns * turn };
    // A pole on the edge: behind it, half a turn to the east is half a turn to the west.
    if let Some(at) = after_pole.filter(|_| around != 0.0) {
        for point in ring.iter_mut().skip(at) {
            point.0 -= around;
        }
        around = 0.0;
    }
    // Beside a pole its meridian leads on.
    if let Some(at) = after_pole.filter(|_| own_turn.is_none()) {
        let next = ring.get(at).or(ring.first()).map_or(0.0, |next| next.0);
        if let Some(pole) = at.checked_sub(1).and_then(|pole| ring.get(pole)).copied() {
            ring.insert(at, (next, pole.1));
        }
    }
    (ring, around)
}

/// A ring around a pole as one that goes along the antimeridian to the pole and back.
fn around_pole(ring: &[Point], around: f64, pole: f64, turn: f64) -> Vec<Point> {
    let half = turn / 2.0;
    let count = ring.len();
    let at = |i: usize| ring.get(i % count).map_or((0.0, 0.0), |p| (p.0 + around * (i / count) as f64, p.1));
    let zone = |p: Point| ((p.0 + half) / turn).floor();
    let cut = (0..count).find(|i| zone(at(*i)) != zone(at(i + 1))).unwrap_or(0);
    let (from, to) = (at(cut), at(cut + 1));
    // The antimeridian between the two.
    let line = zone(from).max(zone(to)) * turn - half;
    let part = if to.0 == from.0 { 0.0 } else { ((line - from.0) / (to.0 - from.0)).clamp(0.0, 1.0) };
    let seam = from.1 + (to.1 - from.1) * part;
    let mut out = vec![(line, pole), (line, seam)];
    out.extend((cut + 1..=cut + count).map(at));
    out.push((line + around, seam));
    out.push((line + around, pole));
    out
}

impl Footprint {
    /// Cuts an unrolled ring at every antimeridian, and brings the parts back between -180 and 180.
    fn cut(ring: &[Point], bounds: [f64; 4], turn: f64) -> Footprint {
        let half = turn / 2.0;
        let (low, high) = range(ring.iter().map(|p| p.0));
        let (first, last) = (((low + half) / turn).floor(), ((high + half) / turn).floor());
        let mut polygons = Vec::new();
        let mut rest = vec![ring.to_vec()];
        // A raster wraps around the globe a few times at most.
        for zone in (0..8).map(|step| first + f64::from(step)).take_while(|zone| *zone <= last) {
            let line = zone * turn + half;
            let mut beyond = Vec::new();
            for ring in rest {
                let (here, there) = split::at(&ring, line);
                polygons.extend(here.into_iter().map(|ring| shifted(ring, -zone * turn, turn)));
                beyond.extend(there);
            }
            rest = beyond;
        }
        // Slivers are what rounding leaves beyond a line.
        let is_wide = |ring: &Vec<Point>| {
            let (low, high) = range(ring.iter().map(|p| p.0));
            high - low > 1e-9 * turn
        };
        let wide: Vec<Vec<Point>> = polygons.iter().filter(|ring| is_wide(ring)).cloned().collect();
        let kept = if wide.is_empty() { polygons } else { wide };
        Footprint { polygons: kept.into_iter().map(closed).collect(), bounds }
    }
}

fn shifted(ring: Vec<Point>, by: f64, turn: f64) -> Vec<Point> {
    let (half, quarter) = (turn / 2.0, turn / 4.0);
    ring.into_iter().map(|(x, y)| ((x + by).clamp(-half, half), y.clamp(-quarter, quarter))).collect()
}

/// Counterclockwise, and its first place again at the end.
fn closed(mut ring: Vec<Point>) -> Vec<Point> {
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    let next = ring.iter().cycle().skip(1);
    let origin = ring.first().copied().unwrap_or((0.0, 0.0));
    let area: f64 = ring
        .iter()
        .zip(next)
        .map(|(a, b)| (a.0 - origin.0) * (b.1 - origin.1) - (b.0 - origin.0) * (a.1 - origin.1))
        .sum();
    if area < 0.0 {
        ring.reverse();
    }
    ring.extend(ring.first().copied());
    ring
}

/// True if somewhere the edge jumps much further than it usually goes.
fn is_torn(edge: &[Followed]) -> bool {
    let next = edge.iter().cycle().skip(1);
    let mut steps: Vec<f64> = edge.iter().zip(next).map(|(a, b)| (b.at.0 - a.at.0).hypot(b.at.1 - a.at.1)).collect();
    steps.sort_by(f64::total_cmp);
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(0.0);
    steps.last().is_some_and(|longest| *longest > 20.0 * usual)
}

fn range(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), n| (low.min(n), high.max(n)))
}

fn is_near(a: f64, b: f64, turn: f64) -> bool {
    (a - b).abs() < 1e-9 * turn
}
