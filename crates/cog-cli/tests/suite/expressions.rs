//! `--expression`: band maths over the bands of a file.

use std::fs;
use std::path::Path;
use std::time::Duration;

use cog_testkit::child::Outcome;
use cog_testkit::npy::Npy;
use cog_testkit::{Corpus, python};
use serde_json::{Value, json};

use crate::command;

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

/// 170 × 150 pixels of red, green and blue, with overviews.
const RGB: &str = "cog_deflate_p2_uint8_rgb.tif";
/// 45 × 50 pixels of five bands of int16, each in planes of its own.
const PLANES: &str = "deflate_p2_int16_5_bands_planar.tif";
/// 45 × 50 pixels of five bands of uint16.
const FIVE: &str = "deflate_p2_uint16_5_bands_be.tif";

/// Samples of an array, and its shape.
fn array(path: &Path) -> (Vec<u64>, Vec<f64>) {
    let npy = Npy::open(path).unwrap();
    let (shape, descr) = (npy.shape.clone(), npy.descr.clone());
    let bytes = npy.bytes().unwrap();
    fn of<const N: usize>(bytes: &[u8], value: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        bytes.as_chunks::<N>().0.iter().map(|bytes| value(*bytes)).collect()
    }
    let values = match descr.as_str() {
        "|u1" => of(&bytes, |b: [u8; 1]| b[0].into()),
        "<u2" => of(&bytes, |b| u16::from_le_bytes(b).into()),
        "<i2" => of(&bytes, |b| i16::from_le_bytes(b).into()),
        "<f4" => of(&bytes, |b| f32::from_le_bytes(b).into()),
        "<f8" => of(&bytes, f64::from_le_bytes),
        other => panic!("{other}"),
    };
    (shape, values)
}

/// An array and a mask that `cog read` or `cog tile` makes.
fn made(words: &[&str]) -> (Vec<u64>, Vec<f64>, Vec<f64>) {
    let folder = tempfile::tempdir().unwrap();
    let [out, mask] = ["out.npy", "mask.npy"].map(|name| folder.path().join(name));
    let outputs = ["-o", out.to_str().unwrap(), "--mask", mask.to_str().unwrap()];
    let end = command::run(words.iter().copied().chain(outputs));
    assert!(end.is_success(), "{words:?}: {}", command::failure(&end));
    let (shape, values) = array(&out);
    (shape, values, array(&mask).1)
}

/// With whatever says which pixels are read, a formula over two bands comes to what it is of the bands that are read by the same words.
#[test]
fn a_formula_goes_along_with_every_other_option() {
    let folder = tempfile::tempdir().unwrap();
    let polygon = r#"{"type":"Polygon","coordinates":[[[400000,5299000],[401200,5298900],[400600,5299900],[400000,5299000]]],
        "crs":{"type":"name","properties":{"name":"EPSG:32633"}}}"#;
    let cut = folder.path().join("cut.geojson");
    fs::write(&cut, polygon).unwrap();
    let cut = cut.to_str().unwrap();
    for options in [
        &[][..],
        &["--level", "1"],
        &["--window", "20,30,64,50"],
        &["--window", "-10,-20,64,50", "--boundless"],
        &["--bounds", "400000,5299000,401000,5299900", "--max-size", "40", "--resampling", "bilinear"],
        &["--width", "60", "--resampling", "average"],
        &["--nodata", "77"],
        &["--crs", "EPSG:3857", "--resampling", "bilinear"],
        &["--crs", "EPSG:4326", "--resampling", "nearest", "--warp", "gdal"],
        &["--crs", "EPSG:3857", "--cutline", cut, "--crop-to-cutline"],
        &["--cutline", cut, "--all-touched"],
        &["--like", &testdata(PLANES)],
    ] {
        let file = testdata(RGB);
        let words = [&["read", file.as_str()], options].concat();
        let (shape, bands, _) = made(&[words.as_slice(), &["--bands", "3,1"]].concat());
        // The mask of all bands together is not that of each: with a nodata of one's own they differ.
        let masks = ["3", "1"].map(|band| made(&[words.as_slice(), &["--bands", band]].concat()).2);
        let (found_shape, found, mask) = made(&[words.as_slice(), &["--expression", "(B3-b1)/(b3+B1)"]].concat());
        assert_eq!(found_shape, [1, shape[1], shape[2]], "{options:?}");
        let (third, first) = bands.split_at(found.len());
        let mut valid = 0;
        for (at, value) in found.iter().enumerate() {
            let [a, b] = [first[at], third[at]];
            let expected = ((b - a) / (b + a)) as f32;
            let is_valid = masks.iter().all(|mask| mask[at] > 0.0) && a + b != 0.0;
            assert_eq!(mask[at] > 0.0, is_valid, "{options:?}: {at}");
            assert!(
                if is_valid { *value == f64::from(expected) } else { value.is_nan() },
                "{options:?}: {at}: {value}"
            );
            valid += usize::from(is_valid);
        }
        assert!(valid > 100, "{options:?}: {valid}");
    }
}

