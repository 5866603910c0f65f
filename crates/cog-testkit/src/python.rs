//! The Python interpreter of the test environment, with the packages of `testdata/requirements.txt`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::child;

/// The interpreter that `COG_TEST_PYTHON` names; none if the tests were not started by `cargo xtask test`.
#[must_use]
pub fn interpreter() -> Option<PathBuf> {
    std::env::var_os("COG_TEST_PYTHON").filter(|v| !v.is_empty()).map(PathBuf::from)
}

/// Runs a judge: a script that reads what it has to judge from the file `input` and prints its verdicts. Returns what it printed.
/// None, and one line saying so, if there is no interpreter.
///
/// # Errors
/// If the script fails; the text is what it wrote on standard error.
pub fn judge(test: &str, script: &Path, input: &Path, cap: Duration) -> io::Result<Option<String>> {
    let Some(python) = interpreter() else {
        crate::not_run(test, "COG_TEST_PYTHON, which `cargo xtask test` sets");
        return Ok(None);
    };
    let end = child::run(Command::new(python).arg(script).arg(input), cap)?;
    if end.is_success() {
        return Ok(Some(end.stdout));
    }
    let how = if end.timed_out { format!("took longer than {cap:?}") } else { format!("ended with {:?}", end.code) };
    Err(io::Error::other(format!("{} {how}: {}", script.display(), end.stderr)))
}
