//! Where projections end, next to PROJ by pyproj; and that a point's coordinates depend on nothing but itself.

use cog_crs::{Crs, Transform};
use cog_testkit::python;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// A projected CRS and the geographic one below it.
const PROJECTED: &[(&str, &str)] = &[
    ("EPSG:32633", "EPSG:4326"),
    ("EPSG:32660", "EPSG:4326"),
    ("EPSG:32701", "EPSG:4326"),
    ("EPSG:3857", "EPSG:4326"),
    ("EPSG:3395", "EPSG:4326"),
    ("EPSG:2048", "EPSG:4148"),
    ("EPSG:5676", "EPSG:4314"),
    (SPHERICAL, "+proj=longlat +R=6371000"),
    (
        "+proj=tmerc +lat_0=-30 +lon_0=-170 +k=1.1 +x_0=9 +y_0=5000 +a=6400000 +rf=150",
        "+proj=longlat +a=6400000 +rf=150",
    ),
    ("+proj=merc +lon_0=160 +k=0.9 +x_0=100 +y_0=5000 +R=6371000", "+proj=longlat +R=6371000"),
    ("+proj=merc +lon_0=-60 +lat_ts=-41 +x_0=100 +y_0=5000 +ellps=bessel", "+proj=longlat +ellps=bessel"),
    ("+proj=merc +lon_0=-60 +k=0.9 +a=6400000 +rf=120", "+proj=longlat +a=6400000 +rf=120"),
    ("+proj=merc +lon_0=-60 +k=0.9 +a=6400000 +rf=10", "+proj=longlat +a=6400000 +rf=10"),
    ("+proj=tmerc +lon_0=-60 +k=0.9 +a=6400000 +rf=30", "+proj=longlat +a=6400000 +rf=30"),
    ("EPSG:3035", "EPSG:4258"),
    ("+proj=laea +lat_0=90 +lon_0=10 +ellps=GRS80", "+proj=longlat +ellps=GRS80"),
    ("+proj=laea +lat_0=-90 +lon_0=-70 +x_0=5 +datum=WGS84", "EPSG:4326"),
    ("+proj=laea +lat_0=0 +lon_0=-100 +y_0=7 +datum=WGS84", "EPSG:4326"),
    ("+proj=laea +lat_0=-35 +lon_0=100 +R=6371000", "+proj=longlat +R=6371000"),
    (WEB_ON_BESSEL, "+proj=longlat +ellps=bessel"),
    (SPHERE_OF_BESSEL, "+proj=longlat +ellps=bessel"),
];

const SPHERICAL: &str = "+proj=tmerc +lat_0=10 +lon_0=20 +k=0.9 +x_0=100 +y_0=5000 +R=6371000";

/// The web's projection of another ellipsoid.
const WEB_ON_BESSEL: &str = r#"PROJCRS["x",BASEGEOGCRS["unknown",DATUM["unknown",ELLIPSOID["Bessel 1841",6377397.155,299.1528128]]],
    CONVERSION["c",METHOD["Popular Visualisation Pseudo Mercator",ID["EPSG",1024]],PARAMETER["Longitude of natural origin",10,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8802]],
    PARAMETER["False easting",1000,LENGTHUNIT["metre",1],ID["EPSG",8806]],PARAMETER["False northing",2000,LENGTHUNIT["metre",1],ID["EPSG",8807]]],
    CS[Cartesian,2],AXIS["(E)",east],AXIS["(N)",north],LENGTHUNIT["metre",1]]"#;

/// Mercator's projection of the sphere that fits an ellipsoid.
const SPHERE_OF_BESSEL: &str = r#"PROJCRS["x",BASEGEOGCRS["unknown",DATUM["unknown",ELLIPSOID["Bessel 1841",6377397.155,299.1528128]]],
    CONVERSION["c",METHOD["Mercator (Spherical)",ID["EPSG",1026]],PARAMETER["Longitude of natural origin",-20,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8802]],
    PARAMETER["False easting",1000,LENGTHUNIT["metre",1],ID["EPSG",8806]],PARAMETER["False northing",2000,LENGTHUNIT["metre",1],ID["EPSG",8807]]],
    CS[Cartesian,2],AXIS["(E)",east],AXIS["(N)",north],LENGTHUNIT["metre",1]]"#;

