//! Writes Cloud Optimized GeoTIFFs: one pass over the source, bounded memory, GDAL's layout and GDAL's overviews.
//!
//! ```
//! use cog_write::raster::ndarray::Array3;
//! use cog_write::raster::{Raster, Validity};
//! use cog_write::{ArraySource, Options, OwnThreads, encode};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let heights = Array3::from_shape_fn((1, 700, 1000), |(_, row, column)| (row + column) as f32);
//! let source = ArraySource::new(Raster::new(heights, Validity::AllValid))?;
//! let cog = encode(&source, &Options::default(), &OwnThreads::new(2)?, None).await?;
//! assert_eq!(cog.sizes(), [(1000, 700), (500, 350)]);
//!
//! let mut file = Vec::new(); // or a std::fs::File
//! cog.write_to(&mut file)?;
//! assert_eq!(file.len() as u64, cog.size());
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! A [`Source`] gives rectangles of pixels: [`ArraySource`] from memory, [`RowSource`] from a closure, or a program's own. Blocks are encoded
//! on [`Threads`], overviews are made from the same pixels as soon as enough of them were read, and compressed blocks wait in memory,
//! then in a temporary file without a name, until the size of all is known. [`EncodedCog::write_to`] writes the file from its first byte
//! to its last, so that it may go to a pipe or an object store as well.

mod coder;
mod encoded_cog;
mod error;
mod grid;
mod image;
mod layout;
mod options;
mod patch;
mod pyramid;
mod run;
mod source;
mod spool;
mod statistics;
mod tags;
mod threads;
mod walk;
mod writer;

pub use encoded_cog::EncodedCog;
pub use error::{Error, Result, SourceError};
pub use image::{Image, MetadataItem};
pub use layout::BigTiff;
pub use options::{Options, Overviews, Sparse};
pub use run::{Progress, ProgressHook};
pub use source::array::{ArraySource, transform_tags};
pub use source::rows::RowSource;
pub use source::{Content, CopiedBlocks, CopiedLevel, EncodedBlock, Source};
pub use tags::geo_keys::geo_key_tags;
pub use threads::{Job, OwnThreads, Threads};
pub use writer::encode;

pub use cog_codecs::encode::{EncodeCodec, JpegColors, LercWrapping};
pub use cog_error::ErrorClass;
pub use {bytes, cog_raster as raster, cog_tiff as tiff, futures_util};

/// The example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
