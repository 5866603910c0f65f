//! How many layers hold data.

use cog_raster::{Pixels, Raster, SampleType};

use super::shape::{Accumulate, Shape, output_type};
use crate::error::Result;
use crate::mosaic::masks::Masks;
use crate::mosaic::rectangle::Rectangle;
use crate::mosaic::selection::PixelSelection;

pub(super) struct Counts {
    shape: Shape,
    /// Of the first band.
    counts: Vec<u32>,
}

impl Counts {
    pub(super) fn new(shape: Shape) -> Counts {
        Counts { shape, counts: vec![0; shape.plane()] }
    }
}

impl Accumulate for Counts {
    fn feed(&mut self, rasters: Vec<Raster>, at: Rectangle) -> Result<bool> {
        let mut has_data = false;
        if let Some(first) = rasters.first() {
            let masks = Masks::of(&first.validity, first.dim());
            has_data = masks.any();
            at.rows(&mut self.counts, self.shape.width, masks.band(0), |mine, theirs| {
                mine.iter_mut().zip(theirs).for_each(|(count, valid)| *count += u32::from(*valid > 0));
            });
        }
        Ok(has_data)
    }

    fn missing(&self) -> Option<Rectangle> {
        Some(self.shape.all())
    }

    fn finish(self: Box<Self>) -> Result<(Pixels, Masks)> {
        let shape = self.shape;
        // No count is above the number of sources, by which the type is chosen.
        let pixels = match output_type(PixelSelection::Count, SampleType::U8, shape.sources) {
            SampleType::U8 => {
                shape.pixels(1, self.counts.iter().map(|n| u8::try_from(*n).unwrap_or(u8::MAX)).collect())
            }
            SampleType::U16 => {
                shape.pixels(1, self.counts.iter().map(|n| u16::try_from(*n).unwrap_or(u16::MAX)).collect())
            }
            _ => shape.pixels(1, self.counts),
        };
        Ok((pixels?, Masks::all(shape.plane())))
    }
}
