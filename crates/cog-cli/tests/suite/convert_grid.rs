//! `cog convert` into another grid. Sizes, transforms and items are those of GDAL's COG driver (3.10.3, by rasterio 1.4.4) for the same
//! input and options, unless a test says otherwise.

use std::path::Path;

use cog_testkit::child::Outcome;
use serde_json::{Value, json};

use crate::command::{self, file};

const RGB: &str = "cog_deflate_p2_uint8_rgb.tif";
const HEIGHTS: &str = "cog_lzw_p2_int16_nodata.tif";
const POINT: &str = "pixel_is_point.tif";
const GOOGLE: &str = "TILING_SCHEME=GoogleMapsCompatible";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn convert(&self, source: &str, more: &[&str]) -> Outcome {
        command::run([&["convert", source, &self.path("out.tif")], more].concat())
    }

    fn made(&self, source: &str, more: &[&str]) -> Made {
        let end = self.convert(source, more);
        assert!(end.is_success(), "{source} {more:?}: {}", command::failure(&end));
        let info = command::info(self.path("out.tif").as_ref()).unwrap();
        Made { info, said: end.stderr }
    }

    /// A raster of longitudes and latitudes: all of the globe, or a part of it.
    fn globe(&self, bounds: &str, resolution: &str) -> String {
        let out = self.path("globe.tif");
        let grid = ["--crs", "EPSG:4326", "--bounds", bounds, "--resolution", resolution];
        let end = command::run([&["convert", &file(RGB), &out], &grid[..]].concat());
        assert!(end.is_success(), "{}", command::failure(&end));
        out
    }

    fn refused(&self, source: &str, more: &[&str]) -> String {
        let end = self.convert(source, more);
        assert!(!end.is_success(), "{source} {more:?} went well");
        assert!(!Path::new(&self.path("out.tif")).exists(), "{more:?} left a file behind");
        end.stderr
    }
}

/// What was made, and what was said.
struct Made {
    info: Value,
    said: String,
}

impl Made {
    fn size(&self) -> (u64, u64) {
        let number = |name: &str| self.info["profile"][name].as_u64().unwrap();
        (number("width"), number("height"))
    }

    fn transform(&self) -> Vec<f64> {
        self.info["profile"]["transform"].as_array().unwrap().iter().take(6).map(|v| v.as_f64().unwrap()).collect()
    }

    fn tags(&self, domain: &str) -> Value {
        self.info["tags"][domain].clone()
    }

    fn mask(&self) -> &Value {
        &self.info["mask_flags"][0]
    }

    /// Size, edges of pixels, upper left corner.
    #[track_caller]
    fn lies(&self, size: (u64, u64), [a, e, c, f]: [f64; 4]) {
        assert_eq!(self.size(), size, "{:?}", self.transform());
        let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * other.abs().max(1e-3);
        let found = self.transform();
        let all = found.iter().zip([a, 0.0, c, 0.0, e, f]).all(|(one, other)| near(*one, other));
        assert!(all, "{found:?} instead of {:?}", [a, 0.0, c, 0.0, e, f]);
    }
}

const EDGE: f64 = 20_037_508.342_789_244;

#[test]
fn the_poles_are_left_out_of_web_mercator() {
    let folder = Folder::new();
    let crs = ["--crs", "EPSG:3857"];
    for (bounds, resolution, size, place) in [
        ("-180,-90,180,90", "0.2", (1406, 1411), [28490.696915758126, -28490.7687728669, -EDGE, 20232554.76414158]),
        ("-180,-90,180,90", "1", (281, 282), [142584.32663742968, -142584.32663742968, -EDGE, 21396567.252405386]),
        ("-180,-90,180,90", "0.1", (2816, 2816), [14228.560819126376, -14228.560819126376, -EDGE, 20100884.94371197]),
        ("-180,-60,180,90", "0.5", (629, 454), [63679.397782486194, -63679.397782486194, -EDGE, 20644642.36376251]),
        ("-180,-90,180,60", "0.5", (634, 450), [63158.307256582586, -63117.50989468962, -EDGE, 8399737.889818357]),
    ] {
        let globe = folder.globe(bounds, resolution);
        folder.made(&globe, &crs).lies(size, place);
        folder.made(&globe, &["-co", "TARGET_SRS=EPSG:3857"]).lies(size, place);
    }
}

