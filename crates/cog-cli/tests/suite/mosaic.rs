//! `cog mosaic`, and `cog mosaic create`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cog_testkit::child::Outcome;
use cog_testkit::server::Server;
use serde_json::Value;

use crate::command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/mosaic").canonicalize().unwrap()
}

fn scene(name: &str, number: usize) -> OsString {
    folder().join(format!("{name}_{number}.tif")).into()
}

/// `cog mosaic` with arguments; the array that it wrote, and its mask.
fn mosaic(sources: &[OsString], more: &[&str]) -> (Vec<u8>, Vec<u8>, Outcome) {
    let folder = tempfile::tempdir().unwrap();
    let (out, mask) = (folder.path().join("out.npy"), folder.path().join("mask.npy"));
    let mut arguments: Vec<OsString> = vec!["mosaic".into()];
    arguments.extend(sources.iter().cloned());
    arguments.extend(more.iter().map(OsString::from));
    arguments.extend(["-o".into(), out.clone().into(), "--mask".into(), mask.clone().into()]);
    let end = command::run(arguments);
    assert!(end.is_success(), "{}", command::failure(&end));
    (std::fs::read(out).unwrap(), std::fs::read(mask).unwrap(), end)
}

/// What stands behind the header of a NumPy file.
fn data(npy: &[u8]) -> &[u8] {
    let header = u16::from_le_bytes([npy[8], npy[9]]) as usize;
    &npy[10 + header..]
}

