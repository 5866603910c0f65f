//! The types that samples can have, and all that is asked of them.

mod complex;
mod float;
mod integer;

use std::fmt::Debug;
use std::ops::AddAssign;

use cog_tiff::{Nodata, SampleType};
use ndarray::Array3;
use num_complex::Complex;

use crate::pixels::Pixels;

mod sealed {
    /// Only the types of [`Pixels`](crate::Pixels) are samples.
    pub trait Sealed {}
}

/// A type that samples can have: the integers of 8 to 64 bits, `f32`, `f64`, and complex numbers of these two. Every pattern of bits
/// is a value of it. [`dispatch!`](crate::dispatch) runs code for the one that a [`SampleType`] names.
///
/// How a result becomes a sample follows GDAL's working types: integers of up to 16 bits and `f32` pass through `f32`, wider ones
/// through `f64`. Sums are made in doubles, one a lane: complex samples have two.
pub trait Sample: sealed::Sealed + Copy + PartialEq + Default + Debug + Send + Sync + 'static {
    /// Its name among the types of samples.
    const TYPE: SampleType;

    /// The array, if it holds this type.
    #[doc(hidden)]
    fn of(pixels: &Pixels) -> Option<&Array3<Self>>;
    /// The array, if it holds this type; else the pixels unchanged.
    #[doc(hidden)]
    fn take(pixels: Pixels) -> Result<Array3<Self>, Pixels>;
    /// Pixels of this type.
    #[doc(hidden)]
    fn wrap(array: Array3<Self>) -> Pixels;

    /// Appends the sample as little-endian bytes; of a complex one first the real part.
    fn push_le(self, bytes: &mut Vec<u8>);
    /// Appends the sample as it lies in this machine's memory.
    fn push_ne(self, bytes: &mut Vec<u8>);

    /// The sample that paints pixels without data. Integers are rounded and cut to their range, as GDAL does.
    fn from_nodata(nodata: Nodata) -> Self;
    /// What tells samples that are nodata, as GDAL does: of a fraction an integer type has what is before the point, floats are
    /// equal within two units in the last place (NaN to NaN too), of complex samples the real part counts.
    fn nodata_test(nodata: Nodata) -> impl Fn(Self) -> bool + Copy;
    /// Whether a value lies in the range of the type. `f64` rounds the bounds of 64-bit integers to the next power of two, which is
    /// meant as the bound itself; what rounds to an `f32` is one, however its digits were cut.
    fn holds(value: f64) -> bool;
    /// Above 0; true for every complex sample.
    fn is_above_zero(self) -> bool;

    /// As `f64`; of a complex sample the real part. 64-bit integers beyond 2^53 are rounded.
    fn real(self) -> f64 {
        self.lane(0)
    }
    /// As a complex number: samples of other types have no imaginary part.
    fn to_complex(self) -> Complex<f64> {
        Complex::new(self.lane(0), if Self::LANES > 1 { self.lane(1) } else { 0.0 })
    }

    /// Numbers in one sample.
    #[doc(hidden)]
    const LANES: usize = 1;
    /// Different values, if few enough for a table.
    #[doc(hidden)]
    const DENSE: usize = 0;
    /// Samples of different bits may be the same: zeros of either sign, NaN.
    #[doc(hidden)]
    const FORMS: bool = false;
    /// Sums of up to 2^15 such samples fit 32 bits.
    #[doc(hidden)]
    const SMALL: bool = false;
    /// Means are rounded once, in integers (u8, u16), before they are compared with nodata.
    #[doc(hidden)]
    const DIRECT_MEAN: bool = false;
    /// Bits behind the leading one of a float; `None` for integers.
    #[doc(hidden)]
    const MANTISSA: Option<u32> = None;
    /// An unsigned integer as wide as the sample, so that vectors hold as many of both.
    #[doc(hidden)]
    type Count: Copy + Default + Ord + From<bool> + AddAssign + Send + Sync + Debug + 'static;

    /// One number of the sample.
    #[doc(hidden)]
    fn lane(self, lane: usize) -> f64;
    /// The sample as an integer, if [`Sample::SMALL`].
    #[doc(hidden)]
    fn small(self) -> i32 {
        0
    }
    /// Mean of `2^shift` samples whose sum is small, as the working type rounds it: exact for up to 256 samples.
    #[doc(hidden)]
    fn small_mean(_sum: i32, _shift: u32) -> Self {
        Self::default()
    }
    /// The bits of an 8-bit sample.
    #[doc(hidden)]
    fn byte(self) -> usize {
        0
    }
    /// Spreads samples over a table, those that are the same to the same place.
    #[doc(hidden)]
    fn hash(self) -> u64;
    /// From sums of both lanes: through the working type, half away from zero, clamped to the type.
    #[doc(hidden)]
    fn from_lanes(lanes: [f64; 2]) -> Self;
    /// The same, without the step through f32.
    #[doc(hidden)]
    fn from_mean(mean: f64) -> Self;
    /// The working type's value of a sum.
    #[doc(hidden)]
    fn working(value: f64) -> f64;
    /// Root of a mean of squares.
    #[doc(hidden)]
    fn from_mean_square(square: f64) -> Self;
    /// Equal, or both NaN.
    #[doc(hidden)]
    fn same(self, other: Self) -> bool;
    /// The next value, upwards if there is one: what a result becomes that happens to equal nodata.
    #[doc(hidden)]
    fn next(self) -> Self;
    /// Not above `max`.
    #[doc(hidden)]
    fn at_most(self, max: Self) -> Self;

    /// A key that is greater for greater values, equal for equal ones; `None` for NaN and complex samples, which have no order.
    #[doc(hidden)]
    fn ordered(self) -> Option<u64>;
    /// The value of a key.
    #[doc(hidden)]
    fn from_ordered(key: u64) -> f64;
    /// The sample as a part of an exact sum, for integers.
    #[doc(hidden)]
    fn exact(self) -> i128;
}