#[test]
fn a_block_is_a_tile_of_the_set_and_no_more_than_the_set_is_taken() {
    let folder = Folder::new();
    let globe = folder.globe("-180,-90,180,90", "0.2");
    let world = (39135.75848201024, 20_037_508.342_789_244);
    for (block, zoom) in [("128", "3"), ("256", "2"), ("512", "1")] {
        let made = folder.made(&globe, &["--web", "--blocksize", block]);
        made.lies((1024, 1024), [world.0, -world.0, -EDGE, world.1]);
        assert_eq!(made.tags("TILING_SCHEME"), json!({"NAME": "GoogleMapsCompatible", "ZOOM_LEVEL": zoom}));
    }
    let north = folder.globe("-180,-60,180,90", "0.5");
    let cell = 78271.51696402048;
    folder.made(&north, &["--web", "--blocksize", "128"]).lies((512, 384), [cell, -cell, -EDGE, EDGE]);
    folder.made(&north, &["--web", "--blocksize", "512"]).lies((512, 512), [cell, -cell, -EDGE, EDGE]);
    let south = folder.globe("-180,-90,180,60", "0.5");
    folder.made(&south, &["--web", "--blocksize", "128"]).lies((512, 384), [cell, -cell, -EDGE, EDGE / 2.0]);

    let cell = 19.109257071294063;
    let heights = file(HEIGHTS);
    let place = [cell, -cell, 1516510.6411778964, 6085610.443952592];
    folder.made(&heights, &["--web", "--blocksize", "256"]).lies((512, 512), place);
    folder.made(&heights, &["--web"]).lies((512, 512), place);
    let small = [cell, -cell, 1518956.6260830238, 6083164.4590474665];
    folder.made(&heights, &["--web", "--blocksize", "128"]).lies((256, 256), small);
}

/// GDAL's numbers for blocks of 256: of 512 there would be one column of two, which rio-cogeo takes for strips.
#[test]
fn tiles_are_smaller_where_they_would_be_taken_for_strips() {
    let folder = Folder::new();
    let source = file("cog_single_tile_wgs84.tif");
    let cell = 38.21851414258813;
    let made = folder.made(&source, &["--web"]);
    made.lies((256, 512), [cell, -cell, 1359967.607249856, 6114962.262814101]);
    assert_eq!(made.info["profile"]["blockxsize"], 256);
    assert_eq!(made.tags("TILING_SCHEME")["ZOOM_LEVEL"], "12");
    let named = folder.made(&source, &["--web", "--blocksize", "512"]);
    named.lies((512, 1024), [cell, -cell, 1350183.6676293537, 6124746.202434603]);
}

/// GDAL has no such set; the numbers are those of the set.
#[test]
fn longitudes_up_to_360_fill_a_set_of_the_whole_globe() {
    let folder = Folder::new();
    let globe = folder.globe("0,-90,360,90", "1");
    let made = folder.made(&globe, &["--web", "--tms", "WorldCRS84Quad", "--blocksize", "256"]);
    made.lies((512, 256), [0.703125, -0.703125, -180.0, 90.0]);
    assert!(!made.said.contains("warning"), "{}", made.said);
}

#[test]
fn gdal_s_words_for_tiles_are_understood() {
    let folder = Folder::new();
    let heights = file(HEIGHTS);
    let cell = 19.109257071294063;
    let items = |made: &Made| made.tags("TILING_SCHEME");
    let any_case = folder.made(&heights, &["-co", "TILING_SCHEME=googlemapscompatible"]);
    any_case.lies((512, 512), [cell, -cell, 1516510.6411778964, 6085610.443952592]);
    assert_eq!(
        any_case.info["levels"][0]["blocks"],
        folder.made(&heights, &["-co", GOOGLE]).info["levels"][0]["blocks"]
    );
    assert_eq!(items(&any_case), json!({"NAME": "GoogleMapsCompatible", "ZOOM_LEVEL": "13"}));
    let aligned = folder.made(&heights, &["-co", GOOGLE, "-co", "ALIGNED_LEVELS=3"]);
    aligned.lies((1024, 1024), [cell, -cell, 1506726.7015573941, 6085610.443952592]);
    assert_eq!(items(&aligned), json!({"NAME": "GoogleMapsCompatible", "ZOOM_LEVEL": "13", "ALIGNED_LEVELS": "3"}));
    let globe = folder.globe("-180,-90,180,90", "1");
    let upper = folder.made(&globe, &["-co", GOOGLE, "-co", "ZOOM_LEVEL=1"]);
    assert_eq!(upper.size(), (512, 512));
}

