//! Where on Earth pixels may be.

use cog_crs::{Crs, Extent};
use serde_json::Value;

/// `[west, south, east, north]` in degrees, west not above east.
pub(super) type Box4 = [f64; 4];

/// Every place there is.
pub(super) const EVERYWHERE: Box4 = [-180.0, -90.0, 180.0, 90.0];

/// Boxes that overlap by less only touch: a tenth of a millimetre.
const TOUCHING: f64 = 1e-9;

/// Places between the corners of an edge: GDAL's and rasterio's number.
const BETWEEN: usize = 21;

/// What straight lines between these places may cut off, as a share of the whole.
const CUT_OFF: f64 = 0.005;

/// Boxes of a polygon each, at most; more become one around all.
const MOST_BOXES: usize = 8;

/// Where on Earth a source may have pixels: an outline in longitudes and latitudes on WGS 84, cut at the antimeridian. It may be larger than what
/// the source has, never smaller.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    boxes: Vec<Box4>,
    /// Polygons, closed or not; a place inside an odd number of them counts. None where the boxes are all that is known.
    rings: Vec<Vec<(f64, f64)>>,
}

impl Coverage {
    /// Everywhere, as far as is known.
    pub fn everywhere() -> Coverage {
        Coverage { boxes: vec![EVERYWHERE], rings: Vec::new() }
    }

    /// A box `[west, south, east, north]` in degrees; west above east is a box across the antimeridian (RFC 7946, section 5.2). `None` for
    /// numbers that are not finite and for south above north.
    pub fn of_bounds(bounds: [f64; 4]) -> Option<Coverage> {
        let [_, south, _, north] = bounds;
        (bounds.iter().all(|n| n.is_finite()) && south <= north)
            .then(|| Coverage { boxes: boxes_of(bounds), rings: Vec::new() })
    }

    /// The outline of a raster. Everywhere, if it has none.
    pub fn of_extent(extent: &Extent) -> Coverage {
        let outline = Crs::from_epsg(4326).and_then(|wgs84| extent.footprint(&wgs84, BETWEEN));
        let Ok(outline) = outline else { return Coverage::everywhere() };
        let rings: Vec<Vec<(f64, f64)>> = outline.polygons().to_vec();
        let boxes = merged(boxes_of_each(&rings)).into_iter().map(padded).collect();
        Coverage { boxes, rings }
    }

    /// A Polygon or MultiPolygon of GeoJSON; `None` for what is neither.
    pub fn of_geometry(geometry: &Value) -> Option<Coverage> {
        let coordinates = geometry.get("coordinates")?.as_array()?;
        let polygons: Vec<&Value> = match geometry.get("type")?.as_str()? {
            "Polygon" => vec![geometry.get("coordinates")?],
            "MultiPolygon" => coordinates.iter().collect(),
            _ => return None,
        };
        let (mut outer, mut rings) = (Vec::new(), Vec::new());
        for polygon in polygons {
            let mut parts = polygon.as_array()?.iter().map(ring);
            outer.push(parts.next()??);
            rings.extend(parts.collect::<Option<Vec<_>>>()?);
        }
        if outer.is_empty() {
            return None;
        }
        // Edges of more than half a turn: an outline across the antimeridian that was not cut there, or one around the globe. Nobody can
        // tell which, so all longitudes count.
        let is_torn =
            outer.iter().any(|ring| ring.windows(2).any(|pair| matches!(pair, [a, b] if (a.0 - b.0).abs() > 180.0)));
        if is_torn {
            let all: Vec<(f64, f64)> = outer.concat();
            let [_, south, _, north] = around(&all)?;
            return Coverage::of_bounds([-180.0, south, 180.0, north]);
        }
        // Between few corners edges are straight on the raster's map, and bend on the globe.
        let boxes = outer.iter().zip(boxes_of_each(&outer)).map(|(ring, bounds)| bent(ring, bounds));
        let boxes = merged(boxes.collect());
        rings.extend(outer);
        Some(Coverage { boxes, rings })
    }

    /// The same outline, within boxes that are known to hold all.
    pub(super) fn within(self, all: &Coverage) -> Coverage {
        Coverage { boxes: all.boxes.clone(), rings: self.rings }
    }

    /// Boxes larger by what straight lines between places may have cut off.
    pub(super) fn padded(self) -> Coverage {
        Coverage { boxes: self.boxes.into_iter().map(padded).collect(), rings: self.rings }
    }

