//! Pictures in the terminal, and values of many files.
#![cfg(unix)]

use std::io::Read;
use std::process::{Command, Stdio};

use cog_testkit::Corpus;

use crate::command;
use crate::progress::terminal;

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

const RGB: &str = "cog_deflate_p2_uint8_rgb.tif";
const DEM: &str = "cog_lzw_p2_int16_nodata.tif";

/// What a command draws on a terminal of 100 columns and 30 rows that is its standard output.
fn drawn(command: &mut Command) -> String {
    let (mut ours, theirs) = terminal();
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(theirs).spawn().unwrap();
    command.stdout(Stdio::null());
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = ours.read(&mut piece) {
        bytes.extend_from_slice(&piece[..count]);
    }
    assert!(child.wait().unwrap().success());
    String::from_utf8(bytes).unwrap()
}

fn preview(file: &str, variables: &[(&str, &str)]) -> String {
    let mut command = command::cog();
    for name in ["NO_COLOR", "COLORTERM", "TERM"] {
        command.env_remove(name);
    }
    drawn(command.args(["preview", &testdata(file)]).envs(variables.iter().copied()))
}

#[test]
fn a_preview_without_a_file_is_drawn_in_what_the_terminal_can() {
    // 170 × 150 pixels: 29 rows of two pixels each, and a column for each of 65.
    let colors = preview(RGB, &[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]);
    assert!(colors.contains("\u{1b}[38;2;") && !colors.contains("\u{1b}[38;5;"), "24 bits");
    assert_eq!((colors.lines().count(), colors.lines().next().unwrap().matches('▀').count()), (29, 65));
    assert!(colors.lines().all(|line| line.trim_end().ends_with("\u{1b}[0m")), "colours end with their line");
    let indexed = preview(RGB, &[("TERM", "xterm-256color")]);
    assert!(indexed.contains("\u{1b}[38;5;") && !indexed.contains("\u{1b}[38;2;"), "256 colours");
    for variables in [&[("TERM", "dumb")][..], &[("TERM", "xterm"), ("NO_COLOR", "1"), ("COLORTERM", "truecolor")]] {
        let plain = preview(RGB, variables);
        assert!(plain.is_ascii() && !plain.contains('\u{1b}'), "{variables:?}: {plain}");
        assert_eq!(plain.lines().count(), 29);
    }
}

#[test]
fn nothing_is_drawn_where_there_is_no_terminal() {
    let end = command::run(["preview", &testdata(RGB)]);
    assert_eq!((end.code, end.stdout.as_str()), (Some(2), ""), "{}", command::failure(&end));
    assert!(end.stderr.contains("no terminal") && end.stderr.contains("-o FILE.png"), "{}", end.stderr);
    assert_eq!(command::run(["preview", &testdata(RGB), "--format", "png"]).code, Some(2), "a format goes with -o");
}

#[test]
fn places_of_many_files_are_told_in_order_and_the_bad_files_at_the_end() {
    let (rgb, dem) = (testdata(RGB), testdata(DEM));
    let places = ["400005", "5299995", "400505", "5299495"];
    let end = command::run([&["point", &dem, "no-such.tif", &rgb, "--bands", "1", "--csv"], &places[..]].concat());
    assert_eq!((end.code, end.stderr.lines().count()), (Some(1), 1), "{}", command::failure(&end));
    assert!(end.stderr.contains("no-such.tif"));
    let lines: Vec<&str> = end.stdout.lines().collect();
    assert_eq!((lines.len(), lines[0]), (5, "input,x,y,b1"));
    assert!(lines[1].starts_with(&format!("{dem},400005,5299995,")) && lines[3].starts_with(&format!("{rgb},400005,")));
    // Each file's lines are those of that file alone.
    for (file, of_file) in [(&dem, &lines[1..3]), (&rgb, &lines[3..5])] {
        let alone = command::run([&["point", file, "--bands", "1", "--csv"], &places[..]].concat()).stdout;
        let alone: Vec<String> = alone.lines().skip(1).map(|line| format!("{file},{line}")).collect();
        assert_eq!(alone, of_file);
    }
    // A table has the same columns for all of its lines.
    let end = command::run([&["point", &dem, &rgb, "--csv"], &places[..]].concat());
    assert_eq!(end.code, Some(1));
    assert!(end.stderr.contains("b1, b2, b3") && end.stderr.contains("--bands"), "{}", end.stderr);
    let text = command::run([&["point", &dem, &rgb], &places[..]].concat());
    assert!(text.is_success() && text.stdout.starts_with(&format!("{dem}\n400005 5299995: ")), "{}", text.stdout);
}

#[test]
fn fields_are_told_of_each_file_and_a_name_that_is_none_is_an_error() {
    let (rgb, dem) = (testdata(RGB), testdata(DEM));
    let end = command::run(["info", "--field", "profile.nodata", "--field", "crs.name", &rgb, &dem]);
    assert_eq!(end.stdout, "\tWGS 84 / UTM zone 33N\n-9999.0\tWGS 84 / UTM zone 33N\n", "{}", end.stderr);
    let end = command::run(["info", "--field", "profile.colour", &rgb, &dem]);
    assert_eq!((end.code, end.stdout.as_str(), end.stderr.lines().count()), (Some(1), "\n\n", 2));
    assert!(end.stderr.contains("'profile.colour'") && end.stderr.contains("profile"), "{}", end.stderr);
    // A file without CRS has an empty line, so that lines stay in step with files.
    let nowhere = testdata("no_georeference.tif");
    let end = command::run(["info", "--field", "crs.epsg", &rgb, &nowhere, &dem]);
    assert_eq!((end.code, &*end.stdout), (Some(0), "32633\n\n32633\n"), "{}", end.stderr);
    let end = command::run([
        "info",
        "--field",
        "crs.epsg",
        "--field",
        "levels.1.width",
        "--field",
        "profile.width",
        &nowhere,
    ]);
    assert_eq!((end.code, &*end.stdout), (Some(0), "\t\t40\n"), "{}", end.stderr);
    assert_eq!(command::run(["info", "--json", "--field", "crs", &rgb]).code, Some(2));
    assert_eq!(command::run(["info", "--json", "--ndjson", &rgb]).code, Some(2));
}
