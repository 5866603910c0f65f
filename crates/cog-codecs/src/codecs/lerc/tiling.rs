//! The usual kind of LERC2 blob, decoded by ourselves: one value a pixel, all pixels valid, quantised in small squares.
//!
//! Whatever is of another kind, or damaged, is left to the general decoder, and so are all errors.
#![allow(unsafe_code)]

use ::lerc::{DataType, Sample};

/// Values of the largest square that is decoded here, 32 × 32; writers make 8 × 8 and 16 × 16.
const MOST: usize = 1024;

/// Decodes a blob of `width` × `height` pixels; `None` leaves it to the general decoder.
pub(super) fn decode<T: Sample>(blob: &[u8], size: (usize, usize), values: &mut [T]) -> Option<()> {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2") {
        // SAFETY: the processor has just been asked for both.
        return unsafe { decode_avx2(blob, size, values) };
    }
    decode_with(blob, size, values)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi2")]
fn decode_avx2<T: Sample>(blob: &[u8], size: (usize, usize), values: &mut [T]) -> Option<()> {
    decode_with(blob, size, values)
}

#[inline(always)]
fn decode_with<T: Sample>(blob: &[u8], (width, height): (usize, usize), values: &mut [T]) -> Option<()> {
    let (squares, mut bytes) = Squares::of::<T>(blob, (width, height))?;
    let mut quantised = [0; MOST];
    for rows in values.get_mut(..width * height)?.chunks_mut(squares.side * width) {
        for left in (0..width).step_by(squares.side) {
            let columns = left..(left + squares.side).min(width);
            squares.read(&mut bytes, rows, columns, &mut quantised)?;
        }
    }
    Some(())
}

/// What the header says of all squares.
struct Squares {
    version: i32,
    kind: DataType,
    width: usize,
    side: usize,
    /// Between two neighbouring quantised values.
    step: f64,
    highest: f64,
}

impl Squares {
    /// Reads the header, up to the first square.
    #[inline(always)]
    fn of<'a, T: Sample>(blob: &'a [u8], (width, height): (usize, usize)) -> Option<(Squares, Bytes<'a>)> {
        let mut bytes = Bytes(blob);
        let magic = bytes.take()? == *b"Lerc2 ";
        let version = bytes.int()?;
        let checksum = u32::from_le_bytes(bytes.take()?);
        let summed = bytes.0;
        let (rows, columns) = (bytes.size()?, bytes.size()?);
        let depth = if version >= 4 { bytes.int()? } else { 1 };
        let (valid, side, len, kind) = (bytes.size()?, bytes.size()?, bytes.size()?, bytes.int()?);
        let [more, flags] = if version >= 6 { [bytes.int()?, bytes.int()?] } else { [0, 0] };
        let pass_no_data = flags & 0xff != 0;
        let (error, lowest, highest) = (bytes.double()?, bytes.double()?, bytes.double()?);
        if version >= 6 {
            bytes.take::<16>()?;
        }
        let usual = magic
            && (3..=6).contains(&version)
            && (rows, columns, depth) == (height, width, 1)
            && valid == width * height
            && (1..=32).contains(&side)
            && kind == T::DATA_TYPE as i32
            && (more, pass_no_data) == (0, false)
            && lowest != highest;
        // The sum is that of all that follows it.
        let summed = summed.get(..len.checked_sub(14)?).filter(|_| usual)?;
        if fletcher32(summed) != checksum {
            return None;
        }
        let mut bytes = Bytes(blob.get(blob.len() - bytes.0.len()..len)?);
        let mask_len = bytes.int()?;
        if version >= 4 {
            let (lowest, highest) = (bytes.value::<T>()?, bytes.value::<T>()?);
            if lowest == highest {
                return None;
            }
        }
        let one_sweep = bytes.byte()? != 0;
        let kind = T::DATA_TYPE;
        let small = matches!(kind, DataType::Char | DataType::Byte) && error == 0.5;
        let float = version >= 6 && matches!(kind, DataType::Float | DataType::Double) && error == 0.0;
        if mask_len != 0 || one_sweep || ((small || float) && bytes.byte()? != 0) {
            return None;
        }
        Some((Squares { version, kind, width, side, step: 2.0 * error, highest }, bytes))
    }

    /// Reads one square into its columns of `rows`.
    #[inline(always)]
    fn read<T: Sample>(
        &self,
        bytes: &mut Bytes<'_>,
        rows: &mut [T],
        columns: std::ops::Range<usize>,
        quantised: &mut [u32; MOST],
    ) -> Option<()> {
        let flags = bytes.byte()?;
        // Bits that repeat the column; from version 5 on the lowest of them tells of differences between bands.
        let mark = if self.version >= 5 { 14 } else { 15 };
        let differences = self.version >= 5 && flags & 4 != 0;
        if ((flags >> 2) ^ (columns.start >> 3) as u8) & mark != 0 || differences {
            return None;
        }
        let count = rows.len() / self.width * columns.len();
        let rows = rows.chunks_exact_mut(self.width).filter_map(|row| row.get_mut(columns.clone()));
        match flags & 3 {
            0 => {
                for row in rows {
                    for value in row {
                        *value = bytes.value()?;
                    }
                }
            }
            1 => {
                let offset = bytes.reduced(self.kind, flags >> 6)?;
                let quantised = quantised.get_mut(..count)?;
                bytes.quantised(quantised)?;
                for (row, quantised) in rows.zip(quantised.chunks_exact(columns.len())) {
                    for (value, &q) in row.iter_mut().zip(quantised) {
                        // Of 31 bits at most.
                        *value = T::from_f64((offset + f64::from(q as i32) * self.step).min(self.highest));
                    }
                }
            }
            2 => rows.for_each(|row| row.fill(T::default())),
            _ => {
                let offset = T::from_f64(bytes.reduced(self.kind, flags >> 6)?);
                rows.for_each(|row| row.fill(offset));
            }
        }
        Some(())
    }
}

