//! Colours of files that store each sample in planes of its own: converted when the planes are together.

use cog_codecs::ColorTransform;
use cog_raster::Pixels;
use ndarray::{Array3, Axis};

use crate::file::layer::Layer;

/// Converts all planes of an image to the colours that GDAL shows, row by row. Pixels that are not 8-bit stay as they are.
pub(crate) fn convert(pixels: Pixels, layer: &Layer) -> Result<Pixels, cog_codecs::Error> {
    let Pixels::U8(planes) = pixels else { return Ok(pixels) };
    let mut spec = layer.spec(0);
    spec.samples = layer.image.samples;
    let transform = ColorTransform::new(&spec)?;
    let (stored, height, width) = planes.dim();
    let shown = usize::from(transform.output_samples());
    let mut converted = Array3::zeros((shown, height, width));
    let mut row_in = vec![0; stored * width];
    let mut row_out = vec![0; shown * width];
    for y in 0..height {
        for (band, plane) in planes.index_axis(Axis(1), y).outer_iter().enumerate() {
            row_in.iter_mut().skip(band).step_by(stored).zip(plane).for_each(|(to, from)| *to = *from);
        }
        transform.convert(&row_in, &mut row_out)?;
        for (band, mut plane) in converted.index_axis_mut(Axis(1), y).outer_iter_mut().enumerate() {
            plane.iter_mut().zip(row_out.iter().skip(band).step_by(shown)).for_each(|(to, from)| *to = *from);
        }
    }
    Ok(Pixels::U8(converted))
}
