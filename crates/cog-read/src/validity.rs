//! Which pixels hold data.

use cog_tiff::{Nodata, SampleType};
use ndarray::{Array2, Array3, ArrayView2, Axis, Zip, s};
use num_complex::Complex;

use crate::raster::Pixels;

/// Which pixels hold data: 255 for valid, 0 for not. It comes from the mask IFD, else from nodata, else from an alpha band
/// (GDAL's order).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Validity {
    /// Every pixel does.
    AllValid,
    /// All bands alike: (row, column).
    Shared(Array2<u8>),
    /// Each band its own: (band, row, column).
    PerBand(Array3<u8>),
}

impl Validity {
    /// From a mask that was read as an image: what is above 0 is valid.
    pub(crate) fn of_mask(mask: Pixels) -> Validity {
        match mask {
            Pixels::U8(mask) if mask.dim().0 == 1 => {
                Validity::Shared(mask.index_axis_move(Axis(0), 0).mapv_into(|v| if v > 0 { 255 } else { 0 }))
            }
            _ => Validity::AllValid,
        }
    }

    /// The same in the upper left corner of so many rows and columns, of which no others are valid.
    pub(crate) fn padded(self, rows: usize, columns: usize) -> Validity {
        match self {
            Validity::Shared(mask) if mask.dim() != (rows, columns) => {
                let at = |place| mask.get(place).copied().unwrap_or(0);
                Validity::Shared(Array2::from_shape_fn((rows, columns), at))
            }
            other => other,
        }
    }

    pub(crate) fn union(&self, height: usize, width: usize) -> Array2<u8> {
        match self {
            Validity::AllValid => Array2::from_elem((height, width), 255),
            Validity::Shared(mask) => mask.clone(),
            Validity::PerBand(masks) => {
                let mut union = Array2::zeros((height, width));
                for band in masks.outer_iter() {
                    Zip::from(&mut union).and(&band).for_each(|u, b| *u |= *b);
                }
                union
            }
        }
    }

    /// Valid where both are. Both are of the same size.
    pub(crate) fn and(self, other: Validity) -> Validity {
        let both = |mask: &mut ndarray::ArrayViewMut2<'_, u8>, other: ArrayView2<'_, u8>| {
            Zip::from(mask).and(&other).for_each(|m, o| *m &= *o);
        };
        match (self, other) {
            (Validity::AllValid, other) => other,
            (mine, Validity::AllValid) => mine,
            (Validity::Shared(mut mine), Validity::Shared(other)) => {
                both(&mut mine.view_mut(), other.view());
                Validity::Shared(mine)
            }
            (Validity::Shared(one), Validity::PerBand(mut many))
            | (Validity::PerBand(mut many), Validity::Shared(one)) => {
                many.outer_iter_mut().for_each(|mut mask| both(&mut mask, one.view()));
                Validity::PerBand(many)
            }
            (Validity::PerBand(mut mine), Validity::PerBand(other)) => {
                Zip::from(&mut mine).and(&other).for_each(|m, o| *m &= *o);
                Validity::PerBand(mine)
            }
        }
    }

    /// True if a pixel of a band holds data.
    pub(crate) fn is_valid(&self, band: usize, row: usize, column: usize) -> bool {
        match self {
            Validity::AllValid => true,
            Validity::Shared(mask) => mask.get((row, column)).is_some_and(|v| *v > 0),
            Validity::PerBand(masks) => masks.get((band, row, column)).is_some_and(|v| *v > 0),
        }
    }

    pub(crate) fn band(&self, index: usize, height: usize, width: usize) -> Array2<u8> {
        match self {
            Validity::PerBand(masks) if index < masks.dim().0 => masks.index_axis(Axis(0), index).to_owned(),
            Validity::PerBand(_) | Validity::AllValid => Array2::from_elem((height, width), 255),
            Validity::Shared(mask) => mask.clone(),
        }
    }
}

/// What the validity of an image is made from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ValiditySource {
    AllValid,
    /// The mask IFD with this index.
    Mask(usize),
    /// The nodata of each wanted band.
    Nodata(Vec<Option<Nodata>>),
    /// A pixel is invalid where every band has its own value (GDAL's NODATA_VALUES).
    PixelNodata(Vec<f64>),
    /// The band with this index, from 0.
    Alpha(usize),
}

impl ValiditySource {
    /// Bands that must be read to know the validity, beside those that were asked for.
    pub(crate) fn bands(&self) -> Vec<usize> {
        match self {
            ValiditySource::Alpha(band) => vec![*band],
            ValiditySource::PixelNodata(values) => (0..values.len()).collect(),
            _ => Vec::new(),
        }
    }

