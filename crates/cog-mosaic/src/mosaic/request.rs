//! The request for the pixels of a mosaic.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use cog_crs::Crs;
use cog_crs::tiles::{Tile, TileMatrixSet};
use cog_raster::{Raster, SampleType};
use cog_warp::{Method, OutputGrid, TileGrid};

use super::collection::Mosaic;
use super::grid::{Size, Wanted};
use super::options::{OnError, Pace, Samples};
use super::report::MosaicReport;
use super::run;
use super::selection::PixelSelection;
use crate::error::Result;

/// Sources that are read at once.
const AT_ONCE: usize = 16;

/// Bytes that sources take while a mosaic is made.
const MEMORY: u64 = 192 << 20;

/// A request for the pixels of a mosaic; await it to get a [`Raster`] of exactly the grid that was asked for.
///
/// Without more it is everything in the CRS and at the resolution of the first source. What no source covers is not valid, and is filled with
/// nodata, or with 0 where the first source has none; so is all of an output that no source lies in.
///
/// What a pixel gets does not depend on the part of a grid that is asked for, nor on what arrives first: sources count in the order of
/// the mosaic. Sources are read in parts of the output that are as large as [`memory`](Self::memory) allows.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct MosaicRead {
    pub(super) mosaic: Mosaic,
    pub(super) wanted: Wanted,
    pub(super) method: Method,
    pub(super) selection: PixelSelection,
    pub(super) samples: Samples,
    pub(super) on_error: OnError,
    pub(super) pace: Pace,
    pub(super) progress: Option<Hook>,
}

/// How far a read of a mosaic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MosaicProgress {
    /// Pixels of the output that are made.
    pub done: u64,
    /// All of them.
    pub pixels: u64,
}

/// What is called as a read goes on.
#[derive(Clone)]
pub(super) struct Hook(pub(super) Arc<dyn Fn(MosaicProgress) + Send + Sync>);

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hook")
    }
}

impl Mosaic {
    /// A read of any part in any grid.
    pub fn read(&self) -> MosaicRead {
        MosaicRead::new(self)
    }

    /// A read of a tile of a tile matrix set, with as many pixels as the set gives it: see [`MosaicRead::grid`] for other sizes.
    ///
    /// # Errors
    /// A tile that the set does not have.
    pub fn tile(&self, set: &TileMatrixSet, tile: Tile) -> Result<MosaicRead> {
        Ok(self.read().grid(TileGrid::new(set, tile).build()?))
    }
}

impl MosaicRead {
    fn new(mosaic: &Mosaic) -> MosaicRead {
        MosaicRead {
            mosaic: mosaic.clone(),
            wanted: Wanted::default(),
            method: Method::default(),
            selection: PixelSelection::default(),
            samples: Samples::default(),
            on_error: OnError::default(),
            pace: Pace { at_once: AT_ONCE, look_ahead: 0, memory: MEMORY },
            progress: None,
        }
    }

    /// Coordinates in this CRS instead of the first source's.
    pub fn crs(mut self, crs: Crs) -> Self {
        self.wanted.crs = Some(crs);
        self
    }

    /// Only what lies within these bounds: minx, miny, maxx, maxy, in the CRS of the output unless [`bounds_crs`](Self::bounds_crs) says
    /// otherwise. Longitudes may run over the antimeridian: minx is then above maxx, as in GeoJSON.
    pub fn bounds(mut self, bounds: [f64; 4]) -> Self {
        self.wanted.bounds = Some(bounds);
        self
    }

    /// The CRS of the bounds. The output covers the rectangle around them in its own CRS.
    pub fn bounds_crs(mut self, crs: Crs) -> Self {
        self.wanted.bounds_crs = Some(crs);
        self
    }

    /// So many rows and columns, whatever that does to the shape of the pixels.
    pub fn shape(mut self, rows: u32, columns: u32) -> Self {
        self.wanted.size = Size::Shape(rows, columns);
        self
    }

    /// So many columns, and as many rows as keep pixels square.
    pub fn width(mut self, columns: u32) -> Self {
        self.wanted.size = Size::Width(columns);
        self
    }

    /// So many rows, and as many columns as keep pixels square.
    pub fn height(mut self, rows: u32) -> Self {
        self.wanted.size = Size::Height(rows);
        self
    }

