//! The inverse DCT: the accurate integer one of libjpeg (Loeffler, Ligtenberg and Moschytz with 13-bit constants), so
//! that samples equal those of libjpeg and libjpeg-turbo.
#![allow(clippy::indexing_slicing, reason = "arrays of 8 and 64, a block of 8 rows is checked once")]

use crate::codecs::jpeg::sample::Sample;

const CONST_BITS: i32 = 13;
/// What the first pass shifts down: it leaves two more bits than it got, of 12-bit samples one.
const PASS1_OF_8: i32 = CONST_BITS - 2;
const PASS1_OF_12: i32 = CONST_BITS - 1;
/// What the second does: those bits, and 8 × for the two passes of a DCT of 8.
const PASS2_OF_8: i32 = CONST_BITS + 2 + 3;
const PASS2_OF_12: i32 = CONST_BITS + 1 + 3;

/// One pass over eight numbers, or eight of them side by side: `$x` becomes its transform, shifted down by `$bits`.
macro_rules! pass {
    ($x:ident, $bits:expr) => {{
        let z1 = mul(add($x[2], $x[6]), 4433);
        let t2 = sub(z1, mul($x[6], 15137));
        let t3 = add(z1, mul($x[2], 6270));
        let t0 = rounded::<$bits>(add($x[0], $x[4]));
        let t1 = rounded::<$bits>(sub($x[0], $x[4]));
        let (t10, t13, t11, t12) = (add(t0, t3), sub(t0, t3), add(t1, t2), sub(t1, t2));
        let (t0, t1, t2, t3) = ($x[7], $x[5], $x[3], $x[1]);
        let (z1, z2, z3, z4) = (add(t0, t3), add(t1, t2), add(t0, t2), add(t1, t3));
        let z5 = mul(add(z3, z4), 9633);
        let (z1, z2) = (mul(z1, -7373), mul(z2, -20995));
        let (z3, z4) = (add(mul(z3, -16069), z5), add(mul(z4, -3196), z5));
        let t0 = add(mul(t0, 2446), add(z1, z3));
        let t1 = add(mul(t1, 16819), add(z2, z4));
        let t2 = add(mul(t2, 25172), add(z2, z3));
        let t3 = add(mul(t3, 12299), add(z1, z4));
        [
            shift::<$bits>(add(t10, t3)),
            shift::<$bits>(add(t11, t2)),
            shift::<$bits>(add(t12, t1)),
            shift::<$bits>(add(t13, t0)),
            shift::<$bits>(sub(t13, t0)),
            shift::<$bits>(sub(t12, t1)),
            shift::<$bits>(sub(t11, t2)),
            shift::<$bits>(sub(t10, t3)),
        ]
    }};
}

/// Writes a block of which only the first coefficient is not 0.
#[inline(always)]
pub(super) fn flat<S: Sample>(dc: i16, out: &mut [S], stride: usize) {
    let sample = S::nearest(((i32::from(dc) + 4) >> 3) + i32::from(S::CENTRE));
    for row in out.chunks_mut(stride).take(8) {
        if let Some(row) = row.first_chunk_mut::<8>() {
            *row = [sample; 8];
        }
    }
}

#[inline(always)]
fn store<S: Sample>(rows: &[[S; 8]; 8], out: &mut [S], stride: usize) {
    for (row, from) in out.chunks_mut(stride).zip(rows) {
        if let Some(row) = row.first_chunk_mut::<8>() {
            *row = *from;
        }
    }
}

/// Transforms dequantised coefficients in natural order into 8 × 8 samples, at the front of rows of `stride` samples.
pub(super) fn block_8(coefficients: &[i16; 64], out: &mut [u8], stride: usize) {
    store(&scalar::rows::<u8, PASS1_OF_8, PASS2_OF_8>(coefficients), out, stride);
}

/// Like [`block_8`], to samples of 12 bits.
#[inline(always)]
pub(super) fn block_12(coefficients: &[i16; 64], out: &mut [u16], stride: usize) {
    store(&scalar::rows::<u16, PASS1_OF_12, PASS2_OF_12>(coefficients), out, stride);
}

mod scalar {
    use super::*;

    #[inline(always)]
    fn add(a: i32, b: i32) -> i32 {
        a.wrapping_add(b)
    }

    #[inline(always)]
    fn sub(a: i32, b: i32) -> i32 {
        a.wrapping_sub(b)
    }

    #[inline(always)]
    fn mul(a: i32, by: i32) -> i32 {
        a.wrapping_mul(by)
    }

    #[inline(always)]
    fn rounded<const BITS: i32>(a: i32) -> i32 {
        (a << CONST_BITS).wrapping_add(1 << (BITS - 1))
    }

    #[inline(always)]
    fn shift<const BITS: i32>(a: i32) -> i32 {
        a >> BITS
    }

