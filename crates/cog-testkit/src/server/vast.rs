//! A BigTIFF of ten million tiles that is never held: every range of it is computed.

use std::ops::Range;

use super::Content;
use super::cog::{self, TILE};

/// Tiles across and down: 1 638 400 × 1 600 000 pixels.
const ACROSS: u64 = 3200;
const DOWN: u64 = 3125;
const TILES: u64 = ACROSS * DOWN;
/// Different tiles; they repeat.
const VARIANTS: u64 = 64;

/// A BigTIFF with IFD first, then tables of 80 MB (offsets) and 40 MB (byte counts), then blocks in GDAL's framing.
/// One band of 8 bits, Deflate, tiles of 512 × 512, no overviews. Like a mosaic it holds nothing at the ends of its rows, and some rows
/// are empty: those blocks are sparse and take no bytes.
#[derive(Debug, Clone)]
pub struct VastTiff {
    head: Vec<u8>,
    variants: Vec<Vec<u8>>,
    /// Where each variant begins in a cycle of all; one more for the end.
    starts: Vec<u64>,
    /// Where the blocks of each row of tiles begin; one more for the end of the file.
    rows: Vec<u64>,
}

impl Default for VastTiff {
    fn default() -> Self {
        Self::new()
    }
}

impl VastTiff {
    /// Tiles across and down.
    pub const GRID: (u64, u64) = (ACROSS, DOWN);

    /// Prepares the tiles that repeat.
    pub fn new() -> Self {
        Self::with_head(head(&cog::ghost(false)))
    }

    /// The same file, and nothing in it says that its blocks are framed.
    pub fn without_ghost() -> Self {
        Self::with_head(head(&[]))
    }

    fn with_head(head: Vec<u8>) -> Self {
        let variants: Vec<Vec<u8>> = (0..VARIANTS).map(|variant| cog::tile(variant as u32, 0, 0)).collect();
        let mut starts = vec![0];
        for tile in &variants {
            // Size before, last four bytes behind.
            starts.push(starts.last().unwrap_or(&0) + tile.len() as u64 + 8);
        }
        let mut made = Self { rows: vec![head.len() as u64 + 12 * TILES], head, variants, starts };
        for y in 0..DOWN {
            let held = held(y);
            let end = made.rows.last().unwrap_or(&0) + made.run(held.end - held.start);
            made.rows.push(end);
        }
        made
    }

    /// The file for a server, computed as it is sent.
    pub fn content(&self) -> Content {
        let (made, size) = (self.clone(), self.size());
        Content::made(size, move |range| made.range(range))
    }

    /// The same with head and tables (120 MB) held in memory, for those who measure time.
    pub fn content_with_tables(&self) -> Content {
        let (made, size) = (self.clone(), self.size());
        let held = self.range(0..self.tables()[1].end);
        Content::made(size, move |range| {
            let cut = (range.start as usize).min(held.len())..(range.end as usize).min(held.len());
            let mut out = held.get(cut).unwrap_or_default().to_vec();
            let rest = range.start.max(held.len() as u64)..range.end;
            if rest.start < rest.end {
                out.extend(made.range(rest));
            }
            out
        })
    }

    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.rows.last().copied().unwrap_or_default()
    }

    /// Where the tables of offsets and byte counts lie.
    pub fn tables(&self) -> [Range<u64>; 2] {
        let offsets = self.head.len() as u64;
        let counts = offsets + 8 * TILES;
        [offsets..counts, counts..counts + 4 * TILES]
    }

    /// Where a tile's block lies, its framing left out; `None` where the file has none.
    pub fn block(&self, x: u64, y: u64) -> Option<Range<u64>> {
        self.block_of(y * ACROSS + x)
    }

    /// The value of a pixel; 0 where the file has no block.
    pub fn value(&self, x: u64, y: u64) -> u8 {
        let tile = u64::from(TILE);
        match held(y / tile).contains(&(x / tile)) {
            true => cog::pixel(variant(x / tile, y / tile), (x % tile) as u32, (y % tile) as u32),
            false => 0,
        }
    }

    fn block_of(&self, index: u64) -> Option<Range<u64>> {
        let (x, y) = (index % ACROSS, index / ACROSS);
        let start = self.rows.get(y as usize)? + self.run(x.checked_sub(held(y).start)?) + 4;
        let len = self.variants.get(variant(x, y) as usize)?.len() as u64;
        held(y).contains(&x).then_some(start..start + len)
    }

    /// Bytes of the first `tiles` of a row that has blocks.
    fn run(&self, tiles: u64) -> u64 {
        let cycle = self.starts.last().copied().unwrap_or_default();
        tiles / VARIANTS * cycle + self.starts.get((tiles % VARIANTS) as usize).copied().unwrap_or_default()
    }

    fn range(&self, range: Range<u64>) -> Vec<u8> {
        let [offsets, counts] = self.tables();
        let mut out = Vec::with_capacity((range.end - range.start) as usize + 16);
        let mut at = range.start;
        // Every turn adds the rest of one piece of the file: the head, an entry of a table, a framed block.
        while at < range.end {
            let before = out.len();
            let start = if at < offsets.start {
                out.extend_from_slice(&self.head);
                0
            } else if at < offsets.end {
                let index = (at - offsets.start) / 8;
                out.extend_from_slice(&self.block_of(index).map_or(0, |block| block.start).to_le_bytes());
                offsets.start + 8 * index
            } else if at < counts.end {
                let index = (at - counts.start) / 4;
                let length = self.block_of(index).map_or(0, |block| block.end - block.start) as u32;
                out.extend_from_slice(&length.to_le_bytes());
                counts.start + 4 * index
            } else {
                let (start, block) = self.framed_at(at);
                out.extend(block);
                start
            };
            let end = start + (out.len() - before) as u64;
            out.drain(before..before + (at - start) as usize);
            at = end;
        }
        out.truncate((range.end - range.start) as usize);
        out
    }

    /// The framed block that holds an offset, and where it begins.
    fn framed_at(&self, at: u64) -> (u64, Vec<u8>) {
        let row = self.rows.partition_point(|start| *start <= at).saturating_sub(1);
        let base = self.rows.get(row).copied().unwrap_or_default();
        let cycle = self.starts.last().copied().unwrap_or(1);
        let (round, within) = ((at - base) / cycle, (at - base) % cycle);
        let variant = self.starts.partition_point(|start| *start <= within).saturating_sub(1);
        let start = base + round * cycle + self.starts.get(variant).copied().unwrap_or_default();
        let tile = self.variants.get(variant).map(Vec::as_slice).unwrap_or_default();
        let last = tile.last_chunk::<4>().copied().unwrap_or_default();
        (start, [&(tile.len() as u32).to_le_bytes(), tile, &last].concat())
    }
}

