//! `cargo xtask bench transforms`: coordinates from one CRS to another, beside pyproj.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::{benchmarks_file, test_environment, workspace};

const POINTS: u32 = 1_000_000;

/// Times transforms and writes what they took to BENCHMARKS.md.
pub(crate) fn run(rounds: u32) -> Result<ExitCode> {
    let python = test_environment::with_packages("bench-env", "xtask/bench/requirements.txt")?;
    let built = workspace::cargo()
        .args(["build", "--release", "--package", "cog-crs", "--example", "transform_speed"])
        .status()?;
    ensure!(built.success(), "transform_speed does not compile");
    let target = workspace::target();
    let folder = target.join("bench-transforms");
    std::fs::create_dir_all(&folder)?;
    let run = Command::new(python)
        .arg(workspace::root().join("xtask/bench/transforms.py"))
        .arg(target.join("release/examples/transform_speed"))
        .arg(&folder)
        .args([POINTS.to_string(), rounds.max(1).to_string()])
        .output()
        .context("python")?;
    ensure!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let table = String::from_utf8_lossy(&run.stdout).into_owned();
    print!("{table}");
    let section = format!(
        "## Transforms\n\n{POINTS} points from one CRS to another, on one thread, cog-crs and pyproj in turns over the same arrays; \
         the best of {rounds} rounds. Measured is the call alone: making the transform, and files, are not in it.\n\n\
         - Command: `cargo xtask bench transforms --rounds {rounds}`\n\n{table}"
    );
    benchmarks_file::put("transforms", &section)?;
    Ok(ExitCode::SUCCESS)
}
