//! How large the compressed blocks of a level are.

use std::sync::Arc;

use cog_tiff::{BlockLocation, BlockTable};

use crate::cog::Cog;
use crate::error::Result;
use crate::file::tiff_file::TiffFile;

/// Sizes of the compressed blocks of one image or mask, in bytes; blocks that the file leaves out do not count.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct BlockSizes {
    /// Blocks that are there.
    pub stored: u64,
    /// Blocks that the file leaves out.
    pub sparse: u64,
    /// The smallest; 0 if there is none.
    pub min: u64,
    /// The largest.
    pub max: u64,
    /// All of them together.
    pub total: u64,
}

impl BlockSizes {
    /// Mean size; 0 if there is no block.
    pub fn mean(&self) -> f64 {
        if self.stored == 0 { 0.0 } else { self.total as f64 / self.stored as f64 }
    }
}

/// Entries looked up at once: bounds the memory of a walk through a huge table.
const CHUNK: u64 = 65_536;

impl Cog {
    /// Bytes of the tile or strip tables of an IFD that were not fetched yet.
    ///
    /// # Errors
    /// A damaged IFD.
    pub fn missing_table_bytes(&self, ifd: usize) -> Result<u64> {
        let (file, table) = self.table(ifd)?;
        let missing = |r: &std::ops::Range<u64>| file.header.get(r.clone()).is_none();
        Ok(table.ranges().iter().filter(|r| missing(r)).map(|r| r.end - r.start).fold(0, u64::saturating_add))
    }

    /// Walks the tables of an IFD (a number as [`ifd`](Self::ifd) takes it), fetching what is not known of them.
    ///
    /// # Errors
    /// A damaged table, and what the store says.
    pub async fn block_sizes(&self, ifd: usize) -> Result<BlockSizes> {
        let (file, table) = self.table(ifd)?;
        let mut sizes = BlockSizes { stored: 0, sparse: 0, min: u64::MAX, max: 0, total: 0 };
        let entries = table.entry_count();
        sizes.sparse = table.block_count() - entries;
        let mut start = 0;
        while start < entries {
            let end = (start + CHUNK).min(entries);
            for block in file.header.lookup_in_passing(|known| table.locations(known, start..end)).await? {
                if block.is_sparse() {
                    sizes.sparse += 1;
                } else {
                    sizes.stored += 1;
                    sizes.min = sizes.min.min(block.length);
                    sizes.max = sizes.max.max(block.length);
                    sizes.total = sizes.total.saturating_add(block.length);
                }
            }
            start = end;
        }
        if sizes.stored == 0 {
            sizes.min = 0;
        }
        Ok(sizes)
    }

    /// Where each block of an IFD lies, row by row (of planes one after the other); those that the file leaves out have a length of 0. Takes
    /// 16 bytes a block: an image of ten million has 160 MB of them.
    ///
    /// # Errors
    /// A damaged table, and what the store says.
    pub async fn block_locations(&self, ifd: usize) -> Result<Vec<BlockLocation>> {
        let (file, table) = self.table(ifd)?;
        let entries = table.entry_count();
        let mut all = Vec::new();
        let mut start = 0;
        while start < entries {
            let end = (start + CHUNK).min(entries);
            all.extend(file.header.lookup_in_passing(|known| table.locations(known, start..end)).await?);
            start = end;
        }
        all.resize(usize::try_from(table.block_count()).unwrap_or(all.len()), BlockLocation { offset: 0, length: 0 });
        Ok(all)
    }

    fn table(&self, ifd: usize) -> Result<(&Arc<TiffFile>, BlockTable)> {
        let (file, _) = self.find_ifd(ifd).ok_or_else(|| self.no_ifd())?;
        let ifd = self.ifd(ifd)?;
        let table = cog_tiff::Image::of(ifd).and_then(|image| BlockTable::of(ifd, &image));
        Ok((file, table.map_err(|e| self.structure(e))?))
    }
}
