//! Tiles and longitudes and latitudes: those of the geographic CRS below the set's.

use super::range::Tiles;
use super::set::{Tile, TileMatrixSet};
use crate::error::{Error, Result};
use crate::transform::Transform;

/// Places between the corners of an edge: GDAL's and rasterio's number.
const BETWEEN: usize = 21;

impl TileMatrixSet {
    /// `[west, south, east, north]` of the box around a tile in degrees, its edges followed and a pole inside it taken in; west is greater
    /// than east where it crosses the antimeridian.
    ///
    /// # Errors
    /// As [`TileMatrixSet::tile_bounds`], and [`Error::NoImage`] for a tile outside the projection.
    pub fn geographic_bounds(&self, tile: Tile) -> Result<[f64; 4]> {
        let bounds = self.tile_bounds(tile)?;
        self.around(&*self.to_geographic()?, bounds)
    }

    /// The tiles of a zoom that overlap a box `[west, south, east, north]` in degrees, row by row. West greater than east is a box
    /// across the antimeridian. Where meridians are no columns these are the tiles that overlap the box around it on the map.
    ///
    /// # Errors
    /// As [`TileMatrixSet::tiles`].
    pub fn tiles_of(&self, [west, south, east, north]: [f64; 4], zoom: i32) -> Result<Tiles<'_>> {
        let matrix = self.matrix(zoom)?;
        let transform = self.to_native()?;
        if let Some(edge) = [west, south, east, north].into_iter().find(|edge| !edge.is_finite()) {
            return Err(Error::value("bounds", edge, "no coordinate"));
        }
        if south > north {
            return Err(Error::value(
                "bounds",
                format!("{:?}", [west, south, east, north]),
                "not west, south, east, north",
            ));
        }
        let around = |west: f64, east: f64| transform.bounds([west, south, east, north], BETWEEN);
        if west <= east {
            return around(west, east).map_or(Ok(Tiles::none(matrix)), |bounds| Tiles::over(matrix, bounds));
        }
        let parts: Vec<[f64; 4]> = [around(west, 180.0), around(-180.0, east)].into_iter().flatten().collect();
        if let [a, b] = parts.as_slice() {
            let height = (a[3] - a[1]).max(b[3] - b[1]);
            let beside = (a[1] - b[1]).abs() <= 1e-9 * height && (a[3] - b[3]).abs() <= 1e-9 * height;
            if !beside {
                let around = [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])];
                return Tiles::over(matrix, around);
            }
        }
        Tiles::over_parts(matrix, parts)
    }

    fn around(&self, transform: &Transform, bounds: [f64; 4]) -> Result<[f64; 4]> {
        let without = || Error::NoImage { target: "longitudes and latitudes".to_string() };
        transform.bounds(bounds, BETWEEN).ok_or_else(without)
    }
}
