//! Which bands are alpha, and what they say of the others, as in GDAL's warper: `GDALWarpSrcAlphaMasker` and `GDALWarpDstAlphaMasker`.

use cog_raster::ndarray::{Array2, Array3, CowArray, Ix2, Zip};
use cog_raster::{DatasetValidity, Nodata, Pixels, Raster, Sample, SampleType, Validity};

/// Below this share of what is opaque, GDAL writes none.
const LEAST: f64 = 1e-4;

/// The alpha bands of what is warped: one, or the same one several times.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Alpha {
    /// Where they are among the bands, from 0.
    pub(crate) bands: Vec<usize>,
    /// The alpha of what hides all that is behind it.
    opaque: f64,
}

impl Alpha {
    /// Of samples of so many bits, if that is less than their type has. `None` without such bands, and of types other than integers of 8 and 16
    /// bits: GDAL writes whole numbers up to 255 for those, so that a float between 0 and 1 would not survive.
    pub(crate) fn new(bands: Vec<usize>, sample_type: SampleType, bits: Option<u16>) -> Option<Alpha> {
        let largest = match sample_type {
            SampleType::U8 => 255.0,
            SampleType::U16 => 65535.0,
            SampleType::I16 => 32767.0,
            _ => return None,
        };
        let of_bits = bits.filter(|bits| (1..16).contains(bits)).map(|bits| f64::from((1_u32 << bits) - 1));
        let opaque = of_bits.map_or(largest, |opaque| opaque.min(largest));
        (!bands.is_empty()).then_some(Alpha { bands, opaque })
    }

    /// The alpha band of a raster whose validity says that there is one, as a file's does that is read with its alpha band: the image is
    /// valid where that band is above 0, the band itself everywhere, and the others where the image is.
    pub(crate) fn of(raster: &Raster) -> Option<Alpha> {
        let Validity::Dataset(validity) = &raster.validity else { return None };
        let own: Vec<usize> = (0..raster.dim().0).filter(|band| has_own_mask(validity, *band)).collect();
        let is_valid = |band: usize| validity.band(band).iter().all(|v| *v != 0);
        let says_it = |band: usize| raster.pixels.mask_by_alpha(band).is_some_and(|mask| mask == validity.dataset);
        let fits = own.iter().all(|band| is_valid(*band) && says_it(*band));
        Alpha::new(own, raster.pixels.sample_type(), None).filter(|_| fits)
    }

    pub(crate) fn has(&self, band: usize) -> bool {
        self.bands.contains(&band)
    }

    /// Where alpha is above 0, and nothing else hides the pixels.
    pub(crate) fn mask<'v>(&self, pixels: &Pixels, validity: &'v Validity) -> CowArray<'v, u8, Ix2> {
        if let Validity::Dataset(validity) = validity {
            return validity.dataset.view().into();
        }
        let (_, height, width) = pixels.dim();
        let of_band = self.bands.first().and_then(|band| pixels.mask_by_alpha(*band));
        let mut mask = of_band.unwrap_or_else(|| Array2::from_elem((height, width), 255));
        if let Validity::Shared(own) = validity
            && own.dim() == mask.dim()
        {
            Zip::from(&mut mask).and(own).for_each(|mask, own| *mask &= *own);
        }
        mask.into()
    }

    /// Whether bands are valid elsewhere than where [`mask`](Self::mask) says.
    pub(crate) fn differs_by_band(&self, validity: &Validity, bands: usize) -> bool {
        match validity {
            Validity::PerBand(_) => true,
            Validity::Dataset(validity) => (0..bands).any(|band| !self.has(band) && has_own_mask(validity, band)),
            _ => false,
        }
    }

    /// Where a band is valid and alpha, which `mask` tells of, above 0.
    pub(crate) fn mask_of_band(&self, validity: &Validity, mask: &CowArray<'_, u8, Ix2>, band: usize) -> Array2<u8> {
        let mut both = mask.to_owned();
        if !self.has(band) {
            let (height, width) = mask.dim();
            let own = validity.band(band, height, width);
            Zip::from(&mut both).and(&own).for_each(|both, own| *both &= *own);
        }
        both
    }

    /// What GDAL writes of an alpha.
    pub(crate) fn written<T: Sample>(&self, alpha: T) -> T {
        let value = alpha.real();
        if value >= self.opaque {
            self.opaque()
        } else if value < LEAST * self.opaque {
            T::default()
        } else {
            alpha
        }
    }

    /// What GDAL writes of a mean of alphas: without the fraction.
    pub(crate) fn written_mean<T: Sample>(&self, mean: f64) -> T {
        let share = (mean / self.opaque).min(1.0);
        let alpha = if share < LEAST { 0.0 } else { (share * (self.opaque + 0.1)).trunc() };
        T::from_nodata(Nodata::Float(alpha))
    }

    /// The alpha of what hides all that is behind it.
    pub(crate) fn opaque<T: Sample>(&self) -> T {
        T::from_nodata(Nodata::Float(self.opaque))
    }

    /// Bytes of a pixel of all bands as GDAL counts them: for alpha it has a number of 32 bits.
    pub(crate) fn bytes(&self, sample: usize, bands: usize) -> usize {
        sample.saturating_mul(bands.saturating_sub(self.bands.len())).saturating_add(size_of::<f32>())
    }

    /// Makes the validity of what was warped as a read has it: alpha is valid everywhere itself.
    pub(crate) fn beside(&self, validity: Validity, bands: usize) -> Validity {
        match validity {
            Validity::Shared(dataset) => {
                let (height, width) = dataset.dim();
                let of_band = (0..bands).map(|band| self.has(band).then_some(0)).collect();
                Validity::Dataset(DatasetValidity::new(dataset, Array3::from_elem((1, height, width), 255), of_band))
            }
            Validity::PerBand(mut masks) => {
                let Some(first) = self.bands.first().filter(|first| **first < masks.dim().0) else {
                    return Validity::PerBand(masks);
                };
                let dataset = masks.index_axis(cog_raster::ndarray::Axis(0), *first).to_owned();
                let own = masks.outer_iter_mut().enumerate().filter(|(band, _)| self.has(*band));
                own.for_each(|(_, mut mask)| mask.fill(255));
                Validity::Dataset(DatasetValidity::new(dataset, masks, (0..bands).map(Some).collect()))
            }
            other => other,
        }
    }
}

fn has_own_mask(validity: &DatasetValidity, band: usize) -> bool {
    validity.of_band.get(band).is_some_and(Option::is_some)
}
