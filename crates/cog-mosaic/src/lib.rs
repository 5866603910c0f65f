//! Many Cloud Optimized GeoTIFFs as one.
//!
//! A [`Composite`] is a list of named files that answer the same request: the assets of a scene, or the scenes of a time series. They
//! are opened when they are first read, side by side, and share the connections, caches and threads of one
//! [`Session`](cog_read::Session).
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use cog_mosaic::Composite;
//! use cog_mosaic::reader::Session;
//!
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../cog-tiff/tests/data/tiny.tif");
//! let session = Session::default();
//! let composite = Composite::new(&session, [("red", path), ("nir", path)])?; // or https://, s3://, gs://, az:// …
//!
//! let rasters = composite.read(|read| read.window((2, 1, 3, 2))).await?; // one a file, in order
//! assert_eq!(rasters.iter().map(|raster| raster.dim()).collect::<Vec<_>>(), [(1, 2, 3), (1, 2, 3)]);
//!
//! let only_nir = composite.filter(|reader| reader.name() == "nir");
//! assert_eq!(only_nir.names().collect::<Vec<_>>(), ["nir"]);
//! # Ok::<(), cog_mosaic::Error>(()) }).unwrap();
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod composite;
mod documents;
mod error;
mod limits;
mod mosaic;
mod sample_types;
mod stac;

pub use cog_error::ErrorClass;
pub use composite::Composite;
pub use composite::reader::Reader;
pub use composite::request::{CompositeRead, ReducedRead};
pub use composite::stack::{StackProgress, StackRead};
pub use documents::Document;
pub use error::{Error, MosaicError, PageLimit, Result};
pub use limits::Limits;
pub use mosaic::collection::Mosaic;
pub use mosaic::coverage::Coverage;
pub use mosaic::create::{CreateMosaicJson, CreateProgress};
pub use mosaic::json::MosaicJson;
pub use mosaic::options::OnError;
pub use mosaic::point::{MosaicPoint, MosaicPointRead};
pub use mosaic::report::{MosaicReport, Skipped};
pub use mosaic::request::{MosaicProgress, MosaicRead};
pub use mosaic::selection::{PixelSelection, UnknownSelection};
pub use mosaic::source::MosaicSource;
pub use stac::StacBand;
pub use stac::asset::StacAsset;
pub use stac::item::StacItem;
pub use stac::pages::StacPages;
pub use {
    cog_crs as crs, cog_expression as expression, cog_io as io, cog_raster as raster, cog_read as reader,
    cog_warp as warp,
};

/// The example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
