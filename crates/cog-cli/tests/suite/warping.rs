//! `cog read --crs` beside GDAL's warper, over a sample of the corpus; all of it with `COG_MATRIX=all`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cog_testkit::{Corpus, parallel, python};
use serde_json::{Value, json};

use crate::command::THREADS;

const SYSTEMS: [&str; 5] = ["EPSG:3857", "EPSG:4326", "EPSG:3035", "EPSG:32633", "EPSG:3413"];

/// How pixels are made, how many times larger they are, and which share of them has to be close.
const METHODS: [(&str, u32, f64); 4] =
    [("nearest", 1, 0.999), ("bilinear", 1, 0.995), ("cubic", 1, 0.995), ("average", 4, 0.97)];

/// The same with `--warp gdal`, beside GDAL's defaults.
const METHODS_OF_GDAL: [(&str, u32, f64); 4] =
    [("nearest", 1, 0.9999), ("bilinear", 1, 0.999), ("cubic", 1, 0.999), ("average", 4, 0.999)];

/// The share of pixels whose validity has to be the same.
const VALID: f64 = 0.985;

/// One row in so many is compared, unless all are.
const SAMPLE: usize = 61;

/// Why GDAL and we mean different things: of a pixel that is longer than two source pixels we widen kernels, while GDAL is told not to; of a
/// pixel that is turned, or sheared, GDAL's area methods take the upright rectangle around two of its corners.
fn reason(verdict: &Value, warp: &str, method: (&str, u32, f64)) -> Option<&'static str> {
    if warp == "gdal" {
        return None;
    }
    let number = |name: &str| verdict[name].as_f64().unwrap_or(0.0);
    match method {
        ("bilinear" | "cubic", ..) if number("stretch") > 1.99 => Some("kernels are widened"),
        ("average", ..) if number("turn") > 4.0 => Some("areas are turned"),
        _ => None,
    }
}

/// Rows that differ for another reason: the file, the CRS and the method (any if empty), and why.
const EXCEPTED: [(&str, &str, &str, &str); 0] = [];

/// A file in a CRS by a method.
struct Row {
    name: String,
    path: PathBuf,
    crs: &'static str,
    method: (&'static str, u32, f64),
}

impl Row {
    fn shown(&self) -> String {
        let (method, scale, _) = self.method;
        format!("{} {} {method} / {scale}", self.name, self.crs)
    }

    fn exception(&self) -> Option<&'static str> {
        let is = |wanted: &str, own: &str| wanted.is_empty() || wanted == own;
        let found = EXCEPTED
            .iter()
            .find(|(file, crs, method, _)| *file == self.name && is(crs, self.crs) && is(method, self.method.0));
        found.map(|(.., why)| *why)
    }
}

/// Files that are read without loss, in all CRSs and by all methods, or some of these rows.
fn rows(corpus: &Corpus, methods: [(&'static str, u32, f64); 4]) -> Vec<Row> {
    let mut all = Vec::new();
    for file in corpus.well_formed().unwrap() {
        let expected = file.expected().unwrap();
        if !expected.is_ok() || expected.lossy {
            continue;
        }
        for crs in SYSTEMS {
            all.extend(methods.map(|method| Row { name: file.name().into(), path: file.path.clone(), crs, method }));
        }
    }
    match std::env::var("COG_MATRIX").as_deref() {
        Ok("all") => all,
        // Neighbours differ in method and CRS: every one of them comes up.
        _ => all.into_iter().step_by(SAMPLE).collect(),
    }
}

fn judged(test: &str, warp: &str, rows: &[Row]) -> Option<Vec<Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/warps.py");
    let parts: Vec<&[Row]> = rows.chunks(rows.len().div_ceil(THREADS).max(1)).collect();
    let said = parallel::map(&parts, THREADS, |part| {
        let items: Vec<Value> = part
            .iter()
            .map(|row| json!({"path": row.path, "crs": row.crs, "method": row.method.0, "scale": row.method.1, "warp": warp}))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("items.json");
        let asked = json!({"cog": env!("CARGO_BIN_EXE_cog"), "items": items});
        std::fs::write(&input, serde_json::to_vec(&asked).unwrap()).unwrap();
        python::judge(test, &script, &input, Duration::from_secs(7200)).unwrap()
    });
    let lines = said.into_iter().collect::<Option<Vec<String>>>()?;
    Some(lines.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn warped_pixels_are_those_of_gdal() {
    compare("warped_pixels_are_those_of_gdal", "exact", METHODS);
}

#[test]
fn pixels_warped_by_gdals_formulas_are_those_of_gdal() {
    compare("pixels_warped_by_gdals_formulas_are_those_of_gdal", "gdal", METHODS_OF_GDAL);
}

fn compare(test: &str, warp: &str, methods: [(&'static str, u32, f64); 4]) {
    let mut wrong = Vec::new();
    for corpus in Corpus::all_and_cases(test).unwrap() {
        let rows = rows(&corpus, methods);
        let Some(verdicts) = judged(test, warp, &rows) else { return };
        assert_eq!(verdicts.len(), rows.len());
        let (mut states, mut excepted) = (BTreeMap::<String, usize>::new(), 0);
        let mut reasons = BTreeMap::<&str, usize>::new();
        let mut table = BTreeMap::<(&str, &str), Vec<(f64, f64)>>::new();
        for (row, verdict) in rows.iter().zip(&verdicts) {
            let state = verdict["state"].as_str().unwrap();
            *states.entry(state.to_owned()).or_default() += 1;
            let share = |name: &str| verdict[name].as_f64().unwrap_or(0.0);
            let is_good = match state {
                // What an area covers of the source's edge is as much a question of its shape.
                "compared" if row.method.1 > 1 => {
                    share("same") >= row.method.2 || (1.0 - share("same")) * share("pixels") < 1.5
                }
                "compared" => share("same") >= row.method.2 && share("valid") >= VALID,
                "failed" => false,
                _ => true,
            };
            if let Some(reason) = reason(verdict, warp, row.method) {
                *reasons.entry(reason).or_default() += 1;
                continue;
            }
            if state == "compared" {
                table.entry((row.method.0, row.crs)).or_default().push((share("same"), share("valid")));
            }
            match row.exception() {
                _ if is_good => {}
                Some(why) => {
                    excepted += 1;
                    println!("  excepted: {}: {why}", row.shown());
                }
                None => wrong.push(format!("{}: {verdict}", row.shown())),
            }
        }
        println!(
            "{}: {} rows, by GDAL: {states:?}, left out: {reasons:?}, {excepted} excepted",
            corpus.name(),
            rows.len()
        );
        for ((method, crs), shares) in table {
            let mean = |of: fn(&(f64, f64)) -> f64| shares.iter().map(of).sum::<f64>() / shares.len() as f64;
            let least = |of: fn(&(f64, f64)) -> f64| shares.iter().map(of).fold(1.0, f64::min);
            println!(
                "  {method} {crs}: {} files, same {:.5} (at least {:.4}), valid {:.5} (at least {:.4})",
                shares.len(),
                mean(|s| s.0),
                least(|s| s.0),
                mean(|s| s.1),
                least(|s| s.1)
            );
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
