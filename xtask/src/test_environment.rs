//! The Python environments of the tests and of the benchmarks, under the target folder: made once, made again when their
//! requirements change.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The interpreter of the tests' environment, with every package of testdata/requirements.txt.
pub(crate) fn prepare() -> Result<PathBuf> {
    with_packages("test-env", "testdata/requirements.txt")
}

/// The interpreter of the environment in `folder` of the target folder, with every package of a list in the workspace.
pub(crate) fn with_packages(folder: &str, list: &str) -> Result<PathBuf> {
    let folder = workspace::target().join(folder);
    let list = workspace::root().join(list);
    let wanted = fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    let python = interpreter(&folder);
    // Written last, so an interrupted installation is not taken for a finished one.
    let stamp = folder.join("installed.txt");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("making the Python environment in {} (once)", folder.display());
    let system = system_python()?;
    run(Command::new(system).args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&list);
    run(&mut pip)?;
    fs::write(&stamp, wanted).with_context(|| stamp.display().to_string())?;
    Ok(python)
}

fn interpreter(folder: &Path) -> PathBuf {
    let below = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    folder.join(below)
}

fn system_python() -> Result<&'static str> {
    let works = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success());
    ["python3", "python"]
        .into_iter()
        .find(works)
        .context("tests and benchmarks need Python 3.11 or newer: no python3 on the PATH")
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?} did not start"))?;
    if !status.success() {
        bail!("{command:?} failed with {status}");
    }
    Ok(())
}
