//! `cargo xtask bench encode`: blocks encoded with every codec, beside libtiff through GDAL, and imagecodecs.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{benchmarks_file, test_environment, workspace};

/// Pixels along the sides of the images.
const SIDE: u32 = 2048;

/// Times encoders and writes what they took to BENCHMARKS.md.
pub(crate) fn run(rounds: u32) -> Result<ExitCode> {
    let python = test_environment::with_packages("bench-env", "xtask/bench/requirements.txt")?;
    let build = ["build", "--release", "--package", "cog-codecs", "--example", "encode_speed"];
    ensure!(workspace::cargo().args(build).status()?.success(), "encode_speed does not compile");
    let target = workspace::target();
    let folder = target.join("bench-encode");
    std::fs::create_dir_all(&folder)?;
    let rounds = rounds.max(1);
    let run = Command::new(python)
        .arg(workspace::root().join("xtask/bench/encode.py"))
        .arg(target.join("release/examples").join(format!("encode_speed{}", std::env::consts::EXE_SUFFIX)))
        .arg(&folder)
        .args([SIDE.to_string(), rounds.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .context("python")?;
    ensure!(run.status.success(), "encode.py failed with {}", run.status);
    let table = String::from_utf8_lossy(&run.stdout).into_owned();
    print!("{table}");
    let section = format!(
        "## Encoding\n\n\
         Images of {SIDE} × {SIDE} pixels in memory, in blocks of 512 × 512, on one thread: cog-codecs from bands apart to the bytes of \
         each block; libtiff through `rasterio`, which writes a tiled GeoTIFF in memory; imagecodecs from blocks that were cut and interleaved \
         before, with differences taken by it. Megabytes (10^6 bytes) of samples a second, the best of {rounds} rounds in turns. JPEG is \
         YCbCr 4:2:0, WebP has the settings of libtiff. At deflate's level 6 libtiff asks libdeflate for its level 7; cog-codecs takes a lower \
         level of deflate and ZSTD where that makes a block smaller. The last column is the size of all blocks, of that of GDAL's file.\n\n\
         - Command: `cargo xtask bench encode --rounds {rounds}`\n\n{table}"
    );
    benchmarks_file::put("encode", &section)?;
    Ok(ExitCode::SUCCESS)
}
