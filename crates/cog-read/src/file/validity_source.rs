//! What the validity of an image is made from: its mask, nodata or alpha.

use cog_raster::{DatasetValidity, Nodata, Pixels, Validity};
use cog_tiff::{ColorInterpretation, Profile};
use ndarray::{Array2, Array3, Zip};

use crate::file::layer::Layer;
use crate::file::levels::Level;

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
            DatasetRule::Alpha => pixels.mask_by_alpha(index),
            DatasetRule::Nodata(nodata) => pixels.mask_by_nodata(index, nodata?),
        }
    }
}

impl ValiditySource {
    /// Where the validity of bands (from 0, each with its nodata) of a level comes from, in GDAL's order: its mask, nodata, alpha.
    pub(crate) fn of(
        level: &Level,
        layer: &Layer,
        profile: &Profile,
        bands: &[usize],
        nodata: &[Option<Nodata>],
    ) -> ValiditySource {
        if let Some(mask) = level.mask {
            return ValiditySource::Mask(mask);
        }
        if let Some(values) = profile.nodata_values().filter(|v| v.len() == layer.bands) {
            return ValiditySource::PixelNodata(values);
        }
        // An overview has as many bands as its image, or none of them is the alpha.
        let as_in_profile = layer.bands == usize::from(profile.count) && !layer.is_unconverted();
        let alpha = profile.alpha_band().and_then(|band| usize::from(band).checked_sub(1)).filter(|_| as_in_profile);
        if nodata.iter().all(Option::is_none) {
            return alpha.map_or(ValiditySource::AllValid, ValiditySource::Alpha);
        }
        let nodata = nodata.to_vec();
        let begins_red = profile.color_interpretation.first() == Some(&ColorInterpretation::Red);
        match alpha {
            Some(band) => ValiditySource::NodataBeside { nodata, band, rule: DatasetRule::Alpha },
            // rasterio takes the fourth of four bands that begin with red for their alpha, whatever it is.
            None if as_in_profile && layer.bands == 4 && begins_red && bands.contains(&3) => {
                let rule = DatasetRule::Nodata(profile.band_nodata.get(3).copied().flatten());
                ValiditySource::NodataBeside { nodata, band: 3, rule }
            }
            None => ValiditySource::Nodata(nodata),
        }
    }

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
            ValiditySource::Nodata(nodata) => Validity::of_nodata(pixels, nodata),
            ValiditySource::Alpha(band) => match place(*band).and_then(|index| pixels.mask_by_alpha(index)) {
                Some(mask) => beside_alpha(mask, *band, wanted),
                None => Validity::AllValid,
            },
            ValiditySource::NodataBeside { nodata, band, rule } => {
                let (_, h, w) = pixels.dim();
                let dataset = place(*band).and_then(|index| rule.mask(pixels, index));
                Validity::Dataset(DatasetValidity::new(
                    dataset.unwrap_or_else(|| Array2::from_elem((h, w), 255)),
                    pixels.masks_by_nodata(nodata),
                    (0..wanted.len()).map(Some).collect(),
                ))
            }
            ValiditySource::PixelNodata(values) => {
                let (_, h, w) = pixels.dim();
                let mut invalid = Array2::from_elem((h, w), 255u8);
                for (band, value) in values.iter().enumerate() {
                    let Some(index) = place(band) else { return Validity::AllValid };
                    if let Some(valid) = pixels.mask_by_nodata(index, Nodata::Float(*value)) {
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
    let of_band = wanted.iter().map(|band| (*band == alpha).then_some(0)).collect();
    Validity::Dataset(DatasetValidity::new(dataset, Array3::from_elem((1, height, width), 255), of_band))
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
