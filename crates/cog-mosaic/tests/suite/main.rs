//! Many files as one, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod composite;
mod documents;
mod early_stop;
#[path = "../../../cog-warp/tests/suite/made_tiff.rs"]
mod made_tiff;
mod mosaic;
mod pages;
mod rio_tiler;
mod scene;
mod scenes;
mod stac;
mod stac_bad_input;
mod stack;
