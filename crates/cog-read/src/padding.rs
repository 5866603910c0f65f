//! The part of a boundless read that lies outside the image.

use ndarray::{Array2, Array3, s};

use crate::error::{Error, Result};
use crate::frame::Frame;
use crate::raster::Pixels;
use crate::request::Request;
use crate::validity::{Validity, fill_bytes, sample_bytes};

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
    let place = s![frame.inside.y..frame.inside.y + rows, frame.inside.x..frame.inside.x + columns];
    let mut mask = Array2::zeros((frame.height, frame.width));
    let validity = match validity {
        Validity::AllValid => {
            mask.slice_mut(place).fill(255);
            Validity::Shared(mask)
        }
        Validity::Shared(inside) => {
            mask.slice_mut(place).assign(&inside);
            Validity::Shared(mask)
        }
        Validity::PerBand(inside) => {
            let mut masks = Array3::zeros((inside.dim().0, frame.height, frame.width));
            for (mut mask, inside) in masks.outer_iter_mut().zip(inside.outer_iter()) {
                mask.slice_mut(place).assign(&inside);
            }
            Validity::PerBand(masks)
        }
    };
    Ok((padded, validity))
}
