//! Integers as samples.

use cog_tiff::{Nodata, SampleType};
use ndarray::Array3;

use super::{Sample, sealed, spread, storage};
use crate::pixels::Pixels;
use crate::pixels::truncate::{truncate, truncate_wide};

/// A nodata that is exact in a type: only the two 64-bit integers have such.
type Exact<T> = fn(Nodata) -> Option<T>;

macro_rules! integer {
    ($($type:ty, $variant:ident, $unsigned:ty, $through:ty, dense $dense:expr, small $small:expr, direct $direct:expr, sign $sign:expr, $exact:expr;)*) => { $(
        impl sealed::Sealed for $type {}

        impl Sample for $type {
            storage!($variant, number);

            const DENSE: usize = $dense;
            const SMALL: bool = $small;
            const DIRECT_MEAN: bool = $direct;
            type Count = $unsigned;

            fn from_nodata(nodata: Nodata) -> $type {
                let exact: Exact<$type> = $exact;
                exact(nodata).unwrap_or(nodata.as_f64().round() as $type)
            }
            fn nodata_test(nodata: Nodata) -> impl Fn($type) -> bool + Copy {
                // Of a fraction GDAL takes what is before the point. What the type cannot hold equals nothing.
                let value = nodata.as_f64().trunc();
                let exact: Exact<$type> = $exact;
                let (nodata, held) = match exact(nodata) {
                    Some(exact) => (exact, true),
                    None => (value as $type, (value as $type) as f64 == value),
                };
                move |v| held && v == nodata
            }
            fn holds(value: f64) -> bool { value >= <$type>::MIN as f64 && value <= <$type>::MAX as f64 }
            fn is_above_zero(self) -> bool { self > 0 }

            #[inline(always)]
            fn lane(self, _: usize) -> f64 { self as f64 }
            #[inline(always)]
            fn small(self) -> i32 { self as i32 }
            #[inline(always)]
            fn small_mean(sum: i32, shift: u32) -> $type {
                let mean = (sum.wrapping_abs() + ((1 << shift) >> 1)) >> shift;
                (if sum < 0 { -mean } else { mean }) as $type
            }
            #[inline(always)]
            fn byte(self) -> usize { self as u8 as usize }
            #[inline(always)]
            fn hash(self) -> u64 { spread(self as u64) }
            #[inline(always)]
            fn from_lanes(lanes: [f64; 2]) -> $type {
                let v = lanes[0] as $through;
                let v = v + (0.5 as $through).copysign(v);
                if Self::SMALL { truncate(f64::from(v) as f32, <$type>::MIN as i16, <$type>::MAX as u16) as $type } else { v as $type }
            }
            #[inline(always)]
            fn from_mean(mean: f64) -> $type {
                let v = mean + 0.5f64.copysign(mean);
                if Self::SMALL { truncate_wide(v, <$type>::MIN as i16, <$type>::MAX as u16) as $type } else { v as $type }
            }
            #[inline(always)]
            fn working(value: f64) -> f64 { value as $through as f64 }
            #[inline(always)]
            fn from_mean_square(square: f64) -> $type {
                if Self::DIRECT_MEAN {
                    // GDAL rounds up from k² + k + 1/2, not from (k + 1/2)².
                    let root = square.sqrt().floor();
                    let up = square > root * (root + 1.0) + 0.5;
                    Self::from_mean(if up { root + 1.0 } else { root })
                } else {
                    Self::from_lanes([square.sqrt(), 0.0])
                }
            }
            #[inline(always)]
            fn same(self, other: $type) -> bool { self == other }
            fn next(self) -> $type { if self == <$type>::MAX { self - 1 } else { self + 1 } }
            fn at_most(self, max: $type) -> $type { self.min(max) }

            // The sign bit is turned over, so that negative numbers come first.
            #[inline(always)]
            fn ordered(self) -> Option<u64> { Some((self as $unsigned ^ $sign) as u64) }
            fn from_ordered(key: u64) -> f64 { (key as $unsigned ^ $sign) as $type as f64 }
            fn exact(self) -> i128 { self as i128 }
        }
    )* };
}

integer! {
    u8, U8, u8, f32, dense 1 << 8, small true, direct true, sign 0, |_| None;
    i8, I8, u8, f32, dense 1 << 8, small true, direct false, sign 1 << 7, |_| None;
    u16, U16, u16, f32, dense 1 << 16, small true, direct true, sign 0, |_| None;
    i16, I16, u16, f32, dense 1 << 16, small true, direct false, sign 1 << 15, |_| None;
    u32, U32, u32, f64, dense 0, small false, direct false, sign 0, |_| None;
    i32, I32, u32, f64, dense 0, small false, direct false, sign 1 << 31, |_| None;
    u64, U64, u64, f64, dense 0, small false, direct false, sign 0, |nodata| match nodata {
        Nodata::Uint(exact) => Some(exact),
        _ => None,
    };
    i64, I64, u64, f64, dense 0, small false, direct false, sign 1 << 63, |nodata| match nodata {
        Nodata::Int(exact) => Some(exact),
        _ => None,
    };
}
