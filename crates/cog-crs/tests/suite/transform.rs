//! Transforms next to PROJ's, by rasterio.

use cog_crs::{Crs, Error, Transform};
use cog_testkit::python;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// CRSs that archives of COGs use, and one of each projection: its text, the geographic CRS of its datum, and where to look
/// (west, south, east, north) if it has no area of use.
type Line = (&'static str, &'static str, Option<[f64; 4]>);

#[rustfmt::skip]
const TABLE: &[Line] = &[
    ("EPSG:32601", "EPSG:4326", None), ("EPSG:32610", "EPSG:4326", None), ("EPSG:32633", "EPSG:4326", None), ("EPSG:32660", "EPSG:4326", None),
    ("EPSG:32719", "EPSG:4326", None), ("EPSG:32756", "EPSG:4326", None), ("EPSG:3857", "EPSG:4326", None), ("EPSG:3395", "EPSG:4326", None),
    ("EPSG:3035", "EPSG:4258", None), ("EPSG:3034", "EPSG:4258", None), ("EPSG:5070", "EPSG:4269", None), ("EPSG:5072", "EPSG:4759", None),
    ("EPSG:6350", "EPSG:6318", None), ("EPSG:3577", "EPSG:4283", None), ("EPSG:3112", "EPSG:4283", None), ("EPSG:3031", "EPSG:4326", None),
    ("EPSG:3413", "EPSG:4326", None), ("EPSG:3976", "EPSG:4326", None), ("EPSG:3995", "EPSG:4326", None), ("EPSG:6931", "EPSG:4326", None),
    ("EPSG:6932", "EPSG:4326", None), ("EPSG:3408", "EPSG:4053", None), ("EPSG:3409", "EPSG:4053", None), ("EPSG:6933", "EPSG:4326", None),
    ("EPSG:3410", "EPSG:4053", None), ("ESRI:54009", "EPSG:4326", None), ("ESRI:54030", "EPSG:4326", None), ("ESRI:54008", "EPSG:4326", None),
    ("ESRI:102001", "EPSG:4269", None), ("ESRI:102008", "EPSG:4269", None), ("EPSG:27700", "EPSG:4277", None), ("EPSG:28992", "EPSG:4289", None),
    ("EPSG:2056", "EPSG:4150", None), ("EPSG:21781", "EPSG:4149", None), ("EPSG:2154", "EPSG:4171", None), ("EPSG:27572", "EPSG:4807", None),
    ("EPSG:2193", "EPSG:4167", None), ("EPSG:3978", "EPSG:4269", None), ("EPSG:3979", "EPSG:4617", None), ("EPSG:3347", "EPSG:4269", None),
    ("EPSG:25832", "EPSG:4258", None), ("EPSG:25833", "EPSG:4258", None), ("EPSG:31370", "EPSG:4313", None), ("EPSG:5514", "EPSG:4156", None),
    ("EPSG:5513", "EPSG:4156", None), ("EPSG:2180", "EPSG:9702", None), ("EPSG:3067", "EPSG:10690", None), ("EPSG:3006", "EPSG:4619", None),
    ("EPSG:7855", "EPSG:7844", None), ("EPSG:28355", "EPSG:4283", None), ("EPSG:2263", "EPSG:4269", None), ("EPSG:2229", "EPSG:4269", None),
    ("EPSG:26918", "EPSG:4269", None), ("EPSG:26711", "EPSG:4267", None), ("EPSG:31467", "EPSG:4314", None), ("EPSG:31468", "EPSG:4314", None),
    ("EPSG:23032", "EPSG:4230", None), ("EPSG:31985", "EPSG:4674", None), ("EPSG:29193", "EPSG:4618", None), ("EPSG:2048", "EPSG:4148", None),
    ("EPSG:22275", "EPSG:4222", None), ("EPSG:3301", "EPSG:4180", None), ("EPSG:5041", "EPSG:4326", None), ("EPSG:5042", "EPSG:4326", None),
    ("EPSG:3348", "EPSG:4617", None), ("EPSG:4087", "EPSG:4326", None), ("EPSG:8857", "EPSG:4326", None), ("EPSG:3571", "EPSG:4326", None),
    ("EPSG:29873", "EPSG:4298", None), ("EPSG:2326", "EPSG:4611", None), ("EPSG:6677", "EPSG:6668", None), ("EPSG:3005", "EPSG:4269", None),
    ("EPSG:2100", "EPSG:4121", None), ("EPSG:3765", "EPSG:4761", None), ("EPSG:27200", "EPSG:4272", None),
    ("+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs", "+proj=longlat +R=6371007.181", Some([-179.0, -89.0, 179.0, 89.0])),
    ("+proj=geos +lon_0=-75 +h=35786023 +sweep=x +ellps=GRS80", "+proj=longlat +ellps=GRS80", Some([-120.0, -50.0, -30.0, 50.0])),
    ("+proj=geos +lon_0=0 +h=35785831 +datum=WGS84", "EPSG:4326", Some([-60.0, -60.0, 60.0, 60.0])),
    ("+proj=gnom +lat_0=45 +lon_0=10 +R=6371000", "+proj=longlat +R=6371000", Some([-20.0, 20.0, 40.0, 70.0])),
    ("+proj=ortho +lat_0=45 +lon_0=10 +datum=WGS84", "EPSG:4326", Some([-40.0, 0.0, 60.0, 80.0])),
    ("+proj=mill +lon_0=0 +R=6371000", "+proj=longlat +R=6371000", Some([-179.0, -85.0, 179.0, 85.0])),
    ("+proj=eqdc +lat_0=40 +lon_0=-96 +lat_1=20 +lat_2=60 +datum=NAD83", "EPSG:4269", Some([-130.0, 15.0, -60.0, 65.0])),
    ("+proj=aeqd +lat_0=50 +lon_0=8 +datum=WGS84", "EPSG:4326", Some([-40.0, 10.0, 60.0, 80.0])),
    ("+proj=stere +lat_0=52 +lon_0=5 +datum=WGS84", "EPSG:4326", Some([-10.0, 40.0, 20.0, 65.0])),
    ("+proj=merc +lat_ts=20 +lon_0=30 +datum=WGS84", "EPSG:4326", Some([-50.0, -60.0, 110.0, 60.0])),
    ("+proj=poly +lat_0=0 +lon_0=-54 +datum=WGS84", "EPSG:4326", Some([-74.0, -35.0, -34.0, 7.0])),
    ("EPSG:2065", "EPSG:4818", None), ("EPSG:5515", "EPSG:5228", None), ("EPSG:5516", "EPSG:5228", None), ("EPSG:5224", "EPSG:5229", None),
    ("ESRI:54052", "EPSG:4326", None), ("+proj=igh +lon_0=20 +x_0=9 +ellps=WGS84", "+proj=longlat +ellps=WGS84", Some([-180.0, -90.0, 180.0, 90.0])),
    ("+proj=goode +lon_0=-30 +R=6371000", "+proj=longlat +R=6371000", Some([-180.0, -90.0, 180.0, 90.0])),
    ("ESRI:54012", "EPSG:4326", None), ("ESRI:54010", "EPSG:4326", None), ("ESRI:54042", "EPSG:4326", None), ("ESRI:54043", "EPSG:4326", None),
    ("ESRI:54029", "EPSG:4326", None), ("ESRI:53029", "+proj=longlat +R=6371000", Some([-180.0, -90.0, 180.0, 90.0])),
    ("ESRI:54024", "EPSG:4326", Some([-179.0, -89.0, 179.0, 89.0])),
    ("+proj=bonne +lat_1=-35 +lon_0=140 +x_0=5 +y_0=7 +ellps=bessel", "+proj=longlat +ellps=bessel", Some([90.0, -60.0, 179.0, 20.0])),
    ("+proj=bonne +lat_1=45 +lon_0=2.5 +R=6371000", "+proj=longlat +R=6371000", Some([-20.0, 30.0, 30.0, 65.0])),
    ("+proj=wintri +lon_0=-100 +R=6371000", "+proj=longlat +R=6371000", Some([-180.0, -90.0, 180.0, 90.0])),
    ("+proj=eck4 +lon_0=150 +x_0=1000 +datum=WGS84", "EPSG:4326", Some([-180.0, -90.0, 180.0, 90.0])),
    ("+proj=cass +lat_0=10 +lon_0=-61 +datum=WGS84", "EPSG:4326", Some([-62.0, 9.0, -60.0, 12.0])),
];

