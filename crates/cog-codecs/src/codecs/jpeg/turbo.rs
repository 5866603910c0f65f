//! libjpeg-turbo, through its TurboJPEG interface.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int, c_void};
use std::ptr::NonNull;

use turbojpeg_sys as ffi;

use super::name::NAME;
use crate::error::{Error, Result};

// The bindings were made where this is so.
const _: () = assert!(size_of::<ffi::size_t>() == size_of::<usize>(), "turbojpeg-sys has no bindings for this system");

/// One decompressor. It lives for one picture only: quantisation and Huffman tables of a picture would stay in it for the
/// next one, which may lack its own, and so may what a broken header left. Making one takes a fifth of a microsecond.
struct Decompressor(NonNull<c_void>);

impl Decompressor {
    fn new() -> Result<Self> {
        // SAFETY: takes a number, gives a new handle or null.
        let handle = unsafe { ffi::tj3Init(ffi::TJINIT_TJINIT_DECOMPRESS as c_int) };
        // What a decompressor without pixels holds fits into this.
        NonNull::new(handle).map(Self).ok_or(Error::OutOfMemory { codec: NAME, bytes: 1 << 16 })
    }

    fn set(&mut self, parameter: ffi::TJPARAM, value: c_int) -> Result<()> {
        // SAFETY: the handle is alive; parameters and values it does not know are refused.
        let code = unsafe { ffi::tj3Set(self.0.as_ptr(), parameter as c_int, value) };
        self.checked(code)
    }

    fn get(&self, parameter: ffi::TJPARAM) -> usize {
        // SAFETY: the handle is alive; −1 for what it does not know.
        let value = unsafe { ffi::tj3Get(self.0.as_ptr(), parameter as c_int) };
        usize::try_from(value).unwrap_or(0)
    }

    /// Turns the result of a call into what the library says about it.
    fn checked(&self, code: c_int) -> Result<()> {
        if code == 0 {
            return Ok(());
        }
        // SAFETY: the handle is alive, and the text, which ends in a zero, is its own until the next call.
        let text = unsafe { CStr::from_ptr(ffi::tj3GetErrorStr(self.0.as_ptr())) };
        Err(Error::corrupt(NAME, text.to_string_lossy()))
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: the handle came from tj3Init and ends here.
        unsafe { ffi::tj3Destroy(self.0.as_ptr()) }
    }
}

/// How a picture is to be decoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    /// The triangle filter for subsampled components, else repetition.
    pub(super) smooth: bool,
    pub(super) max_scans: u16,
}

/// A stream whose header the library has read.
pub(super) struct Picture<'a> {
    decompressor: Decompressor,
    stream: &'a [u8],
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) precision: usize,
}

impl<'a> Picture<'a> {
    pub(super) fn open(stream: &'a [u8], options: Options) -> Result<Self> {
        let mut decompressor = Decompressor::new()?;
        // A warning says that data are damaged or end too early.
        decompressor.set(ffi::TJPARAM_TJPARAM_STOPONWARNING, 1)?;
        decompressor.set(ffi::TJPARAM_TJPARAM_SCANLIMIT, options.max_scans.into())?;
        decompressor.set(ffi::TJPARAM_TJPARAM_FASTUPSAMPLE, (!options.smooth).into())?;
        // SAFETY: the handle is alive and `stream` readable for its length.
        let code =
            unsafe { ffi::tj3DecompressHeader(decompressor.0.as_ptr(), stream.as_ptr(), stream.len() as ffi::size_t) };
        decompressor.checked(code)?;
        let width = decompressor.get(ffi::TJPARAM_TJPARAM_JPEGWIDTH);
        let height = decompressor.get(ffi::TJPARAM_TJPARAM_JPEGHEIGHT);
        let precision = decompressor.get(ffi::TJPARAM_TJPARAM_PRECISION);
        Ok(Self { decompressor, stream, width, height, precision })
    }

    /// Decodes all rows of 8-bit samples into `out`, which has exactly their length.
    pub(super) fn decode_8(self, bands: usize, out: &mut [u8]) -> Result<()> {
        let (pitch, format) = self.row(bands, out.len())?;
        let Self { decompressor, stream, .. } = self;
        let handle = decompressor.0.as_ptr();
        // SAFETY: the handle is alive and `stream` readable for its length, the same bytes whose header gave `height`
        // and `width`. So the library writes `height` rows of `width` pixels, `pitch` samples apart and each as long:
        // `row` found that `out` has room for exactly these.
        let code = unsafe {
            ffi::tj3Decompress8(handle, stream.as_ptr(), stream.len() as ffi::size_t, out.as_mut_ptr(), pitch, format)
        };
        decompressor.checked(code)
    }

    /// The same with 12-bit samples.
    pub(super) fn decode_12(self, bands: usize, out: &mut [i16]) -> Result<()> {
        let (pitch, format) = self.row(bands, out.len())?;
        let Self { decompressor, stream, .. } = self;
        let handle = decompressor.0.as_ptr();
        // SAFETY: as for 8 bits; lengths are in samples here as well.
        let code = unsafe {
            ffi::tj3Decompress12(handle, stream.as_ptr(), stream.len() as ffi::size_t, out.as_mut_ptr(), pitch, format)
        };
        decompressor.checked(code)
    }

    /// Samples of a row and the library's name of its pixels.
    fn row(&self, bands: usize, len: usize) -> Result<(c_int, c_int)> {
        let format = match bands {
            1 => ffi::TJPF_TJPF_GRAY,
            3 => ffi::TJPF_TJPF_RGB,
            4 => ffi::TJPF_TJPF_CMYK,
            _ => return Err(Error::variant(NAME, format!("a picture of {bands} bands"))),
        };
        let pitch = self.width.checked_mul(bands);
        match pitch.and_then(|pitch| pitch.checked_mul(self.height)).zip(pitch.and_then(|p| c_int::try_from(p).ok())) {
            // A pitch of 0 would have another meaning.
            Some((wanted, pitch)) if wanted == len && pitch > 0 => Ok((pitch, format)),
            _ => Err(Error::Usage("a slice of other length than the picture")),
        }
    }
}
