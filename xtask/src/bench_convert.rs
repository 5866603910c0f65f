//! `cargo xtask bench convert`: files made into COGs, beside GDAL's COG driver and rio-cogeo.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use crate::bench::reader;
use crate::{benchmarks_file, test_environment, workspace};

/// Pixels along the sides of the smallest images that BENCHMARKS.md tells of: below, starting a process counts for too much.
const LEAST: u32 = 4096;

/// Times conversions of images of `side` × `side` pixels and writes what they took to BENCHMARKS.md.
pub(crate) fn run(rounds: u32, side: u32) -> Result<ExitCode> {
    let python = test_environment::with_packages("bench-env", "xtask/bench/requirements.txt")?;
    let cog = ["build", "--release", "--package", "cog-cli", "--bin", "cog"];
    ensure!(workspace::cargo().args(cog).status()?.success(), "cog does not compile");
    let bare = ["build", "--release", "--package", "cog-codecs", "--example", "encode_speed"];
    ensure!(workspace::cargo().args(bare).status()?.success(), "encode_speed does not compile");
    let reader = reader::build()?;
    let release = workspace::target().join("release");
    let program = |name: &str| release.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let folder = workspace::target().join("bench-convert");
    std::fs::create_dir_all(&folder)?;
    let rounds = rounds.max(1);
    let run = Command::new(python)
        .arg(workspace::root().join("xtask/bench/convert.py"))
        .args([program("cog"), program("examples/encode_speed"), reader, folder])
        .args([side.to_string(), rounds.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .context("python")?;
    ensure!(run.status.success(), "convert.py failed with {}", run.status);
    let tables = String::from_utf8_lossy(&run.stdout).into_owned();
    print!("{tables}");
    if side < LEAST {
        return Ok(ExitCode::SUCCESS);
    }
    let section = format!(
        "## Converting\n\n\
         Uncompressed GeoTIFFs of {side} × {side} pixels in tiles of 512 × 512 (scenes with the noise of a sensor) made into COGs by `cog \
         convert`, GDAL's COG driver through `rasterio.shutil.copy` and `rio cogeo create`: asked for the same codec and level (where a lower \
         one makes blocks smaller, `cog` takes that), predictors, blocks of 512 × 512, overviews by averages, on as many threads, each in a process of its own, in turns; the best of \
         {rounds} rounds. GDAL's time is without the start of Python. *Of a bare loop* is the time in which one thread decodes the blocks \
         of the source (the *limit* of the section on decoding) and encodes as many from memory and a third more, for overviews, of that which \
         `cog` takes.\n\n\
         - Command: `cargo xtask bench convert --rounds {rounds} --side {side}`\n\n{tables}"
    );
    benchmarks_file::put("convert", &section)?;
    Ok(ExitCode::SUCCESS)
}
