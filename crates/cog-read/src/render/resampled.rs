//! Reads whose pixels are made from several: blocks stream through resamplers, row of blocks after row of blocks.

use std::iter::Peekable;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use cog_tiff::SampleType;

use crate::error::{Error, Result};
use crate::file::layer::Layer;
use crate::geometry::window::{Area, Window};
use crate::pipeline::assemble::{Supply, fill};
use crate::pipeline::block_list::BlockList;
use crate::pipeline::canvas::Tiling;
use crate::pipeline::fetch::Fetch;
use crate::pipeline::locate::{self, Job};
use crate::pipeline::progress::Counter;
use crate::pixels::raster::{Pixels, ReadCost};
use crate::pixels::validity::Validity;
use crate::render::resampled_rows::{self, Rows};
use crate::render::source::Request;
use crate::render::unwritten::{self, Look};
use crate::resample::{Plan, ResampleError, Resampling};

/// Rows of small blocks are decoded together up to this many bytes: a strip of one line would leave the other threads idle.
const STRIPE_BYTES: u64 = 4 << 20;
/// Blocks whose places are looked up at once.
const LOCATED: u64 = 65_536;
/// Rows of blocks that are wider are read strip by strip.
const ROW_BYTES: u64 = 96 << 20;
/// What a block takes beside its pixels.
const BLOCK_COST: u64 = 128;
/// Compressed bytes that are asked for at once.
const FETCHED: u64 = 32 << 20;

/// Reads a window of a level into `out` (columns, rows). Beside the output it holds one row of decoded blocks (or
/// 4 MiB of smaller ones, or 96 MiB of a wider one), and of a remote file their compressed bytes.
pub(crate) async fn read(
    request: &Request,
    window: &Window,
    out: (usize, usize),
    method: Resampling,
    counter: Arc<Counter>,
) -> Result<(Pixels, Validity, ReadCost)> {
    let method = match method {
        // Without a table of colours there is nothing to mix.
        Resampling::Average | Resampling::Rms if request.is_palette() && request.colors().is_none() => {
            Resampling::Nearest
        }
        method => method.for_image(request.is_palette()),
    };
    let limit = request.cog.session().limits().max_output_bytes;
    let refused = |e: ResampleError| Error::Resampling { location: request.location(), source: e };
    let complex = matches!(request.layer.sample_type, SampleType::Complex32 | SampleType::Complex64);
    let new = match complex {
        true => Plan::for_complex,
        false if request.chosen => Plan::on_overview,
        false => Plan::new,
    };
    let plan = new(method, window, out, request.image_size(), limit).map_err(refused)?;
    for (layer, _) in request.layers() {
        locate::check(request.cog.session(), layer, request.level.index)?;
    }
    let mut rows = resampled_rows::for_request(request, &plan)?;
    let mut cost = ReadCost::default();
    let strips = strips(request, &plan);
    let listed =
        |plan: &Plan| lists(request, &plan.source_area()).map(|(list, _)| list.left()).fold(0, u64::saturating_add);
    counter.list(strips.iter().map(listed).fold(0, u64::saturating_add));
    for plan in strips {
        rows.begin(request, &plan)?;
        read_strip(request, &plan, &mut rows, &mut cost, &counter).await?;
    }
    let (pixels, validity) = rows.finish();
    Ok((pixels, validity, cost))
}

