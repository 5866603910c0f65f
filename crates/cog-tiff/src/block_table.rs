//! Where blocks are: the tile and strip tables, looked up entry by entry.

mod unwritten;

use std::ops::Range;

use crate::block_grid::BlockKind;
use crate::byte_order::ByteOrder;
use crate::color::Photometric;
use crate::compression::Compression;
use crate::error::{Error, Part, Result, TagProblem};
use crate::ifd::{Entry, Ifd};
use crate::image::Image;
use crate::known_bytes::{KnownBytes, Lookup, Stop, check_bounds, join_ranges};
use crate::tag::Tag;
use crate::value::FieldType;

/// Where one block lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockLocation {
    /// Offset of its first byte.
    pub offset: u64,
    /// Bytes, as compressed.
    pub length: u64,
}

impl BlockLocation {
    /// True for a block that was never written (offset 0 and count 0): it reads as nodata, or 0.
    pub fn is_sparse(&self) -> bool {
        self.length == 0
    }

    /// Its byte range.
    pub fn range(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.length)
    }
}

/// The offset and byte count tables of one image, as places in the file.
#[derive(Clone, Debug)]
pub struct BlockTable {
    ifd: u64,
    byte_order: ByteOrder,
    offsets: Entry,
    byte_counts: Option<Entry>,
    blocks: u64,
    /// Without usable counts: bytes of a whole block and of one row, for uncompressed images.
    uncompressed: Option<(u64, u64)>,
    grid: crate::block_grid::BlockGrid,
}

impl BlockTable {
    /// Finds the tables of an image. Reads nothing.
    pub fn of(ifd: &Ifd, image: &Image) -> Result<BlockTable> {
        let (mut offsets, mut counts) = match image.grid.kind {
            BlockKind::Tile => (Tag::TILE_OFFSETS, Tag::TILE_BYTE_COUNTS),
            BlockKind::Strip => (Tag::STRIP_OFFSETS, Tag::STRIP_BYTE_COUNTS),
        };
        // Some writers of tiles use the strip tags for their tables; libtiff accepts that.
        if ifd.entry(offsets).is_none() && image.grid.kind == BlockKind::Tile {
            (offsets, counts) = (Tag::STRIP_OFFSETS, Tag::STRIP_BYTE_COUNTS);
        }
        let table = |tag| match ifd.entry(tag) {
            Some(entry) if !is_integer(entry.field_type) => {
                Err(ifd.tag_error(tag, TagProblem::Type(entry.field_type.code())))
            }
            entry => Ok(entry.copied()),
        };
        let offsets = table(offsets)?.ok_or_else(|| ifd.tag_error(offsets, TagProblem::Missing))?;
        let row_bits =
            u64::from(image.grid.block_width).checked_mul(u64::from(image.bits) * u64::from(image.samples_per_block()));
        let row = row_bits.map(|bits| bits.div_ceil(8));
        let block = row.and_then(|row| row.checked_mul(u64::from(image.grid.block_height)));
        // Subsampled chroma is stored in units of several pixels (TIFF 6.0 section 21): the size says nothing.
        let subsampled = image.photometric == Photometric::YCbCr && image.samples_per_block() == 3;
        let natural = image.compression == Compression::None && !(subsampled && image.ycbcr_subsampling != (1, 1));
        Ok(BlockTable {
            ifd: ifd.offset(),
            byte_order: ifd.byte_order(),
            offsets,
            byte_counts: table(counts)?,
            blocks: image.grid.count(),
            uncompressed: natural.then_some(block.zip(row)).flatten(),
            grid: image.grid,
        })
    }

    /// How many blocks the image has; the tables may have fewer entries.
    pub fn block_count(&self) -> u64 {
        self.blocks
    }

    /// How many blocks the tables speak of: at most [`BlockTable::block_count`]; those behind are not in the file.
    pub fn entry_count(&self) -> u64 {
        self.blocks.min(self.offsets.count)
    }

    /// Bytes of both tables in the file.
    pub fn byte_len(&self) -> u64 {
        let counts = self.byte_counts.and_then(|e| e.byte_len()).unwrap_or(0);
        self.offsets.byte_len().unwrap_or(u64::MAX).saturating_add(counts)
    }

    /// The file ranges of both tables.
    pub fn ranges(&self) -> Vec<Range<u64>> {
        let range = |e: &Entry| e.offset..e.offset.saturating_add(e.byte_len().unwrap_or(0));
        join_ranges(std::iter::once(&self.offsets).chain(&self.byte_counts).map(range).collect())
    }

    /// Where the block with `index` lies.
    pub fn location<K: KnownBytes + ?Sized>(&self, known: &K, index: u64) -> Lookup<BlockLocation> {
        let found = self.locations(known, std::iter::once(index))?;
        found.into_iter().next().ok_or(Stop::Failed(self.no_such_block(index)))
    }

