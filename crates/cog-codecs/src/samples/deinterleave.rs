//! From chunky pixels to one row for each band.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod transpose;

use crate::error::{Error, Result};

/// Copies chosen bands out of rows of chunky pixels, each band into a row of its own.
///
/// Prepared once for a layout, then called for each row. Pixels of one to four samples with all bands in order, the
/// common case, run in vector code (AVX2 where the processor has it); so do neighbouring bands that fill 16 bytes.
///
/// ```
/// use cog_codecs::Deinterleave;
/// let rgb = Deinterleave::new(3, 1, &[0, 1, 2])?;
/// let (mut red, mut green, mut blue) = ([0; 2], [0; 2], [0; 2]);
/// rgb.row(&[1, 2, 3, 4, 5, 6], &mut [&mut red, &mut green, &mut blue])?;
/// assert_eq!((red, green, blue), ([1, 4], [2, 5], [3, 6]));
/// # Ok::<(), cog_codecs::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Deinterleave {
    pixel: usize,
    sample: usize,
    /// Byte offset of each wanted band in a pixel.
    offsets: Vec<usize>,
    kernel: Kernel,
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "other processors have no choice"))]
    avx2: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kernel {
    /// One band is the whole pixel.
    Copy,
    /// All bands in order, so many.
    All2,
    All3,
    All4,
    /// Bands one after another.
    Each,
}

impl Deinterleave {
    /// For pixels of `samples` samples of `sample_size` bytes (1, 2, 4, 8 or 16); `bands` are the wanted ones by index
    /// from 0, in any order, repeated if need be.
    ///
    /// # Errors
    /// [`Error::Usage`] for a size or a band that there is not.
    pub fn new(samples: usize, sample_size: usize, bands: &[usize]) -> Result<Self> {
        if !matches!(sample_size, 1 | 2 | 4 | 8 | 16) {
            return Err(Error::Usage("a sample has 1, 2, 4, 8 or 16 bytes"));
        }
        if bands.iter().any(|&band| band >= samples) {
            return Err(Error::Usage("a band beyond the samples of a pixel was asked for"));
        }
        let pixel = samples.checked_mul(sample_size).ok_or(Error::Usage("a pixel is too large"))?;
        let all = bands.len() == samples && bands.iter().enumerate().all(|(i, &band)| i == band);
        let kernel = match samples {
            1 => Kernel::Copy,
            2 if all => Kernel::All2,
            3 if all => Kernel::All3,
            4 if all => Kernel::All4,
            _ => Kernel::Each,
        };
        let offsets = bands.iter().map(|&band| band * sample_size).collect();
        Ok(Self { pixel, sample: sample_size, offsets, kernel, avx2: has_avx2() })
    }

