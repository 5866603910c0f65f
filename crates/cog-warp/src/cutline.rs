//! Polygons that say which pixels of an output count.

mod by_point;
mod crossing;
mod edges;
mod geojson;
mod intervals;
mod mask;
mod outline;
mod polygon;

pub use mask::CutMask;

use cog_crs::{Crs, Kind, Transform};
use cog_raster::GeoTransform;
use cog_raster::geo_types::{LineString, MultiPolygon};

use crate::error::{CutlineError, Result};
use crate::grid::OutputGrid;
use outline::ToPixels;
use polygon::Polygons;

/// The largest distance to blend over, in pixels.
const MOST_BLEND: f64 = 1000.0;

/// Polygons in a CRS: what lies outside becomes invalid.
///
/// A pixel lies inside where its middle does; with [`all_touched`](Cutline::all_touched) what an edge passes through counts too. The masks
/// are those of GDAL's rasterizer (rasterio's `geometry_mask`), several polygons together. Inside of one polygon is what an odd number of its
/// rings surrounds: holes, whatever way they run.
///
/// An edge that is straight in the cut-line's CRS stays what it is in another one: it gets points in between until it is off by no more
/// than 0.01 pixel of the output. Where a map ends inside a polygon (the antimeridian, a pole), the pixels themselves are looked for in the
/// cut-line's CRS. On grids of longitudes and latitudes, longitudes repeat.
///
/// ```
/// use cog_raster::Area;
/// use cog_warp::{Cutline, OutputGrid};
///
/// let text = r#"{"type": "Polygon", "coordinates": [[[9, 48], [11, 48], [10, 50], [9, 48]]]}"#;
/// let cutline = Cutline::from_geojson(text)?;
/// let grid = OutputGrid::of_bounds("EPSG:4326".parse()?, [8.0, 47.0, 12.0, 51.0], 4, 4)?;
/// let mut mask = [0; 16];
/// cutline.on(&grid)?.fill(Area { x: 0, y: 0, width: 4, height: 4 }, &mut mask);
/// assert_eq!(mask, [0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Cutline {
    crs: Crs,
    polygons: Polygons,
    touched: bool,
    blend: f64,
}

impl Cutline {
    /// The polygons of a GeoJSON text: a geometry, a feature, or collections of them. Coordinates are longitudes and latitudes
    /// (RFC 7946), unless the text has a member `crs` (GeoJSON of 2008).
    ///
    /// # Errors
    /// Text that is no GeoJSON, geometry that is no polygon, rings that are open, have less than 4 points or cross themselves, more than
    /// 500,000 points, and a CRS that is not known.
    pub fn from_geojson(text: &str) -> Result<Cutline> {
        let read = geojson::read(text)?;
        let crs = read.crs.as_deref().unwrap_or("OGC:CRS84").parse()?;
        Ok(Cutline::new(crs, read.polygons))
    }

    /// As [`from_geojson`](Self::from_geojson), with coordinates in a CRS of one's own, whatever the text says. x comes first.
    ///
    /// # Errors
    /// As [`from_geojson`](Self::from_geojson).
    pub fn from_geojson_in(text: &str, crs: &Crs) -> Result<Cutline> {
        Ok(Cutline::new(crs.clone(), geojson::read(text)?.polygons))
    }

    /// Polygons with coordinates in a CRS, x first.
    ///
    /// # Errors
    /// Rings that have less than 4 points or cross themselves, coordinates that are not finite, no polygon at all, more than
    /// 500,000 points.
    pub fn from_polygons(polygons: &MultiPolygon<f64>, crs: &Crs) -> Result<Cutline> {
        let points = |ring: &LineString<f64>| ring.coords().map(|c| (c.x, c.y)).collect::<Vec<_>>();
        let mut own = Polygons::default();
        for polygon in polygons.iter().filter(|polygon| !polygon.exterior().0.is_empty()) {
            own.add(std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(points).collect())?;
        }
        if own.is_empty() {
            return Err(CutlineError::NoPolygon { found: "empty".to_string() }.into());
        }
        Ok(Cutline::new(crs.clone(), own))
    }

    fn new(crs: Crs, polygons: Polygons) -> Cutline {
        Cutline { crs, polygons, touched: false, blend: 0.0 }
    }

