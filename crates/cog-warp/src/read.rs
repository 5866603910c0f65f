//! Warped reads of files: which blocks an output needs, and what is made of them.

mod blocks;
mod by_gdal;
mod choice;
mod making;
mod place;
mod plan;
mod reach;
mod request;
mod run;

pub use place::{crs_of, extent_of};
pub use request::{WarpProgress, WarpedRead};
