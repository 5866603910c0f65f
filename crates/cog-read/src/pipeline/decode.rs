//! Decoding on the pool: what the workers of one read share.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cog_codecs::Codecs;
use cog_io::LocalSource;
use cog_tiff::Compression;
use tokio::sync::mpsc::UnboundedSender;

use crate::error::{Error, Result};
use crate::file::tiff_file::TiffFile;
use crate::pipeline::destination::{Destination, Filled};
use crate::pipeline::locate::{self, BlockJob};
use crate::pipeline::progress::Counter;
use crate::session::pool::{ByteGate, Pool, Worker};

/// Compressed and decoded bytes that the workers of one read hold at once; a larger block runs alone.
pub(crate) const BYTES_AT_WORK: u64 = 32 << 20;

/// What the workers of one read share.
pub(crate) struct DecodeTask {
    codecs: Codecs,
    destinations: Vec<Destination>,
    gate: ByteGate,
    cancelled: AtomicBool,
    error: Mutex<Option<Error>>,
    /// Blocks that were given to the workers so far, and those that are done.
    given: AtomicUsize,
    done: AtomicUsize,
    decode_nanos: AtomicU64,
    counter: Arc<Counter>,
}

/// Some blocks of a read.
pub(crate) struct Batch {
    jobs: Vec<BlockJob>,
    /// Of each job the bytes worth reading: see [`BlockJob::range`].
    ranges: Vec<Range<u64>>,
}

impl Batch {
    pub(crate) fn jobs(&self) -> impl Iterator<Item = (&BlockJob, &Range<u64>)> {
        self.jobs.iter().zip(&self.ranges)
    }

    pub(crate) fn job(&self, index: usize) -> Option<&BlockJob> {
        self.jobs.get(index)
    }
}

/// Sets the flag when a read is dropped, so that its workers stop at the next block.
pub(crate) struct CancelOnDrop(pub(crate) Arc<DecodeTask>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }
}

impl DecodeTask {
    pub(crate) fn new(codecs: Codecs, destinations: Vec<Destination>, counter: Arc<Counter>) -> DecodeTask {
        DecodeTask {
            codecs,
            destinations,
            gate: ByteGate::new(BYTES_AT_WORK),
            cancelled: AtomicBool::new(false),
            error: Mutex::new(None),
            given: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            decode_nanos: AtomicU64::new(0),
            counter,
        }
    }

    /// Blocks to give to the workers: from now on the read is not done before they are.
    pub(crate) fn batch(&self, jobs: Vec<BlockJob>) -> Arc<Batch> {
        let range = |job: &BlockJob| {
            self.destinations.get(job.destination).map_or(0..0, |destination| job.range(&destination.layer))
        };
        self.given.fetch_add(jobs.len(), Ordering::AcqRel);
        Arc::new(Batch { ranges: jobs.iter().map(range).collect(), jobs })
    }

    pub(crate) fn destination(&self, number: usize) -> Option<&Destination> {
        self.destinations.get(number)
    }

    pub(crate) fn counter(&self) -> &Counter {
        &self.counter
    }

    /// Where a block lies.
    pub(crate) fn file(&self, job: &BlockJob) -> Option<&Arc<TiffFile>> {
        self.destinations.get(job.destination).map(|destination| &destination.layer.file)
    }

    /// What the file of a block is called.
    fn location(&self, job: Option<&BlockJob>) -> Arc<str> {
        let destination = job.map_or(self.destinations.first(), |job| self.destinations.get(job.destination));
        destination.map_or_else(|| Arc::from(""), |destination| destination.layer.file.location())
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Keeps the first error and stops the others.
    pub(crate) fn fail(&self, error: Error) {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Lets the workers take one job after the other, with the bytes that are given for each, else reading them by position.
    pub(crate) fn submit_all(
        self: &Arc<DecodeTask>,
        pool: &Pool,
        batch: &Arc<Batch>,
        given: Vec<Option<Bytes>>,
        finished: &UnboundedSender<()>,
    ) {
        let next = Arc::new(AtomicUsize::new(0));
        let given = Arc::new(given);
        for _ in 0..pool.threads().min(batch.jobs.len()) {
            let (task, batch) = (Arc::clone(self), Arc::clone(batch));
            let (next, given, finished) = (Arc::clone(&next), Arc::clone(&given), finished.clone());
            pool.submit(Box::new(move |worker| {
                // Dropped in reverse order: when the last end of the channel is gone, so are the other owners of the task.
                let _finished = finished;
                let task = task;
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= batch.jobs.len() {
                        break;
                    }
                    task.run(&batch, index, given.get(index).cloned().flatten(), worker);
                }
            }));
        }
    }

    /// Gives one job with its bytes to the pool; `kept` is dropped when it is done.
    pub(crate) fn submit_one(
        self: &Arc<DecodeTask>,
        pool: &Pool,
        (batch, index): (&Arc<Batch>, usize),
        bytes: Option<Bytes>,
        kept: impl Send + 'static,
        finished: &UnboundedSender<()>,
    ) {
        let (task, batch, finished) = (Arc::clone(self), Arc::clone(batch), finished.clone());
        pool.submit(Box::new(move |worker| {
            let _finished = finished;
            let task = task;
            let _kept = kept;
            task.run(&batch, index, bytes, worker);
        }));
    }

    /// The arrays, when nobody else holds the task, and the time in codecs.
    pub(crate) fn finish(self: Arc<DecodeTask>) -> Result<(Vec<Filled>, Duration)> {
        let location = self.location(None);
        if let Some(error) = self.error.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        let (done, all) = (self.done.load(Ordering::Acquire), self.given.load(Ordering::Acquire));
        if done != all {
            return Err(Error::Worker { location, message: format!("only {done} of {all} blocks were delivered") });
        }
        let locals = self.destinations.iter().filter_map(|destination| destination.layer.file.source().local());
        let mut checked: Vec<&LocalSource> = Vec::new();
        for local in locals {
            if !checked.iter().any(|known| std::ptr::eq(*known, local)) {
                local.check_unchanged()?;
                checked.push(local);
            }
        }
        let decode = Duration::from_nanos(self.decode_nanos.load(Ordering::Relaxed));
        let destinations = Arc::into_inner(self).map(|task| task.destinations);
        match destinations
            .and_then(|destinations| destinations.into_iter().map(Destination::into_filled).collect::<Option<Vec<_>>>())
        {
            Some(filled) => Ok((filled, decode)),
            None => Err(Error::Worker { location, message: "a worker still holds the output".into() }),
        }
    }

    /// Decodes and places one block, unless the read was given up.
    fn run(&self, batch: &Batch, index: usize, bytes: Option<Bytes>, worker: &mut Worker) {
        let Some((job, range)) = batch.jobs.get(index).zip(batch.ranges.get(index)) else { return };
        if self.is_cancelled() {
            return;
        }
        let started = Instant::now();
        let work = || {
            self.decode(job, range, bytes, worker)?;
            if !job.location.is_sparse() {
                self.counter.done(job.location.length);
            }
            Ok(())
        };
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(Ok(())) => _ = self.done.fetch_add(1, Ordering::AcqRel),
            Ok(Err(e)) => self.fail(e),
            Err(panic) => {
                // Nobody knows what a codec that panicked left in the buffers.
                *worker = Worker::default();
                self.fail(self.panicked(job, panic.as_ref()));
            }
        }
        self.decode_nanos.fetch_add(started.elapsed().as_nanos() as u64, Ordering::Relaxed);
    }