#[test]
fn scales_are_applied_before_a_formula() {
    let file = testdata("cog_scale_offset_units_descriptions.tif");
    let (_, bands, _) = made(&["read", &file, "--unscale"]);
    // The file calls its bands so.
    let (shape, found, _) = made(&["read", &file, "--unscale", "--expression", "temperature * 2; 'wind speed' - B1"]);
    assert_eq!(shape, [2, 70, 80]);
    let (first, second) = bands.split_at(70 * 80);
    let expected = first.iter().map(|a| a * 2.0).chain(second.iter().zip(first).map(|(b, a)| b - a));
    assert!(found.iter().copied().eq(expected.map(|v| f64::from(v as f32))));
}

/// A cut-line hides what lies outside, though a formula may make a number of what has no data.
#[test]
fn what_lies_outside_a_cut_line_stays_outside() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.geojson");
    fs::write(
        &cut,
        r#"{"type":"Polygon","coordinates":[[[399960,5299540],[400200,5299540],[400200,5300040],[399960,5299540]]],
           "crs":{"type":"name","properties":{"name":"EPSG:32633"}}}"#,
    )
    .unwrap();
    let (file, cut) = (testdata(PLANES), cut.to_str().unwrap());
    let words = ["read", &file, "--cutline", cut, "--bands", "1"];
    let (.., inside) = made(&words);
    let (_, values, mask) = made(&["read", &file, "--cutline", cut, "--expression", "where(isnan(b1), 5, 6)"]);
    assert_eq!(mask, inside);
    assert!(values.iter().zip(&mask).all(|(v, m)| if *m > 0.0 { *v == 6.0 } else { v.is_nan() }));
    let end = command::run(["stats", &file, "--cutline", cut, "--json", "--expression", "where(isnan(b1), 5, 6)"]);
    let stats: Value = serde_json::from_str(&end.stdout).unwrap();
    let count = inside.iter().filter(|m| **m > 0.0).count();
    assert_eq!((&stats["bands"][0]["count"], &stats["bands"][0]["min"]), (&json!(count), &json!(6.0)));
}

#[test]
fn only_the_bands_that_are_named_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.npy");
    // Without the small first read all of so small a file would come with its header.
    let bytes = |more: &[&str]| {
        let file = testdata(PLANES);
        let words = [&["read", &file, "--stats", "-o", out.to_str().unwrap()], more].concat();
        let end = command::run_with(words, [("INGESTED_BYTES_AT_OPEN", "512")]);
        assert!(end.is_success(), "{}", command::failure(&end));
        command::stats(&end)["bytes"].as_u64().unwrap()
    };
    assert_eq!(bytes(&["--expression", "b4 * 2 + b4"]), bytes(&["--bands", "4"]));
    assert_eq!(bytes(&["--expression", "b5; b2"]), bytes(&["--bands", "2,5"]));
    assert!(bytes(&["--expression", "b4"]) < bytes(&["--expression", "b1+b2+b3+b4+b5"]));
}

