//! From the blocks of a level to the pixels that a request wants: bands, validity, areas, other resolutions.

pub(crate) mod areas;
pub(crate) mod output_grid;
pub(crate) mod padding;
pub(crate) mod resampled;
pub(crate) mod resampled_rows;
pub(crate) mod selection;
pub(crate) mod source;
pub(crate) mod unwritten;
pub(crate) mod walk;