    /// Where several blocks lie, in the order asked for. Needs nothing but their own entries of both tables, and
    /// says so for all of them at once.
    pub fn locations<K: KnownBytes + ?Sized>(
        &self,
        known: &K,
        indices: impl IntoIterator<Item = u64>,
    ) -> Lookup<Vec<BlockLocation>> {
        let mut found = Vec::new();
        let mut need = Vec::new();
        for index in indices {
            if index >= self.blocks {
                return Err(self.no_such_block(index).into());
            }
            let offset = self.entry_at(known, &self.offsets, index);
            let count = match &self.byte_counts {
                // A table that ends early leaves blocks unwritten, as in libtiff.
                Some(entry) => self.entry_at(known, entry, index).map(|count| Some(count.unwrap_or(0))),
                None => Ok(None),
            };
            match (offset, count) {
                (Ok(offset), Ok(count)) => found.push(self.block(known.file_len(), index, offset, count)?),
                (offset, count) => {
                    for stop in [offset.err(), count.err()].into_iter().flatten() {
                        match stop {
                            Stop::Need(ranges) => need.extend(ranges),
                            failed => return Err(failed),
                        }
                    }
                }
            }
        }
        if need.is_empty() { Ok(found) } else { Err(Stop::Need(join_ranges(need))) }
    }

    /// What the tables hold for blocks that follow each other, as it stands there; a number behind the end of its table, or of the file,
    /// is 0. [`locations`](Self::locations) is what a reader makes of it, which for some blocks is another place: this is for those who
    /// judge the tables.
    ///
    /// Byte counts are 0 where the file has no table of them.
    pub fn entries<K: KnownBytes + ?Sized>(&self, known: &K, blocks: Range<u64>) -> Lookup<Vec<BlockLocation>> {
        if blocks.end > self.blocks {
            return Err(self.no_such_block(blocks.end.saturating_sub(1)).into());
        }
        let counts = self.byte_counts.as_ref().map(|entry| self.numbers(known, entry, &blocks));
        match (self.numbers(known, &self.offsets, &blocks), counts.unwrap_or_else(|| Ok(Vec::new()))) {
            (Ok(offsets), Ok(counts)) => {
                let counts = counts.into_iter().chain(std::iter::repeat(0));
                Ok(offsets.into_iter().zip(counts).map(|(offset, length)| BlockLocation { offset, length }).collect())
            }
            (offsets, counts) => {
                let mut need = Vec::new();
                for stop in [offsets.err(), counts.err()].into_iter().flatten() {
                    match stop {
                        Stop::Need(ranges) => need.extend(ranges),
                        failed => return Err(failed),
                    }
                }
                Err(Stop::Need(join_ranges(need)))
            }
        }
    }

    /// Numbers of a table, as many as blocks are asked for.
    fn numbers<K: KnownBytes + ?Sized>(&self, known: &K, entry: &Entry, blocks: &Range<u64>) -> Lookup<Vec<u64>> {
        let all = usize::try_from(blocks.end.saturating_sub(blocks.start)).unwrap_or(usize::MAX);
        let size = entry.field_type.size().max(1);
        let place = |index: u64| index.checked_mul(size).and_then(|d| entry.offset.checked_add(d));
        let (Some(from), Some(to)) = (place(blocks.start), place(blocks.end.min(entry.count))) else {
            return Ok(vec![0; all]);
        };
        let to = known.file_len().map_or(to, |len| to.min(len));
        let there = to.saturating_sub(from) / size * size;
        let bytes = match there {
            0 => return Ok(vec![0; all]),
            _ => known.get(from..from + there).ok_or_else(|| Stop::need(from..from + there))?,
        };
        let order = self.byte_order;
        let number = |bytes: &[u8]| match bytes.len() {
            1 => bytes.first().map(|b| u64::from(*b)),
            2 => bytes.try_into().ok().map(|b| u64::from(order.u16(b))),
            4 => bytes.try_into().ok().map(|b| u64::from(order.u32(b))),
            _ => bytes.try_into().ok().map(|b| order.u64(b)),
        };
        let size = usize::try_from(size).unwrap_or(1);
        let mut numbers: Vec<u64> = bytes.chunks_exact(size).map(|bytes| number(bytes).unwrap_or(0)).collect();
        numbers.resize(all, 0);
        Ok(numbers)
    }

