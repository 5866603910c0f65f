//! The built `cog` as a user runs it.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use cog_testkit::child::{self, Outcome};
use serde_json::Value;

/// Longer than any command needs here; a hang ends the test instead of the day.
pub(crate) const CAP: Duration = Duration::from_secs(120);

/// How many children run at once.
pub(crate) const THREADS: usize = 2;

/// `cog` with nothing of the caller's environment that could change where it reads from.
pub(crate) fn cog() -> Command {
    without_foreign(Command::new(env!("CARGO_BIN_EXE_cog")))
}

/// `cog` that writes files of 64 MiB at most (128 where a shell counts in larger blocks): a file of a few bytes may tell of a large array.
pub(crate) fn limited() -> Command {
    if cfg!(not(unix)) {
        return cog();
    }
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -f 131072; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_cog")]);
    without_foreign(command)
}

fn without_foreign(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let foreign = ["AWS_", "GOOGLE_", "AZURE_", "GDAL_", "CPL_", "VSI"].iter().any(|p| text.starts_with(p));
        let logs = ["LOG_LEVEL", "RUST_LOG", "VERBOSE_LOGS"].contains(&&*text);
        if foreign || logs || text.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(&name);
        }
    }
    command
}

/// The path of a file of `testdata/files`.
pub(crate) fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/files").join(name);
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// Runs `cog` with these arguments.
pub(crate) fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Outcome {
    child::run(cog().args(arguments), CAP).expect("cog starts")
}

/// Runs it with variables of the environment.
pub(crate) fn run_with<S: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = S>,
    environment: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> Outcome {
    child::run(cog().args(arguments).envs(environment), CAP).unwrap()
}

/// `cog info --json` of one location, parsed; else what went wrong.
pub(crate) fn info(location: &OsStr) -> Result<Value, String> {
    let end = run([OsStr::new("info"), OsStr::new("--json"), location]);
    if !end.is_success() {
        return Err(failure(&end));
    }
    serde_json::from_str(&end.stdout).map_err(|e| format!("info --json printed no JSON: {e}"))
}

/// `cog read LOCATION -o OUT --mask MASK` with more arguments; else what went wrong.
pub(crate) fn read(location: &OsStr, out: &Path, mask: &Path, more: &[&str]) -> Result<(), String> {
    let mut command = cog();
    command.arg("read").arg(location).arg("-o").arg(out).arg("--mask").arg(mask).args(more);
    let end = child::run(&mut command, CAP).expect("cog starts");
    if end.is_success() { Ok(()) } else { Err(failure(&end)) }
}

/// The object that `--stats` prints on the last line of standard error.
pub(crate) fn stats(end: &Outcome) -> Value {
    let line = end.stderr.lines().last().unwrap_or_default();
    serde_json::from_str(line)
        .unwrap_or_else(|e| panic!("no JSON ({e}) on the last line of standard error: {:?}", end.stderr))
}

/// How a command failed, in one line.
pub(crate) fn failure(end: &Outcome) -> String {
    let how = match (end.timed_out, end.code, end.signal) {
        (true, ..) => "killed after its time".to_owned(),
        (_, Some(code), _) => format!("exit code {code}"),
        (.., signal) => format!("signal {signal:?}"),
    };
    format!("{how}: {}", end.stderr.trim())
}

/// Asserts that a command ended as errors do: exit code 1, one line on standard error that holds each of `words`, no panic.
#[track_caller]
pub(crate) fn assert_one_clear_line(end: &Outcome, words: &[&str]) {
    assert_eq!(end.code, Some(1), "{}", failure(end));
    let lines: Vec<&str> = end.stderr.lines().filter(|l| !l.trim().is_empty()).collect();
    assert_eq!(lines.len(), 1, "not one line: {:?}", end.stderr);
    assert!(!end.stderr.contains("panicked"), "{:?}", end.stderr);
    for word in words {
        assert!(lines[0].to_lowercase().contains(&word.to_lowercase()), "no {word:?} in {:?}", lines[0]);
    }
}
