//! The blocks of a raster's levels as a tile matrix set.

use cog_crs::tiles::{Corner, RasterGrid, RasterLevel, Tile, TileMatrixSet};
use cog_crs::{Crs, Error};

fn level(width: u32, height: u32) -> RasterLevel {
    RasterLevel { width, height, tile_width: 256, tile_height: 128 }
}

#[test]
fn the_levels_of_a_raster_are_matrices_from_coarse_to_fine() {
    let utm = Crs::from_epsg(32633).unwrap();
    let transform = [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0];
    let grid = RasterGrid::new(&utm, transform, [level(1025, 1023), level(257, 256), level(513, 512)]).id("a");
    let set = grid.build().unwrap();
    let sizes: Vec<_> = set.matrices().iter().map(|m| (m.zoom, m.matrix_width, m.matrix_height)).collect();
    assert_eq!(sizes, [(0, 2, 2), (1, 3, 4), (2, 5, 8)]);
    // GDAL's overview 513 pixels wide has pixels of 10 m × 1025 / 513.
    assert_eq!(set.matrix(1).unwrap().cell_size, 10.0 * (1025.0 / 513.0));
    assert_eq!(set.tile_bounds(Tile::new(0, 0, 2)).unwrap(), [399_960.0, 5_298_760.0, 402_520.0, 5_300_040.0]);
    assert_eq!(set.to_json().parse::<TileMatrixSet>().unwrap(), set);
}

#[test]
fn a_raster_whose_first_row_lies_in_the_south_counts_rows_upward() {
    let utm = Crs::from_epsg(32633).unwrap();
    let set = RasterGrid::new(&utm, [10.0, 0.0, 0.0, 0.0, 10.0, 5000.0], [level(512, 256)]).build().unwrap();
    let matrix = set.matrix(0).unwrap();
    assert_eq!((matrix.corner, matrix.origin), (Corner::BottomLeft, (0.0, 5000.0)));
    assert_eq!(set.bounds(), [0.0, 5000.0, 5120.0, 7560.0]);
    // The first block of the file is its first tile.
    assert_eq!(set.tile_at(1.0, 5001.0, 0).unwrap(), Some(Tile::new(0, 0, 0)));
}

#[test]
fn rasters_without_a_tile_grid_are_refused_with_the_reason() {
    let utm = Crs::from_epsg(32633).unwrap();
    let refused = |transform: [f64; 6], levels: &[RasterLevel]| {
        RasterGrid::new(&utm, transform, levels).build().unwrap_err().to_string()
    };
    let one = [level(512, 512)];
    for (transform, says) in [
        ([10.0, 0.5, 0.0, 0.5, -10.0, 0.0], "rotated"),
        ([-10.0, 0.0, 0.0, 0.0, -10.0, 0.0], "westward"),
        ([10.0, 0.0, 0.0, 0.0, -20.0, 0.0], "pixels of 10 by 20"),
        ([0.0, 0.0, 0.0, 0.0, -10.0, 0.0], "not invertible"),
        ([f64::NAN, 0.0, 0.0, 0.0, -10.0, 0.0], "not finite"),
        ([1e308, 0.0, 0.0, 0.0, -1e308, 0.0], "no positive number"),
    ] {
        let message = refused(transform, &one);
        assert!(message.contains(says), "{message}");
    }
    let good = [10.0, 0.0, 0.0, 0.0, -10.0, 0.0];
    assert!(refused(good, &[]).contains("level"));
    assert!(refused(good, &[RasterLevel { tile_width: 0, ..level(512, 512) }]).contains("empty"));
    let heights = Crs::from_epsg(5773).unwrap();
    assert!(matches!(RasterGrid::new(&heights, good, one).build(), Err(Error::Unsupported(_))));
}

#[test]
fn the_form_of_aiocogeo_is_read_again_as_the_same_grid() {
    for (code, transform) in
        [(4326, [0.25, 0.0, -10.0, 0.0, -0.25, 60.0]), (32633, [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0])]
    {
        let grid = RasterGrid::new(&Crs::from_epsg(code).unwrap(), transform, [level(512, 512), level(256, 256)]);
        let grid = grid.id("a").title("Tile matrix for a.tif");
        let (one, two): (TileMatrixSet, _) = (grid.to_json_v1(code).unwrap().parse().unwrap(), grid.build().unwrap());
        assert_eq!((one.crs(), one.id(), one.title()), (two.crs(), two.id(), two.title()));
        for (a, b) in one.matrices().iter().zip(two.matrices()) {
            assert!((a.cell_size / b.cell_size - 1.0).abs() < 1e-14);
            assert_eq!((a.origin, a.tile_width, a.matrix_height), (b.origin, b.tile_width, b.matrix_height));
        }
    }
}
