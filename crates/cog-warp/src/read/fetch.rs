//! Blocks of a part of the output: those that are not there yet are read together.

use std::collections::HashMap;
use std::sync::Arc;

use cog_raster::Raster;
use cog_read::ReadCost;

use super::blocks::{Kept, Place};
use super::job::Job;
use crate::error::Result;

/// Decoded blocks that are kept for the next section.
pub(super) const KEPT_BYTES: usize = 32 << 20;

/// All of these blocks, by their places.
pub(super) async fn fetch(
    job: &Job,
    places: &[Place],
    kept: &mut Kept,
    cost: &mut ReadCost,
) -> Result<HashMap<Place, Arc<Raster>>> {
    let mut blocks: HashMap<Place, Arc<Raster>> =
        places.iter().filter_map(|place| Some((*place, kept.get(*place)?))).collect();
    let missing: Vec<Place> = places.iter().copied().filter(|place| !blocks.contains_key(place)).collect();
    if missing.is_empty() {
        return Ok(blocks);
    }
    let (rasters, own) = job.selection.tiles(&job.cog, &missing, job.level).with_cost().await?;
    cost.fetch += own.fetch;
    cost.decode += own.decode;
    cost.blocks += own.blocks;
    cost.sparse += own.sparse;
    for (place, raster) in missing.iter().zip(rasters) {
        let raster = Arc::new(raster);
        kept.add(*place, Arc::clone(&raster));
        blocks.insert(*place, raster);
    }
    Ok(blocks)
}
