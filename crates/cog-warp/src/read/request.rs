//! The request for a file's pixels in another grid.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use cog_crs::Crs;
use cog_raster::{OverviewStrategy, Raster, dispatch};
use cog_read::{Cog, ReadCost};

use super::job::{Job, Selection, alpha_of, level_of};
use super::place::{Tie, own_crs};
use super::progress::{Hook, WarpProgress};
use super::{by_gdal, exact};
use crate::cutline::Cutline;
use crate::error::{Error, Result};
use crate::grid::OutputGrid;
use crate::method::Method;

/// A request for a file's pixels in a grid; await it to get a [`Raster`] of exactly this grid.
///
/// What lies outside the file, or has no place in its CRS, is not valid: it is filled with nodata, or with 0 where the file has none.
/// Where the grid is the file's own, or that of an overview, pixels are copied.
///
/// Blocks of the file are fetched as for any read: those that a part of the output needs are known before the first is asked for,
/// and neighbours are merged. Large outputs are made in parts of 1024 × 1024 pixels, so that memory is bounded beside the output itself.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use cog_warp::reader::Cog;
/// use cog_warp::{Method, OutputGrid, WarpedRead};
///
/// let cog = Cog::open("https://example.com/utm.tif").await?;
/// let grid = OutputGrid::of_bounds("EPSG:3857".parse()?, [1.0e6, 6.0e6, 1.1e6, 6.1e6], 512, 512)?;
/// let raster = WarpedRead::new(&cog, &grid).method(Method::Bilinear).await?;
/// assert_eq!(raster.dim().1, 512);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct WarpedRead {
    cog: Cog,
    grid: OutputGrid,
    method: Method,
    level: Option<usize>,
    overviews: OverviewStrategy,
    crs: Option<Crs>,
    selection: Selection,
    fill: Option<f64>,
    unscale: bool,
    validity: bool,
    cutline: Option<Cutline>,
    progress: Option<Hook>,
    as_gdal: bool,
}

impl WarpedRead {
    /// All bands of a file, nearest neighbour.
    pub fn new(cog: &Cog, grid: &OutputGrid) -> WarpedRead {
        WarpedRead {
            cog: cog.clone(),
            grid: grid.clone(),
            method: Method::default(),
            level: None,
            overviews: cog.session().read_defaults().overviews,
            crs: None,
            selection: Selection::default(),
            fill: None,
            unscale: false,
            validity: true,
            cutline: None,
            progress: None,
            as_gdal: false,
        }
    }

    /// How pixels are made.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// As GDAL 3.10 warps with its defaults ([`Warp::gdal`](crate::Warp::gdal)), from the level that is asked for or that `gdalwarp -ovr AUTO` takes.
    /// The pixels are those that the whole level as an array would give; of it the part alone is read that GDAL's chunks see, chunk by
    /// chunk. For comparison and migration: a part does not have the pixels of the whole then.
    pub fn gdal(mut self) -> Self {
        self.as_gdal = true;
        self
    }

    /// Reads from this level, whatever the size of the grid's pixels: 0 is full resolution.
    pub fn level(mut self, level: usize) -> Self {
        self.level = Some(level);
        self
    }

    /// How the level is chosen; as GDAL does unless set. What counts is the size of the grid's pixels over all of the source, whichever
    /// part of it the grid shows: windows of a grid, and tiles side by side, come from one level.
    pub fn overviews(mut self, choice: OverviewStrategy) -> Self {
        self.overviews = choice;
        self
    }

    /// Reads these bands, numbered from 1, in this order.
    pub fn bands(mut self, bands: impl IntoIterator<Item = usize>) -> Self {
        self.selection.bands = Some(bands.into_iter().collect());
        self
    }

    /// Pixels of this value hold no data. It replaces what the file says, its mask and alpha band included.
    pub fn nodata(mut self, nodata: f64) -> Self {
        self.selection.nodata = Some(nodata);
        self
    }

    /// What pixels without data are filled with; nodata, or 0, unless set.
    pub fn fill(mut self, fill: f64) -> Self {
        self.fill = Some(fill);
        self
    }

    /// Applies each band's scale and offset: pixels come as `f64`, those without data as NaN.
    pub fn unscale(mut self) -> Self {
        self.unscale = true;
        self
    }

    /// Leaves out validity, which takes a byte for each pixel: pixels without data have the value that they are filled with, and nothing else
    /// tells them. It is kept where [`unscale`](Self::unscale) or a [`cutline`](Self::cutline) needs it.
    pub fn without_validity(mut self) -> Self {
        self.validity = false;
        self
    }

    /// Takes the file's coordinates for those of this CRS, whatever the file says.
    pub fn source_crs(mut self, crs: Crs) -> Self {
        self.crs = Some(crs);
        self
    }

    /// Polygons outside of which nothing is valid, in any CRS. Blocks that only lie outside are not read.
    pub fn cutline(mut self, cutline: Cutline) -> Self {
        self.cutline = Some(cutline);
        self
    }

    /// Delivers samples as they are stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
    pub fn raw_color(mut self) -> Self {
        self.selection.raw_color = true;
        self
    }

    /// Calls `hook` before the first pixel and as parts of the output are done.
    pub fn progress(mut self, hook: impl Fn(WarpProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Hook(Arc::new(hook)));
        self
    }

    /// The pixels, and what it cost to read them.
    ///
    /// # Errors
    /// As awaiting the request: a file without CRS or transform, CRSs without a way between them, levels and bands that do not exist, an output
    /// (by [`gdal`](Self::gdal), a part of the source too) over the limit of the session, and what reading the file says.
    pub async fn with_cost(self) -> Result<(Raster, ReadCost)> {
        let profile = self.cog.profile()?;
        let tie = Tie::of(&self.cog, &profile)?;
        let crs = self.crs.map_or_else(|| own_crs(&self.cog, &profile), Ok)?;
        let level = level_of(&self.cog, (&crs, &tie), &self.grid, self.level, (self.overviews, self.as_gdal))?;
        let layout = self.selection.tiles(&self.cog, &[], level).layout()?;
        let alpha = alpha_of(&profile, &self.selection, &self.cog.level(level)?, &layout);
        let sample_type = layout.sample_type;
        let job = Job {
            cog: self.cog,
            crs,
            tie,
            grid: self.grid,
            method: self.method,
            selection: self.selection,
            level,
            layout,
            alpha,
            unscale: self.unscale,
            validity: self.validity,
            fill: self.fill,
            cutline: self.cutline,
            progress: self.progress,
        };
        let as_gdal = self.as_gdal;
        dispatch!(sample_type, T => if as_gdal { by_gdal::run::<T>(job).await } else { exact::run::<T>(job).await }, other => Err(Error::SampleType { sample_type: other }))
    }
}

impl IntoFuture for WarpedRead {
    type Output = Result<Raster>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Raster>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_cost().await?.0) })
    }
}
