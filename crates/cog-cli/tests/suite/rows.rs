//! Arrays larger than memory: rows are written while others are read.
#![cfg(unix)]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cog_testkit::child::{self, Outcome};
use cog_testkit::npy::Npy;

use crate::command::{self, CAP};

const WIDTH: usize = 3000;
const HEIGHT: usize = 3000;
const BANDS: usize = 3;
const ROWS: usize = 50;

fn sample(band: usize, row: usize, column: usize) -> u8 {
    (band * 71 + row * 3 + column) as u8
}

/// An uncompressed TIFF of three bands, pixel by pixel, in strips.
fn tiff() -> Vec<u8> {
    let strips = HEIGHT / ROWS;
    let size = WIDTH * ROWS * BANDS;
    let tables = 8 + 2 + 10 * 12 + 4;
    let data = tables + 6 + 8 * strips;
    let mut bytes = b"II*\0\x08\0\0\0\x0a\0".to_vec();
    let mut entry = |tag: u16, kind: u16, count: usize, value: usize| {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend((count as u32).to_le_bytes());
        bytes.extend((value as u32).to_le_bytes());
    };
    entry(256, 4, 1, WIDTH);
    entry(257, 4, 1, HEIGHT);
    entry(258, 3, 3, tables);
    entry(259, 3, 1, 1);
    entry(262, 3, 1, 2);
    entry(273, 4, strips, tables + 6);
    entry(277, 3, 1, BANDS);
    entry(278, 4, 1, ROWS);
    entry(279, 4, strips, tables + 6 + 4 * strips);
    entry(284, 3, 1, 1);
    bytes.extend([0; 4]);
    bytes.extend([8, 0, 8, 0, 8, 0]);
    (0..strips).for_each(|strip| bytes.extend(((data + strip * size) as u32).to_le_bytes()));
    (0..strips).for_each(|_| bytes.extend((size as u32).to_le_bytes()));
    for row in 0..HEIGHT {
        for column in 0..WIDTH {
            bytes.extend((0..BANDS).map(|band| sample(band, row, column)));
        }
    }
    bytes
}

