//! Samples of several types as one.

use cog_raster::ndarray::Array3;
use cog_raster::num_complex::Complex;
use cog_raster::{Nodata, Pixels, Sample, SampleType, dispatch};

/// The smallest type that holds the values of both, as NumPy's `result_type`: 64-bit integers of different signs, and those with floats,
/// become `float64`.
pub(crate) fn common(a: SampleType, b: SampleType) -> SampleType {
    use SampleType::{Complex32, Complex64, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
    match (a, b) {
        _ if a == b => a,
        (Complex64 | Complex32, other) | (other, Complex64 | Complex32) => {
            let narrow = |of| matches!(of, U8 | I8 | U16 | I16 | F32 | Complex32);
            let both = narrow(a) && narrow(b) && narrow(other);
            if both { Complex32 } else { Complex64 }
        }
        (F64, _) | (_, F64) => F64,
        (F32, U8 | I8 | U16 | I16) | (U8 | I8 | U16 | I16, F32) => F32,
        (F32, _) | (_, F32) => F64,
        (U64, I8 | I16 | I32 | I64) | (I8 | I16 | I32 | I64, U64) => F64,
        (U64, _) | (_, U64) => U64,
        (I64, _) | (_, I64) | (U32, I8 | I16 | I32) | (I8 | I16 | I32, U32) => I64,
        (U32, _) | (_, U32) => U32,
        (I32, _) | (_, I32) | (U16, I8 | I16) | (I8 | I16, U16) => I32,
        (U16, _) | (_, U16) => U16,
        (I16, _) | (_, I16) | (U8, I8) | (I8, U8) => I16,
        _ => a,
    }
}

/// The same values in a type that [`common`] gave; in another one they are rounded and cut to its range.
pub(crate) fn convert(pixels: Pixels, to: SampleType) -> Pixels {
    if pixels.sample_type() == to {
        return pixels;
    }
    match to {
        SampleType::Complex32 => complex(&pixels, |v| Complex::new(v.re as f32, v.im as f32)).into(),
        SampleType::Complex64 => complex(&pixels, |v| v).into(),
        _ => {
            let numbers = pixels.to_f64();
            dispatch!(to, T => real::<T>(&numbers), _ => pixels)
        }
    }
}

fn real<T: Sample>(numbers: &Array3<f64>) -> Pixels {
    Pixels::from(numbers.mapv(|v| T::from_nodata(Nodata::Float(v))))
}

fn complex<T: Copy + Default>(pixels: &Pixels, of: impl Fn(Complex<f64>) -> T) -> Array3<T> {
    Array3::from_shape_fn(pixels.dim(), |at| pixels.value(at).map_or_else(T::default, &of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_raster::ndarray::arr3;

    /// `numpy.result_type` of NumPy 2.4 for every pair, types in this order.
    #[test]
    fn the_common_type_is_that_of_numpy() {
        use SampleType::{Complex32, Complex64, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64};
        let order = [U8, U16, U32, U64, I8, I16, I32, I64, F32, F64, Complex32, Complex64];
        let table = [
            [U8, U16, U32, U64, I16, I16, I32, I64, F32, F64, Complex32, Complex64],
            [U16, U16, U32, U64, I32, I32, I32, I64, F32, F64, Complex32, Complex64],
            [U32, U32, U32, U64, I64, I64, I64, I64, F64, F64, Complex64, Complex64],
            [U64, U64, U64, U64, F64, F64, F64, F64, F64, F64, Complex64, Complex64],
            [I16, I32, I64, F64, I8, I16, I32, I64, F32, F64, Complex32, Complex64],
            [I16, I32, I64, F64, I16, I16, I32, I64, F32, F64, Complex32, Complex64],
            [I32, I32, I64, F64, I32, I32, I32, I64, F64, F64, Complex64, Complex64],
            [I64, I64, I64, F64, I64, I64, I64, I64, F64, F64, Complex64, Complex64],
            [F32, F32, F64, F64, F32, F32, F64, F64, F32, F64, Complex32, Complex64],
            [F64, F64, F64, F64, F64, F64, F64, F64, F64, F64, Complex64, Complex64],
            [
                Complex32, Complex32, Complex64, Complex64, Complex32, Complex32, Complex64, Complex64, Complex32,
                Complex64, Complex32, Complex64,
            ],
            [Complex64; 12],
        ];
        for (a, row) in order.into_iter().zip(table) {
            for (b, wanted) in order.into_iter().zip(row) {
                assert_eq!(common(a, b), wanted, "{a} and {b}");
            }
        }
    }

    #[test]
    fn values_stay_what_they_are() {
        let bytes = Pixels::from(arr3(&[[[0u8, 7, 255]]]));
        assert_eq!(convert(bytes.clone(), SampleType::I16), Pixels::from(arr3(&[[[0i16, 7, 255]]])));
        assert_eq!(convert(bytes.clone(), SampleType::F32), Pixels::from(arr3(&[[[0f32, 7.0, 255.0]]])));
        let complex = arr3(&[[[Complex::new(0f32, 0.0), Complex::new(7.0, 0.0), Complex::new(255.0, 0.0)]]]);
        assert_eq!(convert(bytes, SampleType::Complex32), Pixels::from(complex));
        let wide = Pixels::from(arr3(&[[[u32::MAX, 1]]]));
        assert_eq!(convert(wide, SampleType::I64), Pixels::from(arr3(&[[[i64::from(u32::MAX), 1]]])));
        let nan = convert(Pixels::from(arr3(&[[[f32::NAN]]])), SampleType::F64);
        assert!(nan.view::<f64>().unwrap()[[0, 0, 0]].is_nan());
    }
}