#[test]
fn blocks_are_as_large_as_tiles_where_gdal_s_words_ask_for_them() {
    let folder = Folder::new();
    let heights = file(HEIGHTS);
    let block = |more: &[&str]| folder.made(&heights, more).info["profile"]["blockxsize"].clone();
    assert_eq!(block(&["-co", GOOGLE]), 256);
    assert_eq!(block(&["--web", "--defaults", "gdal"]), 256);
    assert_eq!(block(&["-co", GOOGLE, "-co", "BLOCKSIZE=128"]), 128);
    assert_eq!(block(&["--web"]), 512);
    assert_eq!(block(&["-co", "TARGET_SRS=EPSG:3857"]), 512);
}

#[test]
fn items_of_the_grid_go_with_it() {
    let folder = Folder::new();
    let end = command::run(["convert", &file(RGB), &folder.path("web.tif"), "--web", "--blocksize", "256"]);
    assert!(end.is_success(), "{}", end.stderr);
    let web = folder.path("web.tif");
    let zoom = |more: &[&str]| folder.made(&web, more).tags("TILING_SCHEME")["ZOOM_LEVEL"].clone();
    assert_eq!(zoom(&[]), "13");
    assert_eq!(zoom(&["--compress", "lzw", "--copy-blocks", "never", "--blocksize", "256"]), "13");
    assert_eq!(zoom(&["--web"]), "12");
    let part = "1517000,6080000,1521000,6083000";
    for more in [
        &["--blocksize", "128"][..],
        &["--crs", "EPSG:4326"],
        &["--bounds", part],
        &["--resolution", "30"],
        &["--like", &file(RGB)],
    ] {
        assert_eq!(zoom(more), Value::Null, "{more:?}");
    }
    // In the grid that it has already nothing is warped: all blocks are copied.
    folder.made(&web, &["--web", "--blocksize", "256"]);
    assert!(std::fs::read(&web).unwrap() == std::fs::read(folder.path("out.tif")).unwrap());
}

#[test]
fn bounds_with_a_crs_are_filled_exactly() {
    let folder = Folder::new();
    let bounds = ["--bounds", "13.66,47.84,13.67,47.85"];
    let made = folder.made(&file(HEIGHTS), &[&["--crs", "EPSG:4326"], &bounds[..]].concat());
    made.lies((86, 86), [0.00011627906976743939, -0.00011627906976741873, 13.66, 47.85]);
    let own = ["--crs", "EPSG:32633", "--bounds", "400003,5299004,401007,5300001"];
    folder.made(&file(HEIGHTS), &own).lies((100, 100), [10.04, -9.97, 400003.0, 5300001.0]);
    let extent = ["-co", "TARGET_SRS=EPSG:3857", "-co", "EXTENT=1521000,6080000,1521910,6081030", "-co", "RES=25"];
    let place = [25.27777777777778, -25.121951219512194, 1521000.0, 6081030.0];
    folder.made(&file(HEIGHTS), &extent).lies((36, 41), place);
    // As gdalwarp -te -tr, which keeps the size of pixels.
    let kept = ["--crs", "EPSG:3857", "--bounds", "1521000,6080000,1521910,6081030", "--resolution", "25"];
    folder.made(&file(HEIGHTS), &kept).lies((36, 41), [25.0, -25.0, 1521000.0, 6081030.0]);
}

