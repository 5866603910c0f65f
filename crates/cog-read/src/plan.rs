//! Which blocks a read needs, and where they lie.

use std::ops::Range;
use std::sync::Arc;

use cog_tiff::{BlockLocation, Compression, Stop};

use crate::canvas::Tiling;
use crate::error::{Error, Result};
use crate::header_bytes::HeaderBytes;
use crate::layer::Layer;
use crate::session::Session;

/// One block of one target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    /// Number of the target, from 0.
    pub(crate) target: usize,
    pub(crate) x: u32,
    pub(crate) y: u32,
    /// Of planar images: which plane.
    pub(crate) plane: Option<u32>,
    /// Entry in the tables.
    pub(crate) index: u64,
    pub(crate) location: BlockLocation,
}

impl Job {
    /// The bytes worth reading. Byte counts come from the file: no block is read far beyond what a codec could use, and an
    /// uncompressed one not beyond its size.
    pub(crate) fn range(&self, layer: &Layer) -> Range<u64> {
        let BlockLocation { offset, length } = self.location;
        let spec = layer.spec(self.y);
        let encoded = spec.encoded_len().map_or(u64::MAX, |n| n as u64);
        let most = match spec.compression {
            Compression::None => encoded,
            _ => encoded.saturating_mul(4).saturating_add(1 << 20),
        };
        offset..offset.saturating_add(length.min(most))
    }
}

/// The blocks of a layer that touch a canvas and have an entry in the tables, row by row, plane after plane.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    pub(crate) jobs: Vec<Job>,
    /// Blocks that have no entry: a grid may claim any number of blocks, the tables are as long as the file says. Blocks
    /// behind their end were never written.
    pub(crate) unwritten: u64,
}

impl Blocks {
    /// Lists them. `bands` are those of the image, from 0.
    pub(crate) fn of(target: usize, layer: &Layer, tiling: &Tiling, bands: &[usize]) -> Blocks {
        let grid = &layer.image.grid;
        let planes: Vec<Option<u32>> = if layer.is_planar() {
            let mut planes: Vec<u32> = bands.iter().map(|band| *band as u32).collect();
            planes.sort_unstable();
            planes.dedup();
            planes.into_iter().map(Some).collect()
        } else {
            vec![None]
        };
        let rows = tiling.rows().start..tiling.rows().end.min(grid.down());
        let columns = tiling.columns().start..tiling.columns().end.min(grid.across());
        let all = (rows.len() as u64).saturating_mul(columns.len() as u64).saturating_mul(planes.len() as u64);
        let entries = layer.table.entry_count();
        let location = BlockLocation { offset: 0, length: 0 };
        let mut jobs = Vec::new();
        for plane in planes {
            let cells = rows.clone().flat_map(|y| columns.clone().map(move |x| (x, y)));
            let indexed = cells.map(|(x, y)| (x, y, grid.index(x, y, plane.unwrap_or(0))));
            // Within a plane the index grows, so the first behind the end is followed by no other.
            for (x, y, index) in indexed {
                let Some(index) = index.filter(|index| *index < entries) else { break };
                jobs.push(Job { target, x, y, plane, index, location });
            }
        }
        let unwritten = all.saturating_sub(jobs.len() as u64);
        Blocks { jobs, unwritten }
    }
}

/// Everything about a layer that can be refused before a byte is fetched.
pub(crate) fn check(session: &Session, location: &Arc<str>, layer: &Layer, level: usize) -> Result<()> {
    let spec = layer.spec(0);
    let failed = |source| Error::Image { location: Arc::clone(location), level, source };
    session.codecs().supports(&spec).map_err(failed)?;
    let limit = session.limits().max_output_bytes;
    let bytes = spec.output_len().map_or(u64::MAX, |n| n as u64).max(spec.encoded_len().map_or(u64::MAX, |n| n as u64));
    if bytes > limit {
        return Err(Error::TooLarge { location: Arc::clone(location), what: "block", bytes, limit });
    }
    Ok(())
}

/// Looks up where the blocks of all targets lie, in as few round trips as one of them would take. The jobs of a target
/// stand together; `layer` gives the layer of a target.
pub(crate) async fn locate<'a>(
    header: &HeaderBytes,
    layer: impl Fn(usize) -> Option<&'a Layer>,
    jobs: &mut [Job],
) -> Result<()> {
    let found = header
        .lookup(|known| {
            let mut found = Vec::with_capacity(jobs.len());
            let mut need = Vec::new();
            for jobs in jobs.chunk_by(|a, b| a.target == b.target) {
                let Some(layer) = jobs.first().and_then(|job| layer(job.target)) else { continue };
                match layer.table.locations(known, jobs.iter().map(|job| job.index)) {
                    Ok(locations) => found.extend(locations),
                    Err(Stop::Need(ranges)) => need.extend(ranges),
                    Err(failed) => return Err(failed),
                }
            }
            if need.is_empty() { Ok(found) } else { Err(Stop::Need(need)) }
        })
        .await?;
    for (job, location) in jobs.iter_mut().zip(found) {
        job.location = location;
    }
    Ok(())
}
