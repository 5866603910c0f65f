//! Compression 7: JPEG (TIFF Technical Note 2), with the tables of tag 347 joined in.

mod bit_reader;
#[cfg(feature = "turbojpeg")]
mod by_turbo;
mod coefficients;
mod decoders;
mod huffman;
mod idct;
mod layout;
mod name;
mod old;
mod picture;
mod pixels;
mod plane;
mod progressive;
mod restart;
mod sample;
mod sequential;
mod stream;
mod tables;
#[cfg(feature = "turbojpeg")]
mod turbo;
mod upsample;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]
mod tests;
#[cfg(all(test, feature = "turbojpeg"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod turbo_tests;

use cog_tiff::{Photometric, SampleType};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use crate::block::{BlockSpec, ColorView};
use crate::codec::{Codec, Decoded, Delivery};
use crate::error::{Error, Result};
use crate::foreign_panic::caught;
use crate::scratch::Scratch;
use name::NAME;
pub use old::OldJpeg;
pub(crate) use old::OldStyle;
use picture::Rendering;
use stream::{Frame, Process};

/// Sequential and progressive JPEG of 8 and 12 bits, 1 to 4 bands.
///
/// The Photometric tag decides about colours, never a JFIF or Adobe marker: YCbCr becomes RGB (unless the view is raw),
/// everything else comes as stored. A stream with too few rows or columns for the part of the block that lies within the
/// image is an error (libtiff warns and fills up with zeros, which hides what is lost); rows beyond the block (some
/// writers pad the last strip) are left out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Jpeg;

struct Joined;
struct Narrow;

impl Codec for Jpeg {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        self.check(spec)?;
        let mut joined = scratch.take_buffer::<Joined>(NAME, 0)?;
        let result = stream::join(spec.jpeg_tables, src, &mut joined).and_then(|frame| {
            check_frame(spec, &frame)?;
            let rows = frame.height.min(spec.height);
            let pixel = usize::from(spec.bits_per_sample.div_ceil(8)) * usize::from(spec.samples);
            let used = rows as usize * spec.width as usize * pixel;
            let (out, missing) =
                out.split_at_mut_checked(used).ok_or(Error::Usage("a slice shorter than the block"))?;
            missing.fill(0);
            if frame.width == spec.width {
                return decode_picture(spec, &frame, &mut joined, rows, scratch, out);
            }
            let narrow = frame.width as usize * pixel;
            let len = rows as usize * narrow;
            let mut buffer = scratch.take_buffer::<Narrow>(NAME, len)?;
            let picture = buffer.get_mut(..len).unwrap_or_default();
            let result = decode_picture(spec, &frame, &mut joined, rows, scratch, picture);
            for (row, columns) in out.chunks_exact_mut(spec.width as usize * pixel).zip(buffer.chunks_exact(narrow)) {
                if let Some((inside, missing)) = row.split_at_mut_checked(narrow) {
                    inside.copy_from_slice(columns);
                    missing.fill(0);
                }
            }
            scratch.put_buffer::<Narrow>(buffer);
            result
        });
        scratch.put_buffer::<Joined>(joined);
        result.map(|()| Decoded::default())
    }

    fn delivery(&self, _spec: &BlockSpec<'_>) -> Delivery {
        Delivery::Samples
    }

    fn heeds_fill_order(&self) -> bool {
        false
    }

    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        let kind = (spec.bits_per_sample, spec.sample_type()?);
        if !matches!(kind, (8, SampleType::U8 | SampleType::I8) | (12, SampleType::U16)) {
            return Err(Error::variant(NAME, format!("a depth of {} bits", spec.bits_per_sample)));
        }
        if !(1..=4).contains(&spec.samples) {
            return Err(Error::variant(NAME, format!("a block of {} bands", spec.samples)));
        }
        Ok(())
    }
}

/// Decodes the upper `rows` rows of the picture in `joined` into `out`, which has just their length.
fn decode_picture(
    spec: &BlockSpec<'_>,
    frame: &Frame,
    joined: &mut [u8],
    rows: u32,
    scratch: &mut Scratch,
    out: &mut [u8],
) -> Result<()> {
    let to_rgb = wants_rgb(spec);
    let rendering = if to_rgb { Rendering::Rgb } else { Rendering::Stored };
    let decoded = decoders::decode(joined, frame, rendering, rows as usize, scratch, out);
    if frame.precision != 8 || frame.arithmetic || !matches!(decoded, Err(Error::Variant { .. })) {
        return decoded;
    }
    frame.set_height(joined, rows);
    if to_rgb && frame.is_named_rgb() {
        stream::number_components(joined);
    }
    caught(NAME, || decode_with_zune(spec, joined, out))
}

fn wants_rgb(spec: &BlockSpec<'_>) -> bool {
    spec.photometric == Photometric::YCbCr && spec.samples == 3 && spec.color_view == ColorView::Gdal
}

fn check_frame(spec: &BlockSpec<'_>, frame: &Frame) -> Result<()> {
    if u16::from(frame.precision) != spec.bits_per_sample {
        let cause = format!("a stream of {} bits in a block of {}", frame.precision, spec.bits_per_sample);
        return Err(Error::corrupt(NAME, cause));
    }
    let found = (frame.width, frame.height, frame.components);
    let expected = (spec.width, spec.height, u32::from(spec.samples));
    if frame.arithmetic && !cfg!(feature = "turbojpeg") {
        return Err(Error::variant(NAME, "arithmetic coding without the feature `turbojpeg`"));
    }
    let fits = match frame.process {
        Process::Other(sof) => return Err(Error::variant(NAME, format!("the process of marker SOF{sof}"))),
        // A scan of a sequential stream can be left before its end, those of a progressive one cannot.
        Process::Sequential => frame.height >= spec.rows_used.min(spec.height),
        Process::Progressive => (spec.rows_used.min(spec.height)..=spec.height).contains(&frame.height),
    };
    let fits = fits && (spec.columns_used.min(spec.width).max(1)..=spec.width).contains(&frame.width);
    if frame.components != expected.2 || !fits {
        return Err(Error::Shape { codec: NAME, found, expected });
    }
    Ok(())
}

fn decode_with_zune(spec: &BlockSpec<'_>, joined: &[u8], out: &mut [u8]) -> Result<()> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(spec.width as usize)
        .set_max_height(spec.height as usize);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(joined), options);
    decoder.decode_headers().map_err(|cause| named(&cause))?;
    let stored = decoder.input_colorspace().unwrap_or(ColorSpace::Unknown);
    let wanted = if wants_rgb(spec) { ColorSpace::RGB } else { stored };
    decoder.set_options(options.jpeg_set_out_colorspace(wanted));
    match decoder.output_buffer_size() {
        Some(size) if size == out.len() => {}
        size => {
            let cause = format!("the stream gives {} bytes, the block has {}", size.unwrap_or(0), out.len());
            return Err(Error::corrupt(NAME, cause));
        }
    }
    decoder.decode_into(out).map_err(|cause| named(&cause))
}

fn named(cause: &DecodeErrors) -> Error {
    match cause {
        DecodeErrors::Unsupported(scheme) => Error::variant(NAME, format!("{scheme:?}")),
        DecodeErrors::ExhaustedData => Error::corrupt(NAME, "the stream ends too early"),
        other => Error::corrupt(NAME, other.to_string()),
    }
}
