//! Compression 34712 (and Aperio's 33005): a JPEG 2000 codestream, bare or in its container.
//!
//! The decoder is a young crate: it stays behind this module.

use cog_tiff::SampleType;
use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded, Delivery};
use crate::error::{Error, Result};
use crate::foreign_panic::caught;
use crate::scratch::Scratch;

const NAME: &str = "JPEG 2000";

/// Integers of 8 and 16 bits, in the depth of the stream, not scaled.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Jpeg2000;

impl Codec for Jpeg2000 {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        self.check(spec)?;
        caught(NAME, || decode(spec, src, out))?;
        Ok(Decoded::default())
    }

    fn delivery(&self, _spec: &BlockSpec<'_>) -> Delivery {
        Delivery::Samples
    }

    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        match spec.sample_type()? {
            SampleType::U8 | SampleType::U16 | SampleType::I16 => Ok(()),
            other => Err(Error::variant(NAME, other.name())),
        }
    }
}

fn decode(spec: &BlockSpec<'_>, src: &[u8], out: &mut [u8]) -> Result<()> {
    let corrupt = |cause: hayro_jpeg2000::DecodeError| Error::corrupt(NAME, cause.to_string());
    let settings = DecodeSettings { resolve_palette_indices: false, strict: true, target_resolution: None };
    let image = Image::new(src, &settings).map_err(corrupt)?;
    let samples = usize::from(spec.samples);
    let pixels = spec.width as usize * spec.height as usize;
    let expected = (spec.width, spec.height, u32::from(spec.samples));
    let shape = |bands| Error::Shape { codec: NAME, found: (image.width(), image.height(), bands), expected };
    if (image.width(), image.height()) != (spec.width, spec.height) {
        return Err(shape(expected.2));
    }
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(corrupt)?;
    let components = decoded.components();
    if components.len() != samples || components.iter().any(|c| c.samples().len() != pixels) {
        return Err(shape(components.len() as u32));
    }
    for (band, component) in components.iter().enumerate() {
        let values = component.samples();
        match spec.sample_type()? {
            SampleType::U8 => store(out, samples, band, values, |v| [v.round() as u8]),
            SampleType::U16 => store(out, samples, band, values, |v| (v.round() as u16).to_ne_bytes()),
            _ => store(out, samples, band, values, |v| (v.round() as i16).to_ne_bytes()),
        }
    }
    Ok(())
}

/// Writes one band of chunky pixels. Float to integer saturates.
fn store<const SIZE: usize>(
    out: &mut [u8],
    samples: usize,
    band: usize,
    values: &[f32],
    to: impl Fn(f32) -> [u8; SIZE],
) {
    let (numbers, _) = out.as_chunks_mut::<SIZE>();
    for (pixel, &value) in numbers.chunks_exact_mut(samples).zip(values) {
        if let Some(number) = pixel.get_mut(band) {
            *number = to(value);
        }
    }
}