/// Where we take another operation than PROJ from WGS 84, the metres between the two, and why.
#[rustfmt::skip]
const OTHER_OPERATIONS: &[(&str, f64, &str)] = &[
    ("EPSG:27700", 200.0, "off shore, where PROJ shifts nothing at all"),
    ("EPSG:22275", 100.0, "beside the area of every operation, where PROJ shifts nothing at all"),
    ("EPSG:2065", 200.0, "as EPSG:22275"),
    ("EPSG:26711", 20.0, "the borders of areas, which PROJ rounds outward in projected coordinates"),
    ("EPSG:31370", 0.2, "three operations of 1 m accuracy; PROJ takes BD72 to WGS 84 (3)"),
    ("EPSG:5514", 20.0, "operations of one accuracy and area; PROJ goes back by another one than it came"),
    ("EPSG:5513", 20.0, "as EPSG:5514"),
    ("EPSG:31467", 2.0, "the borders of areas"),
    ("EPSG:23032", 10.0, "ED50 has 26 operations; PROJ also chains two"),
    ("EPSG:31468", 2.0, "the borders of areas"),
    ("EPSG:29873", 10.0, "the borders of areas"),
    ("ESRI:102008", 2.0, "the borders of areas"),
    ("EPSG:29193", 2.0, "two operations of one accuracy"),
    ("EPSG:21781", 2.0, "PROJ takes CH1903 to WGS 84 (2)"),
];

