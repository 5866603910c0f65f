//! The crate as a program uses it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, and says what it compared"
)]

mod near;
mod pieces;
