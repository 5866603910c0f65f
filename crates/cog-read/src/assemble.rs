//! Fetching, decoding and placing the blocks of a read, all at once.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cog_codecs::{Codecs, Deinterleave};
use cog_io::Source;
use cog_tiff::{BlockLocation, Compression, Stop};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::canvas::{Canvas, Loan, Tiling};
use crate::error::{Error, Result};
use crate::header_bytes::HeaderBytes;
use crate::layer::Layer;
use crate::pool::{ByteGate, Worker};
use crate::raster::{Pixels, ReadCost};
use crate::session::Session;

/// Compressed and decoded bytes that the workers of one read hold at once; a larger block runs alone.
const BYTES_AT_WORK: u64 = 32 << 20;

/// Bytes that one permit of the semaphore stands for.
const PERMIT_BYTES: usize = 1 << 10;

/// An array to fill from one image or mask.
pub(crate) struct Target {
    layer: Layer,
    canvas: Canvas,
    /// Of each band of the canvas: the band of the image, from 0.
    bands: Vec<usize>,
    deinterleave: Deinterleave,
    fill: Option<Vec<u8>>,
    /// Any value but 0 becomes 255.
    mask: bool,
    /// Level, for messages.
    level: usize,
}

impl Target {
    /// Allocates the canvas. Bytes were checked against the limit before.
    pub(crate) fn new(
        layer: Layer,
        tiling: Tiling,
        bands: Vec<usize>,
        fill: Option<Vec<u8>>,
        level: usize,
        location: &Arc<str>,
    ) -> Result<Target> {
        let planar = layer.is_planar();
        let sample_type = layer.sample_type;
        let in_block = if planar { 1 } else { usize::from(layer.spec(0).output_samples()) };
        let wanted: &[usize] = if planar { &[0] } else { &bands };
        let deinterleave = Deinterleave::new(in_block, sample_type.size(), wanted).map_err(|source| Error::Image {
            location: Arc::clone(location),
            level,
            source,
        })?;
        let canvas = Canvas::new(sample_type, bands.len(), tiling, planar).ok_or_else(|| {
            let bytes = Canvas::bytes(sample_type, bands.len(), &tiling.area).unwrap_or(u64::MAX);
            Error::OutOfMemory { location: Arc::clone(location), bytes }
        })?;
        Ok(Target { layer, canvas, bands, deinterleave, fill, mask: false, level })
    }

    /// The canvas is a mask: 255 for every value but 0.
    pub(crate) fn into_mask(mut self) -> Target {
        self.mask = true;
        self
    }

    /// The blocks that touch the canvas and have an entry in the tables, row by row, plane after plane, and how many have
    /// none. A grid may claim any number of blocks; the tables are as long as the file says. Blocks behind their end
    /// were never written.
    fn jobs(&mut self, target: usize) -> (Vec<Job>, u64) {
        let grid = &self.layer.image.grid;
        let tiling = self.canvas.tiling();
        let planes: Vec<Option<u32>> = if self.layer.is_planar() {
            let mut planes: Vec<u32> = self.bands.iter().map(|band| *band as u32).collect();
            planes.sort_unstable();
            planes.dedup();
            planes.into_iter().map(Some).collect()
        } else {
            vec![None]
        };
        let rows = tiling.rows().start..tiling.rows().end.min(grid.down());
        let columns = tiling.columns().start..tiling.columns().end.min(grid.across());
        let all = (rows.len() as u64).saturating_mul(columns.len() as u64).saturating_mul(planes.len() as u64);
        let entries = self.layer.table.entry_count();
        let location = BlockLocation { offset: 0, length: 0 };
        let mut jobs = Vec::new();
        for plane in planes {
            let cells = rows.clone().flat_map(|y| columns.clone().map(move |x| (x, y)));
            let indexed = cells.map(|(x, y)| (x, y, grid.index(x, y, plane.unwrap_or(0))));
            // Within a plane the index grows, so the first behind the end is followed by no other.
            for (x, y, index) in indexed {
                let Some(index) = index.filter(|index| *index < entries) else { break };
                jobs.push(Job { target, x, y, plane, index, location });
            }
        }
        let unwritten = all.saturating_sub(jobs.len() as u64);
        if let (1.., Some(fill)) = (unwritten, &self.fill) {
            self.canvas.fill(fill);
        }
        (jobs, unwritten)
    }
}

/// One block of one target.
#[derive(Clone, Copy, Debug)]
struct Job {
    target: usize,
    x: u32,
    y: u32,
    plane: Option<u32>,
    index: u64,
    location: BlockLocation,
}

