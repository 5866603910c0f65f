//! Fetching, decoding and placing the blocks of a read, all at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc};

use crate::error::Result;
use crate::fetch::Fetch;
use crate::plan::{self, Blocks, Job};
use crate::pool::Pool;
use crate::progress::Counter;
use crate::raster::ReadCost;
use crate::session::Session;
use crate::target::{Filled, Target};
use crate::work::{BYTES_AT_WORK, CancelOnDrop, Task};

/// Bytes that one permit of the semaphore stands for.
const PERMIT_BYTES: usize = 1 << 10;

/// Where the bytes of blocks come from.
pub(crate) enum Supply {
    /// From the source, by requests or by position.
    Source,
    /// One for each job, where a request is needed for it.
    Given(Vec<Option<Bytes>>),
}

/// Fills every target; all blocks are looked up, fetched and decoded together.
pub(crate) async fn assemble(
    session: &Session,
    mut targets: Vec<Target>,
    counter: Arc<Counter>,
) -> Result<(Vec<Filled>, ReadCost)> {
    let mut jobs = Vec::new();
    let mut sparse = 0;
    for (i, target) in targets.iter_mut().enumerate() {
        plan::check(session, &target.layer, target.level)?;
        let blocks = Blocks::of(i, &target.layer, target.tiling(), target.bands());
        if blocks.unwritten > 0 {
            target.fill_all();
        }
        jobs.extend(blocks.jobs);
        sparse = u64::saturating_add(sparse, blocks.unwritten);
    }
    let found = |i: usize| {
        let target: &Target = targets.get(i)?;
        let framed = target.framed && target.layer.file.header.trusts_frames();
        Some(plan::Lookup { layer: &target.layer, framed })
    };
    plan::locate(found, &mut jobs).await?;
    let stored = jobs.iter().filter(|job| !job.location.is_sparse());
    counter.expect(stored.clone().count() as u64, plan::total_length(stored));
    let (filled, mut cost) = fill(session, targets, jobs, Supply::Source, counter).await?;
    cost.sparse = cost.sparse.saturating_add(sparse);
    Ok((filled, cost))
}

/// Fills targets from blocks whose places are known.
pub(crate) async fn fill(
    session: &Session,
    targets: Vec<Target>,
    mut jobs: Vec<Job>,
    supply: Supply,
    counter: Arc<Counter>,
) -> Result<(Vec<Filled>, ReadCost)> {
    let stored = jobs.iter().filter(|job| !job.location.is_sparse()).count();
    let sparse = (jobs.len() - stored) as u64;
    let needed = |job: &Job| !job.location.is_sparse() || targets.get(job.target).is_some_and(Target::has_fill);
    let supply = match supply {
        Supply::Source => {
            jobs.retain(needed);
            Supply::Source
        }
        Supply::Given(given) => {
            let kept: (Vec<Job>, Vec<Option<Bytes>>) =
                jobs.into_iter().zip(given).filter(|(job, _)| needed(job)).unzip();
            jobs = kept.0;
            Supply::Given(kept.1)
        }
    };
    // Side-cars lie where the image lies.
    let remote = targets.first().is_some_and(|target| target.layer.file.source().is_remote());
    let task = Arc::new(Task::new(session.codecs().clone(), targets, jobs, counter));
    let guard = CancelOnDrop(Arc::clone(&task));
    let (finished, mut all_finished) = mpsc::unbounded_channel::<()>();
    let started = Instant::now();
    let mut fetch = Duration::ZERO;
    match supply {
        Supply::Source if remote => {
            stream(session.pool(), &task, &finished).await;
            fetch = started.elapsed();
        }
        Supply::Source => task.submit_all(session.pool(), Vec::new(), &finished),
        Supply::Given(given) => task.submit_all(session.pool(), given, &finished),
    }
    drop(finished);
    while all_finished.recv().await.is_some() {}
    drop(guard);
    let (filled, decode) = task.finish()?;
    Ok((filled, ReadCost { fetch, decode, blocks: stored as u64, sparse }))
}

/// Sends blocks to the pool as they arrive. Errors stay with the task.
async fn stream(pool: &Pool, task: &Arc<Task>, finished: &mpsc::UnboundedSender<()>) {
    // Bytes that arrived and wait for a worker; when there are too many, no more are asked for.
    let waiting = Arc::new(Semaphore::new(BYTES_AT_WORK as usize / PERMIT_BYTES));
    let mut ranges = Vec::new();
    for (index, (job, range)) in task.jobs().enumerate() {
        if job.location.is_sparse() {
            task.submit_one(pool, index, None, (), finished);
        } else {
            ranges.extend(task.file(job).map(|file| (index, file, range.clone())));
        }
    }
    let mut blocks = Fetch::new(ranges);
    while let Some((index, bytes)) = blocks.next().await {
        if task.is_cancelled() {
            break;
        }
        match bytes {
            Ok(bytes) => {
                let permits = (bytes.len() / PERMIT_BYTES).clamp(1, BYTES_AT_WORK as usize / PERMIT_BYTES) as u32;
                let permit = Arc::clone(&waiting).acquire_many_owned(permits).await.ok();
                task.submit_one(pool, index, Some(bytes), permit, finished);
            }
            Err(error) => {
                let error = match task.jobs().nth(index) {
                    Some((job, _)) => task.not_had(job, error),
                    None => error.into(),
                };
                return task.fail(error);
            }
        }
    }
}