    /// Boxes around it: none crosses the antimeridian.
    pub fn boxes(&self) -> &[[f64; 4]] {
        &self.boxes
    }

    /// True if it may share more than an edge with any of these boxes.
    pub(super) fn overlaps(&self, boxes: &[Box4]) -> bool {
        self.boxes.iter().any(|own| boxes.iter().any(|other| overlap(own, other)))
    }

    /// True if a place lies inside.
    pub(super) fn holds(&self, (x, y): (f64, f64)) -> bool {
        if !self.boxes.iter().any(|[w, s, e, n]| *w <= x && x <= *e && *s <= y && y <= *n) {
            return false;
        }
        self.rings.is_empty() || self.rings.iter().filter(|ring| is_inside(ring, (x, y))).count() % 2 == 1
    }

    /// The same with the boxes alone: an outline of what is coarser than a polygon.
    pub(super) fn of_boxes(boxes: Vec<Box4>) -> Coverage {
        Coverage { boxes, rings: Vec::new() }
    }
}

/// True if two boxes share more than an edge. Boxes without width or height are lines and points: they share what they touch.
pub(super) fn overlap(a: &Box4, b: &Box4) -> bool {
    let along = |a: (f64, f64), b: (f64, f64)| {
        let slack = TOUCHING.min((a.1 - a.0) / 2.0).min((b.1 - b.0) / 2.0);
        a.0.max(b.0) + slack <= a.1.min(b.1)
    };
    along((a[0], a[2]), (b[0], b[2])) && along((a[1], a[3]), (b[1], b[3]))
}

/// One box, or two that meet at the antimeridian. Longitudes beyond ±180 are brought back, those of 360 degrees or more are all.
pub(super) fn boxes_of([west, south, east, north]: [f64; 4]) -> Vec<Box4> {
    let (south, north) = (south.clamp(-90.0, 90.0), north.clamp(-90.0, 90.0));
    let inside = |longitude: f64| (-180.0..=180.0).contains(&longitude);
    let (west, east) = match () {
        () if inside(west) && inside(east) => (west, east),
        () if east - west >= 360.0 => (-180.0, 180.0),
        () => {
            let start = (west + 180.0).rem_euclid(360.0) - 180.0;
            let end = start + (east - west).rem_euclid(360.0);
            (start, if end > 180.0 { end - 360.0 } else { end })
        }
    };
    match west > east {
        true => vec![[west, south, 180.0, north], [-180.0, south, east, north]],
        false => vec![[west, south, east, north]],
    }
}

/// Positions of a ring. Those with a third coordinate, a height, are fine.
fn ring(positions: &Value) -> Option<Vec<(f64, f64)>> {
    let place = |position: &Value| {
        let (x, y) = (position.get(0)?.as_f64()?, position.get(1)?.as_f64()?);
        (x.is_finite() && y.is_finite()).then_some((x, y))
    };
    let ring: Vec<(f64, f64)> = positions.as_array()?.iter().map(place).collect::<Option<_>>()?;
    (ring.len() >= 3).then_some(ring)
}

fn around(ring: &[(f64, f64)]) -> Option<Box4> {
    let first = ring.first()?;
    let start = [first.0, first.1, first.0, first.1];
    Some(ring.iter().fold(start, |[w, s, e, n], (x, y)| [w.min(*x), s.min(*y), e.max(*x), n.max(*y)]))
}

fn boxes_of_each(rings: &[Vec<(f64, f64)>]) -> Vec<Box4> {
    rings.iter().filter_map(|ring| around(ring)).collect()
}

/// Few boxes, none across the antimeridian.
fn merged(boxes: Vec<Box4>) -> Vec<Box4> {
    let boxes = match boxes.split_first() {
        Some((first, rest)) if rest.len() >= MOST_BOXES => {
            vec![rest.iter().fold(*first, |a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])]
        }
        _ => boxes,
    };
    boxes.into_iter().flat_map(boxes_of).collect()
}

