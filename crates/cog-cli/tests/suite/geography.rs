//! What `cog info` says of a file's place: its CRS as rasterio finds it, its geographic bounds and zooms as rio-tiler computes them.

use crate::command;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cog_testkit::{Corpus, CorpusFile, parallel, python};
use serde_json::{Value, json};

/// Files that lie elsewhere than rio-tiler says: (name, why).
const PLACES: &[(&str, &str)] = &[
    ("generated/georef/gtiff_crs_eqc_user.tif", "on a sphere without a name, from which GDAL knows no way to WGS 84"),
    ("real/georust-geotiff/merc.tif", "rasterio shows no CRS, for WKT1 has no Mercator with an origin off the equator"),
    ("real/node-gdal/unsupported-srs.tif", "as above"),
];

/// Files whose CRS is another one than rasterio's: (name, why).
const SYSTEMS: &[(&str, &str)] = &[
    (
        "real/gdal-autotest/citation_mixedcase.tif",
        "it is EPSG:2913; GDAL does not see it, for the unit has another name",
    ),
    (
        "real/georust-geotiff/merc.tif",
        "GDAL finds the same; rasterio shows none, for WKT1 has no Mercator with an origin off the equator",
    ),
    ("real/node-gdal/unsupported-srs.tif", "as above"),
    (
        "crs-projection-key-only/input.tif",
        "UTM 32N on a datum without a name: GDAL guesses the ETRS89 one of several codes",
    ),
];

/// `info --json` of each file that opens.
fn described(files: &[CorpusFile]) -> Vec<(String, PathBuf, Value)> {
    let infos = parallel::map(files, command::THREADS, |file| command::info(file.path.as_os_str()));
    let opened = files
        .iter()
        .zip(infos)
        .filter_map(|(file, info)| Some((file.name().to_string(), file.path.clone(), info.ok()?)));
    opened.collect()
}

