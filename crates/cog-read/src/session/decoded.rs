//! Blocks that stay decoded from one request to the next.

use std::any::Any;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Weak};

use cog_raster::{Raster, Validity};

/// Bytes of blocks that a session keeps, unless it is told otherwise.
pub(crate) const DEFAULT_BYTES: u64 = 32 << 20;

/// The blocks that requests of a session looked at last, up to a number of bytes.
pub(crate) struct DecodedBlocks {
    blocks: Option<moka::sync::Cache<BlockKey, Arc<Raster>>>,
}

/// Which block, and what was read of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BlockKey {
    pub(crate) page: PageKey,
    pub(crate) level: usize,
    pub(crate) place: (u32, u32),
    pub(crate) reading: Arc<Reading>,
}

/// How a block is read.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reading {
    pub(crate) bands: Option<Vec<usize>>,
    pub(crate) raw_color: bool,
    /// The bits of a number.
    pub(crate) nodata: Option<u64>,
    pub(crate) clipped: bool,
    pub(crate) pieces: bool,
}

/// One page of one opened file, by the address of something that it alone has. As long as a key lives, nothing else has that address.
#[derive(Clone, Debug)]
pub(crate) struct PageKey(pub(crate) Weak<dyn Any + Send + Sync>);

impl PartialEq for PageKey {
    fn eq(&self, other: &PageKey) -> bool {
        self.0.ptr_eq(&other.0)
    }
}

impl Eq for PageKey {}

impl Hash for PageKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_ptr().cast::<()>().hash(state);
    }
}

impl DecodedBlocks {
    /// Keeps up to `bytes` bytes; none at all if that is 0.
    pub(crate) fn new(bytes: u64) -> DecodedBlocks {
        let build = || {
            moka::sync::Cache::builder()
                .max_capacity(bytes)
                // What was looked at last counts: a request that goes over an image has no favourites.
                .eviction_policy(moka::policy::EvictionPolicy::lru())
                .weigher(|_, block: &Arc<Raster>| u32::try_from(bytes_of(block)).unwrap_or(u32::MAX))
                .build()
        };
        DecodedBlocks { blocks: (bytes > 0).then(build) }
    }

    pub(crate) fn get(&self, key: &BlockKey) -> Option<Arc<Raster>> {
        self.blocks.as_ref()?.get(key)
    }

    pub(crate) fn keep(&self, blocks: impl Iterator<Item = (BlockKey, Arc<Raster>)>) {
        if let Some(kept) = &self.blocks {
            blocks.for_each(|(key, block)| kept.insert(key, block));
            // Old ones go now, not some time later: blocks are large.
            kept.run_pending_tasks();
        }
    }
}

/// Pixels and validity, with what is around them.
fn bytes_of(block: &Raster) -> usize {
    let (bands, rows, columns) = block.dim();
    let pixels = rows.saturating_mul(columns);
    let masks = match &block.validity {
        Validity::AllValid => 0,
        Validity::Shared(_) => 1,
        Validity::PerBand(masks) => masks.dim().0,
        Validity::Dataset(validity) => 1 + validity.masks.dim().0,
        // No other kind is known here.
        _ => 1,
    };
    let samples = pixels.saturating_mul(bands).saturating_mul(block.pixels.sample_type().size());
    samples.saturating_add(pixels.saturating_mul(masks)).saturating_add(1 << 10)
}
