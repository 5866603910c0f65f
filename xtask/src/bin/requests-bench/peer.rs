//! The tasks with other readers, each in a process of its own: see peers.py.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use cog_testkit::server::Server;
use serde::Deserialize;
use serde_json::Value;

use crate::report::Done;
use crate::task::Task;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ours,
    Gdal,
    TunedGdal,
    AsyncGeotiff,
}

/// What TiTiler's page on performance tuning advises for COGs over HTTP, and nothing else.
pub(crate) const TUNED: [(&str, &str); 7] = [
    ("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR"),
    ("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", ".tif"),
    ("GDAL_INGESTED_BYTES_AT_OPEN", "32768"),
    ("GDAL_HTTP_MERGE_CONSECUTIVE_RANGES", "YES"),
    ("GDAL_HTTP_MULTIPLEX", "YES"),
    ("GDAL_HTTP_VERSION", "2"),
    ("VSI_CACHE", "TRUE"),
];

#[derive(Deserialize)]
struct Reply {
    ms: Option<f64>,
    sha256: Option<String>,
    error: Option<String>,
}

impl Kind {
    pub(crate) const ALL: [Kind; 4] = [Kind::Ours, Kind::Gdal, Kind::TunedGdal, Kind::AsyncGeotiff];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Ours => "cog-read",
            Kind::Gdal => "rasterio (GDAL)",
            Kind::TunedGdal => "rasterio, GDAL tuned",
            Kind::AsyncGeotiff => "async-geotiff",
        }
    }
}

/// Does a task. The inner error is what the reader says.
pub(crate) fn run(
    kind: Kind,
    python: &Path,
    peers: &Path,
    task: &Task,
    urls: &[String],
    server: &Server,
    versions: &mut Vec<(String, String)>,
) -> Result<Result<Done, String>> {
    let reader = if kind == Kind::AsyncGeotiff { "async-geotiff" } else { "gdal" };
    let mut command = Command::new(python);
    command.arg(peers).args([reader, task.steps]).args(urls).stdin(Stdio::piped()).stdout(Stdio::piped());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["GDAL_", "CPL_", "VSI_", "AWS_"].iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    // Nothing between us and the server.
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    if kind == Kind::TunedGdal {
        command.envs(TUNED);
    }
    let mut child = command.spawn().context("the reader did not start")?;
    let mut replies = BufReader::new(child.stdout.take().context("standard output")?);
    let mut line = String::new();
    replies.read_line(&mut line)?;
    let hello: Value = serde_json::from_str(&line).with_context(|| format!("the greeting {line:?}"))?;
    for (name, version) in hello.get("versions").and_then(Value::as_object).into_iter().flatten() {
        let entry = (name.clone(), version.as_str().unwrap_or("?").to_owned());
        if !versions.contains(&entry) {
            versions.push(entry);
        }
    }
    server.take_log();
    let mut go = child.stdin.take().context("standard input")?;
    writeln!(go, "go")?;
    line.clear();
    replies.read_line(&mut line)?;
    let log = server.take_log();
    child.wait()?;
    let reply: Reply = serde_json::from_str(&line).with_context(|| format!("the reply {line:?}"))?;
    Ok(match reply.ms {
        Some(ms) => Ok(Done::new(ms, reply.sha256, log)),
        None => Err(reply.error.unwrap_or_else(|| "no time".to_owned())),
    })
}
