//! `cargo xtask bench requests`: how many requests and bytes reading takes, next to other readers, as a server counts them.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::{benchmarks_file, test_environment, workspace};

/// Runs the program that measures and puts its table into BENCHMARKS.md, between its markers.
pub(crate) fn run(rounds: u32) -> Result<ExitCode> {
    let python = test_environment::with_packages("bench-requests-env", "xtask/bench/requests/requirements.txt")?;
    println!("building the reader");
    let mut cargo = workspace::cargo();
    cargo.args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "xtask",
        "--features",
        "bench",
        "--bin",
        "requests-bench",
    ]);
    ensure!(cargo.status().context("cargo build did not start")?.success(), "the reader was not built");
    let program = workspace::target().join("release").join(format!("requests-bench{}", std::env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command
        .arg(&python)
        .arg(workspace::root().join("xtask/bench/requests/peers.py"))
        .arg(rounds.to_string())
        .arg(version()?);
    let output = command.stderr(std::process::Stdio::inherit()).output().context("the program that measures")?;
    ensure!(output.status.success(), "the program that measures failed with {}", output.status);
    let section = String::from_utf8(output.stdout).context("the program that measures")?;
    benchmarks_file::put("requests", &section)?;
    Ok(ExitCode::SUCCESS)
}

/// The version of cog-read.
fn version() -> Result<String> {
    let output = workspace::cargo().args(["pkgid", "--package", "cog-read"]).output().context("cargo pkgid")?;
    let id = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(id.trim().rsplit(['#', '@']).next().unwrap_or_default().to_owned())
}