/// The box around a ring of few corners, wider by how far a line as long bends: a great circle rises over its parallel by an eighth of the
/// square of its length times sine and cosine of the latitude. A rectangle along meridians and parallels is the box that it is.
fn bent(ring: &[(f64, f64)], [west, south, east, north]: Box4) -> Box4 {
    const FEW: usize = 12;
    let on = |value: f64, a: f64, b: f64| (value - a).abs() < 1e-9 || (value - b).abs() < 1e-9;
    if ring.len() > FEW || ring.iter().all(|(x, y)| on(*x, west, east) && on(*y, south, north)) {
        return [west, south, east, north];
    }
    let latitude = ((south + north) / 2.0).to_radians();
    let rise = |length: f64| (length.to_radians().powi(2) / 8.0).to_degrees();
    let y = rise(east - west) * (latitude.sin() * latitude.cos()).abs() * 1.5 + (north - south) * 1e-3;
    let x = rise(north - south) * latitude.tan().abs().min(20.0) + (east - west) * 1e-3;
    [(west - x).max(-180.0), (south - y).max(-90.0), (east + x).min(180.0), (north + y).min(90.0)]
}

/// Larger by what straight lines may have cut off.
fn padded([west, south, east, north]: Box4) -> Box4 {
    let (x, y) = ((east - west) * CUT_OFF, (north - south) * CUT_OFF);
    [(west - x).max(-180.0), (south - y).max(-90.0), (east + x).min(180.0), (north + y).min(90.0)]
}

/// By the edges that a line to the east crosses.
fn is_inside(ring: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let next = ring.iter().cycle().skip(1);
    let crossed = ring
        .iter()
        .zip(next)
        .filter(|(a, b)| (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0);
    crossed.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bounds_over_the_antimeridian_are_two_boxes() {
        let fiji = Coverage::of_bounds([177.0, -20.0, -178.0, -15.0]).unwrap();
        assert_eq!(fiji.boxes(), [[177.0, -20.0, 180.0, -15.0], [-180.0, -20.0, -178.0, -15.0]]);
        assert!(fiji.overlaps(&[[-179.0, -16.0, -170.0, 0.0]]) && fiji.holds((178.0, -17.0)));
        assert!(!fiji.overlaps(&[[0.0, -20.0, 10.0, -15.0]]) && !fiji.holds((0.0, -17.0)));
        // From 0 to 360 degrees, as climate models have them.
        assert_eq!(boxes_of([350.0, 0.0, 370.0, 5.0]), [[-10.0, 0.0, 10.0, 5.0]]);
        assert_eq!(boxes_of([0.0, -90.0, 360.0, 90.0]), [EVERYWHERE]);
        assert_eq!(Coverage::of_bounds([0.0, 5.0, 1.0, 4.0]), None);
    }

    #[test]
    fn boxes_that_only_touch_do_not_overlap() {
        let a = Coverage::of_bounds([0.0, 0.0, 1.0, 1.0]).unwrap();
        assert!(!a.overlaps(&[[1.0, 0.0, 2.0, 1.0]]) && !a.overlaps(&[[0.0, 1.0 - 1e-12, 1.0, 2.0]]));
        assert!(a.overlaps(&[[0.999, 0.999, 2.0, 2.0]]));
        // A place is in what it lies on.
        assert!(a.overlaps(&[[1.0, 0.5, 1.0, 0.5]]) && !a.overlaps(&[[1.1, 0.5, 1.1, 0.5]]));
    }

    #[test]
    fn a_geometry_covers_what_lies_in_its_polygons_and_not_in_their_holes() {
        let triangle = json!({"type": "Polygon", "coordinates": [
            [[0, 0], [10, 0], [0, 10], [0, 0]],
            [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]],
        ]});
        let covered = Coverage::of_geometry(&triangle).unwrap();
        assert!(covered.holds((3.0, 3.0)) && !covered.holds((8.0, 8.0)) && !covered.holds((1.5, 1.5)));
        let [[west, south, east, north]] = covered.boxes() else { panic!("{covered:?}") };
        assert!(
            *west <= 0.0 && *south <= 0.0 && (10.0..10.1).contains(east) && (10.0..10.1).contains(north),
            "{covered:?}"
        );
        let square = json!({"type": "Polygon", "coordinates": [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]});
        assert_eq!(Coverage::of_geometry(&square).unwrap().boxes(), [[0.0, 0.0, 10.0, 10.0]]);
        for other in [
            json!({"type": "Point", "coordinates": [1, 2]}),
            json!(null),
            json!({"type": "Polygon", "coordinates": []}),
        ] {
            assert_eq!(Coverage::of_geometry(&other), None, "{other}");
        }
    }

    #[test]
    fn an_outline_that_was_not_cut_at_the_antimeridian_counts_in_all_longitudes() {
        let uncut = json!({"type": "Polygon", "coordinates": [[[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]]});
        assert_eq!(Coverage::of_geometry(&uncut).unwrap().boxes(), [[-180.0, 0.0, 180.0, 1.0]]);
    }
}
