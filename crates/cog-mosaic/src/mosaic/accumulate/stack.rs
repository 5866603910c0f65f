//! Medians: all layers are kept.

use cog_raster::{Pixels, Raster, Sample};

use super::shape::{Accumulate, Shape, layer};
use super::sums::whole;
use crate::error::Result;
use crate::mosaic::layer::Layer;
use crate::mosaic::masks::Masks;
use crate::mosaic::rectangle::Rectangle;

pub(super) struct Stack<T> {
    shape: Shape,
    layers: Vec<(Layer<T>, Rectangle)>,
    masks: Masks,
}

impl<T: Sample> Stack<T> {
    pub(super) fn new(shape: Shape) -> Stack<T> {
        Stack { shape, layers: Vec::new(), masks: Masks::nothing(shape.plane()) }
    }
}

impl<T: Sample> Accumulate for Stack<T> {
    fn feed(&mut self, rasters: Vec<Raster>, at: Rectangle) -> Result<bool> {
        let layer = layer::<T>(rasters, at, self.shape.bands)?;
        let has_data = layer.masks.any();
        if layer.masks.planes > 1 {
            self.masks.spread(self.shape.bands);
        }
        self.masks.or(&layer.masks, at, self.shape.width);
        if has_data {
            self.layers.push((layer, at));
        }
        Ok(has_data)
    }

    fn missing(&self) -> Option<Rectangle> {
        Some(self.shape.all())
    }

    fn finish(self: Box<Self>) -> Result<(Pixels, Masks)> {
        let Shape { bands, width, .. } = self.shape;
        let fill = self.shape.fill.map_or_else(T::default, T::from_nodata);
        let mut samples = Vec::with_capacity(bands * self.shape.plane());
        // Of one row of a band: the values of all layers, pixel by pixel.
        let mut row: Vec<Vec<Option<u64>>> = vec![Vec::new(); width];
        for band in 0..bands {
            for y in 0..self.shape.height {
                for (layer, at) in self.layers.iter().filter(|(_, at)| (at.y..at.y + at.height).contains(&y)) {
                    let first = (y - at.y) * at.width;
                    let of_band = layer.samples.get(band * at.pixels() + first..).unwrap_or_default();
                    let valid = layer.masks.band(band).get(first..first + at.width).unwrap_or_default();
                    let cells = row.get_mut(at.x..at.x + at.width).unwrap_or_default();
                    for ((values, sample), _) in
                        cells.iter_mut().zip(of_band).zip(valid).filter(|(_, valid)| **valid > 0)
                    {
                        values.push(sample.ordered());
                    }
                }
                samples.extend(row.iter_mut().map(|values| median::<T>(values).map_or(fill, whole::<T>)));
                row.iter_mut().for_each(Vec::clear);
            }
        }
        let Stack { shape, masks, layers } = *self;
        drop(layers);
        Ok((shape.pixels(bands, samples)?, masks))
    }
}

/// Of keys in order; NaN where one of the values is, which has no key.
fn median<T: Sample>(values: &mut [Option<u64>]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    if values.iter().any(Option::is_none) {
        return Some(f64::NAN);
    }
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable(middle);
    let upper = T::from_ordered(upper.unwrap_or(0));
    match below.iter().max().filter(|_| even) {
        Some(lower) => Some((T::from_ordered(lower.unwrap_or(0)) + upper) / 2.0),
        None => Some(upper),
    }
}
