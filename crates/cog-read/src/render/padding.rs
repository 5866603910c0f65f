//! The part of a boundless read that lies outside the image.

use crate::error::{Error, Result};
use crate::pixels::raster::Pixels;
use crate::pixels::validity::{Validity, fill_bytes, sample_bytes};
use crate::render::output_grid::Frame;
use crate::render::source::Request;

/// Puts pixels into a larger array, filled with `fill`, else with nodata, else with 0; nothing outside is valid.
pub(crate) fn pad(
    request: &Request,
    frame: &Frame,
    pixels: Pixels,
    validity: Validity,
    fill: Option<f64>,
) -> Result<(Pixels, Validity)> {
    let (bands, rows, columns) = pixels.dim();
    let sample_type = pixels.sample_type();
    let value = match fill {
        Some(fill) => sample_bytes(cog_tiff::Nodata::Float(fill), sample_type),
        None => fill_bytes(request.nodata(), sample_type),
    };
    let shape = (bands, frame.height, frame.width);
    let out_of_memory = || Error::OutOfMemory {
        location: request.location(),
        bytes: (frame.width as u64).saturating_mul(frame.height as u64).saturating_mul(bands as u64),
    };
    let mut padded = Pixels::filled(sample_type, shape, value).ok_or_else(out_of_memory)?;
    padded.copy_rectangle(frame.inside.y, frame.inside.x, &pixels);
    let validity = validity.placed((frame.height, frame.width), (frame.inside.y, frame.inside.x), (rows, columns));
    Ok((padded, validity))
}
