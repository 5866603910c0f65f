//! Cut-lines from GeoJSON: what counts, and what is refused by name.

use cog_raster::geo_types::{MultiPolygon, polygon};
use cog_warp::{Cutline, CutlineError, Error, ErrorClass};
use proptest::prelude::*;
use serde_json::json;

use crate::cutline::{filled, grid, whole};

fn problem(text: &str) -> (CutlineError, ErrorClass) {
    let error = Cutline::from_geojson(text).unwrap_err();
    let class = error.class();
    match error {
        Error::Cutline(problem) => (problem, class),
        other => panic!("{other}"),
    }
}

#[test]
fn what_is_no_cutline_is_a_named_error() {
    let usage = |text: &str| {
        let (problem, class) = problem(text);
        assert_eq!(class, ErrorClass::Usage, "{text}");
        problem
    };
    for text in
        ["", "no", "[]", "{}", "{\"type\": \"Polygon\", \"coordinates\": [[[0, NaN], [1, 0], [1, 1], [0, NaN]]]}"]
    {
        assert!(matches!(usage(text), CutlineError::NotGeoJson { .. }), "{text}");
    }
    for text in [
        r#"{"type": "Polygon", "coordinates": [[[0, 1e999], [1, 0], [1, 1], [0, 1e999]]]}"#,
        r#"{"type": "Polygon", "coordinates": [[0, 0], [1, 0], [1, 1], [0, 0]]}"#,
        r#"{"type": "Polygon", "coordinates": [[[0], [1], [1], [0]]]}"#,
        r#"{"type": "Polygon", "coordinates": [[["0", "0"], [1, 0], [1, 1], [0, 0]]]}"#,
        r#"{"type": "MultiPolygon", "coordinates": 5}"#,
        r#"{"type": "Blob", "coordinates": []}"#,
        r#"{"type": "Polygon", "coordinates": []} more"#,
    ] {
        assert!(matches!(usage(text), CutlineError::NotGeoJson { .. }), "{text}: {}", usage(text));
    }
    for text in [
        r#"{"type": "Point", "coordinates": [1, 2]}"#,
        r#"{"type": "Feature", "properties": {}, "geometry": null}"#,
        r#"{"type": "FeatureCollection", "features": []}"#,
        r#"{"type": "Polygon", "coordinates": []}"#,
        r#"{"type": "Polygon"}"#,
        r#"{"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}}"#,
    ] {
        assert!(matches!(usage(text), CutlineError::NoPolygon { .. }), "{text}");
    }
    let rings = |rings: &str| usage(&format!(r#"{{"type": "Polygon", "coordinates": {rings}}}"#));
    assert_eq!(rings("[[[0, 0], [1, 1], [0, 0]]]"), CutlineError::ShortRing { polygon: 0, ring: 0, points: 3 });
    assert_eq!(rings("[[]]"), CutlineError::ShortRing { polygon: 0, ring: 0, points: 0 });
    let open = "[[[0, 0], [4, 0], [4, 4], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 2]]]";
    assert_eq!(rings(open), CutlineError::OpenRing { polygon: 0, ring: 1 });
    let crossing = rings("[[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]");
    assert_eq!(crossing, CutlineError::CrossingRing { polygon: 0, ring: 0, at: [2.0, 2.0] });
    let nan = polygon![(x: 0.0, y: f64::NAN), (x: 1.0, y: 0.0), (x: 1.0, y: 1.0)];
    let error = Cutline::from_polygons(&MultiPolygon(vec![nan]), &"OGC:CRS84".parse().unwrap()).unwrap_err();
    assert!(matches!(error, Error::Cutline(CutlineError::NotFinite { polygon: 0, ring: 0 })));
    let unknown = r#"{"type": "Polygon", "crs": {"type": "name", "properties": {"name": "EPSG:1"}}, "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}"#;
    assert!(matches!(Cutline::from_geojson(unknown), Err(Error::Crs(_))));
}

#[test]
fn nesting_without_end_and_a_million_points_are_refused() {
    for (open, close) in [("[", "]"), ("{\"type\":\"Feature\",\"geometry\":", "}")] {
        let text = format!("{{\"type\":\"Polygon\",\"coordinates\":{}{}}}", open.repeat(10_000), close.repeat(10_000));
        assert!(matches!(problem(&text).0, CutlineError::NotGeoJson { .. }));
    }
    let nested = format!("{}null{}", "{\"type\":\"Feature\",\"geometry\":".repeat(10_000), "}".repeat(10_000));
    assert!(matches!(problem(&nested).0, CutlineError::NotGeoJson { .. }));
    let mut ring: Vec<String> = (0..1_000_000).map(|i| format!("[{},{}]", i, i % 7)).collect();
    ring.push("[0,0]".to_string());
    let text = format!("{{\"type\":\"Polygon\",\"coordinates\":[[{}]]}}", ring.join(","));
    let (problem, class) = problem(&text);
    assert_eq!((problem, class), (CutlineError::TooManyPoints { limit: 500_000 }, ErrorClass::Limits));
}

#[test]
fn features_and_collections_count_together_and_crs_members_are_obeyed() {
    let square =
        |x: f64| json!({"type": "Polygon", "coordinates": [[[x, 0], [x + 1.0, 0], [x + 1.0, 1], [x, 1], [x, 0]]]});
    let collection = json!({
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"type": "x", "coordinates": [[]]}, "geometry": square(0.0)},
            {"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": [square(2.0)]}},
            {"type": "Feature", "geometry": null},
        ],
    });
    let line = grid("EPSG:4326", [0.0, 0.0, 4.0, 1.0], 4, 1);
    let mask = Cutline::from_geojson(&collection.to_string()).unwrap().on(&line).unwrap();
    assert_eq!(filled(&mask, whole(&line)), [255, 0, 255, 0]);
    // Overlapping polygons do not cancel each other.
    let twice = json!({"type": "GeometryCollection", "geometries": [square(0.5), square(0.5)]});
    let mask = Cutline::from_geojson(&twice.to_string()).unwrap().on(&line).unwrap();
    assert_eq!(filled(&mask, whole(&line)), [0, 255, 0, 0]);
    let mut named = square(3.0);
    named["crs"] = json!({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}});
    let cutline = Cutline::from_geojson(&named.to_string()).unwrap();
    assert_eq!(cutline.crs().epsg(), Some(32633));
    assert_eq!(cutline.bounds(), [3.0, 0.0, 4.0, 1.0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any text is a cut-line that can be used, or an error of a caller.
    #[test]
    fn broken_text_is_an_error_or_a_cutline(
        cuts in proptest::collection::vec((0.0..1.0_f64, 0..12_usize), 1..5),
    ) {
        const SEED: &str = r#"{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:32633"}}, "features": [{"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[[[0, 0], [9e5, 0, 7], [9e5, 9e5], [0, 0]], [[1e5, 1e5], [2e5, 1e5], [2e5, 2e5], [1e5, 1e5]]]]}}, {"type": "Feature", "geometry": null}]}"#;
        const BITS: [&str; 12] = ["[", "]", "{", "}", ",", "1e400", "-", "null", "\"type\": ", "\"Polygon\"", "[0, 0], ", ""];
        let mut text = SEED.to_string();
        for (at, bit) in cuts {
            let at = (at * text.len() as f64) as usize;
            let end = (at + bit).min(text.len());
            text.replace_range(at..end, BITS[bit]);
        }
        match Cutline::from_geojson(&text) {
            Ok(cutline) => {
                let utm = grid("EPSG:32633", [0.0, 0.0, 1e6, 1e6], 9, 9);
                if let Ok(mask) = cutline.on(&utm) {
                    filled(&mask, whole(&utm));
                }
            }
            Err(error) => prop_assert!(error.class() != ErrorClass::Internal, "{error}"),
        }
    }
}
