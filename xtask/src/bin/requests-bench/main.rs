//! Does the same reading with every reader against one server in this process that adds latency and counts, and prints a section
//! of BENCHMARKS.md: `requests-bench PYTHON PEERS.PY ROUNDS VERSION`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool")]

mod ours;
mod peer;
mod report;
mod task;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use cog_testkit::server::{CogPlan, Server, VastTiff};

use peer::Kind;
use report::{Cell, Report, Row};
use task::Task;

/// What every answer of the server waits.
const LATENCY: Duration = Duration::from_millis(40);

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let python = PathBuf::from(arguments.next().context("PYTHON")?);
    let peers = PathBuf::from(arguments.next().context("PEERS.PY")?);
    let rounds: usize = arguments.next().context("ROUNDS")?.parse()?;
    let version = arguments.next().context("VERSION")?;

    let server = serve();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut rows = Vec::new();
    let mut versions: Vec<(String, String)> = Vec::new();
    for task in Task::all() {
        eprintln!("{}", task.name);
        let urls: Vec<String> = task.paths().iter().map(|path| server.url(path)).collect();
        let mut cells = vec![Cell::default(); Kind::ALL.len()];
        for _ in 0..rounds.max(1) {
            for (kind, cell) in Kind::ALL.into_iter().zip(&mut cells) {
                let done = match kind {
                    Kind::Ours => runtime.block_on(ours::run(&task, &urls, &server)),
                    _ => peer::run(kind, &python, &peers, &task, &urls, &server, &mut versions),
                };
                match done.with_context(|| format!("{}: {}", kind.name(), task.name))? {
                    Ok(done) => cell.add(done),
                    Err(error) => cell.error = Some(error),
                }
            }
        }
        let sums: Vec<_> = cells.iter().filter_map(|cell| cell.sha256.clone()).collect();
        if sums.windows(2).any(|pair| pair.first() != pair.last()) {
            bail!("{}: the readers read different pixels", task.name);
        }
        rows.push(Row { task, cells });
    }
    let warm = runtime.block_on(ours::warm_open(&server, rounds.max(3)))?;
    println!("{}", Report { rows, version, versions, warm, rounds, latency: LATENCY });
    Ok(())
}

/// The files of the tasks.
fn serve() -> Server {
    let plan = CogPlan::new(4096, 4096);
    let small = CogPlan { overviews: 0, ..CogPlan::new(512, 512) }.make().bytes;
    let server = Server::start((0..task::MANY).map(|i| (format!("/many/{i}.tif"), small.clone())));
    server.put("/cog.tif", plan.make().bytes);
    server.put("/masked.tif", CogPlan { mask: true, ..plan }.make().bytes);
    server.put("/tail.tif", CogPlan { tail: true, ..plan }.make().bytes);
    server.put("/vast.tif", VastTiff::new().content_with_tables());
    server.set_latency(LATENCY);
    server
}
