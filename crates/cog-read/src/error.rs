//! What can go wrong between a location and its pixels.

use std::sync::Arc;

pub use cog_error::ErrorClass;

use cog_raster::{Bounds, ResampleError, Window, WrongType};

/// A shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a file could not be opened or read.
///
/// Locations in the text are redacted. The text tells the whole cause, that of a crate below included; therefore
/// [`source`](std::error::Error::source) does not repeat it: print the error alone, not its chain. The errors below are fields of
/// the variants.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The location cannot be opened, or its bytes did not come.
    #[error(transparent)]
    Io(#[from] cog_io::Error),
    /// The file's structure is wrong, unsupported or over a limit.
    #[error("{location}: {source}")]
    Structure {
        /// Which file.
        location: Arc<str>,
        /// What about it.
        r#source: cog_tiff::Error,
    },
    /// An image cannot be decoded at all: known before any of its blocks was fetched.
    #[error("{location}: level {level}: {source}")]
    Image {
        /// Which file.
        location: Arc<str>,
        /// Which level; 0 is full resolution.
        level: usize,
        /// Why.
        r#source: cog_codecs::Error,
    },
    /// One block cannot be decoded.
    #[error("{location}: level {level}, {}block ({x}, {y}) at offset {offset}: {source}", if *.mask { "mask " } else { "" })]
    Block {
        /// Which file.
        location: Arc<str>,
        /// Which level; 0 is full resolution.
        level: usize,
        /// True for a block of the level's mask.
        mask: bool,
        /// Column in the grid of blocks.
        x: u32,
        /// Row in the grid of blocks.
        y: u32,
        /// Where its bytes lie.
        offset: u64,
        /// Why.
        r#source: cog_codecs::Error,
    },
    /// The file's tables place a block where it has no bytes.
    #[error("level {level}, {}block ({x}, {y}): {source}", if *.mask { "mask " } else { "" })]
    BlockBytes {
        /// Which level; 0 is full resolution.
        level: usize,
        /// True for a block of the level's mask.
        mask: bool,
        /// Column in the grid of blocks.
        x: u32,
        /// Row in the grid of blocks.
        y: u32,
        /// Which file, and what it lacks.
        r#source: cog_io::Error,
    },
    /// The output cannot be made this way.
    #[error("{location}: {source}")]
    Resampling {
        /// Which file.
        location: Arc<str>,
        /// Why.
        r#source: ResampleError,
    },
    /// Samples are of another type than was asked for.
    #[error(transparent)]
    WrongType(#[from] WrongType),
    /// What was asked for would take more memory than allowed.
    #[error("{location}: the {what} takes {bytes} bytes, more than the limit of {limit} (Limits::max_output_bytes)")]
    TooLarge {
        /// Which file.
        location: Arc<str>,
        /// "output", "block".
        what: &'static str,
        /// Bytes needed; `u64::MAX` stands for more than can be counted.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The system refused the memory.
    #[error("{location}: no memory for {bytes} bytes")]
    OutOfMemory {
        /// Which file.
        location: Arc<str>,
        /// Bytes needed.
        bytes: u64,
    },
    /// The parser asked for ever more header bytes.
    #[error("{location}: the header took more than {limit} round trips (Limits::max_round_trips)")]
    RoundTrips {
        /// Which file.
        location: Arc<str>,
        /// The limit.
        limit: u32,
    },
    /// A file beside the image that does not fit it.
    #[error("{location}: does not fit {image}: {problem}")]
    SideCar {
        /// Which side-car.
        location: Arc<str>,
        /// The image it lies beside.
        image: Arc<str>,
        /// Why.
        problem: String,
    },
    /// The caller asked for something that is not there.
    #[error("{location}: {problem}")]
    Usage {
        /// Which file.
        location: Arc<str>,
        /// What.
        problem: UsageProblem,
    },
    /// A value of the environment that cannot be understood.
    #[error("{name} is {value:?}, {wanted} is needed")]
    Setting {
        /// The name of the variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it must be: "a number", "YES or NO".
        wanted: &'static str,
    },
    /// A name in GDAL's form `GTIFF_DIR:…` without a directory or without a file.
    #[error("GTIFF_DIR needs a directory, counted from 1, or its offset: GTIFF_DIR:2:FILE, GTIFF_DIR:off:1234:FILE")]
    DirectoryName,
    /// GDAL's `GTIFF_RAW:FILE`, which is a way of reading here and not a name.
    #[error("GTIFF_RAW: asks for samples as stored: use --raw-color (raw_color() of a read) and the file's own name")]
    RawName,
    /// A call of [`blocking`](crate::blocking) from async code.
    #[error(
        "cog_read::blocking was called inside a Tokio runtime, which cannot wait for itself: use the async API there, or \
         spawn_blocking"
    )]
    InsideRuntime,
    /// A mistake of this crate or of a decoder below it, whatever the file: the file and the message are worth a bug report.
    #[error("{location}: a worker stopped: {message}")]
    Worker {
        /// Which file.
        location: Arc<str>,
        /// What it said last.
        message: String,
    },
}

