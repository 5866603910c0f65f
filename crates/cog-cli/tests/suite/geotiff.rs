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
    ] {
        let file = testdata(file);
        let whole = place.write("whole.tif", &[&["read", &file], more].concat());
        let limited = [&["read", &file, "--max-output", "8KiB"], more].concat();
        let end = command::run([&limited[..], &["-o", place.path("n.npy").to_str().unwrap()]].concat());
        assert_eq!(end.code, Some(1), "an array is refused: {more:?}");
        let parts = place.write("parts.tif", &[&["read", &file, "--max-output", "90KB"], more].concat());
        assert_eq!(place.pixels(whole.to_str().unwrap()), place.pixels(parts.to_str().unwrap()), "{file} {more:?}");
        let (whole, parts) = (command::info(whole.as_os_str()).unwrap(), command::info(parts.as_os_str()).unwrap());
        for field in ["profile", "bounds", "overviews", "mask_flags", "colorinterp"] {
            assert_eq!(whole[field], parts[field], "{file} {more:?} {field}");
        }
    }
}
