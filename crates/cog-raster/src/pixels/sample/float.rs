//! Floating point numbers as samples.

use cog_tiff::{Nodata, SampleType};
use ndarray::Array3;

use super::{Sample, sealed, spread, storage};
use crate::pixels::Pixels;

macro_rules! float {
    ($($type:ty, $variant:ident, $bits:ty;)*) => { $(
        impl sealed::Sealed for $type {}

        impl Sample for $type {
            storage!($variant, number);

            const FORMS: bool = true;
            const MANTISSA: Option<u32> = Some(<$type>::MANTISSA_DIGITS - 1);
            type Count = $bits;

            fn from_nodata(nodata: Nodata) -> $type { nodata.as_f64() as $type }
            fn nodata_test(nodata: Nodata) -> impl Fn($type) -> bool + Copy {
                let n = nodata.as_f64() as $type;
                move |v| v == n || (v.is_nan() && n.is_nan()) || (v - n).abs() < <$type>::EPSILON * (v + n).abs() * 2.0
            }
            fn holds(value: f64) -> bool { !value.is_finite() || (value as $type).is_finite() }
            fn is_above_zero(self) -> bool { self > 0.0 }

            #[inline(always)]
            fn lane(self, _: usize) -> f64 { f64::from(self) }
            #[inline(always)]
            fn hash(self) -> u64 {
                let one = if self.is_nan() { <$type>::NAN } else if self == 0.0 { 0.0 } else { self };
                spread(u64::from(one.to_bits()))
            }
            #[inline(always)]
            fn from_lanes(lanes: [f64; 2]) -> $type { lanes[0] as $type }
            #[inline(always)]
            fn from_mean(mean: f64) -> $type { mean as $type }
            #[inline(always)]
            fn working(value: f64) -> f64 { f64::from(value as $type) }
            fn from_mean_square(square: f64) -> $type { square.sqrt() as $type }
            #[inline(always)]
            fn same(self, other: $type) -> bool { self == other || (self.is_nan() && other.is_nan()) }
            fn next(self) -> $type { if self < <$type>::MAX { self.next_up() } else { self.next_down() } }
            fn at_most(self, _: $type) -> $type { self }

            // Bits of positive floats are in order above the negative ones', whose order is the other way round.
            #[inline(always)]
            fn ordered(self) -> Option<u64> {
                const SIGN: $bits = 1 << (<$bits>::BITS - 1);
                if self.is_nan() {
                    return None;
                }
                let bits = (self + 0.0).to_bits(); // -0 becomes 0
                Some((if bits & SIGN == 0 { bits | SIGN } else { !bits }) as u64)
            }
            fn from_ordered(key: u64) -> f64 {
                const SIGN: $bits = 1 << (<$bits>::BITS - 1);
                let key = key as $bits;
                f64::from(<$type>::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN }))
            }
            fn exact(self) -> i128 { 0 }
        }
    )* };
}

float! {
    f32, F32, u32;
    f64, F64, u64;
}
