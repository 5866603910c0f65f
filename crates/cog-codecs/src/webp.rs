//! Compression 50001: a WebP picture of 3 or 4 bands.
#![allow(unsafe_code)]

use cog_tiff::SampleType;
use libwebp_sys as ffi;

use crate::{BlockSpec, Codec, Decoded, Delivery, Error, Result, Scratch};

const NAME: &str = "WebP";

/// libwebp. An encoder drops an alpha band that is opaque throughout: such a picture still fills a block of 4 bands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WebP;

impl Codec for WebP {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        self.check(spec)?;
        let (width, height) = size(src)?;
        if (width, height) != (spec.width, spec.height) {
            let bands = u32::from(spec.samples);
            let expected = (spec.width, spec.height, bands);
            return Err(Error::Shape { codec: NAME, found: (width, height, bands), expected });
        }
        decode_into(src, usize::from(spec.samples), spec.width as usize, out)?;
        Ok(Decoded::default())
    }

    fn delivery(&self, _spec: &BlockSpec<'_>) -> Delivery {
        Delivery::Samples
    }

    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        if spec.sample_type()? != SampleType::U8 || !matches!(spec.samples, 3 | 4) || spec.bits_per_sample != 8 {
            let what = format!("a block of {} bands of {} bits", spec.samples, spec.bits_per_sample);
            return Err(Error::variant(NAME, what));
        }
        Ok(())
    }
}

/// Width and height from the picture's header.
fn size(src: &[u8]) -> Result<(u32, u32)> {
    let (mut width, mut height) = (0, 0);
    // SAFETY: `src` is readable for its length, the two numbers are writable for the length of the call.
    let ok = unsafe { ffi::WebPGetInfo(src.as_ptr(), src.len(), &mut width, &mut height) };
    match (ok, u32::try_from(width), u32::try_from(height)) {
        (1, Ok(width), Ok(height)) => Ok((width, height)),
        _ => Err(Error::corrupt(NAME, format!("no picture header in {} bytes", src.len()))),
    }
}

fn decode_into(src: &[u8], bands: usize, width: usize, out: &mut [u8]) -> Result<()> {
    let stride = i32::try_from(width * bands).map_err(|_| Error::Usage("a row of a WebP block has under 2 GiB"))?;
    let decode = if bands == 4 { ffi::WebPDecodeRGBAInto } else { ffi::WebPDecodeRGBInto };
    // SAFETY: `src` is readable and `out` writable for the lengths given; libwebp checks that stride × rows fit `out`.
    let written = unsafe { decode(src.as_ptr(), src.len(), out.as_mut_ptr(), out.len(), stride) };
    if written.is_null() {
        return Err(Error::corrupt(NAME, format!("the picture of {} bytes is damaged or cut short", src.len())));
    }
    Ok(())
}
