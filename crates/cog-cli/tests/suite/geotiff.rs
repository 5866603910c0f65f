//! Arrays written as GeoTIFFs, and read again.

use std::path::PathBuf;

use cog_testkit::Corpus;
use cog_testkit::npy::Npy;
use serde_json::Value;

use crate::command;

const RGB: &str = "cog_deflate_p2_uint8_rgb.tif";

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `cog … -o NAME`; the bytes of the array, or what `cog info` says of the file.
    #[track_caller]
    fn write(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let path = self.path(name);
        let end = command::run([arguments, &["-o", path.to_str().unwrap()]].concat());
        assert!(end.is_success(), "{arguments:?}: {}", command::failure(&end));
        path
    }

    /// Pixels and mask of a file.
    fn pixels(&self, file: &str) -> (Vec<u64>, Vec<u8>, Vec<u8>) {
        let (array, mask) = (self.path("pixels.npy"), self.path("mask.npy"));
        command::read(file.as_ref(), &array, &mask, &[]).unwrap();
        let array = Npy::open(&array).unwrap();
        (array.shape.clone(), array.bytes().unwrap(), Npy::open(&mask).unwrap().bytes().unwrap())
    }

    /// The TIFF has the pixels and the mask that the same command writes as NumPy files.
    #[track_caller]
    fn assert_alike(&self, arguments: &[&str]) -> Value {
        let (array, mask) = (self.path("a.npy"), self.path("m.npy"));
        let more = [arguments, &["--mask", mask.to_str().unwrap()]].concat();
        let _ = std::fs::remove_file(&mask);
        self.write("a.npy", &more);
        let tif = self.write("a.tif", arguments);
        let array = Npy::open(&array).unwrap();
        let (shape, bytes, valid) = self.pixels(tif.to_str().unwrap());
        assert_eq!(shape, array.shape, "{arguments:?}");
        assert!(bytes == array.bytes().unwrap(), "{arguments:?}: other pixels");
        assert!(valid == Npy::open(&mask).unwrap().bytes().unwrap(), "{arguments:?}: another mask");
        command::info(tif.as_os_str()).unwrap()
    }
}

#[test]
fn a_geotiff_holds_pixels_mask_and_place() {
    let place = Place::new();
    let rgb = testdata(RGB);
    let info = place.assert_alike(&["read", &rgb]);
    let own = command::info(rgb.as_ref()).unwrap();
    for field in ["bounds", "colorinterp", "nodatavals", "geographic_bounds", "mask_flags"] {
        assert_eq!(info[field], own[field], "{field}");
    }
    for field in ["crs", "transform", "dtype"] {
        assert_eq!(info["profile"][field], own["profile"][field], "{field}");
    }
    assert_eq!((&info["cog"]["layout"], &info["cog"]["announced"]), (&true.into(), &true.into()));
    let part = place.assert_alike(&["read", &rgb, "--window", "10,20,64,32", "--bands", "3,1"]);
    assert_eq!(part["profile"]["transform"], serde_json::json!([10.0, 0.0, 400060.0, 0.0, -10.0, 5299840.0]));
    for file in ["cog_deflate_uint16_mask.tif", "cog_lzw_p2_int16_nodata.tif", "cog_lzw_rgba_alpha.tif"] {
        let file = testdata(file);
        let info = place.assert_alike(&["read", &file]);
        let own = command::info(file.as_ref()).unwrap();
        assert_eq!((&info["mask_flags"], &info["colorinterp"]), (&own["mask_flags"], &own["colorinterp"]), "{file}");
    }
}

#[test]
fn what_commands_make_has_its_place() {
    let place = Place::new();
    let rgb = testdata(RGB);
    let warped = place.assert_alike(&["read", &rgb, "--crs", "EPSG:3857", "--resampling", "bilinear"]);
    assert_eq!(warped["profile"]["crs"], "EPSG:3857");
    let index = place.assert_alike(&["read", &rgb, "--expression", "(b1-b2)/(b1+b2)"]);
    assert_eq!((&index["profile"]["dtype"], &index["profile"]["count"]), (&"float32".into(), &1.into()));
    let dem = testdata("cog_lzw_p2_int16_nodata.tif");
    let painted = place.assert_alike(&["read", &dem, "--rescale", "-20000,20000", "--colormap", "viridis"]);
    assert_eq!(painted["colorinterp"], serde_json::json!(["red", "green", "blue"]));
    assert_eq!(painted["mask_flags"][0], serde_json::json!(["per_dataset"]));
    let mosaic = place.assert_alike(&["mosaic", &rgb]);
    assert_eq!(mosaic["profile"]["crs"], "EPSG:32633");
    let tile = place.assert_alike(&["tile", &rgb, "13", "4405", "2847"]);
    assert_eq!((&tile["profile"]["width"], &tile["profile"]["crs"]), (&256.into(), &"EPSG:3857".into()));
    let preview = command::info(place.write("p.tif", &["preview", &rgb, "--max-size", "50"]).as_os_str()).unwrap();
    assert_eq!((&preview["profile"]["width"], &preview["profile"]["crs"]), (&50.into(), &"EPSG:32633".into()));
}

