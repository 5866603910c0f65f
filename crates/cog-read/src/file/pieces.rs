//! Large strips without compression, cut into rows: to read some of their pixels, only these need be fetched. GDAL does the same to files
//! of one strip.

use cog_tiff::{BlockGrid, BlockKind, BlockLocation, BlockTable, Compression, Image, KnownBytes, Lookup, Photometric};

/// A strip of more bytes is cut.
const LARGE: u64 = 256 << 10;
/// Bytes of a piece, unless a row is longer.
const PIECE: u64 = 128 << 10;
/// Pieces of fewer bytes cost more than they save.
const LEAST: u64 = 8 << 10;
/// Numbers of rows that are tried for pieces larger than wanted.
const SEARCHED: usize = 4096;

/// The grid in which an image is read: its blocks, or pieces of strips that are large and not compressed. `beside` is the grid in which its mask
/// is read: a block of it would be decoded for each piece of its rows, so pieces are not shorter.
pub(crate) fn grid(image: &Image, beside: Option<&BlockGrid>) -> BlockGrid {
    let mut grid = image.grid;
    if let Some(rows) = rows(image, beside.map_or(1, |mask| mask.block_height)) {
        grid.block_height = rows;
    }
    grid
}

/// Rows of a piece, `least` at least. Every strip is made of whole ones, but for the last.
fn rows(image: &Image, least: u32) -> Option<u32> {
    let grid = &image.grid;
    let row = row_bytes(image)?;
    if grid.kind != BlockKind::Strip || row.saturating_mul(u64::from(grid.block_height)) <= LARGE {
        return None;
    }
    let of_bytes = |bytes: u64| u32::try_from(bytes / row.max(1)).unwrap_or(u32::MAX).max(1);
    let least = least.max(of_bytes(LEAST + row - 1));
    let most = of_bytes(PIECE).max(least);
    let divides = |rows: &u32| grid.block_height.is_multiple_of(*rows);
    let rows = match grid.down() {
        1 => most,
        // The largest that is small enough, or the smallest that is large enough.
        _ => (least..=most).rev().find(divides).or_else(|| (most..grid.block_height).take(SEARCHED).find(divides))?,
    };
    (rows < grid.block_height).then_some(rows)
}

/// Bytes of a row of a strip; none where that is no number of its own, as compressed rows and subsampled colours.
fn row_bytes(image: &Image) -> Option<u64> {
    let subsampled = image.photometric == Photometric::YCbCr && image.samples_per_block() == 3;
    if image.compression != Compression::None || (subsampled && image.ycbcr_subsampling != (1, 1)) {
        return None;
    }
    let bits = u64::from(image.bits) * u64::from(image.samples_per_block());
    Some(u64::from(image.grid.block_width).checked_mul(bits)?.div_ceil(8))
}

/// Where the blocks of a layer lie, or the pieces that they are cut into.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    table: BlockTable,
    cut: Option<Cut>,
}

/// How strips are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cut {
    strips: BlockGrid,
    pieces: BlockGrid,
    row_bytes: u64,
}

impl Blocks {
    /// The blocks of an image in this [`grid`].
    pub(crate) fn of(table: BlockTable, image: &Image, pieces: BlockGrid) -> Blocks {
        let cut = row_bytes(image).filter(|_| pieces != image.grid);
        Blocks { table, cut: cut.map(|row_bytes| Cut { strips: image.grid, pieces, row_bytes }) }
    }

    /// The blocks themselves, as the file has them, and their grid if it is another one.
    pub(crate) fn uncut(&self) -> (Blocks, Option<BlockGrid>) {
        (Blocks { table: self.table.clone(), cut: None }, self.cut.map(|cut| cut.strips))
    }

    #[cfg(feature = "jpeg")]
    pub(crate) fn table(&self) -> &BlockTable {
        &self.table
    }

    /// The row of the file's blocks that holds a row of this grid.
    pub(crate) fn block_row(&self, y: u32) -> u32 {
        self.cut.map_or(y, |cut| cut.strip(y))
    }

    /// As [`BlockTable::frames`]; pieces have none.
    pub(crate) fn frames<K: KnownBytes + ?Sized>(
        &self,
        known: &K,
        indices: impl Iterator<Item = u64>,
        most: u64,
    ) -> Lookup<Option<Vec<BlockLocation>>> {
        if self.cut.is_some() { Ok(None) } else { self.table.frames(known, indices, most) }
    }

    /// As [`BlockTable::entry_count`].
    pub(crate) fn entry_count(&self) -> u64 {
        let entries = self.table.entry_count();
        self.cut.map_or(entries, |cut| cut.first_of(entries))
    }

    /// As [`BlockTable::check_entries`].
    pub(crate) fn check_entries(&self, file_len: Option<u64>, index: u64) -> cog_tiff::Result<()> {
        self.table.check_entries(file_len, self.cut.map_or(index, |cut| cut.strip_of(index)))
    }

