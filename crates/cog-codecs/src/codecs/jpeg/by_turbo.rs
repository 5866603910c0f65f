//! Blocks decoded by libjpeg-turbo, with the rules of this crate where its own are others: colours are what the caller
//! says, and every component has to come.

use crate::codecs::jpeg::bit_reader::BitReader;
use crate::codecs::jpeg::layout::{Layout, ScanHeader};
use crate::codecs::jpeg::name::NAME;
use crate::codecs::jpeg::picture::{MAX_SCANS, Rendering};
use crate::codecs::jpeg::sample::Sample;
use crate::codecs::jpeg::stream::{self, EOI, Frame, SOI, SOS};
use crate::codecs::jpeg::turbo::{Options, Picture};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

/// Whether libjpeg-turbo is asked for the upper `rows` rows of a picture.
///
/// Its interface has no pictures of two components, and it decodes all rows of others. Those are for our own decoder,
/// but for arithmetic coding, which that has not.
pub(super) fn takes(frame: &Frame, rows: usize) -> bool {
    frame.arithmetic || (frame.components != 2 && frame.height as usize == rows)
}

/// Decodes the upper `rows` rows of the picture in `joined` into `out`, which has just their length.
pub(super) fn decode(
    joined: &[u8],
    frame: &Frame,
    rendering: Rendering,
    rows: usize,
    scratch: &mut Scratch,
    out: &mut [u8],
) -> Result<()> {
    if frame.components == 2 {
        return Err(Error::variant(NAME, "arithmetic coding of two bands"));
    }
    if frame.height as usize > rows.saturating_mul(2) {
        // Arithmetic coded: each row costs time, even where the stream has ended long ago.
        return Err(Error::corrupt(NAME, format!("{} rows in a block of {rows}", frame.height)));
    }
    every_component_comes(joined)?;
    if frame.components != 3 {
        return decode_marked(joined, frame, rendering, rows, scratch, out);
    }
    // Of three components libjpeg guesses by their names what they are, if no marker tells.
    let mut marked = scratch.take_buffer::<Marked>(NAME, 0)?;
    marked.clear();
    marked.extend([0xff, SOI]);
    marked.extend(adobe(rendering == Rendering::Rgb));
    marked.extend(joined.get(2..).unwrap_or(&[]));
    let result = decode_marked(&marked, frame, rendering, rows, scratch, out);
    scratch.put_buffer::<Marked>(marked);
    result
}

/// The marker of Adobe's that says whether three components are YCbCr, else they are taken for RGB.
fn adobe(is_ycbcr: bool) -> [u8; 16] {
    let [a, d, o, b, e] = *b"Adobe";
    [0xff, 0xee, 0, 14, a, d, o, b, e, 0, 100, 0, 0, 0, 0, is_ycbcr.into()]
}

struct Marked;
struct Rows;

fn decode_marked(
    stream: &[u8],
    frame: &Frame,
    rendering: Rendering,
    rows: usize,
    scratch: &mut Scratch,
    out: &mut [u8],
) -> Result<()> {
    let picture = Picture::open(stream, Options { smooth: rendering != Rendering::Repeated, max_scans: MAX_SCANS })?;
    let size = (picture.width, picture.height, picture.precision);
    if size != (frame.width as usize, frame.height as usize, frame.precision.into()) {
        return Err(Error::corrupt(NAME, format!("libjpeg-turbo reads other sizes in the header: {size:?}")));
    }
    let bands = frame.components as usize;
    let len = picture.width * picture.height * bands;
    if frame.precision == u16::PRECISION {
        let samples = &mut scratch.slot::<Samples>().0;
        fit(samples, len)?;
        let samples = samples.get_mut(..len).unwrap_or_default();
        picture.decode_12(bands, samples)?;
        for (to, sample) in out.as_chunks_mut().0.iter_mut().zip(samples) {
            *to = sample.to_ne_bytes();
        }
        return Ok(());
    }
    if frame.height as usize == rows {
        return picture.decode_8(bands, out);
    }
    let mut all = scratch.take_buffer::<Rows>(NAME, len)?;
    let result = picture.decode_8(bands, all.get_mut(..len).unwrap_or_default());
    for (to, from) in out.iter_mut().zip(&all) {
        *to = *from;
    }
    scratch.put_buffer::<Rows>(all);
    result
}

/// Samples of 12 bits as the library writes them; a block's bytes need not lie where such numbers may.
#[derive(Default)]
struct Samples(Vec<i16>);

fn fit(samples: &mut Vec<i16>, len: usize) -> Result<()> {
    let more = len.saturating_sub(samples.len());
    samples.try_reserve_exact(more).map_err(|_| Error::OutOfMemory { codec: NAME, bytes: 2 * len })?;
    samples.resize(samples.len() + more, 0);
    Ok(())
}

/// An error if a component has no scan: libjpeg makes it gray, and does not say so.
fn every_component_comes(joined: &[u8]) -> Result<()> {
    let mut layout: Option<Layout> = None;
    let mut missing = Vec::new();
    let mut at = 0;
    loop {
        let segment = stream::segment(joined, at)?;
        at = segment.next;
        match (segment.marker, &layout) {
            (0xc0..=0xc2 | 0xc9 | 0xca, None) => {
                let parsed = Layout::parse(segment.marker, segment.payload)?;
                missing = (0..parsed.components.len()).collect();
                layout = Some(parsed);
            }
            (SOS, Some(layout)) => {
                let header = ScanHeader::parse(layout, segment.payload)?;
                if header.first == 0 {
                    missing.retain(|i| header.selected.iter().all(|selected| selected.component != *i));
                }
                if missing.is_empty() {
                    return Ok(());
                }
                at = BitReader::new(joined, at).next_marker();
            }
            (EOI, _) => return Err(Error::corrupt(NAME, "a component has no scan")),
            _ => {}
        }
    }
}
