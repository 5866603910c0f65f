//! Which pixels hold data.

use cog_tiff::{Nodata, SampleType};
use ndarray::{Array2, Array3, ArrayView2, ArrayViewMut2, Axis, Zip, s};
use num_complex::Complex;

use crate::pixels::raster::Pixels;

/// Which pixels hold data: 255 for valid, 0 for not. It comes from the mask IFD, else from nodata, else from an alpha band
/// (GDAL's order).
///
/// Where a file has nodata and alpha, nodata says it of each band and alpha of the image. rasterio's `dataset_mask()` does so
/// for red, green, blue and alpha with nodata 0; there it takes the nodata mask of the alpha band, and of gray and alpha the union
/// of both, so that a pixel counts as valid because its alpha is not nodata.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Validity {
    /// Every pixel does.
    AllValid,
    /// All bands alike: (row, column).
    Shared(Array2<u8>),
    /// Each band its own: (band, row, column).
    PerBand(Array3<u8>),
    /// The image has another than its bands.
    Dataset(DatasetValidity),
}

/// Validity of an image and of its bands, where they differ: an alpha band is valid everywhere itself, and nodata hides samples
/// of single bands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatasetValidity {
    /// Of the image: (row, column).
    pub dataset: Array2<u8>,
    /// Of bands: (mask, row, column).
    pub masks: Array3<u8>,
    /// Which of the masks each band has; `None` for the image's.
    pub of_band: Vec<Option<usize>>,
}

impl DatasetValidity {
    /// The mask of a band.
    pub fn band(&self, band: usize) -> ArrayView2<'_, u8> {
        let own = self.of_band.get(band).copied().flatten().filter(|mask| *mask < self.masks.dim().0);
        own.map_or(self.dataset.view(), |mask| self.masks.index_axis(Axis(0), mask))
    }

    /// Every mask there is.
    fn for_each(&mut self, mut change: impl FnMut(ArrayViewMut2<'_, u8>)) {
        change(self.dataset.view_mut());
        self.masks.outer_iter_mut().for_each(change);
    }
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

    /// The same as part of a larger image of (rows, columns), whose other pixels are not valid.
    pub(crate) fn placed(
        self,
        (height, width): (usize, usize),
        (row, column): (usize, usize),
        inside: (usize, usize),
    ) -> Self {
        let place = s![row..row + inside.0, column..column + inside.1];
        let one = |inside: ArrayView2<'_, u8>| {
            let mut mask = Array2::zeros((height, width));
            mask.slice_mut(place).assign(&inside);
            mask
        };
        let many = |inside: &Array3<u8>| {
            let mut masks = Array3::zeros((inside.dim().0, height, width));
            for (mut mask, inside) in masks.outer_iter_mut().zip(inside.outer_iter()) {
                mask.slice_mut(place).assign(&inside);
            }
            masks
        };
        match self {
            Validity::AllValid => Validity::Shared(one(Array2::from_elem(inside, 255).view())),
            Validity::Shared(mask) => Validity::Shared(one(mask.view())),
            Validity::PerBand(masks) => Validity::PerBand(many(&masks)),
            Validity::Dataset(of) => Validity::Dataset(DatasetValidity {
                dataset: one(of.dataset.view()),
                masks: many(&of.masks),
                of_band: of.of_band,
            }),
        }
    }

    /// Of the image: valid where any band is, or as its own mask says.
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
            Validity::Dataset(of) => of.dataset.clone(),
        }
    }

    /// Valid where both are. Both are of the same size.
    pub(crate) fn and(self, other: Validity) -> Validity {
        let both = |mut mask: ArrayViewMut2<'_, u8>, other: ArrayView2<'_, u8>| {
            Zip::from(&mut mask).and(&other).for_each(|m, o| *m &= *o);
        };
        match (self, other) {
            (Validity::AllValid, other) => other,
            (mine, Validity::AllValid) => mine,
            (Validity::Shared(mut mine), Validity::Shared(other)) => {
                both(mine.view_mut(), other.view());
                Validity::Shared(mine)
            }
            (Validity::Shared(one), Validity::PerBand(mut many))
            | (Validity::PerBand(mut many), Validity::Shared(one)) => {
                many.outer_iter_mut().for_each(|mask| both(mask, one.view()));
                Validity::PerBand(many)
            }
            (Validity::PerBand(mut mine), Validity::PerBand(other)) => {
                Zip::from(&mut mine).and(&other).for_each(|m, o| *m &= *o);
                Validity::PerBand(mine)
            }
            (Validity::Dataset(mut mine), Validity::Shared(one))
            | (Validity::Shared(one), Validity::Dataset(mut mine)) => {
                mine.for_each(|mask| both(mask, one.view()));
                Validity::Dataset(mine)
            }
            (Validity::Dataset(mine), other) | (other, Validity::Dataset(mine)) => {
                let (height, width) = mine.dataset.dim();
                let bands = mine.of_band.len();
                let mut masks = Array3::zeros((bands, height, width));
                for (band, mut mask) in masks.outer_iter_mut().enumerate() {
                    mask.assign(&mine.band(band));
                    if let Some(theirs) = other.of_band(band) {
                        both(mask, theirs);
                    }
                }
                let mut dataset = mine.dataset;
                both(dataset.view_mut(), other.union(height, width).view());
                Validity::Dataset(DatasetValidity { dataset, masks, of_band: (0..bands).map(Some).collect() })
            }
        }
    }

    /// The mask of a band; `None` if all of its pixels are valid.
    pub(crate) fn of_band(&self, band: usize) -> Option<ArrayView2<'_, u8>> {
        match self {
            Validity::AllValid => None,
            Validity::Shared(mask) => Some(mask.view()),
            Validity::PerBand(masks) => (band < masks.dim().0).then(|| masks.index_axis(Axis(0), band)),
            Validity::Dataset(of) => Some(of.band(band)),
        }
    }

    /// True if a pixel of a band holds data.
    pub(crate) fn is_valid(&self, band: usize, row: usize, column: usize) -> bool {
        match (self, self.of_band(band)) {
            (Validity::AllValid, _) => true,
            (_, mask) => mask.is_some_and(|mask| mask.get((row, column)).is_some_and(|v| *v > 0)),
        }
    }

    pub(crate) fn band(&self, index: usize, height: usize, width: usize) -> Array2<u8> {
        self.of_band(index).map_or_else(|| Array2::from_elem((height, width), 255), |mask| mask.to_owned())
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
    /// The band with this index, from 0. It is valid everywhere itself.
    Alpha(usize),
    /// The nodata of each wanted band, and a band that says which pixels of the image are valid.
    NodataBeside {
        nodata: Vec<Option<Nodata>>,
        band: usize,
        rule: DatasetRule,
    },
}