/// What the array holds, band by band.
fn expected(bands: &[usize]) -> Vec<u8> {
    let rows = |band: usize| (0..HEIGHT).flat_map(move |row| (0..WIDTH).map(move |column| sample(band, row, column)));
    bands.iter().flat_map(|band| rows(*band)).collect()
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.tif"), tiff()).unwrap();
        Place { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = command::cog();
        child::run(command.current_dir(self.folder.path()).args(arguments), CAP).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn assert_holds(path: &Path, shape: &[u64], bytes: &[u8]) {
    let array = Npy::open(path).unwrap();
    assert_eq!(array.shape, shape);
    assert!(array.bytes().unwrap() == bytes, "{} holds other samples", path.display());
}

#[test]
fn an_array_larger_than_the_limit_is_written_in_little_memory() {
    let place = Place::new();
    let whole = (BANDS * WIDTH * HEIGHT) as u64;
    let limit = "10MB";
    let end =
        place.run(&["read", "a.tif", "-o", "o.npy", "--mask", "m.npy", "--grid", "g.json", "--max-output", limit]);
    assert!(end.is_success(), "{}", command::failure(&end));
    assert_holds(&place.path("o.npy"), &[3, 3000, 3000], &expected(&[0, 1, 2]));
    assert_holds(&place.path("m.npy"), &[3000, 3000], &vec![255; WIDTH * HEIGHT]);
    let grid: serde_json::Value = serde_json::from_slice(&fs::read(place.path("g.json")).unwrap()).unwrap();
    assert_eq!((&grid["width"], &grid["height"], &grid["count"]), (&3000.into(), &3000.into(), &3.into()));
    assert!(
        end.stderr.starts_with("wrote o.npy: (3, 3000, 3000) uint8, 25.75 MiB; m.npy: (3000, 3000)"),
        "{}",
        end.stderr
    );
    println!("{} MiB for an array of {} MiB", end.peak_memory.unwrap() >> 20, whole >> 20);
}

/// The same samples as all at once: another order of bands, a window, maths.
#[test]
fn what_is_made_of_rows_is_what_is_made_of_all() {
    let place = Place::new();
    for more in [
        &["--bands", "3,1"][..],
        &["--window", "7,13,2900,2400"],
        &["--expression", "b1+b2;b3*2"],
        &["--rescale", "10,200"],
    ] {
        let end = place.run(&[&["read", "a.tif", "-o", "rows.npy"], more].concat());
        assert!(end.is_success(), "{}", command::failure(&end));
        // A pipe of several bands takes an array that is there as a whole.
        let all = command::cog()
            .current_dir(&place.folder)
            .args([&["read", "a.tif", "-o", "-"], more].concat())
            .output()
            .unwrap();
        assert!(all.status.success());
        assert!(fs::read(place.path("rows.npy")).unwrap() == all.stdout, "{more:?}");
    }
}

#[test]
fn a_pipe_gets_rows_of_one_band_and_bands_behind_each_other() {
    let place = Place::new();
    for (more, shape, bands) in [
        (&["--bands", "2", "--max-output", "9MB"][..], [1, 3000, 3000], &[1][..]),
        (&["--max-output", "9MB"], [3, 3000, 3000], &[0, 1, 2]),
        (&["--max-output", "9MB", "--bands", "3,1"], [2, 3000, 3000], &[2, 0]),
    ] {
        let arguments = [&["read", "a.tif", "-o", "-"], more].concat();
        let end = command::cog().current_dir(&place.folder).args(&arguments).output().unwrap();
        assert!(end.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&end.stderr));
        fs::write(place.path("piped.npy"), end.stdout).unwrap();
        assert_holds(&place.path("piped.npy"), &shape, &expected(bands));
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let place = Place::new();
    let mut command = command::cog();
    command.current_dir(&place.folder).args(["read", "a.tif", "-o", "-", "-q", "--max-output", "9MB"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 100]).unwrap();
    let end = child.wait_with_output().unwrap();
    assert!(end.status.success() && end.stderr.is_empty(), "{end:?}");
}

#[test]
fn a_source_that_fails_half_way_leaves_nothing() {
    let place = Place::new();
    let bytes = tiff();
    fs::write(place.path("short.tif"), &bytes[..bytes.len() * 2 / 3]).unwrap();
    fs::write(place.path("o.npy"), b"old").unwrap();
    let before = place.names();
    for output in ["new.npy", "o.npy"] {
        let end = place.run(&["read", "short.tif", "-o", output, "--mask", "m.npy"]);
        command::assert_one_clear_line(&end, &["short.tif", "out of bounds"]);
        assert_eq!(place.names(), before);
        assert_eq!(fs::read(place.path("o.npy")).unwrap(), b"old");
    }
}

#[test]
fn a_disk_without_room_is_known_before_anything_is_read() {
    let place = Place::new();
    let mut command = command::limited();
    command.current_dir(&place.folder).args(["read", "a.tif", "-o", "o.npy", "--window", "0,0,3000,2400", "--stats"]);
    // 64 MiB is the most that a file may have here: enough for this one, and not for a column of float64 more.
    assert!(child::run(&mut command, CAP).unwrap().is_success());
    fs::remove_file(place.path("o.npy")).unwrap();
    let mut command = command::limited();
    command.current_dir(&place.folder).args(["read", "a.tif", "-o", "o.npy", "--unscale", "--stats"]);
    let end = child::run(&mut command, CAP).unwrap();
    assert_eq!(end.code, Some(1), "{}", command::failure(&end));
    assert!(end.stderr.contains("o.npy") && end.stderr.contains("too large"), "{}", end.stderr);
    assert_eq!(place.names(), ["a.tif"]);
}
