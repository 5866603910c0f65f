//! A raster in memory, warped.

use std::sync::Mutex;

use cog_crs::{Crs, GcpTransform};
use cog_raster::ndarray::Array3;
use cog_raster::{Pixels, Raster, Validity, dispatch};

use crate::alpha::Alpha;
use crate::cutline::{CutMask, Cutline};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::frame::Frame;
use crate::gdal::{self, Forward, Job};
use crate::grid::OutputGrid;
use crate::lattice;
use crate::level::{LevelGrid, Rectangle, SIDE};
use crate::mapping::{Mapping, SourceGrid};
use crate::method::{Kind, Method};
use crate::output::{Output, Sink, copy};
use crate::sampling::{Ordered, View, ViewValidity};

/// The most pixels along a side of a source: as far as places are rounded down without a check.
const LONGEST_SIDE: u32 = 1 << 30;

/// Lattice squares beside each other that are made row by row. Enough for memory to be written in long runs, few enough for rotated
/// sources to stay in the cache.
const SQUARES: usize = 16;

/// A warp of a raster in memory.
///
/// ```
/// use cog_raster::ndarray::Array3;
/// use cog_raster::{GeoTransform, Raster, Validity};
/// use cog_warp::{Method, OutputGrid, Warp};
///
/// // 100 × 100 pixels of 10 m in UTM zone 33, rising to the east.
/// let rising = Array3::from_shape_fn((1, 100, 100), |(_, _, column)| column as f32);
/// let mut raster = Raster::new(rising, Validity::AllValid);
/// raster.transform = Some(GeoTransform { a: 10.0, b: 0.0, c: 500_000.0, d: 0.0, e: -10.0, f: 5_400_000.0 });
///
/// let grid = OutputGrid::of_bounds("EPSG:4326".parse()?, [15.002, 48.745, 15.01, 48.75], 80, 50)?;
/// let warped = Warp::new(&raster, &"EPSG:32633".parse()?, &grid).method(Method::Bilinear).run()?;
/// let pixels = warped.pixels.view::<f32>()?;
/// assert!((pixels[[0, 25, 40]] - 43.7).abs() < 0.5 && warped.mask()[[25, 40]] == 255);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a warp does nothing until it runs"]
pub struct Warp<'a> {
    raster: &'a Raster,
    crs: &'a Crs,
    grid: &'a OutputGrid,
    method: Method,
    threads: usize,
    cutline: Option<&'a Cutline>,
    gcps: Option<&'a GcpTransform>,
    as_gdal: bool,
    alpha: Option<usize>,
}

