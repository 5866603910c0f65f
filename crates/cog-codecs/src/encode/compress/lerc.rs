//! Compression 34887: a LERC blob, itself possibly in a zlib stream or a Zstandard frame.
//!
//! Values of NaN are masked out, as libtiff does it: by one mask where all bands of a pixel have none, else by a mask for each band.

mod version;

use cog_tiff::SampleType;
use lerc::bitmask::BitMask;
use lerc::{Precision, Sample};

#[cfg(feature = "deflate-pure")]
use super::deflate::Deflate;
#[cfg(any(feature = "zstd", feature = "zstd-pure"))]
use super::zstd::Zstd;
use crate::encode::encoding::LercWrapping;
use crate::encode::shape::BlockShape;
use crate::error::{Error, Result};
use crate::foreign_panic::caught;

const NAME: &str = "LERC";

#[derive(Debug)]
pub(in crate::encode) struct Lerc {
    width: u32,
    height: u32,
    bands: u32,
    sample_type: SampleType,
    max_error: f64,
    wrapping: Wrapping,
}

#[derive(Debug)]
enum Wrapping {
    None,
    #[cfg(feature = "deflate-pure")]
    Deflate(Deflate),
    #[cfg(any(feature = "zstd", feature = "zstd-pure"))]
    Zstd(Zstd),
}

impl Lerc {
    /// `max_error` and `shape` as checked: finite, not below 0; whole samples of a type that LERC knows.
    pub(in crate::encode) fn new(max_error: f64, wrapping: LercWrapping, shape: &BlockShape) -> Result<Self> {
        let wrapping = match wrapping {
            LercWrapping::None => Wrapping::None,
            #[cfg(feature = "deflate-pure")]
            LercWrapping::Deflate { level } => Wrapping::Deflate(Deflate::new(level, 0)?),
            #[cfg(any(feature = "zstd", feature = "zstd-pure"))]
            LercWrapping::Zstd { level } => Wrapping::Zstd(Zstd::new(level, 0)?),
            #[allow(unreachable_patterns, reason = "with all features there is none left")]
            LercWrapping::Deflate { .. } => return Err(crate::registry::absent(cog_tiff::Compression::AdobeDeflate)),
            #[allow(unreachable_patterns, reason = "with all features there is none left")]
            LercWrapping::Zstd { .. } => return Err(crate::registry::absent(cog_tiff::Compression::Zstd)),
        };
        let BlockShape { width, height, samples, sample_type, .. } = *shape;
        Ok(Self { width, height, bands: samples.into(), sample_type, max_error, wrapping })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let blob = match self.sample_type {
            SampleType::U8 => self.whole::<u8, 1>(block, u8::from_le_bytes),
            SampleType::I8 => self.whole::<i8, 1>(block, i8::from_le_bytes),
            SampleType::U16 => self.whole::<u16, 2>(block, u16::from_le_bytes),
            SampleType::I16 => self.whole::<i16, 2>(block, i16::from_le_bytes),
            SampleType::U32 => self.whole::<u32, 4>(block, u32::from_le_bytes),
            SampleType::I32 => self.whole::<i32, 4>(block, i32::from_le_bytes),
            SampleType::F32 => self.floats::<f32, 4>(block, f32::from_le_bytes, |v| v.is_nan()),
            _ => self.floats::<f64, 8>(block, f64::from_le_bytes, |v| v.is_nan()),
        }?;
        match &mut self.wrapping {
            Wrapping::None => out.extend_from_slice(&blob),
            #[cfg(feature = "deflate-pure")]
            Wrapping::Deflate(deflate) => deflate.compress(&blob, out)?,
            #[cfg(any(feature = "zstd", feature = "zstd-pure"))]
            Wrapping::Zstd(zstd) => zstd.compress(&blob, out)?,
        }
        Ok(())
    }

    /// Integers: an error below 1 is none.
    fn whole<T: Sample, const SIZE: usize>(&self, block: &[u8], number: fn([u8; SIZE]) -> T) -> Result<Vec<u8>> {
        let values: Vec<T> = block.as_chunks().0.iter().map(|&bytes| number(bytes)).collect();
        let tolerance = self.max_error.floor();
        let precision =
            if tolerance < 1.0 { Precision::Lossless } else { Precision::Tolerance(T::from_f64(tolerance)) };
        self.encode(self.bands, 1, &values, &[BitMask::all_valid(self.pixels())], precision)
    }

    fn floats<T: Sample, const SIZE: usize>(
        &self,
        block: &[u8],
        number: fn([u8; SIZE]) -> T,
        is_nan: fn(&T) -> bool,
    ) -> Result<Vec<u8>> {
        let values: Vec<T> = block.as_chunks().0.iter().map(|&bytes| number(bytes)).collect();
        let precision =
            if self.max_error == 0.0 { Precision::Lossless } else { Precision::Tolerance(T::from_f64(self.max_error)) };
        let bands = self.bands as usize;
        if !values.iter().any(is_nan) {
            return self.encode(self.bands, 1, &values, &[BitMask::all_valid(self.pixels())], precision);
        }
        let alike = values.chunks_exact(bands).all(|pixel| pixel.iter().all(is_nan) || !pixel.iter().any(is_nan));
        if alike {
            let mask = mask(self.pixels(), values.iter().step_by(bands).map(is_nan));
            return self.encode(self.bands, 1, &values, &[mask], precision);
        }
        let mut planes = Vec::with_capacity(values.len());
        let mut masks = Vec::with_capacity(bands);
        for band in 0..bands {
            let plane = values.iter().skip(band).step_by(bands);
            masks.push(mask(self.pixels(), plane.clone().map(is_nan)));
            planes.extend(plane);
        }
        self.encode(1, self.bands, &planes, &masks, precision)
    }

    fn encode<T: Sample>(
        &self,
        depth: u32,
        bands: u32,
        values: &[T],
        masks: &[BitMask],
        precision: Precision<T>,
    ) -> Result<Vec<u8>> {
        let blob = caught(NAME, || {
            lerc::encode_borrowed(self.width, self.height, depth, bands, values, masks, None, precision)
                .map_err(|cause| Error::corrupt(NAME, cause.to_string()))
        })?;
        Ok(version::as_version_4(&blob, |value| self.number(value)).unwrap_or(blob))
    }

    /// A value as its type has it.
    fn number(&self, value: f64) -> Vec<u8> {
        match self.sample_type {
            SampleType::U8 => vec![value as u8],
            SampleType::I8 => vec![value as i8 as u8],
            SampleType::U16 => (value as u16).to_le_bytes().to_vec(),
            SampleType::I16 => (value as i16).to_le_bytes().to_vec(),
            SampleType::U32 => (value as u32).to_le_bytes().to_vec(),
            SampleType::I32 => (value as i32).to_le_bytes().to_vec(),
            SampleType::F32 => (value as f32).to_le_bytes().to_vec(),
            _ => value.to_le_bytes().to_vec(),
        }
    }

    fn pixels(&self) -> usize {
        self.width as usize * self.height as usize
    }
}

/// Pixels that are something.
fn mask(pixels: usize, nothing: impl Iterator<Item = bool>) -> BitMask {
    let mut mask = BitMask::new(pixels);
    nothing.enumerate().filter(|(_, nothing)| !nothing).for_each(|(i, _)| mask.set_valid(i));
    mask
}
