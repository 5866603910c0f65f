//! A request with all it needs, and what the first source says of the mosaic.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use cog_crs::Kind;
use cog_raster::{GeoTransform, Nodata, Raster, SampleType};
use cog_read::{Cog, ReadCost, Session};
use cog_warp::{Method, OutputGrid, WarpedRead, extent_of};
use tokio::sync::Semaphore;

use super::bands::Bands;
use super::collection::Mosaic;
use super::globe::Globe;
use super::options::{Pace, Samples};
use super::selection::PixelSelection;
use crate::error::{Error, MosaicError, Result};

/// A request with all it needs.
pub(super) struct Job {
    pub(super) mosaic: Mosaic,
    pub(super) grid: OutputGrid,
    pub(super) globe: Globe,
    pub(super) method: Method,
    pub(super) selection: PixelSelection,
    pub(super) samples: Samples,
    pub(super) bands: Bands,
    /// Of the layers.
    pub(super) sample_type: SampleType,
    pub(super) layer_bands: usize,
    pub(super) fill: Option<Nodata>,
    pub(super) skips: bool,
    pub(super) pace: Pace,
    /// Sources that may be read now.
    pub(super) reads: Semaphore,
    /// Sources that failed, so that no part tries again.
    pub(super) failed: Mutex<HashMap<usize, Error>>,
}

/// What the first source says of the mosaic.
pub(super) struct Look {
    pub(super) bands: Bands,
    /// Numbers of the bands that are read.
    pub(super) numbers: Vec<usize>,
    pub(super) names: Vec<Option<String>>,
    pub(super) sample_type: SampleType,
    pub(super) nodata: Option<Nodata>,
}

impl Job {
    /// What a source has of a window of the grid: a raster of each of its files that bands are read of.
    pub(super) async fn read(&self, source: usize, window: &OutputGrid) -> Result<(Vec<Raster>, ReadCost)> {
        let cogs = self.open(source).await?;
        let read = async {
            let counts = cogs.iter().map(|cog| bands_of(cog, &self.samples)).collect::<Result<Vec<usize>>>()?;
            // Nobody closes it.
            let _held = self.reads.acquire().await;
            let (mut rasters, mut cost) = (Vec::new(), ReadCost::default());
            for (file, bands) in self.bands.of_files(&counts)? {
                let cog = cogs.get(file).ok_or(Error::Internal { what: "a source has fewer files than it says" })?;
                let turned = around_the_globe(cog, window)?;
                let (raster, own) = self.request(cog, turned.as_ref().unwrap_or(window), bands).with_cost().await?;
                cost.fetch += own.fetch;
                cost.decode += own.decode;
                cost.blocks += own.blocks;
                cost.sparse += own.sparse;
                rasters.push(raster);
            }
            Ok((rasters, cost))
        };
        read.await.map_err(|error| self.fail(source, error))
    }

    fn request(&self, cog: &Cog, window: &OutputGrid, bands: Option<Vec<usize>>) -> WarpedRead {
        let mut request = WarpedRead::new(cog, window).method(self.method);
        if let Some(bands) = bands {
            request = request.bands(bands);
        }
        if let Some(nodata) = self.samples.nodata {
            request = request.nodata(nodata);
        }
        if self.samples.raw_color {
            request = request.raw_color();
        }
        if self.samples.unscale {
            request = request.unscale();
        }
        if let Some(level) = self.samples.level {
            request = request.level(level);
        }
        request
    }

    /// Opens a source, unless that failed before.
    pub(super) async fn open(&self, source: usize) -> Result<Arc<[Cog]>> {
        if let Some(error) = self.failed.lock().unwrap_or_else(PoisonError::into_inner).get(&source) {
            return Err(error.clone());
        }
        self.mosaic.open_source(source).await.map_err(|error| self.fail(source, error))
    }

    /// Opens sources to find out where they lie. Those that fail are told of in their turn.
    pub(super) async fn find(&self, sources: &[usize]) {
        let failed: BTreeSet<usize> =
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        let sources: Vec<usize> = sources.iter().copied().filter(|source| !failed.contains(source)).collect();
        for (source, found) in self.mosaic.find(&sources).await {
            if let Err(error) = found {
                self.fail(source, error);
            }
        }
    }

    fn fail(&self, source: usize, error: Error) -> Error {
        let error = self.mosaic.of_source(error, source);
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).insert(source, error.clone());
        error
    }

    pub(super) fn session(&self) -> &Session {
        self.mosaic.session()
    }
}