/// Reads what some columns of the output are made from, from the top.
async fn read_strip(
    request: &Request,
    plan: &Plan,
    rows: &mut Rows,
    cost: &mut ReadCost,
    counter: &Arc<Counter>,
) -> Result<()> {
    let area = plan.source_area();
    let layers = request.layers();
    for list in lists(request, &area) {
        list.0.check_entries(list.1)?;
    }
    // What is not known of a remote table comes with the next blocks.
    let look = if request.cog.source().is_remote() { Look::Peek } else { Look::Fetch };
    let mut stripes = Stripes::new(request, plan).peekable();
    while let Some(start) = stripes.peek().map(|stripe| stripe.start) {
        let until = unwritten::rows_until(&layers, &area, start, look).await?;
        if until == start {
            let chunk = Chunk::locate(request, &area, &mut stripes).await?;
            counter.expect(chunk.stored().count() as u64, locate::total_length(chunk.stored()));
            chunk.read(request, rows, cost, counter).await?;
            continue;
        }
        while let Some(stripe) = stripes.peek_mut().filter(|stripe| stripe.start < until) {
            let end = stripe.end.min(until);
            let skipped = Area { y: stripe.start, height: end - stripe.start, ..area };
            let blocks = lists(request, &skipped).map(|(list, _)| list.left().saturating_add(list.unwritten()));
            cost.sparse = blocks.fold(cost.sparse, u64::saturating_add);
            stripe.start = end;
            if stripe.start == stripe.end {
                stripes.next();
            }
        }
        push_unwritten(request, &area, start..until, rows).await?;
    }
    Ok(())
}

/// The blocks of each layer that touch an area.
fn lists<'a>(request: &'a Request, area: &'a Area) -> impl Iterator<Item = (BlockList, &'a Layer)> {
    request.layers().into_iter().enumerate().map(|(target, (layer, bands))| {
        let grid = &layer.image.grid;
        let tiling = Tiling { area: *area, block: (grid.block_width, grid.block_height) };
        (BlockList::of(target, layer, &tiling, bands), &**layer)
    })
}

/// Hands on rows of which no block was ever written.
async fn push_unwritten(request: &Request, area: &Area, range: Range<u32>, rows: &mut Rows) -> Result<()> {
    let row = unwritten::part(request, Area { y: range.start, height: 1, ..*area })?;
    rows.push_same(request.cog.session().pool(), range, row).await
}

/// What a row of blocks takes while it is read.
fn bytes(request: &Request, area: &Area) -> u64 {
    let blocks = lists(request, area).map(|(list, _)| list.left());
    request.bytes(area).saturating_add(blocks.fold(0, u64::saturating_add).saturating_mul(BLOCK_COST))
}

/// The plan, cut into strips of output columns if rows of blocks, or what resamplers hold, are too wide to be held whole. Blocks
/// between two strips are decoded for both.
fn strips(request: &Request, plan: &Plan) -> Vec<Plan> {
    let area = plan.source_area();
    let columns = plan.out_size().0;
    let row = Area { height: block_height(request).min(area.height), ..area };
    let held = plan.held_bytes(request.layer.sample_type.size(), request.bands.len());
    let count = bytes(request, &row).div_ceil(most_bytes(request)).max(held.div_ceil(ROW_BYTES));
    let count = count.clamp(1, columns.max(1) as u64) as usize;
    (0..count).map(|i| plan.strip(i * columns / count..(i + 1) * columns / count)).collect()
}

/// Bytes of a row of blocks that may be held: a block at least.
fn most_bytes(request: &Request) -> u64 {
    let block = |layer: &Layer| layer.spec(0).output_len().map_or(0, |n| n as u64);
    request.layers().iter().map(|(layer, _)| block(layer)).fold(ROW_BYTES, u64::max)
}

/// Rows after which the blocks of all layers end. Of grids that do not fit, those of one do; blocks of the other that go on are
/// decoded again.
fn block_height(request: &Request) -> u32 {
    request.layers().iter().map(|(layer, _)| layer.image.grid.block_height).fold(1, u32::max)
}

/// Groups of rows of blocks that hold rows the output needs, from the top: rows of the level.
struct Stripes {
    plan: Plan,
    area: Area,
    /// Rows of the cells that stripes are made of: those of blocks, or fewer where these are too wide even for one output column.
    cell: u32,
    /// Cells of a stripe at most.
    most: u32,
    out_row: usize,
    /// The first cell that was not given yet.
    next: u32,
}

