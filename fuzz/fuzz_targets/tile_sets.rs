//! Any text as a tile matrix set: it is read or refused, and what was read is written, read again as the same, and walked.
#![no_main]

use cog_crs::tiles::{TileMatrixSet, ZoomLevel, tile_of_quadkey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    _ = tile_of_quadkey(text);
    let Ok(set) = text.parse::<TileMatrixSet>() else { return };
    let again: Result<TileMatrixSet, _> = set.to_json().parse();
    let again = again.unwrap_or_else(|e| panic!("{e}: {}", set.to_json()));
    assert_eq!(again.matrices(), set.matrices());
    let zooms: Vec<i32> = set.matrices().iter().map(|matrix| matrix.zoom).take(20).collect();
    for zoom in zooms {
        let Ok(tiles) = set.tiles(set.bounds(), zoom) else { continue };
        let total = tiles.total();
        let walked = tiles.clone().take(100).count() as u64;
        assert!(walked == total.min(100), "{walked} of {total}");
        for tile in tiles.take(3) {
            let [left, bottom, right, top] = set.tile_bounds(tile).unwrap_or_else(|e| panic!("{e}"));
            _ = set.tile_at((left + right) / 2.0, (bottom + top) / 2.0, zoom);
            for relatives in [set.parents(tile), set.children(tile)] {
                assert!(relatives.is_ok_and(|relatives| relatives.take(100).count() <= 100));
            }
        }
        _ = set.tile_of(10.0, 50.0, zoom);
    }
    for level in [ZoomLevel::Auto, ZoomLevel::Lower, ZoomLevel::Upper] {
        assert!(set.zoom_for_resolution(10.0, level).is_ok());
    }
});
