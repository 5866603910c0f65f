//! Warping, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod alpha;
mod answers;
mod cut;
mod cutline;
mod cutline_text;
mod files;
mod gcps;
mod gdal;
mod gdal_files;
mod gdal_mode;
mod made_tiff;
mod reference;
mod requests;
