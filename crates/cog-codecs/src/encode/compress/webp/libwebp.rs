//! libwebp, with the settings of libtiff: its default preset of the quality; lossless pictures keep the colours of transparent
//! pixels.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;

use libwebp_sys as ffi;

use super::NAME;
use crate::encode::shape::BlockShape;
use crate::error::{Error, Result};

pub(in crate::encode) struct WebP {
    config: ffi::WebPConfig,
    width: c_int,
    height: c_int,
    bands: c_int,
}

impl WebP {
    /// Lossless without a quality; `shape` as checked: 8 bits, 3 or 4 bands, sides of at most 16383.
    pub(in crate::encode) fn new(quality: Option<u8>, shape: &BlockShape) -> Result<Self> {
        let mut config = MaybeUninit::<ffi::WebPConfig>::uninit();
        let preset = ffi::WebPPreset::WEBP_PRESET_DEFAULT;
        let version = ffi::WEBP_ENCODER_ABI_VERSION as c_int;
        let strength = f32::from(quality.unwrap_or(100));
        // SAFETY: `config` is writable; the call fills all of it, or answers 0.
        let ok = unsafe { ffi::WebPConfigInitInternal(config.as_mut_ptr(), preset, strength, version) };
        if ok == 0 {
            return Err(Error::variant(NAME, format!("quality {strength} of this version of libwebp")));
        }
        // SAFETY: it was filled just now.
        let mut config = unsafe { config.assume_init() };
        if quality.is_none() {
            config.lossless = 1;
            config.exact = 1;
        }
        Ok(Self { config, width: shape.width as c_int, height: shape.height as c_int, bands: shape.samples.into() })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let Self { config, width, height, bands } = self;
        if block.len() != *width as usize * *height as usize * *bands as usize {
            return Err(Error::Usage("a block of other length than its picture"));
        }
        let mut picture = Picture::new()?;
        let Picture(ref mut inner) = picture;
        inner.width = *width;
        inner.height = *height;
        inner.use_argb = config.lossless;
        inner.writer = Some(append);
        inner.custom_ptr = std::ptr::from_mut(out).cast();
        let import = if *bands == 4 { ffi::WebPPictureImportRGBA } else { ffi::WebPPictureImportRGB };
        // SAFETY: the picture was initialised, and `block` holds `height` rows of `width` pixels of so many bands, one after the
        // other, as was checked above.
        if unsafe { import(inner, block.as_ptr(), *width * *bands) } == 0 {
            return Err(Error::OutOfMemory { codec: NAME, bytes: block.len() });
        }
        // SAFETY: both were initialised by libwebp; the writer is called with bytes that are readable and with this picture, whose
        // `custom_ptr` is `out`, which nobody else uses meanwhile.
        if unsafe { ffi::WebPEncode(config, inner) } == 0 {
            use ffi::WebPEncodingError as Kind;
            return Err(match inner.error_code {
                Kind::VP8_ENC_ERROR_OUT_OF_MEMORY
                | Kind::VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY
                | Kind::VP8_ENC_ERROR_BAD_WRITE => Error::OutOfMemory { codec: NAME, bytes: block.len() },
                code => Error::corrupt(NAME, format!("libwebp gave up ({code:?})")),
            });
        }
        Ok(())
    }
}

/// A picture of libwebp's, whose memory is given back at the end.
struct Picture(ffi::WebPPicture);

impl Picture {
    fn new() -> Result<Self> {
        let mut picture = MaybeUninit::<ffi::WebPPicture>::uninit();
        // SAFETY: `picture` is writable; the call fills all of it, or answers 0.
        let ok = unsafe { ffi::WebPPictureInitInternal(picture.as_mut_ptr(), ffi::WEBP_ENCODER_ABI_VERSION as c_int) };
        if ok == 0 {
            return Err(Error::variant(NAME, "this version of libwebp"));
        }
        // SAFETY: it was filled just now.
        Ok(Self(unsafe { picture.assume_init() }))
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: the picture was initialised, and what it allocated is its own.
        unsafe { ffi::WebPPictureFree(&mut self.0) }
    }
}

/// Appends what libwebp writes; 0 if there is no memory.
extern "C" fn append(data: *const u8, len: usize, picture: *const ffi::WebPPicture) -> c_int {
    // SAFETY: libwebp hands in the picture that it encodes; its `custom_ptr` is the `Vec` that `compress` put there and borrows.
    let out: *mut c_void = unsafe { (*picture).custom_ptr };
    // SAFETY: as above; nobody else uses it while libwebp runs.
    let out = unsafe { &mut *out.cast::<Vec<u8>>() };
    if len == 0 {
        return 1;
    }
    // SAFETY: libwebp hands in `len` readable bytes.
    let bytes = unsafe { std::slice::from_raw_parts(data, len) };
    if out.try_reserve(len).is_err() {
        return 0;
    }
    out.extend_from_slice(bytes);
    1
}

impl std::fmt::Debug for WebP {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebP").field("config", &self.config).finish_non_exhaustive()
    }
}
