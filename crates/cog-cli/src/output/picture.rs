//! From bands to 8-bit colours with transparency.

use cog_read::ndarray::{Array2, ArrayView2, Axis};
use cog_read::tiff::{ColorMap, SampleType};
use cog_read::{Pixels, Raster};

/// An 8-bit picture: `channels` is 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: usize,
    pub(crate) samples: Vec<u8>,
}

impl Picture {
    /// In words, for the line that says what was written.
    pub(crate) fn summary(&self) -> String {
        let colors = ["gray", "gray and alpha", "RGB", "RGBA"].get(self.channels.saturating_sub(1)).unwrap_or(&"");
        format!("{} × {} PNG, {colors}", self.width, self.height)
    }
}

/// Percentiles between which samples that are not of 8 bits are stretched.
const LOW: f64 = 2.0;
const HIGH: f64 = 98.0;

/// One band becomes gray, three or more RGB (of two the first is shown). Transparent where there is no data.
pub(crate) fn of_bands(raster: &Raster) -> Picture {
    let (bands, height, width) = raster.dim();
    let colors = if bands >= 3 { 3 } else { 1 };
    let planes: Vec<Vec<u8>> = (0..colors).map(|band| shades(raster, band)).collect();
    let mask = raster.mask();
    assemble(&planes, &mask, width, height)
}

/// Each sample stands for a colour.
pub(crate) fn of_palette(raster: &Raster, map: &ColorMap) -> Picture {
    let (_, height, width) = raster.dim();
    let numbers: Vec<usize> = match &raster.pixels {
        Pixels::U8(a) => a.index_axis(Axis(0), 0).iter().map(|v| usize::from(*v)).collect(),
        Pixels::U16(a) => a.index_axis(Axis(0), 0).iter().map(|v| usize::from(*v)).collect(),
        _ => Vec::new(),
    };
    // A number behind the end of the map has no colour.
    let colors: Vec<[u8; 4]> = numbers.into_iter().map(|n| map.get(n).unwrap_or([0; 4])).collect();
    let planes: Vec<Vec<u8>> = (0..3).map(|i| colors.iter().filter_map(|c| c.get(i).copied()).collect()).collect();
    let mut mask = raster.mask();
    for (valid, [.., alpha]) in mask.iter_mut().zip(&colors) {
        *valid &= *alpha;
    }
    assemble(&planes, &mask, width, height)
}

/// Interleaves planes, with the mask as alpha if anything is transparent.
fn assemble(planes: &[Vec<u8>], mask: &Array2<u8>, width: usize, height: usize) -> Picture {
    let transparent = mask.iter().any(|v| *v < 255);
    let channels = planes.len() + usize::from(transparent);
    let mut samples = vec![0; width * height * channels];
    for (i, (pixel, alpha)) in samples.chunks_exact_mut(channels).zip(mask).enumerate() {
        for (channel, plane) in pixel.iter_mut().zip(planes) {
            *channel = plane.get(i).copied().unwrap_or(0);
        }
        if transparent && let Some(last) = pixel.last_mut() {
            *last = *alpha;
        }
    }
    Picture { width, height, channels, samples }
}

fn shades(raster: &Raster, band: usize) -> Vec<u8> {
    if let Pixels::U8(a) = &raster.pixels {
        return a.index_axis(Axis(0), band).iter().copied().collect();
    }
    let values = raster.pixels.to_f64();
    let values = values.index_axis(Axis(0), band);
    let mask = raster.band_mask(band);
    let (low, high) = if raster.pixels.sample_type() == SampleType::U8 {
        (0.0, 255.0)
    } else {
        stretch(values, mask.as_ref().map(|mask| mask.view()))
    };
    let scale = if high > low { 255.0 / (high - low) } else { 0.0 };
    // A cast of NaN or of what lies outside ends at 0 or 255.
    values.iter().map(|v| ((v - low) * scale).round() as u8).collect()
}

/// The percentiles of the values that hold data.
fn stretch(values: ArrayView2<'_, f64>, mask: Option<ArrayView2<'_, u8>>) -> (f64, f64) {
    let mut valid: Vec<f64> = match mask {
        Some(mask) => values.iter().zip(mask).filter(|(v, m)| **m > 0 && v.is_finite()).map(|(v, _)| *v).collect(),
        None => values.iter().copied().filter(|v| v.is_finite()).collect(),
    };
    if valid.is_empty() {
        return (0.0, 0.0);
    }
    let last = (valid.len() - 1) as f64;
    let mut at = |percent: f64| {
        let index = (percent / 100.0 * last).round() as usize;
        *valid.select_nth_unstable_by(index, f64::total_cmp).1
    };
    (at(LOW), at(HIGH))
}
