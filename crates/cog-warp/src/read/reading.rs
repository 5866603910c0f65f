//! Blocks of the next parts of an output, read ahead of what is made of them.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use cog_raster::Raster;
use cog_read::ReadCost;
use cog_read::futures_util::StreamExt;
use cog_read::futures_util::future::BoxFuture;
use cog_read::futures_util::stream::FuturesOrdered;

use super::blocks::Place;
use super::exact::BATCH_BYTES;
use super::fetch::fetch;
use super::job::Job;
use super::plan::Piece;
use crate::error::Result;

/// Batches that are read at once. With a second one no thread waits for the last blocks of the first.
const AT_ONCE: usize = 2;

/// Decoded blocks of batches that are read at once, at most, unless one alone needs more.
const AT_ONCE_BYTES: usize = AT_ONCE * BATCH_BYTES;

/// Decoded blocks, by their places.
type Blocks = HashMap<Place, Arc<Raster>>;

/// Pieces that are made together, and their blocks.
pub(super) struct Batch {
    pub(super) pieces: Vec<Piece>,
    pub(super) places: Vec<Place>,
    /// Of these blocks when they are decoded.
    pub(super) bytes: usize,
}

impl Batch {
    pub(super) fn pixels(&self) -> usize {
        self.pieces.iter().map(Piece::pixels).sum()
    }
}

/// Batches whose blocks are being read, in order.
pub(super) struct Reading<'a> {
    job: &'a Job,
    reads: FuturesOrdered<BoxFuture<'a, Result<(Blocks, ReadCost)>>>,
    batches: VecDeque<Batch>,
    /// The blocks of all of these batches: none is read twice.
    places: HashSet<Place>,
    /// Those of them that were read for batches before.
    held: Blocks,
}

impl<'a> Reading<'a> {
    pub(super) fn new(job: &'a Job) -> Reading<'a> {
        Reading {
            job,
            reads: FuturesOrdered::new(),
            batches: VecDeque::new(),
            places: HashSet::new(),
            held: HashMap::new(),
        }
    }

    /// Whether another batch may begin.
    pub(super) fn has_room(&self) -> bool {
        self.batches.len() < AT_ONCE
    }

    /// Whether the blocks of this one have room beside those that are under way.
    pub(super) fn has_room_for(&self, batch: &Batch) -> bool {
        let bytes = self.batches.iter().map(|batch| batch.bytes).fold(batch.bytes, usize::saturating_add);
        self.batches.is_empty() || bytes <= AT_ONCE_BYTES
    }

    /// Begins to read the blocks of a batch.
    pub(super) fn begin(&mut self, batch: Batch) {
        let missing: Vec<Place> = batch.places.iter().copied().filter(|place| self.places.insert(*place)).collect();
        let job = self.job;
        self.reads.push_back(Box::pin(async move {
            let mut cost = ReadCost::default();
            let blocks = fetch(job, &missing, &mut cost).await?;
            Ok((blocks, cost))
        }));
        self.batches.push_back(batch);
    }

    /// Waits for the first batch, and adds what it cost: times of reads that are under way at once count each. Returns its pieces and its blocks; `None` if none was begun.
    pub(super) async fn next(&mut self, cost: &mut ReadCost) -> Result<Option<(Vec<Piece>, Blocks)>> {
        let Some(read) = self.reads.next().await else { return Ok(None) };
        let (blocks, own) = read?;
        cost.fetch += own.fetch;
        cost.decode += own.decode;
        cost.blocks += own.blocks;
        cost.sparse += own.sparse;
        let Some(Batch { pieces, places, .. }) = self.batches.pop_front() else { return Ok(None) };
        self.held.extend(blocks);
        let block = |place: &Place| Some((*place, Arc::clone(self.held.get(place)?)));
        let blocks = places.iter().filter_map(block).collect();
        self.places = self.batches.iter().flat_map(|batch| &batch.places).copied().collect();
        self.held.retain(|place, _| self.places.contains(place));
        Ok(Some((pieces, blocks)))
    }
}