/// What the workers of one read share.
struct Task {
    source: Source,
    codecs: Codecs,
    targets: Vec<Target>,
    jobs: Vec<Job>,
    /// Of each job the bytes worth reading: see [`useful_len`].
    ranges: Vec<Range<u64>>,
    gate: ByteGate,
    cancelled: AtomicBool,
    error: Mutex<Option<Error>>,
    done: AtomicUsize,
    decode_nanos: AtomicU64,
}

/// Sets the flag when a read is dropped, so that its workers stop at the next block.
struct CancelOnDrop(Arc<Task>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }
}

/// Fills every target; all blocks are looked up, fetched and decoded together.
pub(crate) async fn assemble(
    session: &Session,
    header: &Arc<HeaderBytes>,
    mut targets: Vec<Target>,
) -> Result<(Vec<Pixels>, ReadCost)> {
    let location = header.location();
    for target in &targets {
        check(session, &location, target)?;
    }
    let mut jobs = Vec::new();
    let mut sparse = 0;
    for (i, target) in targets.iter_mut().enumerate() {
        let (listed, unwritten) = target.jobs(i);
        jobs.extend(listed);
        sparse += unwritten;
    }
    locate(header, &targets, &mut jobs).await?;
    let stored = jobs.iter().filter(|job| !job.location.is_sparse()).count();
    sparse += (jobs.len() - stored) as u64;
    let needed = |job: &Job| !job.location.is_sparse() || targets.get(job.target).is_some_and(|t| t.fill.is_some());
    jobs.retain(needed);
    let ranges = jobs.iter().map(|job| useful_range(&targets, job)).collect();
    let task = Arc::new(Task {
        source: header.source().clone(),
        codecs: session.codecs().clone(),
        targets,
        jobs,
        ranges,
        gate: ByteGate::new(BYTES_AT_WORK),
        cancelled: AtomicBool::new(false),
        error: Mutex::new(None),
        done: AtomicUsize::new(0),
        decode_nanos: AtomicU64::new(0),
    });
    let guard = CancelOnDrop(Arc::clone(&task));
    let (finished, mut all_finished) = mpsc::unbounded_channel::<()>();
    let started = Instant::now();
    let mut fetch = Duration::ZERO;
    if task.source.is_remote() {
        let streamed = stream(session, header, &task, &finished).await;
        fetch = started.elapsed();
        if let Err(e) = streamed {
            task.fail(e);
        }
    } else {
        let next = Arc::new(AtomicUsize::new(0));
        for _ in 0..session.pool().threads().min(task.jobs.len()) {
            let (task, next, finished) = (Arc::clone(&task), Arc::clone(&next), finished.clone());
            session.pool().submit(Box::new(move |worker| {
                // Dropped in reverse order: who hears that all have finished owns the task alone.
                let _finished = finished;
                let task = task;
                while let Some(job) = task.jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    task.run(job, None, worker);
                }
            }));
        }
    }
    drop(finished);
    while all_finished.recv().await.is_some() {}
    if let Some(error) = task.error.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(error);
    }
    let (done, all) = (task.done.load(Ordering::Acquire), task.jobs.len());
    if done != all {
        return Err(Error::Worker { location, message: format!("only {done} of {all} blocks were delivered") });
    }
    if let Some(local) = task.source.local() {
        local.check_unchanged()?;
    }
    let decode = Duration::from_nanos(task.decode_nanos.load(Ordering::Relaxed));
    drop(guard);
    let alone = Arc::into_inner(task).map(|task| task.targets);
    let pixels = alone.map(|targets| targets.into_iter().map(|t| t.canvas.into_pixels()).collect::<Option<Vec<_>>>());
    match pixels.flatten() {
        Some(pixels) => Ok((pixels, ReadCost { fetch, decode, blocks: stored as u64, sparse })),
        None => Err(Error::Worker { location, message: "a worker still holds the output".into() }),
    }
}

/// Everything that can be refused before a byte is fetched.
fn check(session: &Session, location: &Arc<str>, target: &Target) -> Result<()> {
    let spec = target.layer.spec(0);
    let level = target.level;
    let failed = |source| Error::Image { location: Arc::clone(location), level, source };
    session.codecs().supports(&spec).map_err(failed)?;
    let limit = session.limits().max_output_bytes;
    let bytes = spec.output_len().map_or(u64::MAX, |n| n as u64).max(spec.encoded_len().map_or(u64::MAX, |n| n as u64));
    if bytes > limit {
        return Err(Error::TooLarge { location: Arc::clone(location), what: "block", bytes, limit });
    }
    Ok(())
}

