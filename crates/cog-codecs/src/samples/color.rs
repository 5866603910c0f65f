//! Colours as libtiff's RGBA interface shows them, which is what GDAL hands out for 8-bit CMYK, CIELab and YCbCr: RGBA
//! with an opaque alpha for the first two, RGB for the last.

mod lab;
mod ycbcr;

use cog_tiff::Photometric;

use crate::block::BlockSpec;
use crate::error::{Error, Result};
use lab::Lab;
use ycbcr::YCbCr;

/// Turns stored pixels of 8 bits into R, G, B and, from CMYK and CIELab, an alpha of 255. Samples behind the four of CMYK are
/// left out, as in libtiff.
///
/// [`Codecs::decode_block`](crate::registry::Codecs::decode_block) does so by itself for chunky blocks. Planar files store each
/// sample in a block of its own: there the caller brings the planes together first, then converts.
#[derive(Debug, Clone)]
pub struct ColorTransform {
    samples: usize,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Cmyk,
    Lab(Box<Lab>),
    YCbCr(Box<YCbCr>),
}

impl ColorTransform {
    /// Whether GDAL shows pixels of this description in other colours than stored; `samples` counts all samples of a pixel.
    pub fn applies(spec: &BlockSpec<'_>) -> bool {
        spec.stored_colors_differ()
    }

    /// For the pixels of `spec`, with its coefficients and white points.
    ///
    /// # Errors
    /// [`Error::Usage`] where it does not [apply](Self::applies).
    pub fn new(spec: &BlockSpec<'_>) -> Result<Self> {
        if !Self::applies(spec) {
            return Err(Error::Usage("pixels of this kind are shown as stored"));
        }
        let kind = match spec.photometric {
            Photometric::Separated => Kind::Cmyk,
            Photometric::CieLab => Kind::Lab(Box::new(Lab::new(spec.white_point)?)),
            _ => Kind::YCbCr(Box::new(YCbCr::new(spec.ycbcr_coefficients, spec.reference_black_white))),
        };
        Ok(Self { samples: usize::from(spec.samples), kind })
    }

    /// Samples of a pixel after [`convert`](Self::convert): 4, or 3 from YCbCr.
    pub fn output_samples(&self) -> u16 {
        if matches!(self.kind, Kind::YCbCr(_)) { 3 } else { 4 }
    }

    /// Converts whole pixels, the samples of each together.
    ///
    /// # Errors
    /// [`Error::OutputLength`] where `out` has not [`output_samples`](Self::output_samples) bytes for each pixel of
    /// `stored`.
    pub fn convert(&self, stored: &[u8], out: &mut [u8]) -> Result<()> {
        let want = stored.len() / self.samples * usize::from(self.output_samples());
        if out.len() != want {
            return Err(Error::OutputLength { got: out.len(), want });
        }
        let pixels = stored.chunks_exact(self.samples);
        match &self.kind {
            Kind::Cmyk => {
                for (pixel, rgba) in pixels.zip(out.as_chunks_mut::<4>().0) {
                    if let Some(&inks) = pixel.first_chunk() {
                        *rgba = cmyk(inks);
                    }
                }
            }
            Kind::Lab(lab) => {
                for (pixel, rgba) in pixels.zip(out.as_chunks_mut::<4>().0) {
                    if let Some(&[l, a, b]) = pixel.first_chunk() {
                        let [r, g, b] = lab.rgb(l, a as i8, b as i8);
                        *rgba = [r, g, b, 255];
                    }
                }
            }
            Kind::YCbCr(ycbcr) => {
                for (pixel, rgb) in pixels.zip(out.as_chunks_mut::<3>().0) {
                    if let Some(&[y, cb, cr]) = pixel.first_chunk() {
                        *rgb = ycbcr.rgb(y, cb, cr);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Each colour is what its ink and black leave of white.
fn cmyk([c, m, y, k]: [u8; 4]) -> [u8; 4] {
    let light = |ink: u8| (u16::from(255 - k) * u16::from(255 - ink) / 255) as u8;
    [light(c), light(m), light(y), 255]
}

#[cfg(test)]
mod tests {
    use cog_tiff::{Compression, SampleFormat};

    use super::*;

    #[test]
    fn inks_take_light_away() {
        assert_eq!(cmyk([0, 0, 0, 0]), [255, 255, 255, 255]);
        assert_eq!(cmyk([255, 0, 0, 0]), [0, 255, 255, 255]);
        assert_eq!(cmyk([10, 20, 30, 128]), [122, 117, 112, 255]);
    }

    #[test]
    fn sixteen_bits_stay_as_stored() {
        let mut spec = BlockSpec::new(1, 1, 4, 16, SampleFormat::Uint, Compression::None);
        spec.photometric = Photometric::Separated;
        assert!(!ColorTransform::applies(&spec));
        assert!(ColorTransform::new(&spec).is_err());
        spec.bits_per_sample = 8;
        assert!(ColorTransform::applies(&spec));
        spec.samples = 3;
        assert!(!ColorTransform::applies(&spec));
    }
}
