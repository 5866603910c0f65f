//! Alpha of pixels of which all bands were sampled, as GDAL's warper writes it.

use super::number::Number;
use super::places::Places;
use super::view::View;
use crate::alpha::Alpha;

/// Kernels leave alpha as it is in the source pixel in which a place lies. Where some weights are below 0 (`is_signed`), so may be the weighted
/// alpha, which is what the alpha bands hold so far: nothing is seen there.
pub(crate) fn alpha_of_places<T: Number>(
    view: &View<'_, T>,
    places: &Places<'_>,
    is_signed: bool,
    samples: &mut [T],
    valid: &mut [u8],
) {
    let Some(alpha) = view.alpha else { return };
    let Some(plane) = alpha.bands.first().and_then(|band| view.band(*band)) else { return };
    settle(alpha, places.xs.len(), samples, valid, |i, weighted| {
        if is_signed && !weighted.is_above_zero() {
            return T::default();
        }
        let place = places.xs.get(i).zip(places.ys.get(i));
        let pixel = place.and_then(|(x, y)| places.extent.pixel(*x, *y));
        let own = pixel.and_then(|(column, row)| plane.get(column, row));
        own.map_or_else(T::default, |own| alpha.written(own))
    });
}

/// What covers areas is opaque where it sees anything. Of sums, alpha is the mean that is there already (`is_mean`).
pub(crate) fn alpha_of_areas<T: Number>(
    view: &View<'_, T>,
    pixels: usize,
    is_mean: bool,
    samples: &mut [T],
    valid: &mut [u8],
) {
    let Some(alpha) = view.alpha else { return };
    let opaque = alpha.opaque();
    settle(alpha, pixels, samples, valid, |_, mean| if is_mean { mean } else { opaque });
}

/// Gives the alpha bands what `of` makes of the pixels that were found, by their number and what is there. Nothing is valid without it.
fn settle<T: Number>(
    alpha: &Alpha,
    pixels: usize,
    samples: &mut [T],
    valid: &mut [u8],
    mut of: impl FnMut(usize, T) -> T,
) {
    let Some(first) = alpha.bands.first() else { return };
    let (bands, masks) = (samples.len() / pixels.max(1), valid.len() / pixels.max(1));
    let has_colors = alpha.bands.len() < bands;
    for i in 0..pixels {
        let is_valid = |band: usize| valid.get(band * pixels + i).is_some_and(|v| *v != 0);
        let is_found = match masks {
            1 => is_valid(0),
            _ => is_valid(*first) && (!has_colors || (0..masks).any(|band| !alpha.has(band) && is_valid(band))),
        };
        let own = samples.get(first * pixels + i).copied().filter(|_| is_found);
        let value = own.map_or_else(T::default, |own| of(i, own));
        for band in &alpha.bands {
            if let Some(sample) = samples.get_mut(band * pixels + i) {
                *sample = value;
            }
        }
        if !value.is_above_zero() {
            for mask in 0..masks {
                if let Some(valid) = valid.get_mut(mask * pixels + i) {
                    *valid = 0;
                }
            }
        }
    }
}
