//! What cannot be encoded, said before the first block.

use std::ops::RangeInclusive;

use cog_tiff::{Predictor, SampleFormat, SampleType};

use super::encoding::{EncodeCodec, Encoding, JpegColors, LercWrapping};
use super::shape::BlockShape;
use crate::error::{Error, Result};

/// Whether blocks of this shape can be encoded so.
pub(super) fn check(encoding: &Encoding, shape: &BlockShape) -> Result<()> {
    size(shape)?;
    depth(shape)?;
    settings(&encoding.codec)?;
    samples(&encoding.codec, shape)?;
    predictor(encoding, shape)
}

/// Whether the codec's settings lie within their bounds.
fn settings(codec: &EncodeCodec) -> Result<()> {
    match *codec {
        EncodeCodec::None | EncodeCodec::PackBits | EncodeCodec::Lzw => Ok(()),
        EncodeCodec::Deflate { level } => within("deflate", "level", level, 1..=DEFLATE_MOST),
        EncodeCodec::Zstd { level } => within("ZSTD", "level", level, 1..=22),
        EncodeCodec::Lzma { level } => within("LZMA", "level", level, 0..=9),
        EncodeCodec::WebP { quality } => within("WebP", "quality", quality, 1..=100),
        EncodeCodec::WebPLossless => Ok(()),
        EncodeCodec::Jpeg { quality, .. } => within("JPEG", "quality", quality, 1..=100),
        EncodeCodec::Lerc { max_error, wrapping } => {
            if !max_error.is_finite() || max_error < 0.0 {
                return Err(Error::Usage("the largest error of LERC is a number not below 0"));
            }
            match wrapping {
                LercWrapping::None => Ok(()),
                LercWrapping::Deflate { level } => within("deflate", "level", level, 1..=DEFLATE_MOST),
                LercWrapping::Zstd { level } => within("ZSTD", "level", level, 1..=22),
            }
        }
    }
}

/// Whether the codec has such samples.
fn samples(codec: &EncodeCodec, shape: &BlockShape) -> Result<()> {
    let whole = usize::from(shape.bits) == shape.sample_type.size() * 8;
    let refused = |codec| Err(Error::cannot_encode(codec, format!("samples of {}", shape.samples_by_name())));
    match codec {
        EncodeCodec::WebP { .. } | EncodeCodec::WebPLossless => {
            if shape.sample_type != SampleType::U8 || !whole {
                return refused("WebP");
            }
            bands("WebP", shape, 3..=4, "only 3 or 4")?;
            sides("WebP", shape, 16_383)
        }
        EncodeCodec::Jpeg { colors, .. } => {
            if shape.sample_type != SampleType::U8 || !whole {
                return refused("JPEG");
            }
            match colors {
                JpegColors::YCbCr => bands("JPEG of YCbCr", shape, 3..=3, "only 3")?,
                JpegColors::Stored => bands("JPEG", shape, 1..=4, "only up to 4")?,
            }
            sides("JPEG", shape, 65_500)
        }
        EncodeCodec::Lerc { .. } => match shape.sample_type {
            SampleType::U64 | SampleType::I64 | SampleType::Complex32 | SampleType::Complex64 => refused("LERC"),
            _ if !whole => refused("LERC"),
            // The header counts in 32 bits, with a sign.
            _ => sides("LERC", shape, i32::MAX as u32),
        },
        _ => Ok(()),
    }
}

fn bands(codec: &'static str, shape: &BlockShape, range: RangeInclusive<u16>, bound: &str) -> Result<()> {
    if range.contains(&shape.samples) {
        return Ok(());
    }
    let bands = if shape.samples == 1 { "1 band".to_owned() } else { format!("{} bands", shape.samples) };
    Err(Error::cannot_encode(codec, format!("{bands}, {bound}")))
}

fn sides(codec: &'static str, shape: &BlockShape, most: u32) -> Result<()> {
    let BlockShape { width, height, .. } = *shape;
    if width > most || height > most {
        return Err(Error::cannot_encode(
            codec,
            format!("blocks of {width} × {height} pixels, only up to {most} each way"),
        ));
    }
    Ok(())
}

/// libdeflate has three levels more than zlib.
const DEFLATE_MOST: u8 = if cfg!(feature = "deflate") || cfg!(not(feature = "deflate-pure")) { 12 } else { 9 };

fn within(codec: &'static str, name: &'static str, value: u8, range: RangeInclusive<u8>) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let (least, most) = range.into_inner();
    Err(Error::Setting { codec, name, value: value.into(), least: least.into(), most: most.into() })
}

fn size(shape: &BlockShape) -> Result<()> {
    if shape.width == 0 || shape.height == 0 || shape.samples == 0 {
        return Err(Error::Usage("a block needs at least one row, one column and one band"));
    }
    shape.native_row()?;
    shape.stored_len()?;
    Ok(())
}

fn depth(shape: &BlockShape) -> Result<()> {
    let whole = shape.sample_type.size() as u16 * 8;
    let fits = shape.bits == whole
        || match shape.sample_type {
            SampleType::U8 => matches!(shape.bits, 1..=7),
            SampleType::U16 => matches!(shape.bits, 9..=15),
            SampleType::U32 => matches!(shape.bits, 17..=31),
            SampleType::F32 => shape.bits == 16,
            _ => false,
        };
    if fits {
        return Ok(());
    }
    Err(Error::cannot_encode("this encoder", format!("samples of {}", shape.samples_by_name())))
}

fn predictor(encoding: &Encoding, shape: &BlockShape) -> Result<()> {
    let name = match encoding.predictor {
        Predictor::None => return Ok(()),
        Predictor::Horizontal => "predictor 2",
        Predictor::FloatingPoint => "predictor 3",
        _ => return Err(Error::Usage("predictors are 1, 2 and 3")),
    };
    if !encoding.codec.heeds_predictor() {
        return Err(Error::cannot_encode(name, format!("blocks of {}", encoding.codec.compression().name())));
    }
    let fits = match encoding.predictor {
        Predictor::Horizontal => matches!(shape.bits, 8 | 16 | 32 | 64) && !shape.sample_type.is_complex(),
        _ => shape.sample_format() == SampleFormat::Float,
    };
    if fits {
        return Ok(());
    }
    Err(Error::cannot_encode(name, format!("samples of {}", shape.samples_by_name())))
}
