//! Warped reads by exact places: part by part of the output, each from the blocks that it looks at.

use std::collections::VecDeque;
use std::sync::Arc;

use cog_raster::Raster;
use cog_read::{ReadCost, Session};

use super::blocks::{BlockSize, needed};
use super::copied::copied;
use super::job::{self, Job};
use super::making::Making;
use super::place::Tie;
use super::plan::{self, Piece};
use super::progress::Progress;
use super::reading::{Batch, Reading};
use super::scene::Scene;
use super::squares::Squares;
use crate::error::{Error, Result};
use crate::level::{LevelGrid, Rectangle};
use crate::mapping::{Mapping, SourceGrid};
use crate::method::Kind;
use crate::sampling::Ordered;

/// Decoded blocks of what is made together, at most, unless a single piece needs more.
pub(super) const BATCH_BYTES: usize = 16 << 20;

/// Squares that are made one after the other, with the memory that one takes.
const GROUP: usize = 6;

pub(super) async fn run<T: Ordered>(job: Job) -> Result<(Raster, ReadCost)> {
    let bands = job.layout.bands.len();
    let rectangle = job.grid.rectangle();
    job::check_size::<T>(&job)?;
    let full = (job.cog.width()?, job.cog.height()?);
    let mapping = match &job.tie {
        Tie::Gcps(gcps) => Mapping::of_gcps(&job.grid, &job.crs, gcps)?,
        Tie::Transform(transform) => {
            let source = SourceGrid { crs: &job.crs, transform: *transform, width: full.0, height: full.1 };
            Mapping::new(&job.grid, &source)?
        }
    };
    let level = LevelGrid { full, size: job.layout.level_size };
    if let Some(found) = copied(&job, mapping.aligned(level)).await? {
        return Ok(found);
    }
    let scene = Arc::new(Scene {
        kind: if mapping.aligned(level).is_some() { Kind::Nearest } else { job.method.kind() },
        level,
        blocks: BlockSize { width: job.layout.block_size.0, height: job.layout.block_size.1 },
        mapping,
        bands,
        alpha: job.alpha.clone(),
    });
    let cut = job.cutline.as_ref().map(|cutline| cutline.on(&job.grid)).transpose()?;
    let looked_at = job::looked_at(rectangle, cut.as_ref());
    let fills = job::fills_of::<T>(&job);
    let output = Squares::new(rectangle, job::keeps_validity(&job, cut.as_ref()), fills)?;
    let output = Arc::new(output);
    let mut making = Making::nothing();
    let session = job.cog.session().clone();
    let mut cost = ReadCost::default();
    let mut progress = Progress::of(job.progress.as_ref(), looked_at.map_or(0, |r| r.pixels()));
    let mut sections = looked_at.into_iter().flat_map(plan::sections);
    let mut next = || sections.next().map(|section| (section, planned::<T>(&session, &scene, section)));
    let (mut planning, mut batches) = (next(), VecDeque::new());
    let mut reading = Reading::new(&job);
    loop {
        // Blocks of the next batches are fetched and decoded while those before become pixels.
        while reading.has_room() {
            if batches.front().is_some_and(|batch| !reading.has_room_for(batch)) {
                break;
            }
            let Some(batch) = batches.pop_front() else {
                let Some((section, plan)) = planning.take() else { break };
                batches = plan.await.ok_or(Error::LostWorker)?;
                // The next part is planned while this one is read.
                planning = next();
                // What looks at nothing is done already.
                progress.tell(section.pixels() - batches.iter().map(Batch::pixels).sum::<usize>());
                continue;
            };
            reading.begin(batch);
        }
        let Some((pieces, blocks)) = reading.next(&mut cost).await? else { break };
        making.collect(|pixels| progress.told(pixels)).await?;
        let blocks = Arc::new(blocks);
        let work = |pieces: Vec<Piece>| {
            let (scene, blocks, output) = (Arc::clone(&scene), Arc::clone(&blocks), Arc::clone(&output));
            move || scene.make(&pieces, &blocks, &output)
        };
        let groups: Vec<Vec<Piece>> = pieces.chunks(GROUP).map(<[Piece]>::to_vec).collect();
        making = Making::start(&session, groups.into_iter().map(work));
    }
    making.collect(|pixels| progress.told(pixels)).await?;
    drop(reading);
    // Whoever wrote to it is done.
    let (output, dataset) = Arc::into_inner(output).ok_or(Error::LostWorker)?.finish()?;
    Ok((job::finish(&job, cut.as_ref(), output, dataset)?, cost))
}

/// Plans a section, and cuts it where its blocks would take too much memory at once; from now on, on a thread that decodes.
fn planned<T: Ordered>(
    session: &Session,
    scene: &Arc<Scene>,
    section: Rectangle,
) -> impl Future<Output = Option<VecDeque<Batch>>> + Send + use<T> {
    let scene = Arc::clone(scene);
    session.run(move || {
        let pieces = plan::pieces(scene.kind, &scene.frame((0, 0)), section);
        let mut batches = VecDeque::new();
        cut::<T>(&scene, pieces, &mut batches);
        batches
    })
}

fn cut<T>(scene: &Scene, mut pieces: Vec<Piece>, batches: &mut VecDeque<Batch>) {
    if pieces.is_empty() {
        return;
    }
    let places = needed(pieces.iter().flat_map(|piece| &piece.parts).map(|part| part.reach), scene.blocks);
    let block = (scene.blocks.width as usize).saturating_mul(scene.blocks.height as usize);
    let bytes = places.len().saturating_mul(block).saturating_mul(scene.bands).saturating_mul(size_of::<T>());
    if bytes > BATCH_BYTES && pieces.len() > 1 {
        let rest = pieces.split_off(pieces.len() / 2);
        cut::<T>(scene, pieces, batches);
        cut::<T>(scene, rest, batches);
        return;
    }
    batches.push_back(Batch { pieces, places, bytes });
}
