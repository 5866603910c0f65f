//! Blocks of some rows: looked up and fetched together, decoded row of blocks by row of blocks.

use std::iter::Peekable;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use cog_raster::Area;

use super::block_rows::lists;
use super::stripes::Stripes;
use crate::error::{Error, Result};
use crate::pipeline::assemble::{Supply, assemble_located};
use crate::pipeline::block_list::BlockList;
use crate::pipeline::cost::ReadCost;
use crate::pipeline::fetch::Fetch;
use crate::pipeline::locate::{self, BlockJob};
use crate::pipeline::progress::Counter;
use crate::render::band_source::BandSource;
use crate::render::budget::Budget;
use crate::render::resampled_output::ResampledOutput;
use crate::render::unwritten;

/// Blocks whose places are looked up at once.
const LOCATED: u64 = 65_536;
/// Compressed bytes that are asked for at once.
const FETCHED: u64 = 32 << 20;

/// Some stripes whose blocks are known.
pub(super) struct Chunk {
    stripes: Vec<Stripe>,
}

struct Stripe {
    area: Area,
    /// Targets are numbered within the stripe.
    jobs: Vec<BlockJob>,
    /// Blocks behind the end of the tables, of each destination.
    unwritten: Vec<u64>,
}

impl Chunk {
    /// Looks up the blocks of the next few of the stripes, one at least.
    pub(super) async fn locate(source: &BandSource, area: &Area, stripes: &mut Peekable<Stripes>) -> Result<Chunk> {
        let layers = source.layers();
        let mut chunk = Chunk { stripes: Vec::new() };
        let mut budget = Budget::new(LOCATED);
        while let Some(rows) = stripes.peek() {
            let area = Area { y: rows.start, height: rows.end - rows.start, ..*area };
            let lists: Vec<BlockList> = lists(source, &area).map(|(list, _)| list).collect();
            if !budget.take(lists.iter().map(BlockList::left).fold(0, u64::saturating_add)) {
                break;
            }
            let unwritten = lists.iter().map(BlockList::unwritten).collect();
            chunk.stripes.push(Stripe { area, jobs: lists.into_iter().flatten().collect(), unwritten });
            stripes.next();
        }
        let mut jobs: Vec<BlockJob> = chunk.stripes.iter().flat_map(|stripe| stripe.jobs.iter().copied()).collect();
        locate::locate(
            |destination| layers.get(destination).map(|(layer, _)| locate::LocatedLayer { layer, framed: false }),
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

    pub(super) fn stored(&self) -> impl Iterator<Item = &BlockJob> {
        self.stripes.iter().flat_map(|stripe| &stripe.jobs).filter(|job| !job.location.is_sparse())
    }

    pub(super) async fn read(
        self,
        source: &BandSource,
        output: &mut ResampledOutput,
        cost: &mut ReadCost,
        counter: &Arc<Counter>,
    ) -> Result<()> {
        let mut rest = self.stripes.into_iter().peekable();
        while rest.peek().is_some() {
            let mut budget = Budget::new(FETCHED);
            let mut group = Vec::new();
            while let Some(stripe) = rest.next_if(|stripe| budget.take(locate::total_length(stripe.jobs.iter()))) {
                group.push(stripe);
            }
            read_group(source, group, output, cost, counter).await?;
        }
        Ok(())
    }
}

/// Fetches the blocks of some stripes together, and hands on each stripe as soon as it is whole.
async fn read_group(
    source: &BandSource,
    stripes: Vec<Stripe>,
    output: &mut ResampledOutput,
    cost: &mut ReadCost,
    counter: &Arc<Counter>,
) -> Result<()> {
    let session = source.cog.session();
    let layers = source.layers();
    let remote = source.cog.source().is_remote();
    let wanted = |job: &BlockJob| {
        let layer = layers.get(job.destination).map(|(layer, _)| *layer);
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
                *place = Some(bytes.map_err(|e| {
                    unreadable(source, i.checked_sub(numbers.start).and_then(|i| stripe.jobs.get(i)), e)
                })?);
            }
        }
        if remote {
            cost.fetch += started.elapsed();
        }
        if stripe.jobs.iter().all(|job| job.location.is_sparse()) {
            let blocks = stripe.unwritten.iter().fold(stripe.jobs.len() as u64, |sum, n| sum.saturating_add(*n));
            cost.sparse = cost.sparse.saturating_add(blocks);
            let bottom = stripe.area.y + stripe.area.height;
            push_unwritten(source, &stripe.area, stripe.area.y..bottom, output).await?;
            continue;
        }
        let supply = if remote {
            Supply::Given(arrived.get_mut(numbers.clone()).unwrap_or_default().iter_mut().map(Option::take).collect())
        } else {
            Supply::Source
        };
        let mut destinations = source.destinations(stripe.area)?;
        for (destination, unwritten) in destinations.iter_mut().zip(&stripe.unwritten) {
            if *unwritten > 0 {
                destination.fill_all();
            }
        }
        let (filled, spent) = assemble_located(session, destinations, stripe.jobs, supply, Arc::clone(counter)).await?;
        cost.decode += spent.decode;
        cost.blocks += spent.blocks;
        cost.sparse =
            stripe.unwritten.iter().fold(cost.sparse.saturating_add(spent.sparse), |sum, n| sum.saturating_add(*n));
        output.push(session.pool(), stripe.area, source.finish(&stripe.area, filled)?).await?;
    }
    Ok(())
}

/// The error of a block, with its place if it belongs to the stripe that waits for it.
fn unreadable(source: &BandSource, job: Option<&BlockJob>, error: cog_io::Error) -> Error {
    let layer = |job: &BlockJob| source.layers().get(job.destination).map(|(layer, _)| Arc::clone(layer));
    let mask = |job: &BlockJob| job.destination + 1 < source.destinations_per_area();
    match job.and_then(|job| Some((job, layer(job)?))) {
        Some((job, layer)) => job.unreadable(&layer, source.level.index, mask(job), error),
        None => Error::Io(error),
    }
}

/// Hands on rows of which no block was ever written.
pub(super) async fn push_unwritten(
    source: &BandSource,
    area: &Area,
    range: Range<u32>,
    output: &mut ResampledOutput,
) -> Result<()> {
    let row = unwritten::part(source, Area { y: range.start, height: 1, ..*area })?;
    output.push_same(source.cog.session().pool(), range, row).await
}
