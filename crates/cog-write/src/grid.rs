//! A level cut into blocks.

use cog_raster::Area;

/// A level of an image, cut into square blocks; the last of a row and of a column may reach beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) block: u32,
}

impl Grid {
    /// Blocks of a row.
    pub(crate) fn across(&self) -> u32 {
        self.width.div_ceil(self.block)
    }

    /// Blocks of a column.
    pub(crate) fn down(&self) -> u32 {
        self.height.div_ceil(self.block)
    }

    /// All blocks.
    pub(crate) fn count(&self) -> u64 {
        u64::from(self.across()) * u64::from(self.down())
    }

    /// The number of a block, row by row.
    pub(crate) fn index(&self, (x, y): (u32, u32)) -> usize {
        y as usize * self.across() as usize + x as usize
    }

    /// The pixels of a block that lie in the level.
    pub(crate) fn area(&self, (x, y): (u32, u32)) -> Area {
        let (left, top) = (x * self.block, y * self.block);
        Area {
            x: left,
            y: top,
            width: self.block.min(self.width.saturating_sub(left)),
            height: self.block.min(self.height.saturating_sub(top)),
        }
    }

    /// The blocks that a rectangle of the level touches.
    pub(crate) fn touched(&self, area: &Area) -> impl Iterator<Item = (u32, u32)> + use<> {
        let columns = area.x / self.block..(area.x + area.width).div_ceil(self.block);
        let rows = area.y / self.block..(area.y + area.height).div_ceil(self.block);
        rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }
}
