//! `cog convert` beside GDAL, rio-cogeo and tifffile.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cog_testkit::{Corpus, parallel, python};
use serde_json::{Value, json};

use crate::command::THREADS;

/// One file of a large corpus in so many.
const SAMPLE: usize = 9;

/// Where GDAL and we differ about the source, or GDAL carries what is carried here and not there.
const EXCEPTED: [(&str, &str); 12] = [
    ("geos_vrtwarp.tif", "black of a 1-bit image without palette is transparent to GDAL only in the COG"),
    ("rdf.tif", "a palette beside bands that are not numbers of colours"),
    ("colormap-with-extrasamples.tif", "a palette beside another band"),
    ("exif_and_gps.tif", "GDAL writes no Exif directory either"),
    ("lab.tif", "its ICC profile speaks of CIELab, the COG holds RGB"),
    ("test3_with_mask_1bit.tif", "GDAL does not see the mask of the source"),
    ("cog_jpeg_rgb_nodata0.tif", "nodata of decoded JPEG"),
    ("cog_jpeg_mask_interleaved.tif", "decoders of JPEG differ"),
    ("webp_lossy_rgb.tif", "decoders of WebP differ"),
    ("grayscale-old-style-jpeg.tif", "the judge does not read the source"),
    ("gtiff_1col.tif", "an overview of one column, as GDAL makes it, is none to rio-cogeo"),
    (
        "test_11555.tif",
        "a level of 256 columns in the blocks of 256 that are asked for: rio-cogeo takes them for strips",
    ),
];

#[test]
fn converted_files_are_the_same_to_other_programs() {
    let test = "converted_files_are_the_same_to_other_programs";
    for corpus in Corpus::all(test).unwrap() {
        let files: Vec<PathBuf> = corpus.well_formed().unwrap().into_iter().map(|file| file.path.clone()).collect();
        let whole = std::env::var_os("COG_TEST_WHOLE").is_some();
        let step = if files.len() > 200 && !whole { SAMPLE } else { 1 };
        let files: Vec<PathBuf> = files.into_iter().step_by(step).collect();
        // `cog read -o` writes the same.
        let codecs = if whole { &["deflate", "zstd", "lzw", "read", "jpeg", "webp"][..] } else { &["deflate", "read"] };
        let Some(verdicts) = judged(test, "convert.py", &files, codecs, whole) else { return };
        let count = |state: &str| verdicts.iter().filter(|verdict| verdict["state"] == state).count();
        let (ok, refused) = (count("ok"), count("refused"));
        println!("{}: {ok} of {} the same, {refused} refused", corpus.name(), verdicts.len());
        let excepted = |verdict: &Value| EXCEPTED.iter().any(|(name, _)| verdict["file"] == *name);
        let wrong: Vec<String> = verdicts
            .iter()
            .filter(|v| v["state"] == "wrong" || (v["state"] == "refused" && v["gdal"] == "reads"))
            .filter(|verdict| !excepted(verdict))
            .map(Value::to_string)
            .collect();
        assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
        // Most files are not of bytes, which is all that JPEG and WebP are for.
        let lossless = |verdict: &&Value| !["jpeg", "webp"].map(Value::from).contains(&verdict["codec"]);
        let all = verdicts.iter().filter(lossless).count();
        assert!(ok * 10 > all * 8, "{ok} of {all}");
    }
}

/// GDAL overlooks masks and nodata where it looks for the most frequent of 8 and 16 bits; here they count.
const MODE_DIFFERS: [&str; 5] = ["mask of 1", "mask of 3", "rgba", "float32 nodata nan", "int16 nodata -32768"];

#[test]
fn overviews_are_those_of_gdals_cog_driver() {
    let Some(verdicts) =
        judged("overviews_are_those_of_gdals_cog_driver", "overviews.py", &[PathBuf::new()], &[], false)
    else {
        return;
    };
    assert!(verdicts.len() > 300, "{}", verdicts.len());
    for verdict in verdicts {
        let number = |name: &str| verdict[name].as_f64().unwrap();
        let kind = verdict["kind"].as_str().unwrap();
        if verdict["method"] == "mode" && MODE_DIFFERS.contains(&kind) {
            continue;
        }
        let least = if verdict["method"] == "nearest" || number("level") == 0.0 { 1.0 } else { 0.999 };
        assert!(number("same") >= least && number("valid") >= 0.999, "{verdict}");
        let float = kind.starts_with("float");
        assert!(float || number("most") <= 3.0, "{verdict}");
    }
}

fn judged(test: &str, script: &str, files: &[PathBuf], codecs: &[&str], gdal: bool) -> Option<Vec<Value>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge").join(script);
    let parts: Vec<&[PathBuf]> = files.chunks(files.len().div_ceil(THREADS).max(1)).collect();
    let said = parallel::map(&parts, THREADS, |part| {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("files.json");
        let asked = json!({"cog": env!("CARGO_BIN_EXE_cog"), "codecs": codecs, "files": part, "gdal_script": gdal});
        fs::write(&input, serde_json::to_vec(&asked).unwrap()).unwrap();
        python::judge(test, &script, &input, Duration::from_secs(7200)).unwrap()
    });
    let lines = said.into_iter().collect::<Option<Vec<String>>>()?;
    Some(lines.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str(line).unwrap()).collect())
}
