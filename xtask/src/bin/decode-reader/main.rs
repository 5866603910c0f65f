//! Reads images for `cargo xtask bench decode` and `cargo xtask bench read`, and prints how long it took, one line of JSON for each
//! file.
//!
//! Through cog-read's public API, or, with `--limit`, in a straight line: blocks by position, bare codec, un-predict,
//! un-interleave, and nothing else. Files come from the command line, or one on each line of standard input; there,
//! a path behind the word "check" is answered with the SHA-256 of its samples, little-endian. A path may be followed by a tab and
//! JSON that says which part is wanted, how large, and how it is resampled.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]

mod limit;

use std::fmt::Write as _;
use std::io::{BufRead, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use cog_read::blocking::Session;
use cog_read::{Raster, SessionOptions, Window};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use limit::Limit;

/// Reads whole images and prints the best time of each.
#[derive(Parser)]
struct Arguments {
    /// Decoding threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// How often each file is read; the best time counts
    #[arg(long, default_value_t = 1)]
    reads: u32,
    /// The straight line instead of the library
    #[arg(long)]
    limit: bool,
    /// Files; without any, paths are read from standard input
    files: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let mut reader = match arguments.limit {
        true => Reader::Limit(Limit::new(arguments.threads)),
        false => Reader::Library(Session::new(SessionOptions::default().with_threads(arguments.threads))?),
    };
    for file in &arguments.files {
        let best = reader.best(file, arguments.reads)?;
        println!(
            "{}",
            serde_json::json!({ "file": file, "read_ms": milliseconds(best), "peak_rss_kib": peak_rss_kib() })
        );
    }
    if arguments.files.is_empty() {
        say(&serde_json::json!({ "versions": {} }))?;
        for line in std::io::stdin().lock().lines() {
            let line = line.context("standard input")?;
            let reply = match line.strip_prefix("check ") {
                Some(file) => reader.sha256(file).map(|sum| serde_json::json!({ "sha256": sum })),
                None => {
                    reader.best(&line, arguments.reads).map(|best| serde_json::json!({ "read_ms": milliseconds(best) }))
                }
            };
            say(&reply.unwrap_or_else(|error| serde_json::json!({ "error": format!("{error:#}") })))?;
        }
    }
    Ok(())
}

fn say(reply: &serde_json::Value) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{reply}").and_then(|()| out.flush()).context("standard output")
}

/// What is read of a file: all of it as it is, unless said otherwise.
#[derive(Default, Deserialize)]
struct Part {
    window: Option<[f64; 4]>,
    /// Rows and columns.
    shape: Option<[usize; 2]>,
    resampling: Option<String>,
}

/// A path, and what stands behind its tab.
fn parse(line: &str) -> Result<(&str, Part)> {
    match line.split_once('\t') {
        Some((file, part)) => Ok((file, serde_json::from_str(part).context("the part that is wanted")?)),
        None => Ok((line, Part::default())),
    }
}

fn read(session: &Session, line: &str) -> Result<Raster> {
    let (file, part) = parse(line)?;
    let method = part.resampling.as_deref().map(str::parse::<cog_read::Resampling>).transpose()?;
    let raster = session.open(file)?.read(|mut request| {
        if let Some([column, row, width, height]) = part.window {
            request = request.window(Window::new(column, row, width, height));
        }
        if let Some([rows, columns]) = part.shape {
            request = request.shape(rows, columns);
        }
        match method {
            Some(method) => request.resampling(method),
            None => request,
        }
    })?;
    Ok(raster)
}

enum Reader {
    Library(Session),
    Limit(Limit),
}

impl Reader {
    /// The shortest time, from opening the file to the array; of the straight line the loop alone.
    fn best(&mut self, file: &str, reads: u32) -> Result<Duration> {
        let mut best = Duration::MAX;
        match self {
            Reader::Library(session) => {
                for _ in 0..reads {
                    let start = Instant::now();
                    let raster = read(session, file)?;
                    best = best.min(start.elapsed());
                    drop(raster);
                }
            }
            Reader::Limit(limit) => {
                limit.read(file, |pass| {
                    for _ in 0..reads {
                        best = best.min(pass.once()?);
                    }
                    Ok(())
                })?;
            }
        }
        Ok(best)
    }

    fn sha256(&mut self, file: &str) -> Result<String> {
        let sum = match self {
            Reader::Library(session) => Sha256::digest(read(session, file)?.pixels.to_le_bytes()),
            Reader::Limit(limit) => Sha256::digest(limit.read(file, |pass| pass.once().map(drop))?),
        };
        Ok(sum.iter().fold(String::new(), |mut text, byte| {
            _ = write!(text, "{byte:02x}");
            text
        }))
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The most memory this process ever held, where the system says so (Linux).
fn peak_rss_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix("kB")?.trim().parse().ok()
}