impl Look {
    /// What the first source of a mosaic says.
    pub(super) async fn at(mosaic: &Mosaic, samples: &Samples, selection: PixelSelection, skips: bool) -> Result<Look> {
        let (number, cogs) = mosaic.first(skips).await?;
        let name = mosaic.sources().get(*number).map(|source| Arc::clone(source.shared_name()));
        let name = name.ok_or(Error::Internal { what: "the first source of a mosaic is none of its sources" })?;
        let look = Look::of(cogs, samples, name).map_err(|error| mosaic.of_source(error, *number))?;
        if selection.is_by_last_band() && look.numbers.len() < 2 {
            return Err(MosaicError::NoBandLeft { selection: selection.to_string() }.into());
        }
        Ok(look)
    }

    /// Nodata of what a selection makes: no count and no deviation is nodata because it has the value that a sample without data has.
    pub(super) fn nodata_of(&self, selection: PixelSelection) -> Option<Nodata> {
        match selection {
            PixelSelection::Count => None,
            PixelSelection::StandardDeviation => Some(Nodata::Float(f64::NAN)),
            _ => self.nodata,
        }
    }

    fn of(cogs: &[Cog], samples: &Samples, first: Arc<str>) -> Result<Look> {
        let counts = cogs.iter().map(|cog| bands_of(cog, samples)).collect::<Result<Vec<usize>>>()?;
        let bands = Bands { chosen: samples.bands.clone(), count: counts.iter().sum(), first };
        let (mut names, mut kind) = (Vec::new(), None);
        for (file, own) in bands.of_files(&counts)? {
            let cog = cogs.get(file).ok_or(Error::Internal { what: "a source has fewer files than it says" })?;
            let mut request = cog.tiles([]);
            if let Some(own) = own {
                request = request.bands(own);
            }
            if let Some(nodata) = samples.nodata {
                request = request.nodata(nodata);
            }
            if samples.raw_color {
                request = request.raw_color();
            }
            let layout = request.layout()?;
            names.extend(layout.band_names.iter().cloned());
            kind = kind.or(Some((layout.sample_type, layout.nodata)));
        }
        let none = || Error::Internal { what: "a source has no band" };
        let (own_type, nodata) = kind.ok_or_else(none)?;
        let (sample_type, nodata) = match samples.unscale {
            true => (SampleType::F64, Some(Nodata::Float(f64::NAN))),
            false => (own_type, nodata),
        };
        let numbers = bands.chosen.clone().unwrap_or_else(|| (1..=bands.count).collect());
        Ok(Look { bands, numbers, names, sample_type: samples.sample_type.unwrap_or(sample_type), nodata })
    }
}

/// The file that says what the mosaic has.
pub(super) fn first_of(cogs: &[Cog]) -> Result<&Cog> {
    cogs.first().ok_or(Error::Internal { what: "a source of a mosaic has no file" })
}

pub(super) fn bands_of(cog: &Cog, samples: &Samples) -> Result<usize> {
    let request = cog.tiles([]);
    let request = if samples.raw_color { request.raw_color() } else { request };
    Ok(request.layout()?.bands.len())
}

/// The same grid a turn to the east or west, where a file of the same CRS lies in it by its longitudes only then: beyond the antimeridian. Between
/// different CRSs warping sees to it.
fn around_the_globe(cog: &Cog, window: &OutputGrid) -> Result<Option<OutputGrid>> {
    let crs = window.crs();
    let is_geographic = matches!(crs.horizontal().kind(), Kind::Geographic | Kind::Geographic3d);
    let Some((_, radians)) = crs.unit().filter(|_| is_geographic) else { return Ok(None) };
    let extent = extent_of(cog)?;
    if extent.crs() != crs {
        return Ok(None);
    }
    let turn = std::f64::consts::TAU / radians;
    // The factor of a degree is rounded.
    let turn = if (turn - 360.0).abs() < 1e-9 { 360.0 } else { turn };
    let ([west, _, east, _], [left, _, right, _]) = (extent.bounds(), window.bounds());
    let meets = |by: f64| left < east + by && west + by < right;
    if meets(0.0) {
        return Ok(None);
    }
    let Some(by) = [turn, -turn].into_iter().find(|by| meets(*by)) else { return Ok(None) };
    let transform = window.transform();
    let transform = GeoTransform { c: transform.c - by, ..transform };
    Ok(Some(OutputGrid::new(crs.clone(), transform, window.width(), window.height())?))
}
