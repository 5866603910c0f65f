//! The segments of a JPEG stream (ITU-T T.81 annex B): joining an abbreviated stream with its tables.

use crate::error::{Error, Result};

const NAME: &str = "JPEG";
pub(super) const SOI: u8 = 0xd8;
pub(super) const EOI: u8 = 0xd9;
pub(super) const SOS: u8 = 0xda;
pub(super) const DHT: u8 = 0xc4;
/// The conditioning of arithmetic coding.
pub(super) const DAC: u8 = 0xcc;
pub(super) const DQT: u8 = 0xdb;
pub(super) const DRI: u8 = 0xdd;

/// How a stream is coded, from its start-of-frame marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Process {
    Sequential,
    Progressive,
    /// Lossless, hierarchical: the number of its SOF marker.
    Other(u8),
}

/// The frame header (T.81 B.2.2).
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) process: Process,
    /// Arithmetic coding in place of Huffman codes.
    pub(super) arithmetic: bool,
    pub(super) precision: u8,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) components: u32,
    ids: [u8; 3],
    /// Sampling factors of the first components, across in the upper half.
    factors: [u8; 3],
    /// Where the header's payload begins in the joined stream.
    at: usize,
}

impl Frame {
    fn parse(marker: u8, payload: &[u8], at: usize) -> Result<Self> {
        let &[precision, h1, h0, w1, w0, components, ref rest @ ..] = payload else {
            return Err(Error::corrupt(NAME, format!("a frame header of {} bytes", payload.len())));
        };
        let process = match marker {
            0xc0 | 0xc1 | 0xc9 => Process::Sequential,
            0xc2 | 0xca => Process::Progressive,
            other => Process::Other(other & 15),
        };
        let (mut ids, mut factors) = ([0; 3], [0; 3]);
        for ((id, factor), component) in ids.iter_mut().zip(&mut factors).zip(rest.as_chunks::<3>().0) {
            [*id, *factor, _] = *component;
        }
        Ok(Self {
            process,
            arithmetic: matches!(marker, 0xc9 | 0xca),
            precision,
            width: u32::from(u16::from_be_bytes([w1, w0])),
            height: u32::from(u16::from_be_bytes([h1, h0])),
            components: u32::from(components),
            ids,
            factors,
            at,
        })
    }

    /// Whether chroma is subsampled as TIFF allows: by 1, 2 or 4, the luma not at all.
    pub(super) fn has_tiff_subsampling(&self) -> bool {
        matches!(self.factors, [luma, 0x11, 0x11] if matches!((luma >> 4, luma & 15), (1 | 2 | 4, 1 | 2 | 4)))
    }

    /// Whether the component identifiers are the letters R, G, B.
    pub(super) fn is_named_rgb(&self) -> bool {
        self.components == 3 && self.ids == *b"RGB"
    }

    /// Writes another number of rows into the joined stream.
    pub(super) fn set_height(&self, joined: &mut [u8], height: u32) {
        if let (Some(field), Ok(height)) = (joined.get_mut(self.at + 1..self.at + 3), u16::try_from(height)) {
            field.copy_from_slice(&height.to_be_bytes());
        }
    }
}

pub(super) struct Segment<'a> {
    pub(super) marker: u8,
    /// Without marker and length; empty for markers that stand alone.
    pub(super) payload: &'a [u8],
    /// Where the next segment begins.
    pub(super) next: usize,
}

/// The segment at `at`; fill bytes before it are skipped.
pub(super) fn segment(bytes: &[u8], at: usize) -> Result<Segment<'_>> {
    let cut = || Error::corrupt(NAME, format!("the header ends at byte {} of {}", at, bytes.len()));
    if bytes.get(at) != Some(&0xff) {
        return Err(if at < bytes.len() {
            Error::corrupt(NAME, format!("no marker at byte {at} of {}", bytes.len()))
        } else {
            cut()
        });
    }
    let fill = bytes.get(at..).map_or(0, |rest| rest.iter().take_while(|&&b| b == 0xff).count());
    let marker = *bytes.get(at + fill).ok_or_else(cut)?;
    let at = at + fill + 1;
    // SOI, EOI, RSTn and TEM have no length.
    if matches!(marker, 0x01 | 0xd0..=EOI) {
        return Ok(Segment { marker, payload: &[], next: at });
    }
    let &[high, low] = bytes.get(at..at + 2).and_then(|b| b.first_chunk::<2>()).ok_or_else(cut)?;
    let next = at + usize::from(u16::from_be_bytes([high, low]));
    let payload = bytes.get(at + 2..next).ok_or_else(cut)?;
    Ok(Segment { marker, payload, next })
}

pub(super) fn push(joined: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    // A payload came from a segment, so its length with the field itself fits 16 bits.
    let len = (payload.len() + 2) as u16;
    joined.extend([0xff, marker]);
    joined.extend(len.to_be_bytes());
    joined.extend(payload);
}

