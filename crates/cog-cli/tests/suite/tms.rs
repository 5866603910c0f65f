//! `cog tms` and `cog create-tms`: tile matrix sets, next to morecantile and rasterio.

use crate::command;
use cog_testkit::{Corpus, python};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

fn printed(arguments: &[&str]) -> String {
    let end = command::run(arguments);
    assert!(end.is_success(), "{arguments:?}: {}", command::failure(&end));
    end.stdout
}

#[test]
fn the_known_sets_are_listed() {
    let text = printed(&["tms"]);
    assert_eq!(text.lines().count(), 13);
    assert!(
        text.contains("WebMercatorQuad           EPSG:3857   0 to 24    Google Maps Compatible for the World\n"),
        "{text}"
    );
    assert!(text.contains("CDB1GlobalGrid            EPSG:4326   -10 to 21  "), "{text}");
    let list: Value = serde_json::from_str(&printed(&["tms", "--json"])).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 13);
    let expected = json!({"id": "WorldCRS84Quad", "title": "CRS84 for the World", "crs": "OGC:CRS84", "zoom": {"min": 0, "max": 23}});
    assert!(list.as_array().unwrap().contains(&expected), "{list}");
}

/// Files of the test data that have a grid.
const FILES: [&str; 6] = [
    "cog_web_mercator.tif",
    "cog_single_tile_wgs84.tif",
    "cog_deflate_uint16_mask.tif",
    "overviews_and_mask_by_gdaladdo.tif",
    "lzw_uint8_strips.tif",
    "pixel_is_point.tif",
];

#[test]
fn what_is_printed_is_what_morecantile_and_rasterio_know() {
    let list: Value = serde_json::from_str(&printed(&["tms", "--json"])).unwrap();
    let names = list.as_array().unwrap().iter().map(|set| set["id"].as_str().unwrap().to_string());
    let mut items: Vec<Value> = names.map(|name| json!({"json": printed(&["tms", &name]), "name": name})).collect();
    for file in FILES.map(testdata) {
        items.push(json!({"json": printed(&["tms", &file]), "file": file}));
    }
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("tms.json");
    std::fs::write(&input, serde_json::to_vec(&items).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/tms.py");
    let test = "what_is_printed_is_what_morecantile_and_rasterio_know";
    let Some(problems) = python::judge(test, &script, &input, Duration::from_secs(300)).unwrap() else { return };
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn every_file_of_the_corpus_has_the_grid_that_rasterio_sees() {
    let test = "every_file_of_the_corpus_has_the_grid_that_rasterio_sees";
    let Some(corpus) = Corpus::from_env().unwrap() else {
        return cog_testkit::not_run(test, "COG_CORPUS");
    };
    let files = corpus.well_formed().unwrap();
    let ends = cog_testkit::parallel::map(&files, command::THREADS, |file| {
        command::run(["tms".as_ref(), file.path.as_os_str()])
    });
    let mut items = Vec::new();
    let mut without = 0;
    for (file, end) in files.iter().zip(&ends) {
        if end.is_success() {
            items.push(json!({"json": end.stdout, "file": file.path.to_str().unwrap()}));
        } else {
            // Each says why: no place, no CRS, rotated, pixels that are not square, a file that cannot be read.
            command::assert_one_clear_line(end, &[file.name()]);
            without += 1;
        }
    }
    println!("{} grids, {without} files without", items.len());
    assert!(items.len() > 450);
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("tms.json");
    std::fs::write(&input, serde_json::to_vec(&items).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/tms.py");
    let Some(problems) = python::judge(test, &script, &input, Duration::from_secs(600)).unwrap() else { return };
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn latitude_comes_first_where_the_crs_has_it_first() {
    let file = testdata("cog_single_tile_wgs84.tif");
    let two: Value = serde_json::from_str(&printed(&["tms", &file])).unwrap();
    let one: Value = serde_json::from_str(&printed(&["create-tms", &file])).unwrap();
    assert_eq!(two["orderedAxes"], json!(["Lat", "Lon"]));
    let corner = &one["tileMatrix"][0]["topLeftCorner"];
    // aiocogeo has x first.
    assert_eq!(two["tileMatrices"][0]["pointOfOrigin"], json!([corner[1], corner[0]]));
    assert_eq!(two["id"], one["identifier"]);
    assert_eq!(two["tileMatrices"][0]["scaleDenominator"], one["tileMatrix"][0]["scaleDenominator"]);
}

#[test]
fn what_has_no_grid_is_one_line() {
    let rotated = testdata("rotated_model_transformation.tif");
    let nowhere = testdata("no_georeference.tif");
    for (words, says) in [
        (&["tms", "WebMercator"][..], &["'WebMercator'", "cog tms lists"][..]),
        (&["tms", "no-such.tif"], &["no-such.tif"]),
        (&["tms", &rotated], &["is rotated"]),
        (&["create-tms", &rotated], &["is rotated"]),
        (&["tms", &nowhere], &["no_georeference.tif", "no geotransform"]),
    ] {
        let end = command::run(words);
        assert_eq!(end.code, Some(1), "{words:?}");
        command::assert_one_clear_line(&end, says);
    }
    assert_eq!(command::run(["tms", "--json", "a.tif"]).code, Some(2));
}