impl Stripes {
    fn new(request: &Request, plan: &Plan) -> Stripes {
        let area = plan.source_area();
        let height = block_height(request);
        let of_rows = |rows: u32| bytes(request, &Area { height: rows.clamp(1, area.height.max(1)), ..area });
        let fit = (most_bytes(request) / of_rows(1).max(1)).clamp(1, u64::from(u32::MAX)) as u32;
        let cell = if of_rows(height) > most_bytes(request).saturating_mul(2) { height.min(fit) } else { height };
        let most = (STRIPE_BYTES / of_rows(cell).max(1)).clamp(1, u64::from(u32::MAX)) as u32;
        Stripes { plan: plan.clone(), area, cell, most, out_row: 0, next: 0 }
    }

    /// First and last cell of what an output row is made from.
    fn cells(&self, out_row: usize) -> Option<(u32, u32)> {
        let rows = (out_row < self.plan.out_rows().end).then(|| self.plan.source_rows(out_row))?;
        Some((rows.start / self.cell, rows.end.saturating_sub(1).max(rows.start) / self.cell))
    }
}

impl Iterator for Stripes {
    type Item = Range<u32>;

    fn next(&mut self) -> Option<Range<u32>> {
        let (first, last) = loop {
            let cells = self.cells(self.out_row)?;
            if cells.1 >= self.next {
                break cells;
            }
            self.out_row += 1;
        };
        let start = first.max(self.next);
        let most = start.saturating_add(self.most);
        let mut end = most.min(last.saturating_add(1));
        let mut out_row = self.out_row + 1;
        while end < most
            && let Some((_, last)) = self.cells(out_row).filter(|(first, _)| *first <= end)
        {
            end = end.max(most.min(last.saturating_add(1)));
            out_row += 1;
        }
        self.next = end;
        let bottom = self.area.y.saturating_add(self.area.height);
        Some(start.saturating_mul(self.cell).max(self.area.y)..end.saturating_mul(self.cell).min(bottom))
    }
}

/// Some stripes whose blocks are known.
struct Chunk {
    stripes: Vec<Stripe>,
}

struct Stripe {
    area: Area,
    /// Targets are numbered within the stripe.
    jobs: Vec<Job>,
    /// Blocks behind the end of the tables, of each target.
    unwritten: Vec<u64>,
}

impl Chunk {
    /// Looks up the blocks of the next few of the stripes, one at least.
    async fn locate(request: &Request, area: &Area, stripes: &mut Peekable<Stripes>) -> Result<Chunk> {
        let layers = request.layers();
        let mut chunk = Chunk { stripes: Vec::new() };
        let mut count = 0u64;
        while let Some(rows) = stripes.peek() {
            let area = Area { y: rows.start, height: rows.end - rows.start, ..*area };
            let lists: Vec<BlockList> = lists(request, &area).map(|(list, _)| list).collect();
            count = lists.iter().map(BlockList::left).fold(count, u64::saturating_add);
            if !chunk.stripes.is_empty() && count > LOCATED {
                break;
            }
            let unwritten = lists.iter().map(BlockList::unwritten).collect();
            chunk.stripes.push(Stripe { area, jobs: lists.into_iter().flatten().collect(), unwritten });
            stripes.next();
        }
        let mut jobs: Vec<Job> = chunk.stripes.iter().flat_map(|stripe| stripe.jobs.iter().copied()).collect();
        locate::locate(
            |target| layers.get(target).map(|(layer, _)| locate::Lookup { layer, framed: false }),
            &mut jobs,
        )
        .await?;
        let mut located = jobs.into_iter();
        for stripe in &mut chunk.stripes {
            for job in &mut stripe.jobs {
                if let Some(found) = located.next() {
                    *job = found;
                }
            }
        }
        Ok(chunk)
    }

    fn stored(&self) -> impl Iterator<Item = &Job> {
        self.stripes.iter().flat_map(|stripe| &stripe.jobs).filter(|job| !job.location.is_sparse())
    }

