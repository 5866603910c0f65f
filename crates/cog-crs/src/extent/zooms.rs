//! The zooms of a raster in a tile matrix set.

use super::{Extent, Grid};
use crate::error::Result;
use crate::tiles::{TileMatrixSet, ZoomLevel};

/// The zooms between which a raster is worth showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zooms {
    /// All of it fits about one tile.
    pub min: i32,
    /// Its pixels are about those of the tiles.
    pub max: i32,
}

impl Extent {
    /// The zooms of the raster as rio-tiler computes them: of the pixels that [`Extent::suggested_grid`] has in the set's CRS, and of the
    /// last overview that is larger than a tile. Of a rotated raster the box around it counts.
    ///
    /// ```
    /// use cog_crs::{Crs, Extent, tiles::TileMatrixSet};
    ///
    /// let utm = Crs::from_epsg(32633)?;
    /// let extent = Extent::new(&utm, [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0], 10_980, 10_980)?;
    /// let zooms = extent.zooms(&TileMatrixSet::named("WebMercatorQuad")?)?;
    /// assert_eq!((zooms.min, zooms.max), (7, 13));
    /// # Ok::<(), cog_crs::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Extent::geographic_bounds`].
    pub fn zooms(&self, set: &TileMatrixSet) -> Result<Zooms> {
        let grid = if self.crs == *set.crs() {
            Grid { transform: self.transform, width: self.width, height: self.height }
        } else {
            self.unrotated().suggested_grid(set.crs())?
        };
        let [a, _, _, _, e, _] = grid.transform;
        let resolution = a.abs().max(e.abs());
        let tile = set.matrices().first().map_or(256, |matrix| matrix.tile_width);
        let overviews = overviews(grid.width.min(grid.height), tile);
        let zoom = |resolution: f64| set.zoom_for_resolution(resolution, ZoomLevel::Auto);
        Ok(Zooms { min: zoom(resolution * 2_f64.powi(overviews))?, max: zoom(resolution)? })
    }

    /// The box around it in as many pixels.
    fn unrotated(&self) -> Extent {
        if !self.is_rotated() {
            return self.clone();
        }
        let ([left, bottom, right, top], (width, height)) = (self.bounds(), self.size());
        let transform = [(right - left) / width, 0.0, left, 0.0, (bottom - top) / height, top];
        Extent { transform, gcps: None, ..self.clone() }
    }
}

/// How often a side is halved until it is not longer than a tile.
fn overviews(mut side: u32, tile: u32) -> i32 {
    let mut count = 0;
    while side > tile.max(1) {
        side /= 2;
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::overviews;

    #[test]
    fn a_side_is_halved_down_to_a_tile() {
        assert_eq!((overviews(256, 256), overviews(257, 256), overviews(513, 256)), (0, 1, 1));
        assert_eq!((overviews(514, 256), overviews(10_980, 256), overviews(5, 0)), (2, 6, 2));
    }
}
