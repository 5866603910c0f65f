//! `cog bounds`: outlines of files as GeoJSON.

use crate::command;
use cog_testkit::Corpus;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

fn printed(arguments: &[&str]) -> Value {
    let end = command::run(arguments);
    assert!(end.is_success(), "{arguments:?}: {}", command::failure(&end));
    serde_json::from_str(&end.stdout).unwrap_or_else(|e| panic!("{e}: {}", end.stdout))
}

/// A file of one gray pixel after another, whose pixels are this wide and high, in this CRS.
fn made(folder: &Path, name: &str, (width, height): (u16, u16), corner: (f64, f64), pixel: f64, epsg: u16) -> PathBuf {
    let geographic = epsg == 4326;
    let keys: [u16; 12] =
        [1, 1, 0, 2, 1024, 0, 1, if geographic { 2 } else { 1 }, if geographic { 2048 } else { 3072 }, 0, 1, epsg];
    let data = usize::from(width) * usize::from(height);
    let after = 8 + data as u32;
    let doubles: Vec<f64> = vec![pixel, pixel, 0.0, 0.0, 0.0, 0.0, corner.0, corner.1, 0.0];
    let (tie, directory) = (after + 24, after + 72);
    let ifd = directory + 24;
    let entries: [(u16, u16, u32, u32); 12] = [
        (256, 3, 1, u32::from(width)),
        (257, 3, 1, u32::from(height)),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 3, 1, u32::from(height)),
        (279, 4, 1, data as u32),
        (33550, 12, 3, after),
        (33922, 12, 6, tie),
        (34735, 3, 12, directory),
    ];
    let mut bytes = b"II*\0".to_vec();
    bytes.extend(ifd.to_le_bytes());
    bytes.resize(8 + data, 7);
    bytes.extend(doubles.iter().flat_map(|n| n.to_le_bytes()));
    bytes.extend(keys.iter().flat_map(|n| n.to_le_bytes()));
    bytes.extend(12_u16.to_le_bytes());
    for (tag, kind, count, value) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend([0; 4]);
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn one_file_is_a_feature_and_several_are_a_collection() {
    let (one, other) = (testdata("cog_web_mercator.tif"), testdata("cog_single_tile_wgs84.tif"));
    let feature = printed(&["bounds", &one]);
    assert_eq!(feature["type"], "Feature");
    assert_eq!(feature["properties"]["input"], json!(one));
    assert_eq!(feature["properties"]["crs"], "EPSG:3857");
    assert_eq!(feature["geometry"]["type"], "Polygon");
    // Four edges with 21 places between their corners, and the first place again.
    assert_eq!(feature["geometry"]["coordinates"][0].as_array().unwrap().len(), 4 * 22 + 1);
    // Nothing is transformed from WGS 84 to WGS 84.
    let plain = printed(&["bounds", &other]);
    assert_eq!(plain["geometry"]["coordinates"][0].as_array().unwrap().len(), 5);
    let all = printed(&["bounds", &one, &other]);
    assert_eq!(all, json!({"type": "FeatureCollection", "features": [feature, plain]}));
    let listed = printed(&["bounds", "--list", &one]);
    assert_eq!(listed, json!({"type": "FeatureCollection", "features": [feature]}));
}

