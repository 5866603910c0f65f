//! Reads a source once, from the first pixel to the last, and encodes all levels.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use cog_raster::Area;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;

use crate::coder::{Bytes, Coder, Encoded};
use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::image::Image;
use crate::patch::Patch;
use crate::pyramid::step::{Made, Step};
use crate::pyramid::{Block, Data, Pyramid, Ready};
use crate::source::{Content, Source};
use crate::spool::{Kept, Spool};
use crate::statistics::{BandSums, sums_of};
use crate::threads::Threads;
use crate::walk::Walk;

/// Pixels that are read and not yet encoded may take so much memory, or one rectangle.
const AHEAD: u64 = 64 << 20;

/// The same of a source that is near: for each thread, and for reading, so many rectangles. More would only leave the caches.
const NEAR_AHEAD: u64 = 2;

/// Blocks that many are alike to and that are remembered.
const SHARED: usize = 1024;

/// Blocks of a level that were encoded, row by row.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    pub(crate) grid: Grid,
    pub(crate) image: Vec<Kept>,
    pub(crate) mask: Option<Vec<Kept>>,
}

impl Blocks {
    pub(crate) fn new(grid: Grid, masked: bool) -> Blocks {
        let none = || vec![Kept::NONE; grid.count() as usize];
        Blocks { grid, image: none(), mask: masked.then(none) }
    }
}

/// What is told of the work that is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Blocks that are encoded.
    pub blocks: u64,
    /// All blocks of all levels.
    pub of_blocks: u64,
    /// Bytes of the encoded blocks.
    pub bytes: u64,
}

/// Who is told.
pub type ProgressHook = Arc<dyn Fn(Progress) + Send + Sync>;

/// What the levels of a run have in common.
pub(crate) struct Run<'a> {
    pub(crate) source: &'a dyn Source,
    pub(crate) image: &'a Image,
    pub(crate) threads: &'a dyn Threads,
    pub(crate) spool: &'a mut Spool,
    pub(crate) progress: Option<ProgressHook>,
    pub(crate) told: Progress,
    /// Blocks that many are alike to, by their bytes' address.
    pub(crate) shared: Vec<(Arc<Vec<u8>>, Kept)>,
}

/// A level that is read, and those that are made from it.
pub(crate) struct Levels {
    /// The source's number of the level that is read.
    pub(crate) level: usize,
    /// From the largest.
    pub(crate) grids: Vec<Grid>,
    /// From each to the next.
    pub(crate) steps: Vec<Arc<Step>>,
    pub(crate) coders: Vec<Arc<Coder>>,
    /// How many of the first are copied, and not encoded.
    pub(crate) copied: usize,
    /// Whether statistics of the level that is read are wanted.
    pub(crate) statistics: bool,
}

/// Something that ended.
enum Event {
    Read(Area, Result<Content, crate::SourceError>),
    Done(Result<Done>),
}

/// Where a thread says what it made of a block: it always says something.
struct Answer {
    to: mpsc::UnboundedSender<Result<Done>>,
    said: bool,
}

impl Answer {
    fn say(mut self, done: Result<Done>) {
        self.said = true;
        _ = self.to.send(done);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if !self.said {
            _ = self.to.send(Err(Error::Internal("a thread ended without an answer")));
        }
    }
}

/// What a thread made of a block.
struct Done {
    level: usize,
    block: (u32, u32),
    bytes: u64,
    encoded: Encoded,
    made: Option<Made>,
    sums: Option<Vec<BandSums>>,
}

