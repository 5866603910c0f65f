//! Fetching, decoding and placing the blocks of a read, batch by batch.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::join;
use tokio::sync::{Semaphore, mpsc};

use crate::error::Result;
use crate::pipeline::block_list::{Batches, BlockList};
use crate::pipeline::cost::ReadCost;
use crate::pipeline::decode::{BYTES_AT_WORK, Batch, CancelOnDrop, DecodeTask};
use crate::pipeline::destination::{Destination, Filled};
use crate::pipeline::fetch::Fetch;
use crate::pipeline::locate::{self, BlockJob};
use crate::pipeline::progress::Counter;
use crate::session::Session;
use crate::session::pool::Pool;

/// Bytes that one permit of the semaphore stands for.
const PERMIT_BYTES: usize = 1 << 10;

/// Where the bytes of blocks come from.
pub(crate) enum Supply {
    /// From the source, by requests or by position.
    Source,
    /// One for each job, where a request is needed for it.
    Given(Vec<Option<Bytes>>),
}

/// Fills every destination. Blocks are looked up, fetched and decoded batch by batch; while the workers have one, the next is looked up.
pub(crate) async fn assemble(
    session: &Session,
    mut destinations: Vec<Destination>,
    counter: Arc<Counter>,
) -> Result<(Vec<Filled>, ReadCost)> {
    let mut lists = Vec::new();
    let mut unwritten = 0;
    for (i, destination) in destinations.iter_mut().enumerate() {
        locate::check(session, &destination.layer, destination.level)?;
        let list = BlockList::of(i, &destination.layer, destination.tiling(), destination.bands());
        list.check_entries(&destination.layer)?;
        if list.unwritten() > 0 {
            destination.fill_all();
        }
        unwritten = u64::saturating_add(unwritten, list.unwritten());
        lists.push(list);
    }
    counter.list(lists.iter().map(BlockList::left).fold(0, u64::saturating_add));
    let mut batches = Batches::new(lists);
    let mut assembly = Assembly::new(session, destinations, counter);
    let task = Arc::clone(&assembly.task);
    let mut located = locate(&task, batches.next()).await?;
    while let Some(jobs) = located {
        let next = locate(&task, batches.next());
        let ((), next) = join(assembly.send(jobs, Supply::Source), next).await;
        located = next?.filter(|_| !task.is_cancelled());
        assembly.wait(1).await;
    }
    drop(task);
    let (filled, mut cost) = assembly.finish().await?;
    cost.sparse = cost.sparse.saturating_add(unwritten);
    Ok((filled, cost))
}

/// Looks up where the blocks of a batch lie.
async fn locate(task: &DecodeTask, jobs: Option<Vec<BlockJob>>) -> Result<Option<Vec<BlockJob>>> {
    let Some(mut jobs) = jobs else { return Ok(None) };
    let found = |i: usize| {
        let destination = task.destination(i)?;
        let framed = destination.framed && destination.layer.file.header.trusts_frames();
        Some(locate::LocatedLayer { layer: &destination.layer, framed })
    };
    locate::locate(found, &mut jobs).await?;
    let stored = jobs.iter().filter(|job| !job.location.is_sparse());
    task.counter().expect(stored.clone().count() as u64, locate::total_length(stored));
    Ok(Some(jobs))
}

/// Fills destinations from blocks whose places are known.
pub(crate) async fn assemble_located(
    session: &Session,
    destinations: Vec<Destination>,
    jobs: Vec<BlockJob>,
    supply: Supply,
    counter: Arc<Counter>,
) -> Result<(Vec<Filled>, ReadCost)> {
    let mut assembly = Assembly::new(session, destinations, counter);
    assembly.send(jobs, supply).await;
    assembly.finish().await
}

