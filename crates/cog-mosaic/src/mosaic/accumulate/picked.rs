//! One source's sample for each pixel: the first, or the one that compares best.

use cog_raster::{Pixels, Raster, Sample};

use super::shape::{Accumulate, Shape, layer};
use crate::error::Result;
use crate::mosaic::layer::Layer;
use crate::mosaic::masks::Masks;
use crate::mosaic::rectangle::Rectangle;

/// Which sample counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    First,
    Highest,
    Lowest,
    LastBandHighest,
    LastBandLowest,
}

impl Rule {
    fn is_by_last_band(self) -> bool {
        matches!(self, Rule::LastBandHighest | Rule::LastBandLowest)
    }

    /// Whether a sample replaces one that is there.
    fn prefers<T: Sample>(self, new: T, old: T) -> bool {
        match self {
            Rule::First => false,
            Rule::Highest | Rule::LastBandHighest => is_above(new, old),
            Rule::Lowest | Rule::LastBandLowest => is_above(old, new),
        }
    }
}

/// NaN is neither above nor below.
fn is_above<T: Sample>(a: T, b: T) -> bool {
    matches!((a.ordered(), b.ordered()), (Some(a), Some(b)) if a > b)
}

pub(super) struct Picked<T> {
    rule: Rule,
    shape: Shape,
    samples: Vec<T>,
    masks: Masks,
}

impl<T: Sample> Picked<T> {
    pub(super) fn new(rule: Rule, shape: Shape) -> Picked<T> {
        let samples = vec![T::default(); shape.bands * shape.plane()];
        Picked { rule, shape, samples, masks: Masks::nothing(shape.plane()) }
    }

    fn take(&mut self, layer: &Layer<T>, at: Rectangle) {
        let (width, plane, part) = (self.shape.width, self.shape.plane().max(1), at.pixels().max(1));
        let decided = self.rule.is_by_last_band().then(|| self.decided(layer, at));
        let bands = self.samples.chunks_exact_mut(plane).zip(layer.samples.chunks_exact(part));
        for (band, (mine, theirs)) in bands.enumerate() {
            let (had, has) = (self.masks.band(band), layer.masks.band(band));
            let rows = at.starts(width).zip(theirs.chunks_exact(at.width).zip(has.chunks_exact(at.width)));
            for (row, (first, (theirs, has))) in rows.enumerate() {
                let (Some(mine), Some(had)) = (mine.get_mut(first..first + at.width), had.get(first..first + at.width))
                else {
                    continue;
                };
                let pixels = mine.iter_mut().zip(theirs).zip(had.iter().zip(has));
                match decided.as_ref().and_then(|all| all.get(row * at.width..(row + 1) * at.width)) {
                    Some(decided) => pixels.zip(decided).for_each(|(((mine, new), (had, has)), better)| {
                        if *has > 0 && (*had == 0 || *better) {
                            *mine = *new;
                        }
                    }),
                    None => pixels.for_each(|((mine, new), (had, has))| {
                        if *has > 0 && (*had == 0 || self.rule.prefers(*new, *mine)) {
                            *mine = *new;
                        }
                    }),
                }
            }
        }
        self.masks.or(&layer.masks, at, width);
    }

    /// Where the last band says that the layer is better.
    fn decided(&self, layer: &Layer<T>, at: Rectangle) -> Vec<bool> {
        let (width, last) = (self.shape.width, self.shape.bands.saturating_sub(1));
        let old = self.samples.get(last * self.shape.plane()..).unwrap_or_default();
        let new = layer.samples.get(last * at.pixels()..).unwrap_or_default();
        let (had, has) = (self.masks.band(last), layer.masks.band(last));
        let rows = at.starts(width).zip(new.chunks_exact(at.width).zip(has.chunks_exact(at.width)));
        rows.flat_map(|(first, (new, has))| {
            let old = old.get(first..).unwrap_or_default().iter().zip(had.get(first..).unwrap_or_default());
            let pixels = new.iter().zip(has).zip(old);
            pixels.map(|((new, has), (old, had))| *has > 0 && (*had == 0 || self.rule.prefers(*new, *old)))
        })
        .collect()
    }
}

impl<T: Sample> Accumulate for Picked<T> {
    fn feed(&mut self, rasters: Vec<Raster>, at: Rectangle) -> Result<bool> {
        let layer = layer::<T>(rasters, at, self.shape.bands)?;
        let has_data = layer.masks.any();
        if layer.masks.planes > 1 {
            self.masks.spread(self.shape.bands);
        }
        self.take(&layer, at);
        Ok(has_data)
    }

    fn missing(&self) -> Option<Rectangle> {
        self.masks.missing(self.shape.width)
    }

    fn finish(mut self: Box<Self>) -> Result<(Pixels, Masks)> {
        let fill = self.shape.fill.map_or_else(T::default, T::from_nodata);
        for (band, samples) in self.samples.chunks_exact_mut(self.shape.plane().max(1)).enumerate() {
            let valid = self.masks.band(band);
            samples.iter_mut().zip(valid).filter(|(_, valid)| **valid == 0).for_each(|(sample, _)| *sample = fill);
        }
        let bands = self.shape.bands - usize::from(self.rule.is_by_last_band()).min(self.shape.bands);
        self.samples.truncate(bands * self.shape.plane());
        Ok((self.shape.pixels(bands, self.samples)?, self.masks.cut(bands)))
    }
}