/// Looks up where the blocks of all targets lie, in as few round trips as one of them would take.
async fn locate(header: &HeaderBytes, targets: &[Target], jobs: &mut [Job]) -> Result<()> {
    let found = header
        .lookup(|known| {
            let mut found = Vec::new();
            let mut need = Vec::new();
            for (i, target) in targets.iter().enumerate() {
                let indices = jobs.iter().filter(|job| job.target == i).map(|job| job.index);
                match target.layer.table.locations(known, indices) {
                    Ok(locations) => found.extend(locations),
                    Err(Stop::Need(ranges)) => need.extend(ranges),
                    Err(failed) => return Err(failed),
                }
            }
            if need.is_empty() { Ok(found) } else { Err(Stop::Need(need)) }
        })
        .await?;
    for (job, location) in jobs.iter_mut().zip(found) {
        job.location = location;
    }
    Ok(())
}

/// The bytes of a block worth reading. Byte counts come from the file: no block is read far beyond what a codec could
/// use, and an uncompressed one not beyond its size.
fn useful_range(targets: &[Target], job: &Job) -> Range<u64> {
    let BlockLocation { offset, length } = job.location;
    let Some(target) = targets.get(job.target) else { return 0..0 };
    let spec = target.layer.spec(job.y);
    let encoded = spec.encoded_len().map_or(u64::MAX, |n| n as u64);
    let most = match spec.compression {
        Compression::None => encoded,
        _ => encoded.saturating_mul(4).saturating_add(1 << 20),
    };
    offset..offset.saturating_add(length.min(most))
}

/// Sends blocks to the pool as they arrive.
async fn stream(
    session: &Session,
    header: &HeaderBytes,
    task: &Arc<Task>,
    finished: &mpsc::UnboundedSender<()>,
) -> Result<()> {
    // Bytes that arrived and wait for a worker; when there are too many, no more are asked for.
    let waiting = Arc::new(Semaphore::new(BYTES_AT_WORK as usize / PERMIT_BYTES));
    let submit = |index: usize, bytes: Option<Bytes>, permit: Option<OwnedSemaphorePermit>| {
        let (task, finished) = (Arc::clone(task), finished.clone());
        session.pool().submit(Box::new(move |worker| {
            let _finished = finished;
            let task = task;
            let _permit = permit;
            if let Some(job) = task.jobs.get(index) {
                task.run(job, bytes, worker);
            }
        }));
    };
    let mut wanted = Vec::new();
    let mut ranges = Vec::new();
    for (index, (job, range)) in task.jobs.iter().zip(&task.ranges).enumerate() {
        if job.location.is_sparse() {
            submit(index, None, None);
        } else if let Some(bytes) = header.get(range.clone()) {
            submit(index, Some(bytes), None);
        } else {
            // Of a block that begins among the header bytes only the rest is fetched.
            wanted.push((index, range.clone()));
            ranges.push(header.missing(range.clone()).unwrap_or(range.clone()));
        }
    }
    if ranges.is_empty() {
        return Ok(());
    }
    let fetched = ranges.clone();
    let mut blocks = task.source.stream_ranges(ranges);
    while let Some((i, bytes)) = blocks.next().await {
        if task.cancelled.load(Ordering::Relaxed) {
            break;
        }
        let bytes = bytes?;
        if let Some(((index, whole), part)) = wanted.get(i).zip(fetched.get(i)) {
            let permits = (bytes.len() / PERMIT_BYTES).clamp(1, BYTES_AT_WORK as usize / PERMIT_BYTES) as u32;
            let permit = Arc::clone(&waiting).acquire_many_owned(permits).await.ok();
            submit(*index, Some(complete(header, whole, part, bytes)), permit);
        }
    }
    Ok(())
}

/// Puts what was known of a block before and behind the part that was fetched.
fn complete(header: &HeaderBytes, whole: &Range<u64>, part: &Range<u64>, bytes: Bytes) -> Bytes {
    if whole == part {
        return bytes;
    }
    let known = |range: Range<u64>| header.get(range).unwrap_or_default();
    let (before, behind) = (known(whole.start..part.start), known(part.end..whole.end));
    [before, bytes, behind].concat().into()
}

