//! Memory of a command whose input is long. A program of its own: the peak that the system tells of a child is never less than the
//! memory of the program that started it, and the suite grows.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking, and says what it compared")]

use std::process::Command;
use std::time::Duration;

use cog_testkit::child;

#[test]
fn a_million_places_take_bounded_memory() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/files/cog_lzw_p2_int16_nodata.tif");
    let script = "yes '60.5 50.5' | head -n 1000000 | \"$0\" point \"$1\" --pixels | tail -n 1";
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_cog")).arg(file);
    // The peak of a shell is the highest of the commands it waited for.
    let end = child::run(&mut shell, Duration::from_secs(240)).unwrap();
    assert_eq!(end.stdout, "60.5 50.5: 6851\n", "{}", end.stderr);
    let peak = end.peak_memory.unwrap() >> 20;
    println!("a million places: {peak} MiB at most");
    assert!(peak < 200, "{peak} MiB");
}

/// Small scenes of 3 bands that overlap.
fn scenes(count: usize) -> impl Iterator<Item = String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/mosaic");
    (0..count).map(move |i| format!("{folder}/nodata_u8_{}.tif", i % 6))
}

fn peak_mib(arguments: impl IntoIterator<Item = String>) -> u64 {
    let end = child::run(Command::new(env!("CARGO_BIN_EXE_cog")).args(arguments), Duration::from_secs(240)).unwrap();
    assert!(end.is_success(), "{}", end.stderr);
    end.peak_memory.unwrap() >> 20
}

#[test]
fn the_median_of_a_hundred_scenes_takes_bounded_memory() {
    // 512 × 512 pixels of three bands, 100 times: 75 MiB as uint8, 600 MiB as the float64 of --unscale.
    for (more, most) in [(vec!["--resampling", "bilinear"], 384), (vec!["--unscale"], 512)] {
        let fixed = ["--bounds", "500000,5299640,500400,5300000", "--width", "512", "--height", "512"];
        let rest = ["--pixel-selection", "median", "--mask", "/dev/null", "-o", "/dev/null"];
        let options = fixed.into_iter().chain(rest).chain(more.iter().copied()).map(str::to_string);
        let peak = peak_mib(std::iter::once("mosaic".to_string()).chain(scenes(100)).chain(options));
        println!("the median of 100 scenes, {}: {peak} MiB at most", more.join(" "));
        assert!(peak <= most, "{peak} MiB");
    }
}

#[test]
fn the_headers_of_many_files_take_the_memory_of_few() {
    let folder = tempfile::tempdir().unwrap();
    let peak = |count: usize| {
        let list = folder.path().join(format!("{count}.txt"));
        std::fs::write(&list, scenes(count).collect::<Vec<_>>().join("\n")).unwrap();
        let output = folder.path().join("mosaic.json").display().to_string();
        peak_mib(["mosaic".to_string(), "create".to_string(), format!("@{}", list.display()), "-o".to_string(), output])
    };
    let (few, many) = (peak(300), peak(3000));
    println!("mosaic create: {few} MiB at most for 300 files, {many} MiB for 3000");
    // What is kept of a file is its name and its place.
    assert!(many <= few + 16, "{few} and {many} MiB");
}

#[test]
fn ten_million_tiles_on_a_disk_are_checked_in_bounded_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vast.tif");
    // A BigTIFF of 3200 × 3125 tiles, none of them stored: its tables of 120 MB are a hole in the file.
    let tiles = 3200u64 * 3125;
    let ifd = 16u64;
    let tags: [(u16, u16, u64, u64); 9] = [
        (256, 4, 1, 3200 * 512),
        (257, 4, 1, 3125 * 512),
        (258, 3, 1, 8),
        (259, 3, 1, 8),
        (262, 3, 1, 1),
        (322, 3, 1, 512),
        (323, 3, 1, 512),
        (324, 16, tiles, 4096),
        (325, 4, tiles, 4096 + 8 * tiles),
    ];
    let mut head = b"II+\0\x08\0\0\0".to_vec();
    head.extend(ifd.to_le_bytes());
    head.extend((tags.len() as u64).to_le_bytes());
    for (tag, kind, count, value) in tags {
        head.extend(tag.to_le_bytes());
        head.extend(kind.to_le_bytes());
        head.extend(count.to_le_bytes());
        head.extend(value.to_le_bytes());
    }
    head.extend(0u64.to_le_bytes());
    std::fs::write(&path, head).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_len(4096 + 12 * tiles).unwrap();
    let peak = peak_mib(["validate".to_string(), path.display().to_string()]);
    println!("ten million tiles: {peak} MiB at most");
    assert!(peak <= 128, "{peak} MiB");
}

/// A file of 400 MB that holds nothing, in strips: 20,000 × 20,000 pixels.
fn empty_strips(path: &std::path::Path) {
    let (side, rows) = (20_000u32, 100u32);
    let strips = side / rows;
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let tables = 8 + 2 + 9 * 12 + 4;
    let data = tables + 8 * strips;
    let mut bytes = b"II*\0\x08\0\0\0\x09\0".to_vec();
    for (tag, kind, count, value) in [
        (256, 4, 1, side),
        (257, 4, 1, side),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, strips, tables),
        (277, 3, 1, 1),
        (278, 4, 1, rows),
        (279, 4, strips, tables + 4 * strips),
    ] {
        bytes.extend(entry(tag, kind, count, value));
    }
    bytes.extend([0; 4]);
    (0..strips).for_each(|strip| bytes.extend((data + strip * side * rows).to_le_bytes()));
    (0..strips).for_each(|_| bytes.extend((side * rows).to_le_bytes()));
    std::fs::write(path, &bytes).unwrap();
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_len(u64::from(data) + u64::from(side) * u64::from(side)).unwrap();
}

#[test]
fn an_array_larger_than_memory_takes_little() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("a.tif");
    empty_strips(&input);
    for output in ["o.npy", "o.tif"] {
        let output = folder.path().join(output);
        let words = ["read", input.to_str().unwrap(), "-o", output.to_str().unwrap(), "--max-output", "100MB"];
        let peak = peak_mib(words.map(str::to_owned));
        println!("400 MB into {}: {peak} MiB at most", output.display());
        assert!(peak < 200, "{peak} MiB");
        std::fs::remove_file(output).unwrap();
    }
}