    /// Neither side is longer than this; nothing is enlarged.
    pub fn max_size(mut self, pixels: u32) -> Self {
        self.wanted.size = Size::Longest(pixels);
        self
    }

    /// Pixels of this width and height, in units of the CRS.
    pub fn resolution(mut self, x: f64, y: f64) -> Self {
        self.wanted.size = Size::Resolution(x, y);
        self
    }

    /// Exactly this grid, or a [`window`](OutputGrid::window) of one, which has the pixels of the whole. CRS, bounds and size do not count then.
    pub fn grid(mut self, grid: OutputGrid) -> Self {
        self.wanted.grid = Some(grid);
        self
    }

    /// How pixels of each source are made; the nearest one unless set.
    pub fn resampling(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Which pixel counts; the first one unless set.
    pub fn pixel_selection(mut self, selection: PixelSelection) -> Self {
        self.selection = selection;
        self
    }

    /// Reads these bands of every source, numbered from 1, in this order. Sources may then have different numbers of bands.
    pub fn bands(mut self, bands: impl IntoIterator<Item = usize>) -> Self {
        self.samples.bands = Some(bands.into_iter().collect());
        self
    }

    /// Pixels of this value hold no data. It replaces what the files say, their masks and alpha bands included.
    pub fn nodata(mut self, nodata: f64) -> Self {
        self.samples.nodata = Some(nodata);
        self
    }

    /// What pixels without data are filled with; nodata of the first source, or 0, unless set.
    pub fn fill(mut self, fill: f64) -> Self {
        self.samples.fill = Some(fill);
        self
    }

    /// Samples of this type instead of the first source's: those of other types are rounded and cut to its range.
    pub fn sample_type(mut self, sample_type: SampleType) -> Self {
        self.samples.sample_type = Some(sample_type);
        self
    }

    /// Applies the scale and offset of each band of each source: pixels come as `f64`, those without data as NaN.
    pub fn unscale(mut self) -> Self {
        self.samples.unscale = true;
        self
    }

    /// Delivers samples as they are stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
    pub fn raw_color(mut self) -> Self {
        self.samples.raw_color = true;
        self
    }

    /// Reads from this level of every source, whatever the size of the output's pixels: 0 is full resolution.
    pub fn level(mut self, level: usize) -> Self {
        self.samples.level = Some(level);
        self
    }

    /// What becomes of a source that fails.
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Sources that are read at once: 16 unless set.
    pub fn at_once(mut self, sources: usize) -> Self {
        self.pace.at_once = sources.max(1);
        self
    }

    /// So many sources are read ahead of time by selections that may need no more ([`First`](PixelSelection::First) and
    /// [`Last`](PixelSelection::Last)): faster where pictures have holes, and read in vain where they have none. None unless set: then a source is
    /// read beside others only if it covers places that none before it does, so that it is needed in any case.
    pub fn look_ahead(mut self, sources: usize) -> Self {
        self.pace.look_ahead = sources;
        self
    }

    /// Bytes that pixels of sources take at once, beside the output and the blocks that are decoded: 192 MiB unless set. Outputs that would
    /// take more are made in parts, at the cost of blocks that are read for two of them.
    pub fn memory(mut self, bytes: u64) -> Self {
        self.pace.memory = bytes;
        self
    }

    /// Calls `hook` before the first pixel and as parts of the output are done.
    pub fn progress(mut self, hook: impl Fn(MosaicProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Hook(Arc::new(hook)));
        self
    }

    /// The grid that the pixels will have.
    ///
    /// # Errors
    /// As [`GridRequest::build`](cog_warp::GridRequest::build), and sources that cannot be opened where they have to be known.
    pub async fn output_grid(&self) -> Result<OutputGrid> {
        run::grid_of(self).await
    }

    /// The pixels, and what they were made of.
    ///
    /// # Errors
    /// The first source, in the order of the mosaic, that fails ([`MosaicError::Source`](crate::MosaicError::Source)) unless it is skipped; sources with
    /// different numbers of bands where none are chosen; bounds without area; an output over the limit of the session.
    pub async fn with_report(self) -> Result<(Raster, MosaicReport)> {
        run::run(self).await
    }
}

impl IntoFuture for MosaicRead {
    type Output = Result<Raster>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Raster>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_report().await?.0) })
    }
}