/// Where PROJ's own result is known to no better.
const ROUGH: &[(&str, f64, &str)] = &[
    (
        "ESRI:54009",
        1e-4,
        "PROJ ends Mollweide's iteration at 1e-7 rad of an angle that near the poles is half a millimetre",
    ),
    (
        "EPSG:6932",
        1e-5,
        "PROJ subtracts nearly equal surfaces near the pole: against 50 digits it is 7 micrometres off",
    ),
    ("ESRI:54052", 1e-4, "as ESRI:54009"),
    ("+proj=igh", 1e-4, "as ESRI:54009"),
    ("+proj=goode", 1e-4, "as ESRI:54009"),
    ("ESRI:54012", 1e-5, "PROJ ends the iteration of Eckert IV at 1e-7 rad of an angle that moves fast near the poles"),
    ("+proj=eck4", 1e-5, "as ESRI:54012"),
    ("ESRI:54029", 1e-3, "PROJ's Van der Grinten loses digits near the equator: against 60 digits it is 0.9 mm off"),
    ("ESRI:53029", 1e-3, "as ESRI:54029"),
    ("+proj=cass", 1e-4, "PROJ inverts Cassini-Soldner by a series"),
];

const POINTS: usize = 2000;

/// Evenly spread over an area: the additive recurrence of the plastic number.
fn points([west, south, east, north]: [f64; 4]) -> (Vec<f64>, Vec<f64>) {
    let east = if east < west { east + 360.0 } else { east };
    let spread = |i: usize, step: f64| ((i as f64 + 0.5) * step).fract();
    (0..POINTS)
        .map(|i| {
            let x = west + (east - west) * spread(i, 0.754_877_666_246_692_7);
            let y = south + (north - south) * spread(i, 0.569_840_290_998_053_3);
            (if x > 180.0 { x - 360.0 } else { x }, y)
        })
        .unzip()
}

