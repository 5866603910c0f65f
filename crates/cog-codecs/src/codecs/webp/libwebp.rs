//! libwebp.
#![allow(unsafe_code)]

use libwebp_sys as ffi;

use super::{NAME, no_header};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

/// A stream whose header was read.
pub(super) struct Picture<'a> {
    src: &'a [u8],
    size: (u32, u32),
}

impl<'a> Picture<'a> {
    pub(super) fn open(src: &'a [u8]) -> Result<Self> {
        let (mut width, mut height) = (0, 0);
        // SAFETY: `src` is readable for its length, the two numbers are writable for the length of the call.
        let ok = unsafe { ffi::WebPGetInfo(src.as_ptr(), src.len(), &mut width, &mut height) };
        match (ok, u32::try_from(width), u32::try_from(height)) {
            (1, Ok(width), Ok(height)) => Ok(Self { src, size: (width, height) }),
            _ => Err(no_header(src.len())),
        }
    }

    /// Width and height.
    pub(super) fn size(&self) -> (u32, u32) {
        self.size
    }

    /// Decodes into `out`, which has 3 or 4 `bands`.
    pub(super) fn decode(self, bands: usize, _scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
        let Self { src, size: (width, height) } = self;
        let too_large = || Error::TooLarge { width, height, samples: bands as u16 };
        let stride = i32::try_from(width as usize * bands).map_err(|_| too_large())?;
        let decode = if bands == 4 { ffi::WebPDecodeRGBAInto } else { ffi::WebPDecodeRGBInto };
        // SAFETY: `src` is readable and `out` writable for the lengths given; libwebp checks that stride × rows fit `out`.
        let written = unsafe { decode(src.as_ptr(), src.len(), out.as_mut_ptr(), out.len(), stride) };
        if written.is_null() {
            return Err(Error::corrupt(NAME, format!("the picture of {} bytes is damaged or cut short", src.len())));
        }
        Ok(())
    }
}
