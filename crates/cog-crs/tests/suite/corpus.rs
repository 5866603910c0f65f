//! The CRS of every file of the corpus: rasterio says what GDAL finds, pyproj whether both are one.

use cog_crs::Crs;
use cog_testkit::{Corpus, python};
use cog_tiff::{GeoKeys, Tiff};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Files where we say otherwise than GDAL, and why.
const EXCEPTIONS: [(&str, &str); 8] = [
    (
        "malformed/geokeys_ascii_index_past.tif",
        "GDAL drops the whole directory for one key that points outside; we drop the key",
    ),
    ("malformed/geokeys_doubles_location_past.tif", "as above"),
    (
        "malformed/geokeys_key_count_5000.tif",
        "GDAL drops a directory that declares more keys than it holds; we read those it holds",
    ),
    (
        "malformed/geokeys_location_unknown_tag.tif",
        "GDAL drops the whole directory for a key in an unknown tag; we drop the key",
    ),
    (
        "real/gdal-autotest/citation_mixedcase.tif",
        "the definition is that of EPSG:2913; GDAL does not see it, for the unit has another name",
    ),
    (
        "real/georust-geotiff/merc.tif",
        "GDAL finds the same CRS; rasterio shows none, for WKT1 has no Mercator with an origin off the equator",
    ),
    ("real/node-gdal/unsupported-srs.tif", "as above"),
    (
        "crs-projection-key-only/input.tif",
        "UTM 32N on a datum without a name: GDAL guesses the ETRS89 one of several codes",
    ),
];

fn describe(path: &Path) -> Value {
    let crs = std::fs::File::open(path).ok().and_then(|mut file| {
        let tiff = Tiff::read(&mut file).ok()?;
        let keys = tiff.ifds().first().and_then(GeoKeys::of)?;
        Crs::from_geo_keys(&keys).ok().flatten()
    });
    match crs {
        Some(crs) => json!({"wkt2": crs.to_wkt2(), "projjson": crs.to_projjson(), "epsg": crs.epsg()}),
        None => json!({"wkt2": null, "projjson": null, "epsg": null}),
    }
}

#[test]
fn crs_of_files_are_those_of_gdal() {
    for corpus in Corpus::all("crs_of_files_are_those_of_gdal").unwrap() {
        let files = corpus.files().unwrap();
        let items: Vec<Value> = files
            .iter()
            .map(|file| {
                let mut item = describe(&file.path);
                item["name"] = json!(file.name());
                item["path"] = json!(file.path);
                item
            })
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("crs.json");
        std::fs::write(&input, serde_json::to_vec(&items).unwrap()).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/corpus.py");
        let test = format!("crs_of_files_are_those_of_gdal ({})", corpus.name());
        let Some(said) = python::judge(&test, &script, &input, Duration::from_secs(900)).unwrap() else { return };
        let (mut equal, mut coordinates, mut none, mut unread, mut codes, mut wrong) = (0, 0, 0, 0, 0, Vec::new());
        let (mut uncoded, mut excepted_files, mut excepted_uncoded) = (0, 0, 0);
        for (line, item) in said.lines().zip(&items) {
            let verdict: Value = serde_json::from_str(line).unwrap();
            let name = verdict["name"].as_str().unwrap();
            assert_eq!(item["name"], verdict["name"]);
            let excepted = EXCEPTIONS.iter().any(|(file, _)| *file == name);
            let has_no_code = verdict.get("epsg_expected").is_some_and(Value::is_null);
            uncoded += usize::from(has_no_code);
            excepted_files += usize::from(excepted);
            excepted_uncoded += usize::from(excepted && has_no_code);
            match verdict["verdict"].as_str().unwrap() {
                "equal" => equal += 1,
                "coordinates" => coordinates += 1,
                "none" => none += 1,
                "unread" => unread += 1,
                _ if excepted => {}
                other => wrong
                    .push(format!("{name}: {other}\n  ours     {}\n  expected {}", item["wkt2"], verdict["expected"])),
            }
            if verdict["epsg_expected"] == item["epsg"] {
                codes += 1;
            } else if item["wkt2"].is_string()
                && !verdict["epsg_expected"].is_null() | (verdict.get("epsg_expected").is_some())
                && !excepted
            {
                wrong.push(format!("{name}: EPSG {} instead of {}", item["epsg"], verdict["epsg_expected"]));
            }
        }
        println!(
            "{}: {} files; {equal} equal for pyproj, {coordinates} by coordinates, {none} without a CRS, {unread} not opened by GDAL; {codes} EPSG codes equal",
            corpus.name(),
            files.len()
        );
        println!("  {excepted_files} are excepted; of {uncoded} without an EPSG code {excepted_uncoded}");
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
        assert!(excepted_files * 100 <= files.len() && excepted_uncoded * 10 <= uncoded);
    }
}
