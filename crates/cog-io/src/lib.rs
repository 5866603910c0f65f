//! Bytes of any object by range, with few requests.
//!
//! A [`Location`] is what a user pasted; a [`Session`] opens it to a [`Source`]; a source reads ranges. One GET brings the first
//! bytes and with them size and version (never a HEAD); many ranges are merged into few requests, sent side by side, checked
//! for length, and counted. Nothing here knows what the bytes mean.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! use cog_io::{Location, Session};
//!
//! let path = std::env::temp_dir().join("cog-io-doc-example.bin");
//! std::fs::write(&path, b"II*\0 and the rest")?;
//!
//! let session = Session::default();
//! let location: Location = path.to_str().unwrap().parse()?;
//! let source = session.open(&location).await?;
//! assert_eq!(source.read_first(4).await?, "II*\0");
//! assert_eq!(source.read_ranges(&[9..12, 5..8]).await?, ["the", "and"]);
//! # std::fs::remove_file(&path)?;
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! # Features
//! Without features: local files, bytes in memory, and stores that the caller brings; no C compiler is needed. `http`: plain HTTP, pure
//! Rust. `tls`: https (rustls with ring). `aws`, `gcp`, `azure`: signed stores. All are on by default.
//!
//! # Environment
//! [`Config::from_env`] understands the names of AWS, Google, Azure, GDAL and aiocogeo; [`Config::settings`] lists them all.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod align;
mod cache;
mod config;
mod error;
mod flight;
#[cfg(feature = "http")]
mod http;
#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
mod list;
mod location;
mod merge;
mod open;
mod post;
mod redact;
mod session;
mod source;
mod stats;
#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
mod store;
#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
mod upload;
mod version;

pub use align::{BLOCK, align};
pub use config::{
    AzureSettings, Config, GcsSettings, PrefixSettings, ProxySettings, RetryPolicy, S3Settings, Secret, Setting,
};
pub use error::{ConfigProblem, Error, ErrorClass, LocationProblem, Result};
pub use location::{Location, LocationKind};
pub use merge::{MergeRules, MergedRead, merge};
pub use session::Session;
pub use source::{LocalSource, Source};
pub use stats::Stats;
pub use version::Version;

/// The `object_store` that [`Source::from_store`] takes.
pub use object_store;
/// What ranges come as, and what an HTTP location holds.
pub use {bytes, url};

/// The example of the README, kept compiling.
#[cfg(all(doctest, feature = "http"))]
#[doc = include_str!("../README.md")]
mod readme {}
