//! The tasks with cog-read.

use std::time::Instant;

use anyhow::{Context, Result};
use cog_read::{Cog, Session, SessionOptions, Window};
use cog_testkit::server::Server;
use sha2::{Digest, Sha256};

use crate::report::Done;
use crate::task::{Step, Task};

struct Reading {
    session: Session,
    urls: Vec<String>,
    cog: Option<Cog>,
    arrays: Vec<Vec<u8>>,
}

/// Does a task in a session of its own. The inner error is what the reader says.
pub(crate) async fn run(task: &Task, urls: &[String], server: &Server) -> Result<Result<Done, String>> {
    let mut reading = Reading {
        session: Session::new(SessionOptions::default()),
        urls: urls.to_vec(),
        cog: None,
        arrays: Vec::new(),
    };
    let (before, measured) = task.parts();
    for step in before {
        reading.step(step).await?;
    }
    reading.arrays.clear();
    server.take_log();
    let began = Instant::now();
    for step in measured {
        if let Err(error) = reading.step(step).await {
            return Ok(Err(format!("{error:#}")));
        }
    }
    let ms = began.elapsed().as_secs_f64() * 1e3;
    let mut sum = Sha256::new();
    reading.arrays.iter().for_each(|array| sum.update(array));
    let sha256 = (!reading.arrays.is_empty())
        .then(|| sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    Ok(Ok(Done::new(ms, sha256, server.take_log())))
}

/// Milliseconds to open one more file over a connection that is there: the best of several.
pub(crate) async fn warm_open(server: &Server, times: usize) -> Result<f64> {
    let session = Session::new(SessionOptions::default());
    session.open(&server.url("/cog.tif")).await?;
    let mut best = f64::MAX;
    for i in 0..times {
        let began = Instant::now();
        session.open(&server.url(&format!("/many/{i}.tif"))).await?;
        best = best.min(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(best)
}

impl Reading {
    async fn step(&mut self, step: Step) -> Result<()> {
        if let Step::All = step {
            let opens = self.urls.iter().map(|url| {
                let (session, url) = (self.session.clone(), url.clone());
                tokio::spawn(async move { session.open(&url).await?.profile() })
            });
            for open in opens.collect::<Vec<_>>() {
                open.await??;
            }
            return Ok(());
        }
        if let Step::Open = step {
            let cog = self.session.open(self.urls.first().context("a URL")?).await?;
            cog.profile()?;
            self.cog = Some(cog);
            return Ok(());
        }
        let cog = self.cog.as_ref().context("nothing is open")?;
        let raster = match step {
            Step::Tile { x, y, .. } => cog.tile(x, y).await?,
            Step::Window { x, y, width, height } => cog.read().window(Window::new(x, y, width, height)).await?,
            Step::Level(level) => cog.read().level(level).await?,
            Step::Open | Step::All => return Ok(()),
        };
        self.arrays.push(raster.pixels.to_le_bytes());
        if let Step::Tile { mask: true, .. } = step {
            self.arrays.push(raster.mask().into_iter().collect());
        }
        Ok(())
    }
}
