//! Samples and which of them hold data.

pub(crate) mod raster;
pub(crate) mod sample;
mod truncate;
pub(crate) mod unscale;
pub(crate) mod validity;

use std::borrow::Cow;

use cog_error::ErrorClass;
use cog_tiff::{Nodata, SampleType};
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, s};
use num_complex::Complex;

use sample::Sample;

/// Samples in the file's type, as (band, row, column); row 0 is the top one. Values are as stored: neither scaled
/// nor stretched. Depths below a whole byte, 16- and 24-bit floats and complex integers come in the next type
/// that holds them (see [`SampleType`]).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Pixels {
    U8(Array3<u8>),
    U16(Array3<u16>),
    U32(Array3<u32>),
    U64(Array3<u64>),
    I8(Array3<i8>),
    I16(Array3<i16>),
    I32(Array3<i32>),
    I64(Array3<i64>),
    F32(Array3<f32>),
    F64(Array3<f64>),
    Complex32(Array3<Complex<f32>>),
    Complex64(Array3<Complex<f64>>),
}

/// Runs code for the array of some pixels, whatever its type.
macro_rules! with_array {
    ($pixels:expr, $array:ident => $body:expr) => {
        match $pixels {
            Pixels::U8($array) => $body,
            Pixels::U16($array) => $body,
            Pixels::U32($array) => $body,
            Pixels::U64($array) => $body,
            Pixels::I8($array) => $body,
            Pixels::I16($array) => $body,
            Pixels::I32($array) => $body,
            Pixels::I64($array) => $body,
            Pixels::F32($array) => $body,
            Pixels::F64($array) => $body,
            Pixels::Complex32($array) => $body,
            Pixels::Complex64($array) => $body,
        }
    };
}

/// Samples of another type than was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the samples are {found}, not {asked}")]
#[non_exhaustive]
pub struct WrongType {
    /// The type that was asked for.
    pub asked: SampleType,
    /// What the samples are.
    pub found: SampleType,
}

impl WrongType {
    /// Who can act on it: the caller.
    pub fn class(&self) -> ErrorClass {
        ErrorClass::Usage
    }
}

/// Bytes that are written at once.
const PIECE: usize = 1 << 16;

impl Pixels {
    /// Bands, rows, columns.
    pub fn dim(&self) -> (usize, usize, usize) {
        with_array!(self, a => a.dim())
    }

    /// The type of the samples.
    pub fn sample_type(&self) -> SampleType {
        fn of<T: Sample>(_: &Array3<T>) -> SampleType {
            T::TYPE
        }
        with_array!(self, a => of(a))
    }

