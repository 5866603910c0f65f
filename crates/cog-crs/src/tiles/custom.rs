//! Sets of one's own: a CRS, an extent, cell sizes.

use super::json::axes_of;
use super::matrix::{Corner, TileMatrix, floor};
use super::scale::STANDARD_PIXEL;
use super::set::{About, TileMatrixSet};
use crate::crs::Crs;
use crate::error::{Error, Result};

/// Halving more often than this leaves no cells.
const MOST_ZOOMS: i32 = 64;

/// A tile matrix set to be made for an extent.
///
/// ```
/// use cog_crs::Crs;
/// use cog_crs::tiles::CustomGrid;
///
/// let switzerland = CustomGrid::new(Crs::from_epsg(2056)?, [2_420_000.0, 1_030_000.0, 2_900_000.0, 1_350_000.0])
///     .id("swisstopo")
///     .cell_sizes([4000.0, 1000.0, 250.0])
///     .build()?;
/// assert_eq!(switzerland.matrix(2)?.matrix_width, 8);
/// # Ok::<(), cog_crs::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CustomGrid {
    crs: Crs,
    extent: [f64; 4],
    tile: (u32, u32),
    corner: Corner,
    cells: Cells,
    about: About,
}

#[derive(Clone, Debug)]
enum Cells {
    /// Tiles of zoom 0 over the extent, quartered from zoom to zoom.
    Halved { tiles: (u32, u32), zooms: (i32, i32) },
    /// One matrix for each size, as many tiles as cover the extent.
    Sizes(Vec<f64>),
}

impl CustomGrid {
    /// Over an extent `[left, bottom, right, top]` in the CRS, x first: zooms 0 to 24, of which the first is one tile of 256 by 256
    /// pixels, each of half the cell size of the one before. That is morecantile's `TileMatrixSet.custom`.
    pub fn new(crs: Crs, extent: [f64; 4]) -> CustomGrid {
        let cells = Cells::Halved { tiles: (1, 1), zooms: (0, 24) };
        CustomGrid { crs, extent, tile: (256, 256), corner: Corner::TopLeft, cells, about: About::default() }
    }

    /// Pixels across and down a tile.
    #[must_use]
    pub fn tile_size(mut self, width: u32, height: u32) -> CustomGrid {
        self.tile = (width, height);
        self
    }

    /// Where rows are counted from.
    #[must_use]
    pub fn corner(mut self, corner: Corner) -> CustomGrid {
        self.corner = corner;
        self
    }

    /// First and last zoom of a set whose cells are halved, and the columns and rows of zoom 0: 2 and 1 for the world in degrees.
    #[must_use]
    pub fn halved(mut self, zooms: (i32, i32), columns: u32, rows: u32) -> CustomGrid {
        self.cells = Cells::Halved { tiles: (columns, rows), zooms };
        self
    }

    /// The edges of a pixel in units of the CRS, one for each zoom from 0.
    #[must_use]
    pub fn cell_sizes(mut self, sizes: impl Into<Vec<f64>>) -> CustomGrid {
        self.cells = Cells::Sizes(sizes.into());
        self
    }

    /// The set's identifier: letters, digits, `-` and `_`.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> CustomGrid {
        self.about.id = Some(id.into());
        self
    }

    /// What people call the set.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> CustomGrid {
        self.about.title = Some(title.into());
        self
    }

    /// The set.
    ///
    /// # Errors
    /// [`Error::Value`] for an extent without area, cells that do not become smaller, and NaN; [`Error::Unsupported`]
    /// for a CRS whose unit has no size in metres.
    pub fn build(self) -> Result<TileMatrixSet> {
        let [left, bottom, right, top] = self.extent;
        let (width, height) = (right - left, top - bottom);
        let is_extent = width > 0.0 && height > 0.0 && width.is_finite() && height.is_finite();
        if !is_extent {
            return Err(Error::value("extent", format!("{:?}", self.extent), "not left, bottom, right, top"));
        }
        let metres = self.crs.metres_per_unit();
        let metres = metres.ok_or_else(|| Error::Unsupported(format!("a tile grid in '{}'", self.crs.name())))?;
        let (tile_width, tile_height) = (f64::from(self.tile.0), f64::from(self.tile.1));
        let mut matrices = Vec::new();
        let mut add = |zoom: i32, cell_size: f64, matrix_width: u64, matrix_height: u64| {
            matrices.push(TileMatrix {
                zoom,
                id: zoom.to_string(),
                scale_denominator: cell_size * metres / STANDARD_PIXEL,
                cell_size,
                corner: self.corner,
                origin: (left, if self.corner == Corner::TopLeft { top } else { bottom }),
                tile_width: self.tile.0,
                tile_height: self.tile.1,
                matrix_width,
                matrix_height,
                variable_widths: Vec::new(),
            });
        };
        match &self.cells {
            Cells::Halved { tiles, zooms } => {
                if zooms.0 > zooms.1 || zooms.0 < 0 || zooms.1 > MOST_ZOOMS {
                    return Err(Error::value("zooms", format!("{zooms:?}"), "not between 0 and 64"));
                }
                for zoom in zooms.0..=zooms.1 {
                    let times = 2_f64.powi(zoom);
                    let across = width / (tile_width * f64::from(tiles.0)) / times;
                    let down = height / (tile_height * f64::from(tiles.1)) / times;
                    add(zoom, across.max(down), floor(f64::from(tiles.0) * times), floor(f64::from(tiles.1) * times));
                }
            }
            Cells::Sizes(sizes) => {
                for (zoom, cell) in (0..).zip(sizes) {
                    let is_size = *cell > 0.0 && cell.is_finite();
                    if !is_size || zoom > 0 && sizes.get(zoom - 1).is_some_and(|coarser| cell >= coarser) {
                        return Err(Error::value("cell size", cell, "no size smaller than the one before"));
                    }
                    // A set that ends on the extent gets no tile for what rounding adds.
                    let tiles = |extent: f64, tile: f64| floor((extent / (tile * cell) - 1e-6).ceil().max(1.0));
                    let zoom = i32::try_from(zoom).unwrap_or(i32::MAX);
                    add(zoom, *cell, tiles(width, tile_width), tiles(height, tile_height));
                }
            }
        }
        let about = About { bounding_box: Some(self.extent), ordered_axes: Some(axes_of(&self.crs)), ..self.about };
        TileMatrixSet::new(about, self.crs, matrices)
    }
}
