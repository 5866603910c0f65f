//! The verdicts of rio-cogeo and GDAL on every file there is, as `xtask/oracle/validate.py` wrote them down.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use cog_testkit::Corpus;
use cog_validate::io::{Location, Session};
use cog_validate::{Error, Report, Validation, Verdict};
use serde_json::Value;

/// What a tool said, or ours: how many findings of each rule.
type Counts = BTreeMap<String, u64>;

pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

/// Verdicts by path, as the tools gave them.
pub(crate) fn recorded(set: &str) -> BTreeMap<String, Value> {
    let text = std::fs::read_to_string(testdata().join("validate").join(set)).unwrap();
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn check(path: &Path) -> Result<Report, Error> {
    let open = async |path: &Path| Session::default().open(&Location::from_file_path(path).unwrap()).await;
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut validation = Validation::of(open(path).await?);
        let mut beside = path.as_os_str().to_owned();
        beside.push(".ovr");
        if let Ok(source) = open(Path::new(&beside)).await {
            validation = validation.overviews_beside(source);
        }
        validation.run().await
    })
}

fn counts(verdict: &Verdict) -> Counts {
    let mut counts = Counts::new();
    for finding in verdict.findings() {
        *counts.entry(finding.rule.id().into()).or_default() += 1;
    }
    counts
}

/// Files on which ours is another verdict than one of the tools, and why.
const OTHERWISE: [(&str, &str); 10] = [
    ("malformed/count_bytecounts_count_huge.tif", "libtiff 4.7 refuses tables larger than the file; GDAL 3.6 opens it"),
    (
        "malformed/count_offsets_count_bigtiff_2_61.tif",
        "libtiff 4.7 refuses tables larger than the file; GDAL 3.6 opens it",
    ),
    ("malformed/field_planar_0.tif", "a planar configuration of 0 is taken for 1 here, as by other readers"),
    ("malformed/huge_64bit_samples_2_20_square.tif", "libtiff reads no entry of a short table of so many blocks"),
    ("malformed/not_a_tiff.tif", "a PNG that GDAL cannot open; it has the signature of one, so it is no TIFF"),
    ("malformed/real/gdal-autotest--int12_ycbcr_contig.tif", "GDAL cannot show its colours; its layout can be judged"),
    ("malformed/real/gdal-autotest--toomanyblocks.tif", "GDAL counts blocks in 31 bits"),
    (
        "malformed/tile_offset_bigtiff_header.tif",
        "GDAL's validator seeks before the file, stays where it is and finds another block",
    ),
    ("malformed/type_bytecounts_signed.tif", "libtiff drops a short table with a negative number in it"),
    ("real/gdal-autotest/int12_ycbcr_contig.tif", "GDAL cannot show its colours; its layout can be judged"),
];

/// How a tool ended, without what it cannot do and we can.
fn differs(tool: &str, name: &str, recorded: &Value, ours: &Result<Report, Error>) -> Option<String> {
    let verdict = ours.as_ref().map(|report| if tool == "gdal" { &report.gdal } else { &report.rio_cogeo });
    let said = match recorded.get("rules") {
        Some(rules) => serde_json::from_value::<Counts>(rules.clone()).unwrap(),
        None => {
            return match (recorded["failed"].as_str().unwrap(), &verdict) {
                // GDAL's validator ends so where the file ends before a block: that is an error of ours.
                ("error" | "OverflowError", Ok(verdict)) if verdict.error_count > 0 => None,
                ("error" | "OverflowError", _) => Some(format!("{name}: {tool} ends in an error, ours in none")),
                // It looks at rows one by one, where ours goes by tables.
                ("time limit" | "codec", Ok(_)) => None,
                (_, Err(_)) => None,
                (why, Ok(_)) => Some(format!("{name}: {tool} fails ({why}), ours does not")),
            };
        }
    };
    match verdict {
        Ok(verdict) if counts(verdict) == said => None,
        Ok(verdict) => Some(format!("{name}: {tool} says {said:?}, ours {:?}", counts(verdict))),
        Err(error) => Some(format!("{name}: {tool} says {said:?}, ours is {error}")),
    }
}

fn compare(set: &str, folder: &Path) {
    let recorded = recorded(set);
    let mut wrong = String::new();
    for (name, tools) in &recorded {
        let ours = check(&folder.join(name));
        let otherwise = OTHERWISE.iter().any(|(other, _)| other == name);
        for tool in ["rio_cogeo", "gdal"].into_iter().filter(|_| !otherwise) {
            if let Some(difference) = differs(tool, name, &tools[tool], &ours) {
                writeln!(wrong, "{difference}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "{set}:\n{wrong}");
    println!("{set}: {} files", recorded.len());
}

#[test]
fn verdicts_on_the_repositorys_files_are_those_of_the_tools() {
    compare("testdata.json", &testdata().join("files"));
    compare("side_cars.json", &testdata().join("side_cars"));
    compare("rules.json", &testdata().join("validate/files"));
}

#[test]
fn verdicts_on_the_corpus_are_those_of_the_tools() {
    let (corpus, cases) = (std::env::var_os("COG_CORPUS"), Corpus::cases().unwrap());
    match corpus {
        Some(corpus) => compare("corpus.json", &Path::new(&corpus).join("files")),
        None => cog_testkit::not_run("verdicts on the corpus", "COG_CORPUS=DIR"),
    }
    match cases {
        Some(cases) => {
            let first = cases.files().unwrap().remove(0);
            let folder = first.path.ancestors().nth(Path::new(first.name()).components().count()).unwrap();
            compare("cases.json", folder);
        }
        None => cog_testkit::not_run("verdicts on strangers' cases", "COG_CASES=DIR"),
    }
}
