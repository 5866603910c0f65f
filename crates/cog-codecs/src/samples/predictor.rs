//! Undoing the predictors: horizontal differences (TIFF 6.0 section 14) and floating point byte planes (Adobe Photoshop
//! TIFF Technical Note 3).
//!
//! Both run over whole encoded rows, padding included, with a stride of all samples of the pixel in the block,
//! extra samples too.

#[cfg(target_arch = "x86_64")]
mod avx2;

use cog_tiff::{Predictor, SampleFormat};

use crate::block::BlockSpec;
use crate::error::{Error, Result};

#[cfg(target_arch = "x86_64")]
use avx2::Avx2;

/// No processor but x86-64 has it.
#[cfg(not(target_arch = "x86_64"))]
#[derive(Debug, Clone, Copy)]
enum Avx2 {}

#[cfg(not(target_arch = "x86_64"))]
impl Avx2 {
    fn detect() -> Option<Self> {
        None
    }

    fn horizontal(self, _rows: &mut [u8], _row_len: usize, _samples: usize, _sample_bytes: usize) -> bool {
        match self {}
    }

    fn gather<const N: usize>(self, _row: &[u8], _plane: usize, _out: &mut [u8]) {
        match self {}
    }
}

/// Whether a block's predictor fits its samples; libtiff refuses the same.
pub(crate) fn check(spec: &BlockSpec<'_>) -> Result<()> {
    let fits = match spec.predictor {
        Predictor::None => true,
        Predictor::Horizontal => matches!(spec.bits_per_sample, 8 | 16 | 32 | 64),
        Predictor::FloatingPoint => {
            spec.sample_format == SampleFormat::Float && matches!(spec.bits_per_sample, 16 | 24 | 32 | 64)
        }
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(Error::Predictor { predictor: spec.predictor, format: spec.sample_format, bits: spec.bits_per_sample })
}

/// Sums up horizontal differences in place, row by row; samples are in the byte order of this machine.
pub(crate) fn horizontal(rows: &mut [u8], row_len: usize, samples: usize, sample_bytes: usize) {
    horizontal_with(Avx2::detect(), rows, row_len, samples, sample_bytes);
}

fn horizontal_with(avx2: Option<Avx2>, rows: &mut [u8], row_len: usize, samples: usize, sample_bytes: usize) {
    if row_len == 0 || avx2.is_some_and(|avx2| avx2.horizontal(rows, row_len, samples, sample_bytes)) {
        return;
    }
    for row in rows.chunks_exact_mut(row_len) {
        match sample_bytes {
            1 if samples == 1 => sum_bytes(row),
            1 => sum_u8(row, samples),
            2 => sum_u16(row, samples),
            4 => sum_u32(row, samples),
            8 => sum_u64(row, samples),
            _ => {}
        }
    }
}

/// One band of bytes: a prefix sum of eight at once in a 64-bit register.
fn sum_bytes(row: &mut [u8]) {
    let (eights, rest) = row.as_chunks_mut::<8>();
    let mut carry = 0u8;
    for eight in eights {
        let sums = prefix_sums(u64::from_le_bytes(*eight), carry);
        *eight = sums.to_le_bytes();
        carry = (sums >> 56) as u8;
    }
    for byte in rest {
        carry = carry.wrapping_add(*byte);
        *byte = carry;
    }
}

/// Byte lanes added without carrying from one into the next.
#[inline(always)]
fn add_lanes(a: u64, b: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    ((a & LOW) + (b & LOW)) ^ ((a ^ b) & !LOW)
}

/// The running sums of eight bytes, least significant first, on top of `carry`.
#[inline(always)]
fn prefix_sums(eight: u64, carry: u8) -> u64 {
    let sums = add_lanes(eight, eight << 8);
    let sums = add_lanes(sums, sums << 16);
    let sums = add_lanes(sums, sums << 32);
    add_lanes(sums, u64::from(carry) * 0x0101_0101_0101_0101)
}

macro_rules! sum {
    ($name:ident, $fixed:ident, $number:ty) => {
        fn $name(row: &mut [u8], samples: usize) {
            match samples {
                1 => $fixed::<1>(row),
                2 => $fixed::<2>(row),
                3 => $fixed::<3>(row),
                4 => $fixed::<4>(row),
                8 => $fixed::<8>(row),
                _ => {
                    const SIZE: usize = size_of::<$number>();
                    let stride = samples.saturating_mul(SIZE);
                    let Some(last) = row.len().checked_sub(stride) else { return };
                    for at in (0..last).step_by(SIZE) {
                        let Some((left, right)) = row.split_at_mut_checked(at + stride) else { return };
                        let (Some(left), Some(right)) =
                            (left.get(at..).and_then(|l| l.first_chunk()), right.first_chunk_mut())
                        else {
                            return;
                        };
                        let sum = <$number>::from_ne_bytes(*left).wrapping_add(<$number>::from_ne_bytes(*right));
                        *right = sum.to_ne_bytes();
                    }
                }
            }
        }

        /// The number of samples is known to the compiler: sums stay in registers.
        #[inline(always)]
        fn $fixed<const SAMPLES: usize>(row: &mut [u8]) {
            let (numbers, _) = row.as_chunks_mut::<{ size_of::<$number>() }>();
            let (pixels, _) = numbers.as_chunks_mut::<SAMPLES>();
            let mut sums = [<$number>::default(); SAMPLES];
            for pixel in pixels {
                for (sum, number) in sums.iter_mut().zip(pixel) {
                    *sum = sum.wrapping_add(<$number>::from_ne_bytes(*number));
                    *number = sum.to_ne_bytes();
                }
            }
        }
    };
}

sum!(sum_u8, sum_u8_fixed, u8);
sum!(sum_u16, sum_u16_fixed, u16);
sum!(sum_u32, sum_u32_fixed, u32);
sum!(sum_u64, sum_u64_fixed, u64);

/// Sums up byte differences of `encoded`, then gathers each number of `sample_bytes` bytes from its byte planes, most
/// significant first whatever the file's byte order, into `out` in the byte order of this machine.
///
/// `encoded` is used up. Both have the same length, a multiple of `row_len`.
pub(crate) fn floating_point(encoded: &mut [u8], out: &mut [u8], row_len: usize, samples: usize, sample_bytes: usize) {
    floating_point_with(Avx2::detect(), encoded, out, row_len, samples, sample_bytes);
}

fn floating_point_with(
    avx2: Option<Avx2>,
    encoded: &mut [u8],
    out: &mut [u8],
    row_len: usize,
    samples: usize,
    sample_bytes: usize,
) {
    if row_len == 0 || sample_bytes == 0 {
        return;
    }
    for (row, out) in encoded.chunks_exact_mut(row_len).zip(out.chunks_exact_mut(row_len)) {
        horizontal_with(avx2, row, row_len, samples, 1);
        let plane = row_len / sample_bytes;
        match (sample_bytes, avx2) {
            (2, None) => gather::<2>(row, plane, out),
            (3, None) => gather::<3>(row, plane, out),
            (4, None) => gather::<4>(row, plane, out),
            (8, None) => gather::<8>(row, plane, out),
            (2, Some(avx2)) => avx2.gather::<2>(row, plane, out),
            (3, Some(avx2)) => avx2.gather::<3>(row, plane, out),
            (4, Some(avx2)) => avx2.gather::<4>(row, plane, out),
            (8, Some(avx2)) => avx2.gather::<8>(row, plane, out),
            _ => {}
        }
    }
}

#[inline(always)]
fn gather<const N: usize>(row: &[u8], plane: usize, out: &mut [u8]) {
    if plane == 0 {
        return;
    }
    let mut planes = [row; N];
    for (slot, bytes) in planes.iter_mut().zip(row.chunks_exact(plane)) {
        *slot = bytes;
    }
    if cfg!(target_endian = "little") {
        planes.reverse();
    }
    let (numbers, _) = out.as_chunks_mut::<N>();
    interleave(&planes, plane, numbers);
}

/// `numbers[i]` = byte `i` of each plane.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "all slices are cut to one length first")]
fn interleave<const N: usize>(planes: &[&[u8]; N], len: usize, numbers: &mut [[u8; N]]) {
    let len = planes.iter().fold(len.min(numbers.len()), |n, p| n.min(p.len()));
    let planes = planes.map(|p| &p[..len]);
    for (i, number) in numbers[..len].iter_mut().enumerate() {
        for (byte, plane) in number.iter_mut().zip(planes) {
            *byte = plane[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The differences of TIFF 6.0 section 14, written down plainly.
    fn differences(row: &[u64], samples: usize) -> Vec<u64> {
        let before = |i: usize| if i < samples { 0 } else { row[i - samples] };
        row.iter().enumerate().map(|(i, &v)| v.wrapping_sub(before(i))).collect()
    }

    fn bytes(numbers: &[u64], size: usize) -> Vec<u8> {
        let low = |n: &u64| match size {
            1 => vec![*n as u8],
            2 => (*n as u16).to_ne_bytes().to_vec(),
            4 => (*n as u32).to_ne_bytes().to_vec(),
            _ => n.to_ne_bytes().to_vec(),
        };
        numbers.iter().flat_map(low).collect()
    }

    proptest! {
        #[test]
        fn horizontal_differences_sum_to_the_row(
            size in prop::sample::select(vec![1usize, 2, 4, 8]),
            samples in 1usize..10,
            width in 1usize..40,
            vectors in any::<bool>(),
            seed in prop::collection::vec(any::<u64>(), 9 * 40 * 2),
        ) {
            let avx2 = Avx2::detect().filter(|_| vectors);
            let n = width * samples;
            let rows = [&seed[..n], &seed[n..2 * n]];
            let want: Vec<u8> = rows.iter().flat_map(|r| bytes(r, size)).collect();
            let mut got: Vec<u8> = rows.iter().flat_map(|r| bytes(&differences(r, samples), size)).collect();
            horizontal_with(avx2, &mut got, n * size, samples, size);
            prop_assert_eq!(got, want);
        }

        #[test]
        fn byte_planes_come_back_as_numbers(
            size in prop::sample::select(vec![2usize, 3, 4, 8]),
            samples in 1usize..6,
            width in 1usize..40,
            vectors in any::<bool>(),
            seed in prop::collection::vec(any::<u8>(), 5 * 40 * 8),
        ) {
            let avx2 = Avx2::detect().filter(|_| vectors);
            let row = &seed[..width * samples * size];
            // Technical Note 3: most significant bytes first, plane by plane, then differences of bytes.
            let mut planes = Vec::new();
            for byte in 0..size {
                let at = if cfg!(target_endian = "little") { size - 1 - byte } else { byte };
                planes.extend(row.chunks(size).map(|number| number[at]));
            }
            let planes: Vec<u64> = planes.into_iter().map(u64::from).collect();
            let mut encoded = bytes(&differences(&planes, samples), 1);
            let mut out = vec![0; row.len()];
            floating_point_with(avx2, &mut encoded, &mut out, row.len(), samples, size);
            prop_assert_eq!(out, row);
        }
    }

    #[test]
    fn a_row_shorter_than_a_pixel_is_left_alone() {
        let mut row = [1, 2, 3];
        horizontal(&mut row, 3, 5, 1);
        assert_eq!(row, [1, 2, 3]);
    }
}
