//! Samples as numbers that can be weighed and added.

use cog_raster::Sample;
use cog_raster::num_complex::Complex;

use crate::vector::truncate;

/// A type of samples.
pub(crate) trait Number: Sample {
    /// What weighted samples add up to: precise enough for the type.
    type Sum: Sum;
    fn to_sum(self) -> Self::Sum;
    /// The nearest value of the type: halves away from zero, ends of the range where it lies beyond.
    fn from_sum(sum: Self::Sum) -> Self;
    /// False if a sum may have grown out of the range of its type: it is to be made anew from wide ones.
    #[inline(always)]
    fn holds(self) -> bool {
        true
    }
    /// True if wide sums can hold what others do not.
    const HAS_WIDER_SUMS: bool = false;
    /// True for types whose means are kept between the [`least`](Self::least) and the [`most`](Self::most) of their samples, for shares do not add
    /// up to exactly 1: the mean of equal samples is that sample. Others are rounded to that. Means
    /// that are not made by rows add up in `f64`, which float32 is rounded from; those of float64 may differ in their last bit there.
    const IS_BOUNDED: bool = false;
    /// What every sample is less than, what every one is greater than, and what is neither. Only of bounded types.
    const ENDS: [Self; 3];
    /// The lesser of two; the other one if this is no number.
    #[inline(always)]
    fn least(self, other: Self) -> Self {
        other
    }
    /// The greater of two; the other one if this is no number.
    #[inline(always)]
    fn most(self, other: Self) -> Self {
        other
    }
    /// What any number of samples adds up to.
    type Wide: Sum<Weight = f64>;
    fn to_wide(self) -> Self::Wide;
    /// As [`from_sum`](Self::from_sum).
    fn from_wide(sum: Self::Wide) -> Self;
}

/// Sums of weighted samples.
pub(crate) trait Sum: Copy + Default + std::fmt::Debug + Send + Sync {
    type Weight: Weight;
    fn add(self, other: Self) -> Self;
    fn minus(self, other: Self) -> Self;
    fn times(self, weight: Self::Weight) -> Self;
    /// Its square; of a complex number that of its magnitude.
    fn square(self) -> Self;
    /// The root of what [`square`](Self::square) gives.
    fn root(self) -> Self;
}

/// Factors of samples.
pub(crate) trait Weight: Copy + Default + PartialOrd + std::fmt::Debug + Send + Sync {
    fn from_f64(v: f64) -> Self;
    /// What is left of 1.
    fn rest(self) -> Self;
    fn plus(self, other: Self) -> Self;
    /// 1 divided by it.
    fn of_one(self) -> Self;
}

macro_rules! weight {
    ($($type:ty),*) => { $(
        impl Weight for $type {
            #[inline(always)]
            fn from_f64(v: f64) -> Self { v as $type }
            #[inline(always)]
            fn rest(self) -> Self { 1.0 - self }
            #[inline(always)]
            fn plus(self, other: Self) -> Self { self + other }
            #[inline(always)]
            fn of_one(self) -> Self { 1.0 / self }
        }
        impl Sum for $type {
            type Weight = $type;
            #[inline(always)]
            fn add(self, other: Self) -> Self { self + other }
            #[inline(always)]
            fn minus(self, other: Self) -> Self { self - other }
            #[inline(always)]
            fn times(self, weight: $type) -> Self { self * weight }
            #[inline(always)]
            fn square(self) -> Self { self * self }
            #[inline(always)]
            fn root(self) -> Self { self.sqrt() }
        }
    )* };
}
weight!(f32, f64);

impl Sum for Complex<f64> {
    type Weight = f64;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self + other
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self - other
    }
    #[inline(always)]
    fn times(self, weight: f64) -> Self {
        self * weight
    }
    fn square(self) -> Self {
        Complex::new(self.norm_sqr(), 0.0)
    }
    fn root(self) -> Self {
        Complex::new(self.re.sqrt(), 0.0)
    }
}