#[test]
fn bounds_are_those_of_cog_info() {
    for name in
        ["cog_web_mercator.tif", "cog_single_tile_wgs84.tif", "cog_deflate_uint16_mask.tif", "pixel_is_point.tif"]
    {
        let file = testdata(name);
        let info = command::info(file.as_ref()).unwrap();
        let feature = printed(&["bounds", &file]);
        for (a, b) in info["geographic_bounds"].as_array().unwrap().iter().zip(feature["bbox"].as_array().unwrap()) {
            assert!((a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-9, "{name}: {info} {feature}");
        }
    }
}

#[test]
fn another_crs_is_named() {
    let file = testdata("cog_web_mercator.tif");
    let native = printed(&["bounds", &file, "--crs", "EPSG:3857"]);
    assert_eq!(native["crs"], json!({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}));
    assert_eq!(native["geometry"]["coordinates"][0].as_array().unwrap().len(), 5);
    let info = command::info(file.as_ref()).unwrap();
    assert_eq!(native["bbox"], info["bounds"]);
    for wgs84 in ["EPSG:4326", "OGC:CRS84", "+proj=longlat +datum=WGS84"] {
        assert_eq!(printed(&["bounds", &file, "--crs", wgs84]), printed(&["bounds", &file]), "{wgs84}");
    }
    let mollweide = printed(&["bounds", &file, "--crs", "ESRI:54009", "--densify", "3"]);
    assert_eq!(mollweide["crs"]["properties"]["name"], "urn:ogc:def:crs:ESRI::54009");
    assert_eq!(mollweide["geometry"]["coordinates"][0].as_array().unwrap().len(), 17);
}

#[test]
fn the_antimeridian_cuts_an_outline_in_two() {
    let folder = tempfile::tempdir().unwrap();
    let degrees = made(folder.path(), "degrees.tif", (40, 20), (160.0, 10.0), 1.0, 4326);
    let feature = printed(&["bounds", degrees.to_str().unwrap()]);
    assert_eq!(feature["bbox"], json!([160.0, -10.0, -160.0, 10.0]));
    assert_eq!(feature["geometry"]["type"], "MultiPolygon");
    assert_eq!(feature["geometry"]["coordinates"].as_array().unwrap().len(), 2);
    let utm = made(folder.path(), "utm.tif", (50, 50), (600_000.0, 7_000_000.0), 10_000.0, 32660);
    assert_eq!(printed(&["bounds", utm.to_str().unwrap()])["geometry"]["type"], "MultiPolygon");
    let pole = made(folder.path(), "pole.tif", (50, 50), (-250_000.0, 250_000.0), 10_000.0, 3031);
    let feature = printed(&["bounds", pole.to_str().unwrap()]);
    assert_eq!((&feature["geometry"]["type"], &feature["bbox"][1]), (&json!("Polygon"), &json!(-90.0)));
}

#[test]
fn the_bad_file_is_named_and_the_others_are_printed() {
    let (good, nowhere) = (testdata("cog_web_mercator.tif"), testdata("no_georeference.tif"));
    let end = command::run(["bounds", "no-such.tif", &good, &nowhere]);
    assert_eq!(end.code, Some(1));
    let errors: Vec<&str> = end.stderr.lines().collect();
    assert!(
        matches!(errors.as_slice(), [a, b] if a.contains("no-such.tif") && b.contains("no_georeference.tif")),
        "{errors:?}"
    );
    let collection: Value = serde_json::from_str(&end.stdout).unwrap();
    assert_eq!(collection["features"].as_array().unwrap().len(), 1);
    let none = command::run(["bounds", &nowhere]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""));
    command::assert_one_clear_line(&none, &["no_georeference.tif", "has no"]);
    let none = command::run(["bounds", "no-such.tif", &nowhere]);
    assert_eq!(none.stdout, "{\"type\":\"FeatureCollection\",\"features\":[]}\n");
}

#[test]
fn a_crs_that_nobody_knows_is_a_wrong_command_line() {
    for (crs, says) in [("EPSG:1", "EPSG:1"), ("nonsense", "no CRS"), ("GEOGCS[", "WKT")] {
        let end = command::run(["bounds", "no-such.tif", "--crs", crs]);
        assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{crs}");
        assert!(end.stderr.contains(says) && !end.stderr.contains("no-such.tif"), "{}", end.stderr);
    }
    let end = command::run(["bounds", &testdata("cog_web_mercator.tif"), "--crs", "EPSG:5773"]);
    assert_eq!(end.code, Some(1));
    command::assert_one_clear_line(&end, &["cog_web_mercator.tif", "not supported"]);
    assert_eq!(command::run(["bounds", "a.tif", "--densify", "-1"]).code, Some(2));
}
