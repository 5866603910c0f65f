//! PNG files.

use std::path::Path;

use anyhow::Context;

use crate::output::file;
use crate::output::picture::Picture;

/// Writes a picture.
pub(crate) fn write(path: &Path, picture: &Picture) -> anyhow::Result<()> {
    let color = match picture.channels {
        1 => ::png::ColorType::Grayscale,
        2 => ::png::ColorType::GrayscaleAlpha,
        3 => ::png::ColorType::Rgb,
        _ => ::png::ColorType::Rgba,
    };
    let size = |n: usize| u32::try_from(n).context("a PNG has at most 2^31 rows and columns");
    let (width, height) = (size(picture.width)?, size(picture.height)?);
    file::write(path, |out| {
        let mut encoder = ::png::Encoder::new(out, width, height);
        encoder.set_color(color);
        encoder.set_depth(::png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(std::io::Error::other)?;
        writer.write_image_data(&picture.samples).map_err(std::io::Error::other)?;
        writer.finish().map_err(std::io::Error::other)
    })
}
