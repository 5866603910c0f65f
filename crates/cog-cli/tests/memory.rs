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
