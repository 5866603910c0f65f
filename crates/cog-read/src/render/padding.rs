//! The part of a boundless read that lies outside the image.

use cog_raster::{Nodata, Pixels, Validity};

use crate::error::{Error, Result};
use crate::render::band_source::BandSource;
use crate::render::output_grid::OutputGrid;

/// Puts pixels into a larger array, filled with `fill`, else with nodata, else with 0; nothing outside is valid.
pub(crate) fn pad(
    source: &BandSource,
    grid: &OutputGrid,
    pixels: Pixels,
    validity: Validity,
    fill: Option<f64>,
) -> Result<(Pixels, Validity)> {
    let (bands, rows, columns) = pixels.dim();
    let shape = (bands, grid.height, grid.width);
    let out_of_memory = || Error::OutOfMemory {
        location: source.location(),
        bytes: (grid.width as u64).saturating_mul(grid.height as u64).saturating_mul(bands as u64),
    };
    let value = fill.map(Nodata::Float).or(source.nodata());
    let mut padded = Pixels::filled(pixels.sample_type(), shape, value).ok_or_else(out_of_memory)?;
    padded.copy_rectangle(grid.inside.y, grid.inside.x, &pixels);
    let validity = validity.placed((grid.height, grid.width), (grid.inside.y, grid.inside.x), (rows, columns));
    Ok((padded, validity))
}