/// Writes into `joined` one complete stream: the tables of `tables`, then those and the picture of `stream`.
///
/// Markers that speak about colours (JFIF, Adobe) and comments are left out.
pub(super) fn join(tables: Option<&[u8]>, stream: &[u8], joined: &mut Vec<u8>) -> Result<Frame> {
    joined.clear();
    joined.extend([0xff, SOI]);
    let mut huffman = false;
    if let Some(tables) = tables.filter(|t| !t.is_empty()) {
        let mut at = 0;
        while at < tables.len() {
            let segment = segment(tables, at)?;
            match segment.marker {
                DQT | DHT | DAC | DRI => push(joined, segment.marker, segment.payload),
                EOI | SOS => break,
                _ => {}
            }
            huffman |= segment.marker == DHT;
            at = segment.next;
        }
    }
    let first = segment(stream, 0)?;
    if first.marker != SOI {
        return Err(Error::corrupt(NAME, format!("the stream begins with marker {:#04x}", first.marker)));
    }
    let mut frame = None;
    let mut at = first.next;
    loop {
        let segment = segment(stream, at)?;
        match segment.marker {
            DQT | DHT | DAC | DRI => {
                huffman |= segment.marker == DHT;
                push(joined, segment.marker, segment.payload);
            }
            // JPG (0xc8) is reserved; the rest of the row are frame headers.
            0xc0..=0xcf if segment.marker != 0xc8 => {
                if frame.is_some() {
                    return Err(Error::corrupt(NAME, "two frame headers"));
                }
                frame = Some(Frame::parse(segment.marker, segment.payload, joined.len() + 4)?);
                push(joined, segment.marker, segment.payload);
            }
            SOS => break,
            EOI => return Err(Error::corrupt(NAME, "the stream has no picture")),
            _ => {}
        }
        at = segment.next;
    }
    let frame = frame.ok_or_else(|| Error::corrupt(NAME, "no frame header before the picture"))?;
    if !huffman && !frame.arithmetic {
        // Motion JPEG: the typical tables of T.81 annex K are understood. This marker tells the decoder.
        push(joined, 0xe0, b"AVI1\0\0\0\0");
    }
    joined.extend(stream.get(at..).unwrap_or(&[]));
    Ok(frame)
}

/// Renames the components R, G, B of a joined stream to 1, 2, 3, in frame and scan headers.
pub(super) fn number_components(joined: &mut [u8]) {
    let mut at = 0;
    while let Some([0xff, marker]) = joined.get(at..).and_then(|b| b.first_chunk::<2>()).copied() {
        let len = match joined.get(at + 2..).and_then(|b| b.first_chunk::<2>()) {
            Some(len) if !matches!(marker, 0x00 | 0x01 | 0xd0..=EOI | 0xff) => usize::from(u16::from_be_bytes(*len)),
            _ => 0,
        };
        let (skip, stride) = match marker {
            0xc0..=0xc2 => (6, 3),
            SOS => (1, 2),
            _ => (usize::MAX, 1),
        };
        let payload = joined.get_mut(at + 4..(at + 2 + len).max(at + 4)).unwrap_or_default();
        for id in payload.iter_mut().skip(skip).step_by(stride).take(3) {
            *id = match *id {
                b'R' => 1,
                b'G' => 2,
                b'B' => 3,
                other => other,
            };
        }
        at += 2 + len;
        // Entropy-coded bytes follow a scan header: on to the next marker.
        if marker == SOS || len == 0 {
            let rest = joined.get(at..).unwrap_or_default();
            let next = rest.windows(2).position(|w| matches!(w, [0xff, b] if !matches!(b, 0 | 0xff | 0xd0..=0xd7)));
            at += next.unwrap_or(rest.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME: [u8; 19] = [0xff, 0xc0, 0, 17, 8, 0, 16, 0, 32, 3, b'R', 0x11, 0, b'G', 0x11, 0, b'B', 0x11, 0];
    const SCAN: [u8; 14] = [0xff, SOS, 0, 12, 3, b'R', 0, b'G', 0, b'B', 0, 0, 63, 0];

    fn stream() -> Vec<u8> {
        let adobe = [0xff, 0xee, 0, 4, 1, 2];
        [&[0xff, SOI][..], &adobe, &FRAME, &[0xff, DHT, 0, 3, 9], &SCAN, &[1, 2, 0xff, 0, 3, 0xff, EOI]].concat()
    }

    #[test]
    fn tables_come_first_and_colour_markers_go() {
        let tables = [0xff, SOI, 0xff, DQT, 0, 4, 7, 7, 0xff, EOI];
        let mut joined = Vec::new();
        let frame = join(Some(&tables), &stream(), &mut joined).unwrap();
        assert_eq!((frame.width, frame.height, frame.components, frame.precision), (32, 16, 3, 8));
        assert!(frame.is_named_rgb());
        let want = [
            &[0xff, SOI, 0xff, DQT, 0, 4, 7, 7][..],
            &FRAME,
            &[0xff, DHT, 0, 3, 9],
            &SCAN,
            &[1, 2, 0xff, 0, 3, 0xff, EOI],
        ];
        assert_eq!(joined, want.concat());
        frame.set_height(&mut joined, 9);
        assert_eq!(joined[13..15], [0, 9]);
    }

    #[test]
    fn letters_become_numbers_in_frame_and_scan() {
        let mut joined = stream();
        number_components(&mut joined);
        let ids: Vec<usize> = [18usize, 21, 24].into_iter().chain([37, 39, 41]).collect();
        assert_eq!(ids.iter().map(|&i| joined[i]).collect::<Vec<_>>(), [1, 2, 3, 1, 2, 3]);
    }

    #[test]
    fn a_stream_without_a_picture_is_an_error() {
        for broken in [&b""[..], &[0xff, SOI], &[0xff, SOI, 0xff, EOI], &[1, 2, 3], &[0xff, SOI, 0xff, DQT, 0xff, 0xff]]
        {
            assert!(join(None, broken, &mut Vec::new()).is_err(), "{broken:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_stream_or_an_error(
            tail in prop::collection::vec(prop_oneof![3 => any::<u8>(), 1 => Just(0xff), 1 => Just(0xda)], 0..200),
        ) {
            let bytes = [&[0xff, SOI][..], &tail].concat();
            let mut joined = Vec::new();
            let _ = join(Some(&tail), &bytes, &mut joined);
            number_components(&mut joined);
            number_components(&mut bytes.clone());
        }
    }
}
