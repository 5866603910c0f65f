//! A warped read from its plan to its pixels.

use std::collections::HashMap;
use std::sync::Arc;

use cog_crs::Crs;
use cog_raster::{Area, Nodata, OverviewStrategy, Pixels, Raster, Window};
use cog_read::{Cog, ReadCost, Session, TilesLayout, TilesRead};

use super::blocks::{BlockSize, Kept, Place, needed};
use super::by_gdal;
use super::choice::{self, Source};
use super::making::{self, Making, Scene};
use super::place::Tie;
use super::plan::{self, Piece};
use super::request::{Hook, WarpProgress};
use crate::cutline::{CutMask, Cutline};
use crate::error::{Error, Result};
use crate::grid::OutputGrid;
use crate::level::{LevelGrid, Rectangle};
use crate::mapping::{Mapping, SourceGrid};
use crate::method::{Kind, Method};
use crate::output::Output;
use crate::sampling::Ordered;

/// Decoded blocks that are kept for the next section.
pub(super) const KEPT_BYTES: usize = 32 << 20;

/// Decoded blocks of what is made together, at most, unless a single piece needs more.
const BATCH_BYTES: usize = 24 << 20;

/// Which samples are read, as all reads say it.
#[derive(Clone, Debug, Default)]
pub(super) struct Selection {
    pub(super) bands: Option<Vec<usize>>,
    pub(super) nodata: Option<f64>,
    pub(super) raw_color: bool,
}

impl Selection {
    pub(super) fn tiles(&self, cog: &Cog, places: &[Place], level: usize) -> TilesRead {
        let mut read = cog.tiles(places.iter().copied()).level(level).clipped();
        if let Some(bands) = &self.bands {
            read = read.bands(bands.iter().copied());
        }
        if let Some(nodata) = self.nodata {
            read = read.nodata(nodata);
        }
        if self.raw_color {
            read = read.raw_color();
        }
        read
    }
}

/// A request with all it needs.
pub(super) struct Job {
    pub(super) cog: Cog,
    pub(super) crs: Crs,
    pub(super) tie: Tie,
    pub(super) grid: OutputGrid,
    pub(super) method: Method,
    pub(super) selection: Selection,
    pub(super) level: usize,
    pub(super) layout: TilesLayout,
    pub(super) unscale: bool,
    pub(super) validity: bool,
    pub(super) fill: Option<f64>,
    pub(super) cutline: Option<Cutline>,
    pub(super) progress: Option<Hook>,
    pub(super) as_gdal: bool,
}

/// The level for a grid: the one that was asked for, or the one whose pixels are as large as the grid's.
pub(super) fn level_of(
    cog: &Cog,
    (crs, tie): (&Crs, &Tie),
    grid: &OutputGrid,
    asked: Option<usize>,
    (strategy, as_gdal): (OverviewStrategy, bool),
) -> Result<usize> {
    let levels = cog.levels()?;
    match asked {
        Some(level) => return Ok(cog.level(level)?.index),
        None if levels.len() < 2 => return Ok(0),
        None => {}
    }
    let source = Source { crs, tie, width: cog.width()?, height: cog.height()? };
    let reduction = match as_gdal {
        true => choice::reduction_of_gdal(&source, grid)?,
        false => choice::reduction(&source, grid.crs(), grid.whole_transform())?,
    };
    let decimations: Vec<(f64, f64)> = levels.iter().map(|l| l.decimation).collect();
    Ok(reduction.map_or(0, |reduction| choice::level(strategy, &decimations, reduction)))
}

/// Pieces that are made together, and their blocks.
struct Batch {
    pieces: Vec<Piece>,
    places: Vec<Place>,
}

