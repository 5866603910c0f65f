//! Samples of another type, or stretched.

use cog_read::ndarray::Array3;
use cog_read::tiff::SampleType;
use cog_read::{Pixels, Sample, Validity};
use cog_write::raster::{Nodata, dispatch};

/// What is done to samples before they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    /// Lowest and highest value of each band, which become those of the type; one for all, or one a band.
    pub(super) ranges: Vec<[f64; 2]>,
    /// Another type.
    pub(super) sample: Option<SampleType>,
    /// What samples without data become.
    pub(super) nodata: Option<Nodata>,
    /// Samples without data become nodata even where nothing else is done.
    pub(super) fill: bool,
    /// The band of alpha, which has no nodata.
    pub(super) alpha: Option<usize>,
    /// Every sample is taken for one that holds data.
    pub(super) all_valid: bool,
}

impl Change {
    /// True if samples stay what they are.
    pub(super) fn is_none(&self) -> bool {
        self.ranges.is_empty() && self.sample.is_none() && !self.fill
    }

    /// The type of samples of a type.
    pub(super) fn of_type(&self, sample: SampleType) -> SampleType {
        match self.sample {
            Some(sample) => sample,
            None if self.ranges.is_empty() => sample,
            None => SampleType::U8,
        }
    }

    /// Changes samples. Those without data become nodata, or 0.
    pub(super) fn apply(&self, pixels: Pixels, validity: &Validity) -> Pixels {
        if self.is_none() {
            return pixels;
        }
        let all_valid = Validity::AllValid;
        let validity = if self.all_valid { &all_valid } else { validity };
        let from = pixels.sample_type();
        let to = self.of_type(from);
        match self.ranges.is_empty() && from == to {
            // Not by way of f64, which does not hold all of 64 bits.
            true => dispatch!(to, T => self.filled::<T>(pixels, validity), _ => pixels),
            false => dispatch!(to, T => self.changed::<T>(&pixels, validity), _ => pixels),
        }
    }

    /// Samples of the same type, of which those without data become nodata.
    fn filled<T: Sample>(&self, pixels: Pixels, validity: &Validity) -> Pixels
    where
        Pixels: From<Array3<T>>,
    {
        let (Some(nodata), false) = (self.nodata, matches!(validity, Validity::AllValid)) else { return pixels };
        let mut array = pixels.into_array::<T>().unwrap_or_default();
        for (band, mut samples) in array.outer_iter_mut().enumerate() {
            let Some(mask) = validity.of_band(band).filter(|_| self.alpha != Some(band)) else { continue };
            samples.zip_mut_with(&mask, |sample, valid| {
                if *valid == 0 {
                    *sample = T::from_nodata(nodata);
                }
            });
        }
        Pixels::from(array)
    }

    /// Samples of another type or range. No sample that holds data becomes nodata.
    fn changed<T: Sample>(&self, pixels: &Pixels, validity: &Validity) -> Pixels {
        let values = pixels.to_f64();
        let nothing = self.nodata.map_or_else(T::default, T::from_nodata);
        let mut out = Array3::from_elem(values.dim(), nothing);
        let (low, high) = extremes(T::TYPE);
        // A sample that holds data and would become nodata moves by one, as in GDAL's warper.
        let taken = self.nodata.filter(|_| T::TYPE.is_integer()).map(T::from_nodata);
        let beside = self.nodata.map_or(0.0, |nodata| nodata.as_f64());
        let beside = if beside == low { beside + 1.0 } else { beside - 1.0 };
        for (band, (from, mut to)) in values.outer_iter().zip(out.outer_iter_mut()).enumerate() {
            let range = self.ranges.get(band).or(self.ranges.last()).copied();
            let alpha = self.alpha == Some(band);
            let mask = validity.of_band(band).filter(|_| !alpha);
            for (place, value) in from.indexed_iter() {
                let valid = mask.as_ref().is_none_or(|mask| mask.get(place).is_some_and(|v| *v > 0));
                let Some(to) = to.get_mut(place).filter(|_| valid) else { continue };
                let value = match range {
                    Some([min, max]) => low + ((value - min) / (max - min)).clamp(0.0, 1.0) * (high - low),
                    None => *value,
                };
                *to = T::from_nodata(Nodata::Float(value));
                if Some(*to) == taken && !alpha {
                    *to = T::from_nodata(Nodata::Float(beside));
                }
            }
        }
        Pixels::from(out)
    }
}

/// Between which values a type is stretched: integers over all that they have, floating point from 0 to 1.
fn extremes(sample: SampleType) -> (f64, f64) {
    match sample {
        SampleType::U8 => (0.0, 255.0),
        SampleType::U16 => (0.0, 65_535.0),
        SampleType::U32 => (0.0, f64::from(u32::MAX)),
        SampleType::U64 => (0.0, u64::MAX as f64),
        SampleType::I8 => (-128.0, 127.0),
        SampleType::I16 => (-32_768.0, 32_767.0),
        SampleType::I32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
        SampleType::I64 => (i64::MIN as f64, i64::MAX as f64),
        _ => (0.0, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_read::ndarray::{arr2, arr3};

    #[test]
    fn ranges_become_the_whole_of_a_type_and_what_has_no_data_stays_so() {
        let pixels = Pixels::from(arr3(&[[[100.0f32, 150.0, 300.0, 120.0]]]));
        let change = Change { ranges: vec![[100.0, 200.0]], ..Change::default() };
        let validity = Validity::Shared(arr2(&[[255, 255, 255, 0]]));
        assert_eq!(change.apply(pixels.clone(), &validity), Pixels::from(arr3(&[[[0u8, 128, 255, 0]]])));
        let cast = Change { sample: Some(SampleType::I8), nodata: Some(Nodata::Float(-1.0)), ..Change::default() };
        assert_eq!(cast.apply(pixels, &validity), Pixels::from(arr3(&[[[100i8, 127, 127, -1]]])));
    }
}
