//! Pixels with everything that belongs to them.

use std::sync::Arc;

use cog_tiff::{GeoTransform, Nodata};
use ndarray::Array2;

use crate::geometry::bounds::Bounds;
use crate::geometry::window::Window;
use crate::pixels::Pixels;
use crate::pixels::validity::Validity;

/// Pixels with everything that belongs to them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Raster {
    /// (band, row, column).
    pub pixels: Pixels,
    /// Which pixels hold data.
    pub validity: Validity,
    /// Which part of the level they were read from, in its pixels.
    pub window: Window,
    /// The level read; 0 is full resolution.
    pub level: usize,
    /// Numbers of the bands read, from 1.
    pub bands: Vec<usize>,
    /// From column and row of this raster to coordinates; `None` if the file has no transform.
    pub transform: Option<GeoTransform>,
    /// EPSG code of the CRS that the transform leads to, where the file names one.
    pub epsg: Option<u16>,
    /// The value of pixels without data.
    pub nodata: Option<Nodata>,
    /// Names of the bands read, where the file has them.
    pub band_names: Arc<[Option<String>]>,
}

impl Raster {
    /// A raster of all that an image has, at full resolution and of no known place: set the other fields where they are known.
    pub fn new(pixels: impl Into<Pixels>, validity: Validity) -> Raster {
        let pixels = pixels.into();
        let (bands, rows, columns) = pixels.dim();
        Raster {
            pixels,
            validity,
            window: Window::new(0, 0, columns, rows),
            level: 0,
            bands: (1..=bands).collect(),
            transform: None,
            epsg: None,
            nodata: None,
            band_names: vec![None; bands].into(),
        }
    }

    /// Bands, rows, columns.
    pub fn dim(&self) -> (usize, usize, usize) {
        self.pixels.dim()
    }

    /// Edges in the file's CRS: minx, miny, maxx, maxy; of a rotated raster those of the rectangle around it.
    pub fn bounds(&self) -> Option<Bounds> {
        let (_, h, w) = self.dim();
        let (w, h) = (u32::try_from(w).ok()?, u32::try_from(h).ok()?);
        let (minx, miny, maxx, maxy) = self.transform?.bounds(w, h);
        Some(Bounds { minx, miny, maxx, maxy })
    }

    /// 255 where any band holds data, else 0, as (row, column): rasterio's `dataset_mask()` > 0.
    pub fn mask(&self) -> Array2<u8> {
        let (_, h, w) = self.dim();
        self.validity.union(h, w)
    }

    /// 255 where the band at `index` of the array (from 0, as axes count) holds data, else 0.
    pub fn band_mask(&self, index: usize) -> Option<Array2<u8>> {
        let (bands, h, w) = self.dim();
        (index < bands).then(|| self.validity.band(index, h, w))
    }
}
