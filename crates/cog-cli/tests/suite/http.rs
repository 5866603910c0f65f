//! Over HTTP: as few requests as the plan promises, and the same pixels as from the disk.

use crate::command;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use cog_testkit::Corpus;
use cog_testkit::child::Outcome;
use cog_testkit::server::{Logged, Server};
use serde_json::Value;

/// The first read of a remote file: `INGESTED_BYTES_AT_OPEN`.
const FIRST_READ: u64 = 32 << 10;

fn file(name: &str) -> PathBuf {
    let all = Corpus::testdata().files().unwrap();
    all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files")).path
}

fn serve(name: &str) -> (Server, String) {
    let server = Server::start([(format!("/{name}"), std::fs::read(file(name)).unwrap())]);
    let url = server.url(&format!("/{name}"));
    (server, url)
}

/// `cog read` with `--stats`, into a file that is thrown away.
fn read(url: &str, more: &[&str]) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let (out, mask) = (folder.path().join("out.npy"), folder.path().join("mask.npy"));
    let mut arguments =
        vec![OsStr::new("read"), OsStr::new(url), OsStr::new("--stats"), OsStr::new("-o"), out.as_os_str()];
    arguments.extend([OsStr::new("--mask"), mask.as_os_str()]);
    arguments.extend(more.iter().map(OsStr::new));
    let end = command::run(arguments);
    assert!(end.is_success(), "{}", command::failure(&end));
    end
}

/// What `--stats` counts is what the server saw: GETs alone, all of them ranges, none of a byte that came before.
#[track_caller]
fn assert_frugal(log: &[Logged], stats: &Value, requests: usize) {
    let shown: Vec<_> = log.iter().map(|r| (r.method.as_str(), r.range.clone(), r.status)).collect();
    assert_eq!(log.len(), requests, "{shown:?}");
    assert_eq!(stats["requests"], requests, "{stats} and {shown:?}");
    assert_eq!(stats["bytes"], log.iter().map(|r| r.bytes).sum::<u64>(), "{stats} and {shown:?}");
    assert!(log.iter().all(|r| r.method == "GET" && r.range.is_some() && r.status == 206), "{shown:?}");
    let mut ranges: Vec<_> = log.iter().filter_map(|r| r.range.clone()).collect();
    ranges.sort_by_key(|r| r.start);
    assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "bytes came twice: {ranges:?}");
}

#[test]
fn opening_is_one_get_of_the_first_read() {
    let (server, url) = serve("cog_deflate_uint16_mask.tif");
    let end = command::run(["info", "--json", "--stats", &url]);
    assert!(end.is_success(), "{}", command::failure(&end));
    let log = server.take_log();
    assert_frugal(&log, &command::stats(&end), 1);
    assert_eq!(log[0].range, Some(0..FIRST_READ));
    let info: Value = serde_json::from_str(&end.stdout).unwrap();
    assert_eq!(info["header_bytes"], FIRST_READ);
}

#[test]
fn a_tile_with_its_mask_is_one_more_get() {
    // The tile in the second row and column of 64-pixel tiles, with its mask behind it, lies past the first read.
    let (server, url) = serve("cog_deflate_uint16_mask.tif");
    let end = read(&url, &["--window", "64,64,64,64"]);
    let log = server.take_log();
    assert_frugal(&log, &command::stats(&end), 2);
    let tile = log[1].range.clone().unwrap();
    // From tifffile: the tile is at 41547 with 8098 bytes, its mask ends 4 + 4 bytes of framing and 42 bytes later.
    assert!(tile.start <= 41547 && tile.start >= 41547 - 64 && tile.end >= 49653 && tile.end <= 49757, "{tile:?}");
}

#[test]
fn blocks_that_lie_in_the_first_read_cost_nothing_more() {
    let (server, url) = serve("cog_jpeg_mask_interleaved.tif");
    for level in ["0", "1", "2"] {
        let end = read(&url, &["--level", level]);
        assert_frugal(&server.take_log(), &command::stats(&end), 1);
    }
}

#[test]
fn a_block_that_begins_in_the_first_read_fetches_only_its_rest() {
    let (server, url) = serve("cog_deflate_p2_uint8_rgb.tif");
    let end = read(&url, &[]);
    let log = server.take_log();
    assert_frugal(&log, &command::stats(&end), 2);
    assert_eq!(log[1].range.as_ref().map(|r| r.start), Some(FIRST_READ));
}

#[test]
fn an_ifd_at_the_tail_costs_one_more_get() {
    let (server, url) = serve("ifd_at_the_tail.tif");
    let end = command::run(["info", "--json", "--stats", &url]);
    assert!(end.is_success(), "{}", command::failure(&end));
    assert_frugal(&server.take_log(), &command::stats(&end), 2);
}

#[test]
fn info_says_the_same_of_a_url_as_of_a_path() {
    for name in ["cog_deflate_uint16_mask.tif", "subifd_overviews.tif", "ifd_at_the_tail.tif"] {
        let (_server, url) = serve(name);
        let here = command::info(file(name).as_os_str()).unwrap();
        let there = command::info(OsStr::new(&url)).unwrap();
        for key in ["profile", "bounds", "overviews", "mask_flags", "tags", "masks", "levels", "ghost", "ifd_bytes"] {
            assert_eq!(here[key], there[key], "{name}: {key}");
        }
    }
}

#[test]
fn pixels_and_masks_are_the_same_by_path_file_url_and_http() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "bigtiff_be_lzw.tif",
        "cog_deflate_uint16_mask.tif",
        "cog_jpeg_mask_interleaved.tif",
        "cog_lzw_rgba_alpha.tif",
        "cog_sparse_first_tile_missing.tif",
        "ifd_at_the_tail.tif",
        "none_int16_be_planar_strips.tif",
        "subifd_overviews.tif",
    ];
    let mut arrays = HashSet::new();
    for name in names {
        let (_server, http) = serve(name);
        let path = file(name).canonicalize().unwrap();
        let file_url = format!("file://{}", path.display());
        let here = array(path.as_os_str(), folder.path());
        assert_eq!(here, array(OsStr::new(&file_url), folder.path()), "{file_url}");
        assert_eq!(here, array(OsStr::new(&http), folder.path()), "{http}");
        arrays.insert(here.0);
    }
    assert_eq!(arrays.len(), names.len(), "two files gave one array");
}

/// The `.npy` files of the array and its mask.
fn array(location: &OsStr, folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let (out, mask) = (folder.join("out.npy"), folder.join("mask.npy"));
    command::read(location, &out, &mask, &[]).unwrap_or_else(|e| panic!("{}: {e}", location.display()));
    (std::fs::read(out).unwrap(), std::fs::read(mask).unwrap())
}
