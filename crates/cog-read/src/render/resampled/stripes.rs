//! Which rows of blocks an output needs.

use std::ops::Range;

use cog_raster::Area;
use cog_raster::resample::Plan;

use super::block_rows::{block_height, bytes, most_bytes};
use crate::render::band_source::BandSource;

/// Rows of small blocks are decoded together up to this many bytes: a strip of one line would leave the other threads idle.
const STRIPE_BYTES: u64 = 4 << 20;

/// Groups of rows of blocks that hold rows the output needs, from the top: rows of the level.
pub(super) struct Stripes {
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
    pub(super) fn new(source: &BandSource, plan: &Plan) -> Stripes {
        let area = plan.source_area();
        let height = block_height(source);
        let of_rows = |rows: u32| bytes(source, &Area { height: rows.clamp(1, area.height.max(1)), ..area });
        let fit = (most_bytes(source) / of_rows(1).max(1)).clamp(1, u64::from(u32::MAX)) as u32;
        let cell = if of_rows(height) > most_bytes(source).saturating_mul(2) { height.min(fit) } else { height };
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
