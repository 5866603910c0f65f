//! Quadkeys of any tile matrix set that has them.

use cog_crs::tiles::{Tile, TileMatrixSet, quadkey, tile_of_quadkey};

use crate::error::{MosaicError, Result};

/// The set that most documents mean.
pub(super) const DEFAULT_SET: &str = "WebMercatorQuad";

/// A set whose first zoom is one tile, and whose tiles are quartered. The digits of a key count from that zoom.
#[derive(Clone, Debug)]
pub(super) struct Quadkeys {
    set: TileMatrixSet,
}

impl Quadkeys {
    pub(super) fn new(set: TileMatrixSet) -> Result<Quadkeys> {
        let matrices = set.matrices();
        let is_one = matrices.first().is_some_and(|first| first.matrix_width == 1 && first.matrix_height == 1);
        let doubles = matrices.windows(2).all(|pair| match pair {
            [a, b] => {
                b.zoom == a.zoom + 1 && b.matrix_width == 2 * a.matrix_width && b.matrix_height == 2 * a.matrix_height
            }
            _ => true,
        });
        match is_one && doubles && matrices.iter().all(|matrix| matrix.variable_widths.is_empty()) {
            true => Ok(Quadkeys { set }),
            false => Err(MosaicError::NoQuadkeys { id: set.id().unwrap_or("without id").to_string() }.into()),
        }
    }

    pub(super) fn set(&self) -> &TileMatrixSet {
        &self.set
    }

    pub(super) fn key(&self, tile: Tile) -> Result<String> {
        Ok(quadkey(Tile { zoom: tile.zoom - self.set.min_zoom(), ..tile })?)
    }

    pub(super) fn tile(&self, key: &str) -> Result<Tile> {
        let tile = tile_of_quadkey(key)?;
        Ok(Tile { zoom: tile.zoom + self.set.min_zoom(), ..tile })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sets_that_are_quartered_from_one_tile_have_quadkeys() {
        for name in ["WebMercatorQuad", "NZTM2000Quad", "UPSArcticWGS84Quad", "EuropeanETRS89_LAEAQuad"] {
            let set = TileMatrixSet::named(name).unwrap();
            let keys = Quadkeys::new(set).unwrap();
            let tile = Tile::new(2, 1, keys.set().min_zoom() + 2);
            assert_eq!(keys.key(tile).unwrap(), "12", "{name}");
            assert_eq!(keys.tile("12").unwrap(), tile, "{name}");
        }
        for name in ["WorldCRS84Quad", "GNOSISGlobalGrid", "CanadianNAD83_LCC"] {
            let error = Quadkeys::new(TileMatrixSet::named(name).unwrap()).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("no quadkeys"), "{error}");
        }
    }
}
