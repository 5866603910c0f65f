//! `cog convert`: what becomes of pixels without data. Counts and extremes of the sources are NumPy's.

use serde_json::Value;

use crate::command::{self, file};

/// What a COG says of itself: its nodata, the sort of its mask, how many pixels hold data, their minimum and maximum; then what was said.
fn told(source: &str, more: &[&str]) -> ((Option<f64>, String, u64, f64, f64), String) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.tif").to_str().unwrap().to_owned();
    let end = command::run([&["convert", &file(source), &out, "--blocksize", "64"], more].concat());
    assert!(end.is_success(), "{source} {more:?}: {}", command::failure(&end));
    let info = command::info(out.as_ref()).unwrap();
    let stats = command::run(["stats", "--json", &out]);
    let stats: Value = serde_json::from_str(&stats.stdout).unwrap();
    let band = &stats["bands"][0];
    let mask = info["mask_flags"][0].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap()).collect::<Vec<_>>();
    let number = |name: &str| band[name].as_f64().unwrap();
    let told =
        (info["nodatavals"][0].as_f64(), mask.join(" "), band["count"].as_u64().unwrap(), number("min"), number("max"));
    (told, end.stderr)
}

const HEIGHTS: &str = "cog_lzw_p2_int16_nodata.tif";
const MASKED: &str = "cog_deflate_uint16_mask.tif";

#[test]
fn another_nodata_is_another_name_where_samples_stay() {
    // -9999 is a height as others now; 22673 is the highest, once.
    let (told, _) = told(HEIGHTS, &["--nodata", "22673"]);
    assert_eq!((told.0, told.1.as_str(), told.2, told.3), (Some(22673.0), "nodata", 15_599, -27_903.0));
}

#[test]
fn what_a_file_left_out_keeps_its_value_when_nodata_gets_another_name() {
    // 8876 pixels of this file are -1, most of them in blocks that were never written.
    let folder = tempfile::tempdir().unwrap();
    for nodata in ["none", "7"] {
        let out = folder.path().join(format!("{nodata}.tif"));
        let out = out.to_str().unwrap();
        let end = command::run(["convert", &file("sparse_nodata.tif"), out, "--blocksize", "64", "--nodata", nodata]);
        assert!(end.is_success(), "{}", command::failure(&end));
        let stats: Value = serde_json::from_str(&command::run(["stats", "--json", out]).stdout).unwrap();
        assert_eq!((&stats["bands"][0]["majority"], &stats["bands"][0]["count"]), (&(-1.0).into(), &9900.into()));
    }
}

#[test]
fn samples_of_another_type_without_data_become_the_new_nodata() {
    let (of_floats, _) = told(HEIGHTS, &["--dtype", "float32", "--nodata", "0.5"]);
    assert_eq!(of_floats, (Some(0.5), "nodata".into(), 13_854, -27_903.0, 22_673.0));
}

#[test]
fn a_nodata_that_the_new_type_cannot_hold_becomes_a_mask_and_is_told() {
    for option in [["--dtype", "uint8"], ["--rescale", "-27903,22673"]] {
        let (of_bytes, said) = told(HEIGHTS, &option);
        assert_eq!(of_bytes, (None, "per_dataset".into(), 13_854, 0.0, 255.0));
        assert!(said.contains("uint8 cannot hold its nodata -9999; a mask takes its place"), "{said}");
    }
}

#[test]
fn a_nodata_takes_the_place_of_a_mask() {
    let (of_masked, _) = told(MASKED, &["--nodata", "0"]);
    assert_eq!(of_masked, (Some(0.0), "nodata".into(), 18_779, 5004.0, 55_515.0));
}

#[test]
fn in_another_grid_a_nodata_is_enough() {
    let grid = ["--crs", "EPSG:32632"];
    let (plain, _) = told(HEIGHTS, &grid);
    assert_eq!((plain.0, plain.1.as_str(), plain.3, plain.4), (Some(-9999.0), "nodata", -27_903.0, 22_673.0));
    let (other, _) = told(HEIGHTS, &[&grid[..], &["--nodata", "-30000"]].concat());
    assert_eq!(other, (Some(-30_000.0), plain.1, plain.2, plain.3, plain.4));
    let (masked, _) = told(MASKED, &grid);
    assert_eq!((masked.0, masked.1.as_str()), (None, "per_dataset"));
    let (named, _) = told(MASKED, &[&grid[..], &["--nodata", "0"]].concat());
    assert_eq!(named, (Some(0.0), "nodata".into(), masked.2, masked.3, masked.4));
}

#[test]
fn without_nodata_all_samples_hold_data_in_another_type_too() {
    let (of_integers, _) = told(HEIGHTS, &["--nodata", "none", "--dtype", "int32"]);
    assert_eq!(of_integers, (None, "all_valid".into(), 15_600, -27_903.0, 22_673.0));
}

#[test]
fn blocks_that_were_never_written_hold_zeros_where_a_file_has_no_nodata() {
    let (masked, _) = told("sparse_zero.tif", &["--add-mask"]);
    assert_eq!((masked.1.as_str(), masked.2), ("per_dataset", 9900));
    for dtype in ["int16", "int32"] {
        let (named, _) = told("sparse_zero.tif", &["--nodata", "-5", "--dtype", dtype]);
        assert_eq!(named, (Some(-5.0), "nodata".into(), 9900, -39.0, 19_470.0));
    }
}

#[test]
fn nodata_fits_into_the_bits_of_a_sample() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.tif");
    let end = command::run(["convert", &file("bits4_lzw_tiles.tif"), out.to_str().unwrap(), "--nodata", "16"]);
    command::assert_one_clear_line(&end, &["uint8 of 4 bits cannot hold 16"]);
}

#[test]
fn statistics_stand_where_a_copy_of_the_file_puts_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let source = file("cog_scale_offset_units_descriptions.tif");
    assert!(command::run(["convert", &source, &path("a.tif"), "--statistics"]).is_success());
    assert!(command::run(["convert", &path("a.tif"), &path("b.tif")]).is_success());
    assert!(std::fs::read(path("a.tif")).unwrap() == std::fs::read(path("b.tif")).unwrap());
}
