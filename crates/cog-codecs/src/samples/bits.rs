//! Samples that are not stored as they are delivered: packed bits, short floats, complex integers.
//!
//! Values are widened, never scaled.

use cog_tiff::{ByteOrder, SampleFormat, SampleType};

use crate::block::BlockSpec;
use crate::error::Result;

/// Reverses the bits of every byte: what FillOrder 2 asks for before a codec sees the bytes.
pub(crate) fn reverse_bits(src: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend(src.iter().map(|byte| byte.reverse_bits()));
}

/// Whether samples as encoded differ from samples as delivered by more than the byte order.
pub(crate) fn needs_widening(spec: &BlockSpec<'_>) -> bool {
    match spec.sample_format {
        SampleFormat::Float => spec.bits_per_sample < 32,
        SampleFormat::ComplexInt if spec.bits_per_sample >= 32 => true,
        _ => !matches!(spec.bits_per_sample, 8 | 16 | 32 | 64 | 128),
    }
}

/// Widens a whole block, in the byte order of this machine, from `encoded` into `out`.
pub(crate) fn widen(spec: &BlockSpec<'_>, encoded: &[u8], out: &mut [u8]) -> Result<()> {
    match (spec.sample_format, spec.bits_per_sample) {
        (SampleFormat::Float, 16) => {
            each::<2, 4>(encoded, out, |b| half::f16::from_bits(u16::from_ne_bytes(b)).to_f32().to_ne_bytes())
        }
        (SampleFormat::Float, 24) => each::<3, 4>(encoded, out, |b| float24(native24(b)).to_ne_bytes()),
        (SampleFormat::ComplexInt, 64) if spec.sample_type()? == SampleType::Complex32 => {
            each::<4, 4>(encoded, out, |b| (i32::from_ne_bytes(b) as f32).to_ne_bytes());
        }
        (SampleFormat::ComplexInt, 32) => {
            each::<2, 4>(encoded, out, |b| f32::from(i16::from_ne_bytes(b)).to_ne_bytes());
        }
        (SampleFormat::ComplexInt, 64) => {
            each::<4, 8>(encoded, out, |b| f64::from(i32::from_ne_bytes(b)).to_ne_bytes());
        }
        // Packed, most significant byte first in little-endian files; GDAL takes those of big-endian ones the other way.
        (_, 24) if spec.byte_order == ByteOrder::Big => {
            each::<3, 4>(encoded, out, |[a, b, c]| u32::from_le_bytes([a, b, c, 0]).to_ne_bytes());
        }
        (_, bits) => unpack(spec, u32::from(bits), encoded, out)?,
    }
    Ok(())
}

fn each<const FROM: usize, const TO: usize>(encoded: &[u8], out: &mut [u8], convert: impl Fn([u8; FROM]) -> [u8; TO]) {
    for (from, to) in encoded.as_chunks::<FROM>().0.iter().zip(out.as_chunks_mut::<TO>().0) {
        *to = convert(*from);
    }
}

/// Rows begin on a byte; the most significant bit comes first whatever the file's byte order (TIFF 6.0, FillOrder).
fn unpack(spec: &BlockSpec<'_>, bits: u32, encoded: &[u8], out: &mut [u8]) -> Result<()> {
    let row_len = spec.encoded_row_len()?;
    let values = spec.width as usize * usize::from(spec.samples);
    let size = spec.sample_type()?.size();
    if row_len == 0 || values == 0 {
        return Ok(());
    }
    for (row, out) in encoded.chunks_exact(row_len).zip(out.chunks_exact_mut(values * size)) {
        match (bits, size) {
            (1, _) => unpack_fixed::<1, 8>(row, out),
            (2, _) => unpack_fixed::<2, 4>(row, out),
            (4, _) => unpack_fixed::<4, 2>(row, out),
            (12, _) => unpack_twelve(row, out),
            (_, 1) => unpack_row(row, bits, out.iter_mut(), |to, value| *to = value as u8),
            (_, 2) => unpack_row(row, bits, out.as_chunks_mut::<2>().0.iter_mut(), |to, value| {
                *to = (value as u16).to_ne_bytes();
            }),
            _ => unpack_row(row, bits, out.as_chunks_mut::<4>().0.iter_mut(), |to, value| {
                *to = value.to_ne_bytes();
            }),
        }
    }
    Ok(())
}

/// `PER_BYTE` values of `BITS` bits from every byte.
fn unpack_fixed<const BITS: u32, const PER_BYTE: usize>(row: &[u8], out: &mut [u8]) {
    let mask = ((1u16 << BITS) - 1) as u8;
    for (&byte, values) in row.iter().zip(out.chunks_mut(PER_BYTE)) {
        let mut shift = 8;
        for value in values {
            shift -= BITS;
            *value = (byte >> shift) & mask;
        }
    }
}

/// Two values from every three bytes.
fn unpack_twelve(row: &[u8], out: &mut [u8]) {
    for (bytes, values) in row.chunks(3).zip(out.chunks_mut(4)) {
        let byte = |i: usize| u16::from(bytes.get(i).copied().unwrap_or(0));
        let pair = [byte(0) << 4 | byte(1) >> 4, (byte(1) & 15) << 8 | byte(2)];
        for (to, value) in values.as_chunks_mut::<2>().0.iter_mut().zip(pair) {
            *to = value.to_ne_bytes();
        }
    }
}

