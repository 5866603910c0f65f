//! Reading, as a caller of the crate sees it. One program for all tests: each more would link the whole workspace again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it compared"
)]

mod blocking;
mod boundless_reads_match_rasterio;
mod cut_strips;
mod directories;
mod examples;
mod failures;
mod forge;
mod framed_blocks;
mod inks;
mod matrix;
mod nodata_and_alpha;
mod nodata_text;
mod odd_depths;
mod opening;
mod overview_means;
mod pages;
mod palette_means;
mod pixels_match_oracle;
mod points;
mod points_match_gdal;
mod random_windows;
mod reads_match_oracle;
mod requests;
mod requests_dropped;
mod requests_table;
mod side_cars;
mod soak;
mod support;
mod tiles_together;
mod unwritten_blocks;
mod validity;
mod windows_and_tiles;
mod ycbcr;
