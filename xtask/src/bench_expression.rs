//! `cargo xtask bench expression`: band maths, beside numexpr and NumPy.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{benchmarks_file, test_environment, workspace};

/// Pixels along each side of a band.
const SIDE: u32 = 4096;

/// Times expressions and writes what they took to BENCHMARKS.md.
pub(crate) fn run(rounds: u32) -> Result<ExitCode> {
    let python = test_environment::with_packages("bench-env", "xtask/bench/requirements.txt")?;
    let built = workspace::cargo()
        .args(["build", "--release", "--package", "cog-expression", "--example", "expression_speed"])
        .status()?;
    ensure!(built.success(), "expression_speed does not compile");
    let target = workspace::target();
    let folder = target.join("bench-expression");
    std::fs::create_dir_all(&folder)?;
    let rounds = rounds.max(1);
    let run = Command::new(python)
        .arg(workspace::root().join("xtask/bench/expression.py"))
        .arg(target.join("release/examples").join(format!("expression_speed{}", std::env::consts::EXE_SUFFIX)))
        .arg(&folder)
        .args([SIDE.to_string(), rounds.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .context("python")?;
    ensure!(run.status.success(), "expression.py failed with {}", run.status);
    let tables = String::from_utf8_lossy(&run.stdout).into_owned();
    print!("{tables}");
    let section = format!(
        "## Expressions\n\n\
         Bands of {SIDE} × {SIDE} pixels in memory, cog-expression, numexpr and NumPy in turns over the same arrays, on one thread; the best of {rounds} \
         rounds, as the clock on the wall has it. Each makes a new array of its own: cog-expression `float32` with validity, calculated in `float64`; numexpr and \
         NumPy what their rules make of the inputs (`float32` stays `float32` there). *Alike* are samples that differ from NumPy's, calculated in `float64`, by \
         no more than the last digit of a `float32`.\n\n\
         - Command: `cargo xtask bench expression --rounds {rounds}`\n\n{tables}"
    );
    benchmarks_file::put("expression", &section)?;
    Ok(ExitCode::SUCCESS)
}