    /// Bytes of the validity of `bands` × `pixels` samples.
    pub(crate) fn bytes(&self, bands: usize, pixels: u64) -> u64 {
        match self {
            ValiditySource::AllValid => 0,
            ValiditySource::Nodata(_) => pixels.saturating_mul(bands as u64),
            _ => pixels,
        }
    }

    /// Derives the validity from pixels; `place` says where a file's band is among them.
    pub(crate) fn of_pixels(&self, pixels: &Pixels, bands: usize, place: impl Fn(usize) -> Option<usize>) -> Validity {
        match self {
            ValiditySource::AllValid | ValiditySource::Mask(_) => Validity::AllValid,
            ValiditySource::Nodata(nodata) => by_nodata(pixels, nodata, bands),
            ValiditySource::Alpha(band) => match place(*band) {
                Some(index) => Validity::Shared(is_positive(pixels, index)),
                None => Validity::AllValid,
            },
            ValiditySource::PixelNodata(values) => {
                let (_, h, w) = pixels.dim();
                let mut invalid = Array2::from_elem((h, w), 255u8);
                for (band, value) in values.iter().enumerate() {
                    let Some(index) = place(band) else { return Validity::AllValid };
                    if let Some(valid) = band_by_nodata(pixels, Nodata::Float(*value), index) {
                        Zip::from(&mut invalid).and(&valid).for_each(|i, v| *i &= !*v);
                    }
                }
                Validity::Shared(invalid.mapv(|i| !i))
            }
        }
    }
}

fn by_nodata(pixels: &Pixels, nodata: &[Option<Nodata>], bands: usize) -> Validity {
    let (_, h, w) = pixels.dim();
    let mut masks = Array3::zeros((bands, h, w));
    for (index, mut mask) in masks.outer_iter_mut().enumerate() {
        match nodata.get(index).copied().flatten() {
            None => mask.fill(255),
            Some(nodata) => {
                if let Some(valid) = band_by_nodata(pixels, nodata, index) {
                    mask.assign(&valid);
                }
            }
        }
    }
    if bands == 1 { Validity::Shared(masks.index_axis_move(Axis(0), 0)) } else { Validity::PerBand(masks) }
}

/// 255 where a band differs from nodata.
fn band_by_nodata(pixels: &Pixels, nodata: Nodata, index: usize) -> Option<Array2<u8>> {
    fn differs<T: Copy>(a: ArrayView2<'_, T>, is_nodata: impl Fn(T) -> bool) -> Array2<u8> {
        a.mapv(|v| if is_nodata(v) { 0 } else { 255 })
    }
    macro_rules! integer {
        ($a:expr, $t:ty) => {{
            let value = nodata.as_f64();
            let exact = value as $t;
            // A value between two integers equals none of them.
            let whole = exact as f64 == value;
            differs($a.slice(s![index, .., ..]), |v| whole && v == exact)
        }};
    }
    if index >= pixels.dim().0 {
        return None;
    }
    Some(match pixels {
        Pixels::U8(a) => integer!(a, u8),
        Pixels::U16(a) => integer!(a, u16),
        Pixels::U32(a) => integer!(a, u32),
        Pixels::I8(a) => integer!(a, i8),
        Pixels::I16(a) => integer!(a, i16),
        Pixels::I32(a) => integer!(a, i32),
        Pixels::I64(a) => match nodata {
            Nodata::Int(n) => differs(a.slice(s![index, .., ..]), |v| v == n),
            _ => integer!(a, i64),
        },
        Pixels::U64(a) => match nodata {
            Nodata::Uint(n) => differs(a.slice(s![index, .., ..]), |v| v == n),
            _ => integer!(a, u64),
        },
        Pixels::F32(a) => {
            let n = nodata.as_f64() as f32;
            differs(a.slice(s![index, .., ..]), |v| near_f32(v, n))
        }
        Pixels::F64(a) => {
            let n = nodata.as_f64();
            differs(a.slice(s![index, .., ..]), |v| near_f64(v, n))
        }
        // GDAL compares the real part.
        Pixels::Complex32(a) => {
            let n = nodata.as_f64();
            differs(a.slice(s![index, .., ..]), |v: Complex<f32>| near_f64(f64::from(v.re), n))
        }
        Pixels::Complex64(a) => {
            let n = nodata.as_f64();
            differs(a.slice(s![index, .., ..]), |v: Complex<f64>| near_f64(v.re, n))
        }
    })
}

/// GDAL's comparison of floating point samples with nodata: equal, both NaN, or within two units in the last place.
fn near_f32(v: f32, n: f32) -> bool {
    v == n || (v.is_nan() && n.is_nan()) || (v - n).abs() < f32::EPSILON * (v + n).abs() * 2.0
}

fn near_f64(v: f64, n: f64) -> bool {
    v == n || (v.is_nan() && n.is_nan()) || (v - n).abs() < f64::EPSILON * (v + n).abs() * 2.0
}

