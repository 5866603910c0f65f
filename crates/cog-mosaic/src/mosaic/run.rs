//! A read of a mosaic, from the request to the raster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use cog_raster::{Nodata, Pixels, Raster, Sample, SampleType, dispatch};
use cog_read::ReadCost;
use cog_warp::{OutputGrid, extent_of};
use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;

use super::accumulate::shape::{output_bands, output_type};
use super::collection::Mosaic;
use super::globe::Globe;
use super::job::{Job, Look, first_of};
use super::masks::Masks;
use super::options::OnError;
use super::piece::{self, Made};
use super::pieces::{self, Piece};
use super::rectangle::Rectangle;
use super::report::{MosaicReport, Skipped};
use super::request::{MosaicProgress, MosaicRead};
use super::selection::PixelSelection;
use crate::error::{Error, Result};

/// Parts of the output that are made at once, if memory allows.
const PIECES_AT_ONCE: usize = 8;

pub(super) async fn grid_of(request: &MosaicRead) -> Result<OutputGrid> {
    if let Some(grid) = &request.wanted.grid {
        return Ok(grid.clone());
    }
    let skips = request.on_error == OnError::Skip;
    let (number, cogs) = request.mosaic.first(skips).await?;
    let extent = first_of(cogs).and_then(|cog| Ok(extent_of(cog)?));
    let extent = extent.map_err(|error| request.mosaic.of_source(error, *number))?;
    request.wanted.build(&request.mosaic, &extent, skips).await
}

pub(super) async fn run(request: MosaicRead) -> Result<(Raster, MosaicReport)> {
    let grid = grid_of(&request).await?;
    let MosaicRead { mosaic, method, selection, samples, on_error, pace, progress, .. } = request;
    let skips = on_error == OnError::Skip;
    let look = Look::at(&mosaic, &samples, selection, skips).await?;
    let sources = mosaic.sources().len();
    let (out_type, out_bands) =
        (output_type(selection, look.sample_type, sources), output_bands(selection, look.numbers.len()));
    check_size(&mosaic, &grid, out_bands, out_type)?;
    let nodata = look.nodata_of(selection);
    let job = Job {
        globe: Globe::of(grid.crs()),
        grid,
        method,
        selection,
        bands: look.bands,
        sample_type: look.sample_type,
        layer_bands: look.numbers.len(),
        fill: samples.fill.map(Nodata::Float).or(nodata),
        samples,
        skips,
        reads: Semaphore::new(pace.at_once),
        pace,
        failed: Mutex::default(),
        mosaic,
    };
    let pieces = pieces::cut(&job).await?;
    let pixels = u64::from(job.grid.width()) * u64::from(job.grid.height());
    let tell = |done: u64| {
        if let Some(hook) = &progress {
            (hook.0)(MosaicProgress { done, pixels });
        }
    };
    tell(0);
    let mut canvas = Canvas::new(&job, out_type, out_bands, pieces.len())?;
    let mut found = Found::default();
    let mut open = pixels;
    {
        // Bytes in units of which no piece has more than can be counted.
        let memory = Semaphore::new(pieces::units(job.pace.memory) as usize);
        let (job, memory) = (&job, &memory);
        let make = |piece: Piece| async move {
            // Nobody closes it.
            let _held = memory.acquire_many(pieces::units(piece.bytes).min(pieces::units(job.pace.memory))).await;
            piece::make(job, piece).await
        };
        let mut made = stream::iter(pieces).map(make).buffered(PIECES_AT_ONCE);
        while let Some(piece) = made.next().await {
            let piece = piece?;
            open -= (piece.at.pixels() as u64).min(open);
            found.add(&piece);
            canvas.place(piece)?;
            if open > 0 {
                tell(pixels - open);
            }
        }
    }
    tell(pixels);
    let report = found.report(&job);
    let (pixels, validity) = canvas.finish()?;
    let mut raster = Raster::new(pixels, validity);
    raster.transform = Some(job.grid.transform());
    raster.epsg = job.grid.crs().epsg().and_then(|code| u16::try_from(code).ok());
    raster.bands = look.numbers.into_iter().take(out_bands).collect();
    raster.band_names = look.names.into_iter().take(out_bands).collect();
    raster.nodata = nodata;
    Ok((raster, report))
}

/// Refuses an output over the session's limit.
fn check_size(mosaic: &Mosaic, grid: &OutputGrid, bands: usize, sample_type: SampleType) -> Result<()> {
    let pixel = (bands as u64).saturating_mul(sample_type.size() as u64).saturating_add(1);
    let bytes = u64::from(grid.width()).saturating_mul(grid.height().into()).saturating_mul(pixel);
    let limit = mosaic.session().limits().max_output_bytes;
    if bytes > limit { Err(cog_warp::Error::TooLarge { bytes, limit }.into()) } else { Ok(()) }
}

