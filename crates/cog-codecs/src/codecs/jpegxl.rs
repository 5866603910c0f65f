//! Compressions 50002 and 52546: a JPEG XL picture, bare or in its container.
//!
//! The decoder is a young crate: it stays behind this module.

use cog_tiff::SampleType;
use jxl::api::{
    Endianness, Event, JxlColorType, JxlDataFormat, JxlDecoder, JxlDecoderOptions, JxlOutputBuffer, JxlPixelFormat,
    ProfileLevel,
};

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded, Delivery};
use crate::error::{Error, Result};
use crate::foreign_panic::caught;
use crate::scratch::Scratch;

const NAME: &str = "JPEG XL";

/// 8 and 16 bits unsigned and 32-bit floats; one or three colour bands and any number of extra ones.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct JpegXl;

impl Codec for JpegXl {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        let format = format(spec)?;
        caught(NAME, || decode(spec, format, src, out))?;
        Ok(Decoded::default())
    }

    fn delivery(&self, _spec: &BlockSpec<'_>) -> Delivery {
        Delivery::Samples
    }

    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        format(spec).map(|_| ())
    }
}

fn format(spec: &BlockSpec<'_>) -> Result<JxlDataFormat> {
    let endianness = Endianness::native();
    let bit_depth = u8::try_from(spec.bits_per_sample).unwrap_or(u8::MAX);
    match spec.sample_type()? {
        SampleType::U8 => Ok(JxlDataFormat::U8 { bit_depth }),
        SampleType::U16 => Ok(JxlDataFormat::U16 { endianness, bit_depth }),
        SampleType::F32 if spec.bits_per_sample == 32 => Ok(JxlDataFormat::F32 { endianness }),
        other => Err(Error::variant(NAME, format!("{other} from {} bits", spec.bits_per_sample))),
    }
}

fn decode(spec: &BlockSpec<'_>, format: JxlDataFormat, src: &[u8], out: &mut [u8]) -> Result<()> {
    let samples = usize::from(spec.samples);
    let mut options = JxlDecoderOptions::default();
    options.adjust_orientation = false;
    options.render_spot_colors = false;
    options.max_profile_level = ProfileLevel::Main10;
    // Before the header is checked; gray counts as three there.
    let pixels = (spec.width as usize).checked_mul(spec.height as usize);
    options.sample_limit = pixels.and_then(|n| n.checked_mul(samples + 3));
    let mut decoder = JxlDecoder::new(options);
    let mut input = src;
    advance(&mut decoder, &mut input, None, &Event::BasicInfo)?;
    let (size, extra) = match decoder.basic_info() {
        Some(info) => (info.size, info.extra_channels.len()),
        None => return Err(Error::corrupt(NAME, "no picture header")),
    };
    let colours = decoder.embedded_color_profile().map_or(0, |profile| profile.channels());
    let found = (size.0 as u32, size.1 as u32, (colours + extra) as u32);
    let expected = (spec.width, spec.height, u32::from(spec.samples));
    if found != expected || size.0 == 0 {
        return Err(Error::Shape { codec: NAME, found, expected });
    }
    let color_type = match colours {
        1 => JxlColorType::Grayscale,
        3 => JxlColorType::Rgb,
        n => return Err(Error::variant(NAME, format!("a picture of {n} colour bands"))),
    };
    let pixel_format =
        JxlPixelFormat { color_type, color_data_format: Some(format), extra_channel_format: vec![Some(format); extra] };
    decoder.set_pixel_format(pixel_format).map_err(corrupt)?;

    let bytes = format.bytes_per_sample();
    let (width, height) = size;
    // The decoder wants rows aligned to their samples.
    let aligned = (out.as_ptr() as usize).is_multiple_of(bytes);
    if extra == 0 && aligned {
        let mut buffers = [JxlOutputBuffer::new(out, height, width * colours * bytes)];
        return finish(&mut decoder, &mut input, &mut buffers);
    }
    let mut planes: Vec<Vec<u32>> = std::iter::once(colours)
        .chain(std::iter::repeat_n(1, extra))
        .map(|bands| vec![0u32; (width * height * bands * bytes).div_ceil(4)])
        .collect();
    let mut buffers: Vec<_> = planes
        .iter_mut()
        .enumerate()
        .map(|(i, plane)| {
            let row = width * bytes * if i == 0 { colours } else { 1 };
            let plane: &mut [u8] = bytemuck::cast_slice_mut(plane);
            JxlOutputBuffer::new(plane, height, row)
        })
        .collect();
    finish(&mut decoder, &mut input, &mut buffers)?;
    drop(buffers);
    let mut offset = 0;
    for (i, plane) in planes.iter().enumerate() {
        let len = bytes * if i == 0 { colours } else { 1 };
        let values: &[u8] = bytemuck::cast_slice(plane);
        for (pixel, value) in out.chunks_exact_mut(samples * bytes).zip(values.chunks_exact(len)) {
            if let Some(to) = pixel.get_mut(offset..offset + len) {
                to.copy_from_slice(value);
            }
        }
        offset += len;
    }
    Ok(())
}

fn finish(decoder: &mut JxlDecoder, input: &mut &[u8], buffers: &mut [JxlOutputBuffer<'_>]) -> Result<()> {
    advance(decoder, input, None, &Event::FrameHeader)?;
    advance(decoder, input, Some(buffers), &Event::FrameComplete { has_more_frames: false })
}

/// Runs until `wanted`, whatever its details.
fn advance(
    decoder: &mut JxlDecoder,
    input: &mut &[u8],
    mut buffers: Option<&mut [JxlOutputBuffer<'_>]>,
    wanted: &Event,
) -> Result<()> {
    loop {
        let left = input.len();
        let event = decoder.process(input, buffers.as_deref_mut(), None).map_err(corrupt)?;
        if std::mem::discriminant(&event) == std::mem::discriminant(wanted) {
            return Ok(());
        }
        match event {
            Event::Complete => return Err(Error::corrupt(NAME, "the stream has no picture")),
            Event::NeedMoreInput { .. } if input.is_empty() || input.len() == left => {
                return Err(Error::corrupt(NAME, "the stream ends too early"));
            }
            _ => {}
        }
    }
}

fn corrupt(cause: jxl::error::Error) -> Error {
    Error::corrupt(NAME, cause.to_string())
}
