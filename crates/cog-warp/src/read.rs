//! Warped reads of files: which blocks an output needs, and what is made of them.

mod blocks;
mod by_gdal;
mod choice;
mod copied;
mod exact;
mod fetch;
mod job;
mod making;
mod place;
mod plan;
mod progress;
mod reach;
mod reading;
mod request;
mod scene;
mod squares;

pub use place::{crs_of, extent_of, places_of};
pub use progress::WarpProgress;
pub use request::WarpedRead;
