//! Definitions as PROJ 9.7.1 writes them: `tests/judge/fixture.py` made the expected texts.

use cog_crs::Crs;
use serde_json::Value;

/// Code, WKT2, PROJJSON, WKT1.
pub(crate) fn fixture() -> Vec<[&'static str; 4]> {
    let lines = include_str!("../data/proj.tsv").lines();
    lines.map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap()).collect()
}

#[test]
fn registered_crs_are_written_as_proj_writes_them() {
    for [code, wkt2, projjson, wkt1] in fixture() {
        let crs: Crs = code.parse().unwrap();
        assert_eq!(crs.to_wkt2(), wkt2, "{code}");
        let ours: Value = serde_json::from_str(&crs.to_projjson()).unwrap();
        assert_eq!(ours, serde_json::from_str::<Value>(projjson).unwrap(), "{code}");
        assert_eq!(crs.to_wkt1().unwrap_or_default(), wkt1, "{code}");
    }
}

#[test]
fn what_proj_writes_is_read_as_the_crs_it_is() {
    for [code, wkt2, projjson, wkt1] in fixture() {
        let crs: Crs = code.parse().unwrap();
        for text in [wkt2, projjson, wkt1].into_iter().filter(|t| !t.is_empty()) {
            let read: Crs = text.parse().unwrap_or_else(|e| panic!("{code}: {e}"));
            assert_eq!(read, crs, "{code}: {text}");
            let (authority, number) = read.authority().unwrap();
            assert_eq!(format!("{authority}:{number}"), code);
        }
    }
}

#[test]
fn wkt2_and_projjson_are_read_without_loss() {
    for [code, wkt2, projjson, _] in fixture() {
        assert_eq!(wkt2.parse::<Crs>().unwrap().to_wkt2(), wkt2, "{code}");
        let again: Value = serde_json::from_str(&projjson.parse::<Crs>().unwrap().to_projjson()).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(projjson).unwrap(), "{code}");
    }
}
