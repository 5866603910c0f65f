//! From a row of each band to a row of chunky pixels.

use crate::cpu::{Cpu, compiled_twice};

compiled_twice! {
    /// Writes the bands' rows, of samples of `size` bytes, into `out` pixel by pixel; as many pixels as `out` has room for.
    pub(super) fn interleave(cpu, rows: &[&[u8]], size: usize, out: &mut [u8]) = interleaved
}

#[inline(always)]
fn interleaved(rows: &[&[u8]], size: usize, out: &mut [u8]) {
    match size {
        1 => sized::<1>(rows, out),
        2 => sized::<2>(rows, out),
        4 => sized::<4>(rows, out),
        8 => sized::<8>(rows, out),
        _ => sized::<16>(rows, out),
    }
}

#[inline(always)]
fn sized<const SIZE: usize>(rows: &[&[u8]], out: &mut [u8]) {
    match *rows {
        [only] => out.iter_mut().zip(only).for_each(|(to, from)| *to = *from),
        [a, b] => together::<SIZE, 2>([a, b], out),
        [a, b, c] => together::<SIZE, 3>([a, b, c], out),
        [a, b, c, d] => together::<SIZE, 4>([a, b, c, d], out),
        _ => {
            // A few pixels at a time, so that those of many bands stay in the cache.
            let pixel = SIZE * rows.len();
            for (i, pixels) in out.chunks_mut(pixel * 32).enumerate() {
                for (band, row) in rows.iter().enumerate() {
                    let samples = row.as_chunks::<SIZE>().0.iter().skip(i * 32);
                    for (pixel, sample) in pixels.chunks_exact_mut(pixel).zip(samples) {
                        if let Some(to) = pixel.get_mut(band * SIZE..).and_then(|p| p.first_chunk_mut()) {
                            *to = *sample;
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "all rows are cut to one length first")]
fn together<const SIZE: usize, const BANDS: usize>(rows: [&[u8]; BANDS], out: &mut [u8]) {
    let rows = rows.map(|row| row.as_chunks::<SIZE>().0);
    let pixels = out.as_chunks_mut::<SIZE>().0.as_chunks_mut::<BANDS>().0;
    let len = rows.iter().fold(pixels.len(), |len, row| len.min(row.len()));
    let rows = rows.map(|row| &row[..len]);
    for (i, pixel) in pixels[..len].iter_mut().enumerate() {
        for (to, row) in pixel.iter_mut().zip(rows) {
            *to = row[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::deinterleave::Deinterleave;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bands_come_apart_again(
            bands in 1usize..40,
            size in prop::sample::select(vec![1usize, 2, 4, 8, 16]),
            width in 1usize..80,
            seed in any::<u8>(),
            vectors in any::<bool>(),
        ) {
            let rows: Vec<Vec<u8>> =
                (0..bands).map(|b| (0..width * size).map(|i| (b * 37 + i * 11) as u8 ^ seed).collect()).collect();
            let slices: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
            let mut out = vec![0; bands * width * size];
            interleave(if vectors { Cpu::detect() } else { Cpu::Baseline }, &slices, size, &mut out);
            let all: Vec<usize> = (0..bands).collect();
            let mut back = vec![vec![0; width * size]; bands];
            let mut slots: Vec<&mut [u8]> = back.iter_mut().map(Vec::as_mut_slice).collect();
            Deinterleave::new(bands, size, &all).unwrap().row(&out, &mut slots).unwrap();
            prop_assert_eq!(back, rows);
        }
    }
}
