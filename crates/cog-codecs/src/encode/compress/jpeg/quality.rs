//! Quantisation tables by quality, as libjpeg scales those of ITU-T T.81, Annex K.1.

/// Where each coefficient, in the order of the coded data, stands in a block of rows.
#[rustfmt::skip]
pub(super) const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

#[rustfmt::skip]
const LUMINANCE: [u8; 64] = [
    16, 11, 10, 16,  24,  40,  51,  61,
    12, 12, 14, 19,  26,  58,  60,  55,
    14, 13, 16, 24,  40,  57,  69,  56,
    14, 17, 22, 29,  51,  87,  80,  62,
    18, 22, 37, 56,  68, 109, 103,  77,
    24, 35, 55, 64,  81, 104, 113,  92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103,  99,
];

#[rustfmt::skip]
const CHROMINANCE: [u8; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99,
    18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
];

/// For luma, and for components that are no YCbCr; row by row.
pub(super) fn luminance(quality: u8) -> [u8; 64] {
    scaled(&LUMINANCE, quality)
}

/// For chroma.
pub(super) fn chrominance(quality: u8) -> [u8; 64] {
    scaled(&CHROMINANCE, quality)
}

fn scaled(table: &[u8; 64], quality: u8) -> [u8; 64] {
    let quality = u32::from(quality.clamp(1, 100));
    let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    table.map(|step| ((u32::from(step) * scale + 50) / 100).clamp(1, 255) as u8)
}

/// A stream of tables only.
#[allow(clippy::indexing_slicing, reason = "places in an array of 64")]
pub(super) fn marked(tables: &[[u8; 64]]) -> Vec<u8> {
    let mut stream = vec![0xff, 0xd8];
    for (number, table) in tables.iter().enumerate() {
        stream.extend([0xff, 0xdb, 0, 67, number as u8]);
        stream.extend(ZIGZAG.map(|place| table[usize::from(place)]));
    }
    stream.extend([0xff, 0xd9]);
    stream
}