/// What a caller asked for that is not there.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum UsageProblem {
    /// A page beyond those of the file.
    NoSuchPage {
        /// The page asked for.
        page: usize,
        /// How many there are.
        count: usize,
    },
    /// A directory that GDAL's spelling `GTIFF_DIR:` names and the file has not.
    NoSuchDirectory {
        /// What was asked for: "directory 3", "a directory at offset 100".
        wanted: String,
        /// How many there are in the chain.
        count: usize,
    },
    /// A level beyond those of the page.
    NoSuchLevel {
        /// The level asked for.
        level: usize,
        /// How many there are.
        count: usize,
    },
    /// A tile outside the grid.
    NoSuchTile {
        /// Column asked for.
        x: u32,
        /// Row asked for.
        y: u32,
        /// Tiles side by side.
        across: u32,
        /// Tiles above each other.
        down: u32,
    },
    /// A band number outside 1 to the number of bands.
    NoSuchBand {
        /// The band asked for.
        band: usize,
        /// How many there are.
        count: usize,
    },
    /// No band at all.
    NoBands,
    /// No tile at all.
    NoTiles,
    /// A window without pixels, or with a NaN.
    EmptyWindow,
    /// Bounds without area, inverted, or with a NaN.
    EmptyBounds {
        /// The bounds.
        bounds: Bounds,
    },
    /// Bounds wholly outside the image.
    OutsideBounds {
        /// The bounds.
        bounds: Bounds,
        /// Those of the image.
        image: Bounds,
    },
    /// An output without rows or columns.
    EmptyShape {
        /// Rows and columns.
        shape: [usize; 2],
    },
    /// A resolution that is not above 0.
    NoResolution {
        /// In x and y.
        resolution: [f64; 2],
    },
    /// Coordinates or a resolution for an image without a transform.
    NotGeoreferenced,
    /// A nodata value that no sample of the file can have.
    NodataOutsideType {
        /// The value.
        nodata: f64,
        /// What the samples are.
        sample_type: cog_tiff::SampleType,
    },
    /// A percentile outside 0 to 100.
    NoPercentile {
        /// In percent.
        percent: f64,
    },
    /// Statistics of samples that have no order.
    NoOrder {
        /// Their type.
        sample_type: cog_tiff::SampleType,
    },
    /// A window wholly outside the image.
    OutsideWindow {
        /// The window.
        window: Window,
        /// Width and height of the image.
        image: [u32; 2],
    },
}

impl std::fmt::Display for UsageProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSuchPage { page, count } => write!(f, "page {page} does not exist, there are {count} (from 0)"),
            Self::NoSuchDirectory { wanted, count } => write!(f, "{wanted} does not exist, there are {count} (from 1)"),
            Self::NoSuchLevel { level, count } => write!(f, "level {level} does not exist, there are {count} (from 0)"),
            Self::NoSuchTile { x, y, across, down } => {
                write!(f, "tile ({x}, {y}) does not exist, there are {across} × {down} (from 0)")
            }
            Self::NoSuchBand { band, count } => write!(f, "band {band} does not exist, there are {count} (from 1)"),
            Self::NoBands => f.write_str("no band was asked for"),
            Self::NoTiles => f.write_str("no tile was asked for"),
            Self::EmptyWindow => f.write_str("the window has no pixels"),
            Self::EmptyBounds { bounds: Bounds { minx, miny, maxx, maxy } } => {
                write!(f, "the bounds {minx},{miny},{maxx},{maxy} have no area: minx, miny, maxx, maxy are needed")
            }
            Self::OutsideBounds { bounds: a, image: b } => write!(
                f,
                "the bounds {},{},{},{} lie outside the image, whose bounds are {},{},{},{}",
                a.minx, a.miny, a.maxx, a.maxy, b.minx, b.miny, b.maxx, b.maxy
            ),
            Self::EmptyShape { shape: [rows, columns] } => {
                write!(f, "an output of {rows} rows and {columns} columns has no pixels")
            }
            Self::NoResolution { resolution: [x, y] } => write!(f, "{x} × {y} is not the size of a pixel"),
            Self::NotGeoreferenced => f.write_str("the image has no transform from pixels to coordinates"),
            Self::NodataOutsideType { nodata, sample_type } => {
                write!(f, "nodata {nodata} is outside the range of the type of the samples, {sample_type}")
            }
            Self::NoPercentile { percent } => write!(f, "{percent} is not a percentile: 0 to 100 are"),
            Self::NoOrder { sample_type } => {
                write!(f, "samples of type {sample_type} have no order to make statistics of")
            }
            Self::OutsideWindow { window, image: [width, height] } => {
                let Window { column, row, width: w, height: h } = window;
                write!(f, "the window {column},{row},{w},{h} lies outside the image of {width} × {height} pixels")
            }
        }
    }
}

impl Error {
    /// Who can act on it. An error of a crate below keeps its class, except where this crate is the caller: a range outside the
    /// object comes from the file's tables, and what was called wrongly was called wrongly by this crate.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Io(cog_io::Error::OutOfBounds { .. }) | Error::BlockBytes { .. } | Error::SideCar { .. } => {
                ErrorClass::Format
            }
            Error::Io(cog_io::Error::InvertedRange { .. }) => ErrorClass::Internal,
            Error::Io(source) => source.class(),
            Error::Structure { source, .. } => called_by_us(source.class()),
            Error::Image { source, .. } | Error::Block { source, .. } => called_by_us(source.class()),
            Error::Resampling { source, .. } => match source {
                // Rows and masks come from us.
                ResampleError::Rows { .. } | ResampleError::Mask { .. } => ErrorClass::Internal,
                other => other.class(),
            },
            Error::TooLarge { .. } | Error::OutOfMemory { .. } | Error::RoundTrips { .. } => ErrorClass::Limits,
            Error::WrongType(source) => source.class(),
            Error::Usage { .. }
            | Error::Setting { .. }
            | Error::DirectoryName
            | Error::RawName
            | Error::InsideRuntime => ErrorClass::Usage,
            Error::Worker { .. } => ErrorClass::Internal,
        }
    }

    /// True if nothing is at the location.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::Io(e) if e.is_not_found())
    }
}

/// The class of an error of a crate that only this one calls: no argument of ours may be wrong.
fn called_by_us(class: ErrorClass) -> ErrorClass {
    match class {
        ErrorClass::Usage => ErrorClass::Internal,
        other => other,
    }
}