macro_rules! integer {
    ($($type:ty: $sum:ty),*) => { $(impl Number for $type {
        type Sum = $sum;
        const ENDS: [Self; 3] = [0; 3];
        #[inline(always)]
        fn to_sum(self) -> $sum { self as $sum }
        // A conversion from floating point keeps to the range of the type.
        #[inline(always)]
        fn from_sum(sum: $sum) -> Self { (sum + (0.5 as $sum).copysign(sum)) as $type }
        type Wide = f64;
        #[inline(always)]
        fn to_wide(self) -> f64 { self as f64 }
        #[inline(always)]
        fn from_wide(sum: f64) -> Self { (sum + 0.5_f64.copysign(sum)) as $type }
    })* };
}
/// Types that all fit into an i32: processors convert to it.
macro_rules! small {
    ($($type:ty),*) => { $(impl Number for $type {
        type Sum = f32;
        const ENDS: [Self; 3] = [0; 3];
        #[inline(always)]
        fn to_sum(self) -> f32 { f32::from(self) }
        #[inline(always)]
        fn from_sum(sum: f32) -> Self {
            // Below 0 there is nothing to be rounded to without a sign.
            let half = if <$type>::MIN == 0 { 0.5 } else { 0.5_f32.copysign(sum) };
            truncate(sum + half, <$type>::MIN as i16, <$type>::MAX as u16) as $type
        }
        type Wide = f64;
        #[inline(always)]
        fn to_wide(self) -> f64 { f64::from(self) }
        #[inline(always)]
        fn from_wide(sum: f64) -> Self { (sum + 0.5_f64.copysign(sum)) as $type }
    })* };
}
small!(u8, u16, i8, i16);

integer!(u32: f64, i32: f64, u64: f64, i64: f64);

impl Number for f32 {
    type Sum = f32;
    #[inline(always)]
    fn to_sum(self) -> f32 {
        self
    }
    #[inline(always)]
    fn from_sum(sum: f32) -> f32 {
        sum
    }
    #[inline(always)]
    fn holds(self) -> bool {
        self.is_finite()
    }
    const HAS_WIDER_SUMS: bool = true;
    const IS_BOUNDED: bool = true;
    const ENDS: [Self; 3] = [Self::INFINITY, Self::NEG_INFINITY, Self::NAN];
    #[inline(always)]
    fn least(self, other: Self) -> Self {
        if self < other { self } else { other }
    }
    #[inline(always)]
    fn most(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
    type Wide = f64;
    #[inline(always)]
    fn to_wide(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn from_wide(sum: f64) -> Self {
        sum as f32
    }
}

impl Number for f64 {
    type Sum = f64;
    #[inline(always)]
    fn to_sum(self) -> f64 {
        self
    }
    #[inline(always)]
    fn from_sum(sum: f64) -> f64 {
        sum
    }
    #[inline(always)]
    fn holds(self) -> bool {
        self.is_finite()
    }
    const IS_BOUNDED: bool = true;
    const ENDS: [Self; 3] = [Self::INFINITY, Self::NEG_INFINITY, Self::NAN];
    #[inline(always)]
    fn least(self, other: Self) -> Self {
        if self < other { self } else { other }
    }
    #[inline(always)]
    fn most(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
    type Wide = f64;
    #[inline(always)]
    fn to_wide(self) -> f64 {
        self.to_sum()
    }
    #[inline(always)]
    fn from_wide(sum: f64) -> Self {
        Self::from_sum(sum)
    }
}

impl Number for Complex<f32> {
    const ENDS: [Self; 3] = [Complex::new(0.0, 0.0); 3];
    type Sum = Complex<f64>;
    #[inline(always)]
    fn to_sum(self) -> Complex<f64> {
        Complex::new(f64::from(self.re), f64::from(self.im))
    }
    #[inline(always)]
    fn from_sum(sum: Complex<f64>) -> Self {
        Complex::new(sum.re as f32, sum.im as f32)
    }
    #[inline(always)]
    fn holds(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }
    type Wide = Complex<f64>;
    #[inline(always)]
    fn to_wide(self) -> Complex<f64> {
        self.to_sum()
    }
    #[inline(always)]
    fn from_wide(sum: Complex<f64>) -> Self {
        Self::from_sum(sum)
    }
}

impl Number for Complex<f64> {
    const ENDS: [Self; 3] = [Complex::new(0.0, 0.0); 3];
    type Sum = Complex<f64>;
    #[inline(always)]
    fn to_sum(self) -> Complex<f64> {
        self
    }
    #[inline(always)]
    fn from_sum(sum: Complex<f64>) -> Self {
        sum
    }
    #[inline(always)]
    fn holds(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }
    type Wide = Complex<f64>;
    #[inline(always)]
    fn to_wide(self) -> Complex<f64> {
        self.to_sum()
    }
    #[inline(always)]
    fn from_wide(sum: Complex<f64>) -> Self {
        Self::from_sum(sum)
    }
}
