//! PNG files.

use std::io;

use ::png::EncodingError;
use anyhow::Context;

use crate::output::picture::{Picture, Samples};
use crate::output::written::Output;

/// Writes a picture.
pub(crate) fn write(output: &mut Output, picture: &Picture) -> anyhow::Result<()> {
    let color = match picture.channels {
        1 => ::png::ColorType::Grayscale,
        2 => ::png::ColorType::GrayscaleAlpha,
        3 => ::png::ColorType::Rgb,
        _ => ::png::ColorType::Rgba,
    };
    let size = |n: usize| u32::try_from(n).context("a PNG has at most 2^31 rows and columns");
    let (width, height) = (size(picture.width)?, size(picture.height)?);
    output.write(None, |out| {
        let mut encoder = ::png::Encoder::new(out, width, height);
        encoder.set_color(color);
        encoder.set_depth(match picture.samples {
            Samples::U8(_) => ::png::BitDepth::Eight,
            Samples::U16(_) => ::png::BitDepth::Sixteen,
        });
        let mut writer = encoder.write_header().map_err(system)?;
        match &picture.samples {
            Samples::U8(samples) => writer.write_image_data(samples),
            Samples::U16(samples) => {
                let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_be_bytes()).collect();
                writer.write_image_data(&bytes)
            }
        }
        .map_err(system)?;
        writer.finish().map_err(system)
    })
}

/// What the system said, if it is to blame: who writes knows then whether the reader went away.
fn system(error: EncodingError) -> io::Error {
    match error {
        EncodingError::IoError(error) => error,
        other => io::Error::other(other),
    }
}
