//! Rasters in another CRS, in pure Rust: files or arrays in, arrays out.
//!
//! [`WarpedRead`] reads a file into a grid, [`Warp`] takes an array. An [`OutputGrid`] says which grid: of its own, of a map tile
//! ([`TileGrid`]), or as [`GridRequest`] makes one from a CRS, bounds and a size.
//!
//! ```
//! use cog_crs::{Crs, Extent};
//! use cog_raster::ndarray::Array3;
//! use cog_raster::{GeoTransform, Raster, Validity};
//! use cog_warp::{Method, OutputGrid, Warp};
//!
//! // 100 × 100 pixels of 10 m in UTM zone 33, rising to the east.
//! let utm: Crs = "EPSG:32633".parse()?;
//! let transform = GeoTransform { a: 10.0, b: 0.0, c: 500_000.0, d: 0.0, e: -10.0, f: 5_400_000.0 };
//! let mut raster = Raster::new(Array3::from_shape_fn((1, 100, 100), |(_, _, column)| column as f32), Validity::AllValid);
//! raster.transform = Some(transform);
//!
//! // As a web map has it, on the grid that GDAL suggests.
//! let extent = Extent::new(&utm, transform.to_array(), 100, 100)?;
//! let grid = OutputGrid::suggested(&extent, &"EPSG:3857".parse()?)?;
//! let warped = Warp::new(&raster, &utm, &grid).method(Method::Bilinear).threads(2).run()?;
//! assert_eq!(warped.dim(), (1, grid.height() as usize, grid.width() as usize));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The same pixels, however the output is cut
//! What a pixel gets depends on the output grid and the source alone: not on the part of the grid that is asked for, on threads or on their
//! order. [`OutputGrid::window`] names a part; its pixels are those of the whole, bit for bit. GDAL's warper interpolates coordinates
//! along rows of whatever it works on, and scales its kernels by the mean of a chunk, so that neighbouring tiles do not meet exactly.
//!
//! - Source coordinates are exact in squares where they must be, else interpolated by a cubic in both directions over squares of up
//!   to 64 × 64 pixels that are fixed to the grid. The error stays below 0.0001 source pixel (checked in every square, tested over nine
//!   pairs of CRSs); about 0.6 % of the pixels are transformed exactly.
//! - Kernels are as wide as the pixel at their place needs. Bilinear and cubic keep their size while a pixel is up to two source pixels
//!   long, and grow from there.
//! - Methods over areas ([`Method::Average`], [`Method::Mode`], …) take the true quadrilateral that a pixel covers; GDAL takes the upright
//!   rectangle around two of its corners.
//! - What is invalid has no weight. A pixel of a kernel is valid where the source pixel in which its middle lies is; cubic with one of its
//!   sixteen pixels missing is bilinear instead, as in GDAL.
//! - Longitudes repeat: a source that begins at 0° or ends beyond 180° is found from either side.
//!
//! With coordinates of its own exact transform (`-et 0`) and kernels of the native size (`XSCALE=1`), GDAL 3.10 gives the same nearest
//! pixels, and bilinear and cubic ones within 1 of 255 and 1e-4 of floats.
//!
//! # Alpha
//! An alpha band is no band like others, as in `gdalwarp` and GDAL's COG driver: what it hides has no part in any colour, so that there is no dark
//! fringe around it. It is the last band of a file that says so, or what [`Warp::alpha`] names; integers of 8 and 16 bits.
//!
//! - Pixels whose alpha is 0 have no weight; of the others each has the same, whatever its alpha. Colours are not multiplied by alpha.
//! - Nearest and kernels leave alpha as it is in the source pixel in which the middle lies. It is not interpolated: edges stay as sharp as they were.
//! - Methods over areas make opaque what covers anything that is not hidden; of [`Method::Sum`] alpha is the mean of what is not.
//! - Where alpha becomes 0, the image has no data: colours have nodata or what they are filled with, alpha is 0. So it is below a ten-thousandth of
//!   what is opaque, and where a kernel with weights below 0 (cubic, Lanczos) makes an alpha that is not above 0.
//! - Lanczos makes nothing where fewer than half of the pixels that it reaches hold data, by whatever mask.
//!
//! At least 99.9 % of the samples that GDAL 3.10.3 warps are met by [`Warp::gdal`], by all methods (`tests/suite/alpha.rs`); 99 % by exact
//! places, where GDAL's are exact and its kernels of the same size. Beside alpha, nodata of single bands hides them where GDAL's kernels make a
//! value of neighbours. Alpha of less than 8 or 16 bits stays as it is stored, where GDAL scales it to all of the type; floats and wider
//! integers that a file calls alpha are warped like any other band, where GDAL writes whole numbers up to 255. Without its alpha band in the
//! selection, an image of two or four bands is masked by it all the same.
//!
//! # As GDAL does it
//! [`Warp::gdal`] (of files [`WarpedRead::gdal`]) takes GDAL 3.10's formulas instead, for comparison and migration: coordinates interpolated along rows within 0.125 pixel,
//! kernels scaled by the chunk, chunks cut as for 64 MB of memory, upright boxes for areas, and the places where its kernels are odd.
//! Against `reproject` of rasterio 1.4.4 with its defaults all methods have the same pixels.
//!
//! # Beside rio-tiler
//! rio-tiler's tile of the same place differs by at most its own approximation: it reads through GDAL's `WarpedVRT`, at the level that GDAL takes,
//! with coordinates within 0.125 pixel. Over 815 tiles, random places of up to 95 files at the zoom nearest to their
//! resolution, at least 96 % of nearest pixels are equal, and the mean difference is 0.05 % of the range of values; one and two zooms coarser it is
//! below 0.25 % for nearest and 1 % for bilinear, whose kernels GDAL widens earlier. Validity is equal on 99.99 %.
//!
//! # Files
//! What a part of the output looks at is known before the first byte is fetched: blocks are read in the file's order, neighbours merged, each
//! once where memory allows. Of the file's overviews the one is read whose pixels are about as large as those of the grid, over all of
//! the source: every part of a grid, and neighbouring tiles, come from one level.
//!
//! # Cut-lines
//! A [`Cutline`] makes invalid what lies outside of polygons; its masks are those of GDAL's rasterizer, and the same for any window.
//!
//! # Features
//! `files`, on by default, brings [`WarpedRead`] and cog-read, whose features bring codecs and remote stores. Without it arrays are warped,
//! without I/O.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod alpha;
mod array;
mod cutline;
mod engine;
mod error;
mod frame;
mod gdal;
mod grid;
mod lattice;
mod level;
mod mapping;
mod method;
mod output;
#[cfg(feature = "files")]
mod read;
mod row;
mod sampling;
mod vector;

pub use array::Warp;
pub use cog_error::ErrorClass;
pub use cutline::{CutMask, Cutline};
pub use error::{CutlineError, Error, Result};
pub use grid::{GridRequest, OutputGrid, TileGrid};
pub use method::{Method, UnknownMethod};
pub use {cog_crs as crs, cog_raster as raster};
#[cfg(feature = "files")]
#[cfg_attr(docsrs, doc(cfg(feature = "files")))]
pub use {
    cog_read as reader,
    read::{WarpProgress, WarpedRead, crs_of, extent_of, places_of},
};

/// The example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
