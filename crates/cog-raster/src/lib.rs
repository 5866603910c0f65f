//! The pixel half of reading rasters: arrays in, arrays out, without I/O. It is the one place in Rust that resamples as GDAL does.
//!
//! ```
//! use cog_raster::ndarray::Array3;
//! use cog_raster::{Resample, Resampling};
//!
//! // (band, row, column): a ramp of 100 × 100 pixels, with a hole.
//! let mut elevation = Array3::from_shape_fn((1, 100, 100), |(_, row, _)| row as f32);
//! elevation[[0, 40, 40]] = -9999.0;
//!
//! let half = Resample::new(&elevation, (50, 50)).method(Resampling::Average).nodata(-9999.0).run()?;
//! assert_eq!(half.samples[[0, 0, 0]], 0.5);
//! assert_eq!(half.samples[[0, 20, 20]], (40.0 + 41.0 + 41.0) / 3.0); // three of four hold data
//!
//! let part = Resample::new(&elevation, (256, 256)).window((10.5, 0.0, 20.0, 20.0)).method(Resampling::Cubic).run()?;
//! assert_eq!(part.samples.dim(), (1, 256, 256));
//! # Ok::<(), cog_raster::ResampleError>(())
//! ```
//!
//! - [`Resample`] and [`Raster::resampled`] take an array and give one. [`resample`] has what they stand on, which streams rows, so that
//!   an image need never be held whole.
//! - [`Raster`] is [`Pixels`] of any type of [`Sample`] with their [`Validity`] and place.
//! - [`statistics`] describes bands as NumPy does, in bounded memory, from one array or from blocks in any order.
//! - [`canvas`] is an array that many threads fill at once.
//! - [`Window`], [`Area`] and [`Bounds`] are rectangles in pixels and in a CRS, [`GeoTransform`] leads from one to the other.
//!
//! What is invalid never mixes with what is valid; which pixels are valid follows GDAL: a mask, nodata, alpha.

pub mod canvas;
mod geometry;
mod pixels;
pub mod resample;
pub mod statistics;

pub use geometry::bounds::Bounds;
pub use geometry::window::{Area, PixelCount, Window};
pub use pixels::raster::Raster;
pub use pixels::sample::Sample;
pub use pixels::validity::{DatasetValidity, Validity};
pub use pixels::{Pixels, WrongType};
pub use resample::{OverviewStrategy, Resample, ResampleError, Resampled, Resampling};
pub use statistics::{BandStatistics, Histogram, StatisticsOptions};

pub use cog_error::ErrorClass;
pub use cog_tiff::{GeoTransform, Nodata, SampleType};
pub use {geo_types, ndarray, num_complex};

/// The example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
