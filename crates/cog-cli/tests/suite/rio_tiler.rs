//! `cog tile` beside rio-tiler's tiles of the same places.
//!
//! They are not the same: rio-tiler reads a tile through GDAL's `WarpedVRT`, which interpolates coordinates within 0.125 pixel of the level that
//! GDAL takes for the tile, and scales its kernels by the tile; ours are exact. So a pixel differs by what the image changes over a fraction of a
//! pixel, and near the middle between two levels each may take another one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cog_testkit::{Corpus, parallel, python};
use serde_json::{Value, json};

use crate::command::THREADS;

/// One file of a large corpus in so many.
const SAMPLE: usize = 23;

/// The share of pixels whose validity has to be the same, of every tile: GDAL's approximation moves edges by less than a pixel, at most
/// along one side (1/256).
const VALID: f64 = 0.995;

/// Mean absolute difference in percent of the range of values, of every tile with so many valid pixels or more: what was measured is up to 3.4.
const MEAN: f64 = 4.0;
const ENOUGH: u64 = 2000;

/// The same over all tiles, pixel by pixel, of those at the zoom nearest to the file's resolution, and one and two coarser. Without overviews
/// GDAL widens bilinear kernels from a scale of 0.95 down, we from 0.5: images full of detail differ by up to 3.4 then.
const MEAN_OF_ALL: [f64; 3] = [0.1, 1.5, 1.5];

/// Files of which the tiles differ for another reason.
const EXCEPTED: [(&str, &str); 1] =
    [("geos_vrtwarp.tif", "GDAL shows pixels of a geostationary image for places behind the Earth, and along its rim")];

#[test]
fn tiles_are_those_of_rio_tiler_but_for_its_approximation() {
    let test = "tiles_are_those_of_rio_tiler_but_for_its_approximation";
    for corpus in Corpus::all(test).unwrap() {
        let files: Vec<PathBuf> = corpus
            .well_formed()
            .unwrap()
            .into_iter()
            .filter(|file| file.expected().unwrap().is_ok())
            .map(|file| file.path.clone())
            .collect();
        let step = if files.len() > 200 { SAMPLE } else { 1 };
        let files: Vec<PathBuf> = files.into_iter().step_by(step).collect();
        let Some(verdicts) = judged(test, &files) else { return };
        check(corpus.name(), &verdicts);
    }
}

fn judged(test: &str, files: &[PathBuf]) -> Option<Vec<Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/tiles.py");
    let parts: Vec<&[PathBuf]> = files.chunks(files.len().div_ceil(THREADS).max(1)).collect();
    let said = parallel::map(&parts, THREADS, |part| {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("files.json");
        let asked = json!({"cog": env!("CARGO_BIN_EXE_cog"), "seed": 1, "files": part});
        std::fs::write(&input, serde_json::to_vec(&asked).unwrap()).unwrap();
        python::judge(test, &script, &input, Duration::from_secs(3600)).unwrap()
    });
    let lines = said.into_iter().collect::<Option<Vec<String>>>()?;
    Some(lines.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn check(corpus: &str, verdicts: &[Value]) {
    let (mut wrong, mut states) = (Vec::new(), BTreeMap::<&str, usize>::new());
    let mut table = BTreeMap::<(&str, u64), Vec<&Value>>::new();
    let share = |verdict: &Value, name: &str| verdict[name].as_f64().unwrap();
    for verdict in verdicts {
        let state = match EXCEPTED.iter().any(|(file, _)| *file == verdict["file"]) {
            true => "excepted",
            false => verdict["state"].as_str().unwrap(),
        };
        *states.entry(state).or_default() += 1;
        if state == "failed" {
            wrong.push(verdict.to_string());
        }
        if state != "compared" {
            continue;
        }
        let has_enough = verdict["pixels"].as_u64().unwrap() >= ENOUGH;
        if share(verdict, "valid") < VALID || has_enough && share(verdict, "mean") > MEAN {
            wrong.push(verdict.to_string());
        }
        let coarser = verdict["coarser"].as_u64().unwrap();
        table.entry((verdict["method"].as_str().unwrap(), coarser)).or_default().push(verdict);
    }
    println!("{corpus}: {states:?}");
    for ((method, coarser), tiles) in table {
        let pixels: f64 = tiles.iter().map(|tile| share(tile, "pixels")).sum();
        let over =
            |name: &str| tiles.iter().map(|t| share(t, name) * share(t, "pixels")).sum::<f64>() / pixels.max(1.0);
        let valid = tiles.iter().map(|tile| share(tile, "valid")).sum::<f64>() / tiles.len() as f64;
        let (same, mean) = (over("same"), over("mean"));
        println!(
            "  {method}, {coarser} coarser: {} tiles, {pixels} pixels: {same:.4} the same, mean difference {mean:.4} % of the range; validity {valid:.5}",
            tiles.len()
        );
        if mean > MEAN_OF_ALL[coarser as usize] {
            wrong.push(format!("{method}, {coarser} coarser: {mean} %"));
        }
    }
    assert!(states.get("compared").is_some_and(|n| *n > 100), "{corpus}: {states:?}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