impl Task {
    /// Decodes and places one block, unless the read was given up.
    fn run(&self, job: &Job, bytes: Option<Bytes>, worker: &mut Worker) {
        if self.cancelled.load(Ordering::Relaxed) {
            return;
        }
        let started = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| self.decode(job, bytes, worker))) {
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

    /// Keeps the first error and stops the others.
    fn fail(&self, error: Error) {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.cancelled.store(true, Ordering::Relaxed);
    }

    fn decode(&self, job: &Job, bytes: Option<Bytes>, worker: &mut Worker) -> Result<()> {
        let Some(target) = self.targets.get(job.target) else { return Ok(()) };
        if job.location.is_sparse() {
            if let Some(fill) = &target.fill {
                each_loan(target, job, |loan| paint(loan, fill));
            }
            return Ok(());
        }
        let spec = target.layer.spec(job.y);
        let block_error = |source| Error::Block {
            location: Arc::from(self.source.location()),
            level: target.level,
            mask: target.mask,
            x: job.x,
            y: job.y,
            offset: job.location.offset,
            source,
        };
        let len = spec.output_len().map_err(block_error)?;
        let range = useful_range(&self.targets, job);
        let _permit = self.gate.enter((range.end - range.start).saturating_add(len as u64));
        let Worker { scratch, compressed, decoded } = worker;
        let source: &[u8] = match (&bytes, self.source.memory()) {
            (Some(bytes), _) => bytes,
            (None, Some(all)) => slice(all, &range).ok_or_else(|| self.out_of_bounds(&range))?,
            (None, None) => {
                let n = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
                resize(compressed, n).ok_or_else(|| self.out_of_memory(n))?;
                match self.source.local() {
                    Some(local) => local.read_at(range.start, compressed)?,
                    None => return Err(self.out_of_bounds(&range)),
                }
                compressed
            }
        };
        resize(decoded, len).ok_or_else(|| self.out_of_memory(len))?;
        self.codecs.decode_block(&spec, source, scratch, decoded).map_err(block_error)?;
        let mut placed = Ok(());
        each_loan(target, job, |loan| {
            if let Err(e) = place(target, loan, decoded, spec.width as usize, spec.height as usize) {
                placed = Err(e);
            }
        });
        placed.map_err(block_error)
    }

    fn panicked(&self, job: &Job, panic: &(dyn Any + Send)) -> Error {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into());
        let (level, compression) = match self.targets.get(job.target) {
            Some(target) => (target.level, target.layer.spec(job.y).compression),
            None => (0, Compression::None),
        };
        let message =
            format!("the codec of {compression} panicked at level {level}, block ({}, {}): {text}", job.x, job.y);
        Error::Worker { location: Arc::from(self.source.location()), message }
    }

    fn out_of_memory(&self, bytes: usize) -> Error {
        Error::OutOfMemory { location: Arc::from(self.source.location()), bytes: bytes as u64 }
    }

    fn out_of_bounds(&self, range: &Range<u64>) -> Error {
        Error::Io(cog_io::Error::OutOfBounds {
            location: Arc::from(self.source.location()),
            range: range.clone(),
            size: self.source.size().unwrap_or(0),
        })
    }
}

/// Borrows the rectangles of a block: one for all bands, or one for each band that its plane fills.
fn each_loan(target: &Target, job: &Job, mut f: impl FnMut(&mut Loan<'_>)) {
    match job.plane {
        None => {
            if let Some(mut loan) = target.canvas.lend(None, job.x, job.y) {
                f(&mut loan);
            }
        }
        Some(plane) => {
            for (slot, _) in target.bands.iter().enumerate().filter(|(_, band)| **band == plane as usize) {
                if let Some(mut loan) = target.canvas.lend(Some(slot), job.x, job.y) {
                    f(&mut loan);
                }
            }
        }
    }
}

/// Cuts a decoded block to its rectangle and splits its pixels into bands. Rows that a short strip does not have stay 0.
fn place(
    target: &Target,
    loan: &mut Loan<'_>,
    decoded: &[u8],
    width: usize,
    height: usize,
) -> std::result::Result<(), cog_codecs::Error> {
    let overlap = loan.overlap();
    let pixel = decoded.len() / (width * height).max(1);
    for row in 0..overlap.height.min(height.saturating_sub(overlap.block_y)) {
        let start = ((overlap.block_y + row) * width + overlap.block_x) * pixel;
        let Some(pixels) = decoded.get(start..start + overlap.width * pixel) else { break };
        let done = loan.row(row, |rows| {
            target.deinterleave.row(pixels, rows)?;
            if target.mask {
                rows.iter_mut().for_each(|row| row.iter_mut().for_each(|v| *v = if *v == 0 { 0 } else { 255 }));
            }
            Ok(())
        });
        done.unwrap_or(Ok(()))?;
    }
    Ok(())
}

/// Repeats one sample all over a rectangle.
fn paint(loan: &mut Loan<'_>, sample: &[u8]) {
    for y in 0..loan.overlap().height {
        loan.row(y, |rows| {
            for row in rows {
                row.chunks_exact_mut(sample.len().max(1)).for_each(|s| s.copy_from_slice(sample));
            }
        });
    }
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