pub(super) async fn run<T: Ordered>(job: Job) -> Result<(Raster, ReadCost)> {
    let bands = job.layout.bands.len();
    let rectangle = job.grid.rectangle();
    check_size::<T>(&job, rectangle, bands)?;
    if job.as_gdal {
        return by_gdal::run::<T>(job).await;
    }
    let full = (job.cog.width()?, job.cog.height()?);
    let mapping = match &job.tie {
        Tie::Gcps(gcps) => Mapping::of_gcps(&job.grid, &job.crs, gcps)?,
        Tie::Transform(transform) => {
            let source = SourceGrid { crs: &job.crs, transform: *transform, width: full.0, height: full.1 };
            Mapping::new(&job.grid, &source)?
        }
    };
    let level = LevelGrid { full, size: job.layout.level_size };
    if let Some(found) = plain(&job, mapping.aligned(level)).await? {
        return Ok(found);
    }
    let scene = Arc::new(Scene {
        kind: if mapping.aligned(level).is_some() { Kind::Nearest } else { job.method.kind() },
        level,
        blocks: BlockSize { width: job.layout.block_size.0, height: job.layout.block_size.1 },
        mapping,
        bands,
    });
    let cut = job.cutline.as_ref().map(|cutline| cutline.on(&job.grid)).transpose()?;
    let looked_at = looked_at(rectangle, cut.as_ref());
    let fill = fill_of::<T>(&job);
    let mut output = output_of(&job, cut.as_ref(), fill)?;
    let mut kept = Kept::new(KEPT_BYTES);
    let mut making = Making::nothing();
    let session = job.cog.session().clone();
    let mut dataset: Option<Output<u8>> = None;
    let mut cost = ReadCost::default();
    let mut progress = Progress::of(&job, looked_at.map_or(0, |r| r.pixels()));
    let mut sections = looked_at.into_iter().flat_map(plan::sections);
    let mut next = |session: &Session| sections.next().map(|section| (section, planned::<T>(session, &scene, section)));
    let mut planning = next(&session);
    while let Some((section, plan)) = planning {
        let batches = plan.await.ok_or(Error::LostWorker)?;
        // The next part is planned while this one is read.
        planning = next(&session);
        let mut made = 0;
        for batch in batches {
            // Blocks are fetched while those before become pixels.
            let blocks = fetch(&job, &batch.places, &mut kept, &mut cost).await?;
            making.collect(&mut output, &mut dataset, |pixels| progress.tell(pixels)).await?;
            made += batch.pieces.iter().map(|piece| piece.within.pixels()).sum::<usize>();
            let blocks = Arc::new(blocks);
            let work = |piece: Piece| {
                let (scene, blocks) = (Arc::clone(&scene), Arc::clone(&blocks));
                move || making::make(&scene, &piece, &blocks, fill)
            };
            making = Making::start(&session, batch.pieces.into_iter().map(work));
        }
        // What looks at nothing is done already.
        progress.tell(section.pixels() - made);
    }
    making.collect(&mut output, &mut dataset, |pixels| progress.tell(pixels)).await?;
    Ok((finish(&job, cut.as_ref(), output, dataset)?, cost))
}

/// What pixels without data are filled with.
pub(super) fn fill_of<T: Ordered>(job: &Job) -> T {
    job.fill.map(Nodata::Float).or(job.layout.nodata).map_or_else(T::default, T::from_nodata)
}

/// An output without data yet, and without validity where nobody asks for it.
pub(super) fn output_of<T: Ordered>(job: &Job, cut: Option<&CutMask>, fill: T) -> Result<Output<T>> {
    // What is computed from validity at the end needs all of it.
    let keeps_validity = job.validity || job.unscale || cut.is_some();
    let output = Output::new(job.grid.rectangle(), job.layout.bands.len(), usize::from(keeps_validity))?;
    Ok(output.filled(fill))
}

/// What of an output counts: nothing is read for what lies outside of a cut-line.
pub(super) fn looked_at(all: Rectangle, cut: Option<&CutMask>) -> Option<Rectangle> {
    let Some(cut) = cut else { return Some(all) };
    let Area { x, y, width, height } = cut.bounds()?;
    Some(Rectangle { column: all.column + x, row: all.row + y, width, height })
}

/// A read of the level's own pixels, as they are, where the grid is the level's; `None` where it is not, or shows none of them.
pub(super) async fn plain(job: &Job, first: Option<(f64, f64)>) -> Result<Option<(Raster, ReadCost)>> {
    let Some((column, row)) = first else { return Ok(None) };
    let Rectangle { column: x, row: y, width, height } = job.grid.rectangle();
    let window =
        Window { column: column + f64::from(x), row: row + f64::from(y), width: width.into(), height: height.into() };
    let (w, h) = job.layout.level_size;
    let is_beside = |first: f64, length: f64, of: u32| first + length <= 0.0 || first >= f64::from(of);
    if is_beside(window.column, window.width, w) || is_beside(window.row, window.height, h) {
        return Ok(None);
    }
    let mut request = job.cog.read().level(job.level).window(window).boundless(job.fill);
    if let Some(bands) = &job.selection.bands {
        request = request.bands(bands.iter().copied());
    }
    if let Some(nodata) = job.selection.nodata {
        request = request.nodata(nodata);
    }
    if job.selection.raw_color {
        request = request.raw_color();
    }
    if job.unscale {
        request = request.unscale();
    }
    let mut progress = Progress::of(job, job.grid.rectangle().pixels());
    let (mut raster, cost) = request.with_cost().await?;
    raster.transform = Some(job.grid.transform());
    raster.window = Window::new(0, 0, width, height);
    if let Some(cutline) = &job.cutline {
        let own = raster.nodata;
        raster.nodata = job.fill.map(Nodata::Float).or(own);
        cutline.on(&job.grid)?.cut(&mut raster, 0, 0);
        raster.nodata = own;
    }
    progress.finish();
    Ok(Some((raster, cost)))
}

