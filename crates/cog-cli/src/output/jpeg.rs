//! JPEG files (JFIF), made by the encoder of TIFF's JPEG blocks.

use anyhow::{Context, bail};
use cog_codecs::encode::{BandSlices, BlockShape, EncodeCodec, Encoder, Encoding, JpegColors};
use cog_read::tiff::{Predictor, SampleType};

use crate::output::picture::Picture;
use crate::output::written::Output;

/// GDAL's default.
const QUALITY: u8 = 75;

/// The start of a picture, and what says that it is JFIF 1.02 with square pixels: its colours are then gray or YCbCr.
const START: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0";

/// Writes a picture of 8 bits, gray or red, green and blue.
pub(crate) fn write(output: &mut Output, picture: &Picture, quality: Option<u8>) -> anyhow::Result<()> {
    let planes = picture.planes().context("JPEG has 8 bits")?;
    let (width, height) = (u32::try_from(picture.width)?, u32::try_from(picture.height)?);
    let colors = if planes.len() == 3 { JpegColors::YCbCr } else { JpegColors::Stored };
    let shape = BlockShape::new(width, height, u16::try_from(planes.len())?, SampleType::U8);
    let codec = EncodeCodec::Jpeg { quality: quality.unwrap_or(QUALITY), colors };
    let mut encoder = Encoder::new(&Encoding { codec, predictor: Predictor::None }, &shape)?;
    let bands: Vec<&[u8]> = planes.iter().map(Vec::as_slice).collect();
    let mut block = Vec::new();
    let source = BandSlices { bands: &bands, stride: picture.width, width: picture.width, height: picture.height };
    encoder.encode(&source, &mut block)?;
    // In a TIFF the tables stand apart, as a picture without samples: between its marks of start and end.
    let tables = encoder.tables().and_then(|tables| tables.get(2..tables.len().saturating_sub(2)));
    let (Some(tables), Some(rest)) = (tables, block.get(2..)) else { bail!("a JPEG without tables") };
    let size = [START, tables, rest].iter().map(|part| part.len() as u64).sum();
    output.write(Some(size), |out| [START, tables, rest].iter().try_for_each(|part| out.write_all(part)))
}
