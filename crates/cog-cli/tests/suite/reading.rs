//! `cog read` in parts and other sizes, `cog point`, `cog stats`, `cog preview`, as a user runs them.

use crate::command;
use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use cog_testkit::Corpus;
use cog_testkit::npy::Npy;
use serde_json::Value;

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

fn temporary(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

/// Shape of what `cog read` writes with more arguments.
fn read_shape(name: &str, more: &[&str]) -> Vec<u64> {
    let (_folder, out) = temporary("out.npy");
    let file = testdata(name);
    let arguments = [&["read", &file, "-o", out.to_str().unwrap()], more].concat();
    let end = command::run(arguments);
    assert!(end.is_success(), "{}", command::failure(&end));
    Npy::open(&out).unwrap().shape
}

fn read_bytes(name: &str, more: &[&str]) -> Vec<u8> {
    let (_folder, out) = temporary("out.npy");
    let file = testdata(name);
    let end = command::run([&["read", &file, "-o", out.to_str().unwrap()], more].concat());
    assert!(end.is_success(), "{}", command::failure(&end));
    Npy::open(&out).unwrap().bytes().unwrap()
}

fn refused(name: &str, more: &[&str], words: &[&str]) {
    let (_folder, out) = temporary("out.npy");
    let file = testdata(name);
    command::assert_one_clear_line(
        &command::run([&["read", &file, "-o", out.to_str().unwrap()], more].concat()),
        words,
    );
    assert!(!out.exists());
}

fn json(arguments: &[&str]) -> Value {
    let end = command::run(arguments);
    assert!(end.is_success(), "{}", command::failure(&end));
    serde_json::from_str(&end.stdout).unwrap()
}

#[test]
fn the_output_has_the_size_that_was_asked_for() {
    let file = "cog_web_mercator.tif"; // 512 × 512, 2 bands
    assert_eq!(read_shape(file, &["--width", "100", "--height", "50"]), [2, 50, 100]);
    assert_eq!(read_shape(file, &["--width", "100"]), [2, 100, 100]);
    assert_eq!(read_shape(file, &["--max-size", "64", "--window", "0,0,512,128"]), [2, 16, 64]);
    assert_eq!(read_shape(file, &["--max-size", "9999"]), [2, 512, 512]);
    assert_eq!(read_shape(file, &["--level", "1"]), [2, 256, 256]);
    assert_eq!(read_shape(file, &["--resolution", "38.218514142588126"]), [2, 256, 256]);
    assert_eq!(read_shape(file, &["--window", "500,500,100,100"]), [2, 12, 12]);
    assert_eq!(read_shape(file, &["--window=-10,-10,20,20", "--boundless"]), [2, 20, 20]);
}

#[test]
fn bounds_of_a_window_give_the_window() {
    let file = "cog_web_mercator.tif";
    let (size, left, top) = (19.109257071294063, 1_516_510.641_177_896_4, 6_085_610.443_952_592);
    let edges = [left + 32.0 * size, top - 80.0 * size, left + 96.0 * size, top - 16.0 * size];
    let bounds = edges.map(|v| v.to_string()).join(",");
    assert_eq!(read_bytes(file, &["--bounds", &bounds]), read_bytes(file, &["--window", "32,16,64,64"]));
}

#[test]
fn what_lies_outside_is_filled_as_asked() {
    let file = "deflate_p2_uint8_rgb.tif";
    let bytes = read_bytes(file, &["--window=-2,0,4,1", "--boundless", "--fill", "7"]);
    let inside = read_bytes(file, &["--window", "0,0,2,1"]);
    assert_eq!(bytes.len(), 12);
    for (row, inside) in bytes.chunks_exact(4).zip(inside.chunks_exact(2)) {
        assert_eq!(row, [&[7, 7], inside].concat());
    }
}

#[test]
fn nonsense_is_refused_in_one_line() {
    let file = "cog_web_mercator.tif";
    refused(file, &["--bounds", "0,0,1,1"], &["bounds 0,0,1,1", "outside"]);
    refused(file, &["--bounds", "5,5,1,1"], &["no area"]);
    refused(file, &["--bounds", "nan,0,1,1"], &["no area"]);
    refused(file, &["--window", "0,0,0,5"], &["no pixels"]);
    refused(file, &["--window", "0,0,-3,5"], &["no pixels"]);
    refused(file, &["--window=-900,0,10,10", "--boundless"], &["outside"]);
    refused(file, &["--width", "0"], &["no pixels"]);
    refused(file, &["--width", "4000000000", "--height", "4000000000"], &["limit", "--max-output"]);
    refused(file, &["--bands", "3"], &["band 3"]);
    refused(file, &["--level", "9"], &["level 9"]);
    refused("no_georeference.tif", &["--bounds", "0,0,1,1"], &["no transform"]);
}

#[test]
fn values_at_places_come_from_arguments_or_standard_input() {
    let file = testdata("cog_lzw_p2_int16_nodata.tif");
    let whole = json(&["point", &file, "--pixels", "--json", "60.5", "50.5", "0.5", "0.5"]);
    assert_eq!(whole[0]["pixel"], serde_json::json!([60, 50]));
    let bytes = read_bytes("cog_lzw_p2_int16_nodata.tif", &["--window", "60,50,1,1"]);
    assert_eq!(whole[0]["values"][0].as_i64(), Some(i16::from_le_bytes([bytes[0], bytes[1]]).into()));
    let mut child =
        command::cog().args(["point", &file, "--pixels"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"60.5 50.5\n\n0.5,0.5\n").unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success());
    let text = String::from_utf8(out.stdout).unwrap();
    let first = text.lines().next().unwrap();
    assert_eq!(first, format!("60.5 50.5: {}", whole[0]["values"][0]));
    assert_eq!(text.lines().count(), 2);
    command::assert_one_clear_line(&command::run(["point", &file, "1"]), &["no partner"]);
}

#[test]
fn statistics_are_those_of_the_pixels() {
    let name = "zstd_p2_uint16.tif";
    let all = json(&["stats", &testdata(name), "--json", "--histogram", "4"]);
    let bytes = read_bytes(name, &[]);
    let values: Vec<f64> = bytes.chunks_exact(2).map(|b| f64::from(u16::from_le_bytes([b[0], b[1]]))).collect();
    let band = &all["bands"][0];
    let per_band = values.len() / all["bands"].as_array().unwrap().len();
    let values = &values[..per_band];
    assert_eq!(band["count"].as_u64(), Some(values.len() as u64));
    assert_eq!(band["min"].as_f64(), values.iter().copied().reduce(f64::min));
    assert_eq!(band["max"].as_f64(), values.iter().copied().reduce(f64::max));
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert!((band["mean"].as_f64().unwrap() - mean).abs() < 1e-9 * mean);
    let counts = band["histogram"]["counts"].as_array().unwrap();
    assert_eq!(counts.iter().filter_map(Value::as_u64).sum::<u64>(), values.len() as u64);
    assert_eq!(all["level"], 0);
    let complex = command::run(["stats", &testdata("complex64_deflate.tif")]);
    command::assert_one_clear_line(&complex, &["complex64", "no order"]);
}

#[test]
fn a_preview_is_a_png_with_transparency_where_there_is_no_data() {
    for (name, color) in [
        ("cog_jpeg_mask_interleaved.tif", 6),
        ("palette_lzw.tif", 2),
        ("zstd_p3_float32.tif", 0),
        ("deflate_p2_uint8_rgb.tif", 2),
    ] {
        let (_folder, out) = temporary("out.png");
        let end = command::run(["preview", &testdata(name), "-o", out.to_str().unwrap(), "--max-size", "40"]);
        assert!(end.is_success(), "{}", command::failure(&end));
        let bytes = std::fs::read(&out).unwrap();
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        let size = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!(size(16).max(size(20)), 40, "{name}");
        assert_eq!(bytes[25], color, "{name}: colour type");
    }
}

#[test]
fn side_cars_count_where_they_are_asked_for() {
    let file = |name: &str| format!("{}/../../testdata/side_cars/{name}.tif", env!("CARGO_MANIFEST_DIR"));
    let (all, described) = (file("all"), file("described"));
    let plain = json(&["info", "--json", &all]);
    assert_eq!(
        (&plain["overviews"], &plain["side_cars"]),
        (&Value::from(Vec::<u8>::new()), &Value::from(Vec::<u8>::new()))
    );
    let with = json(&["info", "--json", "--side-cars", &all]);
    assert_eq!(with["overviews"], Value::from(vec![2, 4]));
    assert_eq!(with["side_cars"].as_array().map(Vec::len), Some(3));
    assert_eq!((&with["levels"][1]["width"], &with["masks"][1]["width"]), (&Value::from(75), &Value::from(75)));
    let described = json(&["info", "--json", "--side-cars", &described]);
    assert_eq!((&described["profile"]["crs"], &described["crs"]["citation"]), (&"EPSG:4326".into(), &"WGS 84".into()));
    let text = command::run(["info", "--side-cars", &all]);
    assert!(text.stdout.contains("Side-cars:     all.tif.ovr, all.tif.msk, all.tif.msk.ovr"), "{}", text.stdout);
    assert!(text.stdout.contains("Internal mask: no, it lies beside the file"), "{}", text.stdout);
}