/// How far a read is.
pub(super) struct Progress {
    hook: Option<Hook>,
    done: u64,
    all: u64,
}

impl Progress {
    /// At the beginning, and says so.
    pub(super) fn of(job: &Job, pixels: usize) -> Progress {
        let mut progress = Progress { hook: job.progress.clone(), done: 0, all: pixels as u64 };
        progress.tell(0);
        progress
    }

    /// Says that all is done, unless that was said.
    pub(super) fn finish(&mut self) {
        if self.done < self.all {
            self.tell((self.all - self.done) as usize);
        }
    }

    pub(super) fn tell(&mut self, pixels: usize) {
        self.done += pixels as u64;
        if let Some(Hook(hook)) = &self.hook {
            hook(WarpProgress { done: self.done, pixels: self.all });
        }
    }
}

fn check_size<T>(job: &Job, rectangle: Rectangle, bands: usize) -> Result<()> {
    // Values as f64 beside those that they are made from; a byte of validity.
    let sample = size_of::<T>() as u64 + if job.unscale { 8 } else { 0 };
    let pixel = (bands as u64).saturating_mul(sample).saturating_add(1);
    let bytes = u64::from(rectangle.width).saturating_mul(rectangle.height.into()).saturating_mul(pixel);
    let limit = job.cog.session().limits().max_output_bytes;
    if bytes > limit { Err(Error::TooLarge { bytes, limit }) } else { Ok(()) }
}

/// Plans a section, and cuts it where its blocks would take too much memory at once; from now on, on a thread that decodes.
fn planned<T: Ordered>(
    session: &Session,
    scene: &Arc<Scene>,
    section: Rectangle,
) -> impl Future<Output = Option<Vec<Batch>>> + Send + use<T> {
    let scene = Arc::clone(scene);
    session.run(move || {
        let pieces = plan::pieces(scene.kind, &scene.frame((0, 0)), section);
        let mut batches = Vec::new();
        cut::<T>(&scene, pieces, &mut batches);
        batches
    })
}

fn cut<T>(scene: &Scene, mut pieces: Vec<Piece>, batches: &mut Vec<Batch>) {
    if pieces.is_empty() {
        return;
    }
    let places = needed(pieces.iter().map(|p| p.reach), scene.blocks);
    let block = (scene.blocks.width as usize).saturating_mul(scene.blocks.height as usize);
    let bytes = places.len().saturating_mul(block).saturating_mul(scene.bands).saturating_mul(size_of::<T>());
    if bytes > BATCH_BYTES && pieces.len() > 1 {
        let rest = pieces.split_off(pieces.len() / 2);
        cut::<T>(scene, pieces, batches);
        cut::<T>(scene, rest, batches);
        return;
    }
    batches.push(Batch { pieces, places });
}

/// All blocks of a batch: those that are not there yet are read together.
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

/// Leaves out what a cut-line cuts off.
pub(super) fn finish<T: Ordered>(
    job: &Job,
    cut: Option<&CutMask>,
    mut output: Output<T>,
    mut dataset: Option<Output<u8>>,
) -> Result<Raster> {
    if let Some(cut) = cut {
        output.weigh(|rows, weights| cut.fill(rows, weights));
        output.fill_invalid(fill_of(job));
        dataset.iter_mut().for_each(|mask| mask.weigh(|rows, weights| cut.fill(rows, weights)));
    }
    let (samples, validity) = output.finish(dataset).ok_or(Error::WrongSize)?;
    let (mut pixels, mut nodata) = (Pixels::from(samples), job.layout.nodata);
    if job.unscale {
        pixels = pixels.unscaled(&validity, &job.layout.scales);
        nodata = Some(Nodata::Float(f64::NAN));
    }
    let mut raster = Raster::new(pixels, validity);
    raster.level = job.level;
    raster.transform = Some(job.grid.transform());
    raster.epsg = job.grid.crs().epsg().and_then(|code| u16::try_from(code).ok());
    raster.bands.clone_from(&job.layout.bands);
    raster.nodata = nodata;
    raster.band_names = Arc::clone(&job.layout.band_names);
    Ok(raster)
}
