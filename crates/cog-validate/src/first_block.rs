//! The block of an image that is stored first, as validators look for it.

use cog_tiff::BlockLocation;

use crate::error::Result;
use crate::header_bytes::HeaderBytes;
use crate::layers::Layer;

/// Entries of a table that are looked up at once, at most: bounds the memory of a walk through a huge table.
pub(crate) const CHUNK: u64 = 65_536;

/// Blocks of the first plane, row by row, in the first columns and rows of the grid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Corner {
    pub(crate) columns: u64,
    pub(crate) rows: u64,
}

impl Corner {
    /// All of them.
    pub(crate) fn whole(layer: &Layer) -> Corner {
        let grid = &layer.image.grid;
        Corner { columns: grid.across().into(), rows: grid.down().into() }
    }

    /// Those of them that the layer has.
    fn inside(self, layer: &Layer) -> Corner {
        let whole = Corner::whole(layer);
        Corner { columns: self.columns.min(whole.columns), rows: self.rows.min(whole.rows) }
    }
}

/// The first block that is stored and `counts`. The first chunk is one entry, which is enough for most files.
pub(crate) async fn first_block(
    bytes: &mut HeaderBytes,
    layer: &Layer,
    corner: Corner,
    counts: impl Fn(&BlockLocation) -> bool,
) -> Result<Option<BlockLocation>> {
    let across = u64::from(layer.image.grid.across());
    let Corner { columns, rows } = corner.inside(layer);
    let all = columns.saturating_mul(rows);
    let (mut start, mut chunk) = (0, 1);
    while start < all {
        let end = start.saturating_add(chunk).min(all);
        // Behind the end of the tables nothing is stored.
        let indices = (start..end).map(|i| i / columns * across + i % columns);
        let entries = bytes.lookup(|known| layer.tables.entries(known, indices.clone())).await?;
        if let Some(found) = entries.into_iter().find(|block| block.length != 0 && counts(block)) {
            return Ok(Some(found));
        }
        if start / columns * across >= layer.tables.entry_count() {
            return Ok(None);
        }
        (start, chunk) = (end, (chunk * 64).min(CHUNK));
    }
    Ok(None)
}
