//! Small files that claim much, and vast ones that hold little: memory and time are those of what is there.
#![cfg(target_os = "linux")]

use crate::command;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use cog_testkit::child::{self, Outcome};
use serde_json::Value;

/// What a command may take beside its output.
const MEMORY: u64 = 256 << 20;
/// Unoptimised and on a busy machine.
const CAP: Duration = Duration::from_secs(60);
/// What an optimised `cog` may compute.
const COMPUTED: Duration = Duration::from_secs(2);

const SHORT: u16 = 3;
const LONG: u16 = 4;
const UNCOMPRESSED: u32 = 1;
const PACK_BITS: u32 = 32_773;

/// An entry of an IFD: tag, type, count, and value or offset.
type Entry = (u16, u16, u32, u32);

/// The start of a file with one IFD: 8-bit grey, not compressed, unless `entries` say more.
fn header(width: u32, height: u32, entries: &[Entry]) -> Vec<u8> {
    let usual = [
        (256, LONG, 1, width),
        (257, LONG, 1, height),
        (258, SHORT, 1, 8),
        (259, SHORT, 1, UNCOMPRESSED),
        (262, SHORT, 1, 1),
    ];
    let mut all: Vec<Entry> = usual.into_iter().filter(|one| entries.iter().all(|entry| entry.0 != one.0)).collect();
    all.extend(entries);
    all.sort_unstable();
    let mut file = b"II\x2a\0\x08\0\0\0".to_vec();
    file.extend((all.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in all {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 4]);
    file
}

/// Where tables begin in the vast files: on a page of its own, so that they are holes.
const TABLES: u32 = 4096;

struct Folder {
    folder: tempfile::TempDir,
    /// What commands may take.
    memory: u64,
}

impl Folder {
    fn new() -> Folder {
        Folder { folder: tempfile::tempdir().unwrap(), memory: MEMORY }
    }

    fn write(&self, bytes: &[u8], len: u64) -> PathBuf {
        let path = self.folder.path().join("a.tif");
        let mut file = File::create(&path).unwrap();
        file.write_all(bytes).unwrap();
        file.set_len(len.max(bytes.len() as u64)).unwrap();
        path
    }

    /// Runs a command on a file, in bounded memory.
    #[track_caller]
    fn run(&self, verb: &str, path: &Path, more: &[&str]) -> Outcome {
        let mut command = command::cog();
        command.arg(verb).arg(path).args(more);
        match verb {
            "read" => _ = command.arg("-o").arg(self.folder.path().join("out.npy")),
            "preview" => _ = command.arg("-o").arg(self.folder.path().join("out.png")),
            "convert" => _ = command.arg(self.folder.path().join("out.tif")),
            _ => {}
        }
        let end = child::run(&mut command, CAP).unwrap();
        let peak = end.peak_memory.unwrap();
        let computed = end.computed.unwrap();
        println!("{verb}: {} MiB, {computed:.1?}", peak >> 20);
        assert!(peak < self.memory, "{verb} took {} MiB", peak >> 20);
        assert!(cfg!(debug_assertions) || computed < COMPUTED, "{verb} computed for {computed:?}");
        end
    }

    #[track_caller]
    fn stats(&self, path: &Path) -> Value {
        let end = self.run("stats", path, &["--json"]);
        assert!(end.is_success(), "{}", command::failure(&end));
        serde_json::from_str(&end.stdout).unwrap()
    }

    /// `preview` and resampled reads of an image that holds nothing.
    #[track_caller]
    fn reduces(&self, path: &Path) {
        for (verb, more) in [
            ("preview", &[][..]),
            ("read", &["--max-size", "512"]),
            ("read", &["--max-size", "100", "--resampling", "average"]),
            ("read", &["--max-size", "100", "--resampling", "cubic"]),
        ] {
            let end = self.run(verb, path, more);
            assert!(end.is_success(), "{verb} {more:?}: {}", command::failure(&end));
        }
    }
}

/// GDAL gives `cannot read` for such a file: no strip of it is there.
#[test]
fn a_table_that_ends_behind_the_file_is_refused_before_anything_is_planned() {
    let folder = Folder::new();
    let all = 16_777_215;
    let path = folder.write(&header(1, all, &[(278, LONG, 1, 1), (273, LONG, all, 160), (279, LONG, all, 160)]), 0);
    for (verb, more) in [("read", &["--max-output", "64MiB"][..]), ("stats", &[]), ("preview", &[])] {
        command::assert_one_clear_line(&folder.run(verb, &path, more), &["a.tif", "out of bounds", "StripOffsets"]);
    }
}

#[test]
fn an_image_of_rows_that_were_never_written_is_counted_and_reduced_at_once() {
    let folder = Folder::new();
    // A table of one entry, and one of all entries.
    for entries in [1, 16_777_216] {
        let place = if entries == 1 { 0 } else { TABLES };
        let tables = [(278, LONG, 1, 1), (273, LONG, entries, place), (279, LONG, entries, place)];
        let path = folder.write(&header(331, 16_777_216, &tables), u64::from(TABLES) + 4 * u64::from(entries));
        let stats = folder.stats(&path);
        let band = &stats["bands"][0];
        assert_eq!((band["count"].as_u64(), band["max"].as_f64()), (Some(331 * 16_777_216), Some(0.0)), "{stats}");
        folder.reduces(&path);
    }
}

#[test]
fn ten_million_tiles_that_were_never_written_cost_nothing() {
    let folder = Folder::new();
    let (across, down) = (3168, 3157);
    let count = across * down;
    let tables = [(324, LONG, count, TABLES), (325, LONG, count, TABLES)];
    let tiles = [(322, SHORT, 1, 256), (323, SHORT, 1, 256)];
    let bytes = header(across * 256, down * 256, &[&tables[..], &tiles].concat());
    let path = folder.write(&bytes, u64::from(TABLES) + 4 * u64::from(count));
    let stats = folder.stats(&path);
    assert_eq!(stats["bands"][0]["count"].as_u64(), Some(u64::from(count) * 65_536), "{stats}");
    folder.reduces(&path);
}

#[test]
fn a_million_tiles_are_read_in_little_more_than_their_pixels() {
    let folder = Folder::new();
    let (tile, across) = (4, 1000);
    let count = across * across;
    let at = 4096;
    let tables = [(324, LONG, count, at), (325, LONG, count, at + 4 * count)];
    let tiles = [(322, SHORT, 1, tile), (323, SHORT, 1, tile)];
    let mut bytes = header(across * tile, across * tile, &[&tables[..], &tiles].concat());
    bytes.resize(at as usize - 16, 0);
    bytes.extend([9; 16]);
    bytes.extend(std::iter::repeat_n((at - 16).to_le_bytes(), count as usize).flatten());
    bytes.extend(std::iter::repeat_n(16u32.to_le_bytes(), count as usize).flatten());
    let path = folder.write(&bytes, 0);
    drop(bytes);
    let end = folder.run("read", &path, &[]);
    assert!(end.is_success(), "{}", command::failure(&end));
    let (output, peak) = (u64::from(count * 16), end.peak_memory.unwrap());
    assert!(peak < output + (64 << 20), "{} MiB", peak >> 20);
    assert_eq!(folder.stats(&path)["bands"][0]["sum"].as_f64(), Some(f64::from(count * 16 * 9)));
}

#[test]
fn a_row_of_forty_million_pixels_is_converted_in_time_and_memory_that_grow_with_it() {
    let folder = Folder::new();
    let path = folder.write(&header(40_000_000, 1, &[(278, LONG, 1, 1), (273, LONG, 1, 0), (279, LONG, 1, 0)]), 0);
    let end = folder.run("convert", &path, &[]);
    assert!(end.is_success(), "{}", command::failure(&end));
}

#[test]
fn a_row_that_would_take_more_than_is_allowed_is_not_converted() {
    let folder = Folder::new();
    let row = [(278, LONG, 1, 1), (273, LONG, 1, 0), (279, LONG, 1, 0)];
    let path = folder.write(&header(2_100_000_000, 1, &row), 0);
    let end = folder.run("convert", &path, &["--max-output", "6GB"]);
    command::assert_one_clear_line(&end, &["a.tif", "6300000000 bytes", "limit of 6000000000", "--max-output"]);
    assert!(!folder.folder.path().join("out.tif").exists());
}

#[test]
fn a_strip_of_a_gigabyte_without_compression_is_read_in_parts() {
    let folder = Folder::new();
    let side = 30_000;
    let strip = [(278, LONG, 1, side), (273, LONG, 1, TABLES), (279, LONG, 1, side * side)];
    let path = folder.write(&header(side, side, &strip), u64::from(TABLES) + u64::from(side) * u64::from(side));
    assert_eq!(folder.stats(&path)["bands"][0]["count"].as_u64(), Some(900_000_000));
    folder.reduces(&path);
}

/// Strips that unpack to much more than they are.
fn strips_of_zeros(width: u32, rows: u32, count: u32) -> Vec<u8> {
    // 128 zeros by two bytes.
    let packed = [0x81, 0].repeat((width as usize * rows as usize).div_ceil(128));
    let (place, data) = (4096, 4096 + 8 * count);
    let lengths = place + 4 * count;
    let of = |tag: u16, table: u32, one: u32| (tag, LONG, count, if count == 1 { one } else { table });
    let strips =
        [(259, SHORT, 1, PACK_BITS), (278, LONG, 1, rows), of(273, place, data), of(279, lengths, packed.len() as u32)];
    let mut bytes = header(width, rows * count, &strips);
    bytes.resize(place as usize, 0);
    bytes.extend(std::iter::repeat_n(data.to_le_bytes(), count as usize).flatten());
    bytes.extend(std::iter::repeat_n((packed.len() as u32).to_le_bytes(), count as usize).flatten());
    bytes.extend(packed);
    bytes
}

#[test]
fn blocks_that_are_large_are_held_two_at_once_at_most() {
    // Of less than 96 MiB, they fit into what every command may take; of more, two come on top.
    for (width, rows, count) in [(9500, 10_400, 3), (8000, 7900, 4), (12_000, 12_500, 1)] {
        let mut folder = Folder::new();
        let block = u64::from(width) * u64::from(rows);
        if block > 96 << 20 {
            folder.memory += 2 * block;
        }
        let path = folder.write(&strips_of_zeros(width, rows, count), 0);
        let stats = folder.stats(&path);
        let band = &stats["bands"][0];
        assert_eq!((band["count"].as_u64(), band["max"].as_f64()), (Some(block * u64::from(count)), Some(0.0)));
        folder.reduces(&path);
    }
}

/// Addresses that a process may take, in KiB.
fn limited(kib: u32, arguments: &[&OsStr]) -> Outcome {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit -v {kib} && exec \"$0\" \"$@\"")).arg(command::cog().get_program());
    command.args(arguments).env("MALLOC_ARENA_MAX", "1");
    child::run(&mut command, CAP).unwrap()
}

#[test]
fn counters_of_18761_bands_fit_into_memory_that_is_short() {
    let folder = Folder::new();
    for planar in [1, 2] {
        let bands = [(258, SHORT, 1, 16), (277, SHORT, 1, 18_761), (284, SHORT, 1, planar)];
        let strips = [(278, LONG, 1, 40), (273, LONG, 1, 0), (279, LONG, 1, 0)];
        let path = folder.write(&header(40, 40, &[&bands[..], &strips].concat()), 0);
        let end = limited(512 << 10, &[OsStr::new("stats"), OsStr::new("--json"), path.as_os_str()]);
        assert!(end.is_success(), "{}", command::failure(&end));
        let stats: Value = serde_json::from_str(&end.stdout).unwrap();
        let all = stats["bands"].as_array().unwrap();
        assert_eq!((all.len(), all[18_760]["count"].as_u64()), (18_761, Some(1600)));
    }
}
