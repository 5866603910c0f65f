//! `-` as a file to read.
#![cfg(unix)]

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::process::{Output, Stdio};

use crate::command;
use crate::outputs::Place;

/// `cog` with the image coming through a pipe.
fn piped(place: &Place, arguments: &[&str], bytes: Vec<u8>) -> Output {
    let mut child =
        place.cog(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that has read enough closes the pipe.
    let writer = std::thread::spawn(move || _ = stdin.write_all(&bytes));
    let end = child.wait_with_output().unwrap();
    writer.join().unwrap();
    end
}

fn image(place: &Place) -> Vec<u8> {
    std::fs::read(place.path("a.tif")).unwrap()
}

#[test]
fn every_command_reads_a_tiff_from_standard_input() {
    let place = Place::new();
    for arguments in [
        &["info", "LOCATION", "--json"][..],
        &["tags", "LOCATION"],
        &["stats", "LOCATION"],
        &["point", "LOCATION", "--pixels", "3", "4"],
        &["read", "LOCATION", "-o", "-"],
        &["preview", "LOCATION", "-o", "-"],
    ] {
        let with = |location: &str| arguments.iter().map(|a| a.replace("LOCATION", location)).collect::<Vec<_>>();
        let by_name = place.cog(with("a.tif")).output().unwrap();
        let dash = with("-");
        let dash: Vec<&str> = dash.iter().map(String::as_str).collect();
        let from_pipe = piped(&place, &dash, image(&place));
        let from_file = place.cog(&dash).stdin(File::open(place.path("a.tif")).unwrap()).output().unwrap();
        for end in [&from_pipe, &from_file] {
            assert!(end.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&end.stderr));
            if arguments[0] == "info" {
                let of = |end: &Output| serde_json::from_slice::<serde_json::Value>(&end.stdout).unwrap();
                assert_eq!(of(end)["profile"], of(&by_name)["profile"]);
                assert_eq!(of(end)["location"], "standard input");
            } else {
                assert!(end.stdout == by_name.stdout, "{arguments:?}");
            }
        }
    }
}

#[test]
fn reading_goes_on_where_the_caller_stopped() {
    let place = Place::new();
    let whole = [b"something else".to_vec(), image(&place)].concat();
    std::fs::write(place.path("longer"), whole).unwrap();
    let mut input = File::open(place.path("longer")).unwrap();
    input.seek(SeekFrom::Start(14)).unwrap();
    let end = place.cog(["read", "-", "-o", "-"]).stdin(input).output().unwrap();
    let by_name = place.cog(["read", "a.tif", "-o", "-"]).output().unwrap();
    assert!(end.status.success() && end.stdout == by_name.stdout, "{}", String::from_utf8_lossy(&end.stderr));
}

#[test]
fn what_is_no_tiff_is_named_in_one_line() {
    let place = Place::new();
    for (bytes, words) in [
        (Vec::new(), "is empty"),
        (b"hello, this is no TIFF at all".to_vec(), "not a TIFF"),
        (image(&place)[..100].to_vec(), "out of bounds"),
    ] {
        let end = piped(&place, &["info", "-"], bytes);
        let said = String::from_utf8_lossy(&end.stderr).into_owned();
        assert_eq!((end.status.code(), said.lines().count()), (Some(1), 1), "{said}");
        assert!(said.contains("standard input") && said.contains(words), "{said}");
    }
}

#[test]
fn more_than_the_limit_is_refused_without_end() {
    let place = Place::new();
    let mut child = place
        .cog(["read", "-", "-o", "o.npy", "--max-output", "1MiB"])
        .stdin(File::open("/dev/zero").unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(said.contains("standard input") && said.contains("1048576"), "{said}");
    assert_eq!(place.names(), ["a.tif"]);
}

#[test]
fn a_file_of_that_name_has_a_path() {
    let place = Place::new();
    std::fs::rename(place.path("a.tif"), place.path("-")).unwrap();
    let end = place.run(["read", "./-", "-o", "o.npy"]);
    assert!(end.is_success(), "{}", command::failure(&end));
    let end = place.run(["read", "./-", "-o", "./-"]);
    assert_eq!(end.code, Some(2), "{}", command::failure(&end));
}
