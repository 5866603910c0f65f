//! What every request for pixels can say, whatever it asks for: written once.

use std::sync::Arc;

use cog_tiff::SampleType;

use crate::error::UsageProblem;
use crate::pipeline::progress::{Counter, ProgressHook};

/// Which samples a request reads, and what is called as it goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    /// From 1; all if nothing is said.
    pub(crate) bands: Option<Vec<usize>>,
    /// Colours stay as they are stored.
    pub(crate) raw_color: bool,
    /// The caller's nodata, instead of all that the file says about validity.
    pub(crate) nodata: Option<f64>,
    pub(crate) progress: Option<ProgressHook>,
}

impl Selection {
    pub(crate) fn counter(&self) -> Arc<Counter> {
        Arc::new(Counter::new(self.progress.clone()))
    }

    /// Refuses a nodata that no sample can have, as rasterio does: outside the range of the type, not-a-number and infinity for
    /// integers. A fraction inside the range passes there and here.
    pub(crate) fn check_nodata(&self, sample_type: SampleType) -> Result<(), UsageProblem> {
        match self.nodata {
            Some(nodata) if !is_within(nodata, sample_type) => {
                Err(UsageProblem::NodataOutsideType { nodata, sample_type })
            }
            _ => Ok(()),
        }
    }
}

/// Whether a value lies in the range of a type. `f64` rounds the bounds of 64-bit integers to the next power of two, which is
/// meant as the bound itself.
fn is_within(value: f64, sample_type: SampleType) -> bool {
    let within = |low: f64, high: f64| value >= low && value <= high;
    match sample_type {
        SampleType::U8 => within(0.0, u8::MAX.into()),
        SampleType::U16 => within(0.0, u16::MAX.into()),
        SampleType::U32 => within(0.0, u32::MAX.into()),
        SampleType::U64 => within(0.0, u64::MAX as f64),
        SampleType::I8 => within(i8::MIN.into(), i8::MAX.into()),
        SampleType::I16 => within(i16::MIN.into(), i16::MAX.into()),
        SampleType::I32 => within(i32::MIN.into(), i32::MAX.into()),
        SampleType::I64 => within(i64::MIN as f64, i64::MAX as f64),
        // What rounds to a float32 is one, however its digits were cut.
        SampleType::F32 | SampleType::Complex32 => !value.is_finite() || (value as f32).is_finite(),
        _ => true,
    }
}

/// The setters of a request whose [`Selection`] lies in this field.
macro_rules! selection_setters {
    ($($field:ident).+) => {
        /// Reads these bands, numbered from 1, in this order.
        pub fn bands(mut self, bands: impl IntoIterator<Item = usize>) -> Self {
            self.$($field).+.bands = Some(bands.into_iter().collect());
            self
        }

        /// Delivers samples as they are stored where GDAL would convert colours (8-bit CMYK, CIELab, YCbCr that is not JPEG).
        pub fn raw_color(mut self) -> Self {
            self.$($field).+.raw_color = true;
            self
        }

        /// Pixels of this value hold no data. It replaces what the file says, its mask and alpha band included. A value outside the
        /// range of the samples' type (not-a-number of integers too) is a usage error.
        pub fn nodata(mut self, nodata: f64) -> Self {
            self.$($field).+.nodata = Some(nodata);
            self
        }

        /// Calls `hook` before the first block and after every block, from the threads that decode: it should be quick. Two calls
        /// may come at once, so the numbers of one may be behind those of the other.
        pub fn progress(mut self, hook: impl Fn($crate::ReadProgress) + Send + Sync + 'static) -> Self {
            self.$($field).+.progress = Some($crate::pipeline::progress::ProgressHook(std::sync::Arc::new(hook)));
            self
        }
    };
}
pub(crate) use selection_setters;

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdicts of rasterio 1.4.4 (`open(…, "w", nodata=value)` raises ValueError where false).
    #[test]
    fn nodata_is_judged_as_rasterio_judges_it() {
        use SampleType as T;
        for (sample_type, value, fits) in [
            (T::U8, 255.0, true),
            (T::U8, 254.5, true),
            (T::U8, 255.5, false),
            (T::U8, 256.0, false),
            (T::U8, -0.4, false),
            (T::U8, f64::NAN, false),
            (T::U8, f64::INFINITY, false),
            (T::I8, -129.0, false),
            (T::I16, -32768.0, true),
            (T::I16, -32768.5, false),
            (T::I16, f64::NAN, false),
            (T::I64, f64::NAN, false),
            (T::I64, 0.5, true),
            (T::U64, -1.0, false),
            (T::F32, 1e39, false),
            (T::F32, 3.4028235e38, true),
            (T::F32, f64::NAN, true),
            (T::F32, f64::NEG_INFINITY, true),
            (T::F64, 1e308, true),
            (T::Complex32, f64::NAN, true),
            (T::Complex32, 1e39, false),
        ] {
            assert_eq!(is_within(value, sample_type), fits, "{value} of {sample_type}");
        }
        // Beyond rasterio, whose integers are exact: the largest ones as f64 says them.
        assert!(is_within(i64::MAX as f64, T::I64) && is_within(u64::MAX as f64, T::U64));
    }
}
