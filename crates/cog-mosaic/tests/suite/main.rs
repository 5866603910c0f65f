//! Many files as one, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod composite;
mod pages;
mod scene;
mod stac;
mod stack;