    async fn read(self, request: &Request, rows: &mut Rows, cost: &mut ReadCost, counter: &Arc<Counter>) -> Result<()> {
        let mut rest = self.stripes.into_iter().peekable();
        while rest.peek().is_some() {
            let mut group = Vec::new();
            let mut bytes = 0u64;
            while let Some(stripe) = rest.peek() {
                let more = locate::total_length(stripe.jobs.iter());
                if !group.is_empty() && bytes.saturating_add(more) > FETCHED {
                    break;
                }
                bytes = bytes.saturating_add(more);
                group.extend(rest.next());
            }
            read_group(request, group, rows, cost, counter).await?;
        }
        Ok(())
    }
}

/// Fetches the blocks of some stripes together, and hands on each stripe as soon as it is whole.
async fn read_group(
    request: &Request,
    stripes: Vec<Stripe>,
    rows: &mut Rows,
    cost: &mut ReadCost,
    counter: &Arc<Counter>,
) -> Result<()> {
    let session = request.cog.session();
    let layers = request.layers();
    let remote = request.cog.source().is_remote();
    let wanted = |job: &Job| {
        let layer = layers.get(job.target).map(|(layer, _)| *layer);
        layer.filter(|_| remote && !job.location.is_sparse()).map(|layer| (&layer.file, job.range(layer)))
    };
    let all: Vec<Option<_>> = stripes.iter().flat_map(|stripe| stripe.jobs.iter().map(wanted)).collect();
    let ranges = all.iter().enumerate().filter_map(|(i, wanted)| wanted.clone().map(|(file, range)| (i, file, range)));
    let mut fetch = Fetch::new(ranges);
    let mut arrived: Vec<Option<Bytes>> = vec![None; all.len()];
    let mut first = 0;
    for stripe in stripes {
        let numbers = first..first + stripe.jobs.len();
        first = numbers.end;
        let started = std::time::Instant::now();
        let missing = |arrived: &[Option<Bytes>]| {
            numbers
                .clone()
                .any(|i| all.get(i).is_some_and(Option::is_some) && arrived.get(i).is_some_and(Option::is_none))
        };
        while missing(&arrived) {
            let Some((i, bytes)) = fetch.next().await else { break };
            if let Some(place) = arrived.get_mut(i) {
                *place = Some(bytes.map_err(|source| not_had(request, &stripe, i, &numbers, source))?);
            }
        }
        if remote {
            cost.fetch += started.elapsed();
        }
        if stripe.jobs.iter().all(|job| job.location.is_sparse()) {
            let blocks = stripe.unwritten.iter().fold(stripe.jobs.len() as u64, |sum, n| sum.saturating_add(*n));
            cost.sparse = cost.sparse.saturating_add(blocks);
            let bottom = stripe.area.y + stripe.area.height;
            push_unwritten(request, &stripe.area, stripe.area.y..bottom, rows).await?;
            continue;
        }
        let supply = if remote {
            Supply::Given(arrived.get_mut(numbers.clone()).unwrap_or_default().iter_mut().map(Option::take).collect())
        } else {
            Supply::Source
        };
        let mut targets = request.targets(stripe.area)?;
        for (target, unwritten) in targets.iter_mut().zip(&stripe.unwritten) {
            if *unwritten > 0 {
                target.fill_all();
            }
        }
        let (filled, spent) = fill(session, targets, stripe.jobs, supply, Arc::clone(counter)).await?;
        cost.decode += spent.decode;
        cost.blocks += spent.blocks;
        cost.sparse =
            stripe.unwritten.iter().fold(cost.sparse.saturating_add(spent.sparse), |sum, n| sum.saturating_add(*n));
        rows.push(session.pool(), stripe.area, request.finish(&stripe.area, filled)?).await?;
    }
    Ok(())
}

/// An error of a block, with its place if it belongs to this stripe.
fn not_had(request: &Request, stripe: &Stripe, i: usize, numbers: &Range<usize>, source: cog_io::Error) -> Error {
    let job = i.checked_sub(numbers.start).and_then(|i| stripe.jobs.get(i));
    match job {
        Some(job) if matches!(source, cog_io::Error::OutOfBounds { .. }) => {
            let mask = job.target + 1 < request.targets_per_area();
            Error::BlockBytes { level: request.level.index, mask, x: job.x, y: job.y, source }
        }
        _ => Error::Io(source),
    }
}