/// How a band says which pixels of the image are valid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DatasetRule {
    /// Where it is above 0.
    Alpha,
    /// Where it is not its nodata.
    Nodata(Option<Nodata>),
}

impl DatasetRule {
    fn mask(self, pixels: &Pixels, index: usize) -> Option<Array2<u8>> {
        match self {
            DatasetRule::Alpha => Some(is_positive(pixels, index)),
            DatasetRule::Nodata(nodata) => band_by_nodata(pixels, nodata?, index),
        }
    }
}

impl ValiditySource {
    /// Bands that must be read to know the validity, beside those that were asked for.
    pub(crate) fn bands(&self) -> Vec<usize> {
        match self {
            ValiditySource::Alpha(band) | ValiditySource::NodataBeside { band, .. } => vec![*band],
            ValiditySource::PixelNodata(values) => (0..values.len()).collect(),
            _ => Vec::new(),
        }
    }

    /// Bytes of the validity of `bands` × `pixels` samples.
    pub(crate) fn bytes(&self, bands: usize, pixels: u64) -> u64 {
        match self {
            ValiditySource::AllValid => 0,
            ValiditySource::Nodata(_) => pixels.saturating_mul(bands as u64),
            ValiditySource::NodataBeside { .. } => pixels.saturating_mul(bands as u64 + 1),
            // Of the image and of the alpha band.
            ValiditySource::Alpha(_) => pixels.saturating_mul(2),
            _ => pixels,
        }
    }

