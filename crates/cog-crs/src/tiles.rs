//! Tile matrix sets: grids of tiles over a CRS, zoom by zoom (OGC 17-083r4, Two Dimensional Tile Matrix Set 2.0).
//!
//! ```
//! use cog_crs::tiles::{Tile, TileMatrixSet, ZoomLevel};
//!
//! let web = TileMatrixSet::named("WebMercatorQuad")?;
//! let tile = web.tile_of(9.0, 48.0, 10)?;
//! assert_eq!(tile, Some(Tile::new(537, 355, 10)));
//! assert_eq!(web.zoom_for_resolution(10.0, ZoomLevel::Auto)?, 14);
//! # Ok::<(), cog_crs::Error>(())
//! ```
//!
//! Coordinates have x first (easting, longitude) whatever the set's order of axes is; [`TileMatrixSet::to_json`] writes
//! `pointOfOrigin` in the order that `orderedAxes` says. Bounds are `[left, bottom, right, top]`.

mod custom;
mod geographic;
mod json;
mod matrix;
mod quadkey;
mod range;
mod raster;
mod register;
mod scale;
mod set;
mod zoom;

pub use custom::CustomGrid;
pub use matrix::{Corner, TileMatrix, VariableWidth};
pub use quadkey::{quadkey, tile_of_quadkey};
pub use range::Tiles;
pub use raster::{RasterGrid, RasterLevel};
pub use register::NAMES;
pub use set::{Tile, TileMatrixSet};
pub use zoom::ZoomLevel;
