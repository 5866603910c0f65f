//! What the resampler must know about a type of samples.

use std::ops::AddAssign;

use num_complex::Complex;

use super::vector;

/// A type that can be resampled. Sums are made in doubles, one per lane (complex samples have two).
///
/// How a sum becomes a sample follows GDAL's working types: up to 16-bit integers and f32 pass through f32, wider ones
/// through f64.
pub(crate) trait Numeric: Copy + PartialEq + Default + Send + Sync + std::fmt::Debug + 'static {
    /// Numbers in one sample.
    const LANES: usize = 1;
    /// Different values, if few enough for a table.
    const DENSE: usize = 0;
    /// Samples of different bits may be the same: zeros of either sign, NaN.
    const FORMS: bool = false;
    /// Sums of up to 2^15 such samples fit 32 bits.
    const SMALL: bool = false;
    /// Means are rounded once, in integers (u8, u16), before they are compared with nodata.
    const DIRECT_MEAN: bool = false;
    /// NumPy's name of the type.
    const NAME: &'static str;
    /// An unsigned integer as wide as the sample, so that vectors hold as many of both.
    type Count: Copy + Default + Ord + From<bool> + AddAssign + Send + Sync + std::fmt::Debug + 'static;

    /// One number of the sample.
    fn lane(self, lane: usize) -> f64;
    /// The sample as an integer, if [`Numeric::SMALL`].
    fn small(self) -> i32 {
        0
    }
    /// Mean of `2^shift` samples whose sum is small, as the working type rounds it: exact for up to 256 samples.
    fn small_mean(_sum: i32, _shift: u32) -> Self {
        Self::default()
    }
    /// The bits of an 8-bit sample.
    fn byte(self) -> usize {
        0
    }
    /// Spreads samples over a table, those that are the same to the same place.
    fn hash(self) -> u64;
    /// From sums of both lanes: through the working type, half away from zero, clamped to the type.
    fn from_lanes(lanes: [f64; 2]) -> Self;
    /// The same, without the step through f32.
    fn from_mean(mean: f64) -> Self;
    /// The working type's value of a sum.
    fn working(value: f64) -> f64;
    /// Root of a mean of squares.
    fn from_mean_square(square: f64) -> Self;
    /// Equal, or both NaN.
    fn same(self, other: Self) -> bool;
    /// The next value, upwards if there is one: what a result becomes that happens to equal nodata.
    fn next(self) -> Self;
    /// Not above `max`.
    fn at_most(self, max: Self) -> Self;
}

/// Multiplies by an odd number (2^64 / golden ratio) and takes the upper half, which all bits reach.
fn spread(bits: u64) -> u64 {
    bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

macro_rules! integer {
    ($($type:ty, $name:literal, $dense:expr, $small:expr, $direct:expr, $through:ty, $unsigned:ty;)*) => { $(
        impl Numeric for $type {
            const DENSE: usize = $dense;
            const SMALL: bool = $small;
            const DIRECT_MEAN: bool = $direct;
            const NAME: &'static str = $name;
            type Count = $unsigned;

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
                if Self::SMALL { vector::truncate(f64::from(v) as f32, <$type>::MIN as i16, <$type>::MAX as u16) as $type } else { v as $type }
            }
            #[inline(always)]
            fn from_mean(mean: f64) -> $type {
                let v = mean + 0.5f64.copysign(mean);
                if Self::SMALL { vector::truncate_wide(v, <$type>::MIN as i16, <$type>::MAX as u16) as $type } else { v as $type }
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
        }
    )* };
}

integer! {
    u8, "uint8", 1 << 8, true, true, f32, u8;
    i8, "int8", 1 << 8, true, false, f32, u8;
    u16, "uint16", 1 << 16, true, true, f32, u16;
    i16, "int16", 1 << 16, true, false, f32, u16;
    u32, "uint32", 0, false, false, f64, u32;
    i32, "int32", 0, false, false, f64, u32;
    u64, "uint64", 0, false, false, f64, u64;
    i64, "int64", 0, false, false, f64, u64;
}

macro_rules! float {
    ($($type:ty, $name:literal, $count:ty;)*) => { $(
        impl Numeric for $type {
            const FORMS: bool = true;
            const NAME: &'static str = $name;
            type Count = $count;

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
        }
    )* };
}

float! {
    f32, "float32", u32;
    f64, "float64", u64;
}

macro_rules! complex {
    ($($part:ty, $name:literal;)*) => { $(
        impl Numeric for Complex<$part> {
            const LANES: usize = 2;
            const FORMS: bool = true;
            const NAME: &'static str = $name;
            type Count = u64;

            #[inline(always)]
            fn lane(self, lane: usize) -> f64 { f64::from(if lane == 0 { self.re } else { self.im }) }
            fn hash(self) -> u64 { spread(self.re.hash() ^ self.im.hash() << 32) }
            fn from_lanes(lanes: [f64; 2]) -> Self { Complex::new(lanes[0] as $part, lanes[1] as $part) }
            fn from_mean(mean: f64) -> Self { Complex::new(mean as $part, 0.0) }
            fn working(value: f64) -> f64 { f64::from(value as $part) }
            fn from_mean_square(square: f64) -> Self { Complex::new(square.sqrt() as $part, 0.0) }
            fn same(self, other: Self) -> bool { self.re.same(other.re) && self.im.same(other.im) }
            fn next(self) -> Self { Complex::new(self.re.next(), self.im) }
            fn at_most(self, _: Self) -> Self { self }
        }
    )* };
}

complex! {
    f32, "complex64";
    f64, "complex128";
}
