//! Where on Earth parts of the output lie.

use cog_crs::{Crs, Transform};
use cog_warp::OutputGrid;

use super::coverage::{Box4, boxes_of};

/// Places between the corners of an edge: GDAL's and rasterio's number.
const BETWEEN: usize = 21;

/// Places along a side at which a part of the output is looked at.
const PLACES: u32 = 9;

/// How far a box around places on an edge may fall short of the edge, as a share of how far the edge bends.
const SHORT: f64 = 0.02;

/// From coordinates of the output to longitudes and latitudes.
pub(super) struct Globe {
    /// `None` for CRSs without a place on Earth.
    transform: Option<Transform>,
}

/// A part of the output, seen on the globe.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Boxes around it. `None` where no box is known to hold all of it.
    pub(super) boxes: Option<Vec<Box4>>,
    /// Places in it, spread evenly.
    pub(super) places: Vec<(f64, f64)>,
}

impl Globe {
    pub(super) fn of(crs: &Crs) -> Globe {
        let wgs84 = Crs::from_epsg(4326);
        Globe { transform: wgs84.and_then(|wgs84| Transform::new_or_ballpark(crs, &wgs84)).ok() }
    }

    pub(super) fn view(&self, window: &OutputGrid) -> View {
        let Some(transform) = &self.transform else { return View { boxes: None, places: Vec::new() } };
        let grid = window.transform();
        let at = |i: u32, pixels: u32| 0.5 + f64::from(pixels.saturating_sub(1)) * f64::from(i) / f64::from(PLACES - 1);
        let all = (0..PLACES * PLACES).map(|i| {
            let (x, y) = grid.apply(at(i % PLACES, window.width()), at(i / PLACES, window.height()));
            transform.point(x, y).filter(|(x, y)| x.is_finite() && y.is_finite())
        });
        let all: Vec<Option<(f64, f64)>> = all.collect();
        let places: Vec<(f64, f64)> =
            all.iter().flatten().map(|(x, y)| ((x + 180.0).rem_euclid(360.0) - 180.0, *y)).collect();
        // Beside a map of the globe lies nothing: its edges then say nothing of what lies inside.
        let is_whole = all.iter().all(Option::is_some);
        let boxes = is_whole.then(|| around(transform, window.bounds())).flatten().map(boxes_of);
        View { boxes, places }
    }

    /// A place in coordinates of the output.
    pub(super) fn place(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let place = self.transform.as_ref()?.point(x, y)?;
        (place.0.is_finite() && place.1.is_finite()).then_some(place)
    }
}

fn around(transform: &Transform, bounds: [f64; 4]) -> Option<[f64; 4]> {
    let close = transform.bounds(bounds, BETWEEN)?;
    let corners = transform.bounds(bounds, 0).unwrap_or(close);
    let mut sides = close.into_iter().zip(corners).map(|(close, corner)| (close, (close - corner).abs() * SHORT));
    let (west, south, east, north) = (sides.next()?, sides.next()?, sides.next()?, sides.next()?);
    let wider = [west.0 - west.1, south.0 - south.1, east.0 + east.1, north.0 + north.1];
    // Boxes across the antimeridian have west above east, and stay so.
    let crosses = close[0] > close[2];
    if crosses || wider[0] < -180.0 || wider[2] > 180.0 { Some(close) } else { Some(wider) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxes(crs: &str, bounds: [f64; 4]) -> Option<Vec<Box4>> {
        let crs: Crs = crs.parse().unwrap();
        Globe::of(&crs).view(&OutputGrid::of_bounds(crs, bounds, 100, 100).unwrap()).boxes
    }

    #[test]
    fn a_part_lies_in_boxes_on_the_globe() {
        assert_eq!(boxes("EPSG:4326", [10.0, 50.0, 11.0, 51.0]).unwrap(), [[10.0, 50.0, 11.0, 51.0]]);
        let over = boxes("EPSG:4326", [170.0, 0.0, 190.0, 1.0]).unwrap();
        assert_eq!(over, [[170.0, 0.0, 180.0, 1.0], [-180.0, 0.0, -170.0, 1.0]]);
        // From pyproj: 600000..700000 east, 5300000..5400000 north of zone 33.
        let utm = boxes("EPSG:32633", [600_000.0, 5_300_000.0, 700_000.0, 5_400_000.0]).unwrap();
        let expected = [16.3305, 47.8228, 17.7236, 48.7453];
        assert!(utm.len() == 1 && utm[0].iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.02), "{utm:?}");
    }

    #[test]
    fn a_map_that_ends_inside_says_nothing_of_its_edges() {
        // The globe from afar: nothing lies in the corners.
        assert_eq!(boxes("+proj=ortho +lat_0=0 +lon_0=0 +datum=WGS84", [-9e6, -9e6, 9e6, 9e6]), None);
    }
}