    /// True: pixels that an edge passes through count too, as GDAL's `CUTLINE_ALL_TOUCHED`.
    #[must_use]
    pub fn all_touched(mut self, all_touched: bool) -> Cutline {
        self.touched = all_touched;
        self
    }

    /// Fades out over so many pixels of the output on either side of the edges, as `gdalwarp -cblend` does over pixels of the source:
    /// from 255 inside over 128 on the edge to 0 outside. Masks then hold weights, as an alpha band does.
    ///
    /// # Errors
    /// A distance below 0 or above 1000.
    pub fn blend(mut self, distance: f64) -> Result<Cutline> {
        if !(0.0..=MOST_BLEND).contains(&distance) {
            return Err(CutlineError::BlendDistance { distance, limit: MOST_BLEND }.into());
        }
        self.blend = distance;
        Ok(self)
    }

    /// The CRS of the coordinates.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// minx, miny, maxx, maxy in its own CRS.
    pub fn bounds(&self) -> [f64; 4] {
        self.polygons.bounds()
    }

    /// minx, miny, maxx, maxy in a CRS; `None` where it has no place in it. In degrees, minx is greater than maxx where the antimeridian
    /// lies inside. Over a pole or the edge of a map, these are the bounds of the rectangle around the polygons.
    ///
    /// # Errors
    /// CRSs without a way between them.
    pub fn bounds_in(&self, crs: &Crs) -> Result<Option<[f64; 4]>> {
        /// So finely are edges followed, of the longer side.
        const STEPS: f64 = 10_000.0;
        if *crs == self.crs {
            return Ok(Some(self.bounds()));
        }
        let transform = Transform::new_or_ballpark(&self.crs, crs)?;
        let Some(around) = transform.bounds(self.bounds(), 21) else { return Ok(None) };
        let [left, bottom, right, top] = around;
        let turn = turn_of(crs);
        let width = if right < left { right - left + turn.unwrap_or(0.0) } else { right - left };
        let size = width.max(top - bottom) / STEPS;
        let steps = GeoTransform { a: size, b: 0.0, c: left, d: 0.0, e: size, f: bottom };
        let Some(to_pixels) = steps.inverse() else { return Ok(Some(around)) };
        let to_pixels =
            ToPixels { transform: Some(&transform), to_pixels, turn: turn.map(|t| (t * to_pixels.a, t * to_pixels.d)) };
        let mut found: Option<[f64; 4]> = None;
        for ring in self.polygons.iter().filter_map(<[_]>::first) {
            let Ok(points) = to_pixels.ring(ring, polygon::MOST_POINTS) else { return Ok(Some(around)) };
            let [l, b, r, t] = polygon::bounds(points.into_iter());
            let f = found.get_or_insert([l, b, r, t]);
            *f = [f[0].min(l), f[1].min(b), f[2].max(r), f[3].max(t)];
        }
        let Some([l, b, r, t]) = found else { return Ok(None) };
        let ((mut left, bottom), (mut right, top)) = (steps.apply(l, b), steps.apply(r, t));
        if let Some(turn) = turn {
            let half = 0.5 * turn;
            if right - left >= turn {
                return Ok(Some([-half, bottom, half, top]));
            }
            let inside = |x: f64| x - ((x - half) / turn).ceil() * turn;
            if left < -half || left >= half {
                left = inside(left);
            }
            if right > half || right <= -half {
                right = inside(right);
            }
        }
        Ok(Some([left, bottom, right, top]))
    }

    /// Which pixels of a grid lie inside.
    ///
    /// # Errors
    /// CRSs without a way between them; edges that touch pixels or blend, and need more than 500,000 points to stay right on the grid.
    pub fn on(&self, grid: &OutputGrid) -> Result<CutMask> {
        CutMask::new(self, grid)
    }
}

/// Once around the Earth, where x is a longitude.
fn turn_of(crs: &Crs) -> Option<f64> {
    let is_geographic = matches!(crs.horizontal().kind(), Kind::Geographic | Kind::Geographic3d);
    let (_, radians) = crs.unit().filter(|_| is_geographic)?;
    Some(std::f64::consts::TAU / radians)
}
