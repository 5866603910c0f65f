//! Each rule has a file that breaks it: `testdata/validate/files`, where names begin with the id of the rule. What rio-cogeo and GDAL
//! find in them is compared in `verdicts`; here is what the others find.

use std::collections::{BTreeMap, BTreeSet};

use cog_validate::{Authority, Finding, Report, Rule};

use crate::verdicts::{check, recorded, testdata};

fn report(name: &str) -> Report {
    check(&testdata().join("validate/files").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn ids<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> BTreeSet<&'static str> {
    findings.into_iter().map(|finding| finding.rule.id()).collect()
}

/// The files, with the id that each is named after.
fn named() -> Vec<(String, Option<Rule>)> {
    let files = recorded("rules.json").into_keys();
    files.map(|name| (name.clone(), Rule::from_id(name.get(..3).unwrap()))).collect()
}

#[test]
fn every_rule_of_rio_cogeo_and_gdal_is_broken_by_a_file_of_its_own() {
    let mut broken = BTreeSet::new();
    for (name, tools) in recorded("rules.json") {
        for (letter, tool) in [('R', "rio_cogeo"), ('G', "gdal")] {
            let Some(rules) = tools[tool]["rules"].as_object() else { continue };
            assert!(rules.len() <= 1, "{name}: {tool} finds {rules:?}");
            if name.starts_with(letter) && rules.contains_key(&name[..3]) {
                broken.insert(name[..3].to_owned());
            }
        }
    }
    let of_tools = Rule::ALL.iter().filter(|rule| matches!(rule.authority(), Authority::RioCogeo | Authority::Gdal));
    // A PNG breaks the first two; the others break together what the tools judge alike.
    let alike = ["G02", "G04", "G05", "G10", "G12", "G13", "G14"];
    let without: Vec<&str> = of_tools
        .map(|rule| rule.id())
        .filter(|id| !broken.contains(*id) && !alike.contains(id) && !["R01", "G01"].contains(id))
        .collect();
    assert!(without.is_empty(), "{without:?}");
    let gdal: BTreeMap<String, serde_json::Value> = recorded("rules.json");
    for rule in alike {
        let breaks = |tools: &serde_json::Value| tools["gdal"]["rules"].get(rule).is_some();
        assert!(gdal.values().any(breaks), "{rule}");
    }
}

/// Read out of OGC 21-026 by hand: no program judges it.
#[test]
fn every_requirement_of_ogc_is_broken_by_a_file_of_its_own() {
    // What else the file of a rule breaks, because one thing cannot be had without the other.
    let also = |rule: Rule| match rule {
        Rule::O03 => vec!["O04"],
        _ => vec![],
    };
    let mut broken = BTreeSet::new();
    for (name, rule) in named() {
        let Some(rule) = rule.filter(|rule| rule.authority() == Authority::Ogc) else { continue };
        let found = ids(report(&name).ogc.findings());
        assert!(found.contains(rule.id()), "{name}: {found:?}");
        let others: Vec<&str> =
            found.iter().copied().filter(|id| *id != rule.id() && !also(rule).contains(id)).collect();
        assert!(others.is_empty(), "{name}: {found:?}");
        broken.insert(rule);
    }
    let all = Rule::ALL.iter().filter(|rule| rule.authority() == Authority::Ogc);
    // A file of more than 4 GiB is made below; blocks out of order are those of other rules.
    let without: Vec<&Rule> =
        all.filter(|rule| !broken.contains(rule) && !matches!(rule, Rule::O01 | Rule::O23)).collect();
    assert!(without.is_empty(), "{without:?}");
    for name in ["R09.tif", "R10.tif", "R11.tif", "R12.tif", "G11.tif"] {
        let found = ids(report(name).ogc.findings());
        assert!(found.contains("O23"), "{name}: {found:?}");
    }
    for name in ["valid.tif", "valid_bare.tif"] {
        assert_eq!(ids(report(name).ogc.findings()), BTreeSet::new(), "{name}");
    }
    assert_eq!(ids(report("valid_mask.tif").ogc.findings()), BTreeSet::from(["O04"]));
}

#[test]
fn a_classic_tiff_of_more_than_4_gib_breaks_the_first_requirement() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.tif");
    std::fs::copy(testdata().join("validate/files/valid.tif"), &path).unwrap();
    // The bytes behind are a hole: they take no room.
    std::fs::File::options().write(true).open(&path).unwrap().set_len((4 << 30) + 1).unwrap();
    let report = check(&path).unwrap();
    assert_eq!(ids(report.ogc.findings()), BTreeSet::from(["O01"]));
    assert!(report.gdal.is_valid(true) && report.rio_cogeo.is_valid(true));
}

#[test]
fn a_raster_of_another_format_is_not_valid_for_anyone() {
    let png = std::fs::read(testdata().join("files/malformed/not_a_tiff.tif")).unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    let report = check(&testdata().join("files/malformed/not_a_tiff.tif")).unwrap();
    assert_eq!(ids(report.rio_cogeo.findings()), BTreeSet::from(["R01"]));
    assert_eq!(ids(report.gdal.findings()), BTreeSet::from(["G01"]));
    assert_eq!(ids(report.ogc.findings()), BTreeSet::from(["O01"]));
}