impl<'a> Warp<'a> {
    /// `crs` is that of the raster's coordinates. Nearest neighbour, one thread.
    pub fn new(raster: &'a Raster, crs: &'a Crs, grid: &'a OutputGrid) -> Warp<'a> {
        Warp {
            raster,
            crs,
            grid,
            method: Method::default(),
            threads: 1,
            cutline: None,
            gcps: None,
            as_gdal: false,
            alpha: None,
        }
    }

    /// How pixels are made.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// As GDAL 3.10 warps with its defaults (`gdalwarp`, rasterio's `reproject`): coordinates interpolated along rows within 0.125 source pixel,
    /// kernels scaled by the size of the part of the source that the output sees, areas taken for upright boxes. For comparison and
    /// migration: a part does not have the pixels of the whole then, for what is made is what GDAL makes of this grid alone.
    pub fn gdal(mut self) -> Self {
        self.as_gdal = true;
        self
    }

    /// How many threads make them. The pixels do not depend on it.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// The band at this index, from 0, is alpha: 8- or 16-bit integers, of which 0 is nothing and the largest, or 32767 of `i16`, all. What a read of a
    /// file gives says so itself by its validity.
    ///
    /// See the [crate's documentation](crate#alpha) for what becomes of it.
    pub fn alpha(mut self, band: usize) -> Self {
        self.alpha = Some(band);
        self
    }

    /// Ground control points that place the raster, instead of its transform; the raster's CRS is theirs.
    pub fn gcps(mut self, gcps: &'a GcpTransform) -> Self {
        self.gcps = Some(gcps);
        self
    }

    /// Polygons outside of which nothing is valid, in any CRS.
    pub fn cutline(mut self, cutline: &'a Cutline) -> Self {
        self.cutline = Some(cutline);
        self
    }

    /// The raster in the grid; what lies outside the source is not valid. Pixels without data have the raster's nodata, or 0 where it has none.
    ///
    /// # Errors
    /// A raster without a transform, an alpha band that it does not have, one of more than 2^30 columns or rows, CRSs without a way between them, and an output larger than
    /// memory.
    pub fn run(self) -> Result<Raster> {
        let (_, height, width) = self.raster.dim();
        let side = |length: usize| u32::try_from(length).ok().filter(|n| *n <= LONGEST_SIDE);
        let (Some(w), Some(h)) = (side(width), side(height)) else {
            return Err(Error::SourceTooLarge { across: width, down: height, limit: LONGEST_SIDE });
        };
        let mask = self.cutline.map(|cutline| cutline.on(self.grid)).transpose()?;
        let (mapping, forward) = match (self.gcps, self.raster.transform) {
            (Some(gcps), _) => {
                let forward = || Forward::of_gcps(self.grid, self.crs, gcps);
                (Mapping::of_gcps(self.grid, self.crs, gcps)?, self.as_gdal.then(forward).transpose()?)
            }
            (None, Some(transform)) => {
                let source = SourceGrid { crs: self.crs, transform, width: w, height: h };
                let forward = || Forward::new(self.grid, &source);
                let mapping = if self.as_gdal { Mapping::of_one_turn } else { Mapping::new };
                (mapping(self.grid, &source)?, self.as_gdal.then(forward).transpose()?)
            }
            (None, None) => return Err(Error::NoTransform),
        };
        let level = LevelGrid { full: (w, h), size: (w, h) };
        let kind = if mapping.aligned(level).is_some() { Kind::Nearest } else { self.method.kind() };
        let frame = Frame { mapping: &mapping, level, origin: (0, 0) };
        let way = match &forward {
            None => Way::Exact(&frame),
            Some(forward) => Way::Gdal { mapping: &mapping, forward, source: (w, h) },
        };
        let sample_type = self.raster.pixels.sample_type();
        let (pixels, validity) = dispatch!(
            sample_type,
            T => {
                let (samples, validity) = self.warp::<T>(&way, kind, mask.as_ref())?;
                (Pixels::from(samples), validity)
            },
            other => return Err(Error::SampleType { sample_type: other })
        );
        let mut warped = Raster::new(pixels, validity);
        warped.level = self.raster.level;
        warped.bands.clone_from(&self.raster.bands);
        warped.transform = Some(self.grid.transform());
        warped.epsg = self.grid.crs().epsg().and_then(|code| u16::try_from(code).ok());
        warped.nodata = self.raster.nodata;
        warped.band_names = self.raster.band_names.clone();
        Ok(warped)
    }

    fn warp<T: Ordered>(&self, way: &Way<'_>, kind: Kind, cut: Option<&CutMask>) -> Result<(Array3<T>, Validity)> {
        let pixels = &self.raster.pixels;
        let samples = pixels.view::<T>().map_err(|_| Error::SampleType { sample_type: pixels.sample_type() })?;
        let (bands, height, width) = samples.dim();
        let samples = samples.as_standard_layout();
        let alpha = self.alpha_band(bands)?;
        let masks = masks_of(self.raster, alpha.as_ref());
        let plane = height * width;
        let validity = match masks.len() {
            0 => ViewValidity::All,
            n if n == plane => ViewValidity::Shared(&masks),
            _ => ViewValidity::PerBand(&masks),
        };
        let view = View {
            samples: samples.as_slice().unwrap_or_default(),
            validity,
            bands,
            width,
            height,
            alpha: alpha.as_ref(),
        };
        // GDAL cuts an output by the bytes of its pixels; masks are cut with them.
        let bytes =
            alpha.as_ref().map_or(size_of::<T>().saturating_mul(bands), |alpha| alpha.bytes(size_of::<T>(), bands));
        let mut output = way.fill(&view, self.grid, kind, (bytes, self.threads))?;
        if let Some(cut) = cut {
            output.weigh(|rows, weights| cut.fill(rows, weights));
        }
        let fill = self.raster.nodata.map_or_else(T::default, T::from_nodata);
        let is_alpha = |band: usize| alpha.as_ref().is_some_and(|alpha| alpha.has(band));
        let fills: Vec<T> = (0..bands).map(|band| if is_alpha(band) { T::default() } else { fill }).collect();
        // What is made of a source without masks is 0 where it is not valid.
        if cut.is_some() || !masks.is_empty() || fill != T::default() {
            output.fill_invalid(&fills);
        }
        let dataset = match &self.raster.validity {
            Validity::Dataset(validity) if alpha.is_none() => {
                let mask = validity.dataset.as_standard_layout();
                let mask = mask.as_slice().unwrap_or_default();
                let view =
                    View { samples: mask, validity: ViewValidity::Shared(mask), bands: 1, width, height, alpha: None };
                let mut mask = way.fill(&view, self.grid, kind.of_mask(), (bytes, self.threads))?;
                if let Some(cut) = cut {
                    mask.weigh(|rows, weights| cut.fill(rows, weights));
                }
                Some(mask)
            }
            _ => None,
        };
        output.finish(dataset, alpha.as_ref()).ok_or(Error::WrongSize)
    }

    fn alpha_band(&self, bands: usize) -> Result<Option<Alpha>> {
        match self.alpha {
            None => Ok(Alpha::of(self.raster)),
            Some(band) if band >= bands => Err(Error::NoAlphaBand { band, bands }),
            Some(band) => Ok(Alpha::new(vec![band], self.raster.pixels.sample_type(), None)),
        }
    }
}

/// Whose formulas are used.
enum Way<'a> {
    Exact(&'a Frame<'a>),
    Gdal { mapping: &'a Mapping, forward: &'a Forward, source: (u32, u32) },
}

