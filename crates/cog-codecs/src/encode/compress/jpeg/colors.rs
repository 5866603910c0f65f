//! RGB to YCbCr with chroma of half the size, as libjpeg does it: the coefficients of CCIR 601 in 16 bits, then the mean of four.

use super::padded_into;
use crate::cpu::{Cpu, compiled_twice};

compiled_twice! {
    /// Converts two rows of red, green and blue into two rows of `luma` and one each of `blue` and `red`; rows that are shorter than
    /// `luma` are padded with their last pixel.
    pub(super) fn to_ycbcr(
        cpu, rgb: [[&[u8]; 2]; 3], luma: &mut [u8], blue: &mut [u8], red: &mut [u8], scratch: &mut [Vec<u8>; 7],
    ) = convert
}

#[inline(always)]
fn convert(rgb: [[&[u8]; 2]; 3], luma: &mut [u8], blue: &mut [u8], red: &mut [u8], scratch: &mut [Vec<u8>; 7]) {
    let width = luma.len() / 2;
    for buffer in &mut *scratch {
        buffer.resize(width, 0);
    }
    let [b0, b1, r0, r1, pad_red, pad_green, pad_blue] = scratch;
    let [reds, greens, blues] = rgb;
    let chroma = [(&mut *b0, &mut *r0), (&mut *b1, &mut *r1)];
    let rows = reds.into_iter().zip(greens).zip(blues);
    for ((((r, g), b), luma), (cb, cr)) in rows.zip(luma.chunks_exact_mut(width.max(1))).zip(chroma) {
        if r.len() >= width {
            row([r, g, b], luma, cb, cr);
        } else {
            for (from, to) in [(r, &mut *pad_red), (g, &mut *pad_green), (b, &mut *pad_blue)] {
                padded_into(from, to);
            }
            row([pad_red, pad_green, pad_blue], luma, cb, cr);
        }
    }
    halve(b0, b1, blue);
    halve(r0, r1, red);
}

const fn fixed(factor: f64) -> i32 {
    (factor * 65536.0 + 0.5) as i32
}

#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "all rows are cut to one length first")]
fn row([r, g, b]: [&[u8]; 3], luma: &mut [u8], cb: &mut [u8], cr: &mut [u8]) {
    const HALF: i32 = 1 << 15;
    // Chroma is centred at 128, and rounded down at one half.
    const CENTRE: i32 = (128 << 16) + HALF - 1;
    let len = luma.len();
    if [r.len(), g.len(), b.len(), cb.len(), cr.len()].iter().any(|&other| other < len) {
        return;
    }
    let (r, g, b, cb, cr) = (&r[..len], &g[..len], &b[..len], &mut cb[..len], &mut cr[..len]);
    for i in 0..len {
        let (r, g, b) = (i32::from(r[i]), i32::from(g[i]), i32::from(b[i]));
        luma[i] = ((fixed(0.299) * r + fixed(0.587) * g + fixed(0.114) * b + HALF) >> 16) as u8;
        cb[i] = ((fixed(0.5) * b - fixed(0.168_735_892) * r - fixed(0.331_264_108) * g + CENTRE) >> 16) as u8;
        cr[i] = ((fixed(0.5) * r - fixed(0.418_687_589) * g - fixed(0.081_312_411) * b + CENTRE) >> 16) as u8;
    }
}

/// Means of two by two, rounded down and up in turn.
#[inline(always)]
fn halve(upper: &[u8], lower: &[u8], out: &mut [u8]) {
    let fours = upper.as_chunks::<4>().0.iter().zip(lower.as_chunks::<4>().0);
    for ([even, odd], (&[a, b, c, d], &[e, f, g, h])) in out.as_chunks_mut::<2>().0.iter_mut().zip(fours) {
        let sum = |a, b, e, f| u16::from(a) + u16::from(b) + u16::from(e) + u16::from(f);
        *even = ((sum(a, b, e, f) + 1) >> 2) as u8;
        *odd = ((sum(c, d, g, h) + 2) >> 2) as u8;
    }
}
