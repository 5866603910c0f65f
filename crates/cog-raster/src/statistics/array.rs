//! Statistics of arrays.

use cog_error::ErrorClass;
use cog_tiff::SampleType;
use ndarray::{ArrayView2, Axis};

use crate::dispatch;
use crate::pixels::raster::Raster;
use crate::pixels::sample::Sample;
use crate::statistics::{Accumulator, BandStatistics, StatisticsOptions};

/// Why there are no statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatisticsError {
    /// Samples have no order.
    #[error("samples of type {sample_type} have no order to make statistics of")]
    NoOrder {
        /// Their type.
        sample_type: SampleType,
    },
    /// A mask of another size than the array.
    #[error("a mask of {} × {} pixels does not fit an array of {} × {}", mask.1, mask.0, array.1, array.0)]
    Mask {
        /// Rows and columns of the mask.
        mask: (usize, usize),
        /// Rows and columns of the array.
        array: (usize, usize),
    },
    /// The machine has no memory to count in.
    #[error("no memory for counting")]
    OutOfMemory,
}

impl StatisticsError {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            StatisticsError::NoOrder { .. } | StatisticsError::Mask { .. } => ErrorClass::Usage,
            StatisticsError::OutOfMemory => ErrorClass::Limits,
        }
    }
}

/// Statistics of the samples of one band; NaN, and pixels whose mask is 0, do not count.
///
/// ```
/// use cog_raster::ndarray::arr2;
/// use cog_raster::statistics::{StatisticsOptions, statistics};
///
/// let values = arr2(&[[1u8, 2], [2, 200]]);
/// let mask = arr2(&[[255, 255], [255, 0]]);
/// let found = statistics(values.view(), Some(mask.view()), &StatisticsOptions::default())?;
/// assert_eq!((found.min, found.max, found.count, found.majority), (1.0, 2.0, 3, Some(2.0)));
/// # Ok::<(), cog_raster::statistics::StatisticsError>(())
/// ```
///
/// # Errors
/// Complex samples, a mask that does not fit, and too little memory.
pub fn statistics<T: Sample>(
    values: ArrayView2<'_, T>,
    mask: Option<ArrayView2<'_, u8>>,
    options: &StatisticsOptions,
) -> Result<BandStatistics, StatisticsError> {
    if T::TYPE.is_complex() {
        return Err(StatisticsError::NoOrder { sample_type: T::TYPE });
    }
    if let Some(mask) = mask.filter(|mask| mask.dim() != values.dim()) {
        return Err(StatisticsError::Mask { mask: mask.dim(), array: values.dim() });
    }
    let mut accumulator = Accumulator::new(options, usize::MAX);
    accumulator.push(values, mask);
    if accumulator.is_short() { Err(StatisticsError::OutOfMemory) } else { Ok(accumulator.finish()) }
}

impl Raster {
    /// Statistics of each band, of the pixels that hold data.
    ///
    /// # Errors
    /// As [`statistics`].
    pub fn statistics(&self, options: &StatisticsOptions) -> Result<Vec<BandStatistics>, StatisticsError> {
        let sample_type = self.pixels.sample_type();
        let no_order = StatisticsError::NoOrder { sample_type };
        dispatch!(sample_type, T => {
            let samples = self.pixels.view::<T>().map_err(|_| no_order)?;
            let of = |(band, values)| statistics(values, self.validity.of_band(band), options);
            (0..).zip(samples.axis_iter(Axis(0))).map(of).collect()
        }, _ => Err(no_order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::validity::Validity;
    use ndarray::{Array2, Array3, arr2, arr3};
    use num_complex::Complex;

    #[test]
    fn each_band_of_a_raster_counts_what_is_valid() {
        let raster = Raster::new(arr3(&[[[1u16, 500]], [[7, 9]]]), Validity::Shared(arr2(&[[255, 0]])));
        let found = raster.statistics(&StatisticsOptions::default()).unwrap();
        assert_eq!(
            found.iter().map(|band| (band.max, band.valid_percent)).collect::<Vec<_>>(),
            [(1.0, 50.0), (7.0, 50.0)]
        );
    }

    #[test]
    fn what_has_no_order_or_no_mask_that_fits_is_refused() {
        let options = StatisticsOptions::default();
        let complex = Raster::new(Array3::<Complex<f32>>::zeros((1, 2, 2)), Validity::AllValid);
        let sample_type = SampleType::Complex32;
        assert_eq!(complex.statistics(&options), Err(StatisticsError::NoOrder { sample_type }));
        let (values, mask) = (Array2::<u8>::zeros((2, 2)), Array2::zeros((2, 3)));
        let refused = statistics(values.view(), Some(mask.view()), &options).unwrap_err();
        assert_eq!(refused.to_string(), "a mask of 3 × 2 pixels does not fit an array of 2 × 2");
    }
}
