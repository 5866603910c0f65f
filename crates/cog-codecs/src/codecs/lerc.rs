//! Compression 34887: Limited Error Raster Compression, plain or wrapped in a zlib stream or a ZSTD frame (tag 50674).
//!
//! The general decoder is a young crate: it stays behind this module.

mod tiling;

use ::lerc::{DataType, LercInfo};
use bytemuck::Pod;
use cog_tiff::SampleType;

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded, Delivery};
use crate::error::{Error, Result};
use crate::foreign_panic::caught;
use crate::scratch::Scratch;

const NAME: &str = "LERC";

/// Values of pixels that the blob's mask leaves out are NaN in floating point blocks, as with GDAL, and 0 in others.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lerc;

struct Unwrapped;

impl Codec for Lerc {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        self.check(spec)?;
        let wrapping = Wrapping::of(spec, src)?;
        if wrapping == Wrapping::None {
            return decode_blob(spec, src, scratch, out);
        }
        // libtiff allows for as much: a blob is seldom larger than its pixels.
        let room = out.len().saturating_mul(2).saturating_add(65536);
        let mut buffer = scratch.take_buffer::<Unwrapped>(NAME, room)?;
        let blob = buffer.get_mut(..room).unwrap_or_default();
        let result = wrapping.unwrap(src, scratch, blob).and_then(|len| {
            let blob = blob.get(..len).unwrap_or_default();
            decode_blob(spec, blob, scratch, out)
        });
        scratch.put_buffer::<Unwrapped>(buffer);
        result
    }

    fn delivery(&self, _spec: &BlockSpec<'_>) -> Delivery {
        Delivery::Samples
    }

    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        let kind = spec.sample_type()?;
        if data_type(kind).is_none() || usize::from(spec.bits_per_sample) != kind.size() * 8 {
            return Err(Error::variant(NAME, format!("{kind} from {} bits", spec.bits_per_sample)));
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrapping {
    None,
    Deflate,
    Zstd,
}

impl Wrapping {
    /// By the tag; without it by the first bytes.
    fn of(spec: &BlockSpec<'_>, src: &[u8]) -> Result<Self> {
        match (spec.lerc_parameters, src) {
            (Some([_, 0]), _) => Ok(Self::None),
            (Some([_, 1]), _) => Ok(Self::Deflate),
            (Some([_, 2]), _) => Ok(Self::Zstd),
            (Some([_, other]), _) => Err(Error::variant(NAME, format!("additional compression {other}"))),
            (None, [b'L' | b'C', ..]) => Ok(Self::None),
            (None, [0x28, 0xb5, 0x2f, 0xfd, ..]) => Ok(Self::Zstd),
            // The method and window of a zlib stream (RFC 1950).
            (None, [0x78, ..]) => Ok(Self::Deflate),
            (None, _) => Err(Error::corrupt(NAME, format!("{} bytes that are not a LERC blob", src.len()))),
        }
    }

    /// Bytes of the blob, written into `blob`.
    fn unwrap(self, src: &[u8], scratch: &mut Scratch, blob: &mut [u8]) -> Result<usize> {
        let result = match self {
            #[cfg(feature = "deflate-pure")]
            Self::Deflate => crate::codecs::deflate::unwrap(src, scratch, blob),
            #[cfg(any(feature = "zstd", feature = "zstd-pure"))]
            Self::Zstd => crate::codecs::zstd::unwrap(src, scratch, blob),
            _ => {
                let _ = (src, scratch, blob);
                Err(Error::variant(NAME, format!("{self:?} around it without that feature of cog-codecs")))
            }
        };
        result.map_err(|cause| match cause {
            Error::Corrupt { codec, cause } => Error::corrupt(NAME, format!("in {codec}: {cause}")),
            other => other,
        })
    }
}

fn data_type(kind: SampleType) -> Option<DataType> {
    Some(match kind {
        SampleType::I8 => DataType::Char,
        SampleType::U8 => DataType::Byte,
        SampleType::I16 => DataType::Short,
        SampleType::U16 => DataType::UShort,
        SampleType::I32 => DataType::Int,
        SampleType::U32 => DataType::UInt,
        SampleType::F32 => DataType::Float,
        SampleType::F64 => DataType::Double,
        _ => return None,
    })
}

fn decode_blob(spec: &BlockSpec<'_>, blob: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
    let info = caught(NAME, || ::lerc::decode_info(blob).map_err(|e| Error::corrupt(NAME, e.to_string())))?;
    let layout = Layout::of(spec, &info)?;
    match spec.sample_type()? {
        SampleType::I8 => fill::<i8>(spec, layout, blob, scratch, out, None),
        SampleType::U8 => fill::<u8>(spec, layout, blob, scratch, out, None),
        SampleType::I16 => fill::<i16>(spec, layout, blob, scratch, out, None),
        SampleType::U16 => fill::<u16>(spec, layout, blob, scratch, out, None),
        SampleType::I32 => fill::<i32>(spec, layout, blob, scratch, out, None),
        SampleType::U32 => fill::<u32>(spec, layout, blob, scratch, out, None),
        SampleType::F32 => fill::<f32>(spec, layout, blob, scratch, out, Some(f32::NAN)),
        SampleType::F64 => fill::<f64>(spec, layout, blob, scratch, out, Some(f64::NAN)),
        other => Err(Error::variant(NAME, other.name())),
    }
}

/// How a blob holds the samples of a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// As one value of that depth: chunky.
    Depth,
    /// As so many bands, one after another.
    Bands,
    /// Chunky, the last sample (alpha) left out and told by the mask.
    MaskIsAlpha,
}

