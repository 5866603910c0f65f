//! Quadkeys: a tile of WebMercatorQuad as one string, a digit for each zoom (Bing Maps tile system).

use super::set::Tile;
use crate::error::{Error, Result};

/// 4^31 tiles: the keys of Bing Maps end long before.
const MOST_DIGITS: usize = 31;

/// The quadkey of a tile of a set whose zoom 0 is one tile and whose tiles are quartered, as WebMercatorQuad. That of zoom 0 is empty.
///
/// # Errors
/// [`Error::NoTile`] if zoom has no such tile, or is not one of 0 to 31.
pub fn quadkey(tile: Tile) -> Result<String> {
    let side = u32::try_from(tile.zoom).ok().filter(|zoom| *zoom as usize <= MOST_DIGITS).map(|zoom| 1_u64 << zoom);
    let Some(side) = side.filter(|side| tile.x < *side && tile.y < *side) else {
        let side = side.unwrap_or(0);
        return Err(Error::NoTile { tile: tile.to_string(), width: side, height: side });
    };
    let mut key = String::new();
    let mut bit = side >> 1;
    while bit > 0 {
        key.push(match (tile.x & bit > 0, tile.y & bit > 0) {
            (false, false) => '0',
            (true, false) => '1',
            (false, true) => '2',
            (true, true) => '3',
        });
        bit >>= 1;
    }
    Ok(key)
}

/// The tile of a quadkey.
///
/// # Errors
/// [`Error::Value`] for other characters than 0 to 3, and for more than 31 of them.
pub fn tile_of_quadkey(key: &str) -> Result<Tile> {
    let shown = || key.chars().take(MOST_DIGITS + 1).collect::<String>();
    if key.len() > MOST_DIGITS {
        return Err(Error::value("quadkey", shown(), "longer than 31 digits"));
    }
    let (mut x, mut y, mut zoom) = (0, 0, 0);
    for digit in key.bytes() {
        let (right, down) = match digit {
            b'0' => (0, 0),
            b'1' => (1, 0),
            b'2' => (0, 1),
            b'3' => (1, 1),
            _ => return Err(Error::value("quadkey", shown(), "not of the digits 0 to 3")),
        };
        (x, y, zoom) = (x << 1 | right, y << 1 | down, zoom + 1);
    }
    Ok(Tile { x, y, zoom })
}
