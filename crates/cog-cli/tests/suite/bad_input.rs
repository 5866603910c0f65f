//! What users type and point at by mistake: one line that names the location and the cause, and exit code 1; usage errors end
//! with 2.

use crate::command;
use std::ffi::OsStr;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

use cog_testkit::Corpus;
use cog_testkit::child::Outcome;
use cog_testkit::server::{Fault, Server};

fn testdata(name: &str) -> PathBuf {
    let all = Corpus::testdata().files().unwrap();
    all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files")).path
}

/// `cog info` and `cog read` of a location, which both have to say the same.
fn info_and_read(location: impl AsRef<OsStr>) -> [Outcome; 2] {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.npy");
    let info = command::run([OsStr::new("info"), location.as_ref()]);
    let read = command::run([OsStr::new("read"), location.as_ref(), OsStr::new("-o"), out.as_os_str()]);
    assert!(!out.exists(), "a failed read left {}", out.display());
    [info, read]
}

#[track_caller]
fn both_say(location: impl AsRef<OsStr>, words: &[&str]) {
    for end in &info_and_read(location) {
        command::assert_one_clear_line(end, words);
        assert!(end.stdout.is_empty(), "{:?}", end.stdout);
    }
}

#[track_caller]
fn read_says(location: impl AsRef<OsStr>, more: &[&str], words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.npy");
    let mut arguments = vec![OsStr::new("read"), location.as_ref(), OsStr::new("-o"), out.as_os_str()];
    arguments.extend(more.iter().map(OsStr::new));
    command::assert_one_clear_line(&command::run(arguments), words);
    assert!(!out.exists(), "a failed read left {}", out.display());
}

#[test]
fn a_missing_file() {
    both_say("/no/such/folder/missing.tif", &["missing.tif", "not found"]);
    both_say("missing.tif", &["missing.tif", "not found"]);
}

#[test]
fn a_directory() {
    let folder = tempfile::tempdir().unwrap();
    both_say(folder.path(), &[&folder.path().to_string_lossy(), "directory"]);
}

#[test]
fn an_empty_file() {
    both_say(testdata("malformed/empty.tif"), &["empty.tif", "is empty"]);
}

#[test]
fn not_a_tiff() {
    both_say(testdata("malformed/not_a_tiff.tif"), &["not_a_tiff.tif", "not a TIFF"]);
    both_say(testdata("malformed/text.tif"), &["text.tif", "not a TIFF"]);
}

#[test]
fn a_truncated_file() {
    both_say(
        testdata("malformed/truncated_in_the_ifd.tif"),
        &["truncated_in_the_ifd.tif", "out of bounds for a 260-byte file"],
    );
    // All of the header is there: what the file is can be told, its pixels cannot.
    read_says(testdata("malformed/truncated_in_the_tiles.tif"), &[], &["truncated_in_the_tiles.tif", "out of bounds"]);
}

#[test]
fn an_unsupported_compression_is_named_by_number_and_name() {
    read_says(testdata("malformed/compression_34934_jpeg_xr.tif"), &[], &["compression", "34934", "JPEG XR"]);
    read_says(testdata("malformed/compression_54712.tif"), &[], &["compression", "54712"]);
}

#[test]
fn an_output_over_the_limit() {
    // 60 x 75 pixels of one byte.
    let file = testdata("none_uint8_strips_short_last_strip.tif");
    read_says(&file, &["--max-output", "1KiB"], &["none_uint8", "4500", "1024", "--max-output"]);
}

#[test]
fn a_damaged_block_is_named_by_its_codec() {
    read_says(testdata("malformed/deflate_of_junk.tif"), &[], &["deflate_of_junk.tif", "deflate"]);
    read_says(testdata("malformed/lzw_of_junk.tif"), &[], &["lzw_of_junk.tif", "lzw"]);
}

#[test]
fn a_level_a_band_and_a_window_that_are_not_there() {
    let file = testdata("cog_deflate_p2_uint8_rgb.tif");
    read_says(&file, &["--level", "9"], &["cog_deflate_p2", "level 9"]);
    read_says(&file, &["--bands", "1,4"], &["cog_deflate_p2", "band 4"]);
    read_says(&file, &["--window", "170,0,20,10"], &["cog_deflate_p2", "window"]);
}

