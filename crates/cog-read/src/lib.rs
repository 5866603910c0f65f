//! Reads Cloud Optimized GeoTIFFs, and any other GeoTIFF, into [`ndarray`] arrays.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use cog_read::Cog;
//!
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../cog-tiff/tests/data/tiny.tif");
//! let cog = Cog::open(path).await?; // or https://, s3://, gs://, az:// …
//! let profile = cog.profile()?;
//! assert_eq!((profile.width, profile.height, profile.dtype), (20, 10, "uint8"));
//!
//! let raster = cog.read().await?;
//! let pixels = raster.pixels.view::<u8>()?; // (band, row, column)
//! assert_eq!(pixels[[0, 1, 2]], 27);
//! # Ok::<(), cog_read::Error>(()) }).unwrap();
//! ```
//!
//! [`Cog`] is an opened file. [`Cog::read`] is the request for everything that ends in an array: a window or bounds, at any size,
//! from any level, by any [`Resampling`]; [`Cog::tile`], [`Cog::tiles`] and [`Cog::blocks`] give blocks as they are. All give
//! [`Raster`]s: pixels in the file's own type with their validity and place. [`Cog::points`] reads values at places,
//! [`Cog::statistics`] describes bands. Opening costs one request where the header fits the first read; a read
//! plans the byte ranges of all its blocks, merges neighbours, and decodes on a pool of threads while others are still in
//! flight. A [`Session`] lets many files share connections and threads; [`blocking`] is for programs without async.
//!
//! Bands of a file are numbered from 1, as in GDAL, wherever one is asked for or named: in requests, in what they answer, in metadata.
//! Axes of arrays and lists of one entry a band count from 0, as in all of Rust. Levels, pages, tiles and IFDs count from 0.
//!
//! # Features
//! `remote` brings `https://`, `s3://`, `gs://` and `az://`. `ccitt`, `deflate`, `jpeg`, `jpeg2000`, `jpegxl`, `lerc`, `lzma`, `lzw`,
//! `webp` and `zstd` are codecs. All are on by default. `turbojpeg`, which is not, decodes JPEG with libjpeg-turbo and needs
//! cmake and nasm; it adds arithmetic coding. Without any, metadata of local files and of stores that the caller
//! brings can be read, with pixels that are uncompressed or PackBits, and no C compiler is needed.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod blocking;
mod cog;
mod error;
mod file;
mod pipeline;
mod render;
mod requests;
mod session;

pub use cog::Cog;
pub use cog::directory::file_location;
pub use error::{Error, ErrorClass, Result, UsageProblem};
pub use file::levels::Level;
pub use pipeline::cost::ReadCost;
pub use pipeline::progress::ReadProgress;
pub use requests::block_sizes::BlockSizes;
pub use requests::blocks::{Block, Blocks};
pub use requests::encoded::EncodedTile;
pub use requests::points::{Interpolation, Points, PointsRead};
pub use requests::read::{RasterRead, ReadParts};
pub use requests::statistics::{Statistics, StatisticsRead};
pub use requests::tiles::{TileRead, TilesLayout, TilesRead};
pub use session::defaults::ReadDefaults;
pub use session::limits::Limits;
pub use session::{Session, SessionOptions};

pub use cog_raster::resample::{UnknownResampling, UnknownStrategy};
pub use cog_raster::{
    BandStatistics, Bounds, DatasetValidity, Histogram, OverviewStrategy, PixelCount, Pixels, Raster, ResampleError,
    Resampling, Sample, StatisticsOptions, Validity, Window, WrongType,
};
pub use {bytes, cog_codecs as codecs, cog_io as io, cog_raster as raster, cog_tiff as tiff};
pub use {cog_raster::geo_types, futures_util, ndarray, num_complex};

/// The example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// The guide, whose examples run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/pixels-in-rust.md")]
mod guide {}
