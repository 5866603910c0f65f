//! The example does what it says. Expected values are rasterio's, of `testdata/expected`.

#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/tile.rs"]
mod tile;

fn testdata(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../testdata/files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn a_tile_has_the_values_that_rasterio_reads() {
    let file = testdata("cog_deflate_uint16_mask.tif");
    let at = |samples: &[u8], row: usize, column: usize| {
        let start = (row * 64 + column) * 2;
        u16::from_ne_bytes(samples[start..start + 2].try_into().unwrap())
    };
    let first = tile::decode(&file, 0, 0).unwrap();
    assert_eq!((first.len(), at(&first, 0, 0), at(&first, 1, 17)), (64 * 64 * 2, 32_728, 48_203));
    // Row 70, column 75 and row 112, column 30 of the image.
    assert_eq!(at(&tile::decode(&file, 1, 1).unwrap(), 70 - 64, 75 - 64), 17_298);
    assert_eq!(at(&tile::decode(&file, 0, 1).unwrap(), 112 - 64, 30), 26_131);
    assert_eq!(tile::decode(&file, 3, 0).unwrap_err().to_string(), "no such block");
}

#[test]
fn a_strip_that_ends_too_early_is_an_error() {
    let file = testdata("lzw_uint8_strips.tif");
    assert!(!tile::decode(&file, 0, 0).unwrap().is_empty());
    assert!(tile::decode(&testdata("malformed/lzw_of_junk.tif"), 0, 0).is_err());
}
