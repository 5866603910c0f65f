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
