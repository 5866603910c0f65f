//! What a JPEGTables tag says about how the file was written.

/// The luminance quantisation table of ITU-T T.81 Annex K.1, in zigzag order.
const LUMINANCE: [u16; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61,
    60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113,
    121, 112, 100, 120, 92, 101, 103, 99,
];

const QUANTISATION: u8 = 0xdb;
const HUFFMAN: u8 = 0xc4;

/// The quality (1 to 100) at which libjpeg makes the luminance table that the stream holds; `None` if it holds none, or
/// another one.
pub(crate) fn quality(stream: &[u8]) -> Option<u8> {
    let table = segments(stream).filter(|(marker, _)| *marker == QUANTISATION).find_map(|(_, body)| {
        // Precision 0 (8 bits), destination 0.
        body.split_first().filter(|(id, _)| **id == 0).and_then(|(_, rest)| rest.get(..64))
    })?;
    (1..=100u8).find(|quality| {
        let q = u16::from(*quality);
        let scale = if q < 50 { 5000 / q } else { 200 - q * 2 };
        let scaled = |v: u16| ((u32::from(v) * u32::from(scale) + 50) / 100).clamp(1, 255);
        LUMINANCE.iter().zip(table).all(|(standard, v)| scaled(*standard) == u32::from(*v))
    })
}

/// libtiff's JPEGTablesMode: 1 with quantisation tables, 2 with Huffman tables, 3 with both.
pub(crate) fn mode(stream: &[u8]) -> u8 {
    segments(stream).fold(0, |mode, (marker, _)| match marker {
        QUANTISATION => mode | 1,
        HUFFMAN => mode | 2,
        _ => mode,
    })
}

/// Marker and body of each segment behind the SOI.
fn segments(stream: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = stream.strip_prefix(&[0xff, 0xd8]).unwrap_or(&[]);
    std::iter::from_fn(move || {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        let len = usize::from(u16::from_be_bytes([high, low]));
        let body = rest.get(4..2 + len)?;
        rest = rest.get(2 + len..)?;
        Some((marker, body))
    })
}
