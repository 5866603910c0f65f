//! What commands print and write: one file a format, and where it goes.

pub(crate) mod attributes;
pub(crate) mod cog_layout;
pub(crate) mod colors;
pub(crate) mod descriptor;
pub(crate) mod destination;
pub(crate) mod drawing;
pub(crate) mod format;
pub(crate) mod grid;
pub(crate) mod identity;
pub(crate) mod info_json;
pub(crate) mod info_text;
pub(crate) mod jpeg;
pub(crate) mod json_list;
pub(crate) mod json_number;
pub(crate) mod npy;
pub(crate) mod picture;
pub(crate) mod pieces;
pub(crate) mod png;
pub(crate) mod rescale;
pub(crate) mod rows;
pub(crate) mod stderr;
pub(crate) mod stdout;
pub(crate) mod temporary;
pub(crate) mod text;
pub(crate) mod webp;
pub(crate) mod written;