/// The tiles of a row that have blocks.
fn held(y: u64) -> Range<u64> {
    let band = y / 8;
    if band % 23 == 22 { 0..0 } else { 8 * (band * 7 % 40)..ACROSS - 8 * (band * 11 % 50) }
}

/// Which of the different tiles stands at a place.
fn variant(x: u64, y: u64) -> u32 {
    (x.saturating_sub(held(y).start) % VARIANTS) as u32
}

/// Header, ghost header and the IFD; the tables follow at once.
fn head(ghost: &[u8]) -> Vec<u8> {
    let ifd = 16 + ghost.len() as u64;
    let mut head = b"II\x2b\0\x08\0\0\0".to_vec();
    head.extend_from_slice(&ifd.to_le_bytes());
    head.extend_from_slice(ghost);
    let tags: [(u16, u64); 11] = [
        (254, 0),
        (256, ACROSS * u64::from(TILE)),
        (257, DOWN * u64::from(TILE)),
        (258, 8),
        (259, 8),
        (262, 1),
        (277, 1),
        (284, 1),
        (322, u64::from(TILE)),
        (323, u64::from(TILE)),
        (339, 1),
    ];
    let fields = (tags.len() + 2 + cog::GEO_TAGS.len()) as u64;
    let geo = ifd + 8 + 20 * fields + 8;
    let geo_values = cog::geo_values();
    let offsets = geo + geo_values.len() as u64;
    // Tag, type (3 SHORT, 4 LONG, 12 DOUBLE, 16 LONG8), count, value.
    let mut entries: Vec<(u16, u16, u64, u64)> =
        tags.into_iter().map(|(tag, value)| (tag, cog::kind_of(tag), 1, value)).collect();
    entries.extend([(324, 16, TILES, offsets), (325, 4, TILES, offsets + 8 * TILES)]);
    entries.extend(cog::GEO_TAGS.map(|(tag, kind, count, at)| (tag, kind, count.into(), geo + u64::from(at))));
    entries.sort_unstable();
    head.extend_from_slice(&fields.to_le_bytes());
    for (tag, kind, count, value) in entries {
        head.extend_from_slice(&tag.to_le_bytes());
        head.extend_from_slice(&kind.to_le_bytes());
        head.extend_from_slice(&count.to_le_bytes());
        head.extend_from_slice(&value.to_le_bytes());
    }
    head.extend_from_slice(&0u64.to_le_bytes());
    head.extend(geo_values);
    head
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn every_cut_of_the_file_gives_the_same_bytes() {
        let vast = VastTiff::new();
        let [offsets, counts] = vast.tables();
        for middle in [40, offsets.start, offsets.end, counts.end, counts.end + 300_001] {
            let range = middle - 40..middle + 60;
            let whole = vast.range(range.clone());
            assert_eq!(whole.len(), 100);
            for cut in [1, 3, 40, 41, 99] {
                let parts = [vast.range(range.start..range.start + cut), vast.range(range.start + cut..range.end)];
                assert_eq!(parts.concat(), whole, "{middle} {cut}");
            }
        }
    }

    #[test]
    fn the_tables_point_at_blocks_between_their_size_and_their_last_bytes() {
        let vast = VastTiff::new();
        let [offsets, counts] = vast.tables();
        let mut blocks = 0;
        for index in (0..TILES).step_by(999_983) {
            let offset = u64::from_le_bytes(
                vast.range(offsets.start + 8 * index..offsets.start + 8 * index + 8).try_into().unwrap(),
            );
            let count = u32::from_le_bytes(
                vast.range(counts.start + 4 * index..counts.start + 4 * index + 4).try_into().unwrap(),
            );
            if offset == 0 {
                assert_eq!(count, 0);
                continue;
            }
            blocks += 1;
            let framed = vast.range(offset - 4..offset + u64::from(count) + 4);
            assert_eq!(framed[..4], count.to_le_bytes());
            assert_eq!(framed[framed.len() - 4..], framed[framed.len() - 8..framed.len() - 4]);
        }
        assert!(blocks > 3, "{blocks}");
    }
}