/// As `gdal_translate -projwin` no pixel is changed; unlike there, all that bounds touch are taken.
#[test]
fn bounds_alone_take_whole_pixels() {
    let folder = Folder::new();
    let made = folder.made(&file(RGB), &["--bounds", "400003,5299004,401007,5300001"]);
    made.lies((101, 101), [10.0, -10.0, 400000.0, 5300010.0]);
    assert_eq!(made.mask(), &json!(["all_valid"]), "nothing lies outside");
    let over = folder.made(&file(RGB), &["--bounds", "399900,5299540,400060,5300140"]);
    over.lies((16, 60), [10.0, -10.0, 399900.0, 5300140.0]);
    assert_eq!(over.mask(), &json!(["per_dataset"]));
    let whole = folder.made(&file(RGB), &["--bounds", "399960,5298540,401660,5300040"]);
    whole.lies((170, 150), [10.0, -10.0, 399960.0, 5300040.0]);
}

#[test]
fn nothing_in_common_is_an_error() {
    let folder = Folder::new();
    let rgb = file(RGB);
    let far = file("cog_single_tile_wgs84.tif");
    for (more, what) in [
        (&["--bounds", "0,0,10,10"][..], "the bounds 0,0,10,10 lie outside the image"),
        (&["--crs", "EPSG:4326", "--bounds", "20,45,21,46"], "the bounds 20,45,21,46 lie outside the image"),
        (&["--resolution", "5", "--bounds", "0,0,10,10"], "lie outside the image"),
        (&["--like", &far], "cog_single_tile_wgs84.tif lies outside of the image"),
        (&["--web", "--tms", "NZTM2000Quad"], "lies outside of the tile matrix set NZTM2000Quad"),
        (&["--web", "--tms", "GNOSISGlobalGrid"], "the tiles of GNOSISGlobalGrid are wider in some rows"),
    ] {
        let said = folder.refused(&rgb, more);
        assert!(said.contains(what) && said.lines().count() == 1, "{more:?}: {said}");
    }
}

#[test]
fn pixels_that_are_points_stay_points() {
    let folder = Folder::new();
    let raster_type = || {
        let tags = command::run(["tags", &folder.path("out.tif")]).stdout;
        let line = tags.lines().find(|line| line.contains("GTRasterType")).unwrap_or_default().to_owned();
        line.split_whitespace().last().unwrap_or_default().to_owned()
    };
    let place = [0.00012043535200873662, -0.00012043535200873662, 13.6628652904526, 47.84597696268407];
    let point = folder.made(&file(POINT), &["--crs", "EPSG:4326"]);
    point.lies((45, 23), place);
    assert_eq!(point.tags("")["AREA_OR_POINT"], "Point", "{}", point.info["tags"]);
    assert_eq!(raster_type(), "2");
    let area = folder.made(&file(RGB), &["--crs", "EPSG:4326"]);
    assert_eq!(area.tags("")["AREA_OR_POINT"], "Area", "{}", area.info["tags"]);
    assert_eq!(raster_type(), "1");
    let tiles = folder.made(&file(POINT), &["--web", "--blocksize", "256"]);
    let cell = 19.109257071294063;
    tiles.lies((512, 256), [cell, -cell, 1516510.6411778964, 6085610.443952592]);
    assert_eq!(tiles.tags("")["AREA_OR_POINT"], "Point");
}

#[test]
fn options_that_exclude_each_other_do_so_in_gdal_s_words_too() {
    let folder = Folder::new();
    let rgb = file(RGB);
    let crs = ["-co", "TARGET_SRS=EPSG:3857"];
    for (more, what) in [
        (&["-co", GOOGLE, crs[0], crs[1]][..], "TARGET_SRS) cannot be used with --web"),
        (&["--web", crs[0], crs[1]], "TARGET_SRS) cannot be used with --web"),
        (&["--like", &rgb, crs[0], crs[1]], "TARGET_SRS) cannot be used with --like"),
        (&["--like", &rgb, "-co", GOOGLE], "--like cannot be used with --web"),
        (&["-co", GOOGLE, "-co", "EXTENT=0,0,1,1"], "EXTENT) cannot be used with --web"),
        (&["-co", "ZOOM_LEVEL=3"], "need --web"),
        (&["-co", GOOGLE, "-co", "ZOOM_LEVEL=99"], "there is no zoom 99"),
        (&["-co", "COMPRESS=JXL"], "there are NONE, DEFLATE, LZW, ZSTD, PACKBITS, LZMA, JPEG, WEBP, LERC"),
        (&["-co", "TILING_SCHEME=Nowhere"], "no tile matrix set is called 'Nowhere'"),
    ] {
        let said = folder.refused(&rgb, more);
        assert!(said.contains(what), "{more:?}: {said}");
    }
}

