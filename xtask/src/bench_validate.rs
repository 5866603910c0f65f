//! `cargo xtask bench validate`: verdicts on many local files, beside rio-cogeo.

use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{benchmarks_file, test_environment, workspace};

/// Files that are checked.
const FILES: u32 = 1000;

/// Times checks and writes what they took to BENCHMARKS.md.
pub(crate) fn run(rounds: u32) -> Result<ExitCode> {
    let python = test_environment::with_packages("bench-env", "xtask/bench/requirements.txt")?;
    let built = workspace::cargo().args(["build", "--release", "--package", "cog-cli"]).status()?;
    ensure!(built.success(), "cog does not compile");
    let target = workspace::target();
    let folder = target.join("bench-validate");
    std::fs::create_dir_all(&folder)?;
    let rounds = rounds.max(1);
    let run = Command::new(python)
        .arg(workspace::root().join("xtask/bench/validate.py"))
        .arg(target.join("release").join(format!("cog{}", std::env::consts::EXE_SUFFIX)))
        .arg(&folder)
        .args([FILES.to_string(), rounds.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .context("python")?;
    ensure!(run.status.success(), "validate.py failed with {}", run.status);
    let table = String::from_utf8_lossy(&run.stdout).into_owned();
    print!("{table}");
    let section = format!(
        "## Validation\n\n\
         {FILES} files on a disk that were read before: COGs of GDAL (deflate, LZW, JPEG; one and three bands; 400 to 3000 pixels wide), and strips and tiles without overviews. \
         `cog validate` and rio-cogeo in turns, as the clock on the wall has it, the best of {rounds} rounds; of a process for each file 20 were measured. `cog validate` starts anew \
         each time, gives three verdicts and advice, and looks at what stands around every block; rio-cogeo's modules are loaded before its clock starts. Its verdicts, and the numbers of its errors and \
         warnings, are compared file by file.\n\n\
         - Command: `cargo xtask bench validate --rounds {rounds}`\n\n{table}"
    );
    benchmarks_file::put("validate", &section)?;
    Ok(ExitCode::SUCCESS)
}