/// What is left of a blob, little-endian.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    #[inline(always)]
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    #[inline(always)]
    fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }

    #[inline(always)]
    fn int(&mut self) -> Option<i32> {
        self.take().map(i32::from_le_bytes)
    }

    #[inline(always)]
    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.int()?).ok()
    }

    #[inline(always)]
    fn double(&mut self) -> Option<f64> {
        self.take().map(f64::from_le_bytes)
    }

    #[inline(always)]
    fn value<T: Sample>(&mut self) -> Option<T> {
        let (value, rest) = self.0.split_at_checked(T::BYTES)?;
        self.0 = rest;
        Some(T::from_le_slice(value))
    }

    /// The smallest value of a square, in the smallest type that holds it.
    #[inline(always)]
    fn reduced(&mut self, kind: DataType, by: u8) -> Option<f64> {
        Some(match (kind, by) {
            (DataType::Char, _) | (DataType::Short, 2) => f64::from(i8::from_le_bytes(self.take()?)),
            (DataType::Byte, _)
            | (DataType::Short | DataType::UShort, 1)
            | (DataType::UInt | DataType::Float, 2)
            | (DataType::Int, 3) => f64::from(self.byte()?),
            (DataType::Short, 0) | (DataType::Int, 2) | (DataType::Float, 1) | (DataType::Double, 3) => {
                f64::from(i16::from_le_bytes(self.take()?))
            }
            (DataType::UShort, 0) | (DataType::Int | DataType::UInt, 1) => f64::from(u16::from_le_bytes(self.take()?)),
            (DataType::Int, 0) | (DataType::Double, 2) => f64::from(self.int()?),
            (DataType::UInt, 0) => f64::from(u32::from_le_bytes(self.take()?)),
            (DataType::Float, 0) | (DataType::Double, 1) => f64::from(f32::from_le_bytes(self.take()?)),
            (DataType::Double, 0) => self.double()?,
            _ => return None,
        })
    }

    /// The quantised values of a square, each by itself or by its number in a table of those that there are.
    #[inline(always)]
    fn quantised(&mut self, to: &mut [u32]) -> Option<()> {
        let head = self.byte()?;
        let count = match head >> 6 {
            0 => self.size()?,
            1 => usize::from(u16::from_le_bytes(self.take()?)),
            2 => usize::from(self.byte()?),
            _ => return None,
        };
        let (by_table, bits) = (head & 32 != 0, u32::from(head & 31));
        if count != to.len() {
            return None;
        }
        if !by_table {
            if bits == 0 {
                to.fill(0);
                return Some(());
            }
            return self.unpack(bits, to);
        }
        let others = usize::from(self.byte()?.checked_sub(1)?);
        let mut table = [0; 256];
        if bits == 0 || others == 0 {
            return None;
        }
        self.unpack(bits, table.get_mut(1..=others)?)?;
        self.unpack(others.ilog2() + 1, to)?;
        for value in to {
            *value = table.get(..=others)?.get(*value as usize).copied()?;
        }
        Some(())
    }

    /// Numbers of so many bits (1 to 31), the first in the lowest bits.
    #[inline(always)]
    fn unpack(&mut self, bits: u32, to: &mut [u32]) -> Option<()> {
        let mask = (1u64 << bits) - 1;
        let (packed, rest) = self.0.split_at_checked((to.len() * bits as usize).div_ceil(8))?;
        // Eight numbers fill `bits` bytes. Words reach past them, at the end of the blob into zeros.
        for (number, eight) in to.chunks_mut(8).enumerate() {
            let from = number * bits as usize;
            let mut end = [0; 40];
            let bytes = match self.0.get(from..).and_then(|b| b.first_chunk()) {
                Some(bytes) => bytes,
                None => {
                    let left = packed.get(from..)?;
                    end.iter_mut().zip(left).for_each(|(to, byte)| *to = *byte);
                    &end
                }
            };
            for (value, bit) in eight.iter_mut().zip((0..).step_by(bits as usize)) {
                *value = ((word(bytes, bit >> 3) >> (bit & 7)) & mask) as u32;
            }
        }
        self.0 = rest;
        Some(())
    }
}