impl Way<'_> {
    fn fill<T: Ordered>(
        &self,
        view: &View<'_, T>,
        grid: &OutputGrid,
        kind: Kind,
        (bytes, threads): (usize, usize),
    ) -> Result<Output<T>> {
        match *self {
            Way::Exact(frame) => fill(view, frame, grid, kind, threads),
            Way::Gdal { mapping, forward, source } => {
                let job = Job { mapping, forward, within: grid.rectangle(), source, kind };
                gdal::fill(view, &job, bytes, threads)
            }
        }
    }
}

/// No mask, one for all bands, or one for each, one after the other.
fn masks_of(raster: &Raster, alpha: Option<&Alpha>) -> Vec<u8> {
    let ((bands, height, width), validity) = (raster.dim(), &raster.validity);
    if let Some(alpha) = alpha {
        let mask = alpha.mask(&raster.pixels, validity);
        if alpha.differs_by_band(validity, bands) {
            return (0..bands).flat_map(|band| alpha.mask_of_band(validity, &mask, band)).collect();
        }
        return mask.iter().copied().collect();
    }
    match validity {
        Validity::AllValid => Vec::new(),
        Validity::Shared(_) => validity.band(0, height, width).into_iter().collect(),
        _ => (0..bands).flat_map(|band| validity.band(band, height, width)).collect(),
    }
}

/// The output's rows that lie in one row of lattice squares: all bands.
struct Strip<'a, T> {
    /// Columns and rows of the whole grid.
    within: Rectangle,
    bands: Vec<&'a mut [T]>,
    masks: Vec<&'a mut [u8]>,
}

impl<T: Copy> Sink<T> for Strip<'_, T> {
    fn row(&mut self, column: u32, row: u32, samples: &mut [T], valid: &[u8]) {
        let n = valid.len() / self.masks.len().max(1);
        let at = (row - self.within.row) as usize * self.within.width as usize + (column - self.within.column) as usize;
        self.bands.iter_mut().zip(samples.chunks_exact(n)).for_each(|(band, row)| copy(band, at, row));
        self.masks.iter_mut().zip(valid.chunks_exact(n)).for_each(|(mask, row)| copy(mask, at, row));
    }
}

/// Cuts an output into strips, the last one first.
fn strips<T>(output: &mut Output<T>) -> Vec<Strip<'_, T>> {
    let whole = output.within;
    let (width, plane) = (whole.width as usize, whole.pixels());
    let mut bands: Vec<&mut [T]> = output.samples.chunks_exact_mut(plane).collect();
    let mut masks: Vec<&mut [u8]> = output.valid.chunks_exact_mut(plane).collect();
    let mut strips = Vec::new();
    let mut row = whole.row;
    while row < whole.row + whole.height {
        let rows = (SIDE - row % SIDE).min(whole.row + whole.height - row);
        let len = rows as usize * width;
        let (own_bands, other_bands) = split(bands, len);
        let (own_masks, other_masks) = split(masks, len);
        (bands, masks) = (other_bands, other_masks);
        strips.push(Strip { within: Rectangle { row, height: rows, ..whole }, bands: own_bands, masks: own_masks });
        row += rows;
    }
    strips.reverse();
    strips
}

fn split<V>(planes: Vec<&mut [V]>, len: usize) -> (Vec<&mut [V]>, Vec<&mut [V]>) {
    planes.into_iter().map(|plane| plane.split_at_mut(len.min(plane.len()))).unzip()
}

fn fill<T: Ordered>(
    view: &View<'_, T>,
    frame: &Frame<'_>,
    grid: &OutputGrid,
    kind: Kind,
    threads: usize,
) -> Result<Output<T>> {
    let mut output = Output::new(grid.rectangle(), view.bands, view.masks())?;
    let strips = Mutex::new(strips(&mut output));
    let worker = || {
        let mut engine = Engine::new(kind);
        while let Some(mut strip) = strips.lock().ok().and_then(|mut strips| strips.pop()) {
            let within = strip.within;
            let [(first, end), _] = within.squares();
            let columns: Vec<u32> = (first..end).collect();
            for columns in columns.chunks(SQUARES) {
                let leaves: Vec<_> =
                    columns.iter().flat_map(|x| lattice::leaves(frame.mapping, *x, within.row / SIDE)).collect();
                engine.fill(frame, &leaves, within, view, &mut strip);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.max(1) {
            scope.spawn(worker);
        }
        worker();
    });
    drop(strips);
    Ok(output)
}