    /// The array, as (band, row, column).
    ///
    /// ```
    /// use cog_raster::{Pixels, ndarray::arr3};
    ///
    /// let pixels = Pixels::from(arr3(&[[[1u8, 2, 3]]]));
    /// assert_eq!(pixels.view::<u8>()?[[0, 0, 2]], 3);
    /// assert_eq!(pixels.view::<f32>().unwrap_err().to_string(), "the samples are uint8, not float32");
    /// # Ok::<(), cog_raster::WrongType>(())
    /// ```
    ///
    /// # Errors
    /// Samples are not of type `T`.
    pub fn view<T: Sample>(&self) -> Result<ArrayView3<'_, T>, WrongType> {
        T::of(self).map(|a| a.view()).ok_or(WrongType { asked: T::TYPE, found: self.sample_type() })
    }

    /// The array itself, as (band, row, column).
    ///
    /// # Errors
    /// Samples are not of type `T`: ask for their [`sample_type`](Self::sample_type) first if the pixels are needed then.
    pub fn into_array<T: Sample>(self) -> Result<Array3<T>, WrongType> {
        T::take(self).map_err(|other| WrongType { asked: T::TYPE, found: other.sample_type() })
    }

    /// An array of the sample that stands for nodata; of zeros without. `None` if there is no memory for it.
    pub fn filled(sample_type: SampleType, shape: (usize, usize, usize), nodata: Option<Nodata>) -> Option<Pixels> {
        fn filled<T: Sample>(shape: (usize, usize, usize), nodata: Option<Nodata>) -> Option<Pixels> {
            let len = shape.0.checked_mul(shape.1)?.checked_mul(shape.2)?;
            let mut samples: Vec<T> = Vec::new();
            samples.try_reserve_exact(len).ok()?;
            samples.resize(len, nodata.map_or(T::default(), T::from_nodata));
            Array3::from_shape_vec(shape, samples).ok().map(Pixels::from)
        }
        crate::dispatch!(sample_type, T => filled::<T>(shape, nodata), _ => None)
    }

    /// The samples as little-endian bytes, band after band, rows from the top: what NumPy stores.
    pub fn to_le_bytes(&self) -> Vec<u8> {
        with_array!(self, a => {
            let mut bytes = Vec::with_capacity(a.len() * self.sample_type().size());
            a.iter().for_each(|v| v.push_le(&mut bytes));
            bytes
        })
    }

    /// The samples as little-endian bytes, in the order of the array: those in memory, where they lie there like that.
    pub fn le_bytes(&self) -> Cow<'_, [u8]> {
        self.le_slice().map_or_else(|| Cow::Owned(self.to_le_bytes()), Cow::Borrowed)
    }

    /// The samples in memory, if they lie there as little-endian bytes in the order of the array.
    fn le_slice(&self) -> Option<&[u8]> {
        macro_rules! of {
            ($($variant:ident),*) => {
                match self {
                    $(Pixels::$variant(a) if cfg!(target_endian = "little") => a.as_slice().map(bytemuck::cast_slice),)*
                    _ => None,
                }
            };
        }
        of!(U8, U16, U32, U64, I8, I16, I32, I64, F32, F64)
    }

    /// Writes the samples as little-endian bytes, in pieces.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_le(&self, out: &mut dyn std::io::Write) -> std::io::Result<()> {
        if let Some(bytes) = self.le_slice() {
            return out.write_all(bytes);
        }
        with_array!(self, a => {
            let mut piece = Vec::with_capacity(PIECE);
            for v in a {
                v.push_le(&mut piece);
                if piece.len() >= PIECE - 16 {
                    out.write_all(&piece)?;
                    piece.clear();
                }
            }
            out.write_all(&piece)
        })
    }

    /// All samples as `f64`; of complex ones the real part. 64-bit integers beyond 2^53 are rounded.
    pub fn to_f64(&self) -> Array3<f64> {
        with_array!(self, a => a.mapv(Sample::real))
    }

    /// The sample at (band, row, column) as a complex number, without imaginary part where it has none.
    pub fn value(&self, at: (usize, usize, usize)) -> Option<Complex<f64>> {
        with_array!(self, a => a.get(at).map(|v| v.to_complex()))
    }

    /// Complex samples as whole numbers, halves away from zero; others as they are.
    pub fn rounded(self) -> Pixels {
        match self {
            Pixels::Complex32(a) => Pixels::Complex32(a.mapv_into(|v| Complex::new(v.re.round(), v.im.round()))),
            Pixels::Complex64(a) => Pixels::Complex64(a.mapv_into(|v| Complex::new(v.re.round(), v.im.round()))),
            other => other,
        }
    }

    /// Drops the bands behind the first `bands`.
    pub fn truncate(&mut self, bands: usize) {
        with_array!(self, a => if bands < a.dim().0 {
            *a = a.slice(s![..bands, .., ..]).to_owned();
        });
    }

    /// Only these bands, counted from 0, in this order.
    ///
    /// # Panics
    /// If there is no such band.
    pub fn select(&self, bands: &[usize]) -> Pixels {
        with_array!(self, a => Pixels::from(a.select(Axis(0), bands)))
    }

    /// Copies one sample (band, row, column) of pixels of the same type; of others, nothing.
    pub fn copy_sample(&mut self, to: (usize, usize, usize), from: &Pixels, at: (usize, usize, usize)) {
        with_array!(self, out => {
            if let Some((out, v)) = out.get_mut(to).zip(Sample::of(from).and_then(|a| a.get(at))) {
                *out = *v;
            }
        });
    }

    /// Copies all of other pixels, of the same type and number of bands, to (row, column) of these; nothing where they do not fit.
    pub fn copy_rectangle(&mut self, row: usize, column: usize, from: &Pixels) {
        with_array!(self, out => {
            let Some(a) = Sample::of(from) else { return };
            let (bands, h, w) = a.dim();
            if bands == out.dim().0 && row + h <= out.dim().1 && column + w <= out.dim().2 {
                out.slice_mut(s![.., row..row + h, column..column + w]).assign(a);
            }
        });
    }

    /// 255 where a band (from 0) is not nodata, else 0, by GDAL's comparison: see [`Sample::nodata_test`]. `None` if there is no
    /// such band.
    pub fn mask_by_nodata(&self, band: usize, nodata: Nodata) -> Option<Array2<u8>> {
        fn differs<T: Sample>(samples: ArrayView2<'_, T>, nodata: Nodata) -> Array2<u8> {
            let is_nodata = T::nodata_test(nodata);
            samples.mapv(|v| if is_nodata(v) { 0 } else { 255 })
        }
        with_array!(self, a => (band < a.dim().0).then(|| differs(a.index_axis(Axis(0), band), nodata)))
    }

    /// The same of the first bands, as many as there are in the list, as (band, row, column); all of a band without nodata is 255.
    pub fn masks_by_nodata(&self, nodata: &[Option<Nodata>]) -> Array3<u8> {
        let (_, rows, columns) = self.dim();
        let mut masks = Array3::zeros((nodata.len(), rows, columns));
        for (band, (mut mask, nodata)) in masks.outer_iter_mut().zip(nodata).enumerate() {
            match nodata {
                None => mask.fill(255),
                Some(nodata) => {
                    if let Some(valid) = self.mask_by_nodata(band, *nodata) {
                        mask.assign(&valid);
                    }
                }
            }
        }
        masks
    }

    /// 255 where a band (from 0) is above 0, else 0: what an alpha band of any type says. All of a complex band is valid.
    /// `None` if there is no such band.
    pub fn mask_by_alpha(&self, band: usize) -> Option<Array2<u8>> {
        with_array!(self, a => (band < a.dim().0).then(|| {
            a.index_axis(Axis(0), band).mapv(|v| if v.is_above_zero() { 255 } else { 0 })
        }))
    }
}