    fn decode(&self, job: &BlockJob, range: &Range<u64>, bytes: Option<Bytes>, worker: &mut Worker) -> Result<()> {
        let Some(destination) = self.destinations.get(job.destination) else { return Ok(()) };
        if job.location.is_sparse() {
            destination.paint(job);
            return Ok(());
        }
        let file = &destination.layer.file;
        let mut spec = destination.layer.spec(job.y);
        spec.columns_used = destination.layer.image.grid.inside(job.x, job.y).0;
        let block_error = |source| Error::Block {
            location: file.location(),
            level: destination.level,
            mask: destination.is_mask(),
            x: job.x,
            y: destination.layer.blocks.block_row(job.y),
            offset: job.location.offset,
            source,
        };
        let len = spec.output_len().map_err(block_error)?;
        let _permit = self.gate.enter((range.end - range.start).saturating_add(len as u64));
        let Worker { scratch, compressed, decoded } = worker;
        let source: &[u8] = match (&bytes, file.source().memory()) {
            (Some(bytes), _) => bytes,
            (None, Some(all)) => slice(all, range).ok_or_else(|| self.unreadable(job, out_of_bounds(file, range)))?,
            (None, None) => {
                let n = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
                resize(compressed, n).ok_or_else(|| out_of_memory(file, n))?;
                match file.source().local() {
                    Some(local) => local.read_at(range.start, compressed).map_err(|e| self.unreadable(job, e))?,
                    None => return Err(self.unreadable(job, out_of_bounds(file, range))),
                }
                compressed
            }
        };
        let source = match job.framed {
            false => source,
            true => locate::unframed(source).ok_or_else(|| {
                file.header.distrust_frames();
                block_error(cog_codecs::Error::corrupt("frame", "it does not fit the block inside it"))
            })?,
        };
        let size = (spec.width as usize, spec.height as usize);
        if let Some(samples) = self.codecs.verbatim(&spec, source) {
            return destination.place(job, samples, None, size).map_err(block_error);
        }
        resize(decoded, len).ok_or_else(|| out_of_memory(file, len))?;
        let brought = self.codecs.decode_block(&spec, source, scratch, decoded).map_err(block_error)?;
        destination.place(job, decoded, brought.validity.as_deref(), size).map_err(block_error)
    }

    /// The error of a block whose bytes cannot be read.
    pub(crate) fn unreadable(&self, job: &BlockJob, source: cog_io::Error) -> Error {
        match self.destinations.get(job.destination) {
            Some(destination) => job.unreadable(&destination.layer, destination.level, destination.is_mask(), source),
            None => Error::Io(source),
        }
    }

    fn panicked(&self, job: &BlockJob, panic: &(dyn Any + Send)) -> Error {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into());
        let (level, y, compression) = match self.destinations.get(job.destination) {
            Some(Destination { layer, level, .. }) => {
                (*level, layer.blocks.block_row(job.y), layer.spec(job.y).compression)
            }
            None => (0, job.y, Compression::None),
        };
        let message = format!("the codec of {compression} panicked at level {level}, block ({}, {y}): {text}", job.x);
        Error::Worker { location: self.location(Some(job)), message }
    }
}

fn out_of_memory(file: &TiffFile, bytes: usize) -> Error {
    Error::OutOfMemory { location: file.location(), bytes: bytes as u64 }
}

fn out_of_bounds(file: &TiffFile, range: &Range<u64>) -> cog_io::Error {
    let size = file.source().size().unwrap_or(0);
    cog_io::Error::OutOfBounds { location: file.location(), range: range.clone(), size }
}

fn slice<'a>(bytes: &'a Bytes, range: &Range<u64>) -> Option<&'a [u8]> {
    bytes.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
}

/// Gives a buffer a length without giving up on the process if memory is short.
fn resize(buffer: &mut Vec<u8>, len: usize) -> Option<()> {
    if len > buffer.len() {
        buffer.try_reserve_exact(len - buffer.len()).ok()?;
    }
    buffer.resize(len, 0);
    Some(())
}
