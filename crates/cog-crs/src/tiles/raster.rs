//! The grid that a raster has of its own: its levels are the matrices, its blocks the tiles.

use super::json::axes_of;
use super::matrix::{Corner, TileMatrix};
use super::scale::STANDARD_PIXEL;
use super::set::{About, TileMatrixSet};
use crate::crs::Crs;
use crate::error::{Error, Result};
use serde_json::json;

/// One level of a raster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RasterLevel {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Pixels across a block.
    pub tile_width: u32,
    /// Pixels down a block.
    pub tile_height: u32,
}

/// A raster whose levels and blocks are to be a tile matrix set.
///
/// ```
/// use cog_crs::Crs;
/// use cog_crs::tiles::{RasterGrid, RasterLevel};
///
/// let level = |size| RasterLevel { width: size, height: size, tile_width: 512, tile_height: 512 };
/// let transform = [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0];
/// let set = RasterGrid::new(&Crs::from_epsg(32633)?, transform, [level(10_980), level(5490)]).id("T33UUP").build()?;
/// // The coarsest level is zoom 0.
/// assert_eq!((set.matrix(0)?.cell_size, set.matrix(1)?.matrix_width), (20.0, 22));
/// # Ok::<(), cog_crs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RasterGrid {
    crs: Crs,
    transform: [f64; 6],
    levels: Vec<RasterLevel>,
    about: About,
}

/// A level, and the size of its pixels.
struct Sized {
    level: RasterLevel,
    across: f64,
    down: f64,
}

impl RasterGrid {
    /// `transform` is `[a, b, c, d, e, f]` as in rasterio, of the first level; the other levels cover the same area with fewer pixels.
    pub fn new(crs: &Crs, transform: [f64; 6], levels: impl Into<Vec<RasterLevel>>) -> RasterGrid {
        RasterGrid { crs: crs.clone(), transform, levels: levels.into(), about: About::default() }
    }

    /// The set's identifier: letters, digits, `-` and `_`.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> RasterGrid {
        self.about.id = Some(id.into());
        self
    }

    /// What people call the set.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> RasterGrid {
        self.about.title = Some(title.into());
        self
    }

    /// The set, its coarsest level as zoom 0. Rows of a raster whose first row lies in the south count from the lower left corner.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for what a tile matrix has no words for: rotated and mirrored rasters, pixels that are not square, a
    /// CRS whose unit has no size; [`Error::Value`] for sizes and transforms without area.
    pub fn build(&self) -> Result<TileMatrixSet> {
        let [a, _, c, _, e, f] = self.transform;
        let levels = self.sized()?;
        if a < 0.0 {
            return Err(Error::unsupported("a tile grid of a raster whose columns run westward"));
        }
        let metres = self.metres_per_unit()?;
        let matrices = levels.iter().zip(0..).map(|(sized, zoom)| {
            let Sized { level, across, down } = sized;
            // Sizes of overviews are rounded, in width otherwise than in height: less than one of their pixels in all.
            if (down - across).abs() * f64::from(level.height) > *across {
                return Err(Error::Unsupported(format!("a tile grid with pixels of {across} by {down}")));
            }
            Ok(TileMatrix {
                zoom,
                id: zoom.to_string(),
                scale_denominator: across * metres / STANDARD_PIXEL,
                cell_size: *across,
                corner: if e > 0.0 { Corner::BottomLeft } else { Corner::TopLeft },
                origin: (c, f),
                tile_width: level.tile_width,
                tile_height: level.tile_height,
                matrix_width: u64::from(level.width.div_ceil(level.tile_width)),
                matrix_height: u64::from(level.height.div_ceil(level.tile_height)),
                variable_widths: Vec::new(),
            })
        });
        let about =
            About { bounding_box: Some(self.bounds()), ordered_axes: Some(axes_of(&self.crs)), ..self.about.clone() };
        TileMatrixSet::new(about, self.crs.clone(), matrices.collect::<Result<_>>()?)
    }

    /// JSON of version 1.0 (OGC 17-083r2) as aiocogeo writes it, in one line: the CRS is named by this EPSG code, which may be that of
    /// the horizontal part; `topLeftCorner` has x first whatever the CRS says, and is the corner of the first row. Pixels that are not
    /// square go by their width.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for rotated rasters, [`Error::Value`] for sizes and transforms without area.
    pub fn to_json_v1(&self, epsg: u32) -> Result<String> {
        let levels = self.sized()?;
        let [_, _, c, _, _, f] = self.transform;
        let metres = self.metres_per_unit()?;
        let crs = format!("http://www.opengis.net/def/crs/EPSG/0/{epsg}");
        let matrices = levels.iter().enumerate().map(|(zoom, Sized { level, across, .. })| {
            json!({
                "type": "TileMatrixType",
                "identifier": zoom.to_string(),
                "scaleDenominator": across * metres / STANDARD_PIXEL,
                "topLeftCorner": [c, f],
                "tileWidth": level.tile_width,
                "tileHeight": level.tile_height,
                "matrixWidth": level.width.div_ceil(level.tile_width),
                "matrixHeight": level.height.div_ceil(level.tile_height),
            })
        });
        let matrices: Vec<_> = matrices.collect();
        let [left, bottom, right, top] = self.bounds();
        let set = json!({
            "type": "TileMatrixSetType",
            "title": self.about.title,
            "identifier": self.about.id,
            "supportedCRS": crs,
            "boundingBox": {
                "type": "BoundingBoxType",
                "crs": crs,
                "lowerCorner": [left, bottom],
                "upperCorner": [right, top],
            },
            "tileMatrix": matrices,
        });
        Ok(set.to_string())
    }

    /// The CRS of the raster.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    fn metres_per_unit(&self) -> Result<f64> {
        let without = || Error::Unsupported(format!("a tile grid in '{}'", self.crs.name()));
        self.crs.metres_per_unit().ok_or_else(without)
    }

    /// From coarse to fine, with their pixels.
    fn sized(&self) -> Result<Vec<Sized>> {
        let [a, b, _, d, e, _] = self.transform;
        let wrong = |problem| Err(Error::value("the transform", format!("{:?}", self.transform), problem));
        if self.transform.iter().any(|number| !number.is_finite()) {
            return wrong("not finite");
        }
        if b != 0.0 || d != 0.0 {
            return Err(Error::unsupported("a tile grid of a rotated raster"));
        }
        if a == 0.0 || e == 0.0 {
            return wrong("not invertible");
        }
        let sizes = |l: &RasterLevel| [l.width, l.height, l.tile_width, l.tile_height];
        if let Some(level) = self.levels.iter().find(|level| sizes(level).contains(&0)) {
            return Err(Error::value("the size", format!("{:?}", sizes(level)), "empty"));
        }
        let Some(full) = self.levels.first() else { return Err(Error::missing("the raster", "level")) };
        let mut levels: Vec<Sized> = self
            .levels
            .iter()
            .map(|level| Sized {
                level: *level,
                across: (a * (f64::from(full.width) / f64::from(level.width))).abs(),
                down: (e * (f64::from(full.height) / f64::from(level.height))).abs(),
            })
            .collect();
        levels.sort_by_key(|sized| sized.level.width);
        Ok(levels)
    }

    /// `[left, bottom, right, top]`.
    fn bounds(&self) -> [f64; 4] {
        let [a, _, c, _, e, f] = self.transform;
        let (width, height) = self.levels.first().map_or((0, 0), |level| (level.width, level.height));
        let (x, y) = (c + a * f64::from(width), f + e * f64::from(height));
        [c.min(x), f.min(y), c.max(x), f.max(y)]
    }
}
