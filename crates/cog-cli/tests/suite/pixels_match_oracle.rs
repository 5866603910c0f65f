//! `cog read` gives of every level of every file the pixels and the mask that other readers give.

use crate::command;
use crate::deferral;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cog_testkit::expected::{Level, Mask};
use cog_testkit::npy::{self, Npy};
use cog_testkit::{Corpus, CorpusFile, Expected, parallel, python};
use serde_json::{Value, json};

/// Files where we differ from GDAL on purpose: (name, why).
const EXCEPTIONS: &[(&str, &str)] = &[
    ("real/gdal-autotest/block_width_above_32bit.tif", "tiles 2^31 pixels wide, which GDAL refuses as well"),
    ("pages-with-own-overviews/input.tif", "GDAL gives the overviews of all pages to the first"),
    ("real/gdal-autotest/packbits-not-enough-data.tif", "the data end early; GDAL reports that too, tifffile pads"),
];

enum Verdict {
    Same,
    /// The array is kept: the judge compares it with libjpeg-turbo's.
    ToJudge(Value),
    Deferred(String),
    Wrong(String),
}

#[test]
fn pixels_and_masks_of_every_level_are_those_of_the_oracle() {
    let mut wrong = Vec::new();
    for corpus in Corpus::all_and_cases("pixels_and_masks_of_every_level_are_those_of_the_oracle").unwrap() {
        let files = corpus.well_formed().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let numbered: Vec<(usize, &CorpusFile)> = files.iter().enumerate().collect();
        let verdicts = parallel::map(&numbered, command::THREADS, |(index, file)| {
            let levels = levels_of(file, &folder.path().join(index.to_string()));
            levels.into_iter().map(|(level, verdict)| (format!("{} level {level}", file.name()), verdict)).collect()
        });
        let mut count = Count::default();
        let mut to_judge = Vec::new();
        for (name, verdict) in verdicts.into_iter().flat_map(|v: Vec<_>| v) {
            match verdict {
                Verdict::ToJudge(item) => to_judge.push(item),
                other => count.add(name, other),
            }
        }
        judge_jpeg(&to_judge, folder.path(), &mut count);
        wrong.extend(count.report(corpus.name(), "levels"));
    }
    assert!(wrong.is_empty(), "{} levels differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn windows_are_cut_as_gdal_cuts_them() {
    let Some(corpus) = Corpus::from_env().unwrap() else {
        return cog_testkit::not_run("windows_are_cut_as_gdal_cuts_them", "COG_CORPUS=DIR");
    };
    let files = corpus.well_formed().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let numbered: Vec<(usize, &CorpusFile)> = files.iter().enumerate().collect();
    let verdicts = parallel::map(&numbered, command::THREADS, |(index, file)| {
        windows_of(file, &folder.path().join(index.to_string()))
    });
    let mut count = Count::default();
    verdicts.into_iter().flatten().for_each(|(name, verdict)| count.add(name, verdict));
    assert!(count.same > 1000, "only {} windows were compared", count.same);
    let wrong = count.report(corpus.name(), "windows");
    assert!(wrong.is_empty(), "{} windows differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[derive(Default)]
struct Count {
    same: usize,
    deferred: Vec<String>,
    wrong: Vec<String>,
}

impl Count {
    fn add(&mut self, name: String, verdict: Verdict) {
        match verdict {
            Verdict::Same => self.same += 1,
            Verdict::ToJudge(_) => self.wrong.push(format!("{name}: was not judged")),
            Verdict::Deferred(why) => self.deferred.push(format!("{name}: {why}")),
            Verdict::Wrong(why) => match EXCEPTIONS.iter().find(|e| name.split(' ').next() == Some(e.0)) {
                Some((_, reason)) => self.deferred.push(format!("{name}: {reason}")),
                None => self.wrong.push(format!("{name}: {why}")),
            },
        }
    }

    /// Prints the counts; gives back what differs.
    fn report(self, corpus: &str, what: &str) -> Vec<String> {
        let total = self.same + self.deferred.len() + self.wrong.len();
        println!("{corpus}: {} of {total} {what} agree, {} are not decoded yet", self.same, self.deferred.len());
        self.deferred.iter().for_each(|line| println!("  not yet: {line}"));
        self.wrong
    }
}

fn levels_of(file: &CorpusFile, stem: &Path) -> Vec<(u32, Verdict)> {
    let expected = file.expected().unwrap();
    let mut all = Vec::new();
    for level in expected.readable_levels() {
        let (out, mask) = outputs(stem, &level.level.to_string());
        let number = level.level.to_string();
        let jpeg = compression_of(&expected, &level) == Some(7);
        // The judge decodes CMYK and leaves it at that; GDAL goes on to RGBA.
        let stored = jpeg && expected.tag(262) == Some(&json!(5));
        let more: &[&str] = if stored { &["--level", &number, "--raw-color"] } else { &["--level", &number] };
        let verdict = match command::read(file.path.as_os_str(), &out, &mask, more) {
            Err(error) => refused(&expected, error),
            Ok(()) => level_verdict(file, &expected, &level, &out, &mask, stored)
                .unwrap_or_else(|e| Verdict::Wrong(e.to_string())),
        };
        if !matches!(verdict, Verdict::ToJudge(_)) {
            let _ = std::fs::remove_file(&out);
            let _ = std::fs::remove_file(&mask);
        }
        all.push((level.level, verdict));
    }
    all
}

fn level_verdict(
    file: &CorpusFile,
    expected: &Expected,
    level: &Level,
    out: &Path,
    mask: &Path,
    stored: bool,
) -> std::io::Result<Verdict> {
    let array = Npy::open(out)?;
    let shape = level.shape.map(Vec::from).unwrap_or_default();
    if array.shape != shape || array.dtype() != level.dtype {
        let ours = format!("{:?} {:?}", array.shape, array.dtype());
        return Ok(Verdict::Wrong(format!("{ours}, the oracle has {shape:?} {:?}", level.dtype)));
    }
    let jpeg = compression_of(expected, level) == Some(7);
    let by_values = expected
        .meta
        .as_ref()
        .is_some_and(|m| m.mask_flag_enums.iter().flatten().any(|flag| flag == "nodata" || flag == "alpha"));
    if jpeg && by_values && !stored {
        // Lossy values decide which pixels are valid, and GDAL's wheel decodes them with another JPEG library.
        let mut item = to_judge(file, level.level, out);
        item["mask"] = json!(mask);
        item["alpha"] = json!(alpha_of(expected));
        item["nodata"] = expected.meta.as_ref().and_then(|m| m.nodata.clone()).unwrap_or_default();
        return Ok(Verdict::ToJudge(item));
    }
    if let Some(wrong) = mask_difference(expected, level, out, mask)? {
        return Ok(Verdict::Wrong(wrong));
    }
    if jpeg {
        return Ok(Verdict::ToJudge(to_judge(file, level.level, out)));
    }
    let ours = array.hashes()?;
    Ok(same_or_wrong(&ours, level.sha256.as_deref(), level.sha256_plain_nan.as_deref()))
}

fn compression_of(expected: &Expected, level: &Level) -> Option<u64> {
    level.compression_code.or_else(|| expected.tifffile.as_ref().and_then(|t| t.compression))
}

fn to_judge(file: &CorpusFile, level: u32, out: &Path) -> Value {
    json!({"tif": file.path, "name": file.name(), "level": level, "npy": out})
}

fn alpha_of(expected: &Expected) -> Option<usize> {
    expected.meta.as_ref()?.colorinterp.iter().position(|c| c == "alpha")
}

fn same_or_wrong(ours: &npy::Hashes, theirs: Option<&str>, plain: Option<&str>) -> Verdict {
    if theirs == Some(ours.sha256.as_str()) || plain == Some(ours.plain_nan.as_str()) {
        return Verdict::Same;
    }
    Verdict::Wrong(format!("sha256 {} where the oracle has {theirs:?}", ours.sha256))
}

/// 255 where rasterio's `dataset_mask()` is above 0, else 0. An alpha band is itself the mask's values, so there the alpha that was
/// just read and the number of zeros say what the mask has to be.
fn mask_difference(expected: &Expected, level: &Level, out: &Path, mask: &Path) -> std::io::Result<Option<String>> {
    let theirs: Option<&Mask> =
        if level.level == 0 { expected.dataset_mask.as_ref() } else { level.dataset_mask.as_ref() };
    let ours = Npy::open(mask)?;
    let shape = level.shape.map(|[_, rows, columns]| vec![rows, columns]).unwrap_or_default();
    if ours.shape != shape || ours.dtype().as_deref() != Some("uint8") {
        return Ok(Some(format!("mask {:?} {:?} where the image is {shape:?}", ours.shape, ours.dtype())));
    }
    let Some(theirs) = theirs else { return Ok(None) };
    let bytes = ours.bytes()?;
    if theirs.sha256 == npy::sha256(&bytes) {
        return Ok(None);
    }
    if theirs.binary_sha256().is_some() {
        return Ok(Some(format!("mask has {} zeros, rasterio's {}, and they differ", zeros(&bytes), theirs.zeros)));
    }
    let Some(alpha) = alpha_of(expected) else {
        return Ok(Some("mask differs from rasterio's, and there is no alpha band that would explain it".to_owned()));
    };
    let array = Npy::open(out)?;
    let size = array.dtype().map_or(1, |d| if d == "uint16" { 2 } else { 1 });
    let pixels = bytes.len();
    let plane =
        array.bytes()?.get(alpha * pixels * size..(alpha + 1) * pixels * size).map(<[u8]>::to_vec).unwrap_or_default();
    let valid = |v: &[u8]| if v.iter().all(|b| *b == 0) { 0 } else { 255 };
    let wanted: Vec<u8> = plane.chunks(size).map(valid).collect();
    // rasterio scales a 16-bit alpha to 8 bits, so its zeros may be more; the 8-bit one is exact.
    if wanted != bytes || (size == 1 && zeros(&bytes) as u64 != theirs.zeros) {
        return Ok(Some(format!("mask has {} zeros where alpha has {}", zeros(&bytes), zeros(&wanted))));
    }
    Ok(None)
}

fn zeros(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b == 0).count()
}

fn windows_of(file: &CorpusFile, stem: &Path) -> Vec<(String, Verdict)> {
    let expected = file.expected().unwrap();
    let jpeg = expected.tifffile.as_ref().and_then(|t| t.compression) == Some(7);
    if jpeg || !expected.is_ok() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (number, read) in expected.reads.iter().enumerate() {
        let (Some(window), Some(sha256), None, false) = (read.window, &read.sha256, &read.out_shape, read.boundless)
        else {
            continue;
        };
        let text = window.map(|n| n.to_string()).join(",");
        let (out, mask) = outputs(stem, &format!("w{number}"));
        let verdict = match command::read(file.path.as_os_str(), &out, &mask, &["--window", &text]) {
            Err(error) => refused(&expected, error),
            Ok(()) => match Npy::open(&out).and_then(Npy::hashes) {
                Ok(ours) => same_or_wrong(&ours, Some(sha256), read.sha256_plain_nan.as_deref()),
                Err(error) => Verdict::Wrong(error.to_string()),
            },
        };
        let _ = std::fs::remove_file(&out);
        let _ = std::fs::remove_file(&mask);
        all.push((format!("{} window {text}", file.name()), verdict));
    }
    all
}

fn refused(expected: &Expected, error: String) -> Verdict {
    match deferral::reason(expected) {
        Some(why) if error.starts_with("exit code 1") => Verdict::Deferred(why),
        _ => Verdict::Wrong(error),
    }
}

fn outputs(stem: &Path, what: &str) -> (PathBuf, PathBuf) {
    let stem = stem.display();
    (PathBuf::from(format!("{stem}-{what}.npy")), PathBuf::from(format!("{stem}-{what}-mask.npy")))
}

fn judge_jpeg(items: &[Value], folder: &Path, count: &mut Count) {
    if items.is_empty() {
        return;
    }
    let input = folder.join("judge.jsonl");
    let lines = items.iter().fold(String::new(), |mut all, item| {
        let _ = writeln!(all, "{item}");
        all
    });
    std::fs::write(&input, lines).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/jpeg.py");
    let test = format!("the comparison of {} JPEG levels with libjpeg-turbo", items.len());
    let Some(said) = python::judge(&test, &script, &input, Duration::from_secs(1800)).unwrap() else { return };
    let verdicts: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.len(), items.len(), "the judge has to say something of each level");
    let mut masks = 0;
    for (item, verdict) in items.iter().zip(&verdicts) {
        let name = format!("{} level {}", item["name"].as_str().unwrap_or_default(), item["level"]);
        let by_values = item.get("mask").is_some();
        let verdict = if verdict["max"] == 0 && (!by_values || verdict["mask"] == 0) {
            masks += usize::from(by_values);
            Verdict::Same
        } else {
            Verdict::Wrong(format!("against libjpeg-turbo: {verdict}"))
        };
        count.add(name, verdict);
    }
    println!("{} JPEG levels judged by libjpeg-turbo, sample by sample", items.len());
    println!("{masks} masks are those that libjpeg-turbo's values tell, bit for bit");
}
