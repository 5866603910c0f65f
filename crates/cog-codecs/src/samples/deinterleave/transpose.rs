//! As many neighbouring bands as fill 16 bytes, for as many pixels at a time: a square of samples is turned on its side.

use std::arch::x86_64::{
    __m128i, _mm_loadu_si128, _mm_setzero_si128, _mm_storeu_si128, _mm_unpackhi_epi8, _mm_unpackhi_epi16,
    _mm_unpackhi_epi32, _mm_unpackhi_epi64, _mm_unpacklo_epi8, _mm_unpacklo_epi16, _mm_unpacklo_epi32,
    _mm_unpacklo_epi64,
};

/// Copies `SIDE` bands of samples of `SIZE` bytes, 16 bytes together, from `offset` in each pixel on; how many pixels were copied: all
/// but fewer than `SIDE`.
#[target_feature(enable = "sse2")]
#[inline]
pub(super) fn bands<const SIZE: usize, const SIDE: usize>(
    src: &[u8],
    pixel: usize,
    offset: usize,
    rows: &mut [&mut [u8]],
) -> usize {
    const { assert!(SIZE * SIDE == 16) };
    let mut done = 0;
    for pixels in src.chunks_exact(pixel * SIDE) {
        let mut square = [_mm_setzero_si128(); SIDE];
        for (line, pixel) in square.iter_mut().zip(pixels.chunks_exact(pixel)) {
            if let Some(samples) = pixel.get(offset..).and_then(|p| p.first_chunk()) {
                *line = load(samples);
            }
        }
        for _ in 0..SIDE.ilog2() {
            square = interleaved::<SIZE, SIDE>(square);
        }
        for (row, line) in rows.iter_mut().zip(square) {
            if let Some(to) = row.get_mut(done * SIZE..).and_then(|r| r.first_chunk_mut()) {
                store(line, to);
            }
        }
        done += SIDE;
    }
    done
}

/// One step of a transposition: each line of the upper half is merged with that of the lower half, sample by sample.
#[target_feature(enable = "sse2")]
#[inline]
#[allow(clippy::indexing_slicing, reason = "both halves of an array")]
fn interleaved<const SIZE: usize, const SIDE: usize>(square: [__m128i; SIDE]) -> [__m128i; SIDE] {
    let mut merged = square;
    for (i, pair) in merged.chunks_exact_mut(2).enumerate() {
        let (a, b) = (square[i], square[i + SIDE / 2]);
        pair.copy_from_slice(&match SIZE {
            1 => [_mm_unpacklo_epi8(a, b), _mm_unpackhi_epi8(a, b)],
            2 => [_mm_unpacklo_epi16(a, b), _mm_unpackhi_epi16(a, b)],
            4 => [_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b)],
            _ => [_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b)],
        });
    }
    merged
}

#[target_feature(enable = "sse2")]
#[inline]
fn load(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: 16 bytes can be read, at any address.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "sse2")]
#[inline]
fn store(value: __m128i, bytes: &mut [u8; 16]) {
    // SAFETY: 16 bytes can be written, at any address.
    unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), value) }
}