#[test]
fn a_compression_that_nobody_knows_is_named() {
    let error = check(&testdata().join("files/malformed/compression_54712.tif")).unwrap_err();
    assert!(error.to_string().ends_with("compression 54712 is not known, so no reader opens the file"), "{error}");
    assert_eq!(error.class(), cog_validate::ErrorClass::Unsupported);
}

#[test]
fn advice_is_given_where_it_is_due_and_makes_no_file_invalid() {
    for (name, rule) in named() {
        let report = report(&name);
        let found = ids(&report.advice);
        let Some(rule) = rule.filter(|rule| rule.authority() == Authority::Advice) else { continue };
        assert!(found.contains(rule.id()), "{name}: {found:?}");
        let others: Vec<&str> = found.iter().copied().filter(|id| *id != rule.id()).collect();
        // Files of other rules have no statistics either.
        assert!(others.iter().all(|id| ["A04", "A06"].contains(id)), "{name}: {found:?}");
        assert!(report.rio_cogeo.error_count == 0 && report.gdal.error_count == 0, "{name}");
    }
}

#[test]
fn advice_stands_beside_other_rules() {
    for (name, rule) in [("O24.tif", Rule::A06), ("O21.tif", Rule::A14), ("valid_bare.tif", Rule::A03)] {
        let report = report(name);
        assert!(report.advice.iter().any(|finding| finding.rule == rule), "{name}: {:?}", report.advice);
    }
    let of_layout = [Rule::A02, Rule::A03, Rule::A07, Rule::A11, Rule::A13, Rule::A14, Rule::A16, Rule::A17];
    let found: Vec<Rule> = report("valid.tif").advice.iter().map(|finding| finding.rule).collect();
    assert!(found.iter().all(|rule| !of_layout.contains(rule)), "{found:?}");
}

/// A copy of a file, changed.
fn changed(name: &str, change: impl Fn(&mut Vec<u8>)) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("changed.tif");
    let mut bytes = std::fs::read(testdata().join("validate/files").join(name)).unwrap();
    change(&mut bytes);
    std::fs::write(&path, bytes).unwrap();
    check(&path).unwrap()
}

/// Where 4 bytes stand, which stand there once.
fn find(bytes: &[u8], wanted: u32) -> usize {
    let places: Vec<usize> = (0..bytes.len() - 3).filter(|at| bytes[*at..at + 4] == wanted.to_le_bytes()).collect();
    assert_eq!(places.len(), 1, "{places:?}");
    places[0]
}

#[test]
fn a_block_that_begins_inside_another_is_told_and_equal_blocks_are_not() {
    let whole = std::fs::read(testdata().join("validate/files/valid.tif")).unwrap();
    // The last block of the image lies before the last trailer, the one before it 16 bytes earlier.
    let last = u32::try_from(whole.len() - 12).unwrap();
    let overlapping = changed("valid.tif", |bytes| {
        let at = find(bytes, last);
        bytes[at..at + 4].copy_from_slice(&(last - 10).to_le_bytes());
    });
    let told: Vec<_> = overlapping.advice.iter().filter(|finding| finding.rule == Rule::A16).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].text.contains("blocks that begin inside another one: 1, the first is block (2, 2) of the image"),
        "{told:?}"
    );
    let equal = changed("valid.tif", |bytes| {
        let at = find(bytes, last);
        bytes[at..at + 4].copy_from_slice(&(last - 16).to_le_bytes());
    });
    assert!(equal.advice.iter().all(|finding| finding.rule != Rule::A16), "{:?}", equal.advice);
}

#[test]
fn a_file_that_was_cut_off_says_how_many_blocks_are_gone() {
    let report = report("G21_beyond_the_end.tif");
    let cut = report.advice.iter().find(|finding| finding.rule == Rule::A16).unwrap();
    // 40 bytes are missing: two blocks of 8 bytes with 8 around each, and 8 bytes more, 4 of them of a third block.
    assert_eq!(cut.numbers.iter().find(|(name, _)| *name == "blocks").unwrap().1, 3, "{}", cut.text);
    assert!(cut.text.contains("beyond the end of the file"), "{}", cut.text);
    assert_eq!(ids(&report.gdal.errors), BTreeSet::from(["G21"]));
}

#[test]
fn the_guide_lists_every_rule() {
    let guide = std::fs::read_to_string(testdata().join("../docs/validate.md")).unwrap();
    for rule in Rule::ALL {
        let line = guide.lines().find(|line| line.starts_with(&format!("| {rule} "))).unwrap_or_default();
        assert!(line.contains(rule.title()), "{rule}: {line}");
        assert_eq!(line.contains("(warning)"), rule.severity() == cog_validate::Severity::Warning, "{line}");
        assert!(rule.requirement().is_none_or(|requirement| line.contains(requirement)), "{line}");
    }
}
