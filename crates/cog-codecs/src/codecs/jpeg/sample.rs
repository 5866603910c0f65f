//! The two sizes of samples: 8 bits, and the 12 bits of the extended processes.
#![allow(unsafe_code)]

use std::fmt::Debug;

use crate::codecs::jpeg::idct;

/// A sample of a component. Everything behind the entropy coding is written once for both.
pub(super) trait Sample: Copy + Default + Into<u16> + Debug + Send + 'static {
    /// What the frame header says.
    const PRECISION: u8;
    /// The largest sample, and the middle, at which samples are centred when coded.
    const MAX: i16;
    const CENTRE: i16;
    /// As delivered.
    type Bytes: Copy;

    /// The nearest sample.
    fn nearest(value: i32) -> Self;
    /// A number that is a sample already.
    fn of(value: u16) -> Self;
    /// In the byte order of this machine.
    fn bytes(self) -> Self::Bytes;
    /// A slice of samples as delivered.
    fn slots(out: &mut [u8]) -> &mut [Self::Bytes];

    /// The inverse DCT: dequantised coefficients in natural order into the front of eight rows of `stride` samples.
    fn transform(coefficients: &[i16; 64], out: &mut [Self], stride: usize);

    /// The same in vector code.
    ///
    /// # Safety
    /// The processor has AVX2.
    #[cfg(target_arch = "x86_64")]
    unsafe fn transform_avx2(coefficients: &[i16; 64], out: &mut [Self], stride: usize);
}

impl Sample for u8 {
    const PRECISION: u8 = 8;
    const MAX: i16 = 255;
    const CENTRE: i16 = 128;
    type Bytes = u8;

    #[inline(always)]
    fn nearest(value: i32) -> Self {
        value.clamp(0, 255) as u8
    }

    #[inline(always)]
    fn of(value: u16) -> Self {
        value as u8
    }

    #[inline(always)]
    fn bytes(self) -> u8 {
        self
    }

    #[inline(always)]
    fn slots(out: &mut [u8]) -> &mut [u8] {
        out
    }

    #[inline(always)]
    fn transform(coefficients: &[i16; 64], out: &mut [u8], stride: usize) {
        idct::block_8(coefficients, out, stride);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn transform_avx2(coefficients: &[i16; 64], out: &mut [u8], stride: usize) {
        idct::block_8_avx2(coefficients, out, stride);
    }
}

/// 12 bits in 16.
impl Sample for u16 {
    const PRECISION: u8 = 12;
    const MAX: i16 = 4095;
    const CENTRE: i16 = 2048;
    type Bytes = [u8; 2];

    #[inline(always)]
    fn nearest(value: i32) -> Self {
        value.clamp(0, 4095) as u16
    }

    #[inline(always)]
    fn of(value: u16) -> Self {
        value
    }

    #[inline(always)]
    fn bytes(self) -> [u8; 2] {
        self.to_ne_bytes()
    }

    #[inline(always)]
    fn slots(out: &mut [u8]) -> &mut [[u8; 2]] {
        out.as_chunks_mut().0
    }

    #[inline(always)]
    fn transform(coefficients: &[i16; 64], out: &mut [u16], stride: usize) {
        idct::block_12(coefficients, out, stride);
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn transform_avx2(coefficients: &[i16; 64], out: &mut [u16], stride: usize) {
        idct::block_12(coefficients, out, stride);
    }
}
