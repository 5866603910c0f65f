//! Blocks and streams, compared with what other software reads from them. One program for all tests of the crate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says what it compared"
)]

mod blocks;
mod encode;
mod examples;
mod hostile;
mod round_trip;
