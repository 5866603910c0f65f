//! From sums to samples.

use super::{Resampling, vector};
use crate::pixels::sample::Sample;

/// What a result may be.
#[derive(Clone, Copy, Debug)]
pub struct Rules<T> {
    /// The value of invalid results. A source sample that equals it is invalid, a valid result that equals it is moved to
    /// the next value.
    pub nodata: Option<T>,
    /// The largest value of a type with fewer bits than its samples: `2^NBITS - 1`.
    pub max: Option<T>,
    /// GDAL 3.10 multiplies masked samples by 0 in the four kernels, which leaves a NaN a NaN and spreads it as far as the
    /// kernel reaches. False keeps masked NaN out of the sums.
    pub spread_nan: bool,
}

impl<T> Default for Rules<T> {
    fn default() -> Self {
        Rules { nodata: None, max: None, spread_nan: true }
    }
}

/// The output row that is being finished.
#[derive(Debug)]
pub(crate) struct Finish<T> {
    rules: Rules<T>,
    method: Resampling,
    masked: bool,
    samples: Vec<T>,
    validity: Vec<u8>,
}

/// Where finished rows go: number of the output row, its samples, and 255 or 0 for each; `None` if all are valid.
pub type Sink<'a, T> = &'a mut dyn FnMut(usize, &[T], Option<&[u8]>);

impl<T: Sample> Finish<T> {
    pub(crate) fn new(method: Resampling, rules: Rules<T>, masked: bool, width: usize) -> Finish<T> {
        let validity = if masked { vec![255; width] } else { Vec::new() };
        Finish { rules, method, masked, samples: vec![T::default(); width], validity }
    }

    /// True if a sample needs no look at what it became.
    fn is_plain(&self) -> bool {
        self.rules.nodata.is_none() && self.rules.max.is_none()
    }

    pub(crate) fn rules(&self) -> &Rules<T> {
        &self.rules
    }

    fn not_nodata(&self, sample: T) -> T {
        match self.rules.nodata {
            Some(nodata) if sample.same(nodata) => sample.next(),
            _ => sample,
        }
    }

    /// The sample that stands for a mean. Where it is rounded in the working type, only an exact nodata is moved.
    fn mean_sample(&self, lanes: [f64; 2]) -> T {
        let [mean, _] = lanes;
        match self.method {
            Resampling::Gauss => T::from_mean(mean),
            Resampling::Rms if T::DIRECT_MEAN => self.not_nodata(T::from_mean_square(mean)),
            Resampling::Rms if T::LANES > 1 => T::from_lanes(lanes.map(f64::sqrt)),
            Resampling::Rms => self.moved(mean.sqrt(), T::from_mean_square(mean)),
            _ if T::DIRECT_MEAN => self.not_nodata(T::from_mean(mean)),
            _ => self.moved(mean, T::from_lanes(lanes)),
        }
    }

    fn moved(&self, value: f64, sample: T) -> T {
        match self.rules.nodata {
            Some(nodata) if T::LANES == 1 && T::working(value) == nodata.lane(0) => nodata.next(),
            _ => sample,
        }
    }

    /// Finishes a row of kernel sums; `valid` says which are.
    pub(crate) fn kernel(&mut self, row: usize, lanes: &[Vec<f64>], valid: Option<&[u8]>, sink: Sink<'_, T>) {
        match lanes {
            [sums] => vector::from_sums(sums, &mut self.samples),
            _ => each(lanes, &mut self.samples, T::from_lanes),
        }
        if let Some(max) = self.rules.max {
            self.samples.iter_mut().for_each(|sample| *sample = sample.at_most(max));
        }
        if let Some(nodata) = self.rules.nodata {
            let next = nodata.next();
            self.samples.iter_mut().for_each(|sample| *sample = if sample.same(nodata) { next } else { *sample });
        }
        self.emit(row, valid, sink);
    }

    /// Finishes a row of means; `valid` says which are.
    pub(crate) fn means(&mut self, row: usize, lanes: &[Vec<f64>], valid: Option<&[u8]>, sink: Sink<'_, T>) {
        if let ([means], true) = (lanes, self.is_plain()) {
            match self.method {
                Resampling::Rms => vector::from_mean_squares(means, &mut self.samples),
                Resampling::Average if !T::DIRECT_MEAN => vector::from_sums(means, &mut self.samples),
                _ => vector::from_means(means, &mut self.samples),
            }
            return self.emit(row, valid, sink);
        }
        let mut samples = std::mem::take(&mut self.samples);
        each(lanes, &mut samples, |sums| self.mean_sample(sums));
        self.samples = samples;
        self.emit(row, valid, sink);
    }

    /// Passes on samples that are taken from the source as they are; `write` fills them and, if there is one, the
    /// validity (255 everywhere before).
    pub(crate) fn copy(&mut self, row: usize, write: impl FnOnce(&mut [T], &mut [u8]), sink: Sink<'_, T>) {
        self.validity.fill(255);
        write(&mut self.samples, &mut self.validity);
        if let Some(nodata) = self.rules.nodata {
            for (valid, sample) in self.validity.iter_mut().zip(&self.samples) {
                *valid = if sample.same(nodata) { 0 } else { *valid };
            }
        }
        sink(row, &self.samples, self.masked.then_some(self.validity.as_slice()));
    }

    /// The row's samples, to be chosen from the source before [`Finish::emit`].
    pub(crate) fn samples_mut(&mut self) -> &mut [T] {
        &mut self.samples
    }

    /// Writes nodata or 0 where the row is not valid and hands it over.
    pub(crate) fn emit(&mut self, row: usize, valid: Option<&[u8]>, sink: Sink<'_, T>) {
        if !self.masked {
            return sink(row, &self.samples, None);
        }
        self.validity.resize(self.samples.len(), 255);
        match valid {
            Some(valid) => {
                let fill = self.rules.nodata.unwrap_or_default();
                for ((sample, is), valid) in self.samples.iter_mut().zip(&mut self.validity).zip(valid) {
                    *is = if *valid == 0 { 0 } else { 255 };
                    *sample = if *valid == 0 { fill } else { *sample };
                }
            }
            None => self.validity.fill(255),
        }
        if let Some(nodata) = self.rules.nodata {
            for (is, sample) in self.validity.iter_mut().zip(&self.samples) {
                *is = if sample.same(nodata) { 0 } else { *is };
            }
        }
        sink(row, &self.samples, Some(&self.validity));
    }
}

fn each<T: Sample>(lanes: &[Vec<f64>], samples: &mut [T], mut make: impl FnMut([f64; 2]) -> T) {
    match lanes {
        [real, imaginary] => {
            for ((sample, re), im) in samples.iter_mut().zip(real).zip(imaginary) {
                *sample = make([*re, *im]);
            }
        }
        [real, ..] => samples.iter_mut().zip(real).for_each(|(sample, re)| *sample = make([*re, 0.0])),
        [] => {}
    }
}