impl Run<'_> {
    /// Reads a level, and gives the blocks of all levels, and sums of each band by block.
    ///
    /// # Errors
    /// What the source, a codec or the disk says.
    pub(crate) async fn levels(&mut self, levels: &Levels) -> Result<(Vec<Blocks>, Vec<Option<Vec<BandSums>>>)> {
        let masked = self.image.mask;
        let mut blocks: Vec<Blocks> = levels.grids.iter().map(|grid| Blocks::new(*grid, masked)).collect();
        let Some(first) = levels.grids.first().copied() else { return Ok((blocks, Vec::new())) };
        let mut sums = vec![None; if levels.statistics { first.count() as usize } else { 0 }];
        let steps = levels.steps.iter().cloned().map(Some).chain([None]);
        let mut pyramid = Pyramid::new(
            self.image.sample,
            usize::from(self.image.bands),
            masked,
            levels.grids.iter().copied().zip(steps),
        );
        let pixel = self.image.sample.size() as u64 * u64::from(self.image.bands) + u64::from(masked);
        let size = |area: &Area| u64::from(area.width) * u64::from(area.height) * pixel;
        let near = self.source.is_near();
        let walk = Walk::new((first.width, first.height), pixel, self.source.blocks(levels.level), first.block, near);
        let few = (walk.pixels() * pixel).saturating_mul(NEAR_AHEAD * (self.threads.count() as u64 + 1));
        let most_ahead = if near { few.min(AHEAD) } else { AHEAD };
        let row_bytes = u64::from(first.width) * u64::from(first.block) * pixel;
        let by_rows = walk.is_by_rows() && row_bytes > AHEAD / 2;
        let row = |area: &Area| (area.y + area.height - 1) / first.block;
        let mut walk = walk.peekable();
        let mut reads = FuturesUnordered::new();
        // One channel for all blocks: a rectangle may have a million of them.
        let (tell, mut told) = mpsc::unbounded_channel();
        let (mut ahead, mut working, mut last_row) = (0, 0u64, 0);
        loop {
            // Room for a row of blocks is taken with its first line: if it is much, when the row before it has all been read.
            while let Some(area) = walk.next_if(|area| {
                let may = !by_rows || reads.is_empty() || row(area) == last_row;
                may && (ahead == 0 || ahead + size(area) <= most_ahead)
            }) {
                ahead += size(&area);
                last_row = row(&area);
                let (source, level) = (self.source, levels.level);
                reads.push(async move { Event::Read(area, source.read(level, area).await) });
            }
            let event = poll_fn(|context| {
                // What is done makes room.
                if let Poll::Ready(Some(done)) = told.poll_recv(context) {
                    return Poll::Ready(Some(Event::Done(done)));
                }
                match reads.poll_next_unpin(context) {
                    Poll::Ready(None) if working > 0 => Poll::Pending,
                    read => read,
                }
            });
            let Some(event) = event.await else { break };
            let ready = match event {
                Event::Read(area, content) => {
                    // From here on its blocks are counted.
                    ahead -= size(&area);
                    let data = self.data(levels, &area, content?)?;
                    pyramid.add(0, (area.x, area.y), (area.width, area.height), data)?
                }
                Event::Done(done) => {
                    let done = done?;
                    working -= 1;
                    ahead -= done.bytes;
                    if let Some(place) = sums.get_mut(first.index(done.block)).filter(|_| done.level == 0) {
                        *place = done.sums;
                    }
                    if let Some(blocks) = blocks.get_mut(done.level) {
                        self.keep(blocks, done.block, done.encoded)?;
                    }
                    match done.made {
                        Some(made) => pyramid.take(done.level, done.block, made)?,
                        None => Vec::new(),
                    }
                }
            };
            for ready in ready {
                let area = pyramid.grid(ready.level)?.area(ready.block);
                // Blocks of one pixel hold nothing.
                let bytes = if matches!(ready.data, Data::Uniform(_)) { 0 } else { size(&area) };
                ahead += bytes;
                working += 1;
                self.start(levels, ready, bytes, Answer { to: tell.clone(), said: false });
            }
        }
        match pyramid.is_finished() {
            true => Ok((blocks, sums)),
            false => Err(Error::Internal("blocks were left over")),
        }
    }

    /// What the source gave, if it is what was asked for.
    fn data(&self, levels: &Levels, area: &Area, content: Content) -> Result<Data> {
        let (pixels, mask) = match content {
            Content::Pixels { pixels, mask } => (pixels, mask),
            Content::Unwritten => {
                let coder = levels.coders.first().ok_or(Error::Internal("no coder"))?;
                return Ok(Data::Uniform(coder.nothing().clone().marked(true)));
            }
        };
        let (rows, columns) = (area.height as usize, area.width as usize);
        let fits = pixels.dim() == (usize::from(self.image.bands), rows, columns)
            && pixels.sample_type() == self.image.sample
            && mask.as_ref().map(cog_raster::ndarray::Array2::dim) == self.image.mask.then_some((rows, columns));
        if !fits {
            let text = "the source gave other pixels than it had described";
            return Err(crate::SourceError::new(text, cog_error::ErrorClass::Internal).into());
        }
        let patch = Patch::new(pixels, mask);
        let place = patch.whole();
        Ok(Data::Pixels(Block { patch: Arc::new(patch), place }))
    }

    /// Gives a block to a thread.
    fn start(&self, levels: &Levels, ready: Ready, bytes: u64, answer: Answer) {
        let step = levels.steps.get(ready.level).cloned();
        let coder = levels.coders.get(ready.level).cloned();
        let copied = ready.level < levels.copied;
        let statistics = levels.statistics && ready.level == 0;
        let image = statistics.then(|| self.image.clone());
        let pixels = levels.grids.get(ready.level).map(|grid| grid.area(ready.block));
        self.threads.start(Box::new(move || {
            let work = || -> Result<Done> {
                let Ready { level, block, mut data } = ready;
                if let Data::Pixels(Block { patch, place }) = &data
                    && let Some(pixel) = patch.uniform(*place)
                {
                    data = Data::Uniform(pixel);
                }
                let encoded = match coder {
                    _ if copied => Encoded::default(),
                    Some(coder) => coder.encode(&data)?,
                    None => return Err(Error::Internal("no coder")),
                };
                let made = step.map(|step| step.of_block(block, &data)).transpose()?;
                let count = pixels.map_or(0, |area| u64::from(area.width) * u64::from(area.height));
                let sums = image.map(|image| sums_of(&data, count, &image));
                Ok(Done { level, block, bytes, encoded, made, sums })
            };
            answer.say(work());
        }));
    }

    /// Keeps an encoded block until the file is put together.
    fn keep(&mut self, blocks: &mut Blocks, block: (u32, u32), encoded: Encoded) -> Result<()> {
        let index = blocks.grid.index(block);
        for (bytes, places) in [(encoded.image, Some(&mut blocks.image)), (encoded.mask, blocks.mask.as_mut())] {
            let Some(bytes) = bytes else { continue };
            let kept = match bytes {
                Bytes::Own(bytes) => self.spool.put(&bytes)?,
                Bytes::Shared(bytes) => match self.shared.iter().find(|(known, _)| Arc::ptr_eq(known, &bytes)) {
                    Some((_, kept)) => *kept,
                    None => {
                        let kept = self.spool.put(&bytes)?;
                        if self.shared.len() < SHARED {
                            self.shared.push((bytes, kept));
                        }
                        kept
                    }
                },
            };
            self.told.bytes += u64::from(kept.len());
            if let Some(place) = places.and_then(|places| places.get_mut(index)) {
                *place = kept;
            }
        }
        self.told.blocks += 1;
        if let Some(hook) = &self.progress {
            hook(self.told);
        }
        Ok(())
    }
}
