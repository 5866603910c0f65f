//! The same sums in vector code, for processors with AVX2.
//!
//! A vector of 16 bytes is summed up in itself by adding it to itself, shifted by one, two, four … pixels; then the
//! last pixel of the vector before is added to each of its pixels. Pixels need not fit the vector: what is carried over is
//! its last bytes, one pixel long, repeated.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m128i, _mm_add_epi8, _mm_add_epi16, _mm_add_epi32, _mm_loadu_si128, _mm_setzero_si128, _mm_shuffle_epi8,
    _mm_storeu_si128,
};

/// Proof that the processor has AVX2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }

    /// Sums up each row; false where there is no vector code for such pixels.
    pub(super) fn horizontal(self, rows: &mut [u8], row_len: usize, samples: usize, sample_bytes: usize) -> bool {
        let sum = match (sample_bytes, samples) {
            (1, 1) => rows_of::<1, 1>,
            (1, 2) => rows_of::<1, 2>,
            (1, 3) => rows_of::<1, 3>,
            (1, 4) => rows_of::<1, 4>,
            (1, 8) => rows_of::<1, 8>,
            (2, 1) => rows_of::<2, 1>,
            (2, 2) => rows_of::<2, 2>,
            (2, 3) => rows_of::<2, 3>,
            (2, 4) => rows_of::<2, 4>,
            (4, 1) => rows_of::<4, 1>,
            (4, 2) => rows_of::<4, 2>,
            (4, 3) => rows_of::<4, 3>,
            _ => return false,
        };
        // SAFETY: `self` is made only where the processor was found to have AVX2.
        unsafe { sum(rows, row_len) };
        true
    }

    /// As [`gather`](super::gather).
    pub(super) fn gather<const N: usize>(self, row: &[u8], plane: usize, out: &mut [u8]) {
        // SAFETY: `self` is made only where the processor was found to have AVX2.
        unsafe { gather::<N>(row, plane, out) }
    }
}

#[target_feature(enable = "avx2")]
fn gather<const N: usize>(row: &[u8], plane: usize, out: &mut [u8]) {
    super::gather::<N>(row, plane, out);
}

#[target_feature(enable = "avx2")]
fn rows_of<const SIZE: usize, const SAMPLES: usize>(rows: &mut [u8], row_len: usize) {
    for row in rows.chunks_exact_mut(row_len.max(1)) {
        let (vectors, rest) = row.as_chunks_mut::<16>();
        let mut carry = _mm_setzero_si128();
        for bytes in vectors {
            (*bytes, carry) = vector::<SIZE, SAMPLES>(*bytes, carry);
        }
        if let Some(last) = Some(rest).filter(|rest| !rest.is_empty()) {
            let mut bytes = [0; 16];
            bytes.iter_mut().zip(&*last).for_each(|(to, from)| *to = *from);
            (bytes, _) = vector::<SIZE, SAMPLES>(bytes, carry);
            last.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        }
    }
}

/// The sums of 16 bytes on top of `carry`, and what to carry over.
#[target_feature(enable = "avx2")]
#[inline]
fn vector<const SIZE: usize, const SAMPLES: usize>(bytes: [u8; 16], carry: __m128i) -> ([u8; 16], __m128i) {
    let pixel = SIZE * SAMPLES;
    let mut sums = load(bytes);
    if pixel < 16 {
        sums = add::<SIZE>(sums, _mm_shuffle_epi8(sums, load(const { moved_up(SIZE * SAMPLES) })));
    }
    if 2 * pixel < 16 {
        sums = add::<SIZE>(sums, _mm_shuffle_epi8(sums, load(const { moved_up(2 * SIZE * SAMPLES) })));
    }
    if 4 * pixel < 16 {
        sums = add::<SIZE>(sums, _mm_shuffle_epi8(sums, load(const { moved_up(4 * SIZE * SAMPLES) })));
    }
    if 8 * pixel < 16 {
        sums = add::<SIZE>(sums, _mm_shuffle_epi8(sums, load(const { moved_up(8 * SIZE * SAMPLES) })));
    }
    sums = add::<SIZE>(sums, carry);
    (store(sums), _mm_shuffle_epi8(sums, load(const { last_repeated(SIZE * SAMPLES) })))
}

#[target_feature(enable = "avx2")]
#[inline]
fn add<const SIZE: usize>(a: __m128i, b: __m128i) -> __m128i {
    match SIZE {
        1 => _mm_add_epi8(a, b),
        2 => _mm_add_epi16(a, b),
        _ => _mm_add_epi32(a, b),
    }
}

/// A shuffle that moves bytes up by `by` and brings in 0 below.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn moved_up(by: usize) -> [u8; 16] {
    let mut places = [0x80; 16];
    let mut i = by;
    while i < 16 {
        places[i] = (i - by) as u8;
        i += 1;
    }
    places
}

/// A shuffle that repeats the last `len` bytes, the first of them lowest.
#[allow(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn last_repeated(len: usize) -> [u8; 16] {
    let mut places = [0; 16];
    let mut i = 0;
    while i < 16 {
        places[i] = (16 - len + i % len) as u8;
        i += 1;
    }
    places
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: [u8; 16]) -> __m128i {
    // SAFETY: 16 bytes are readable there, and any address will do.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(vector: __m128i) -> [u8; 16] {
    let mut bytes = [0; 16];
    // SAFETY: 16 bytes are writable there, and any address will do.
    unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), vector) };
    bytes
}