fn unpack_row<'a, T: 'a>(row: &[u8], bits: u32, out: impl Iterator<Item = &'a mut T>, store: impl Fn(&mut T, u32)) {
    let mut bytes = row.iter();
    let (mut held, mut count) = (0u64, 0u32);
    let mask = (1u64 << bits) - 1;
    for to in out {
        while count < bits {
            held = held << 8 | u64::from(bytes.next().copied().unwrap_or(0));
            count += 8;
        }
        count -= bits;
        store(to, (held >> count & mask) as u32);
    }
}

fn native24(bytes: [u8; 3]) -> u32 {
    let [a, b, c] = bytes;
    if cfg!(target_endian = "little") { u32::from_le_bytes([a, b, c, 0]) } else { u32::from_be_bytes([0, a, b, c]) }
}

/// 24-bit floats: sign, 7 bits of exponent with bias 63, 16 bits of fraction (Adobe Photoshop TIFF Technical Note 3).
fn float24(bits: u32) -> f32 {
    let sign = (bits >> 23 & 1) << 31;
    let exponent = bits >> 16 & 0x7f;
    let fraction = bits & 0xffff;
    let magnitude = match (exponent, fraction) {
        (0x7f, _) => 0x7f80_0000 | fraction << 7,
        (0, 0) => 0,
        (0, _) => {
            // Subnormal here is 2^-62 × fraction / 2^16, normal as a 32-bit float.
            let leading = fraction.leading_zeros() - 16;
            let normal = (fraction << (leading + 1)) & 0xffff;
            (127 - 63 - leading) << 23 | normal << 7
        }
        _ => (exponent + 127 - 63) << 23 | fraction << 7,
    };
    f32::from_bits(sign | magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_tiff::Compression;
    use proptest::prelude::*;

    fn widened(format: SampleFormat, bits: u16, width: u32, encoded: &[u8]) -> Vec<u8> {
        let spec = BlockSpec::new(width, 1, 1, bits, format, Compression::None);
        let mut out = vec![0; spec.output_len().unwrap()];
        widen(&spec, encoded, &mut out).unwrap();
        out
    }

    #[test]
    fn float24_follows_its_definition() {
        let value = |exponent: i32, fraction: f64| (2f64.powi(exponent) * fraction) as f32;
        assert_eq!(float24(0x3f_0000), 1.0);
        assert_eq!(float24(0xbf_8000), -1.5);
        assert_eq!(float24(0x7e_ffff), value(63, 1.0 + 65535.0 / 65536.0));
        assert_eq!(float24(0x01_0000), value(-62, 1.0));
        assert_eq!(float24(0x00_0001), value(-62 - 16, 1.0));
        assert_eq!(float24(0x80_8001), value(-62, -32769.0 / 65536.0));
        assert_eq!(float24(0x7f_0000), f32::INFINITY);
        assert!(float24(0x7f_8000).is_nan());
    }

    #[test]
    fn twenty_and_twentyfour_bits_are_packed() {
        let out = widened(SampleFormat::Uint, 20, 2, &[0x12, 0x34, 0x5a, 0xbc, 0xde]);
        assert_eq!(out, [0x12345u32.to_ne_bytes(), 0xabcdeu32.to_ne_bytes()].concat());
        assert_eq!(widened(SampleFormat::Uint, 24, 1, &[1, 2, 3]), 0x0001_0203_u32.to_ne_bytes());
    }

    proptest! {
        #[test]
        fn every_packed_depth_unpacks(
            bits in prop_oneof![1u16..8, 9u16..16, 17u16..32],
            width in 1usize..30,
            height in 1usize..4,
            seed in prop::collection::vec(any::<u32>(), 90),
        ) {
            let values: Vec<u32> = seed[..width * height].iter().map(|v| v & ((1u64 << bits) - 1) as u32).collect();
            // Written as a string of binary digits, row by row.
            let mut encoded = Vec::new();
            for row in values.chunks(width) {
                let digits: String = row.iter().map(|v| format!("{v:0width$b}", width = usize::from(bits))).collect();
                for byte in digits.as_bytes().chunks(8) {
                    let text = format!("{:0<8}", std::str::from_utf8(byte).unwrap());
                    encoded.push(u8::from_str_radix(&text, 2).unwrap());
                }
            }
            let spec = BlockSpec::new(width as u32, height as u32, 1, bits, SampleFormat::Uint, Compression::None);
            prop_assert_eq!(encoded.len(), spec.encoded_len().unwrap());
            let mut out = vec![0; spec.output_len().unwrap()];
            widen(&spec, &encoded, &mut out).unwrap();
            let size = spec.sample_type().unwrap().size();
            let want: Vec<u8> = values.iter().flat_map(|v| match size {
                1 => vec![*v as u8],
                2 => (*v as u16).to_ne_bytes().to_vec(),
                _ => v.to_ne_bytes().to_vec(),
            }).collect();
            prop_assert_eq!(out, want);
        }
    }
}
