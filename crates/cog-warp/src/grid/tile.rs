//! The grid of a map tile.

use cog_crs::tiles::{Corner, Tile, TileMatrix, TileMatrixSet};
use cog_raster::GeoTransform;

use super::OutputGrid;
use crate::error::{Error, Result};

/// Pixels beside the matrix that belong to the grid of a zoom: as far as a buffer may reach. A multiple of the lattice's squares.
const MARGIN: u32 = 1024;

/// Pixels along a side of the grid that tiles are cut from, at most. A matrix that has more is cut into several grids.
const LONGEST: u64 = 1 << 31;

/// The grid of a tile of a tile matrix set.
///
/// All tiles of a zoom are windows of one grid: what neighbours with a buffer both show is the same, bit for bit.
///
/// ```
/// use cog_warp::TileGrid;
/// use cog_warp::crs::tiles::{Tile, TileMatrixSet};
///
/// let web = TileMatrixSet::named("WebMercatorQuad")?;
/// let grid = TileGrid::new(&web, Tile::new(8800, 5400, 14)).size(512, 512).buffer(8).build()?;
/// assert_eq!((grid.width(), grid.height()), (528, 528));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TileGrid<'a> {
    set: &'a TileMatrixSet,
    tile: Tile,
    size: Option<(u32, u32)>,
    scale: u32,
    buffer: u32,
}

impl<'a> TileGrid<'a> {
    /// A tile with as many pixels as the set gives it.
    pub fn new(set: &'a TileMatrixSet, tile: Tile) -> TileGrid<'a> {
        TileGrid { set, tile, size: None, scale: 1, buffer: 0 }
    }

    /// Columns and rows of the tile, whatever the set says.
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = Some((width, height));
        self
    }

    /// So many times the pixels in both directions, as `@2x` in the names of tiles.
    pub fn scale(mut self, scale: u32) -> Self {
        self.scale = scale;
        self
    }

    /// So many pixels more on each side, up to 1024.
    pub fn buffer(mut self, pixels: u32) -> Self {
        self.buffer = pixels;
        self
    }

    /// The grid.
    ///
    /// # Errors
    /// A zoom or tile that the set does not have, sizes of 0 or over 2^20, and a buffer over 1024.
    pub fn build(&self) -> Result<OutputGrid> {
        // Says what is wrong with the tile.
        self.set.tile_bounds(self.tile)?;
        let matrix = self.set.matrix(self.tile.zoom)?;
        let (width, height) = self.pixels(matrix)?;
        if self.buffer > MARGIN {
            return Err(Error::Buffer { pixels: self.buffer, limit: MARGIN });
        }
        let row = match matrix.corner {
            Corner::TopLeft => self.tile.y,
            Corner::BottomLeft => matrix.matrix_height - 1 - self.tile.y,
        };
        let coalesce = matrix.coalescence(self.tile.y);
        let x = Axis::new(self.tile.x / coalesce, matrix.matrix_width.div_ceil(coalesce), width);
        let y = Axis::new(row, matrix.matrix_height, height);
        let [left, _, _, top] = matrix.bounds();
        let across = matrix.cell_size * f64::from(matrix.tile_width) * coalesce as f64;
        let down = matrix.cell_size * f64::from(matrix.tile_height);
        let (a, e) = (across / f64::from(width), -down / f64::from(height));
        let transform = GeoTransform {
            a,
            b: 0.0,
            c: left + x.base as f64 * across - f64::from(MARGIN) * a,
            d: 0.0,
            e,
            f: top - y.base as f64 * down - f64::from(MARGIN) * e,
        };
        let whole = OutputGrid::new(self.set.crs().clone(), transform, x.whole, y.whole)?;
        whole.window(x.first - self.buffer, y.first - self.buffer, width + 2 * self.buffer, height + 2 * self.buffer)
    }

    fn pixels(&self, matrix: &TileMatrix) -> Result<(u32, u32)> {
        let (width, height) = self.size.unwrap_or((matrix.tile_width, matrix.tile_height));
        let side = |n: u32| n.checked_mul(self.scale).filter(|n| *n <= 1 << 20);
        let (Some(w), Some(h)) = (side(width), side(height)) else {
            let scaled = |n: u32| f64::from(n) * f64::from(self.scale);
            return Err(Error::TooManyPixels { across: scaled(width), down: scaled(height) });
        };
        if w == 0 || h == 0 { Err(Error::EmptyGrid { width: w, height: h }) } else { Ok((w, h)) }
    }
}

/// Where a tile lies along one side of the grid that it is cut from.
struct Axis {
    /// The first tile of that grid.
    base: u64,
    /// Pixels of the grid.
    whole: u32,
    /// The tile's first pixel.
    first: u32,
}

impl Axis {
    fn new(tile: u64, tiles: u64, pixels: u32) -> Axis {
        let most = (LONGEST / u64::from(pixels)).max(1);
        let base = tile - tile % most;
        let count = most.min(tiles - base);
        // Both are below 2^31 and a margin.
        let pixel = |tiles: u64| (tiles * u64::from(pixels)) as u32 + MARGIN;
        Axis { base, whole: pixel(count) + MARGIN, first: pixel(tile - base) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds_are_the_tile_s(set: &TileMatrixSet, tile: Tile) {
        let grid = TileGrid::new(set, tile).size(256, 256).build().unwrap();
        let expected = set.tile_bounds(tile).unwrap();
        // A hundred-thousandth of a pixel: coordinates of the finest zooms have no more digits.
        let close = grid.bounds().iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1e-5 * grid.transform().a);
        assert!(close, "{:?} of {}: {:?} for {expected:?}", tile, set.id().unwrap_or_default(), grid.bounds());
    }

    #[test]
    fn a_tile_s_grid_has_the_tile_s_bounds_in_every_set() {
        for name in cog_crs::tiles::NAMES {
            let set = TileMatrixSet::named(name).unwrap();
            for zoom in [set.min_zoom(), (set.min_zoom() + set.max_zoom()) / 2, set.max_zoom()] {
                let matrix = set.matrix(zoom).unwrap();
                for (x, y) in [
                    (0, 0),
                    (matrix.matrix_width - 1, matrix.matrix_height - 1),
                    (matrix.matrix_width / 2, matrix.matrix_height / 3),
                ] {
                    bounds_are_the_tile_s(&set, Tile::new(x, y, zoom));
                }
            }
        }
    }

    #[test]
    fn a_buffer_shows_what_the_neighbour_shows() {
        let web = TileMatrixSet::named("WebMercatorQuad").unwrap();
        let left = TileGrid::new(&web, Tile::new(8800, 5400, 14)).buffer(3).build().unwrap();
        let right = TileGrid::new(&web, Tile::new(8801, 5400, 14)).buffer(3).build().unwrap();
        assert_eq!(left.window(256, 0, 6, 262).unwrap(), right.window(0, 0, 6, 262).unwrap());
    }

    #[test]
    fn what_is_no_tile_is_refused() {
        let web = TileMatrixSet::named("WebMercatorQuad").unwrap();
        let zoom = |zoom, x| TileGrid::new(&web, Tile::new(x, 0, zoom)).build();
        assert!(zoom(3, 8).is_err() && zoom(99, 0).is_err() && zoom(3, 7).is_ok());
        let sized = |n| TileGrid::new(&web, Tile::new(0, 0, 0)).size(n, n).build();
        assert!(sized(0).is_err() && sized(1 << 21).is_err() && sized(1 << 20).is_ok());
        assert!(TileGrid::new(&web, Tile::new(0, 0, 0)).buffer(1025).build().is_err());
    }
}
