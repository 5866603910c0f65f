//! Warped reads as GDAL makes them: chunk by chunk, each from the part of the level that GDAL would read for it.

use std::sync::Arc;

use cog_raster::Raster;
use cog_read::ReadCost;

use super::blocks::{BlockSize, Joined, Wanted, has_dataset, needed};
use super::copied::copied;
use super::fetch::fetch;
use super::job::{self, Job};
use super::making::Making;
use super::place::Tie;
use super::progress::Progress;
use super::reach::Reach;
use crate::alpha::Alpha;
use crate::error::{Error, Result};
use crate::gdal::{self, Chunk, Forward};
use crate::level::{LevelGrid, Rectangle};
use crate::mapping::{Mapping, SourceGrid};
use crate::method::Kind;
use crate::output::Output;
use crate::sampling::{Ordered, View};

/// What every chunk needs to know. The level is an image of its own, as GDAL's overviews are.
struct Scene {
    mapping: Mapping,
    forward: Forward,
    within: Rectangle,
    source: (u32, u32),
    kind: Kind,
    alpha: Option<Alpha>,
}

impl Scene {
    fn new(job: &Job) -> Result<Scene> {
        let (width, height) = job.layout.level_size;
        let (mapping, forward) = match Tie::of_level(&job.cog, &job.cog.profile()?, (width, height))? {
            Tie::Gcps(gcps) => {
                (Mapping::of_gcps(&job.grid, &job.crs, &gcps)?, Forward::of_gcps(&job.grid, &job.crs, &gcps)?)
            }
            Tie::Transform(transform) => {
                let source = SourceGrid { crs: &job.crs, transform, width, height };
                (Mapping::of_one_turn(&job.grid, &source)?, Forward::new(&job.grid, &source)?)
            }
        };
        let source = (width, height);
        let is_aligned = mapping.aligned(LevelGrid { full: source, size: source }).is_some();
        let kind = if is_aligned { Kind::Nearest } else { job.method.kind() };
        Ok(Scene { mapping, forward, within: job.grid.rectangle(), source, kind, alpha: job.alpha.clone() })
    }

    fn job(&self, kind: Kind) -> gdal::Job<'_> {
        let Scene { mapping, forward, within, source, .. } = self;
        gdal::Job { mapping, forward, within: *within, source: *source, kind }
    }
}

pub(super) async fn run<T: Ordered>(job: Job) -> Result<(Raster, ReadCost)> {
    job::check_size::<T>(&job)?;
    let scene = Arc::new(Scene::new(&job)?);
    let level = LevelGrid { full: scene.source, size: scene.source };
    if let Some(found) = copied(&job, scene.mapping.aligned(level)).await? {
        return Ok(found);
    }
    let cut = job.cutline.as_ref().map(|cutline| cutline.on(&job.grid)).transpose()?;
    let looked_at = job::looked_at(scene.within, cut.as_ref());
    let bands = job.layout.bands.len();
    let blocks = BlockSize { width: job.layout.block_size.0, height: job.layout.block_size.1 };
    let session = job.cog.session().clone();
    let chunks = {
        let scene = Arc::clone(&scene);
        let alpha = job.alpha.as_ref();
        let bytes = alpha.map_or(size_of::<T>().saturating_mul(bands), |alpha| alpha.bytes(size_of::<T>(), bands));
        session.run(move || gdal::chunks(&scene.job(scene.kind), bytes)).await.ok_or(Error::LostWorker)?
    };
    // Chunks are those of the whole; nothing is read for what lies outside of a cut-line.
    let is_looked_at = |part: Rectangle| looked_at.is_some_and(|area| area.intersect(part).is_some());
    let chunks: Vec<Chunk> = chunks.into_iter().filter(|chunk| is_looked_at(chunk.output)).collect();
    chunks.iter().try_for_each(|chunk| check_size::<T>(&job, chunk.source, bands))?;

    let fills: Arc<[T]> = job::fills_of::<T>(&job).into();
    let masks = usize::from(job::keeps_validity(&job, cut.as_ref()));
    let mut whole = Whole { output: Output::new(scene.within, bands, masks)?.filled(&fills), dataset: None };
    let mut making = Making::nothing();
    let mut cost = ReadCost::default();
    let mut progress = Progress::of(job.progress.as_ref(), scene.within.pixels());
    for chunk in chunks {
        let reach = reach_of(chunk.source);
        let places = needed(std::iter::once(reach), blocks);
        let fetched = fetch(&job, &places, &mut cost).await?;
        let alpha = scene.alpha.clone();
        let joined = session.run(move || {
            let dataset = alpha.is_none() && has_dataset(reach, blocks, &fetched);
            Joined::<T>::new(reach, bands, blocks, (&fetched, Wanted { dataset, alpha: alpha.as_ref() }), Vec::new())
        });
        making.collect(|made| progress.told(whole.place(made)?)).await?;
        let joined = Arc::new(joined.await.ok_or(Error::LostWorker)??);
        let work = |strip: Rectangle| {
            let (scene, joined, fills) = (Arc::clone(&scene), Arc::clone(&joined), Arc::clone(&fills));
            move || make(&scene, &joined, (&chunk, strip), &fills)
        };
        let mut strips = gdal::strips(scene.kind, &chunk);
        strips.retain(|strip| is_looked_at(*strip));
        making = Making::start(&session, strips.into_iter().rev().map(work));
    }
    making.collect(|made| progress.told(whole.place(made)?)).await?;
    // What sees nothing of the source is done already.
    progress.finish();
    Ok((job::finish(&job, cut.as_ref(), whole.output, whole.dataset)?, cost))
}