    /// Derives the validity of the wanted bands from pixels, of which they are the first; `place` says where any other band of the
    /// file is among them.
    pub(crate) fn of_pixels(
        &self,
        pixels: &Pixels,
        wanted: &[usize],
        place: impl Fn(usize) -> Option<usize>,
    ) -> Validity {
        match self {
            ValiditySource::AllValid | ValiditySource::Mask(_) => Validity::AllValid,
            ValiditySource::Nodata(nodata) => match by_nodata(pixels, nodata, wanted.len()) {
                masks if wanted.len() == 1 => Validity::Shared(masks.index_axis_move(Axis(0), 0)),
                masks => Validity::PerBand(masks),
            },
            ValiditySource::Alpha(band) => match place(*band) {
                Some(index) => beside_alpha(is_positive(pixels, index), *band, wanted),
                None => Validity::AllValid,
            },
            ValiditySource::NodataBeside { nodata, band, rule } => {
                let (_, h, w) = pixels.dim();
                let dataset = place(*band).and_then(|index| rule.mask(pixels, index));
                Validity::Dataset(DatasetValidity {
                    dataset: dataset.unwrap_or_else(|| Array2::from_elem((h, w), 255)),
                    masks: by_nodata(pixels, nodata, wanted.len()),
                    of_band: (0..wanted.len()).map(Some).collect(),
                })
            }
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

/// The validity of an image by its alpha band, which is itself valid everywhere (GDAL's flags of it say so).
pub(crate) fn beside_alpha(dataset: Array2<u8>, alpha: usize, wanted: &[usize]) -> Validity {
    if !wanted.contains(&alpha) {
        return Validity::Shared(dataset);
    }
    let (height, width) = dataset.dim();
    Validity::Dataset(DatasetValidity {
        masks: Array3::from_elem((1, height, width), 255),
        of_band: wanted.iter().map(|band| (*band == alpha).then_some(0)).collect(),
        dataset,
    })
}

/// (band, row, column): 255 where the first bands are not their nodata.
fn by_nodata(pixels: &Pixels, nodata: &[Option<Nodata>], bands: usize) -> Array3<u8> {
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
    masks
}

/// 255 where a band differs from nodata.
fn band_by_nodata(pixels: &Pixels, nodata: Nodata, index: usize) -> Option<Array2<u8>> {
    fn differs<T: Copy>(a: ArrayView2<'_, T>, is_nodata: impl Fn(T) -> bool) -> Array2<u8> {
        a.mapv(|v| if is_nodata(v) { 0 } else { 255 })
    }
    macro_rules! integer {
        ($a:expr, $t:ty) => {{
            // Of a fraction GDAL takes what is before the point. What the type cannot hold equals nothing.
            let value = nodata.as_f64().trunc();
            let exact = value as $t;
            let held = exact as f64 == value;
            differs($a.slice(s![index, .., ..]), |v| held && v == exact)
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
            let n = f64::from(nodata.as_f64() as f32);
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
        let validity = ValiditySource::Nodata(vec![Some(Nodata::Float(-9.0)); 2]).of_pixels(&pixels, &[0, 1], Some);
        assert_eq!(validity.union(1, 3), ndarray::arr2(&[[0, 255, 255]]));
        assert_eq!(validity.band(0, 1, 3), ndarray::arr2(&[[0, 255, 0]]));
    }

    #[test]
    fn nan_nodata_hides_nan_pixels() {
        let pixels = Pixels::F32(arr3(&[[[f32::NAN, 1.0]]]));
        let validity = ValiditySource::Nodata(vec![Some(Nodata::Float(f64::NAN))]).of_pixels(&pixels, &[0], Some);
        assert_eq!(validity, Validity::Shared(ndarray::arr2(&[[0, 255]])));
    }

    #[test]
    fn a_nodata_between_two_integers_hides_the_one_before_the_point() {
        // rasterio 1.4.4 (GDAL 3.10.3) masks the zeros.
        let pixels = Pixels::U8(arr3(&[[[0, 1]]]));
        let validity = ValiditySource::Nodata(vec![Some(Nodata::Float(0.5))]).of_pixels(&pixels, &[0], Some);
        assert_eq!(validity.union(1, 2), ndarray::arr2(&[[0, 255]]));
        let other = ValiditySource::Nodata(vec![Some(Nodata::Float(256.5))]).of_pixels(&pixels, &[0], Some);
        assert_eq!(other.union(1, 2), ndarray::arr2(&[[255, 255]]));
    }

    #[test]
    fn pixel_nodata_needs_every_band() {
        let pixels = Pixels::U8(arr3(&[[[1, 1]], [[2, 9]]]));
        let validity = ValiditySource::PixelNodata(vec![1.0, 2.0]).of_pixels(&pixels, &[0, 1], Some);
        assert_eq!(validity, Validity::Shared(ndarray::arr2(&[[0, 255]])));
    }
}
