//! Is a file a valid Cloud Optimized GeoTIFF, and why not?
//!
//! Three authorities answer, and they do not agree: `rio cogeo validate`, GDAL's `validate_cloud_optimized_geotiff.py`, and the
//! standard OGC 21-026. A [`Report`] has the verdict of each: valid or not with the same errors and warnings as the tool has, one
//! [`Finding`] for each of its messages. Every rule has an id that stays, and every finding says in which IFD and block it is, with the
//! numbers. Advice stands apart and makes no file invalid.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use cog_io::Session;
//! use cog_validate::Validation;
//!
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../cog-tiff/tests/data/tiny.tif");
//! let source = Session::default().open(&path.parse()?).await?; // or https://, s3:// …
//! let report = Validation::of(source).run().await?;
//! assert!(report.rio_cogeo.is_valid(true) && report.gdal.is_valid(false));
//! for finding in report.ogc.findings() {
//!     println!("{}: {}", finding.rule, finding.text); // O02: the image has strips of 20 × 10 pixels …
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! Of a remote file the header alone is read: one request, or a few where it is long. [`Validation::full`] looks at every block;
//! local files are looked at so unless it says no. Tables of blocks are read in parts, so memory does not grow with the file.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod advice;
mod alike;
mod blocks;
mod error;
mod facts;
mod first_block;
mod frames;
mod gdal;
mod ghost;
mod header_bytes;
mod layers;
mod ogc;
mod report;
mod rio_cogeo;
mod rule;
mod tables;
mod tile_side;
mod validation;

pub use error::{Error, ErrorClass, Result};
pub use report::{Finding, ImagePlace, MOST_FINDINGS, Report, Verdict};
pub use rule::{Authority, Rule, Severity};
pub use tile_side::{is_plain_tile_side, tile_side};
pub use validation::Validation;

pub use {cog_io as io, cog_tiff as tiff};