#[test]
fn http_404_and_403() {
    let server = Server::start([("/there.tif", vec![0u8; 100])]);
    both_say(server.url("/none.tif"), &["/none.tif", "not found"]);
    server.inject("/there.tif", usize::MAX, Fault::Status(403));
    both_say(server.url("/there.tif"), &["/there.tif", "denied"]);
}

#[test]
fn an_empty_object_over_http() {
    let server = Server::start([("/empty.tif", Vec::<u8>::new())]);
    both_say(server.url("/empty.tif"), &["/empty.tif", "is empty"]);
}

#[test]
fn nobody_listens_and_no_such_host() {
    // A port that was free a moment ago.
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    both_say(format!("http://127.0.0.1:{port}/a.tif"), &["a.tif", "cannot connect", "127.0.0.1"]);
    both_say("http://no-such-host.invalid/a.tif", &["a.tif", "no-such-host.invalid"]);
}

#[test]
fn secrets_of_a_url_are_not_repeated() {
    let server = Server::start([("/a.tif", vec![0u8; 100])]);
    let port = server.url("").rsplit(':').next().unwrap().to_owned();
    let url = format!("http://someone:hidden-word@127.0.0.1:{port}/none.tif?X-Amz-Signature=abc123def&token=t0psecret");
    for end in &info_and_read(&url) {
        command::assert_one_clear_line(end, &["none.tif", "not found"]);
        for secret in ["hidden-word", "abc123def", "t0psecret"] {
            assert!(!end.stderr.contains(secret), "{:?}", end.stderr);
        }
    }
}

#[test]
fn locations_that_are_not_supported_are_named() {
    both_say("ftp://127.0.0.1/a.tif", &["ftp", "not supported"]);
    both_say("/vsizip/a.zip/a.tif", &["/vsizip/", "not supported"]);
    both_say("/vsitar/a.tar/a.tif", &["/vsitar/", "not supported"]);
}

#[test]
fn usage_errors_end_with_2() {
    let file = testdata("lzw_uint8_strips.tif");
    let file = file.to_str().unwrap();
    for arguments in [
        &["no-such-command"][..],
        &["info"],
        &["read", file],
        &["read", file, "-o", "out.npy", "--window", "1,2,3"],
        &["read", file, "-o", "out.npy", "--max-output", "lots"],
        &["read", file, "-o", "out.npy", "--level", "-1"],
        &["info", "--no-such-flag", file],
        &["stats", file, "--threads", "0"],
        &["stats", file, "--threads", "30000"],
        &["convert", file, "out.tif", "-co", "NUM_THREADS=30000"],
    ] {
        let end = command::run(arguments);
        assert_eq!(end.code, Some(2), "{arguments:?}: {}", command::failure(&end));
        assert!(!end.stderr.is_empty());
    }
}

#[test]
fn too_many_threads_are_refused_with_the_number_that_may_be_had() {
    let file = testdata("lzw_uint8_strips.tif");
    let file = file.to_str().unwrap();
    for arguments in
        [&["stats", file, "--threads", "1025"][..], &["convert", file, "out.tif", "-co", "NUM_THREADS=1025"]]
    {
        let end = command::run(arguments);
        assert!(end.stderr.contains("1025") && end.stderr.contains("1024"), "{}", end.stderr);
    }
}

#[test]
fn escape_sequences_of_a_file_do_not_reach_the_terminal() {
    let path = testdata("gdal_metadata_domains.tif");
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(11).position(|w| w == b"of the band").expect("the band's note stands in the file as text");
    bytes[at..at + 7].copy_from_slice(b"\x1b[31mXX");
    let folder = tempfile::tempdir().unwrap();
    let poisoned = folder.path().join("poisoned.tif");
    std::fs::write(&poisoned, bytes).unwrap();
    for verb in ["info", "tags"] {
        let end = command::run([OsStr::new(verb), poisoned.as_os_str()]);
        assert!(end.is_success(), "{}", command::failure(&end));
        assert!(!end.stdout.contains('\x1b') && !end.stderr.contains('\x1b'), "{verb}: {:?}", end.stdout);
    }
}
