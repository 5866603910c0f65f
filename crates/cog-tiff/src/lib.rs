//! A pure parser for TIFF, BigTIFF, GeoTIFF and Cloud Optimized GeoTIFF metadata.
//!
//! It reads bytes that the caller has, and does no I/O of its own. Every lookup answers the value, or the byte
//! ranges it still needs: one parser serves a slice, a file, a server and a fuzzer. Tile and strip tables, which make
//! up most of a large file's header, are looked up entry by entry and never read whole.
//!
//! ```
//! use cog_tiff::{Image, Tiff};
//!
//! # fn main() -> cog_tiff::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tiny.tif");
//! let mut file = std::fs::File::open(path).map_err(|e| cog_tiff::Error::Io(e.to_string()))?;
//! let tiff = Tiff::read(&mut file)?; // or Tiff::parse(&bytes)
//! let image = Image::of(&tiff.ifds()[0])?;
//! assert_eq!((image.width, image.height, image.samples), (20, 10, 1));
//! # Ok(()) }
//! ```
//!
//! Where to look: [`Tiff`] is a file and [`Parser`] its incremental form over [`KnownBytes`]; [`Ifd`] holds tags;
//! [`Image`] is what they say about pixels, [`BlockTable`] where those are; [`GeoKeys`] and [`Georeference`] tell the
//! place on Earth; [`Profile`] sums it up in rasterio's words.
//!
//! Bands are numbered from 1, as in GDAL, where a call names one; lists of one entry a band begin with the first.
//!
//! Rules come from TIFF 6.0, its technical notes, the BigTIFF proposal, OGC GeoTIFF 1.1 (19-008) and COG (21-026);
//! where those leave a choice, GDAL's is taken.

#![forbid(unsafe_code)]

mod block_grid;
mod block_table;
mod byte_order;
mod color;
mod color_interpretation;
mod color_map;
mod compression;
mod error;
mod fragments;
mod gdal;
mod geo;
mod ghost;
mod header;
mod ifd;
mod image;
mod known_bytes;
mod layout;
mod limits;
mod profile;
mod read_seek;
mod sample;
mod structure;
mod tag;
mod tiff;
mod value;

pub use block_grid::{BlockGrid, BlockKind};
pub use block_table::{BlockLocation, BlockTable};
pub use byte_order::ByteOrder;
pub use color::{ExtraSample, Photometric};
pub use color_interpretation::ColorInterpretation;
pub use color_map::ColorMap;
pub use compression::Compression;
pub use error::{Error, ErrorClass, Part, Result, TagProblem, Unsupported};
pub use fragments::Fragments;
pub use gdal::{Details, GdalMetadata, Item, Nodata, Pam, world_file};
pub use geo::{Gcp, GeoKey, GeoKeyValue, GeoKeys, GeoTransform, Georeference, ModelType};
pub use ghost::Ghost;
pub use header::{Header, Variant};
pub use ifd::{Entry, Ifd};
pub use image::Image;
pub use known_bytes::{KnownBytes, Lookup, Stop, join_ranges};
pub use layout::{FillOrder, PlanarConfiguration, Predictor};
pub use limits::Limits;
pub use profile::{Beside, Domain, MaskFlags, Profile};
pub use sample::{SampleFormat, SampleType};
pub use structure::{Level, Page, Place, SubfileType};
pub use tag::Tag;
pub use tiff::{Parser, Progress, Tiff};
pub use value::{FieldType, Value};

/// The bytes that [`Fragments`] holds.
pub use bytes;

/// The example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// The guide, whose examples run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/metadata-in-rust.md")]
mod guide {}
