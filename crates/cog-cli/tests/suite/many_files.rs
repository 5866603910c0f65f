//! Several locations on one command line: opened side by side, printed in order, the bad ones named at the end.

use crate::command;
use std::ffi::OsStr;
use std::time::Duration;

use cog_testkit::Corpus;
use cog_testkit::child::Outcome;
use cog_testkit::server::Server;
use serde_json::Value;

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

fn parsed(end: &Outcome) -> Value {
    serde_json::from_str(&end.stdout).unwrap_or_else(|e| panic!("{e}: {:?} {}", end.stdout, command::failure(end)))
}

/// So many paths of one small file, each a location of its own.
fn served(count: usize) -> (Server, Vec<String>) {
    let bytes = std::fs::read(testdata("cog_deflate_uint16_mask.tif")).unwrap();
    let server = Server::start((0..count).map(|i| (format!("/{i}.tif"), bytes.clone())));
    let urls = (0..count).map(|i| server.url(&format!("/{i}.tif"))).collect();
    (server, urls)
}

#[test]
fn five_files_of_a_slow_server_wait_together() {
    for verb in [&["info"][..], &["info", "--json"], &["tags"], &["stats", "--level", "2"], &["stats", "--json"]] {
        let (server, urls) = served(5);
        server.set_latency(Duration::from_millis(600));
        let end = command::run(verb.iter().map(|s| (*s).to_owned()).chain(urls).chain(["--stats".to_owned()]));
        assert!(end.is_success(), "{}", command::failure(&end));
        assert_eq!(server.peak_in_flight(), 5, "{verb:?}");
        let opened = command::stats(&end)["open_ms"].as_f64().unwrap();
        assert!((600.0..2400.0).contains(&opened), "{verb:?}: {opened} ms until the last of five was open");
    }
}

#[test]
fn many_files_are_not_all_opened_at_once() {
    let (server, urls) = served(50);
    server.set_latency(Duration::from_millis(30));
    let end = command::run(["info".to_owned(), "--json".to_owned()].into_iter().chain(urls.clone()));
    assert!(end.is_success(), "{}", command::failure(&end));
    assert!((10..=16).contains(&server.peak_in_flight()), "{}", server.peak_in_flight());
    let inputs: Vec<Value> = parsed(&end).as_array().unwrap().iter().map(|file| file["input"].clone()).collect();
    assert_eq!(inputs, urls, "the order of the command line");
}

#[test]
fn bad_files_are_named_after_the_good_ones_and_hide_none() {
    let (first, last) = (testdata("lzw_uint8_strips.tif"), testdata("palette_lzw.tif"));
    let junk = testdata("malformed/not_a_tiff.tif");
    for verb in ["info", "tags", "stats"] {
        let text = command::run([verb, &junk, &first, "no-such.tif", "http://[bad", &last]);
        assert_eq!(text.code, Some(1), "{verb}: {}", command::failure(&text));
        let (one, other) = (text.stdout.find(&first), text.stdout.find(&last));
        assert!(one.is_some() && one < other, "{verb}: {}", text.stdout);
        let errors: Vec<&str> = text.stderr.lines().collect();
        assert_eq!(errors.len(), 3, "{verb}: {errors:?}");
        for (error, word) in errors.iter().zip(["not_a_tiff.tif", "no-such.tif", "location 4 of 5"]) {
            assert!(error.contains(word), "{verb}: no {word} in {error}");
        }
        let json = command::run([verb, "--json", &junk, &first, "no-such.tif", &last]);
        assert_eq!((json.code, json.stderr.lines().count()), (Some(1), 2), "{verb}: {}", command::failure(&json));
        let list = parsed(&json);
        let inputs: Vec<&str> = list.as_array().unwrap().iter().map(|file| file["input"].as_str().unwrap()).collect();
        assert_eq!(inputs, [&first, &last], "{verb}");
    }
    let none = command::run(["info", "--json", "no-such.tif", "nor-this.tif"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), "[]\n"));
}

#[test]
fn json_is_a_list_for_several_files_or_when_asked_for() {
    let file = testdata("cog_web_mercator.tif");
    for verb in ["info", "tags", "stats", "create-tms"] {
        let json = if verb == "create-tms" { &[][..] } else { &["--json"] };
        let of = |more: &[&str]| parsed(&command::run([&[verb], json, more].concat()));
        let one = of(&[&file]);
        assert!(one.is_object(), "{verb}");
        let listed = of(&["--list", &file]);
        let two = of(&[&file, &file]);
        assert_eq!((listed.as_array().unwrap().len(), two.as_array().unwrap().len()), (1, 2), "{verb}");
        for of_list in [&listed[0], &two[0], &two[1]] {
            assert_eq!(
                (&of_list["input"], &of_list["location"]),
                (&Value::from(&*file), &Value::from(&*file)),
                "{verb}"
            );
            for (name, value) in one.as_object().unwrap() {
                assert_eq!(&of_list[name], value, "{verb}");
            }
        }
        // A tile matrix set alone is what the standard says, and nothing else.
        assert_eq!(one.get("input").is_some(), verb != "create-tms");
    }
    assert_eq!(command::run(["info", "--list", &file]).code, Some(2), "--list is about JSON");
}

#[test]
fn input_is_as_typed_and_location_hides_secrets() {
    let (_server, urls) = served(1);
    let url = format!("{}?token=t0psecret", urls[0]);
    let info = parsed(&command::run(["info", "--json", &url]));
    assert_eq!(info["input"], *url);
    assert_eq!(info["location"], format!("{}?token=…", urls[0]));
}

#[cfg(unix)]
#[test]
fn names_need_not_be_utf8() {
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(OsStr::from_bytes(b"caf\xe9 \xf0.tif"));
    if let Err(error) = std::fs::copy(testdata("cog_web_mercator.tif"), &file) {
        println!("this file system has no such names: {error}");
        return;
    }
    let out = folder.path().join("out");
    let (file, out) = (file.as_os_str(), out.as_os_str());
    let word = OsStr::new;
    for arguments in [
        &[word("info"), file][..],
        &[word("tags"), file],
        &[word("stats"), file, file],
        &[word("create-tms"), file],
        &[word("point"), file, word("0"), word("0")],
        &[word("read"), file, word("-o"), out],
        &[word("info"), word("--side-cars"), file],
    ] {
        let end = command::run(arguments);
        assert!(end.is_success(), "{arguments:?}: {}", command::failure(&end));
    }
    let info = parsed(&command::run([word("info"), word("--json"), file]));
    assert!(info["input"].as_str().unwrap().ends_with("caf\u{fffd} \u{fffd}.tif"), "{}", info["input"]);
    let missing = command::run([word("info"), OsStr::from_bytes(b"n\xf3.tif")]);
    command::assert_one_clear_line(&missing, &["n\u{fffd}.tif", "not found"]);
    let url = command::run([word("info"), OsStr::from_bytes(b"http://127.0.0.1/n\xf3.tif")]);
    command::assert_one_clear_line(&url, &["not UTF-8"]);
}
