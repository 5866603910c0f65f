//! The Python environment of the tests, under the target folder: made once, made again when its requirements change.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The interpreter of the environment, with every package of testdata/requirements.txt.
pub(crate) fn prepare() -> Result<PathBuf> {
    let folder = workspace::target().join("test-env");
    let list = workspace::root().join("testdata/requirements.txt");
    let wanted = fs::read_to_string(&list).with_context(|| list.display().to_string())?;
    let python = interpreter(&folder);
    // Written last, so an interrupted installation is not taken for a finished one.
    let stamp = folder.join("installed.txt");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("making the test environment in {} (once)", folder.display());
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
    ["python3", "python"].into_iter().find(works).context("the tests need Python 3.11 or newer: no python3 on the PATH")
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?} did not start"))?;
    if !status.success() {
        bail!("{command:?} failed with {status}");
    }
    Ok(())
}