/// rio-tiler's mosaics of the same scenes: see `testdata/mosaic/make.py`.
#[test]
fn mosaics_are_those_of_rio_tiler() {
    let text = std::fs::read_to_string(folder().join("mosaics.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let blob = std::fs::read(folder().join("mosaics.bin")).unwrap();
    let bounds: Vec<String> = document["bounds"].as_array().unwrap().iter().map(Value::to_string).collect();
    let mut compared = 0;
    for of in document["mosaics"].as_array().unwrap() {
        // Of integers results are exact, but for sums that overflow in rio-tiler.
        if of["case"] != "masked_u16" || of["method"] == "sum" || of["method"] == "stdev" {
            continue;
        }
        let sources: Vec<OsString> = (0..6).map(|i| scene("masked_u16", i)).collect();
        let bounds = bounds.join(",");
        let selection = of["method"].as_str().unwrap();
        let (out, mask, _) = mosaic(
            &sources,
            &["--bounds", &bounds, "--resolution", "10", "--pixel-selection", selection, "--bands", "1,2"],
        );
        let shape: Vec<usize> = of["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
        let count: usize = shape.iter().product();
        let size = if of["dtype"] == "uint16" { 2 } else { 1 };
        let start = of["offset"].as_u64().unwrap() as usize;
        let (theirs, valid) = (&blob[start..start + count * size], &blob[start + count * size..][..count]);
        let ours = data(&out);
        assert_eq!(ours.len(), theirs.len(), "{selection}");
        for (i, valid) in valid.iter().enumerate() {
            let sample = i * size..(i + 1) * size;
            assert!(*valid == 0 || ours[sample.clone()] == theirs[sample], "{selection}, sample {i}");
        }
        // All bands have one mask.
        assert_eq!(data(&mask), &valid[..data(&mask).len()], "{selection}");
        compared += 1;
    }
    assert_eq!(compared, 9);
}

#[test]
fn a_mosaic_json_that_was_made_is_read_like_its_files() {
    let temporary = tempfile::tempdir().unwrap();
    let (json, list) = (temporary.path().join("mosaic.json"), temporary.path().join("list.txt"));
    let sources: Vec<OsString> = (0..6).map(|i| scene("nodata_i16", i)).collect();
    let lines: Vec<String> = sources.iter().map(|path| path.to_str().unwrap().to_string()).collect();
    std::fs::write(&list, format!("# scenes\n{}\n\n", lines.join("\n"))).unwrap();
    let mut arguments: Vec<OsString> = vec!["mosaic".into(), "create".into(), format!("@{}", list.display()).into()];
    arguments.extend(["--quadkey-zoom", "17", "--name", "scenes", "-o"].map(OsString::from));
    arguments.push(json.clone().into());
    let end = command::run(arguments);
    assert!(end.is_success(), "{}", command::failure(&end));
    assert!(end.stderr.contains("6 files in ") && end.stderr.contains("tiles of zoom 17"), "{}", end.stderr);
    let document: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(
        (&document["mosaicjson"], &document["name"], &document["data_type"]),
        (&"0.0.3".into(), &"scenes".into(), &"int16".into())
    );

    for selection in ["first", "last", "median"] {
        let more =
            ["--pixel-selection", selection, "--crs", "EPSG:3857", "--max-size", "90", "--resampling", "bilinear"];
        let (files, mask, said) = mosaic(&sources, &more);
        let (read, same, _) = mosaic(&[json.clone().into()], &more);
        assert!(said.stderr.contains("6 of 6 sources"), "{}", said.stderr);
        assert_eq!((files, mask), (read, same), "{selection}");
    }
    // On standard output, which is the default.
    let end = command::run([OsString::from("mosaic"), "create".into(), sources[0].clone()]);
    assert!(end.is_success() && serde_json::from_str::<Value>(&end.stdout).is_ok(), "{}", command::failure(&end));
}

#[test]
fn outlines_of_cog_bounds_are_sources() {
    let temporary = tempfile::tempdir().unwrap();
    let outlines = temporary.path().join("outlines.geojson");
    let sources: Vec<OsString> = (0..6).map(|i| scene("rgba", i)).collect();
    let end = command::run(std::iter::once(OsString::from("bounds")).chain(sources.iter().cloned()));
    std::fs::write(&outlines, &end.stdout).unwrap();
    assert_eq!(mosaic(&sources, &[]).0, mosaic(&[outlines.into()], &[]).0);
}

#[test]
fn where_no_source_is_all_pixels_are_nodata_and_the_summary_says_so() {
    let (out, mask, end) = mosaic(&[scene("nodata_i16", 0)], &["--bounds", "900000,5000000,900100,5000100"]);
    assert!(end.stderr.contains("none of 1 sources holds data there"), "{}", end.stderr);
    assert!(data(&mask).iter().all(|v| *v == 0));
    assert!(data(&out).chunks(2).all(|sample| sample == (-9999_i16).to_le_bytes()));
}

#[test]
fn sources_that_fail_are_named_or_skipped() {
    let sources = [scene("nodata_u8", 0), folder().join("gone.tif").into(), scene("nodata_u8", 1)];
    let run = |more: &[&str]| {
        let mut arguments: Vec<OsString> = vec!["mosaic".into()];
        arguments.extend(sources.iter().cloned());
        arguments.extend(more.iter().chain(&["-o", "/dev/null"]).map(OsString::from));
        command::run(arguments)
    };
    let end = run(&[]);
    assert_eq!(end.code, Some(1));
    let line = end.stderr.lines().last().unwrap();
    assert!(line.starts_with("cog: source 2 of 3: ") && line.contains("gone.tif: not found"), "{line}");
    let end = run(&["--skip-errors"]);
    assert!(end.is_success(), "{}", command::failure(&end));
    assert!(end.stderr.contains("cog: skipped: source 2 of 3: "), "{}", end.stderr);
}

#[test]
fn command_lines_that_mean_nothing_are_refused() {
    let a = scene("nodata_u8", 0);
    let a = a.to_str().unwrap();
    for (arguments, code, words) in [
        (vec!["mosaic"], 2, "SOURCE"),
        (vec!["mosaic", a], 2, "--output"),
        (vec!["mosaic", a, "-o", "x.npy", "--pixel-selection", "best"], 2, "is not one of first, last"),
        (vec!["mosaic", a, "-o", "x.npy", "--resampling", "gauss"], 2, "for the file's own grid only"),
        (vec!["mosaic", a, "-o", "x.nc"], 2, "only as .npy, .tif"),
        (vec!["mosaic", a, "-o", a], 2, "is the input"),
        (vec!["mosaic", "create", a, "-o", "x.tif"], 2, "only as .json"),
        (vec!["mosaic", "create"], 2, "SOURCE"),
        (vec!["mosaic", "create", a, "--tms", "Nowhere"], 1, "cog tms lists them"),
        (vec!["mosaic", "-", "-o", "/dev/null"], 1, "standard input cannot be one of several files"),
        (vec!["mosaic", "ftp://user:secret@host/a.tif", "-o", "/dev/null"], 1, "source 1 of 1"),
    ] {
        let end = command::run(&arguments);
        assert_eq!(end.code, Some(code), "{arguments:?}: {}", end.stderr);
        assert!(end.stderr.contains(words) && !end.stderr.contains("secret"), "{arguments:?}: {}", end.stderr);
    }
}

#[test]
fn a_first_source_that_covers_all_is_the_only_one_that_is_read() {
    let files = (0..20)
        .map(|i| (format!("/{i}.tif"), std::fs::read(scene("masked_u16", if i == 0 { 2 } else { i % 6 })).unwrap()));
    let server = Server::start(files);
    // Every file says of itself where it lies: the first has holes, the alpha of the others does not matter.
    let urls: Vec<OsString> = (0..20).map(|i| server.url(&format!("/{i}.tif")).into()).collect();
    let (_, _, end) = mosaic(
        &urls,
        &["--bounds", "500000,5299700,500200,5299900", "--resolution", "10", "--nodata", "65535", "--stats"],
    );
    assert!(end.stderr.contains("1 of 20 sources"), "{}", end.stderr);
    let mut asked: Vec<String> = server.take_log().into_iter().map(|request| request.path).collect();
    asked.dedup();
    assert_eq!(asked, ["/0.tif"]);
    let stats: Value = serde_json::from_str(end.stderr.lines().last().unwrap()).unwrap();
    assert_eq!(stats["requests"], 1, "{stats}");
}
