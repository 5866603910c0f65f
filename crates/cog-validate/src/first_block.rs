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
    let across = u64::from(layer.image.grid.across()).max(1);
    let Corner { columns, rows } = corner.inside(layer);
    // Behind the end of the tables nothing is stored.
    let all = rows.saturating_mul(across).min(layer.tables.entry_count(bytes.size()));
    let (mut start, mut chunk) = (0, 1);
    while start < all {
        let end = start.saturating_add(chunk).min(all);
        let entries = bytes.lookup(|known| layer.tables.entries(known, start..end)).await?;
        let mut inside = (start..).zip(entries).filter(|(index, _)| index % across < columns);
        if let Some((_, found)) = inside.find(|(_, block)| block.length != 0 && counts(block)) {
            return Ok(Some(found));
        }
        (start, chunk) = (end, (chunk * 64).min(CHUNK));
    }
    Ok(None)
}
