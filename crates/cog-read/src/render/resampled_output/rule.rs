//! How the validity of a resampled output is found.

use cog_raster::{DatasetValidity, Validity};
use ndarray::{Array3, Axis};

use crate::file::validity_source::{ValiditySource, beside_alpha};
use crate::render::band_source::BandSource;

/// How the validity of the output is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Every pixel is valid.
    All,
    /// Each band's resampler says it: nodata, and what a codec knows.
    Own,
    /// The mask is resampled as a band of 0 and 255, and what is above 0 is valid (GDAL).
    Mask,
    /// The same with the values of the alpha band.
    Alpha,
    /// Each band's resampler says it of the band, and the mask's of the image.
    OwnAndMask,
}

impl Rule {
    pub(super) fn of(source: &BandSource) -> Rule {
        match source.validity {
            ValiditySource::AllValid if source.layer.codec_may_know_validity() => Rule::Own,
            ValiditySource::AllValid => Rule::All,
            ValiditySource::Nodata(_) => Rule::Own,
            ValiditySource::Mask(_) | ValiditySource::PixelNodata(_) => Rule::Mask,
            ValiditySource::Alpha(_) => Rule::Alpha,
            ValiditySource::NodataBeside { .. } => Rule::OwnAndMask,
        }
    }

    /// Whether resamplers of bands say which of their pixels are valid.
    pub(super) fn is_own(self) -> bool {
        matches!(self, Rule::Own | Rule::OwnAndMask)
    }

    /// Whether a mask is resampled.
    pub(super) fn has_mask(self) -> bool {
        matches!(self, Rule::Mask | Rule::Alpha | Rule::OwnAndMask)
    }

    /// How many masks the output has: of each band, then of the image, as the rule says.
    pub(super) fn masks(self, bands: usize) -> usize {
        match self {
            Rule::All => 0,
            Rule::Own => bands,
            Rule::Mask | Rule::Alpha => 1,
            Rule::OwnAndMask => bands + 1,
        }
    }

    /// The validity that these masks are. `alpha` is the band that it comes from, if it does, and `bands` are those wanted.
    pub(super) fn validity(self, masks: Option<Array3<u8>>, alpha: Option<usize>, bands: &[usize]) -> Validity {
        match (masks, alpha) {
            (None, _) => Validity::AllValid,
            (Some(masks), _) if self == Rule::OwnAndMask => {
                let (of_bands, image) = masks.view().split_at(Axis(0), masks.dim().0 - 1);
                Validity::Dataset(DatasetValidity::new(
                    image.index_axis_move(Axis(0), 0).to_owned(),
                    of_bands.to_owned(),
                    (0..of_bands.dim().0).map(Some).collect(),
                ))
            }
            (Some(masks), Some(alpha)) => beside_alpha(masks.index_axis_move(Axis(0), 0), alpha, bands),
            (Some(masks), None) if masks.dim().0 == 1 => Validity::Shared(masks.index_axis_move(Axis(0), 0)),
            (Some(masks), None) => Validity::PerBand(masks),
        }
    }
}
