//! `cargo xtask bench requests`: how many requests and bytes reading takes, next to other readers, as a server counts them.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::{test_environment, workspace};

const BEGIN: &str = "<!-- requests -->";
const END: &str = "<!-- /requests -->";

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
    let path = workspace::root().join("BENCHMARKS.md");
    let old = fs::read_to_string(&path).unwrap_or_else(|_| "# Benchmarks\n".to_owned());
    fs::write(&path, with_section(&old, &section)).with_context(|| path.display().to_string())?;
    println!("wrote the section on requests of {}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// The version of cog-read.
fn version() -> Result<String> {
    let output = workspace::cargo().args(["pkgid", "--package", "cog-read"]).output().context("cargo pkgid")?;
    let id = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(id.trim().rsplit(['#', '@']).next().unwrap_or_default().to_owned())
}

/// Replaces what stands between the markers, or adds it at the end.
fn with_section(text: &str, section: &str) -> String {
    let section = format!("{BEGIN}\n{}\n{END}", section.trim());
    if let Some((before, rest)) = text.split_once(BEGIN)
        && let Some((_, after)) = rest.split_once(END)
    {
        return format!("{before}{section}{after}");
    }
    format!("{}\n\n{section}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::with_section;

    #[test]
    fn a_section_is_added_and_then_replaced() {
        let added = with_section("# Benchmarks\n\ndecoding\n", "first");
        assert_eq!(added, "# Benchmarks\n\ndecoding\n\n<!-- requests -->\nfirst\n<!-- /requests -->\n");
        assert_eq!(with_section(&added, "second\n"), added.replace("first", "second"));
    }
}
