//! From the blocks of a level to the pixels that a request wants: bands, validity, areas, other resolutions.

pub(crate) mod areas;
pub(crate) mod band_source;
pub(crate) mod budget;
pub(crate) mod output_grid;
pub(crate) mod padding;
pub(crate) mod resampled;
pub(crate) mod resampled_output;
pub(crate) mod selection;
pub(crate) mod unwritten;
pub(crate) mod walk;