/// Beside poles, antimeridians and the ends of what PROJ takes.
const LONGITUDES: [f64; 21] = [
    -573.0,
    -540.0,
    -361.0,
    -200.0,
    -180.0001,
    -180.0,
    -179.999_999_999_99,
    -179.9999,
    -90.0,
    0.0,
    90.0,
    93.0,
    105.0,
    165.0,
    179.9999,
    180.0,
    180.000_000_000_01,
    180.0001,
    190.0,
    270.0,
    572.9,
];
const LATITUDES: [f64; 12] =
    [-90.1, -90.000_000_000_01, -90.0, -89.9999, -85.06, -5.0, 1e-9, 85.06, 89.9999, 90.0, 90.000_000_000_01, 90.1];

/// Evenly spread over a box.
fn spread(count: usize, [left, bottom, right, top]: [f64; 4]) -> Vec<(f64, f64)> {
    let share = |i: usize, step: f64| ((i as f64 + 0.5) * step).fract();
    let place = |i| {
        let (u, v) = (share(i, 0.754_877_666_246_692_7), share(i, 0.569_840_290_998_053_3));
        (left + (right - left) * u, bottom + (top - bottom) * v)
    };
    (0..count).map(place).collect()
}

fn transform(from: &str, to: &str) -> Transform {
    let crs = |text: &str| text.parse::<Crs>().unwrap_or_else(|e| panic!("{text}: {e}"));
    Transform::new(&crs(from), &crs(to)).unwrap_or_else(|e| panic!("{from} to {to}: {e}"))
}

fn numbers(value: &Value) -> Vec<Option<f64>> {
    value.as_array().unwrap().iter().map(Value::as_f64).collect()
}

