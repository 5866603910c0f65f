//! WebP files, made by the encoder of TIFF's WebP blocks.

use anyhow::Context;
use cog_codecs::encode::{BandSlices, BlockShape, EncodeCodec, Encoder, Encoding};
use cog_read::tiff::{Predictor, SampleType};

use crate::output::picture::Picture;
use crate::output::written::Output;

/// Writes a picture of 8 bits; without a quality nothing is lost.
pub(crate) fn write(output: &mut Output, picture: &Picture, quality: Option<u8>) -> anyhow::Result<()> {
    let planes = picture.planes().context("WebP has 8 bits")?;
    let mut bands: Vec<&[u8]> = planes.iter().map(Vec::as_slice).collect();
    // It has no gray.
    if let [gray, alpha @ ..] = bands.as_slice()
        && alpha.len() < 2
    {
        bands = [*gray; 3].into_iter().chain(alpha.iter().copied()).collect();
    }
    let (width, height) = (u32::try_from(picture.width)?, u32::try_from(picture.height)?);
    let shape = BlockShape::new(width, height, u16::try_from(bands.len())?, SampleType::U8);
    let codec = quality.map_or(EncodeCodec::WebPLossless, |quality| EncodeCodec::WebP { quality });
    let mut encoder = Encoder::new(&Encoding { codec, predictor: Predictor::None }, &shape)?;
    let mut bytes = Vec::new();
    let source = BandSlices { bands: &bands, stride: picture.width, width: picture.width, height: picture.height };
    encoder.encode(&source, &mut bytes)?;
    output.write(Some(bytes.len() as u64), |out| out.write_all(&bytes))
}
