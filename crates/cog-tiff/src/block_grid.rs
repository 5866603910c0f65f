//! How an image is cut into tiles or strips.

/// Tiles (TIFF 6.0 section 15) or strips (section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// Every block has the full size; what reaches over the image's edge is padding.
    Tile,
    /// Blocks as wide as the image; the last one holds only the rows that are left.
    Strip,
}

/// The grid of blocks of one image, counted from its top left corner, row by row; planes follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlockGrid {
    /// Tiles or strips.
    pub kind: BlockKind,
    /// Image width in pixels.
    pub image_width: u32,
    /// Image height in pixels.
    pub image_height: u32,
    /// Block width in pixels; for strips the image's width.
    pub block_width: u32,
    /// Block height in pixels; at most the image's height for strips.
    pub block_height: u32,
    /// Planes: the samples per pixel if they are stored apart, else 1.
    pub planes: u32,
}

impl BlockGrid {
    /// Blocks side by side.
    pub fn across(&self) -> u32 {
        self.image_width.div_ceil(self.block_width.max(1))
    }

    /// Blocks above each other.
    pub fn down(&self) -> u32 {
        self.image_height.div_ceil(self.block_height.max(1))
    }

    /// Blocks of one plane.
    pub fn per_plane(&self) -> u64 {
        u64::from(self.across()) * u64::from(self.down())
    }

    /// Blocks of all planes.
    pub fn count(&self) -> u64 {
        self.per_plane().saturating_mul(u64::from(self.planes))
    }

    /// Index into the tables of the block in column `x`, row `y` of `plane`; `None` outside the grid.
    pub fn index(&self, x: u32, y: u32, plane: u32) -> Option<u64> {
        if x >= self.across() || y >= self.down() || plane >= self.planes {
            return None;
        }
        let in_plane = u64::from(y) * u64::from(self.across()) + u64::from(x);
        u64::from(plane).checked_mul(self.per_plane())?.checked_add(in_plane)
    }

    /// Rows that the block in row `y` stores: a tile always its full height, the last strip what is left.
    pub fn stored_rows(&self, y: u32) -> u32 {
        match self.kind {
            BlockKind::Tile => self.block_height,
            BlockKind::Strip => {
                self.image_height.saturating_sub(y.saturating_mul(self.block_height)).min(self.block_height)
            }
        }
    }

    /// Width and height of the part of the block at (`x`, `y`) that lies inside the image.
    pub fn inside(&self, x: u32, y: u32) -> (u32, u32) {
        let w = self.image_width.saturating_sub(x.saturating_mul(self.block_width)).min(self.block_width);
        let h = self.image_height.saturating_sub(y.saturating_mul(self.block_height)).min(self.block_height);
        (w, h)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_follow_each_other_in_the_table() {
        let g = BlockGrid {
            kind: BlockKind::Tile,
            image_width: 100,
            image_height: 40,
            block_width: 32,
            block_height: 32,
            planes: 3,
        };
        assert_eq!((g.across(), g.down(), g.count()), (4, 2, 24));
        assert_eq!(g.index(3, 1, 2), Some(23));
        assert_eq!(g.index(4, 0, 0), None);
        assert_eq!(g.inside(3, 1), (4, 8));
        assert_eq!(g.stored_rows(1), 32);
    }

    #[test]
    fn the_last_strip_is_as_short_as_the_image_says() {
        let g = BlockGrid {
            kind: BlockKind::Strip,
            image_width: 10,
            image_height: 10,
            block_width: 10,
            block_height: 4,
            planes: 1,
        };
        assert_eq!((g.down(), g.stored_rows(1), g.stored_rows(2)), (3, 4, 2));
    }
}
