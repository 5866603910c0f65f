//! A walk through all pixels of a level. What is stored comes in areas of a useful size; what was never written is only counted.

use std::sync::Arc;

use cog_raster::Area;
use futures_util::stream::{Stream, unfold};

use crate::error::Result;
use crate::pipeline::block_list::BlockList;
use crate::render::areas::GROUP_BYTES;
use crate::render::band_source::BandSource;
use crate::render::budget::Budget;
use crate::render::unwritten::{self, Look};
use cog_raster::canvas::Tiling;

/// Small blocks are read together, as one area, up to this many bytes.
const JOINED_BYTES: u64 = 256 << 10;

/// What an area costs beside its pixels.
const AREA_COST: u64 = 1 << 10;

/// Blocks looked at in one go.
const LOOKED_AT: u64 = 65_536;

/// Areas to read together, and pixels that were never written, anywhere among them.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(crate) areas: Vec<Area>,
    pub(crate) unwritten: u64,
}

/// Where the walk is: the next block, row by row.
pub(crate) struct Walk {
    source: Arc<BandSource>,
    look: Look,
    /// Blocks that were never written are all alike: not so where validity comes from another level.
    skips: bool,
    x: u32,
    y: u32,
}

impl Walk {
    /// Refuses tables that end behind their file.
    pub(crate) fn new(source: Arc<BandSource>) -> Result<Walk> {
        let (width, height) = source.image_size();
        for (layer, bands) in source.layers() {
            let block = (layer.image.grid.block_width, layer.image.grid.block_height);
            let tiling = Tiling { area: Area { x: 0, y: 0, width, height }, block };
            BlockList::of(0, layer, &tiling, bands).check_entries(layer)?;
        }
        let skips = source.missing_mask()?.is_none();
        let look = match source.cog.source().is_remote() && !source.is_framed() {
            true => Look::FetchCounts,
            false => Look::Fetch,
        };
        Ok(Walk { source, look, skips, x: 0, y: 0 })
    }

    /// All of it.
    pub(crate) fn steps(self) -> impl Stream<Item = Result<Step>> + Send {
        unfold(Some(self), |walk| async {
            let mut walk = walk?;
            match walk.step().await {
                Ok(step) => Some((Ok(step?), Some(walk))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    async fn step(&mut self) -> Result<Option<Step>> {
        let grid = self.source.layer.image.grid;
        let mut step = Step::default();
        let mut budget = Budget::new(GROUP_BYTES);
        while self.y < grid.down() {
            if self.skips
                && let Some((columns, rows)) = self.unwritten().await?
            {
                let area = self.area(columns, rows);
                step.unwritten += u64::from(area.width) * u64::from(area.height);
                self.go_on(columns, rows);
                continue;
            }
            let (columns, rows) = self.joined();
            let area = self.area(columns, rows);
            if !budget.take(self.source.bytes(&area).saturating_add(AREA_COST)) {
                break;
            }
            step.areas.push(area);
            self.go_on(columns, rows);
        }
        Ok((!step.areas.is_empty() || step.unwritten > 0).then_some(step))
    }

    /// Columns and rows of blocks from the next one on, several rows only over the whole width, that were never written: of
    /// small blocks only many, as a few are read with their neighbours.
    async fn unwritten(&self) -> Result<Option<(u32, u32)>> {
        let source = &self.source;
        let grid = source.layer.image.grid;
        let across = u64::from(grid.across());
        let mut run = LOOKED_AT.max(across);
        let mut rows = None;
        for (layer, bands) in source.layers() {
            let theirs = layer.image.grid;
            if (theirs.block_width, theirs.block_height) == (grid.block_width, grid.block_height) {
                run = unwritten::run(layer, bands, (self.x, self.y), run, self.look).await?;
            } else {
                // A mask of other blocks: whole rows only.
                let y = self.y.saturating_mul(grid.block_height);
                let area = Area { x: 0, y, width: grid.image_width, height: grid.image_height.saturating_sub(y) };
                let until = match self.x {
                    0 => unwritten::rows_until(&[(layer, bands)], &area, y, self.look).await?,
                    _ => y,
                };
                let end = if until >= grid.image_height { grid.down() } else { until / grid.block_height.max(1) };
                rows = Some(end.saturating_sub(self.y));
            }
            if run == 0 || rows == Some(0) {
                return Ok(None);
            }
        }
        let whole = u32::try_from(run / across.max(1)).unwrap_or(u32::MAX).min(rows.unwrap_or(u32::MAX));
        let found = match self.x {
            0 if whole > 0 => (grid.across(), whole.min(grid.down() - self.y)),
            _ if rows.is_some() => return Ok(None),
            x => (u32::try_from(run).unwrap_or(u32::MAX).min(grid.across() - x), 1),
        };
        let bytes = source.bytes(&self.area(found.0, found.1));
        Ok((bytes.saturating_mul(4) >= JOINED_BYTES || found.1 == grid.down() - self.y).then_some(found))
    }

    /// Columns and rows of blocks from the next one on that are read as one area.
    fn joined(&self) -> (u32, u32) {
        let grid = self.source.layer.image.grid;
        let block = Area { x: 0, y: 0, width: grid.block_width, height: grid.block_height };
        let fit = u32::try_from(JOINED_BYTES / self.source.bytes(&block).max(1)).unwrap_or(u32::MAX);
        match self.x {
            0 if fit >= grid.across() => (grid.across(), (fit / grid.across().max(1)).clamp(1, grid.down() - self.y)),
            x => (fit.clamp(1, grid.across() - x), 1),
        }
    }

    /// The pixels of so many columns and rows of blocks from the next one on.
    fn area(&self, columns: u32, rows: u32) -> Area {
        let grid = self.source.layer.image.grid;
        let cut = |cell: u32, count: u32, block: u32, size: u32| {
            let start = cell.saturating_mul(block);
            let end = cell.saturating_add(count).saturating_mul(block).min(size);
            (start, end.saturating_sub(start))
        };
        let (x, width) = cut(self.x, columns, grid.block_width, grid.image_width);
        let (y, height) = cut(self.y, rows, grid.block_height, grid.image_height);
        Area { x, y, width, height }
    }

    fn go_on(&mut self, columns: u32, rows: u32) {
        self.x = self.x.saturating_add(columns);
        if self.x >= self.source.layer.image.grid.across() {
            self.x = 0;
            self.y = self.y.saturating_add(rows);
        }
    }
}