fn crs(text: &str) -> Crs {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn convert(from: &str, to: &str, x: &[f64], y: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let transform = Transform::new(&crs(from), &crs(to)).unwrap_or_else(|e| panic!("{from} to {to}: {e}"));
    let (mut x, mut y) = (x.to_vec(), y.to_vec());
    transform.convert(&mut x, &mut y);
    (x, y)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Forward and inverse differences in metres and the points that only one side converts, of each (from, to, area).
fn judged(test: &str, lines: &[(String, String, [f64; 4])]) -> Option<Vec<(f64, f64, u64)>> {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("transforms.json");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/transform.py");
    let mut items: Vec<Value> = lines
        .iter()
        .map(|(from, to, area)| {
            // Degrees of the area, whatever unit the geographic CRS has.
            let (x, y) = points(*area);
            let (x, y) = if from == "EPSG:4807" { convert("EPSG:4326", from, &x, &y) } else { (x, y) };
            json!({"from": from, "to": to, "x": x, "y": y})
        })
        .collect();
    std::fs::write(&input, serde_json::to_vec(&items).unwrap()).unwrap();
    let expected = python::judge(test, &script, &input, Duration::from_secs(600)).unwrap()?;
    for (item, line) in items.iter_mut().zip(expected.lines()) {
        let (from, to) = (item["from"].as_str().unwrap().to_string(), item["to"].as_str().unwrap().to_string());
        let proj: Value = serde_json::from_str(line).unwrap();
        let (out_x, out_y) = convert(&from, &to, &numbers(&item["x"]), &numbers(&item["y"]));
        let (back_x, back_y) = convert(&to, &from, &numbers(&proj["x"]), &numbers(&proj["y"]));
        item["out_x"] = json!(out_x);
        item["out_y"] = json!(out_y);
        item["back_x"] = json!(back_x);
        item["back_y"] = json!(back_y);
    }
    std::fs::write(&input, serde_json::to_vec(&items).unwrap()).unwrap();
    let said = python::judge(test, &script, &input, Duration::from_secs(600)).unwrap()?;
    let verdicts = said.lines().map(|line| {
        let v: Value = serde_json::from_str(line).unwrap();
        (v["forward"].as_f64().unwrap(), v["inverse"].as_f64().unwrap(), v["failed"].as_u64().unwrap())
    });
    Some(verdicts.collect())
}

fn area(text: &str, given: Option<[f64; 4]>) -> [f64; 4] {
    given.unwrap_or_else(|| {
        let area = crs(text).area_of_use().unwrap();
        [area.west, area.south, area.east, area.north]
    })
}

#[test]
fn projections_are_those_of_proj() {
    let lines: Vec<_> =
        TABLE.iter().map(|(to, from, a)| ((*from).to_string(), (*to).to_string(), area(to, *a))).collect();
    let Some(verdicts) = judged("projections_are_those_of_proj", &lines) else { return };
    assert_eq!(verdicts.len(), TABLE.len());
    let mut wrong = Vec::new();
    let worst = verdicts.iter().fold((0.0_f64, 0.0_f64), |w, v| (w.0.max(v.0), w.1.max(v.1)));
    for ((forward, inverse, failed), (from, to, _)) in verdicts.iter().zip(&lines) {
        // 1e-6 m there, 1e-10 degrees back.
        let rough = ROUGH.iter().find(|(code, _, _)| to.contains(code)).map(|(_, metres, _)| *metres);
        if *forward > rough.unwrap_or(1e-6) || *inverse > rough.unwrap_or(1e-10 * 111_319.49) || *failed > 0 {
            wrong.push(format!(
                "{from} to {to}: {forward:.1e} m, back {inverse:.1e} m, {failed} points by one side only"
            ));
        }
    }
    println!(
        "{} projections, {POINTS} points each: at most {:.1e} m forward, {:.1e} m back",
        lines.len(),
        worst.0,
        worst.1
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn operations_between_datums_are_those_of_proj() {
    let lines: Vec<_> =
        TABLE.iter().map(|(to, _, a)| ("EPSG:4326".to_string(), (*to).to_string(), area(to, *a))).collect();
    let Some(verdicts) = judged("operations_between_datums_are_those_of_proj", &lines) else { return };
    let (mut same, mut wrong) = (0, Vec::new());
    for ((forward, inverse, failed), (_, to, _)) in verdicts.iter().zip(&lines) {
        let other = OTHER_OPERATIONS.iter().find(|(code, _, _)| code == to);
        let allowed = other.map_or(1e-3, |(_, metres, _)| *metres);
        same += usize::from(*forward <= 1e-3 && *inverse <= 1e-3);
        if *forward > 1e-3 || *inverse > 1e-3 {
            println!("{to}: {forward:.2e} m, back {inverse:.2e} m: {}", other.map_or("", |(_, _, why)| why));
        }
        if *forward > allowed || *inverse > allowed || *failed > 0 {
            wrong.push(format!("{to}: {forward:.2e} m, back {inverse:.2e} m, {failed} points by one side only"));
        }
    }
    println!("{same} of {} from WGS 84 within 1 mm", lines.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Datums that no operation ties to each other, and a place where two operations do.
#[rustfmt::skip]
const BY_WAY: &[(&str, &str, [f64; 4])] = &[
    ("EPSG:4258", "EPSG:4121", [20.5, 36.0, 26.0, 41.0]), ("EPSG:4283", "EPSG:4167", [161.0, -45.0, 173.0, -33.0]),
    ("EPSG:4277", "EPSG:4171", [-5.0, 50.0, 1.5, 51.0]), ("EPSG:4277", "EPSG:4275", [-4.0, 50.0, 1.5, 51.0]),
    ("EPSG:4289", "EPSG:4313", [3.5, 51.0, 6.3, 51.4]), ("EPSG:4314", "EPSG:4150", [7.8, 47.5, 10.0, 47.7]),
    ("EPSG:4230", "EPSG:4171", [0.0, 44.0, 5.0, 48.0]), ("EPSG:6318", "EPSG:4617", [-120.0, 50.0, -100.0, 60.0]),
    ("EPSG:6668", "EPSG:4166", [126.0, 34.0, 128.0, 36.0]), ("EPSG:4171", "EPSG:4312", [9.6, 46.6, 10.3, 48.0]),
    ("EPSG:4258", "EPSG:4200", [32.0, 60.0, 38.0, 68.0]), ("EPSG:4180", "EPSG:4284", [22.0, 57.6, 28.0, 59.6]),
    ("EPSG:4761", "EPSG:4312", [14.0, 46.42, 16.0, 46.53]), ("EPSG:4277", "EPSG:4258", [-6.0, 50.0, 1.5, 58.0]),
];

#[test]
fn datums_that_nothing_ties_directly_are_reached_as_by_proj() {
    let lines: Vec<_> = BY_WAY.iter().map(|(from, to, a)| ((*from).to_string(), (*to).to_string(), *a)).collect();
    for (from, to, _) in &lines {
        let transform = Transform::new(&crs(from), &crs(to)).unwrap();
        assert!(transform.operation().contains(", then ") && !transform.is_ballpark(), "{}", transform.operation());
        assert!(transform.accuracy().is_some_and(|metres| metres > 0.0));
    }
    let Some(verdicts) = judged("datums_that_nothing_ties_directly_are_reached_as_by_proj", &lines) else { return };
    let mut wrong = Vec::new();
    for ((forward, inverse, failed), (from, to, _)) in verdicts.iter().zip(&lines) {
        if *forward > 1e-3 || *inverse > 1e-3 || *failed > 0 {
            wrong.push(format!("{from} to {to}: {forward:.2e} m, back {inverse:.2e} m, {failed} by one side only"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn two_operations_are_as_uncertain_as_both() {
    let transform = Transform::new(&crs("EPSG:4258"), &crs("EPSG:4121")).unwrap();
    assert_eq!(transform.operation(), "ETRS89 to WGS 84 (1), then GGRS87 to WGS 84 (1)");
    // PROJ says so too.
    assert_eq!(transform.accuracy(), Some(2.0));
}

#[test]
fn datums_without_a_place_in_common_are_an_error() {
    for (from, to) in [("EPSG:4269", "EPSG:4314"), ("EPSG:4148", "EPSG:4167"), ("EPSG:4258", "EPSG:4267")] {
        assert!(matches!(Transform::new(&crs(from), &crs(to)), Err(Error::Unsupported(_))), "{from} {to}");
    }
}

#[test]
fn x_is_first_whatever_the_definitions_say() {
    for code in ["EPSG:4326", "OGC:CRS84"] {
        let transform = Transform::new(&crs(code), &crs("EPSG:2193")).unwrap();
        // PROJ's, by rasterio.warp.transform.
        let (x, y) = transform.point(174.0, -41.0).unwrap();
        assert!((x - 1_684_102.134_446).abs() < 1e-6 && (y - 5_460_761.410_741).abs() < 1e-6, "{x} {y}");
    }
}

#[test]
fn a_datum_without_a_name_is_told_and_not_shifted() {
    let transform = Transform::new(&crs("+proj=sinu +R=6371007.181"), &crs("EPSG:4326")).unwrap();
    assert!(transform.is_ballpark());
    assert_eq!(transform.accuracy(), None);
    let transform = Transform::new(&crs("EPSG:4269"), &crs("EPSG:4326")).unwrap();
    assert!(!transform.is_ballpark());
    assert!(transform.accuracy().unwrap() >= 4.0);
    assert!(transform.operation().starts_with("NAD83 to WGS 84 ("), "{}", transform.operation());
}

#[test]
fn what_cannot_be_done_is_an_error_with_a_name() {
    for (from, to) in [
        ("EPSG:5773", "EPSG:4326"),
        ("EPSG:5817", "EPSG:4326"),
        ("EPSG:4978", "EPSG:4326"),
        ("ESRI:54016", "EPSG:4326"),
    ] {
        assert!(matches!(Transform::new(&crs(from), &crs(to)), Err(Error::Unsupported(_))), "{from}");
    }
}

#[test]
fn points_outside_a_projection_become_nan_and_are_counted() {
    let transform = Transform::new(&crs("EPSG:4326"), &crs("+proj=ortho +lat_0=0 +lon_0=0 +datum=WGS84")).unwrap();
    let (mut x, mut y) = ([0.0, 170.0, f64::NAN, 10.0], [0.0, 0.0, 1.0, 10.0]);
    assert_eq!(transform.convert(&mut x, &mut y), 2);
    assert!(x[1].is_nan() && y[1].is_nan() && x[2].is_nan() && y[2].is_nan());
    assert!(x[0].abs() < 1e-9 && x[3] > 1_000_000.0);
    let back = transform.inverse().unwrap();
    assert_eq!(back.convert(&mut x[3..], &mut y[3..]), 0);
    assert!((x[3] - 10.0).abs() < 1e-9 && (y[3] - 10.0).abs() < 1e-9);
}
