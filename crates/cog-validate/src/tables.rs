//! The tables of blocks as libtiff takes them.

use std::ops::Range;

use cog_tiff::{
    BlockKind, BlockLocation, BlockTable, Entry, Error, FieldType, Ifd, Image, KnownBytes, Lookup, Result, Stop, Tag,
    TagProblem,
};

/// Where the blocks of an image lie, as its IFD says.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    /// `None` where libtiff makes nothing of the numbers: no block is stored then.
    table: Option<BlockTable>,
    blocks: u64,
    /// The places of both.
    places: Vec<Entry>,
    /// Strips of a file with one of them are found without byte counts.
    one_strip: bool,
}

impl Tables {
    /// Finds the tables. Reads nothing.
    ///
    /// # Errors
    /// An image without a table of offsets, and one of several blocks without byte counts.
    pub(crate) fn of(ifd: &Ifd, image: &Image) -> Result<Tables> {
        let blocks = image.grid.count();
        let one_strip = blocks == 1 && image.grid.kind == BlockKind::Strip;
        let pairs = match image.grid.kind {
            BlockKind::Tile => [Some(TILES), Some(STRIPS)],
            BlockKind::Strip => [Some(STRIPS), None],
        };
        // Some writers of tiles use the tags of strips.
        let found = pairs.into_iter().flatten().find(|(offsets, _)| ifd.entry(*offsets).is_some());
        let missing = |tag| Error::Tag { ifd: ifd.offset(), tag, problem: TagProblem::Missing };
        let (offsets, counts) = found.ok_or_else(|| missing(pairs[0].unwrap_or(STRIPS).0))?;
        if ifd.entry(counts).is_none() && blocks > 1 {
            return Err(missing(counts));
        }
        let usable = [offsets, counts].into_iter().all(|tag| ifd.entry(tag).is_none_or(|e| is_usable(e.field_type)));
        let table = if usable { Some(BlockTable::of(ifd, image)?) } else { None };
        let places = [offsets, counts].into_iter().filter_map(|tag| ifd.entry(tag).copied()).collect();
        Ok(Tables { table, blocks, places, one_strip })
    }

    /// How many blocks the image has.
    pub(crate) fn block_count(&self) -> u64 {
        self.blocks
    }

    /// How many blocks the tables speak of, as far as a file of `size` bytes holds them: those behind are not stored. A count that
    /// is a lie costs no walk.
    pub(crate) fn entry_count(&self, size: Option<u64>) -> u64 {
        let held = |entry: &Entry| {
            let inside =
                size.map_or(u64::MAX, |size| size.saturating_sub(entry.offset) / entry.field_type.size().max(1));
            entry.count.min(inside)
        };
        let table = self.table.as_ref().map_or(0, BlockTable::entry_count);
        self.places.iter().map(held).fold(table, u64::min)
    }

    /// Bytes of both tables.
    pub(crate) fn byte_len(&self) -> u64 {
        self.table.as_ref().map_or(0, BlockTable::byte_len)
    }

    /// Where both tables lie.
    pub(crate) fn ranges(&self) -> Vec<Range<u64>> {
        self.table.as_ref().map_or_else(Vec::new, BlockTable::ranges)
    }

    /// Entries of both tables for blocks that follow each other, those that the image has; 0 for what is not stored.
    pub(crate) fn entries<K: KnownBytes + ?Sized>(&self, known: &K, blocks: Range<u64>) -> Lookup<Vec<BlockLocation>> {
        let blocks = blocks.start.min(self.blocks)..blocks.end.min(self.blocks);
        let Some(table) = &self.table else {
            return Ok(blocks.map(|_| BlockLocation { offset: 0, length: 0 }).collect());
        };
        let mut found = table.entries(known, blocks)?;
        // The byte count of the only strip is worked out where it cannot be right.
        if let [only] = found.as_mut_slice()
            && self.one_strip
            && only.length == 0
        {
            match table.location(known, 0) {
                Ok(location) => *only = location,
                Err(Stop::Need(ranges)) => return Err(Stop::Need(ranges)),
                Err(Stop::Failed(_)) => {}
            }
        }
        Ok(found)
    }
}

/// Tags of offsets and byte counts.
const TILES: (Tag, Tag) = (Tag::TILE_OFFSETS, Tag::TILE_BYTE_COUNTS);
const STRIPS: (Tag, Tag) = (Tag::STRIP_OFFSETS, Tag::STRIP_BYTE_COUNTS);

/// Types that libtiff takes for a table that it reads entry by entry.
fn is_usable(field_type: FieldType) -> bool {
    matches!(field_type, FieldType::Short | FieldType::Long | FieldType::Long8 | FieldType::SLong8)
}