/// A read under way.
struct Assembly<'a> {
    pool: &'a Pool,
    task: Arc<DecodeTask>,
    /// Stops the workers when the read is dropped.
    guard: CancelOnDrop,
    remote: bool,
    /// Bytes that arrived and wait for a worker; when there are too many, no more are asked for.
    waiting: Arc<Semaphore>,
    /// Of each batch that was sent: ends when the workers are done with it.
    batches: VecDeque<mpsc::UnboundedReceiver<()>>,
    cost: ReadCost,
}

impl<'a> Assembly<'a> {
    fn new(session: &'a Session, destinations: Vec<Destination>, counter: Arc<Counter>) -> Assembly<'a> {
        // Side-cars lie where the image lies.
        let remote = destinations.first().is_some_and(|destination| destination.layer.file.source().is_remote());
        let task = Arc::new(DecodeTask::new(session.codecs().clone(), destinations, counter));
        Assembly {
            pool: session.pool(),
            guard: CancelOnDrop(Arc::clone(&task)),
            task,
            remote,
            waiting: Arc::new(Semaphore::new(BYTES_AT_WORK as usize / PERMIT_BYTES)),
            batches: VecDeque::new(),
            cost: ReadCost::default(),
        }
    }

    /// Gives the blocks of a batch to the workers: of a remote file as they arrive, until the last has.
    async fn send(&mut self, mut jobs: Vec<BlockJob>, supply: Supply) {
        let stored = jobs.iter().filter(|job| !job.location.is_sparse()).count();
        self.cost.blocks += stored as u64;
        self.cost.sparse += (jobs.len() - stored) as u64;
        let task = &self.task;
        let needed = |job: &BlockJob| {
            !job.location.is_sparse() || task.destination(job.destination).is_some_and(Destination::has_fill)
        };
        let given = match supply {
            Supply::Source => {
                jobs.retain(needed);
                None
            }
            Supply::Given(given) => {
                let kept: (Vec<BlockJob>, Vec<Option<Bytes>>) =
                    jobs.into_iter().zip(given).filter(|(job, _)| needed(job)).unzip();
                jobs = kept.0;
                Some(kept.1)
            }
        };
        let batch = task.batch(jobs);
        let (finished, all_finished) = mpsc::unbounded_channel::<()>();
        self.batches.push_back(all_finished);
        match given {
            None if self.remote => {
                let started = Instant::now();
                stream(self.pool, task, &batch, &self.waiting, &finished).await;
                self.cost.fetch += started.elapsed();
            }
            None => task.submit_all(self.pool, &batch, Vec::new(), &finished),
            Some(given) => task.submit_all(self.pool, &batch, given, &finished),
        }
    }

    /// Waits until no more than `batches` of the batches sent are in work.
    async fn wait(&mut self, batches: usize) {
        while self.batches.len() > batches {
            let Some(mut all_finished) = self.batches.pop_front() else { break };
            while all_finished.recv().await.is_some() {}
        }
    }

    async fn finish(mut self) -> Result<(Vec<Filled>, ReadCost)> {
        self.wait(0).await;
        drop(self.guard);
        let (filled, decode) = self.task.finish()?;
        Ok((filled, ReadCost { decode, ..self.cost }))
    }
}

/// Sends blocks to the pool as they arrive. Errors stay with the task.
async fn stream(
    pool: &Pool,
    task: &Arc<DecodeTask>,
    batch: &Arc<Batch>,
    waiting: &Arc<Semaphore>,
    finished: &mpsc::UnboundedSender<()>,
) {
    let mut ranges = Vec::new();
    for (index, (job, range)) in batch.jobs().enumerate() {
        if job.location.is_sparse() {
            task.submit_one(pool, (batch, index), None, (), finished);
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
                let permit = Arc::clone(waiting).acquire_many_owned(permits).await.ok();
                task.submit_one(pool, (batch, index), Some(bytes), permit, finished);
            }
            Err(error) => {
                let error = match batch.job(index) {
                    Some(job) => task.unreadable(job, error),
                    None => error.into(),
                };
                return task.fail(error);
            }
        }
    }
}
