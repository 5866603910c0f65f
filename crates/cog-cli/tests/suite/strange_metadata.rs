//! `cog info --json` of small files whose metadata are wrong in the ways of strangers' files: it says what GDAL says, and
//! warns of what was dropped. The files and rasterio's values are in `testdata/strange`.

use crate::command::{self, failure};
use crate::info_matches_oracle::fields;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cog_testkit::expected::Meta;
use cog_testkit::parallel;
use serde_json::Value;

struct Strange {
    name: String,
    tiff: Vec<u8>,
    beside: Vec<(String, Vec<u8>)>,
    meta: Meta,
}

fn all() -> Vec<Strange> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/strange/strange.json");
    let list: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let bytes = |text: &Value| STANDARD.decode(text.as_str().unwrap()).unwrap();
    let strange = |case: Value| Strange {
        name: case["name"].as_str().unwrap().to_string(),
        tiff: bytes(&case["tiff"]),
        beside: case["beside"].as_object().unwrap().iter().map(|(end, text)| (end.clone(), bytes(text))).collect(),
        meta: serde_json::from_value(case["meta"].clone()).unwrap(),
    };
    list.into_iter().map(strange).collect()
}

fn write(case: &Strange, folder: &Path) -> PathBuf {
    let path = folder.join("a.tif");
    std::fs::write(&path, &case.tiff).unwrap();
    for (end, bytes) in &case.beside {
        std::fs::write(folder.join(format!("a.{end}")), bytes).unwrap();
    }
    path
}

fn info(case: &Strange) -> Result<Value, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = write(case, folder.path());
    let mut arguments = vec!["info", "--json", path.to_str().unwrap()];
    if !case.beside.is_empty() {
        arguments.push("--side-cars");
    }
    let end = command::run(arguments);
    if end.is_success() { Ok(serde_json::from_str(&end.stdout).unwrap()) } else { Err(failure(&end)) }
}

#[test]
fn strange_metadata_are_read_as_gdal_reads_them() {
    let cases = all();
    assert!(cases.len() > 250, "{}", cases.len());
    let wrong = parallel::map(&cases, command::THREADS, |case| match info(case) {
        Err(error) => vec![format!("{}: {error}", case.name)],
        Ok(info) => fields(&info, &case.meta)
            .into_iter()
            .filter_map(|field| Some(format!("{}: {}: {}", case.name, field.name, field.difference?)))
            .collect(),
    });
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn whatever_was_dropped_is_named_in_the_warnings() {
    let cases = all();
    for (name, words) in [
        ("XML: bare ampersand", "text from a bare \"&\" on is dropped: \"& pepper\""),
        ("XML: root that is not closed", "GDAL_METADATA is lost: the element \"GDALMetadata\" is not closed"),
        ("XML: root of another name", "it has no element \"GDALMetadata\""),
        ("XML: attribute twice", "the attribute \"name\" is there twice"),
        ("XML: second root behind", "1 elements or texts beside its root are ignored"),
        ("XML: undeclared prefix on an item", "1 elements that are no \"Item\" are ignored"),
        ("XML: item of nothing", "the item \"A\" is dropped: it holds no plain text"),
        ("XML: item without a name", "an item without a name is dropped"),
        ("XML: sample out of range", "there is no band 65536"),
        ("XML: colour that nobody knows", "\"Foo\" is not a known colour"),
        ("number: 0.1f", "\"0.1f\" of \"N\" is read as 0.1"),
        ("number: abc", "\"abc\" of \"N\" is read as 0"),
        ("colours: ColorMap of 49 values for 8 bits", "ColorMap holds 49 values, samples of 8 bits need 768"),
        ("colours: palette without a ColorMap", "a palette image without a ColorMap"),
        ("colours: palette with nodata 3.7", "GDAL_NODATA \"3.7\" stands for 3 in uint8"),
        ("colours: palette with nodata -1", "GDAL_NODATA \"-1\" is ignored: uint8 cannot hold it"),
        ("colours: palette with nodata abc", "GDAL_NODATA \"abc\" is read as 0"),
        ("place: scale only", "ModelPixelScale without a tie point"),
        ("place: tie point of five numbers", "ModelTiepoint holds 5 of its 6 numbers"),
        ("place: matrix of 15 numbers", "ModelTransformation holds 15 instead of 16 numbers"),
        ("NODATA_VALUES: '7 8'", "NODATA_VALUES \"7 8\" is ignored: 3 bands need as many numbers"),
        ("others: RPC of 91 numbers", "RPCCoefficient holds 91 instead of 92 numbers"),
        ("beside: an .aux.xml with numbers with text behind", "\"0.1f\" is not a plain number"),
        ("beside: an .aux.xml with an end that is missing", "a.tif.aux.xml"),
    ] {
        let case = cases.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name:?}"));
        let info = info(case).unwrap();
        let warnings = info["warnings"].as_array().unwrap();
        assert!(
            warnings.iter().any(|w| w.as_str().unwrap().contains(words)),
            "{name}: {words:?} is not in {warnings:?}"
        );
    }
}

#[test]
fn plain_metadata_warn_of_nothing() {
    for name in [
        "XML: escaped twice",
        "XML: declaration",
        "XML: CDATA",
        "number:   2.5  ",
        "colours: palette of 8 bits, 8 bits",
    ] {
        let case = all().into_iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no case {name:?}"));
        assert_eq!(info(&case).unwrap()["warnings"], Value::Array(Vec::new()), "{name}");
    }
}

#[test]
fn the_text_shows_colours_layout_and_warnings() {
    let case = all().into_iter().find(|case| case.name == "colours: palette with nodata 3.7").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let end = command::run(["info", write(&case, folder.path()).to_str().unwrap()]);
    assert!(end.is_success());
    for line in [
        "Color table: 16 colors (0: 0,50,100,255  1: 7,57,107,255",
        "COG layout:  yes by its header, not declared",
        "Mask flags:  nodata",
        "Overviews:   none",
        "Driver:      GTiff",
        "WARNINGS",
        "GDAL_NODATA \"3.7\" stands for 3 in uint8",
    ] {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain(&end.stdout).contains(&plain(line)), "{line:?} is not in\n{}", end.stdout);
    }
}