    #[inline(always)]
    pub(super) fn rows<S: Sample, const PASS1: i32, const PASS2: i32>(coefficients: &[i16; 64]) -> [[S; 8]; 8] {
        let mut between = [[0i32; 8]; 8];
        for column in 0..8 {
            let x: [i32; 8] = std::array::from_fn(|row| i32::from(coefficients[row * 8 + column]));
            let y = pass!(x, PASS1);
            for (row, value) in between.iter_mut().zip(y) {
                row[column] = value;
            }
        }
        between.map(|x| pass!(x, PASS2).map(|v| S::nearest(v.saturating_add(i32::from(S::CENTRE)))))
    }
}

/// Like [`block_8`], eight columns or rows at once.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
pub(super) fn block_8_avx2(coefficients: &[i16; 64], out: &mut [u8], stride: usize) {
    store(&avx2::rows(coefficients), out, stride);
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::*;
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx2")]
    #[inline]
    fn add(a: __m256i, b: __m256i) -> __m256i {
        _mm256_add_epi32(a, b)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn sub(a: __m256i, b: __m256i) -> __m256i {
        _mm256_sub_epi32(a, b)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn mul(a: __m256i, by: i32) -> __m256i {
        _mm256_mullo_epi32(a, _mm256_set1_epi32(by))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn rounded<const BITS: i32>(a: __m256i) -> __m256i {
        add(_mm256_slli_epi32::<CONST_BITS>(a), _mm256_set1_epi32(1 << (BITS - 1)))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn shift<const BITS: i32>(a: __m256i) -> __m256i {
        _mm256_srai_epi32::<BITS>(a)
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn transposed(r: [__m256i; 8]) -> [__m256i; 8] {
        let (a0, a1) = (_mm256_unpacklo_epi32(r[0], r[1]), _mm256_unpackhi_epi32(r[0], r[1]));
        let (a2, a3) = (_mm256_unpacklo_epi32(r[2], r[3]), _mm256_unpackhi_epi32(r[2], r[3]));
        let (a4, a5) = (_mm256_unpacklo_epi32(r[4], r[5]), _mm256_unpackhi_epi32(r[4], r[5]));
        let (a6, a7) = (_mm256_unpacklo_epi32(r[6], r[7]), _mm256_unpackhi_epi32(r[6], r[7]));
        let (b0, b1) = (_mm256_unpacklo_epi64(a0, a2), _mm256_unpackhi_epi64(a0, a2));
        let (b2, b3) = (_mm256_unpacklo_epi64(a1, a3), _mm256_unpackhi_epi64(a1, a3));
        let (b4, b5) = (_mm256_unpacklo_epi64(a4, a6), _mm256_unpackhi_epi64(a4, a6));
        let (b6, b7) = (_mm256_unpacklo_epi64(a5, a7), _mm256_unpackhi_epi64(a5, a7));
        const LOW: i32 = 0x20;
        const HIGH: i32 = 0x31;
        [
            _mm256_permute2x128_si256::<LOW>(b0, b4),
            _mm256_permute2x128_si256::<LOW>(b1, b5),
            _mm256_permute2x128_si256::<LOW>(b2, b6),
            _mm256_permute2x128_si256::<LOW>(b3, b7),
            _mm256_permute2x128_si256::<HIGH>(b0, b4),
            _mm256_permute2x128_si256::<HIGH>(b1, b5),
            _mm256_permute2x128_si256::<HIGH>(b2, b6),
            _mm256_permute2x128_si256::<HIGH>(b3, b7),
        ]
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    pub(super) fn rows(coefficients: &[i16; 64]) -> [[u8; 8]; 8] {
        let (eights, _) = coefficients.as_chunks::<8>();
        let mut x = [_mm256_setzero_si256(); 8];
        for (x, c) in x.iter_mut().zip(eights) {
            // The compiler makes one load of this.
            *x = _mm256_cvtepi16_epi32(_mm_setr_epi16(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]));
        }
        let x = transposed(pass!(x, PASS1_OF_8));
        let x = pass!(x, PASS2_OF_8);
        // Now a vector for each column, bytes of four columns and four rows in each half of `left` and `right`.
        let centre = _mm256_set1_epi16(u8::CENTRE);
        let pair = |a, b| _mm256_adds_epi16(_mm256_packs_epi32(a, b), centre);
        let left = _mm256_packus_epi16(pair(x[0], x[1]), pair(x[2], x[3]));
        let right = _mm256_packus_epi16(pair(x[4], x[5]), pair(x[6], x[7]));
        let order = _mm256_setr_epi8(
            0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15,
        );
        let (left, right) = (_mm256_shuffle_epi8(left, order), _mm256_shuffle_epi8(right, order));
        let (rows0145, rows2367) = (_mm256_unpacklo_epi32(left, right), _mm256_unpackhi_epi32(left, right));
        [
            _mm256_extract_epi64::<0>(rows0145),
            _mm256_extract_epi64::<1>(rows0145),
            _mm256_extract_epi64::<0>(rows2367),
            _mm256_extract_epi64::<1>(rows2367),
            _mm256_extract_epi64::<2>(rows0145),
            _mm256_extract_epi64::<3>(rows0145),
            _mm256_extract_epi64::<2>(rows2367),
            _mm256_extract_epi64::<3>(rows2367),
        ]
        .map(i64::to_le_bytes)
    }
}