impl<T: Sample> From<Array3<T>> for Pixels {
    fn from(array: Array3<T>) -> Pixels {
        T::wrap(array)
    }
}

impl<'a, T: Sample> TryFrom<&'a Pixels> for ArrayView3<'a, T> {
    type Error = WrongType;

    fn try_from(pixels: &'a Pixels) -> Result<Self, WrongType> {
        pixels.view()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr2, arr3};

    #[test]
    fn another_type_is_named() {
        let pixels = Pixels::from(arr3(&[[[1u16]]]));
        let wrong = WrongType { asked: SampleType::F32, found: SampleType::U16 };
        assert_eq!(pixels.view::<f32>().unwrap_err(), wrong);
        assert_eq!(wrong.to_string(), "the samples are uint16, not float32");
        assert_eq!(pixels.clone().into_array::<f32>().unwrap_err(), wrong);
        assert_eq!(pixels.into_array::<u16>().unwrap(), arr3(&[[[1]]]));
    }

    /// rasterio 1.4.4 (GDAL 3.10.3) masks the zeros of a `uint8` with nodata 0.5, and nothing by 256.5.
    #[test]
    fn a_nodata_between_two_integers_hides_the_one_before_the_point() {
        let pixels = Pixels::from(arr3(&[[[0u8, 1]]]));
        let mask = |nodata| pixels.mask_by_nodata(0, Nodata::Float(nodata)).unwrap();
        assert_eq!((mask(0.5), mask(256.5)), (arr2(&[[0, 255]]), arr2(&[[255, 255]])));
    }

    #[test]
    fn nodata_of_64_bits_is_compared_in_all_of_them() {
        let large = (1i64 << 53) + 1;
        let pixels = Pixels::from(arr3(&[[[large, large - 1]]]));
        assert_eq!(pixels.mask_by_nodata(0, Nodata::Int(large)).unwrap(), arr2(&[[0, 255]]));
        let filled = Pixels::filled(SampleType::U64, (1, 1, 1), Some(Nodata::Uint(u64::MAX))).unwrap();
        assert_eq!(filled, Pixels::from(arr3(&[[[u64::MAX]]])));
    }

    #[test]
    fn what_is_not_there_is_none() {
        let pixels = Pixels::from(arr3(&[[[0.5f32]]]));
        assert_eq!((pixels.mask_by_nodata(1, Nodata::Float(0.5)), pixels.mask_by_alpha(1)), (None, None));
        assert_eq!(pixels.value((0, 0, 1)), None);
        assert!(Pixels::filled(SampleType::F64, (usize::MAX, 2, 1), None).is_none());
        assert!(Pixels::filled(SampleType::F64, (1 << 40, 1 << 20, 1), None).is_none());
    }
}
