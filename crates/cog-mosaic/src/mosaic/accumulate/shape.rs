//! What all accumulators have in common.

use cog_raster::{Nodata, Pixels, Raster, Sample, SampleType};

use crate::error::{Error, Result};
use crate::mosaic::layer::Layer;
use crate::mosaic::masks::Masks;
use crate::mosaic::rectangle::Rectangle;
use crate::mosaic::selection::PixelSelection;

/// What becomes of layers.
pub(in crate::mosaic) trait Accumulate: Send {
    /// Takes the next layer: the rasters of a source's files, whose bands follow each other, of this part. The answer is whether it holds any
    /// data.
    fn feed(&mut self, rasters: Vec<Raster>, at: Rectangle) -> Result<bool>;

    /// The rectangle around the pixels that no layer had yet. `None` once there are none.
    fn missing(&self) -> Option<Rectangle>;

    /// The pixels, (band, row, column), and which hold data.
    fn finish(self: Box<Self>) -> Result<(Pixels, Masks)>;
}

/// What every accumulator needs to know.
#[derive(Clone, Copy, Debug)]
pub(in crate::mosaic) struct Shape {
    /// Of the layers.
    pub(in crate::mosaic) bands: usize,
    pub(in crate::mosaic) width: usize,
    pub(in crate::mosaic) height: usize,
    /// What pixels without data are filled with; 0 without.
    pub(in crate::mosaic) fill: Option<Nodata>,
    /// Of the mosaic: that many layers may come, here or elsewhere.
    pub(in crate::mosaic) sources: usize,
}

impl Shape {
    pub(in crate::mosaic) fn plane(self) -> usize {
        self.width * self.height
    }

    pub(in crate::mosaic) fn all(self) -> Rectangle {
        Rectangle::all(self.width, self.height)
    }

    pub(in crate::mosaic) fn pixels<T: Sample>(self, bands: usize, samples: Vec<T>) -> Result<Pixels> {
        let array = cog_raster::ndarray::Array3::from_shape_vec((bands, self.height, self.width), samples);
        array.map(Pixels::from).map_err(|_| Error::Internal { what: "pixels of a mosaic have another size than it" })
    }
}

/// The type of the pixels that a selection makes of samples.
pub(in crate::mosaic) fn output_type(selection: PixelSelection, sample_type: SampleType, sources: usize) -> SampleType {
    match selection {
        PixelSelection::StandardDeviation => SampleType::F64,
        PixelSelection::Count if sources < 1 << 8 => SampleType::U8,
        PixelSelection::Count if sources < 1 << 16 => SampleType::U16,
        PixelSelection::Count => SampleType::U32,
        _ => sample_type,
    }
}

/// How many bands it makes of so many.
pub(in crate::mosaic) fn output_bands(selection: PixelSelection, bands: usize) -> usize {
    match selection {
        PixelSelection::Count => bands.min(1),
        by_last if by_last.is_by_last_band() => bands.saturating_sub(1),
        _ => bands,
    }
}

/// Bytes that a pixel takes while layers come, of which there are up to `layers`.
pub(in crate::mosaic) fn pixel_bytes(
    selection: PixelSelection,
    sample_type: SampleType,
    bands: usize,
    layers: usize,
) -> usize {
    let layer = bands.saturating_mul(sample_type.size()).saturating_add(1);
    match selection {
        PixelSelection::Median => layer.saturating_mul(layers.max(1)).saturating_add(layer),
        PixelSelection::Mean | PixelSelection::Sum => bands.saturating_mul(20).saturating_add(layer),
        PixelSelection::StandardDeviation => bands.saturating_mul(28).saturating_add(layer),
        PixelSelection::Count => 8,
        _ => layer,
    }
}

/// The layer of a source, if it has as many bands as the others.
pub(in crate::mosaic) fn layer<T: Sample>(rasters: Vec<Raster>, at: Rectangle, bands: usize) -> Result<Layer<T>> {
    let layer = Layer::<T>::of(rasters)?;
    match layer.samples.len() == bands * at.pixels() {
        true => Ok(layer),
        false => Err(Error::Internal { what: "a layer of a mosaic has another size than it" }),
    }
}
