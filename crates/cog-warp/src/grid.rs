//! The pixels that an output has.

mod request;
mod tile;

pub use request::GridRequest;
pub use tile::TileGrid;

use cog_crs::{Crs, Extent};
use cog_raster::GeoTransform;

use crate::error::{Error, Result};
use crate::level::Rectangle;

/// The grid of an output: its CRS, where its pixels lie, how many there are.
///
/// A [`window`](OutputGrid::window) of a grid remembers the grid it was cut from: its pixels are those of the whole, bit for bit.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputGrid {
    crs: Crs,
    /// Of the grid that this one was cut from.
    transform: GeoTransform,
    /// Of its first pixel in that grid.
    column: u32,
    row: u32,
    width: u32,
    height: u32,
    /// Columns and rows of that grid.
    whole: (u32, u32),
}

impl OutputGrid {
    /// A grid of `width` × `height` pixels; `transform` leads from their columns and rows to coordinates of `crs`, and may be rotated.
    ///
    /// # Errors
    /// A size of 0, numbers that are not finite, and a transform that maps the plane to a line.
    pub fn new(crs: Crs, transform: GeoTransform, width: u32, height: u32) -> Result<OutputGrid> {
        if width == 0 || height == 0 {
            return Err(Error::EmptyGrid { width, height });
        }
        let GeoTransform { a, b, c, d, e, f } = transform;
        if ![a, b, c, d, e, f].iter().all(|v| v.is_finite()) || transform.inverse().is_none() {
            return Err(Error::FlatGrid);
        }
        Ok(OutputGrid { crs, transform, column: 0, row: 0, width, height, whole: (width, height) })
    }

    /// A grid whose pixels divide bounds (minx, miny, maxx, maxy in `crs`), north up.
    ///
    /// # Errors
    /// As [`new`](Self::new), and bounds without area.
    pub fn of_bounds(crs: Crs, [minx, miny, maxx, maxy]: [f64; 4], width: u32, height: u32) -> Result<OutputGrid> {
        if !(maxx > minx && maxy > miny) {
            return Err(Error::EmptyBounds { bounds: [minx, miny, maxx, maxy] });
        }
        let (across, down) = (f64::from(width.max(1)), f64::from(height.max(1)));
        let transform =
            GeoTransform { a: (maxx - minx) / across, b: 0.0, c: minx, d: 0.0, e: -(maxy - miny) / down, f: maxy };
        OutputGrid::new(crs, transform, width, height)
    }

    /// A grid of pixels of a size (in x and y), north up, that begins in the upper left corner of bounds and covers them to half a pixel,
    /// as `gdalwarp -te -tr`.
    ///
    /// # Errors
    /// As [`of_bounds`](Self::of_bounds), a size that is not above 0, and more than 2^32 pixels along a side.
    pub fn of_resolution(crs: Crs, bounds: [f64; 4], resolution: [f64; 2]) -> Result<OutputGrid> {
        let [minx, miny, maxx, maxy] = bounds;
        let [x, y] = resolution;
        if !(x > 0.0 && y > 0.0 && x.is_finite() && y.is_finite()) {
            return Err(Error::NoResolution { resolution });
        }
        if !(maxx > minx && maxy > miny) {
            return Err(Error::EmptyBounds { bounds });
        }
        let count = |length: f64, size: f64| {
            let count = (length / size + 0.5).floor().max(1.0);
            (count <= f64::from(u32::MAX)).then_some(count as u32)
        };
        let (Some(width), Some(height)) = (count(maxx - minx, x), count(maxy - miny, y)) else {
            return Err(Error::TooManyPixels { across: (maxx - minx) / x, down: (maxy - miny) / y });
        };
        OutputGrid::new(crs, GeoTransform { a: x, b: 0.0, c: minx, d: 0.0, e: -y, f: maxy }, width, height)
    }

    /// The grid that GDAL suggests for a raster in another CRS: its pixels have about the source's size, and are square. As
    /// `gdalwarp -t_srs` and rasterio's `calculate_default_transform`.
    ///
    /// # Errors
    /// CRSs without a way between them, and a raster without a place in the new one.
    pub fn suggested(source: &Extent, crs: &Crs) -> Result<OutputGrid> {
        let grid = source.suggested_grid(crs)?;
        let [a, b, c, d, e, f] = grid.transform;
        OutputGrid::new(crs.clone(), GeoTransform { a, b, c, d, e, f }, grid.width, grid.height)
    }

    /// A part of this grid: what is made of it equals the same pixels of the whole bit for bit.
    ///
    /// # Errors
    /// A size of 0, and a part that reaches over the edges.
    pub fn window(&self, column: u32, row: u32, width: u32, height: u32) -> Result<OutputGrid> {
        if width == 0 || height == 0 {
            return Err(Error::EmptyGrid { width, height });
        }
        let fits = |first: u32, length: u32, of: u32| first.checked_add(length).is_some_and(|end| end <= of);
        if !fits(column, width, self.width) || !fits(row, height, self.height) {
            return Err(Error::OutsideGrid { window: [column, row, width, height], grid: [self.width, self.height] });
        }
        Ok(OutputGrid { column: self.column + column, row: self.row + row, width, height, ..self.clone() })
    }

    /// The CRS of its coordinates.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// Pixels in a row.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// From its columns and rows to coordinates.
    pub fn transform(&self) -> GeoTransform {
        self.transform.translated(f64::from(self.column), f64::from(self.row))
    }

    /// From columns and rows of the grid that it was cut from.
    pub(crate) fn whole_transform(&self) -> GeoTransform {
        self.transform
    }

    /// The least and the largest x of the grid that it was cut from.
    pub(crate) fn whole_range(&self) -> (f64, f64) {
        let (w, h) = (f64::from(self.whole.0), f64::from(self.whole.1));
        let corners = [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)].map(|(c, r)| self.transform.apply(c, r).0);
        (corners.into_iter().fold(f64::INFINITY, f64::min), corners.into_iter().fold(f64::NEG_INFINITY, f64::max))
    }

    /// Its columns and rows in the grid that it was cut from.
    pub(crate) fn rectangle(&self) -> Rectangle {
        Rectangle { column: self.column, row: self.row, width: self.width, height: self.height }
    }

    /// minx, miny, maxx, maxy; of a rotated grid those of the rectangle around it.
    pub fn bounds(&self) -> [f64; 4] {
        let transform = self.transform();
        let (w, h) = (f64::from(self.width), f64::from(self.height));
        let corners = [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)].map(|(c, r)| transform.apply(c, r));
        let of = |pick: fn(&(f64, f64)) -> f64, fold: fn(f64, f64) -> f64, first: f64| {
            corners.iter().map(pick).fold(first, fold)
        };
        [
            of(|c| c.0, f64::min, f64::INFINITY),
            of(|c| c.1, f64::min, f64::INFINITY),
            of(|c| c.0, f64::max, f64::NEG_INFINITY),
            of(|c| c.1, f64::max, f64::NEG_INFINITY),
        ]
    }
}