    /// Copies one row: `src` holds whole pixels, `rows` one slice for each wanted band, long enough for them.
    ///
    /// # Errors
    /// [`Error::Usage`] where lengths or the number of rows do not fit.
    pub fn row(&self, src: &[u8], rows: &mut [&mut [u8]]) -> Result<()> {
        if rows.len() != self.offsets.len() {
            return Err(Error::Usage("one row for each wanted band"));
        }
        if self.pixel == 0 {
            return Ok(());
        }
        let pixels = src.len() / self.pixel;
        let len = pixels * self.sample;
        if src.len() != pixels * self.pixel || rows.iter().any(|row| row.len() < len) {
            return Err(Error::Usage("a row of whole pixels and destinations as long"));
        }
        #[cfg(target_arch = "x86_64")]
        if self.avx2 {
            // SAFETY: `avx2` is set only where the processor was found to have it.
            unsafe { self.copy_avx2(src, rows) };
            return Ok(());
        }
        self.copy(src, rows);
        Ok(())
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn copy_avx2(&self, src: &[u8], rows: &mut [&mut [u8]]) {
        self.copy(src, rows);
    }

    #[inline(always)]
    fn copy(&self, src: &[u8], rows: &mut [&mut [u8]]) {
        match self.sample {
            1 => self.copy_sized::<1>(src, rows),
            2 => self.copy_sized::<2>(src, rows),
            4 => self.copy_sized::<4>(src, rows),
            8 => self.copy_sized::<8>(src, rows),
            _ => self.copy_sized::<16>(src, rows),
        }
    }

    #[inline(always)]
    fn copy_sized<const SIZE: usize>(&self, src: &[u8], rows: &mut [&mut [u8]]) {
        match (self.kernel, rows) {
            (Kernel::Copy, rows) => {
                for row in rows {
                    if let Some(row) = row.get_mut(..src.len()) {
                        row.copy_from_slice(src);
                    }
                }
            }
            (Kernel::All2, [a, b]) => two::<SIZE>(src, a, b),
            (Kernel::All3, [a, b, c]) => three::<SIZE>(src, a, b, c),
            (Kernel::All4, [a, b, c, d]) => four::<SIZE>(src, a, b, c, d),
            (_, rows) => {
                // Neighbouring bands together where they fill 16 bytes.
                let side = 16 / SIZE;
                for (offsets, rows) in self.offsets.chunks(side).zip(rows.chunks_mut(side)) {
                    let done = self.neighbours::<SIZE>(src, offsets, rows);
                    let (from, to) = (done * self.pixel, done * SIZE);
                    for (&offset, row) in offsets.iter().zip(rows) {
                        let rest = src.get(from..).zip(row.get_mut(to..));
                        rest.into_iter().for_each(|(src, row)| each::<SIZE>(src, self.pixel, offset, row));
                    }
                }
            }
        }
    }

    /// Copies bands that lie side by side in a pixel; of how many pixels.
    #[inline(always)]
    fn neighbours<const SIZE: usize>(&self, src: &[u8], offsets: &[usize], rows: &mut [&mut [u8]]) -> usize {
        #[cfg(target_arch = "x86_64")]
        if let &[first, ..] = offsets
            && offsets.len() * SIZE == 16
            && offsets.iter().zip((first..).step_by(SIZE)).all(|(&offset, next)| offset == next)
        {
            // SAFETY: every x86-64 processor has SSE2.
            return unsafe {
                match SIZE {
                    1 => transpose::bands::<1, 16>(src, self.pixel, first, rows),
                    2 => transpose::bands::<2, 8>(src, self.pixel, first, rows),
                    4 => transpose::bands::<4, 4>(src, self.pixel, first, rows),
                    8 => transpose::bands::<8, 2>(src, self.pixel, first, rows),
                    _ => 0,
                }
            };
        }
        let _ = (src, offsets, rows);
        0
    }
}

fn has_avx2() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

#[inline(always)]
fn two<const SIZE: usize>(src: &[u8], a: &mut [u8], b: &mut [u8]) {
    let pixels = src.as_chunks::<SIZE>().0.as_chunks::<2>().0;
    let rows = a.as_chunks_mut::<SIZE>().0.iter_mut().zip(b.as_chunks_mut::<SIZE>().0);
    for (pixel, (a, b)) in pixels.iter().zip(rows) {
        [*a, *b] = *pixel;
    }
}

#[inline(always)]
fn three<const SIZE: usize>(src: &[u8], a: &mut [u8], b: &mut [u8], c: &mut [u8]) {
    let pixels = src.as_chunks::<SIZE>().0.as_chunks::<3>().0;
    let rows = a.as_chunks_mut::<SIZE>().0.iter_mut().zip(b.as_chunks_mut::<SIZE>().0).zip(c.as_chunks_mut::<SIZE>().0);
    for (pixel, ((a, b), c)) in pixels.iter().zip(rows) {
        [*a, *b, *c] = *pixel;
    }
}

#[inline(always)]
fn four<const SIZE: usize>(src: &[u8], a: &mut [u8], b: &mut [u8], c: &mut [u8], d: &mut [u8]) {
    let pixels = src.as_chunks::<SIZE>().0.as_chunks::<4>().0;
    let left = a.as_chunks_mut::<SIZE>().0.iter_mut().zip(b.as_chunks_mut::<SIZE>().0);
    let right = c.as_chunks_mut::<SIZE>().0.iter_mut().zip(d.as_chunks_mut::<SIZE>().0);
    for (pixel, ((a, b), (c, d))) in pixels.iter().zip(left.zip(right)) {
        [*a, *b, *c, *d] = *pixel;
    }
}

#[inline(always)]
fn each<const SIZE: usize>(src: &[u8], pixel: usize, offset: usize, row: &mut [u8]) {
    let samples = src.chunks_exact(pixel).filter_map(|p| p.get(offset..).and_then(|p| p.first_chunk::<SIZE>()));
    for (to, sample) in row.as_chunks_mut::<SIZE>().0.iter_mut().zip(samples) {
        *to = *sample;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_band_gets_its_samples(
            samples in 1usize..36,
            size in prop::sample::select(vec![1usize, 2, 4, 8, 16]),
            width in 0usize..70,
            picks in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
            all in any::<bool>(),
            avx2 in any::<bool>(),
            seed in any::<u8>(),
        ) {
            let src: Vec<u8> = (0..samples * size * width).map(|i| (i * 7 + i / 251) as u8 ^ seed).collect();
            let bands: Vec<usize> =
                if all { (0..samples).collect() } else { picks.iter().map(|p| p.index(samples)).collect() };
            let mut plan = Deinterleave::new(samples, size, &bands).unwrap();
            plan.avx2 &= avx2;
            let mut rows = vec![vec![0xee; width * size + 3]; bands.len()];
            let mut slices: Vec<&mut [u8]> = rows.iter_mut().map(Vec::as_mut_slice).collect();
            plan.row(&src, &mut slices).unwrap();
            for (row, &band) in rows.iter().zip(&bands) {
                let pixels = src.chunks(samples * size);
                let want: Vec<u8> = pixels.flat_map(|p| p[band * size..][..size].to_vec()).chain([0xee; 3]).collect();
                prop_assert_eq!(row, &want);
            }
        }
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        assert!(Deinterleave::new(3, 1, &[3]).is_err());
        assert!(Deinterleave::new(3, 3, &[0]).is_err());
        let plan = Deinterleave::new(3, 1, &[0, 1, 2]).unwrap();
        let (mut a, mut b, mut c) = ([0; 2], [0; 2], [0; 1]);
        assert!(plan.row(&[0; 6], &mut [&mut a, &mut b]).is_err());
        assert!(plan.row(&[0; 6], &mut [&mut a, &mut b, &mut c]).is_err());
        assert!(plan.row(&[0; 5], &mut [&mut a, &mut b, &mut c]).is_err());
    }
}