    /// Where several blocks lie with their frames, told by offsets alone: GDAL's COG driver writes 4 bytes before each block (its
    /// size, see [`Ghost::leader`](crate::Ghost::leader)) and repeats its last 4 behind it, and blocks follow each other in
    /// the order of the table. So a block with its frame ends where the frame of the next one begins, which spares the table of
    /// byte counts. A block that was never written has length 0.
    ///
    /// `None` if that says too little: the last block, one whose successor was never written or does not follow it, or one that
    /// would reach further than `most` bytes. Needs the entries of the blocks and their successors in the table of offsets.
    ///
    /// The frames must be checked against the bytes, and the file has to promise them
    /// ([`Ghost::framed_blocks`](crate::Ghost::framed_blocks), [`Ghost::row_major`](crate::Ghost::row_major)).
    pub fn frames<K: KnownBytes + ?Sized>(
        &self,
        known: &K,
        indices: impl IntoIterator<Item = u64>,
        most: u64,
    ) -> Lookup<Option<Vec<BlockLocation>>> {
        let mut found = Vec::new();
        let mut need = Vec::new();
        for index in indices {
            if index >= self.blocks {
                return Err(self.no_such_block(index).into());
            }
            let offset = self.entry_at(known, &self.offsets, index);
            let next = self.entry_at(known, &self.offsets, index.saturating_add(1));
            match (offset, next) {
                (Ok(offset), Ok(next)) => match (offset.unwrap_or(0), next.unwrap_or(0)) {
                    (0, _) => found.push(BlockLocation { offset: 0, length: 0 }),
                    (offset, next) if offset > 4 && next > offset && next - offset <= most => {
                        found.push(BlockLocation { offset: offset - 4, length: next - offset });
                    }
                    _ => return Ok(None),
                },
                (offset, next) => {
                    for stop in [offset.err(), next.err()].into_iter().flatten() {
                        match stop {
                            Stop::Need(ranges) => need.extend(ranges),
                            failed => return Err(failed),
                        }
                    }
                }
            }
        }
        if need.is_empty() { Ok(Some(found)) } else { Err(Stop::Need(join_ranges(need))) }
    }

    fn no_such_block(&self, index: u64) -> Error {
        Error::NoSuchBlock { ifd: self.ifd, index, count: self.blocks }
    }

    /// One number of a table; `None` behind its end.
    fn entry_at<K: KnownBytes + ?Sized>(&self, known: &K, entry: &Entry, index: u64) -> Lookup<Option<u64>> {
        if index >= entry.count {
            return Ok(None);
        }
        let size = entry.field_type.size();
        let part = Part::Table(entry.tag);
        let out_of_bounds = || Error::OutOfBounds { part, offset: entry.offset, length: size, file_len: u64::MAX };
        let at = index.checked_mul(size).and_then(|d| entry.offset.checked_add(d)).ok_or_else(out_of_bounds)?;
        let end = check_bounds(known.file_len(), part, at, size)?;
        let bytes = known.get(at..end).ok_or_else(|| Stop::need(at..end))?;
        let order = self.byte_order;
        let number = match bytes.len() {
            1 => bytes.first().map(|b| u64::from(*b)),
            2 => bytes.as_ref().try_into().ok().map(|b| u64::from(order.u16(b))),
            4 => bytes.as_ref().try_into().ok().map(|b| u64::from(order.u32(b))),
            _ => bytes.as_ref().try_into().ok().map(|b| order.u64(b)),
        };
        Ok(Some(number.unwrap_or(0)))
    }

    /// Puts offset and byte count together. Without byte counts any compressed block may reach to the end of the file;
    /// of an uncompressed one libtiff reads its natural size whatever the count says.
    fn block(
        &self,
        file_len: Option<u64>,
        index: u64,
        offset: Option<u64>,
        count: Option<u64>,
    ) -> Result<BlockLocation> {
        let offset = offset.unwrap_or(0);
        let y = (index % self.grid.per_plane().max(1)) / u64::from(self.grid.across().max(1));
        let natural = self.uncompressed.map(|(block, row)| match self.grid.kind {
            BlockKind::Tile => block,
            BlockKind::Strip => row.saturating_mul(u64::from(self.grid.stored_rows(u32::try_from(y).unwrap_or(0)))),
        });
        let length = match (count, natural) {
            _ if offset == 0 => 0,
            // The count of the only strip of an image is believed to be missing if it is 0, as in libtiff.
            (Some(0), _) if !(self.blocks == 1 && self.grid.kind == BlockKind::Strip) => 0,
            (_, Some(natural)) => natural,
            (Some(count), None) if count != 0 => count,
            _ => match file_len {
                Some(len) => len.saturating_sub(offset),
                None => {
                    let tag = match self.grid.kind {
                        BlockKind::Tile => Tag::TILE_BYTE_COUNTS,
                        BlockKind::Strip => Tag::STRIP_BYTE_COUNTS,
                    };
                    return Err(Error::Tag { ifd: self.ifd, tag, problem: TagProblem::Missing });
                }
            },
        };
        Ok(BlockLocation { offset: if length == 0 { 0 } else { offset }, length })
    }
}

fn is_integer(field_type: FieldType) -> bool {
    !matches!(
        field_type,
        FieldType::Ascii
            | FieldType::Rational
            | FieldType::SRational
            | FieldType::Float
            | FieldType::Double
            | FieldType::Unknown(_)
    )
}
