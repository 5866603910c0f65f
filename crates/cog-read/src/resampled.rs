//! Reads whose pixels are made from several: blocks stream through resamplers, row of blocks after row of blocks.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use cog_tiff::SampleType;

use crate::assemble::{Supply, fill};
use crate::canvas::Tiling;
use crate::error::{Error, Result};
use crate::fetch::Fetch;
use crate::plan::{self, Blocks, Job};
use crate::progress::Counter;
use crate::raster::{Pixels, ReadCost};
use crate::request::Request;
use crate::resample::{Plan, ResampleError, Resampling};
use crate::rows::{self, Rows};
use crate::validity::Validity;
use crate::window::{Area, Window};

/// Rows of small blocks are decoded together up to this many bytes: a strip of one line would leave the other threads idle.
const STRIPE_BYTES: u64 = 4 << 20;
/// Blocks whose places are looked up at once.
const LOCATED: usize = 65_536;
/// Compressed bytes that are asked for at once.
const FETCHED: u64 = 32 << 20;

/// Reads a window of a level into `out` (columns, rows). Beside the output it holds one row of decoded blocks (or
/// 4 MiB of smaller ones), and of a remote file their compressed bytes.
pub(crate) async fn read(
    request: &Request,
    window: &Window,
    out: (usize, usize),
    method: Resampling,
    counter: Arc<Counter>,
) -> Result<(Pixels, Validity, ReadCost)> {
    let method = method.for_image(request.is_palette());
    let limit = request.cog.session().limits().max_output_bytes;
    let refused = |e: ResampleError| Error::Resampling { location: request.location(), source: e };
    let complex = matches!(request.layer.sample_type, SampleType::Complex32 | SampleType::Complex64);
    let new = match complex {
        true => Plan::for_complex,
        false if request.chosen => Plan::on_overview,
        false => Plan::new,
    };
    let plan = new(method, window, out, request.image_size(), limit).map_err(refused)?;
    let area = plan.source_area();
    for (layer, _) in request.layers() {
        plan::check(request.cog.session(), layer, request.level.index)?;
    }
    let stripes = stripes(request, &plan, &area);
    let mut rows = rows::for_request(request, &plan)?;
    let mut cost = ReadCost::default();
    let mut next = 0;
    while next < stripes.len() {
        let chunk = Chunk::locate(request, &area, stripes.get(next..).unwrap_or_default()).await?;
        next += chunk.stripes.len();
        counter.expect(chunk.stored().count() as u64, plan::total_length(chunk.stored()));
        chunk.read(request, &mut rows, &mut cost, &counter).await?;
    }
    let (pixels, validity) = rows.finish();
    Ok((pixels, validity, cost))
}

/// Groups of rows of blocks that hold rows the output needs, from the top: rows of the level.
fn stripes(request: &Request, plan: &Plan, area: &Area) -> Vec<Range<u32>> {
    let height = request.layers().iter().map(|(layer, _)| layer.image.grid.block_height).fold(1, common_height);
    let cell = |row: u32| row / height;
    let mut stripes: Vec<Range<u32>> = Vec::new();
    let bottom = area.y + area.height;
    for out_row in plan.out_rows() {
        let rows = plan.source_rows(out_row);
        if rows.is_empty() {
            continue;
        }
        for cell in cell(rows.start)..=cell(rows.end - 1) {
            let start = cell.saturating_mul(height);
            let stripe = start.max(area.y)..start.saturating_add(height).min(bottom);
            match stripes.last_mut() {
                Some(last) if last.end >= stripe.end => {}
                Some(last) if last.end == stripe.start => {
                    let both = Area { y: last.start, height: stripe.end - last.start, ..*area };
                    if request.bytes(&both) <= STRIPE_BYTES {
                        last.end = stripe.end;
                    } else {
                        stripes.push(stripe);
                    }
                }
                _ => stripes.push(stripe),
            }
        }
    }
    stripes
}

/// Rows of blocks after which the blocks of both grids end: of grids that do not fit, never.
fn common_height(a: u32, b: u32) -> u32 {
    let (low, high) = (a.min(b).max(1), a.max(b));
    if high % low == 0 { high } else { u32::MAX }
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
    /// Looks up the blocks of the first few of the stripes, one at least.
    async fn locate(request: &Request, area: &Area, rows: &[Range<u32>]) -> Result<Chunk> {
        let layers = request.layers();
        let mut chunk = Chunk { stripes: Vec::new() };
        let mut count = 0;
        for rows in rows {
            let area = Area { y: rows.start, height: rows.end - rows.start, ..*area };
            let mut stripe = Stripe { area, jobs: Vec::new(), unwritten: Vec::new() };
            for (target, (layer, bands)) in layers.iter().enumerate() {
                let grid = &layer.image.grid;
                let tiling = Tiling { area, block: (grid.block_width, grid.block_height) };
                let blocks = Blocks::of(target, layer, &tiling, bands);
                stripe.jobs.extend(blocks.jobs);
                stripe.unwritten.push(blocks.unwritten);
            }
            if !chunk.stripes.is_empty() && count + stripe.jobs.len() > LOCATED {
                break;
            }
            count += stripe.jobs.len();
            chunk.stripes.push(stripe);
        }
        let mut jobs: Vec<Job> = chunk.stripes.iter().flat_map(|stripe| stripe.jobs.iter().copied()).collect();
        plan::locate(|target| layers.get(target).map(|(layer, _)| plan::Lookup { layer, framed: false }), &mut jobs)
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
                let more = plan::total_length(stripe.jobs.iter());
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
