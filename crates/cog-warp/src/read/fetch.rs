//! Blocks of a part of the output: those that the session does not hold decoded are read together.

use std::collections::HashMap;
use std::sync::Arc;

use cog_raster::Raster;
use cog_read::ReadCost;

use super::blocks::Place;
use super::job::Job;
use crate::error::Result;

/// All of these blocks, by their places.
pub(super) async fn fetch(job: &Job, places: &[Place], cost: &mut ReadCost) -> Result<HashMap<Place, Arc<Raster>>> {
    let (blocks, own) = job.selection.tiles(&job.cog, places, job.level).shared().await?;
    cost.fetch += own.fetch;
    cost.decode += own.decode;
    cost.blocks += own.blocks;
    cost.sparse += own.sparse;
    Ok(places.iter().copied().zip(blocks).collect())
}
