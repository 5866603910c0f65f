//! Every block of a file: how large they are, and whether each has its place in it.

use crate::error::Result;
use crate::facts::Facts;
use crate::first_block::CHUNK;
use crate::header_bytes::HeaderBytes;
use crate::layers::Layer;
use crate::report::ImagePlace;

/// Blocks up to which those that lie in another are looked for: all of them are held in memory for it.
const COMPARED: u64 = 262_144;

/// Blocks of all levels and masks.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    /// Those of full resolution, without its mask.
    pub(crate) full: Sizes,
    /// Those that reach beyond the end of the file.
    pub(crate) outside: Places,
    /// Those that lie in part in another one.
    pub(crate) overlapping: Places,
}

/// How large blocks are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) stored: u64,
    pub(crate) bytes: u64,
}

/// How many blocks, and the first of them.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) count: u64,
    pub(crate) first: Option<Block>,
}

/// A block and where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) place: ImagePlace,
    /// Column and row.
    pub(crate) at: [u64; 2],
    pub(crate) offset: u64,
    pub(crate) length: u64,
}

impl Block {
    fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }
}

impl Places {
    fn add(&mut self, block: Block) {
        self.count += 1;
        self.first.get_or_insert(block);
    }
}

impl Blocks {
    /// Walks all tables of the file.
    pub(crate) async fn of(bytes: &mut HeaderBytes, facts: &Facts) -> Result<Blocks> {
        let mut blocks = Blocks::default();
        let layers: Vec<&Layer> =
            facts.levels.all().flat_map(|level| std::iter::once(&level.layer).chain(&level.mask)).collect();
        let all = layers.iter().fold(0u64, |sum, layer| sum.saturating_add(layer.tables.entry_count(bytes.size())));
        let mut compared = if all <= COMPARED { Some(Vec::new()) } else { None };
        for (index, layer) in layers.into_iter().enumerate() {
            blocks.walk(bytes, layer, index == 0, &mut compared).await?;
        }
        blocks.compare(compared.unwrap_or_default());
        Ok(blocks)
    }

    async fn walk(
        &mut self,
        bytes: &mut HeaderBytes,
        layer: &Layer,
        is_full: bool,
        compared: &mut Option<Vec<Block>>,
    ) -> Result<()> {
        let grid = &layer.image.grid;
        let (across, per_plane) = (u64::from(grid.across()).max(1), grid.per_plane().max(1));
        let size = bytes.size();
        let count = layer.tables.entry_count(size);
        let mut start = 0;
        while start < count {
            let end = (start + CHUNK).min(count);
            let entries = bytes.lookup(|known| layer.tables.entries(known, start..end)).await?;
            for (index, entry) in (start..).zip(entries) {
                if entry.length == 0 || entry.offset == 0 {
                    continue;
                }
                let in_plane = index % per_plane;
                let at = [in_plane % across, in_plane / across];
                let block = Block { place: layer.place, at, offset: entry.offset, length: entry.length };
                if is_full {
                    self.full.stored += 1;
                    self.full.bytes = self.full.bytes.saturating_add(entry.length);
                }
                if size.is_some_and(|size| block.end() > size) {
                    self.outside.add(block);
                } else if let Some(compared) = compared {
                    compared.push(block);
                }
            }
            start = end;
        }
        Ok(())
    }

    /// Blocks that share all of their bytes are meant to: some writers store equal ones once.
    fn compare(&mut self, mut blocks: Vec<Block>) {
        blocks.sort_by_key(|block| (block.offset, block.length));
        blocks.dedup_by_key(|block| (block.offset, block.length));
        let mut end = 0;
        for block in blocks {
            if block.offset < end {
                self.overlapping.add(block);
            }
            end = end.max(block.end());
        }
    }
}