/// Multiplies by an odd number (2^64 / golden ratio) and takes the upper half, which all bits reach.
fn spread(bits: u64) -> u64 {
    bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

/// How samples of a type become pixels and bytes.
macro_rules! storage {
    ($variant:ident) => {
        const TYPE: SampleType = SampleType::$variant;

        fn of(pixels: &Pixels) -> Option<&Array3<Self>> {
            match pixels {
                Pixels::$variant(a) => Some(a),
                _ => None,
            }
        }
        fn take(pixels: Pixels) -> Result<Array3<Self>, Pixels> {
            match pixels {
                Pixels::$variant(a) => Ok(a),
                other => Err(other),
            }
        }
        fn wrap(array: Array3<Self>) -> Pixels {
            Pixels::$variant(array)
        }
    };
    ($variant:ident, number) => {
        $crate::pixels::sample::storage!($variant);

        fn push_le(self, bytes: &mut Vec<u8>) {
            bytes.extend_from_slice(&self.to_le_bytes());
        }
        fn push_ne(self, bytes: &mut Vec<u8>) {
            bytes.extend_from_slice(&self.to_ne_bytes());
        }
    };
}
use storage;

/// Runs code for the type that a [`SampleType`](crate::SampleType) names, as if it were written for each of the twelve:
///
/// ```
/// use cog_raster::{Sample, SampleType, dispatch};
///
/// let bytes = |sample_type: SampleType| dispatch!(sample_type, T => size_of::<T>(), _ => 0);
/// assert_eq!((bytes(SampleType::U16), bytes(SampleType::Complex64)), (2, 16));
/// ```
#[macro_export]
macro_rules! dispatch {
    ($sample_type:expr, $T:ident => $body:expr, $other:pat => $otherwise:expr $(,)?) => {
        match $sample_type {
            $crate::SampleType::U8 => {
                type $T = u8;
                $body
            }
            $crate::SampleType::U16 => {
                type $T = u16;
                $body
            }
            $crate::SampleType::U32 => {
                type $T = u32;
                $body
            }
            $crate::SampleType::U64 => {
                type $T = u64;
                $body
            }
            $crate::SampleType::I8 => {
                type $T = i8;
                $body
            }
            $crate::SampleType::I16 => {
                type $T = i16;
                $body
            }
            $crate::SampleType::I32 => {
                type $T = i32;
                $body
            }
            $crate::SampleType::I64 => {
                type $T = i64;
                $body
            }
            $crate::SampleType::F32 => {
                type $T = f32;
                $body
            }
            $crate::SampleType::F64 => {
                type $T = f64;
                $body
            }
            $crate::SampleType::Complex32 => {
                type $T = $crate::num_complex::Complex<f32>;
                $body
            }
            $crate::SampleType::Complex64 => {
                type $T = $crate::num_complex::Complex<f64>;
                $body
            }
            $other => $otherwise,
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_order_and_value() {
        let values = [f64::NEG_INFINITY, -3.5, -1e-300, 0.0, 5e-324, 2.0, 1e300, f64::INFINITY];
        let keys: Vec<u64> = values.iter().map(|v| v.ordered().unwrap()).collect();
        assert!(keys.is_sorted_by(|a, b| a < b));
        assert!(keys.iter().zip(values).all(|(key, v)| f64::from_ordered(*key) == v));
        assert_eq!((-0.0f32).ordered(), 0.0f32.ordered());
        assert_eq!(f32::NAN.ordered(), None);
        assert_eq!((<i16 as Sample>::from_ordered((-5i16).ordered().unwrap()), (-1i8).ordered()), (-5.0, Some(127)));
    }

    #[test]
    fn every_type_is_dispatched_to_itself_and_back() {
        let all = [
            SampleType::U8,
            SampleType::U16,
            SampleType::U32,
            SampleType::U64,
            SampleType::I8,
            SampleType::I16,
            SampleType::I32,
            SampleType::I64,
            SampleType::F32,
            SampleType::F64,
            SampleType::Complex32,
            SampleType::Complex64,
        ];
        for sample_type in all {
            assert_eq!(dispatch!(sample_type, T => T::TYPE, other => panic!("{other}")), sample_type);
            let pixels = Pixels::filled(sample_type, (1, 1, 2), Some(Nodata::Float(3.0))).unwrap();
            assert_eq!((pixels.sample_type(), pixels.to_f64().sum()), (sample_type, 6.0));
            let size = dispatch!(sample_type, T => size_of::<T>(), _ => 0);
            assert_eq!((pixels.to_le_bytes().len(), sample_type.size()), (2 * size, size));
        }
    }
}
