//! The command as a user runs it. One program for all tests: each more would link the whole workspace again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it compared"
)]

mod bad_input;
mod bounded;
mod command;
mod completions;
mod convert;
mod convert_grid;
mod convert_judged;
mod convert_nodata;
mod damage;
mod deferral;
mod docs;
mod endings;
mod expressions;
mod geography;
mod geotiff;
mod http;
mod info_matches_oracle;
mod locations;
mod logs;
mod malformed;
mod many_files;
mod mosaic;
mod nodata_option;
mod other_grids;
mod outline;
mod outputs;
mod outputs_in_place;
mod pictures;
mod pixels_match_oracle;
mod point;
mod progress;
mod reading;
mod rio_tiler;
mod rows;
mod s3;
mod schema;
mod signals;
mod stac;
mod standard_input;
mod strange_metadata;
mod terminal;
mod tms;
mod validate;
mod warping;
