//! From rows of components to pixels: colours and interleaving.
#![allow(unsafe_code)]

use crate::codecs::jpeg::layout::Layout;
use crate::codecs::jpeg::plane::Plane;
use crate::codecs::jpeg::sample::Sample;
use crate::codecs::jpeg::upsample::{Line, Upsampler};
use crate::cpu::Cpu;

/// What a picture's rows are written with.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    pub(super) cpu: Cpu,
    pub(super) layout: &'a Layout,
    pub(super) upsamplers: &'a [Upsampler],
    /// Whether the three components are YCbCr and pixels become RGB.
    pub(super) to_rgb: bool,
}

impl Writer<'_> {
    /// Writes pixel rows from `y` on, as many as `out` has; `planes` hold MCU row `mcu_row`.
    pub(super) fn rows<S: Sample>(
        &self,
        mcu_row: usize,
        y: usize,
        planes: &[Plane<S>],
        lines: &mut [Line<S>; 4],
        out: &mut [S::Bytes],
    ) {
        match self.cpu {
            Cpu::Baseline => self.rows_with(mcu_row, y, planes, lines, out),
            // SAFETY: this variant is made only after the processor was asked for AVX2.
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2 => unsafe { self.rows_avx2(mcu_row, y, planes, lines, out) },
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn rows_avx2<S: Sample>(
        &self,
        mcu_row: usize,
        y: usize,
        planes: &[Plane<S>],
        lines: &mut [Line<S>; 4],
        out: &mut [S::Bytes],
    ) {
        self.rows_with(mcu_row, y, planes, lines, out);
    }

    #[inline(always)]
    fn rows_with<S: Sample>(
        &self,
        mcu_row: usize,
        y: usize,
        planes: &[Plane<S>],
        lines: &mut [Line<S>; 4],
        out: &mut [S::Bytes],
    ) {
        let components = &self.layout.components;
        let width = self.layout.width;
        for (y, out) in (y..).zip(out.chunks_exact_mut((width * components.len()).max(1))) {
            let mut rows: [&[S]; 4] = [&[]; 4];
            let sources = components.iter().zip(self.upsamplers).zip(planes).zip(lines.iter_mut());
            for (row, (((component, upsampler), plane), line)) in rows.iter_mut().zip(sources) {
                let found = upsampler.row(y, mcu_row * 8 * component.down, plane, line);
                *row = found.get(..width).unwrap_or(&[]);
            }
            let [a, b, c, d] = rows;
            match components.len() {
                1 => {
                    for (pixel, &a) in out.iter_mut().zip(a) {
                        *pixel = a.bytes();
                    }
                }
                2 => {
                    for ((pixel, &a), &b) in out.as_chunks_mut().0.iter_mut().zip(a).zip(b) {
                        *pixel = [a.bytes(), b.bytes()];
                    }
                }
                3 if self.to_rgb => to_rgb(a, b, c, out),
                3 => {
                    for (((pixel, &a), &b), &c) in out.as_chunks_mut().0.iter_mut().zip(a).zip(b).zip(c) {
                        *pixel = [a.bytes(), b.bytes(), c.bytes()];
                    }
                }
                _ => {
                    for ((((pixel, &a), &b), &c), &d) in out.as_chunks_mut().0.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                        *pixel = [a.bytes(), b.bytes(), c.bytes(), d.bytes()];
                    }
                }
            }
        }
    }
}

/// YCbCr of full range to RGB with libjpeg's 16-bit factors: 1.402, 0.34414, 0.71414 and 1.772 (JFIF 1.02).
#[inline(always)]
fn to_rgb<S: Sample>(y: &[S], cb: &[S], cr: &[S], out: &mut [S::Bytes]) {
    for (((pixel, &y), &cb), &cr) in out.as_chunks_mut().0.iter_mut().zip(y).zip(cb).zip(cr) {
        let [y, cb, cr] = [y, cb, cr].map(|s| s.into() as i16);
        let (cb, cr) = (cb - S::CENTRE, cr - S::CENTRE);
        // Factors less a whole number, so that products are halves of 32 bits: 1.402 − 1 and 1.772 − 2.
        let red = y + cr + ((high(2 * cr, 26345) + 1) >> 1);
        let blue = y + 2 * cb + ((high(2 * cb, -14942) + 1) >> 1);
        let green = y - cr + ((i32::from(cb) * -22554 + i32::from(cr) * 18734 + 32768) >> 16) as i16;
        *pixel = [red, green, blue].map(|v| S::of(v.clamp(0, S::MAX) as u16).bytes());
    }
}

/// The upper half of a product.
#[inline(always)]
fn high(a: i16, b: i16) -> i16 {
    ((i32::from(a) * i32::from(b)) >> 16) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_is_that_of_the_tables_of_libjpeg() {
        let fix = |x: f64| (x * 65536.0 + 0.5) as i32;
        for cb in 0..=255u8 {
            for cr in 0..=255u8 {
                let (b, r) = (i32::from(cb) - 128, i32::from(cr) - 128);
                let y = cb.wrapping_mul(31) ^ cr;
                let want = [
                    (fix(1.402) * r + 32768) >> 16,
                    (-fix(0.34414) * b - fix(0.71414) * r + 32768) >> 16,
                    (fix(1.772) * b + 32768) >> 16,
                ]
                .map(|v| (i32::from(y) + v).clamp(0, 255) as u8);
                let mut pixel = [0; 3];
                to_rgb(&[y], &[cb], &[cr], &mut pixel);
                assert_eq!(pixel, want, "{y} {cb} {cr}");
            }
        }
    }
}
