//! Samples as integers in the same order.

use crate::resample::Numeric;

/// A type whose values can be counted and put in order.
pub(crate) trait Ordered: Numeric {
    /// Bits behind the leading one of a float; `None` for integers.
    const MANTISSA: Option<u32>;

    /// Greater for greater values, equal for equal ones; `None` for NaN.
    fn ordered(self) -> Option<u64>;
    /// The value of a key.
    fn from_ordered(key: u64) -> f64;
    /// Exact sum of a part, for integers.
    fn exact(self) -> i128;
}

macro_rules! unsigned {
    ($($type:ty),*) => { $(impl Ordered for $type {
        const MANTISSA: Option<u32> = None;
        #[inline(always)]
        fn ordered(self) -> Option<u64> { Some(self as u64) }
        fn from_ordered(key: u64) -> f64 { key as f64 }
        fn exact(self) -> i128 { self as i128 }
    })* };
}
unsigned!(u8, u16, u32, u64);

macro_rules! signed {
    ($($type:ty, $unsigned:ty);*) => { $(impl Ordered for $type {
        const MANTISSA: Option<u32> = None;
        #[inline(always)]
        fn ordered(self) -> Option<u64> { Some((self as $unsigned ^ (1 << (<$type>::BITS - 1))) as u64) }
        fn from_ordered(key: u64) -> f64 { (key as $unsigned ^ (1 << (<$type>::BITS - 1))) as $type as f64 }
        fn exact(self) -> i128 { self as i128 }
    })* };
}
signed!(i8, u8; i16, u16; i32, u32; i64, u64);

macro_rules! float {
    ($($type:ty, $bits:ty);*) => { $(impl Ordered for $type {
        const MANTISSA: Option<u32> = Some(<$type>::MANTISSA_DIGITS - 1);
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
    })* };
}
float!(f32, u32; f64, u64);

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
        assert_eq!((<i16 as Ordered>::from_ordered((-5i16).ordered().unwrap()), (-1i8).ordered()), (-5.0, Some(127)));
    }
}