#[test]
fn tiles_and_previews_show_results() {
    let file = testdata(RGB);
    let (_, bands, masks) = made(&["tile", &file, "14", "8814", "5705", "--bands", "1,2"]);
    let (shape, found, mask) = made(&["tile", &file, "14", "8814", "5705", "--expression", "b1 - 2*b2"]);
    assert_eq!((shape, &mask), (vec![1, 256, 256], &masks));
    let (first, second) = bands.split_at(256 * 256);
    for (at, value) in found.iter().enumerate() {
        assert!(if mask[at] > 0.0 { *value == first[at] - 2.0 * second[at] } else { value.is_nan() });
    }
    assert!(mask.iter().any(|m| *m > 0.0) && mask.contains(&0.0));

    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("out.png");
    for (words, said) in [
        (&["preview", &file, "--expression", "(b1-b2)/(b1+b2)"][..], "170 × 150 PNG, gray"),
        (&["preview", &file, "--expression", "b3; b2/2; sqrt(b1)"], "170 × 150 PNG, RGB"),
        (&["preview", &file, "--expression", "where(b1 > 100, b1, nan)", "--crs", "EPSG:3857"], "PNG, gray and alpha"),
        (&["tile", &file, "14", "8814", "5705", "--expression", "b1/b2"], "256 × 256 PNG, gray and alpha"),
        (&["preview", &testdata("palette_lzw.tif"), "--expression", "b1 % 7"], "75 × 61 PNG, gray"),
    ] {
        let end = command::run([words, &["-o", picture.to_str().unwrap()]].concat());
        assert!(end.is_success() && end.stderr.contains(said), "{words:?}: {}", command::failure(&end));
    }
}

#[test]
fn points_have_a_value_for_each_expression() {
    let file = testdata(PLANES);
    let places = ["400005", "5300035", "400300.5", "5299601", "0", "0"];
    let words = |more: &[&str]| -> Vec<String> {
        ["point", &file].iter().chain(&places).chain(more).map(|word| (*word).to_owned()).collect()
    };
    let json = |more: &[&str]| -> Value {
        let end = command::run(words(more));
        serde_json::from_str(&end.stdout).unwrap_or_else(|_| panic!("{}", command::failure(&end)))
    };
    let (bands, found) = (json(&["--json"]), json(&["--json", "--expression", "b2 / b4; b1 > 0; 1/(b1-b1)"]));
    for place in 0..2 {
        let band = |band: usize| bands[place]["values"][band - 1].as_f64().unwrap();
        let expected = [(band(2) / band(4)) as f32, f32::from(u8::from(band(1) > 0.0))];
        let values = found[place]["values"].as_array().unwrap();
        assert_eq!([0, 1].map(|i| values[i].as_f64().unwrap() as f32), expected);
        assert_eq!(values[2], Value::Null);
        assert_eq!(found[place]["expressions"], json!(["b2 / b4", "b1 > 0", "1/(b1-b1)"]));
        assert_eq!((&found[place]["bands"], &found[place]["pixel"]), (&json!([1, 2, 3]), &bands[place]["pixel"]));
    }
    assert_eq!(found[2]["values"], json!([null, null, null]));
    let end = command::run(words(&["--expression", "b1*0+2.5"]));
    assert_eq!(end.stdout, "400005 5300035: 2.5\n400300.5 5299601: 2.5\n0 0: null\n");
}

/// A whole level, a part at a time, is what one read gives.
#[test]
fn statistics_are_those_of_the_results() {
    let file = testdata(FIVE);
    let stats = |more: &[&str]| -> Value {
        let words = ["stats", &file, "--json", "--histogram", "4", "--expression", "(b1-b2)/(b1+b2); b3 // 1000"];
        let end = command::run([&words[..], more].concat());
        serde_json::from_str(&end.stdout).unwrap_or_else(|_| panic!("{}", command::failure(&end)))
    };
    let whole = stats(&[]);
    assert_eq!(whole, stats(&["--bounds", "399960,5299540,400410,5300040"]));
    let names: Vec<&Value> = whole["bands"].as_array().unwrap().iter().map(|band| &band["name"]).collect();
    assert_eq!(names, ["(b1-b2)/(b1+b2)", "b3 // 1000"]);
    let (_, values, _) = made(&["read", &file, "--expression", "(b1-b2)/(b1+b2)"]);
    let valid: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    let band = &whole["bands"][0];
    assert_eq!(band["count"], json!(valid.len()));
    assert_eq!(band["min"].as_f64(), valid.iter().copied().reduce(f64::min));
    assert_eq!(band["max"].as_f64(), valid.iter().copied().reduce(f64::max));
    let mean = valid.iter().sum::<f64>() / valid.len() as f64;
    assert!((band["mean"].as_f64().unwrap() - mean).abs() < 1e-9);
}

