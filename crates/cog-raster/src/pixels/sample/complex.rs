//! Complex numbers as samples.

use cog_tiff::{Nodata, SampleType};
use ndarray::Array3;
use num_complex::Complex;

use super::{Sample, sealed, spread, storage};
use crate::pixels::Pixels;

macro_rules! complex {
    ($($part:ty, $variant:ident;)*) => { $(
        impl sealed::Sealed for Complex<$part> {}

        impl Sample for Complex<$part> {
            storage!($variant);

            const LANES: usize = 2;
            const FORMS: bool = true;
            type Count = u64;

            fn push_le(self, bytes: &mut Vec<u8>) {
                self.re.push_le(bytes);
                self.im.push_le(bytes);
            }
            fn push_ne(self, bytes: &mut Vec<u8>) {
                self.re.push_ne(bytes);
                self.im.push_ne(bytes);
            }

            fn from_nodata(nodata: Nodata) -> Self { Complex::new(<$part>::from_nodata(nodata), 0.0) }
            fn nodata_test(nodata: Nodata) -> impl Fn(Self) -> bool + Copy {
                // GDAL compares the real part, as a double.
                let is_nodata = f64::nodata_test(Nodata::Float(f64::from(<$part>::from_nodata(nodata))));
                move |v| is_nodata(f64::from(v.re))
            }
            fn holds(value: f64) -> bool { <$part>::holds(value) }
            fn is_above_zero(self) -> bool { true }

            #[inline(always)]
            fn lane(self, lane: usize) -> f64 { f64::from(if lane == 0 { self.re } else { self.im }) }
            fn hash(self) -> u64 { spread(Sample::hash(self.re) ^ Sample::hash(self.im) << 32) }
            fn from_lanes(lanes: [f64; 2]) -> Self { Complex::new(lanes[0] as $part, lanes[1] as $part) }
            fn from_mean(mean: f64) -> Self { Complex::new(mean as $part, 0.0) }
            fn working(value: f64) -> f64 { f64::from(value as $part) }
            fn from_mean_square(square: f64) -> Self { Complex::new(square.sqrt() as $part, 0.0) }
            fn same(self, other: Self) -> bool { self.re.same(other.re) && self.im.same(other.im) }
            fn next(self) -> Self { Complex::new(self.re.next(), self.im) }
            fn at_most(self, _: Self) -> Self { self }

            fn ordered(self) -> Option<u64> { None }
            fn from_ordered(_: u64) -> f64 { f64::NAN }
            fn exact(self) -> i128 { 0 }
        }
    )* };
}

complex! {
    f32, Complex32;
    f64, Complex64;
}