impl Layout {
    fn of(spec: &BlockSpec<'_>, info: &LercInfo) -> Result<Self> {
        let samples = u32::from(spec.samples);
        let found = (info.width, info.height, info.depth.saturating_mul(info.bands));
        let expected = (spec.width, spec.height, samples);
        let shape = Error::Shape { codec: NAME, found, expected };
        if (info.width, info.height) != (spec.width, spec.height) {
            return Err(shape);
        }
        if Some(info.data_type) != data_type(spec.sample_type()?) {
            let cause = format!("the blob holds {:?}, the block {}", info.data_type, spec.sample_type()?);
            return Err(Error::corrupt(NAME, cause));
        }
        match (info.depth, info.bands) {
            (depth, 1) if depth == samples => Ok(Self::Depth),
            (1, bands) if bands == samples => Ok(Self::Bands),
            // What libtiff writes for 8-bit gray or RGB with alpha of 0 and 255 only.
            (depth, 1) if depth + 1 == samples && spec.bits_per_sample == 8 => Ok(Self::MaskIsAlpha),
            _ => Err(shape),
        }
    }
}

fn fill<T: ::lerc::Sample + Pod + Send>(
    spec: &BlockSpec<'_>,
    layout: Layout,
    blob: &[u8],
    scratch: &mut Scratch,
    out: &mut [u8],
    invalid: Option<T>,
) -> Result<Decoded> {
    let pixels = spec.width as usize * spec.height as usize;
    let samples = usize::from(spec.samples);
    let stored = if layout == Layout::MaskIsAlpha { samples - 1 } else { samples };
    let decode = |values: &mut [T]| {
        let size = (spec.width as usize, spec.height as usize);
        if stored == 1 && caught(NAME, || Ok(tiling::decode(blob, size, values)))?.is_some() {
            return Ok(None);
        }
        values.fill(T::default());
        let done = caught(NAME, || {
            match invalid {
                Some(value) => ::lerc::decode_into_with_nodata(blob, values, value),
                None => ::lerc::decode_into(blob, values),
            }
            .map_err(|e| Error::corrupt(NAME, e.to_string()))
        })?;
        if done.valid_masks.iter().all(|mask| mask.is_all_valid()) {
            return Ok::<_, Error>(None);
        }
        // A pixel counts as valid where any of its bands is.
        let valid = |i| if done.valid_masks.iter().any(|mask| mask.is_valid(i)) { 255u8 } else { 0 };
        Ok(Some((0..pixels).map(valid).collect::<Vec<u8>>()))
    };
    let direct = if layout == Layout::Depth { bytemuck::try_cast_slice_mut::<u8, T>(out).ok() } else { None };
    let validity = match direct {
        Some(values) => decode(values)?,
        None => {
            let mut buffer = std::mem::take(&mut scratch.slot::<Values<T>>().0);
            buffer.resize(pixels * stored, T::default());
            let validity = decode(&mut buffer);
            if let Ok(validity) = &validity {
                interleave(layout, &buffer, pixels, samples, validity.as_deref(), out);
            }
            scratch.slot::<Values<T>>().0 = buffer;
            validity?
        }
    };
    Ok(Decoded { validity: validity.filter(|_| layout != Layout::MaskIsAlpha) })
}

/// Values of a layout that is not that of the block, kept between blocks.
struct Values<T>(Vec<T>);

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

fn interleave<T: Pod>(
    layout: Layout,
    values: &[T],
    pixels: usize,
    samples: usize,
    validity: Option<&[u8]>,
    out: &mut [u8],
) {
    let size = size_of::<T>();
    let bytes: &[u8] = bytemuck::cast_slice(values);
    match layout {
        Layout::Depth => out.copy_from_slice(bytes),
        Layout::Bands => {
            for (band, plane) in bytes.chunks_exact((pixels * size).max(1)).enumerate() {
                for (pixel, value) in out.chunks_exact_mut(samples * size).zip(plane.chunks_exact(size)) {
                    if let Some(to) = pixel.get_mut(band * size..(band + 1) * size) {
                        to.copy_from_slice(value);
                    }
                }
            }
        }
        Layout::MaskIsAlpha => {
            for (i, pixel) in out.chunks_exact_mut(samples).enumerate() {
                let (Some((alpha, colours)), Some(stored)) =
                    (pixel.split_last_mut(), bytes.get(i * (samples - 1)..(i + 1) * (samples - 1)))
                else {
                    return;
                };
                colours.copy_from_slice(stored);
                *alpha = validity.and_then(|v| v.get(i)).copied().unwrap_or(255);
            }
        }
    }
}
