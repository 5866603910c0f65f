//! `cog point` with the coordinates that people and programs write.

use crate::command;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use cog_testkit::Corpus;
use cog_testkit::child::Outcome;
use serde_json::{Value, json};

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

/// 130 × 120 pixels of int16.
const FILE: &str = "cog_lzw_p2_int16_nodata.tif";

fn point(more: &[&str]) -> Outcome {
    command::run([&["point", &testdata(FILE)], more].concat())
}

/// With this on standard input.
fn fed(more: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let mut command = command::cog();
    command.args(["point", &testdata(FILE)]).args(more);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let end = child.wait_with_output().unwrap();
    (end.status.code(), String::from_utf8(end.stdout).unwrap(), String::from_utf8(end.stderr).unwrap())
}

#[test]
fn places_outside_are_null_however_many_there_are() {
    for (places, lines) in [
        (&["999", "5"][..], &["999 5: null"][..]),
        (&["-5", "10", "60.5", "50.5"], &["-5 10: null", "60.5 50.5: 6851"]),
        (&["nan", "5", "inf", "-inf"], &["NaN 5: null", "inf -inf: null"]),
    ] {
        let end = point(&[&["--pixels"], places].concat());
        assert!(end.is_success() && end.stderr.is_empty(), "{}", command::failure(&end));
        assert_eq!(end.stdout.lines().collect::<Vec<_>>(), lines);
    }
    let end = point(&["--pixels", "--json", "130", "0"]);
    let list: Value = serde_json::from_str(&end.stdout).unwrap();
    assert_eq!((end.code, &list[0]["values"], &list[0]["pixel"]), (Some(0), &json!([null]), &Value::Null));
}

#[test]
fn negative_numbers_are_numbers_in_every_notation() {
    let end = point(&["-1e-05", "-.5", "-1E+3", "-5", "--pixels"]);
    assert!(end.is_success(), "{}", command::failure(&end));
    assert_eq!(end.stdout, "-0.00001 -0.5: null\n-1000 -5: null\n");
    for wrong in [&["1", "2", "--jsno"][..], &["-x", "1"], &["1", "two"]] {
        assert_eq!(point(wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn a_bad_line_is_named_and_skipped() {
    let input = b"60.5 50.5\nlon,lat\n\n -1e-05 ; 3 label\n7\n\xff 1\n60.5,50.5";
    let (code, out, err) = fed(&["--pixels"], input);
    assert_eq!(code, Some(1));
    assert_eq!(out, "60.5 50.5: 6851\n-0.00001 3: null\n60.5 50.5: 6851\n");
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(lines.len(), 3, "{err}");
    for (line, words) in lines.iter().zip([["line 2 ", "\"lon,lat\""], ["line 5 ", "\"7\""], ["line 6 ", "\u{fffd} 1"]])
    {
        assert!(words.iter().all(|word| line.contains(word)), "{line}");
    }
    let (code, out, _) = fed(&["--pixels", "--json"], input);
    let list: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, list.as_array().unwrap().len()), (Some(1), 3));
    assert_eq!(fed(&["--json"], b""), (Some(0), "[]\n".into(), String::new()));
    assert_eq!(fed(&[], b"\n\n"), (Some(0), String::new(), String::new()));
}

#[test]
fn an_answer_comes_before_the_next_question() {
    let mut command = command::cog();
    command.args(["point", &testdata(FILE), "--pixels"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        input.write_all(b"60.5 50.5\n").unwrap();
        assert_eq!(answers.next().unwrap().unwrap(), "60.5 50.5: 6851");
    }
    drop(input);
    assert!(child.wait().unwrap().success() && answers.next().is_none());
}
