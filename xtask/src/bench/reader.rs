//! The programs that read: each lives for the whole run and is told over its standard input what to read.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::inputs::Input;
use crate::workspace;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ours,
    Limit,
    Gdal,
    Tifffile,
    AsyncTiff,
}

impl Kind {
    pub(crate) const ALL: [Kind; 5] = [Kind::Ours, Kind::Limit, Kind::Gdal, Kind::Tifffile, Kind::AsyncTiff];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Ours => "cog-read",
            Kind::Limit => "limit",
            Kind::Gdal => "GDAL",
            Kind::Tifffile => "tifffile",
            Kind::AsyncTiff => "async-tiff",
        }
    }

    /// Its name in peers.py.
    fn peer(self) -> Option<&'static str> {
        match self {
            Kind::Ours | Kind::Limit => None,
            Kind::Gdal => Some("gdal"),
            Kind::Tifffile => Some("tifffile"),
            Kind::AsyncTiff => Some("async-tiff"),
        }
    }
}

/// A running program. It ends when its standard input does.
pub(crate) struct Reader {
    pub(crate) kind: Kind,
    child: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    versions: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Reply {
    read_ms: Option<f64>,
    sha256: Option<String>,
    error: Option<String>,
}

impl Reader {
    pub(crate) fn start(kind: Kind, threads: usize, ours: &Path, python: &Path) -> Result<Reader> {
        let mut command = match kind.peer() {
            None => Command::new(ours),
            Some(_) => Command::new(python),
        };
        match kind.peer() {
            None => command.arg("--threads").arg(threads.to_string()),
            Some(peer) => {
                command.arg(workspace::root().join("xtask/bench/peers.py")).arg(peer).arg(threads.to_string())
            }
        };
        if kind == Kind::Limit {
            command.arg("--limit");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{command:?} did not start"))?;
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut reader = Reader { kind, child, requests, replies, versions: Vec::new() };
        let hello: Value = serde_json::from_str(&reader.line()?).context("the greeting of a reader")?;
        let versions = hello.get("versions").and_then(Value::as_object).context("a greeting without versions")?;
        let text = |v: &Value| v.as_str().unwrap_or("unknown").to_owned();
        reader.versions = versions.iter().map(|(name, version)| (name.clone(), text(version))).collect();
        Ok(reader)
    }

    pub(crate) fn versions(&self) -> &[(String, String)] {
        &self.versions
    }

    /// Milliseconds of one read; the inner error is what the reader says about the file. The request is a path, or a path, a tab
    /// and JSON that says which part is wanted.
    pub(crate) fn read_ms(&mut self, request: &str) -> Result<Result<f64, String>> {
        let reply = self.ask(request)?;
        Ok(reply.read_ms.ok_or_else(|| reply.error.unwrap_or_else(|| "no time".into())))
    }

    /// Of the samples, little-endian.
    pub(crate) fn sha256(&mut self, request: &str) -> Result<Result<String, String>> {
        let reply = self.ask(&format!("check {request}"))?;
        Ok(reply.sha256.ok_or_else(|| reply.error.unwrap_or_else(|| "no checksum".into())))
    }

    fn ask(&mut self, request: &str) -> Result<Reply> {
        let requests = self.requests.as_mut().context("the reader was told to end")?;
        writeln!(requests, "{request}").and_then(|()| requests.flush()).context(self.kind.name())?;
        let line = self.line()?;
        serde_json::from_str(&line).with_context(|| format!("{} said {line:?}", self.kind.name()))
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let read = self.replies.read_line(&mut line).context(self.kind.name())?;
        ensure!(read > 0, "the reader {} ended", self.kind.name());
        Ok(line)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.requests.take());
        _ = self.child.wait();
    }
}

/// Builds the reader with the feature `turbojpeg`, in a place of its own; none without the tools for that.
pub(crate) fn build_with_turbojpeg() -> Result<Option<PathBuf>> {
    for tool in ["cmake", "nasm"] {
        if !Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success()) {
            println!("there is no {tool}: the reader with `turbojpeg` is left out");
            return Ok(None);
        }
    }
    let built = build_with("bench,turbojpeg")?;
    let place = built.with_file_name(format!("decode-reader-turbojpeg{}", std::env::consts::EXE_SUFFIX));
    std::fs::copy(&built, &place).with_context(|| place.display().to_string())?;
    Ok(Some(place))
}

/// Builds the release program that reads with this workspace's crates.
pub(crate) fn build() -> Result<PathBuf> {
    build_with("bench")
}

fn build_with(features: &str) -> Result<PathBuf> {
    println!("building the reader ({features})");
    let mut cargo = workspace::cargo();
    cargo.args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "xtask",
        "--bin",
        "decode-reader",
        "--features",
        features,
    ]);
    let status = cargo.status().context("cargo build did not start")?;
    ensure!(status.success(), "cargo build failed with {status}");
    Ok(workspace::target().join("release").join(format!("decode-reader{}", std::env::consts::EXE_SUFFIX)))
}

/// The peak memory of a process that reads one file with two threads, less the array it delivers, in MiB.
pub(crate) fn peak_above_output(ours: &Path, input: &Input) -> Result<Option<f64>> {
    let output = Command::new(ours).args(["--threads", "2"]).arg(&input.path).output().context("the reader")?;
    ensure!(output.status.success(), "the reader failed on {}", input.name);
    let reply: Value = serde_json::from_slice(&output.stdout).context("the reader")?;
    let peak = reply.get("peak_rss_kib").and_then(Value::as_f64);
    Ok(peak.map(|kib| kib / 1024.0 - input.output_bytes as f64 / f64::from(1 << 20)))
}
