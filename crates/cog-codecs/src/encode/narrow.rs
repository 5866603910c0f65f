//! Samples stored in fewer bits than they are handed in with: packed integers and half floats.

use cog_tiff::SampleType;

/// Writes the samples of `row`, little-endian, to `out` in `bits` bits each, most significant bit first (TIFF 6.0, FillOrder 1);
/// the last byte is filled up with 0. Numbers that are too large become the largest, as in GDAL; `F32` becomes half floats.
pub(super) fn narrow(row: &[u8], sample_type: SampleType, bits: u16, out: &mut [u8]) {
    match (sample_type, bits) {
        (SampleType::F32, _) => {
            for (to, from) in out.as_chunks_mut::<2>().0.iter_mut().zip(row.as_chunks::<4>().0) {
                *to = half::f16::from_f32(f32::from_le_bytes(*from)).to_le_bytes();
            }
        }
        (SampleType::U8, 1) => masks(row, out),
        (SampleType::U8, _) => packed(row.iter().map(|&v| u32::from(v)), bits.into(), out),
        (SampleType::U16, _) => {
            packed(row.as_chunks().0.iter().map(|&v| u32::from(u16::from_le_bytes(v))), bits.into(), out);
        }
        _ => packed(row.as_chunks().0.iter().map(|&v| u32::from_le_bytes(v)), bits.into(), out),
    }
}

/// Eight samples a byte, 1 for all but 0.
fn masks(row: &[u8], out: &mut [u8]) {
    for (to, samples) in out.iter_mut().zip(row.chunks(8)) {
        let mut eight = [0; 8];
        eight.iter_mut().zip(samples).for_each(|(to, from)| *to = *from);
        *to = eight.iter().fold(0, |byte, &sample| byte << 1 | u8::from(sample != 0));
    }
}

fn packed(samples: impl Iterator<Item = u32>, bits: u32, out: &mut [u8]) {
    let most = ((1u64 << bits) - 1) as u32;
    let mut bytes = out.iter_mut();
    let (mut held, mut count) = (0u64, 0);
    for sample in samples {
        held = held << bits | u64::from(sample.min(most));
        count += bits;
        while count >= 8 {
            count -= 8;
            if let Some(to) = bytes.next() {
                *to = (held >> count) as u8;
            }
        }
    }
    if count > 0
        && let Some(to) = bytes.next()
    {
        *to = (held << (8 - count)) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_packed_from_the_top() {
        let mut out = [0xff; 2];
        narrow(&[1, 0, 255, 0, 0, 0, 0, 2, 1], SampleType::U8, 1, &mut out);
        assert_eq!(out, [0b1010_0001, 0b1000_0000]);
        let mut out = [0xff; 2];
        narrow(&[1, 2, 9, 4], SampleType::U8, 3, &mut out);
        assert_eq!(out, [0b0010_1011, 0b1100_0000], "9 is too large for three bits");
    }

    #[test]
    fn twelve_and_twenty_bits_are_packed_too() {
        let row: Vec<u8> = [0x123u16, 0x4567].iter().flat_map(|v| v.to_le_bytes()).collect();
        let mut out = [0; 3];
        narrow(&row, SampleType::U16, 12, &mut out);
        assert_eq!(out, [0x12, 0x3f, 0xff]);
        let row: Vec<u8> = [0x12345u32, 0xabcde].iter().flat_map(|v| v.to_le_bytes()).collect();
        let mut out = [0; 5];
        narrow(&row, SampleType::U32, 20, &mut out);
        assert_eq!(out, [0x12, 0x34, 0x5a, 0xbc, 0xde]);
    }

    #[test]
    fn floats_are_halved_to_the_nearest() {
        let row: Vec<u8> = [1.0f32, 65520.0, 2049.0, -0.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        let mut out = [0; 8];
        narrow(&row, SampleType::F32, 16, &mut out);
        // 65520 is half-way to what would be 65536: infinity. 2049 lies between two, the even one is 2048.
        assert_eq!(out, [0, 0x3c, 0, 0x7c, 0, 0x68, 0, 0x80]);
    }
}