#[test]
fn projections_end_where_those_of_proj_end() {
    let mut items = Vec::new();
    for (projected, geographic) in PROJECTED {
        let mut globe = spread(2000, [-600.0, -91.0, 600.0, 91.0]);
        // PROJ's arc cosine on the sphere is decimetres off there.
        if *projected != SPHERICAL {
            globe.extend(LONGITUDES.iter().flat_map(|x| LATITUDES.map(|y| (*x, y))));
        }
        let mut map = spread(2000, [-3e7, -3e7, 3e7, 3e7]);
        map.extend(spread(500, [-1e9, -1e9, 1e9, 1e9]));
        let ends =
            [0.0, 1.0, 16_696_000.0, 16_736_000.0, 20_037_508.342_789, 20_037_509.0, 60_112_525.0, 242_528_680.944];
        let ends: Vec<f64> = ends.iter().flat_map(|x| [*x, -*x]).collect();
        map.extend(ends.iter().flat_map(|x| ends.iter().map(|y| (*x, *y))));
        for (from, to, points) in [(geographic, projected, globe), (projected, geographic, map)] {
            let (x, y): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
            items.push(json!({"from": from, "to": to, "x": x, "y": y}));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("domains.json");
    std::fs::write(&input, serde_json::to_vec(&items).unwrap()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/domains.py");
    let name = "projections_end_where_those_of_proj_end";
    let Some(said) = python::judge(name, &script, &input, Duration::from_secs(600)).unwrap() else { return };
    let (mut drawn, mut outside, mut wrong) = (0, 0, Vec::new());
    for (item, line) in items.iter().zip(said.lines()) {
        let (from, to) = (item["from"].as_str().unwrap(), item["to"].as_str().unwrap());
        let expected: Value = serde_json::from_str(line).unwrap();
        let transform = transform(from, to);
        let to_degrees = PROJECTED.iter().any(|(projected, _)| *projected == from);
        let points = numbers(&item["x"]).into_iter().zip(numbers(&item["y"]));
        for ((x, y), place) in points.zip(numbers(&expected["x"]).into_iter().zip(numbers(&expected["y"]))) {
            let (x, y) = (x.unwrap(), y.unwrap());
            let is_same = match (transform.point(x, y), place) {
                (None, (None, None)) => {
                    outside += 1;
                    true
                }
                (Some((a, b)), (Some(c), Some(d))) => {
                    drawn += 1;
                    // Meridians meet at the poles, and the antimeridian has two names.
                    let turn = (a - c).abs();
                    let turn = turn.min((turn - 360.0).abs()) * d.to_radians().cos();
                    // Beside a point that is drawn infinitely far away, digits are few.
                    let far = c.abs().max(d.abs());
                    let allowed = if far < 1e7 { 1e-6 } else { 1e-4 };
                    // Before 9.6 PROJ had three terms of the authalic latitude; at the poles it takes a cosine from a sine, 0.3 m off.
                    let is_rough =
                        from.contains("laea") || to.contains("laea") || from == "EPSG:3035" || to == "EPSG:3035";
                    let allowed = if is_rough { 0.5 } else { allowed };
                    let degrees = if is_rough { 2e-8 } else { 1e-10 };
                    if to_degrees {
                        turn.max((b - d).abs()) < degrees
                    } else {
                        (a - c).abs().max((b - d).abs()) < allowed
                    }
                }
                _ => false,
            };
            if !is_same {
                wrong.push(format!("{from} to {to} at {x} {y}: {:?}, PROJ {place:?}", transform.point(x, y)));
            }
        }
    }
    println!("{drawn} points as PROJ has them, {outside} without an answer on both sides");
    assert!(drawn > 50_000 && outside > 5_000, "{drawn} {outside}");
    assert!(wrong.is_empty(), "{} points:\n{}", wrong.len(), wrong.get(..20.min(wrong.len())).unwrap().join("\n"));
}

#[test]
fn a_point_has_the_same_bits_alone_and_among_others() {
    for (from, to) in [
        ("EPSG:4326", "EPSG:32633"),
        ("EPSG:32633", "EPSG:4326"),
        ("EPSG:4326", "EPSG:3857"),
        ("EPSG:3857", "EPSG:3395"),
        ("EPSG:32633", "EPSG:3857"),
        ("EPSG:27700", "EPSG:3857"),
        ("EPSG:3035", "EPSG:27572"),
    ] {
        let transform = transform(from, to);
        let reach = if from == "EPSG:4326" { [-200.0, -95.0, 200.0, 95.0] } else { [-2e6, -4e6, 4e6, 9e6] };
        let mut points = spread(1000, reach);
        points.extend([(f64::NAN, 1.0), (0.0, f64::INFINITY), (0.0, 0.0), (-0.0, -0.0), (1e300, 1e300)]);
        let bits = |(x, y): (f64, f64)| if x.is_nan() && y.is_nan() { None } else { Some((x.to_bits(), y.to_bits())) };
        let alone: Vec<_> = points.iter().map(|(x, y)| transform.point(*x, *y).and_then(bits)).collect();
        assert!(alone.iter().flatten().count() > 500, "{from} to {to}");
        for (skipped, taken) in [(0, 1005), (1, 1000), (3, 129), (127, 2), (5, 7), (64, 256)] {
            let (mut x, mut y): (Vec<f64>, Vec<f64>) = points[skipped..skipped + taken].iter().copied().unzip();
            let failed = transform.convert(&mut x, &mut y);
            let together: Vec<_> = x.into_iter().zip(y).map(bits).collect();
            assert!(together == alone[skipped..skipped + taken], "{from} to {to}, {taken} after {skipped}");
            assert_eq!(failed, together.iter().filter(|point| point.is_none()).count());
        }
    }
}

/// As PROJ 9.5.1 has them: places in gaps of the Homolosine map, and Greenland, which is drawn twice.
#[test]
fn between_the_lobes_of_goodes_map_lies_nothing() {
    let back = transform("ESRI:54052", "EPSG:4326");
    for (x, y) in [(-12_000_000.0, -6_500_000.0), (-3_000_000.0, -7_500_000.0), (-5_100_000.0, 6_500_000.0)] {
        assert_eq!(back.point(x, y), None, "{x} {y}");
    }
    for (x, y, longitude, latitude) in [
        (-7_500_000.0, 7_500_000.0, -26.809_588_282_178_083, 70.752_059_938_344_47),
        (-1_600_000.0, 6_700_000.0, -48.779_490_445_366_854, 61.690_992_085_037_62),
    ] {
        let (a, b) = back.point(x, y).unwrap();
        assert!((a - longitude).abs() < 1e-9 && (b - latitude).abs() < 1e-9, "{x} {y}: {a} {b}");
    }
}

#[test]
fn slices_of_two_lengths_end_with_the_shorter() {
    let transform = transform("EPSG:4326", "EPSG:3857");
    let (mut x, mut y) = (vec![1.0; 300], vec![1.0; 200]);
    assert_eq!(transform.convert(&mut x, &mut y), 0);
    assert!(x[199] > 1e5 && y[199] > 1e5 && x[200] == 1.0);
}

/// Maps of the whole world, and a place beside each.
const WORLD_MAPS: &[(&str, (f64, f64))] = &[
    ("ESRI:54009", (1.7e7, 5e6)),
    ("ESRI:54052", (1.7e7, 7e6)),
    ("+proj=goode +datum=WGS84", (1.7e7, 5e6)),
    ("ESRI:54010", (1.7e7, 5e6)),
    ("ESRI:54012", (1.6e7, 5e6)),
    ("ESRI:54029", (1.6e7, 1.4e7)),
    ("ESRI:54042", (1.6e7, 8e6)),
    ("ESRI:54043", (1.6e7, 7e6)),
    ("+proj=bonne +lat_1=45 +datum=WGS84", (1.2e7, -1.2e7)),
    ("+proj=bonne +lat_1=-30 +datum=WGS84", (1.2e7, 1.3e7)),
];

#[test]
fn maps_of_the_world_lead_back_and_have_nothing_beside_them() {
    for (map, beside) in WORLD_MAPS {
        let (there, back) = (transform("EPSG:4326", map), transform(map, "EPSG:4326"));
        assert_eq!(back.point(beside.0, beside.1), None, "{map}");
        assert_eq!(back.point(-beside.0, beside.1), None, "{map}");
        assert_eq!(back.point(1e9, 0.0), None, "{map}");
        let mut places = spread(3000, [-180.0, -89.9, 180.0, 89.9]);
        places.extend(
            [0.0, 1e-12, 1e-7, 1e-3, 1.0, 90.0, 179.9999]
                .iter()
                .flat_map(|x| [0.0, 1e-12, 1e-7, 1e-3, 60.0].map(|y| (*x, y))),
        );
        for (longitude, latitude) in places {
            let (x, y) = there.point(longitude, latitude).unwrap_or_else(|| panic!("{map} {longitude} {latitude}"));
            let (a, b) = back.point(x, y).unwrap_or_else(|| panic!("{map}: back from {x} {y}, {longitude} {latitude}"));
            let far = ((a - longitude) * latitude.to_radians().cos()).abs().max((b - latitude).abs());
            assert!(far < 1e-9, "{map} {longitude} {latitude}: {a} {b}");
        }
        for pole in [-90.0, 90.0] {
            let (x, y) = there.point(0.0, pole).unwrap();
            assert!(back.point(x, y).is_none_or(|(_, latitude)| (latitude - pole).abs() < 1e-5), "{map} {pole}");
        }
        assert_eq!(there.point(0.0, 90.1), None, "{map}");
    }
}