    /// As [`BlockTable::locations`].
    pub(crate) fn locations<K: KnownBytes + ?Sized>(
        &self,
        known: &K,
        indices: impl Iterator<Item = u64> + Clone,
    ) -> Lookup<Vec<BlockLocation>> {
        let Some(cut) = self.cut else { return self.table.locations(known, indices) };
        let mut strips: Vec<u64> = indices.clone().map(|index| cut.strip_of(index)).collect();
        strips.dedup();
        let found = self.table.locations(known, strips.iter().copied())?;
        // Pieces are asked for in runs of the same strip.
        let mut places = strips.iter().zip(found).peekable();
        let place = |index| {
            let strip = cut.strip_of(index);
            while places.peek().is_some_and(|(known, _)| **known != strip) {
                places.next();
            }
            places.peek().map(|(_, location)| cut.piece(index, *location))
        };
        Ok(indices.map_while(place).collect())
    }

    /// As [`BlockTable::unwritten`].
    pub(crate) fn unwritten<K: KnownBytes + ?Sized>(
        &self,
        known: &K,
        index: u64,
        most: u64,
        with_counts: bool,
    ) -> Lookup<u64> {
        let Some(cut) = self.cut else { return self.table.unwritten(known, index, most, with_counts) };
        let strip = cut.strip_of(index);
        let last = cut.strip_of(index.saturating_add(most).saturating_sub(1).min(cut.pieces.count().saturating_sub(1)));
        let strips = self.table.unwritten(known, strip, last.saturating_sub(strip) + 1, with_counts)?;
        let end = if strips == 0 { index } else { cut.first_of(strip.saturating_add(strips)) };
        Ok(end.saturating_sub(index).min(most))
    }
}

impl Cut {
    /// The strip in which row `y` of pieces lies, counted in its plane.
    fn strip(&self, y: u32) -> u32 {
        y / self.pieces_of_strip()
    }

    /// Pieces of a strip that is whole.
    fn pieces_of_strip(&self) -> u32 {
        self.strips.block_height.div_ceil(self.pieces.block_height.max(1)).max(1)
    }

    /// Plane and row of a piece.
    fn place(&self, index: u64) -> (u64, u32) {
        let down = u64::from(self.pieces.down().max(1));
        (index / down, (index % down) as u32)
    }

    /// The number of the strip of a piece.
    fn strip_of(&self, index: u64) -> u64 {
        let (plane, y) = self.place(index);
        plane.saturating_mul(u64::from(self.strips.down())).saturating_add(u64::from(self.strip(y)))
    }

    /// The number of the first piece of a strip; behind the last strip, of all pieces.
    fn first_of(&self, strip: u64) -> u64 {
        let down = u64::from(self.strips.down().max(1));
        let (plane, y) = (strip / down, strip % down);
        let before = plane.saturating_mul(u64::from(self.pieces.down()));
        before.saturating_add(y * u64::from(self.pieces_of_strip()))
    }

    /// Where a piece lies in its strip.
    fn piece(&self, index: u64, strip: BlockLocation) -> BlockLocation {
        if strip.is_sparse() {
            return strip;
        }
        let (_, y) = self.place(index);
        let above = u64::from(y % self.pieces_of_strip()).saturating_mul(u64::from(self.pieces.block_height));
        BlockLocation {
            offset: strip.offset.saturating_add(above.saturating_mul(self.row_bytes)),
            length: self.row_bytes.saturating_mul(u64::from(self.pieces.stored_rows(y))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::block_list::tests::grid as grid_of;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_pieces_of_a_strip_are_its_bytes_one_behind_the_other(
            height in 1u32..200, rows in 1u32..40, times in 1u32..6, planes in 1u32..4, row_bytes in 1u64..50,
        ) {
            let mut strips = grid_of(1, 1, planes);
            strips.kind = BlockKind::Strip;
            strips.image_height = height;
            // The only strip of a plane may be cut anywhere, others into whole pieces.
            strips.block_height = if rows * times < height { rows * times } else { height };
            let mut pieces = strips;
            pieces.block_height = rows.min(strips.block_height);
            let cut = Cut { strips, pieces, row_bytes };
            let mut next = 0;
            for strip in 0..strips.count() {
                let y = (strip % u64::from(strips.down())) as u32;
                let whole = BlockLocation { offset: 1000 * strip, length: row_bytes * u64::from(strips.stored_rows(y)) };
                prop_assert_eq!(cut.first_of(strip), next);
                let mut at = whole.offset;
                while next < pieces.count() && cut.strip_of(next) == strip {
                    let piece = cut.piece(next, whole);
                    prop_assert_eq!(piece.offset, at);
                    at += piece.length;
                    next += 1;
                }
                prop_assert_eq!(at, whole.offset + whole.length);
            }
            prop_assert_eq!((next, cut.first_of(strips.count())), (pieces.count(), pieces.count()));
        }
    }
}