/// What a part of the output became: its pixels, and the image's validity if that is not its bands'.
struct Made<T> {
    output: Output<T>,
    dataset: Option<Output<u8>>,
}

/// The whole output.
struct Whole<T> {
    output: Output<T>,
    /// The image's validity, from the first part on that has one.
    dataset: Option<Output<u8>>,
}

impl<T: Ordered> Whole<T> {
    /// Takes in a part. Returns how many pixels it has.
    fn place(&mut self, Made { output: part, dataset: mask }: Made<T>) -> Result<usize> {
        self.output.place(&part);
        let pixels = part.within.pixels();
        if self.output.valid.is_empty() {
            return Ok(pixels);
        }
        match (mask, self.dataset.as_mut()) {
            (Some(mask), Some(all)) => all.place(&mask),
            (Some(mask), None) => {
                // Until here the image was valid where its bands were.
                let mut all = self.output.union()?;
                all.place(&mask);
                self.dataset = Some(all);
            }
            (None, Some(all)) => all.place(&part.union()?),
            (None, None) => {}
        }
        Ok(pixels)
    }
}

fn reach_of(part: Rectangle) -> Reach {
    Reach { left: part.column, top: part.row, right: part.column + part.width, bottom: part.row + part.height }
}

/// GDAL's chunks are small, but a few pixels may see all of an image.
fn check_size<T>(job: &Job, part: Rectangle, bands: usize) -> Result<()> {
    let pixel = (bands as u64).saturating_mul(size_of::<T>() as u64).saturating_add(1);
    let bytes = u64::from(part.width).saturating_mul(part.height.into()).saturating_mul(pixel);
    let limit = job.cog.session().limits().max_output_bytes;
    if bytes > limit {
        return Err(Error::SourcePartTooLarge { columns: part.width, rows: part.height, bytes, limit });
    }
    Ok(())
}

fn make<T: Ordered>(
    scene: &Scene,
    joined: &Joined<T>,
    (chunk, strip): (&Chunk, Rectangle),
    fills: &[T],
) -> Result<Made<T>> {
    let view = View { alpha: scene.alpha.as_ref(), ..joined.view() };
    let mut output = gdal::make(&view, &scene.job(scene.kind), chunk, strip)?;
    output.fill_invalid(fills);
    let mask = |view| gdal::make(&view, &scene.job(scene.kind.of_mask()), chunk, strip);
    Ok(Made { output, dataset: joined.dataset().map(mask).transpose()? })
}