/// An array that is more than may be in memory has the same bytes as one that is not.
#[test]
fn an_array_larger_than_the_limit_is_written_all_the_same() {
    let place = Place::new();
    for (file, more) in [
        (RGB, &[][..]),
        (RGB, &["--window", "10,20,150,120"]),
        (RGB, &["--window", "64,64,100,80", "--bands", "2"]),
        ("cog_deflate_uint16_mask.tif", &[]),
        ("cog_lzw_p2_int16_nodata.tif", &["--rescale", "-20000,20000"]),
        (RGB, &["--level", "1"]),
        ("cog_scale_offset_units_descriptions.tif", &[]),
    ] {
        let file = testdata(file);
        let whole = place.write("whole.tif", &[&["read", &file], more].concat());
        let limited = [&["read", &file, "--max-output", "8KiB"], more].concat();
        let end = command::run([&limited[..], &["-o", place.path("n.npy").to_str().unwrap()]].concat());
        assert_eq!(end.code, Some(1), "an array is refused: {more:?}");
        let parts = place.write("parts.tif", &[&["read", &file, "--max-output", "90KB"], more].concat());
        assert_eq!(place.pixels(whole.to_str().unwrap()), place.pixels(parts.to_str().unwrap()), "{file} {more:?}");
        let (whole, parts) = (command::info(whole.as_os_str()).unwrap(), command::info(parts.as_os_str()).unwrap());
        for field in ["profile", "bounds", "overviews", "mask_flags", "colorinterp", "scales", "units", "descriptions"]
        {
            assert_eq!(whole[field], parts[field], "{file} {more:?} {field}");
        }
    }
}

/// Fields of `cog info --json` that say what bands mean.
const OF_BANDS: [&str; 8] =
    ["colorinterp", "colormap", "descriptions", "scales", "offsets", "units", "nodatavals", "gcps"];

#[test]
fn a_geotiff_says_of_bands_what_the_file_says_of_them() {
    let place = Place::new();
    for file in [
        "palette_lzw.tif",
        "bits4_lzw_tiles.tif",
        "cog_scale_offset_units_descriptions.tif",
        "pixel_is_point.tif",
        "gdal_metadata_domains.tif",
        "bits1_white_is_zero_deflate_tiles.tif",
    ] {
        let file = testdata(file);
        let (info, own) = (place.assert_alike(&["read", &file]), command::info(file.as_ref()).unwrap());
        for field in OF_BANDS {
            assert_eq!(info.get(field), own.get(field), "{file}: {field}");
        }
        for field in ["transform", "crs"] {
            assert_eq!(info["profile"][field], own["profile"][field], "{file}: {field}");
        }
        assert_eq!(info["tags"][""]["AREA_OR_POINT"], own["tags"][""]["AREA_OR_POINT"], "{file}");
    }
    // Bands in another order, in another CRS, unscaled, and what is no band of the file any more.
    let file = testdata("cog_scale_offset_units_descriptions.tif");
    let own = command::info(file.as_ref()).unwrap();
    let second = place.assert_alike(&["read", &file, "--bands", "2", "--window", "3,4,20,10"]);
    let warped = place.assert_alike(&["read", &file, "--crs", "EPSG:3857"]);
    let mosaic = place.assert_alike(&["mosaic", &file]);
    for field in ["descriptions", "scales", "offsets", "units"] {
        assert_eq!(second[field][0], own[field][1], "{field}");
        assert_eq!(warped[field], own[field], "{field}");
        assert_eq!(mosaic[field], own[field], "{field}");
    }
    let unscaled = place.assert_alike(&["read", &file, "--unscale"]);
    assert_eq!(unscaled["scales"][0], 1.0);
    assert_eq!((&unscaled["units"], &unscaled["descriptions"]), (&own["units"], &own["descriptions"]));
    let index = place.assert_alike(&["read", &file, "--expression", "b1*2"]);
    assert_eq!((&index["scales"], &index["units"][0]), (&serde_json::json!([1.0]), &Value::Null));
    // gdalwarp keeps it too.
    let point = place.assert_alike(&["read", &testdata("pixel_is_point.tif"), "--crs", "EPSG:3857"]);
    assert_eq!(point["tags"][""]["AREA_OR_POINT"], "Point", "{}", point["tags"]);
    let count = place.assert_alike(&["mosaic", &testdata("palette_lzw.tif"), "--pixel-selection", "count"]);
    assert_eq!(count["colorinterp"], serde_json::json!(["gray"]));
}

/// Which samples hold data takes memory too.
#[test]
fn an_array_that_fits_without_its_flags_alone_is_read_in_parts() {
    let place = Place::new();
    let palette = testdata("palette_lzw.tif");
    let tif = place.write("large.tif", &["read", &palette, "--width", "900", "--resampling", "nearest"]);
    let tif = tif.to_str().unwrap();
    let own = command::info(tif.as_ref()).unwrap();
    let bytes = own["profile"]["width"].as_u64().unwrap() * own["profile"]["height"].as_u64().unwrap();
    let limit = (bytes + bytes / 2).to_string();
    let parts = place.write("parts.tif", &["read", tif, "--max-output", &limit]);
    assert_eq!(place.pixels(tif), place.pixels(parts.to_str().unwrap()), "{limit} of {bytes}");
    assert_eq!(command::info(parts.as_os_str()).unwrap()["colormap"], own["colormap"]);
}

#[test]
fn overviews_of_a_palette_hold_its_own_numbers() {
    let place = Place::new();
    let palette = testdata("palette_lzw.tif");
    let large = ["read", &palette, "--width", "1200", "--resampling", "nearest"];
    let tif = place.write("large.tif", &large);
    let info = command::info(tif.as_os_str()).unwrap();
    assert_eq!(info["colorinterp"], serde_json::json!(["palette"]));
    let numbers = |level: &str| {
        let array = place.write("level.npy", &["read", tif.to_str().unwrap(), "--level", level]);
        let bytes = Npy::open(&array).unwrap().bytes().unwrap();
        bytes.into_iter().collect::<std::collections::BTreeSet<u8>>()
    };
    assert!(numbers("1").is_subset(&numbers("0")), "{:?}", numbers("1"));
}