/// Eight bytes, of which the first is one of the first 28.
#[inline(always)]
#[allow(clippy::indexing_slicing, reason = "at most 27 + 8 of 40 bytes")]
fn word(bytes: &[u8; 40], at: usize) -> u64 {
    let at = at.min(32);
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}

/// The checksum of LERC2: Fletcher's of 16-bit big-endian numbers. Where the sum is a multiple of 65535 it is 65535, not 0.
#[inline(always)]
fn fletcher32(bytes: &[u8]) -> u32 {
    const LANES: usize = 16;
    // So many that sums of sums of a lane stay below 2^32.
    const STEPS: usize = 256;
    let number = |b: [u8; 2]| u32::from(u16::from_be_bytes(b));
    let (mut sum, mut sum_of_sums) = (0u64, 0u64);
    let mut blocks = bytes.chunks_exact(2 * LANES * STEPS);
    for block in &mut blocks {
        let (mut plain, mut weighted) = ([0u32; LANES], [0u32; LANES]);
        for lanes in block.as_chunks::<2>().0.as_chunks::<LANES>().0 {
            for ((plain, weighted), &b) in plain.iter_mut().zip(&mut weighted).zip(lanes) {
                *plain += number(b);
                *weighted += *plain;
            }
        }
        // A number of lane k, n steps before the end, is in LANES × n − k of the sums.
        sum_of_sums += sum * (LANES * STEPS) as u64;
        for (k, (plain, weighted)) in (0..).zip(plain.into_iter().zip(weighted)) {
            sum_of_sums += LANES as u64 * u64::from(weighted) - k * u64::from(plain);
            sum += u64::from(plain);
        }
        (sum, sum_of_sums) = (sum % 65535, sum_of_sums % 65535);
    }
    let mut pairs = blocks.remainder().chunks_exact(2);
    let pair = |b: &[u8]| b.first_chunk().map_or(0, |b| u64::from(number(*b)));
    for b in &mut pairs {
        sum += pair(b);
        sum_of_sums += sum;
    }
    if let &[last] = pairs.remainder() {
        sum += u64::from(last) << 8;
        sum_of_sums += sum;
    }
    let folded = |sum: u64| if sum.is_multiple_of(65535) { 65535 } else { (sum % 65535) as u32 };
    (folded(sum_of_sums) << 16) | folded(sum)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;
    use ::lerc::{Precision, encode_slice};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn checksums_are_those_of_the_general_decoder(bytes in prop::collection::vec(any::<u8>(), 0..20_000), zeros in 0usize..9000) {
            let bytes = [vec![0; zeros], bytes].concat();
            // Of an odd length the general decoder's sum can overflow, one in 2^16 times.
            let even = &bytes[..bytes.len() / 2 * 2];
            prop_assert_eq!(fletcher32(even), ::lerc::checksum::fletcher32(even));
        }

        #[test]
        fn cut_and_changed_blobs_do_no_harm(at in 0usize..2000, with: u8, cut in 0usize..2000) {
            let values: Vec<f32> = (0..30 * 20).map(|i| (i as f32).sin() * 50.0).collect();
            let mut blob = encode_slice(30, 20, &values, Precision::Tolerance(0.01)).unwrap();
            let place = at % blob.len();
            blob[place] ^= with;
            // With a sum that is right again, so that what lies behind it is read.
            let sum = fletcher32(&blob[14..]);
            blob[10..14].copy_from_slice(&sum.to_le_bytes());
            let mut out = vec![0f32; 600];
            let _ = decode(&blob, (30, 20), &mut out);
            let cut = cut % blob.len();
            let _ = decode(&blob[..cut], (30, 20), &mut out);
        }
    }

    /// Whether this decoder takes the blob; its values are then those of the general one.
    fn is_taken<T: Sample>(width: u32, values: &[T], error: f64) -> bool {
        let height = values.len() as u32 / width;
        let precision = if error == 0.0 { Precision::Lossless } else { Precision::Tolerance(error) };
        // The encoder takes its tolerance in the type of the samples.
        let image = ::lerc::Image::from_pixels(width, height, values.to_vec()).unwrap();
        let blob = ::lerc::encode(&image, precision).unwrap();
        let mut want = vec![T::default(); values.len()];
        ::lerc::decode_into(&blob, &mut want).unwrap();
        let mut plain = vec![T::default(); values.len()];
        let baseline = decode_with(&blob, (width as usize, height as usize), &mut plain);
        let mut out = vec![T::default(); values.len()];
        let taken = decode(&blob, (width as usize, height as usize), &mut out);
        assert_eq!(taken, baseline);
        if taken.is_some() {
            assert_eq!(out, want);
            assert_eq!(plain, want);
        }
        taken.is_some()
    }

    #[test]
    fn every_type_in_every_width_is_as_by_the_general_decoder() {
        for width in [1, 7, 8, 9, 64, 130] {
            let wave = |i: usize, scale: f64| ((i as f64 / 9.0).sin() + (i % 5) as f64 / 7.0) * scale;
            let len = width as usize * 37;
            for scale in [3.0, 90.0, 3000.0, 1e6] {
                let f: Vec<f32> = (0..len).map(|i| wave(i, scale) as f32).collect();
                let d: Vec<f64> = (0..len).map(|i| wave(i, scale)).collect();
                assert!(is_taken(width, &f, 0.01) && is_taken(width, &d, 0.01), "{width} {scale}");
                let i: Vec<i32> = (0..len).map(|i| wave(i, scale) as i32).collect();
                let u: Vec<u32> = i.iter().map(|v| (v + 2_000_000) as u32).collect();
                assert!(is_taken(width, &i, 0.0) && is_taken(width, &u, 2.0), "{width} {scale}");
                let s: Vec<i16> = i.iter().map(|v| (v % 30_000) as i16).collect();
                let us: Vec<u16> = u.iter().map(|v| (v % 60_000) as u16).collect();
                assert!(is_taken(width, &s, 0.0) && is_taken(width, &us, 1.0), "{width} {scale}");
                let b: Vec<u8> = i.iter().map(|v| (v.unsigned_abs() / 50 % 7 * 30) as u8).collect();
                is_taken(width, &b, 2.0);
                is_taken(width, &f, 0.0);
            }
        }
    }

    #[test]
    fn a_last_byte_counts_as_the_upper_half_of_a_number() {
        for bytes in [&[1u8, 2, 3][..], &[0xff; 9], &[7; 8193]] {
            assert_eq!(fletcher32(bytes), ::lerc::checksum::fletcher32(bytes));
        }
    }

    #[test]
    fn one_value_everywhere_is_left_to_the_general_decoder() {
        assert!(!is_taken(16, &[5.0f32; 256], 0.01));
    }
}
