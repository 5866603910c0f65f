//! CRSs, as a caller of the crate sees them. One program for all tests of the crate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it compared"
)]

mod arbitrary;
mod corpus;
mod domains;
mod extent;
mod footprint;
mod gcps;
mod geo_keys;
mod identity;
mod proj;
mod text;
mod tiles;
mod tiles_of_rasters;
mod transform;