#[test]
fn mistakes_are_told_before_a_file_is_opened() {
    let refused = |words: &[&str]| -> Outcome {
        let end = command::run(["read", "no/such/file.tif", "-o", "never.npy"].iter().chain(words));
        assert_eq!(end.code, Some(2), "{words:?}: {}", command::failure(&end));
        end
    };
    for (words, told) in [
        (
            &["--expression", "b1 && b2"][..],
            "'b1 && b2' for '--expression <EXPRESSION>': character 4, '&&': is not an operator: write 'and'",
        ),
        (&["--expression", "(b1"], "character 4 (the end): a ) is missing before it"),
        (&["--expression", "-b1 + foo(2)"], "character 7: there is no function foo; there are abs,"),
        (&["--expression", ""], "there is no expression"),
        (&["--expression", "b1", "--bands", "2"], "cannot be used with"),
        (&["--expression", "b1", "--boundless", "--fill", "3"], "--fill and --expression do not go together"),
    ] {
        let end = refused(words);
        assert!(end.stderr.contains(told), "{words:?}: {}", end.stderr);
    }
}

#[test]
fn names_that_a_file_does_not_have_are_told() {
    let (file, complex) = (testdata(RGB), testdata("complex64_deflate.tif"));
    for (command, file, expression, words) in [
        (
            "stats",
            &file,
            "b4 / b1",
            &["rgb.tif: --expression: character 1: 'b4' is not the name of a band; there are b1, b2, b3"][..],
        ),
        ("stats", &file, "1 + 2", &["names no band", "there are b1, b2, b3"]),
        ("stats", &complex, "b1 * 2", &["the samples of 'b1' are complex: write real(b1), imag(b1) or abs(b1)"]),
    ] {
        command::assert_one_clear_line(&command::run([command, file, "--expression", expression]), words);
    }
    let end = command::run(["stats", &complex, "--expression", "abs(b1); imag(b1)"]);
    assert!(end.is_success(), "{}", command::failure(&end));
}

#[test]
fn the_result_counts_towards_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.npy");
    let words = ["read", &testdata(RGB), "--max-output", "100K", "-o", out.to_str().unwrap(), "--expression"];
    let end = command::run([&words[..], &["b1"]].concat());
    command::assert_one_clear_line(&end, &["result of --expression takes 127500 bytes", "--max-output raises it"]);
    assert!(!out.exists());
}

/// Pixels beside rasterio and NumPy, and beside rio-tiler's own expressions.
#[test]
fn results_are_those_of_numpy_and_of_rio_tiler() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge/expressions.py");
    let files = [
        RGB,
        PLANES,
        FIVE,
        "cog_deflate_uint16_mask.tif",
        "lzw_p3_float32_planar.tif",
        "cog_lzw_rgba_alpha.tif",
        "deflate_p3_float32_be_3_bands.tif",
        "cog_lzw_p2_int16_nodata.tif",
        "cog_zstd_p3_float32_nodata_nan.tif",
    ];
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("asked.json");
    let asked = json!({"cog": env!("CARGO_BIN_EXE_cog"), "files": files.map(testdata)});
    fs::write(&input, serde_json::to_vec(&asked).unwrap()).unwrap();
    let test = "results_are_those_of_numpy_and_of_rio_tiler";
    let Some(said) = python::judge(test, &script, &input, Duration::from_secs(600)).unwrap() else { return };
    let verdict: Value = serde_json::from_str(&said).unwrap();
    println!("{verdict}");
    assert_eq!(verdict["wrong"], json!([]));
    assert!(verdict["numpy"].as_u64().unwrap() >= 40 && verdict["rio_tiler"].as_u64().unwrap() >= 20, "{verdict}");
}
