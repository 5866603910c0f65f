//! A raster's box in longitudes and latitudes.

use super::Extent;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::model::Body;
use crate::transform::Transform;

/// EPSG:4326.
const WGS84: u32 = 4326;

/// Points between the corners of each edge: GDAL's and rasterio's number.
const BETWEEN: usize = 21;

/// A box in degrees on WGS 84. West is greater than east where it crosses the antimeridian, as in a bounding box of GeoJSON (RFC 7946,
/// section 5.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeographicBounds {
    /// From -180 to 180.
    pub west: f64,
    /// From -90 to 90.
    pub south: f64,
    /// From -180 to 180.
    pub east: f64,
    /// From -90 to 90.
    pub north: f64,
    /// True if nothing is known of the way from the raster's datum to WGS 84, and its longitudes and latitudes were taken over: the box may
    /// be a few hundred metres off.
    pub is_ballpark: bool,
}

impl GeographicBounds {
    /// Longitudes beyond ±180 are brought back, those of 360 degrees or more are all, latitudes end at the poles.
    fn new([left, bottom, right, top]: [f64; 4], is_ballpark: bool) -> GeographicBounds {
        let (south, north) = (bottom.clamp(-90.0, 90.0), top.clamp(-90.0, 90.0));
        let inside = |longitude: f64| (-180.0..=180.0).contains(&longitude);
        let (west, east) = if inside(left) && inside(right) {
            (left, right)
        } else if right - left >= 360.0 {
            (-180.0, 180.0)
        } else {
            let west = (left + 180.0).rem_euclid(360.0) - 180.0;
            let east = west + (right - left);
            (west, if east > 180.0 { east - 360.0 } else { east })
        };
        GeographicBounds { west, south, east, north, is_ballpark }
    }

    /// True if the box reaches over the antimeridian.
    pub fn crosses_antimeridian(&self) -> bool {
        self.west > self.east
    }

    /// The longitudes from west to east: one interval, or two that meet at the antimeridian.
    ///
    /// ```
    /// # use cog_crs::{Crs, Extent};
    /// let fiji = Extent::new(&Crs::from_epsg(4326)?, [0.1, 0.0, 177.0, 0.0, -0.1, -15.0], 50, 40)?.geographic_bounds()?;
    /// assert_eq!((fiji.west, fiji.east), (177.0, -178.0));
    /// assert_eq!(fiji.intervals(), [(177.0, 180.0), (-180.0, -178.0)]);
    /// # Ok::<(), cog_crs::Error>(())
    /// ```
    pub fn intervals(&self) -> Vec<(f64, f64)> {
        if self.crosses_antimeridian() {
            vec![(self.west, 180.0), (-180.0, self.east)]
        } else {
            vec![(self.west, self.east)]
        }
    }

    /// `[west, south, east, north]`.
    pub fn to_array(&self) -> [f64; 4] {
        [self.west, self.south, self.east, self.north]
    }
}

impl Extent {
    /// The box around the raster on WGS 84 (EPSG:4326), as rio-tiler and rasterio's `transform_bounds` compute it: of the
    /// box in its own CRS, with 21 points between the corners of each edge. A pole inside is part of it.
    ///
    /// Where rio-tiler answers with longitudes beyond ±180, as for grids from 0 to 360, this has west greater than east, or all longitudes.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for local and vertical CRSs and projections that no engine has, and [`Error::NoImage`] if no point of the raster's edge has a longitude and latitude.
    pub fn geographic_bounds(&self) -> Result<GeographicBounds> {
        let wgs84 = Crs::from_epsg(WGS84)?;
        let own = self.bounds();
        if self.crs == wgs84 {
            return Ok(GeographicBounds::new(own, false));
        }
        let transform = Transform::new_or_ballpark(&self.crs, &wgs84)?;
        let bounds =
            transform.bounds(own, BETWEEN).ok_or_else(|| Error::NoImage { target: wgs84.name().to_string() })?;
        Ok(GeographicBounds::new(bounds, transform.is_ballpark()))
    }

    /// True if coordinates of the CRS are longitudes and latitudes.
    pub(super) fn is_geographic(&self) -> bool {
        matches!(self.crs.body().horizontal(), Body::Geodetic(crs) if !crs.is_geocentric())
    }
}

#[cfg(test)]
mod tests {
    use super::GeographicBounds;

    #[test]
    fn longitudes_are_brought_between_the_antimeridians() {
        let of = |left, right| {
            let bounds = GeographicBounds::new([left, -10.0, right, 10.0], false);
            (bounds.west, bounds.east)
        };
        assert_eq!(of(-180.0, 180.0), (-180.0, 180.0));
        assert_eq!(of(0.0, 360.0), (-180.0, 180.0));
        assert_eq!(of(-180.25, 179.75), (-180.0, 180.0));
        assert_eq!(of(170.0, 190.0), (170.0, -170.0));
        assert_eq!(of(297.0, 298.0), (-63.0, -62.0));
        assert_eq!(of(-190.0, -181.0), (170.0, 179.0));
        assert_eq!(of(-190.0, -180.0), (170.0, 180.0));
        // Already across, as a transform of a box gives it.
        assert_eq!(of(178.0, -177.0), (178.0, -177.0));
    }
}
