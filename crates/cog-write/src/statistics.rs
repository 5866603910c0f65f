//! Statistics of bands, as GDAL writes them: sums of each block, which are joined in the order of the blocks.

use cog_raster::ndarray::s;
use cog_raster::{Nodata, Sample, dispatch};

use crate::image::{Image, MetadataItem};
use crate::patch::Place;
use crate::pyramid::{Block, Data};

/// Of one band and one block, or of more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BandSums {
    pixels: u64,
    valid: u64,
    min: f64,
    max: f64,
    mean: f64,
    /// Sum of squares of what lies between values and the mean.
    squares: f64,
}

impl BandSums {
    const NONE: BandSums =
        BandSums { pixels: 0, valid: 0, min: f64::INFINITY, max: f64::NEG_INFINITY, mean: 0.0, squares: 0.0 };

    /// Chan's formula.
    fn join(self, other: BandSums) -> BandSums {
        let pixels = self.pixels + other.pixels;
        if other.valid == 0 || self.valid == 0 {
            return BandSums { pixels, ..if other.valid == 0 { self } else { other } };
        }
        let valid = self.valid + other.valid;
        let delta = other.mean - self.mean;
        let share = other.valid as f64 / valid as f64;
        BandSums {
            pixels,
            valid,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            mean: self.mean + delta * share,
            squares: self.squares + other.squares + delta * delta * self.valid as f64 * share,
        }
    }
}

/// Sums of each band of a block of so many pixels.
pub(crate) fn sums_of(data: &Data, pixels: u64, image: &Image) -> Vec<BandSums> {
    let (patch, place, times) = match data {
        Data::Uniform(pixel) => (pixel, pixel.whole(), pixels),
        Data::Pixels(Block { patch, place }) => (&**patch, *place, 1),
    };
    let bands = patch.dim().0;
    let alpha = image.alpha().filter(|_| image.nodata.is_none() && !image.mask);
    (0..bands)
        .map(|band| {
            let alpha = alpha.filter(|alpha| *alpha != band);
            let sums = dispatch!(
                patch.pixels().sample_type(),
                T => of_band::<T>(patch, place, band, alpha, image.nodata),
                _ => BandSums::NONE
            );
            BandSums { pixels: sums.pixels * times, valid: sums.valid * times, ..sums }
        })
        .collect()
}

fn of_band<T: Sample>(
    patch: &crate::patch::Patch,
    place: Place,
    band: usize,
    alpha: Option<usize>,
    nodata: Option<Nodata>,
) -> BandSums {
    let Ok(array) = patch.pixels().view::<T>() else { return BandSums::NONE };
    let Place { row, column, rows, columns } = place;
    let part = |band: usize| array.slice_move(s![band, row..row + rows, column..column + columns]);
    let samples = part(band);
    let mut sums = BandSums { pixels: samples.len() as u64, ..BandSums::NONE };
    if T::TYPE.is_complex() {
        return sums;
    }
    let mask = patch.mask().map(|mask| mask.slice(s![row..row + rows, column..column + columns]));
    let alpha = alpha.map(part);
    let is_nodata = nodata.filter(|_| mask.is_none()).map(T::nodata_test);
    let valid = |place: (usize, usize), value: T| {
        let number = value.real();
        !number.is_nan()
            && !is_nodata.is_some_and(|test| test(value))
            && mask.as_ref().is_none_or(|mask| mask.get(place).is_some_and(|v| *v > 0))
            && alpha.as_ref().is_none_or(|alpha| alpha.get(place).is_some_and(|v| v.is_above_zero()))
    };
    let values =
        || samples.indexed_iter().filter(|(place, value)| valid(*place, **value)).map(|(_, value)| value.real());
    let (mut sum, mut count) = (0.0, 0u64);
    for value in values() {
        sum += value;
        count += 1;
        sums.min = sums.min.min(value);
        sums.max = sums.max.max(value);
    }
    if count > 0 {
        sums.valid = count;
        sums.mean = sum / count as f64;
        sums.squares = values().map(|value| (value - sums.mean) * (value - sums.mean)).sum();
    }
    sums
}

/// GDAL's items of each band with a valid pixel.
pub(crate) fn items(bands: usize, blocks: &[Option<Vec<BandSums>>]) -> Vec<MetadataItem> {
    let mut items = Vec::new();
    for band in 0..bands {
        let of_band = blocks.iter().flatten().filter_map(|sums| sums.get(band).copied());
        let sums = of_band.fold(BandSums::NONE, BandSums::join);
        if sums.valid == 0 {
            continue;
        }
        let mut item = |name: &str, value: f64, digits: usize| {
            items.push(MetadataItem {
                name: format!("STATISTICS_{name}"),
                value: general(value, digits),
                band: u32::try_from(band + 1).ok(),
                ..MetadataItem::default()
            });
        };
        item("MAXIMUM", sums.max, 14);
        item("MEAN", sums.mean, 14);
        item("MINIMUM", sums.min, 14);
        item("STDDEV", (sums.squares / sums.valid as f64).sqrt(), 14);
        item("VALID_PERCENT", 100.0 * sums.valid as f64 / sums.pixels as f64, 4);
    }
    items
}

/// C's `%.{digits}g`.
fn general(value: f64, digits: usize) -> String {
    let scientific = format!("{value:.*e}", digits - 1);
    let exponent: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    };
    if value == 0.0 {
        return "0".into();
    }
    if exponent < -4 || exponent >= digits as i32 {
        let mantissa = scientific.split('e').next().unwrap_or("");
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs());
    }
    trimmed(&format!("{value:.*}", (digits as i32 - 1 - exponent).max(0) as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_c_writes_them() {
        assert_eq!(general(127.083_346_938_78, 14), "127.08334693878");
        assert_eq!(
            (general(254.0, 14), general(0.0, 14), general(1e20, 14)),
            ("254".into(), "0".into(), "1e+20".into())
        );
        assert_eq!((general(99.996, 4), general(1.234_567e-7, 4)), ("100".into(), "1.235e-07".into()));
    }

    #[test]
    fn sums_of_two_halves_are_those_of_the_whole() {
        let of = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            BandSums {
                pixels: 10,
                valid: values.len() as u64,
                min: values.iter().copied().fold(f64::INFINITY, f64::min),
                max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                mean,
                squares: values.iter().map(|v| (v - mean) * (v - mean)).sum(),
            }
        };
        let joined = of(&[1.0, 2.0, 6.0]).join(of(&[10.0, -4.0]));
        let whole = of(&[1.0, 2.0, 6.0, 10.0, -4.0]);
        assert_eq!((joined.pixels, joined.valid, joined.min, joined.max), (20, 5, -4.0, 10.0));
        assert!((joined.mean - whole.mean).abs() < 1e-12 && (joined.squares - whole.squares).abs() < 1e-9);
        assert_eq!(BandSums::NONE.join(whole).mean, whole.mean);
    }
}
