//! Samples of any type as numbers, NaN where there is no data.

use std::borrow::Cow;

use cog_raster::ndarray::Axis;
use cog_raster::{Sample, dispatch};

use super::band::Band;
use super::vector::vectorized;
use crate::program::Part;

/// One band in memory without gaps.
pub(super) struct Source<'a> {
    samples: Box<dyn Samples + 'a>,
    mask: Option<Cow<'a, [u8]>>,
}

trait Samples: Sync {
    /// The numbers of samples from `first` on.
    fn copy(&self, first: usize, part: Part, to: &mut [f64]);
}

impl<T: Sample> Samples for Cow<'_, [T]> {
    fn copy(&self, first: usize, part: Part, to: &mut [f64]) {
        convert(self.get(first..first + to.len()).unwrap_or_default(), part, to);
    }
}

vectorized! {
    fn convert<T: Sample>(samples: &[T], part: Part, to: &mut [f64]) = convert_of;
    fn hide(mask: &[u8], to: &mut [f64]) = hide_of;
}

#[inline(always)]
fn convert_of<T: Sample>(samples: &[T], part: Part, to: &mut [f64]) {
    let all = to.iter_mut().zip(samples);
    match part {
        Part::Value | Part::Real => all.for_each(|(to, v)| *to = v.real()),
        Part::Imaginary => all.for_each(|(to, v)| *to = imaginary(*v)),
        Part::Magnitude if T::TYPE.is_complex() => {
            all.for_each(|(to, v)| *to = v.real().hypot(imaginary(*v)));
        }
        Part::Magnitude => all.for_each(|(to, v)| *to = v.real().abs()),
    }
}

#[inline(always)]
fn hide_of(mask: &[u8], to: &mut [f64]) {
    for (to, valid) in to.iter_mut().zip(mask) {
        *to = if *valid == 0 { f64::NAN } else { *to };
    }
}

/// Not a number where the real part is none.
fn imaginary<T: Sample>(sample: T) -> f64 {
    let value = sample.to_complex();
    if value.re.is_nan() { f64::NAN } else { value.im }
}

impl<'a> Source<'a> {
    pub(super) fn of(band: &Band<'a>) -> Source<'a> {
        let pixels = band.pixels;
        let samples: Box<dyn Samples + 'a> = dispatch!(pixels.sample_type(), T => match T::of(pixels) {
            Some(array) => {
                let band = array.index_axis(Axis(0), band.index.min(array.dim().0.saturating_sub(1)));
                let whole: Cow<'a, [T]> = match band.to_slice() {
                    Some(samples) => Cow::Borrowed(samples),
                    None => Cow::Owned(band.iter().copied().collect()),
                };
                Box::new(whole)
            }
            None => Box::new(Cow::<[u8]>::Borrowed(&[])),
        }, _ => Box::new(Cow::<[u8]>::Borrowed(&[])));
        let mask = band.mask.map(|mask| match mask.to_slice() {
            Some(mask) => Cow::Borrowed(mask),
            None => Cow::Owned(mask.iter().copied().collect()),
        });
        Source { samples, mask }
    }

    /// The numbers of pixels from `first` on.
    pub(super) fn load(&self, first: usize, part: Part, to: &mut [f64]) {
        self.samples.copy(first, part, to);
        if let Some(mask) = self.mask.as_ref().and_then(|mask| mask.get(first..first + to.len())) {
            hide(mask, to);
        }
    }
}
