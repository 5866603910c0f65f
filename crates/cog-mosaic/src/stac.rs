//! STAC: items, their assets, and collections of items page by page.

pub(crate) mod asset;
mod bands;
mod found;
pub(crate) mod href;
pub(crate) mod item;
pub(crate) mod media_type;
pub(crate) mod pages;
mod projection;

pub use bands::StacBand;

/// Text of a document as it may stand in a line, and no longer than `most` characters.
fn bounded(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}