#[test]
fn without_alpha_nothing_tells_what_lies_outside() {
    let folder = Folder::new();
    let crs = ["-co", "TARGET_SRS=EPSG:3857"];
    let masked = folder.made(&file(RGB), &crs);
    assert_eq!(masked.mask(), &json!(["per_dataset"]));
    let plain = folder.made(&file(RGB), &[&crs[..], &["-co", "ADD_ALPHA=NO"]].concat());
    assert_eq!(plain.mask(), &json!(["all_valid"]));
}

/// Cubic makes values that no pixel of the file has; of numbers of colours it makes none.
#[test]
fn gdal_s_defaults_warp_with_cubic_but_palettes_with_nearest() {
    let folder = Folder::new();
    let crs = ["--crs", "EPSG:3857", "--copy-blocks", "never"];
    let checksum = |source: &str, more: &[&str]| {
        folder.made(&file(source), &[&crs[..], more].concat());
        let end = command::run(["stats", "--json", &folder.path("out.tif")]);
        serde_json::from_str::<Value>(&end.stdout).unwrap()["bands"].clone()
    };
    for (source, method) in [(RGB, "cubic"), ("palette_lzw.tif", "nearest")] {
        let by_default = checksum(source, &["--defaults", "gdal"]);
        assert_eq!(by_default, checksum(source, &["--resampling", method]), "{source}");
        let other = if method == "cubic" { "nearest" } else { "cubic" };
        assert_ne!(by_default, checksum(source, &["--resampling", other]), "{source}");
    }
    assert_eq!(checksum(RGB, &[]), checksum(RGB, &["--resampling", "nearest"]));
}

#[test]
fn mixed_numbers_of_colours_are_told() {
    let folder = Folder::new();
    let said =
        |source: &str, method: &str| folder.made(&file(source), &["--crs", "EPSG:3857", "--resampling", method]).said;
    assert!(said("palette_lzw.tif", "bilinear").contains("numbers of colours, which bilinear mixes"));
    for (source, method) in [("palette_lzw.tif", "nearest"), ("palette_lzw.tif", "mode"), (RGB, "bilinear")] {
        assert!(!said(source, method).contains("warning"), "{source} {method}");
    }
}

/// A TIFF of 4 × 4 pixels that four ground control points in EPSG:32633 place.
fn placed_by_points() -> Vec<u8> {
    let points: [[f64; 2]; 4] = [[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 4.0]];
    let numbers = points.iter().flat_map(|[x, y]| [*x, *y, 0.0, 4e5 + 10.0 * x, 53e5 - 10.0 * y, 0.0]);
    let keys: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633];
    let arrays: Vec<u8> =
        numbers.flat_map(f64::to_le_bytes).chain(keys.into_iter().flat_map(u16::to_le_bytes)).chain([7; 16]).collect();
    let at = 8 + arrays.len() as u32;
    // Tag, type, count, value or its place.
    let entries: [(u16, u16, u32, u32); 11] = [
        (256, 4, 1, 4),
        (257, 4, 1, 4),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, at - 16),
        (277, 3, 1, 1),
        (278, 4, 1, 4),
        (279, 4, 1, 16),
        (33922, 12, 24, 8),
        (34735, 3, 16, 8 + 24 * 8),
    ];
    let mut file = [&b"II*\0"[..], &at.to_le_bytes(), &arrays, &(entries.len() as u16).to_le_bytes()].concat();
    for (tag, kind, count, value) in entries {
        file.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        file.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
    }
    file.extend([0; 4]);
    file
}

#[test]
fn a_raster_without_a_grid_is_named() {
    let folder = Folder::new();
    let like = folder.path("like.tif");
    std::fs::write(&like, placed_by_points()).unwrap();
    let said = folder.refused(&file(RGB), &["--like", &like]);
    assert!(said.contains("like.tif") && said.contains("ground control points alone"), "{said}");
    let said = folder.refused(&file(RGB), &["--like", &file("no_georeference.tif")]);
    assert!(said.contains("--like") && said.contains("no_georeference.tif: the file has no CRS"), "{said}");
}
