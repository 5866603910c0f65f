//! From bands to a picture: gray or colours, and how much each pixel counts.

use anyhow::bail;
use cog_read::ndarray::{Array2, ArrayView2, Axis};
use cog_read::{Pixels, Raster};

use crate::output::format::FileFormat;

/// A picture: `channels` is 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: usize,
    pub(crate) samples: Samples,
}

/// Channels of a pixel follow each other.
pub(crate) enum Samples {
    U8(Vec<u8>),
    U16(Vec<u16>),
}

/// Percentiles between which samples that are not of 8 bits are stretched.
const LOW: f64 = 2.0;
const HIGH: f64 = 98.0;

impl Picture {
    /// In words, for the line that says what was written.
    pub(crate) fn summary(&self, format: FileFormat) -> String {
        let colors = ["gray", "gray and alpha", "RGB", "RGBA"].get(self.channels.saturating_sub(1)).unwrap_or(&"");
        let bits = if matches!(self.samples, Samples::U16(_)) { ", 16 bits" } else { "" };
        format!("{} × {} {}, {colors}{bits}", self.width, self.height, format.name())
    }

    /// Of samples as they are. One band is gray, three are red, green and blue; `alpha` says which band is neither. Pixels without data are
    /// transparent.
    ///
    /// # Errors
    /// Another number of bands, samples that the format cannot hold.
    pub(crate) fn of(raster: &Raster, alpha: Option<usize>, format: FileFormat) -> anyhow::Result<Picture> {
        let (bands, ..) = raster.dim();
        let alpha = alpha.filter(|band| *band < bands);
        let colors: Vec<usize> = (0..bands).filter(|band| Some(*band) != alpha).collect();
        if !matches!(colors.len(), 1 | 3) {
            bail!("a picture has 1 band or 3, and these are {}: choose them with --bands", colors.len());
        }
        let sample = raster.pixels.sample_type();
        if !format.holds(sample) {
            bail!("{} cannot hold {sample} samples: --rescale MIN,MAX maps them to 0 to 255", format.name());
        }
        let mask = raster.mask();
        let samples = match &raster.pixels {
            Pixels::U8(a) => {
                let planes = |band: usize| a.index_axis(Axis(0), band);
                Samples::U8(interleaved(&colors, planes, alpha, &mask, u8::MAX))
            }
            Pixels::U16(a) => {
                let planes = |band: usize| a.index_axis(Axis(0), band);
                Samples::U16(interleaved(&colors, planes, alpha, &mask.mapv(|v| u16::from(v) * 257), u16::MAX))
            }
            _ => bail!("{} cannot hold {sample} samples", format.name()),
        };
        Ok(Picture::filled(raster, colors.len(), samples))
    }

    fn filled(raster: &Raster, colors: usize, samples: Samples) -> Picture {
        let (_, height, width) = raster.dim();
        let count = match &samples {
            Samples::U8(samples) => samples.len(),
            Samples::U16(samples) => samples.len(),
        };
        let channels = if count > colors * width * height { colors + 1 } else { colors };
        Picture { width, height, channels, samples }
    }

    /// The same without transparency: over black.
    pub(crate) fn opaque(self) -> Picture {
        let Picture { width, height, channels, samples } = self;
        match samples {
            Samples::U8(samples) if channels % 2 == 0 => {
                let over = |pixel: &[u8]| {
                    let alpha = u16::from(pixel.last().copied().unwrap_or(0));
                    let colors = pixel.iter().take(channels - 1);
                    colors.map(|v| ((u16::from(*v) * alpha + 127) / 255) as u8).collect::<Vec<u8>>()
                };
                let samples = Samples::U8(samples.chunks_exact(channels).flat_map(over).collect());
                Picture { width, height, channels: channels - 1, samples }
            }
            samples => Picture { width, height, channels, samples },
        }
    }

    /// Of 8 bits, each channel for itself.
    pub(crate) fn planes(&self) -> Option<Vec<Vec<u8>>> {
        let Samples::U8(samples) = &self.samples else { return None };
        let plane = |channel: usize| samples.iter().skip(channel).step_by(self.channels.max(1)).copied().collect();
        Some((0..self.channels).map(plane).collect())
    }
}

/// Channels of pixels behind each other, with alpha if anything is transparent.
fn interleaved<'a, T: Copy + Default + PartialOrd + 'a>(
    colors: &[usize],
    plane: impl Fn(usize) -> ArrayView2<'a, T>,
    alpha: Option<usize>,
    mask: &Array2<T>,
    full: T,
) -> Vec<T> {
    let zero = T::default();
    let transparency: Option<Vec<T>> = match alpha {
        Some(band) => {
            let both = |(alpha, valid): (&T, &T)| if *valid > zero { *alpha } else { zero };
            Some(plane(band).iter().zip(mask).map(both).collect())
        }
        None if mask.iter().any(|v| *v < full) => Some(mask.iter().copied().collect()),
        None => None,
    };
    let channels = colors.len() + usize::from(transparency.is_some());
    let mut samples = vec![zero; mask.len() * channels];
    let mut put = |channel: usize, values: &mut dyn Iterator<Item = T>| {
        for (to, value) in samples.iter_mut().skip(channel).step_by(channels).zip(values) {
            *to = value;
        }
    };
    for (channel, band) in colors.iter().enumerate() {
        put(channel, &mut plane(*band).iter().copied());
    }
    if let Some(transparency) = transparency {
        put(colors.len(), &mut transparency.into_iter());
    }
    samples
}

/// Samples of any type as bytes: those of 8 bits as they are, others stretched between two percentiles of those that hold data, each band for
/// itself.
pub(crate) fn stretched(mut raster: Raster) -> Raster {
    if let Pixels::U8(_) = raster.pixels {
        return raster;
    }
    let mut values = raster.pixels.to_f64();
    for (band, mut values) in values.outer_iter_mut().enumerate() {
        let mask = raster.band_mask(band);
        let (low, high) = stretch(values.view(), mask.as_ref().map(|mask| mask.view()));
        let scale = if high > low { 255.0 / (high - low) } else { 0.0 };
        values.mapv_inplace(|v| ((v - low) * scale).round());
    }
    // A cast of NaN or of what lies outside ends at 0 or 255.
    raster.pixels = Pixels::U8(values.mapv(|v| v as u8));
    raster.nodata = None;
    raster
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
