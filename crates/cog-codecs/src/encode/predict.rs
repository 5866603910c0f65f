//! Differences before a codec: of whole samples (TIFF 6.0 section 14) and of byte planes (Adobe Photoshop TIFF Technical Note 3).

use crate::cpu::{Cpu, compiled_twice};

compiled_twice! {
    /// Writes to `out` what each sample of `row`, little-endian in `size` bytes, has more than the one `samples` before.
    pub(super) fn horizontal(cpu, row: &[u8], samples: usize, size: usize, out: &mut [u8]) = differences
}

compiled_twice! {
    /// Writes the bytes of each sample of `row`, little-endian in `size` bytes, to planes, most significant first, and to `out`
    /// what each byte of them has more than the one `samples` before. All three have the same length.
    pub(super) fn floating_point(cpu, row: &[u8], samples: usize, size: usize, planes: &mut [u8], out: &mut [u8]) = of_planes
}

macro_rules! subtract {
    ($number:ty, $row:ident, $samples:ident, $out:ident) => {{
        const SIZE: usize = size_of::<$number>();
        let stride = ($samples * SIZE).min($row.len()).min($out.len());
        let (first, rest) = $out.split_at_mut(stride);
        first.iter_mut().zip($row).for_each(|(to, from)| *to = *from);
        let left = $row.as_chunks::<SIZE>().0;
        let right = $row.get(stride..).unwrap_or_default().as_chunks::<SIZE>().0;
        for ((to, right), left) in rest.as_chunks_mut::<SIZE>().0.iter_mut().zip(right).zip(left) {
            *to = <$number>::from_le_bytes(*right).wrapping_sub(<$number>::from_le_bytes(*left)).to_le_bytes();
        }
    }};
}

#[inline(always)]
fn differences(row: &[u8], samples: usize, size: usize, out: &mut [u8]) {
    match size {
        1 => subtract!(u8, row, samples, out),
        2 => subtract!(u16, row, samples, out),
        4 => subtract!(u32, row, samples, out),
        _ => subtract!(u64, row, samples, out),
    }
}

#[inline(always)]
fn of_planes(row: &[u8], samples: usize, size: usize, planes: &mut [u8], out: &mut [u8]) {
    match size {
        2 => apart::<2>(row, planes),
        4 => apart::<4>(row, planes),
        _ => apart::<8>(row, planes),
    }
    differences(planes, samples, 1, out);
}

#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "all planes are cut to one length first")]
fn apart<const SIZE: usize>(row: &[u8], planes: &mut [u8]) {
    let numbers = row.as_chunks::<SIZE>().0;
    let len = numbers.len();
    for (plane, byte) in planes.chunks_exact_mut(len.max(1)).zip((0..SIZE).rev()) {
        let plane = &mut plane[..len];
        for (i, number) in numbers.iter().enumerate() {
            plane[i] = number[byte];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// TIFF 6.0 section 14, written down plainly.
    fn plainly(row: &[u64], samples: usize) -> Vec<u64> {
        let before = |i: usize| if i < samples { 0 } else { row[i - samples] };
        row.iter().enumerate().map(|(i, &v)| v.wrapping_sub(before(i))).collect()
    }

    fn numbers(row: &[u8], size: usize) -> Vec<u64> {
        row.chunks(size).map(|b| b.iter().rev().fold(0, |n, &byte| n << 8 | u64::from(byte))).collect()
    }

    fn bytes(numbers: &[u64], size: usize) -> Vec<u8> {
        numbers.iter().flat_map(|n| n.to_le_bytes()[..size].to_vec()).collect()
    }

    proptest! {
        #[test]
        fn differences_are_those_of_the_specification(
            size in prop::sample::select(vec![1usize, 2, 4, 8]),
            samples in 1usize..6,
            width in 1usize..70,
            vectors in any::<bool>(),
            seed in prop::collection::vec(any::<u8>(), 5 * 70 * 8),
        ) {
            let cpu = if vectors { Cpu::detect() } else { Cpu::Baseline };
            let row = &seed[..width * samples * size];
            let mut out = vec![0xee; row.len()];
            horizontal(cpu, row, samples, size, &mut out);
            prop_assert_eq!(&out, &bytes(&plainly(&numbers(row, size), samples), size));
            if size > 1 {
                let mut planes = vec![0; row.len()];
                floating_point(cpu, row, samples, size, &mut planes, &mut out);
                // Technical Note 3: the most significant bytes of all samples, then the next ones.
                let significant = (0..size).rev().flat_map(|byte| row.chunks(size).map(move |n| u64::from(n[byte])));
                let significant: Vec<u64> = significant.collect();
                prop_assert_eq!(&out, &bytes(&plainly(&significant, samples), 1));
            }
        }
    }
}