/// 255 where a band is above 0: an alpha band, whatever its type.
pub(crate) fn is_positive(pixels: &Pixels, index: usize) -> Array2<u8> {
    macro_rules! positive {
        ($a:expr, $zero:expr) => {
            $a.slice(s![index, .., ..]).mapv(|v| if v > $zero { 255 } else { 0 })
        };
    }
    match pixels {
        Pixels::U8(a) => positive!(a, 0),
        Pixels::U16(a) => positive!(a, 0),
        Pixels::U32(a) => positive!(a, 0),
        Pixels::U64(a) => positive!(a, 0),
        Pixels::I8(a) => positive!(a, 0),
        Pixels::I16(a) => positive!(a, 0),
        Pixels::I32(a) => positive!(a, 0),
        Pixels::I64(a) => positive!(a, 0),
        Pixels::F32(a) => positive!(a, 0.0),
        Pixels::F64(a) => positive!(a, 0.0),
        Pixels::Complex32(_) | Pixels::Complex64(_) => {
            let (_, h, w) = pixels.dim();
            Array2::from_elem((h, w), 255)
        }
    }
}

/// The bytes that paint a pixel without data, in this machine's byte order; `None` if there is no nodata or it is all zeros.
pub(crate) fn fill_bytes(nodata: Option<Nodata>, sample_type: SampleType) -> Option<Vec<u8>> {
    sample_bytes(nodata?, sample_type).filter(|bytes| bytes.iter().any(|b| *b != 0))
}

/// The bytes of one sample in this machine's byte order. Integers are rounded and cut to their range, as GDAL does.
pub(crate) fn sample_bytes(nodata: Nodata, sample_type: SampleType) -> Option<Vec<u8>> {
    let v = nodata.as_f64();
    let whole = v.round();
    Some(match sample_type {
        SampleType::U8 => (whole as u8).to_ne_bytes().to_vec(),
        SampleType::U16 => (whole as u16).to_ne_bytes().to_vec(),
        SampleType::U32 => (whole as u32).to_ne_bytes().to_vec(),
        SampleType::I8 => (whole as i8).to_ne_bytes().to_vec(),
        SampleType::I16 => (whole as i16).to_ne_bytes().to_vec(),
        SampleType::I32 => (whole as i32).to_ne_bytes().to_vec(),
        SampleType::U64 => match nodata {
            Nodata::Uint(n) => n.to_ne_bytes().to_vec(),
            _ => (whole as u64).to_ne_bytes().to_vec(),
        },
        SampleType::I64 => match nodata {
            Nodata::Int(n) => n.to_ne_bytes().to_vec(),
            _ => (whole as i64).to_ne_bytes().to_vec(),
        },
        SampleType::F32 => (v as f32).to_ne_bytes().to_vec(),
        SampleType::F64 => v.to_ne_bytes().to_vec(),
        SampleType::Complex32 => [(v as f32).to_ne_bytes(), [0; 4]].concat(),
        SampleType::Complex64 => [v.to_ne_bytes(), [0; 8]].concat(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr3;

    #[test]
    fn a_pixel_of_two_bands_is_valid_where_either_is() {
        let pixels = Pixels::I16(arr3(&[[[-9, 1, -9]], [[-9, -9, 4]]]));
        let validity = ValiditySource::Nodata(vec![Some(Nodata::Float(-9.0)); 2]).of_pixels(&pixels, 2, Some);
        assert_eq!(validity.union(1, 3), ndarray::arr2(&[[0, 255, 255]]));
        assert_eq!(validity.band(0, 1, 3), ndarray::arr2(&[[0, 255, 0]]));
    }

    #[test]
    fn nan_nodata_hides_nan_pixels() {
        let pixels = Pixels::F32(arr3(&[[[f32::NAN, 1.0]]]));
        let validity = ValiditySource::Nodata(vec![Some(Nodata::Float(f64::NAN))]).of_pixels(&pixels, 1, Some);
        assert_eq!(validity, Validity::Shared(ndarray::arr2(&[[0, 255]])));
    }

    #[test]
    fn a_nodata_between_two_integers_hides_nothing() {
        let pixels = Pixels::U8(arr3(&[[[0, 1]]]));
        let validity = ValiditySource::Nodata(vec![Some(Nodata::Float(0.5))]).of_pixels(&pixels, 1, Some);
        assert_eq!(validity.union(1, 2), ndarray::arr2(&[[255, 255]]));
    }

    #[test]
    fn pixel_nodata_needs_every_band() {
        let pixels = Pixels::U8(arr3(&[[[1, 1]], [[2, 9]]]));
        let validity = ValiditySource::PixelNodata(vec![1.0, 2.0]).of_pixels(&pixels, 2, Some);
        assert_eq!(validity, Validity::Shared(ndarray::arr2(&[[0, 255]])));
    }
}