/// What a judge says of these items, a line each.
fn judged(test: &str, script: &Path, items: &[Value]) -> Option<Vec<Value>> {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("items.json");
    std::fs::write(&input, serde_json::to_vec(items).unwrap()).unwrap();
    let said = python::judge(test, script, &input, Duration::from_secs(900)).unwrap()?;
    Some(said.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

/// rio-tiler's box as GeoJSON has it: longitudes between -180 and 180, all of them where it is as wide, latitudes up to the poles.
fn wrapped(bounds: &[f64]) -> Vec<f64> {
    let [west, south, east, north] = *bounds else { return bounds.to_vec() };
    let (south, north) = (south.max(-90.0), north.min(90.0));
    if (-180.0..=180.0).contains(&west) && (-180.0..=180.0).contains(&east) {
        return vec![west, south, east, north];
    }
    let turn = |x: f64| (x + 180.0).rem_euclid(360.0) - 180.0;
    if east - west >= 360.0 { vec![-180.0, south, 180.0, north] } else { vec![turn(west), south, turn(east), north] }
}

#[test]
fn places_are_those_of_rio_tiler() {
    let test = "places_are_those_of_rio_tiler";
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/places.py");
    let (mut all, mut excepted) = (0, 0);
    for corpus in Corpus::all_and_cases(test).unwrap() {
        let files = described(&corpus.well_formed().unwrap());
        let items: Vec<Value> = files.iter().map(|(_, path, _)| json!({"path": path})).collect();
        let Some(verdicts) = judged(test, &script, &items) else { return };
        assert_eq!(verdicts.len(), files.len());
        let (mut counts, mut wrong) = (BTreeMap::<String, usize>::new(), Vec::new());
        for ((name, _, info), verdict) in files.iter().zip(&verdicts) {
            let state = verdict["state"].as_str().unwrap();
            *counts.entry(state.to_string()).or_default() += 1;
            let (bounds, zoom) = (&info["geographic_bounds"], &info["zoom"]);
            let same = match state {
                // What has no place of its own has none here; rio-tiler takes pixels for coordinates, or fits a transform to points.
                "none" | "points" | "untied" => bounds.is_null() && zoom.is_null(),
                // By a codec that this GDAL lacks.
                "unread" => true,
                "nowhere" => bounds.is_null() && *zoom == verdict["zoom"],
                _ => {
                    let theirs = numbers(&verdict["bounds"]);
                    let expected = wrapped(&theirs);
                    if expected != theirs {
                        println!("  {name}: {theirs:?} lies beyond the antimeridian or a pole, here {bounds}");
                    }
                    let ours = numbers(bounds);
                    let near = ours.len() == 4 && ours.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-8);
                    near && *zoom == verdict["zoom"]
                }
            };
            if !same {
                match PLACES.iter().find(|(file, _)| file == name) {
                    Some((_, why)) => {
                        excepted += 1;
                        println!("  excepted: {name}: {why}");
                    }
                    None => wrong.push(format!("{name}: {bounds} {zoom}\n  rio-tiler says {verdict}")),
                }
            }
        }
        println!("{}: {} files, by rio-tiler: {counts:?}", corpus.name(), files.len());
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
        all += files.len();
    }
    assert!(excepted * 100 <= all, "{excepted} of {all} files are excepted");
}

#[test]
fn systems_are_those_of_rasterio() {
    let test = "systems_are_those_of_rasterio";
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cog-crs/tests/judge/corpus.py");
    let (mut all, mut excepted, mut uncoded, mut uncoded_excepted) = (0, 0, 0, 0);
    for corpus in Corpus::all_and_cases(test).unwrap() {
        let files = described(&corpus.well_formed().unwrap());
        let items: Vec<Value> = files
            .iter()
            .map(|(name, path, info)| {
                let crs = &info["crs"];
                let projjson = crs["projjson"].is_object().then(|| crs["projjson"].to_string());
                json!({"name": name, "path": path, "wkt2": crs["wkt2"], "projjson": projjson, "epsg": crs["epsg"]})
            })
            .collect();
        let Some(verdicts) = judged(test, &script, &items) else { return };
        assert_eq!(verdicts.len(), files.len());
        let (mut counts, mut wrong) = (BTreeMap::<String, usize>::new(), Vec::new());
        for (item, verdict) in items.iter().zip(&verdicts) {
            let name = item["name"].as_str().unwrap();
            let said = verdict["verdict"].as_str().unwrap();
            *counts.entry(said.to_string()).or_default() += 1;
            let has_crs = !matches!(said, "none" | "extra" | "unread");
            let has_no_code = has_crs && verdict["epsg_expected"].is_null();
            uncoded += usize::from(has_no_code);
            let same_code = !has_crs || item["epsg"] == verdict["epsg_expected"];
            if matches!(said, "equal" | "coordinates" | "none" | "unread") && same_code {
                continue;
            }
            match SYSTEMS.iter().find(|(file, _)| *file == name) {
                Some((_, why)) => {
                    excepted += 1;
                    uncoded_excepted += usize::from(has_no_code);
                    println!("  excepted: {name}: {why}");
                }
                None => wrong.push(format!("{name}: {item}\n  rasterio says {verdict}")),
            }
        }
        println!("{}: {} files, by rasterio and pyproj: {counts:?}", corpus.name(), files.len());
        assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
        all += files.len();
    }
    println!(
        "{all} files, {uncoded} with a CRS without an EPSG code; {excepted} and {uncoded_excepted} of them are excepted"
    );
    assert!(excepted * 100 <= all && uncoded_excepted * 10 <= uncoded.max(10));
}

/// A copy of a file in UTM zone 33 with another code, and another easting of its western edge.
fn moved(folder: &Path, code: u16, easting: f64) -> PathBuf {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/files/cog_deflate_uint16_mask.tif");
    let mut bytes = std::fs::read(file).unwrap();
    let key = |code: u16| [3072, 0, 1, code].map(u16::to_le_bytes).concat();
    let mut replace = |old: &[u8], new: &[u8]| {
        let at = bytes.windows(old.len()).position(|window| window == old).unwrap();
        bytes[at..at + new.len()].copy_from_slice(new);
    };
    replace(&key(32633), &key(code));
    replace(&399_960_f64.to_le_bytes(), &easting.to_le_bytes());
    let path = folder.join(format!("{code}.tif"));
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn west_is_greater_than_east_across_the_antimeridian() {
    let folder = tempfile::tempdir().unwrap();
    let file = moved(folder.path(), 32660, 723_800.0);
    let info = command::info(file.as_os_str()).unwrap();
    // rasterio's transform_bounds.
    let expected = [179.988_903_857_7, 47.801_655_737_7, -179.990_364_435_3, 47.814_758_144_4];
    let bounds = numbers(&info["geographic_bounds"]);
    assert!(bounds.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9), "{bounds:?}");
    assert!(command::run([OsStr::new("info"), file.as_os_str()]).stdout.contains("across the antimeridian"));
}

#[test]
fn a_code_that_nobody_knows_leaves_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let file = moved(folder.path(), 1999, 399_960.0);
    let info = command::info(file.as_os_str()).unwrap();
    assert!(info["crs"].is_null() && info["zoom"].is_null() && info["geographic_bounds"].is_null(), "{}", info["crs"]);
    assert_eq!((&info["profile"]["crs"], &info["profile"]["width"]), (&Value::Null, &json!(150)));
    let warnings = info["warnings"].to_string();
    assert!(warnings.contains("no CRS has the code EPSG:1999"), "{warnings}");
    let end = command::run([OsStr::new("info"), OsStr::new("--wkt2"), file.as_os_str()]);
    command::assert_one_clear_line(&end, &["1999.tif", "EPSG:1999"]);
}

#[test]
fn wkt2_and_projjson_stand_alone() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/files/cog_deflate_uint16_mask.tif");
    let print = |option: &str| command::run([OsStr::new("info"), OsStr::new(option), file.as_os_str()]);
    let wkt2 = print("--wkt2");
    assert!(wkt2.is_success() && wkt2.stdout.starts_with("PROJCRS[\"WGS 84 / UTM zone 33N\","), "{}", wkt2.stdout);
    assert!(wkt2.stdout.trim_end().ends_with("ID[\"EPSG\",32633]]"), "{}", wkt2.stdout);
    let projjson: Value = serde_json::from_str(&print("--projjson").stdout).unwrap();
    assert_eq!(projjson["id"], json!({"authority": "EPSG", "code": 32633}));
    let none = file.with_file_name("fewest_tags_be.tif");
    for option in ["--wkt2", "--projjson"] {
        let end = command::run([OsStr::new("info"), OsStr::new(option), none.as_os_str()]);
        command::assert_one_clear_line(&end, &["fewest_tags_be.tif: has no CRS"]);
        assert_eq!(end.stdout, "");
    }
}
