//! Blocks that a file leaves out: where they are, and how their pixels look. No pixel of theirs is ever made one by one.

use std::sync::Arc;

use cog_raster::Area;
use cog_tiff::Lookup;

use crate::error::Result;
use crate::file::header_bytes::Known;
use crate::file::layer::Layer;
use crate::render::band_source::{BandSource, Part};
use cog_raster::canvas::Tiling;

/// Entries of a table looked at in one go.
const ENTRIES: u64 = 65_536;

/// Most entries looked at before what was found is used.
const MOST_ENTRIES: u64 = 1 << 18;

/// How a table is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// What is not known of it is fetched.
    Fetch,
    /// The same, with the byte counts of the blocks: their locations are wanted next.
    FetchCounts,
    /// What is not known of it is taken as written.
    Peek,
}

impl Look {
    async fn ask(self, layer: &Layer, mut ask: impl FnMut(&Known<'_>, bool) -> Lookup<u64>) -> Result<u64> {
        let header = &layer.file.header;
        match self {
            Look::Fetch => header.lookup_in_passing(|known| ask(known, false)).await,
            Look::FetchCounts => header.lookup_in_passing(|known| ask(known, true)).await,
            Look::Peek => Ok(header.peek(|known| ask(known, false)).unwrap_or(0)),
        }
    }
}

/// How many blocks from the one in column `x` and row `y` on, row by row, were never written in the planes of all these bands:
/// at most `most`, and maybe fewer than there are.
pub(crate) async fn run(layer: &Layer, bands: &[usize], (x, y): (u32, u32), most: u64, look: Look) -> Result<u64> {
    let grid = &layer.image.grid;
    let Some(first) = grid.index(x, y, 0) else { return Ok(0) };
    let mut run = most.min(grid.per_plane().saturating_sub(first));
    let planes = if layer.is_planar() { bands } else { &[0] };
    for plane in planes {
        let Some(index) = grid.index(x, y, *plane as u32) else { return Ok(0) };
        let mut found = 0;
        while found < run {
            let at = index.saturating_add(found);
            // A table that is too short says all at once.
            let rest = run - found;
            let part = if at < layer.blocks.entry_count() { rest.min(ENTRIES) } else { rest };
            let more = look.ask(layer, |known, counts| layer.blocks.unwritten(known, at, part, counts)).await?;
            found += more;
            if more < part {
                break;
            }
        }
        run = found;
        if run == 0 {
            break;
        }
    }
    Ok(run)
}

/// The row of the level above which, from `row` on, no block that touches an area was ever written; `row` if one was. Rows of
/// blocks end there in all of the layers, or the area does.
pub(crate) async fn rows_until(layers: &[(&Arc<Layer>, &[usize])], area: &Area, row: u32, look: Look) -> Result<u32> {
    let mut until = area.y.saturating_add(area.height);
    for (layer, bands) in layers {
        let grid = &layer.image.grid;
        let tiling = Tiling { area: *area, block: (grid.block_width, grid.block_height) };
        let columns = tiling.columns().start..tiling.columns().end.min(grid.across());
        let (wide, across) = (columns.len() as u64, u64::from(grid.across()));
        let top = |cell: u32| cell.saturating_mul(grid.block_height);
        let mut cell = row / grid.block_height.max(1);
        let mut seen = 0;
        while top(cell) < until && cell < grid.down() && wide > 0 && seen < MOST_ENTRIES.max(wide) {
            let rows = u64::from(until.div_ceil(grid.block_height).saturating_sub(cell).max(1));
            // Over a part of the columns, each row is looked at alone, unless those beside it are few.
            let most = if wide * 2 >= across { (rows - 1) * across + wide } else { wide };
            let most = most.min(MOST_ENTRIES.max(wide));
            let run = run(layer, bands, (columns.start, cell), most, look).await?;
            if run < wide {
                break;
            }
            seen += run;
            cell = cell.saturating_add(u32::try_from(1 + (run - wide) / across).unwrap_or(u32::MAX));
        }
        until = until.min(top(cell).max(row));
    }
    Ok(until)
}

/// Pixels of blocks that were never written, as many as the area has.
pub(crate) fn part(source: &BandSource, area: Area) -> Result<Part> {
    let mut destinations = source.destinations(area)?;
    destinations.iter_mut().for_each(|destination| destination.fill_all());
    let filled = destinations.into_iter().map(|destination| destination.into_filled());
    let filled: Option<Vec<_>> = filled.collect();
    source.finish(&area, filled.unwrap_or_default())
}
