//! A TIFF with the files beside it: its header bytes, its structure, its levels.

pub(crate) mod header_bytes;
pub(crate) mod layer;
pub(crate) mod levels;
#[cfg(feature = "jpeg")]
pub(crate) mod old_jpeg;
pub(crate) mod pieces;
pub(crate) mod side_cars;
pub(crate) mod tiff_file;
pub(crate) mod validity_source;
