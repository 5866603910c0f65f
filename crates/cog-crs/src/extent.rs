//! Where a raster lies: its box on the globe, the grid that a warp of it would have, the zooms of its tiles.
//!
//! What is computed is what rasterio and rio-tiler compute, with GDAL's rules, so that numbers can be compared.

mod footprint;
mod geographic;
mod grid;
mod pixels;
mod zooms;

pub use footprint::Footprint;
pub use geographic::GeographicBounds;
pub use grid::Grid;
pub use zooms::Zooms;

use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::gcps::GcpTransform;

/// A raster's place: a CRS, an affine transform and a size.
///
/// ```
/// use cog_crs::{Crs, Extent};
///
/// // A tile of Sentinel-2: 10980 pixels of 10 m.
/// let utm = Crs::from_epsg(32633)?;
/// let extent = Extent::new(&utm, [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0], 10_980, 10_980)?;
/// assert_eq!(extent.bounds(), [399_960.0, 5_190_240.0, 509_760.0, 5_300_040.0]);
///
/// let globe = extent.geographic_bounds()?;
/// assert!((globe.west - 13.6629).abs() < 1e-4 && (globe.north - 47.8537).abs() < 1e-4);
///
/// // The web map that a warp would fill: what rasterio's calculate_default_transform answers.
/// let grid = extent.suggested_grid(&Crs::from_epsg(3857)?)?;
/// assert_eq!((grid.width, grid.height), (11_066, 11_081));
/// # Ok::<(), cog_crs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Extent {
    crs: Crs,
    /// Of a raster with ground control points, that which its polynomials come nearest to in its middle.
    transform: [f64; 6],
    gcps: Option<GcpTransform>,
    width: u32,
    height: u32,
}

impl Extent {
    /// `transform` is `[a, b, c, d, e, f]` as in rasterio: x = a·column + b·row + c, y = d·column + e·row + f, from corners of
    /// pixels. It may be rotated or mirrored, with row 0 in the south for example.
    ///
    /// # Errors
    /// [`Error::Value`] for a transform that is not finite or maps the raster onto a line, and for a raster without pixels.
    pub fn new(crs: &Crs, transform: [f64; 6], width: u32, height: u32) -> Result<Extent> {
        let [a, b, _, d, e, _] = transform;
        let problem = match () {
            () if transform.iter().any(|n| !n.is_finite()) => "not finite",
            () if a * e - b * d == 0.0 => "not invertible",
            () => "",
        };
        if !problem.is_empty() {
            return Err(Error::value("the transform", format!("{transform:?}"), problem));
        }
        if width == 0 || height == 0 {
            return Err(Error::value("the size", format!("{width}x{height}"), "empty"));
        }
        Ok(Extent { crs: crs.clone(), transform, gcps: None, width, height })
    }

    /// A raster that ground control points place, by their polynomials; `crs` is that of the points.
    ///
    /// # Errors
    /// As [`Extent::new`].
    pub fn of_gcps(crs: &Crs, gcps: &GcpTransform, width: u32, height: u32) -> Result<Extent> {
        let transform = gcps.affine_at(f64::from(width) / 2.0, f64::from(height) / 2.0);
        let extent = Extent::new(crs, transform, width, height)?;
        Ok(Extent { gcps: Some(gcps.clone()), ..extent })
    }

    /// The CRS.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// `[left, bottom, right, top]` of the box around the raster in its CRS: left is less than right and bottom less than
    /// top whatever way its rows and columns run. Edges that ground control points bend are looked at in 22 places.
    pub fn bounds(&self) -> [f64; 4] {
        if self.gcps.is_some() {
            return self.bounds_of_edges();
        }
        let [a, b, c, d, e, f] = self.transform;
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        let reach = |by_column: f64, by_row: f64, origin: f64| {
            let corners = [origin, origin + by_column * width, origin + by_row * height];
            let last = origin + by_column * width + by_row * height;
            corners.into_iter().fold((last, last), |(low, high), n| (low.min(n), high.max(n)))
        };
        let ((left, right), (bottom, top)) = (reach(a, b, c), reach(d, e, f));
        [left, bottom, right, top]
    }

    fn bounds_of_edges(&self) -> [f64; 4] {
        const STEPS: u32 = 21;
        let (width, height) = self.size();
        let shares = || (0..=STEPS).map(|step| f64::from(step) / f64::from(STEPS));
        let level = shares().flat_map(|s| [(s * width, 0.0), (s * width, height)]);
        let upright = shares().flat_map(|s| [(0.0, s * height), (width, s * height)]);
        let none = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        level
            .chain(upright)
            .map(|(column, row)| self.place(column, row))
            .fold(none, |[l, b, r, t], (x, y)| [l.min(x), b.min(y), r.max(x), t.max(y)])
    }

    /// The coordinates of a place in pixels.
    fn place(&self, column: f64, row: f64) -> (f64, f64) {
        if let Some(gcps) = &self.gcps {
            return gcps.forward(column, row);
        }
        let [a, b, c, d, e, f] = self.transform;
        (a * column + b * row + c, d * column + e * row + f)
    }

    fn size(&self) -> (f64, f64) {
        (f64::from(self.width), f64::from(self.height))
    }

    /// True unless its rows and columns are those of a map.
    fn is_rotated(&self) -> bool {
        self.gcps.is_some() || self.transform[1] != 0.0 || self.transform[3] != 0.0
    }
}