/// The output while its parts are made.
struct Canvas {
    width: usize,
    height: usize,
    /// What parts are placed in; nothing while there may be one part that is all.
    pixels: Option<(Pixels, Masks)>,
    fill: Option<Nodata>,
    sample_type: SampleType,
    bands: usize,
    is_count: bool,
}

impl Canvas {
    fn new(job: &Job, sample_type: SampleType, bands: usize, pieces: usize) -> Result<Canvas> {
        let (width, height) = (job.grid.width() as usize, job.grid.height() as usize);
        let is_count = job.selection == PixelSelection::Count;
        let fill = job.fill.filter(|_| !is_count);
        let mut canvas = Canvas { width, height, pixels: None, fill, sample_type, bands, is_count };
        if pieces != 1 {
            canvas.prepare()?;
        }
        Ok(canvas)
    }

    fn prepare(&mut self) -> Result<()> {
        if self.pixels.is_some() {
            return Ok(());
        }
        let shape = (self.bands, self.height, self.width);
        let bytes = [self.bands, self.height, self.width, self.sample_type.size()].iter().map(|n| *n as u64).product();
        let pixels =
            Pixels::filled(self.sample_type, shape, self.fill).ok_or(cog_warp::Error::OutOfMemory { bytes })?;
        let plane = self.width * self.height;
        // Where no source is, the count is 0, which is true.
        self.pixels = Some((pixels, if self.is_count { Masks::all(plane) } else { Masks::nothing(plane) }));
        Ok(())
    }

    fn place(&mut self, piece: Made) -> Result<()> {
        if self.pixels.is_none() && piece.at == Rectangle::all(self.width, self.height) {
            self.pixels = Some((piece.pixels, piece.masks));
            return Ok(());
        }
        self.prepare()?;
        let (width, bands) = (self.width, self.bands);
        let Some((pixels, masks)) = &mut self.pixels else { return Ok(()) };
        if piece.masks.planes > 1 {
            masks.spread(bands);
        }
        masks.or(&piece.masks, piece.at, width);
        let (sample_type, other) = (pixels.sample_type(), piece.pixels.sample_type());
        dispatch!(sample_type, T => paint::<T>(pixels, piece.pixels, piece.at), _ => Err(cog_warp::Error::SampleType { sample_type: other }.into()))
    }

    fn finish(mut self) -> Result<(Pixels, cog_raster::Validity)> {
        self.prepare()?;
        let (pixels, masks) = self.pixels.ok_or(Error::Internal { what: "a mosaic has no pixels" })?;
        Ok((pixels, masks.into_validity(self.height, self.width)?))
    }
}

/// Puts a part into its place.
fn paint<T: Sample>(all: &mut Pixels, part: Pixels, at: Rectangle) -> Result<()> {
    use cog_raster::ndarray::{Array3, s};
    let internal = |_| Error::Internal { what: "parts of a mosaic are of different types" };
    let part = part.into_array::<T>().map_err(internal)?;
    let taken = std::mem::replace(all, Pixels::from(Array3::<T>::from_elem((0, 0, 0), T::default())));
    let mut array = taken.into_array::<T>().map_err(internal)?;
    array.slice_mut(s![.., at.y..at.y + at.height, at.x..at.x + at.width]).assign(&part);
    *all = Pixels::from(array);
    Ok(())
}

/// What parts were made of.
#[derive(Default)]
struct Found {
    used: BTreeSet<usize>,
    skipped: BTreeMap<usize, Error>,
    cost: ReadCost,
}

impl Found {
    fn add(&mut self, piece: &Made) {
        self.used.extend(&piece.used);
        self.skipped.extend(piece.skipped.iter().map(|(source, error)| (*source, error.clone())));
        self.cost.fetch += piece.cost.fetch;
        self.cost.decode += piece.cost.decode;
        self.cost.blocks += piece.cost.blocks;
        self.cost.sparse += piece.cost.sparse;
    }

    fn report(self, job: &Job) -> MosaicReport {
        let name = |source: usize| {
            let source = job.mosaic.sources().get(source);
            source.map_or_else(|| "".into(), |source| Arc::clone(source.shared_name()))
        };
        MosaicReport {
            used: self.used.into_iter().map(name).collect(),
            skipped: self.skipped.into_iter().map(|(source, error)| Skipped { name: name(source), error }).collect(),
            cost: self.cost,
        }
    }
}
