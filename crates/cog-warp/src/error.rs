//! What can go wrong between a source and its pixels in another CRS.

mod cutline;

use std::sync::Arc;

use cog_error::ErrorClass;

pub use cutline::CutlineError;

/// A shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there are no pixels in another CRS.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[cfg(feature = "files")]
    #[error(transparent)]
    Read(#[from] cog_read::Error),
    /// A file that names no CRS.
    #[error("{location}: the file has no CRS")]
    NoCrs {
        /// Which file.
        location: Arc<str>,
    },
    /// A file without a transform from its pixels to coordinates.
    #[error("{location}: no transform leads from the file's pixels to coordinates: {reason}")]
    NoFileTransform {
        /// Which file.
        location: Arc<str>,
        /// Why.
        reason: &'static str,
    },
    /// More output than allowed.
    #[error("the output takes {bytes} bytes, more than the limit of {limit} (Limits::max_output_bytes)")]
    TooLarge {
        /// Bytes needed.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A part of the source that is needed at once, larger than allowed: GDAL's way has no smaller ones.
    #[error(
        "a part of {columns} × {rows} pixels of the source takes {bytes} bytes, more than the limit of {limit} (Limits::max_output_bytes); a coarser level may do"
    )]
    SourcePartTooLarge {
        /// Of the level that is read.
        columns: u32,
        /// Of the level that is read.
        rows: u32,
        /// Bytes needed.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// There is no way between the CRSs.
    #[error(transparent)]
    Crs(#[from] cog_crs::Error),
    /// There is no such cut-line.
    #[error(transparent)]
    Cutline(#[from] CutlineError),
    /// The source's transform maps the plane to a line.
    #[error("the transform of the source has no inverse")]
    FlatSource,
    /// An output without pixels.
    #[error("an output of {width} × {height} pixels has none")]
    EmptyGrid {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
    },
    /// A transform with numbers that are not finite, or that maps the plane to a line.
    #[error("the transform of the output has no inverse")]
    FlatGrid,
    /// Bounds without area, inverted, or with numbers that are not finite.
    #[error("the bounds {},{},{},{} have no area: minx, miny, maxx, maxy are needed", bounds[0], bounds[1], bounds[2], bounds[3])]
    EmptyBounds {
        /// minx, miny, maxx, maxy.
        bounds: [f64; 4],
    },
    /// Bounds that have no place in the output's CRS.
    #[error("the bounds {},{},{},{} have no place in the CRS '{crs}'", bounds[0], bounds[1], bounds[2], bounds[3])]
    BoundsOutside {
        /// minx, miny, maxx, maxy.
        bounds: [f64; 4],
        /// Its name.
        crs: String,
    },
    /// More pixels beside a tile than there may be.
    #[error("a buffer of {pixels} pixels is too large: {limit} are allowed")]
    Buffer {
        /// On each side.
        pixels: u32,
        /// The most.
        limit: u32,
    },
    /// A resolution that is not above 0.
    #[error("{} × {} is not the size of a pixel", resolution[0], resolution[1])]
    NoResolution {
        /// In x and y.
        resolution: [f64; 2],
    },
    /// More pixels than can be counted.
    #[error("an output of {across:.0} × {down:.0} pixels is too large")]
    TooManyPixels {
        /// Columns.
        across: f64,
        /// Rows.
        down: f64,
    },
    /// A source with more columns or rows than can be warped.
    #[error("a source of {across} × {down} pixels is too large: {limit} along a side are allowed")]
    SourceTooLarge {
        /// Columns.
        across: usize,
        /// Rows.
        down: usize,
        /// Of either.
        limit: u32,
    },
    /// A part that reaches over the edges of the grid.
    #[error("the window {},{},{},{} reaches over the grid of {} × {} pixels", window[0], window[1], window[2], window[3], grid[0], grid[1])]
    OutsideGrid {
        /// Column, row, width, height.
        window: [u32; 4],
        /// Width and height.
        grid: [u32; 2],
    },
    /// A raster without a transform from its pixels to coordinates.
    #[error("the raster has no transform from pixels to coordinates")]
    NoTransform,
    /// A raster that rational polynomials alone place (RPC, satellite images before they are rectified).
    #[error("the raster is placed by rational polynomials (RPC) alone: they are not supported, for they need heights")]
    OnlyRpc,
    /// An alpha band that the raster does not have.
    #[error("there is no band at index {band} to be alpha: the raster has {bands}")]
    NoAlphaBand {
        /// Its index, from 0.
        band: usize,
        /// How many there are.
        bands: usize,
    },
    /// Samples that cannot be warped.
    #[error("samples of type {sample_type} cannot be warped")]
    SampleType {
        /// What they are.
        sample_type: cog_raster::SampleType,
    },
    /// Samples that do not fill their grid: a mistake of this library, worth a report.
    #[error("the output has another size than its grid")]
    WrongSize,
    /// A worker ended early: a mistake of this library, worth a report.
    #[error("a worker ended early")]
    LostWorker,
    /// More memory than the machine has.
    #[error("there is no memory for {bytes} bytes of output")]
    OutOfMemory {
        /// Bytes needed.
        bytes: u64,
    },
}

impl Error {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Crs(e) => e.class(),
            Error::Cutline(e) => e.class(),
            #[cfg(feature = "files")]
            Error::Read(e) => e.class(),
            Error::SampleType { .. } | Error::OnlyRpc => ErrorClass::Unsupported,
            Error::TooManyPixels { .. }
            | Error::SourceTooLarge { .. }
            | Error::TooLarge { .. }
            | Error::SourcePartTooLarge { .. }
            | Error::OutOfMemory { .. } => ErrorClass::Limits,
            Error::FlatSource => ErrorClass::Format,
            Error::EmptyGrid { .. }
            | Error::FlatGrid
            | Error::EmptyBounds { .. }
            | Error::BoundsOutside { .. }
            | Error::Buffer { .. }
            | Error::NoResolution { .. }
            | Error::OutsideGrid { .. }
            | Error::NoTransform
            | Error::NoAlphaBand { .. }
            | Error::NoCrs { .. }
            | Error::NoFileTransform { .. } => ErrorClass::Usage,
            Error::WrongSize | Error::LostWorker => ErrorClass::Internal,
        }
    }
}
