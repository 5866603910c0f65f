//! image-webp, a decoder without C.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::{NAME, no_header};
use crate::error::{Error, Result};
use crate::foreign_panic::caught;
use crate::scratch::Scratch;

/// A stream whose header was read.
pub(super) struct Picture<'a> {
    decoder: WebPDecoder<Cursor<&'a [u8]>>,
}

impl<'a> Picture<'a> {
    pub(super) fn open(src: &'a [u8]) -> Result<Self> {
        // The decoder itself would not miss the last few bytes.
        let [b'R', b'I', b'F', b'F', a, b, c, d, ..] = *src else { return Err(no_header(src.len())) };
        let declared = u64::from(u32::from_le_bytes([a, b, c, d])) + 8;
        if declared > src.len() as u64 {
            return Err(Error::corrupt(NAME, format!("the picture of {declared} bytes is cut short at {}", src.len())));
        }
        let decoder =
            caught(NAME, || WebPDecoder::new(Cursor::new(src)).map_err(|e| Error::corrupt(NAME, e.to_string())))?;
        if decoder.is_animated() {
            return Err(Error::variant(NAME, "an animation"));
        }
        // The decoder makes room for the frame before it compares it with the canvas.
        let canvas = decoder.dimensions();
        if let Some((width, height)) = lossy_frame(src)
            && (width, height) != canvas
        {
            let cause = format!("a frame of {width} × {height} pixels on a canvas of {} × {}", canvas.0, canvas.1);
            return Err(Error::corrupt(NAME, cause));
        }
        Ok(Self { decoder })
    }

    /// Width and height.
    pub(super) fn size(&self) -> (u32, u32) {
        self.decoder.dimensions()
    }

    /// Decodes into `out`, which has 3 or 4 `bands`.
    pub(super) fn decode(mut self, bands: usize, scratch: &mut Scratch, out: &mut [u8]) -> Result<()> {
        let stored = if self.decoder.has_alpha() { 4 } else { 3 };
        let mut decode = |pixels: &mut [u8]| {
            caught(NAME, || self.decoder.read_image(pixels).map_err(|e| Error::corrupt(NAME, e.to_string())))
        };
        if stored == bands {
            return decode(out);
        }
        let len = out.len() / bands.max(1) * stored;
        let mut buffer = scratch.take_buffer::<Pixels>(NAME, len)?;
        let pixels = buffer.get_mut(..len).unwrap_or_default();
        let result = decode(pixels);
        if result.is_ok() {
            for (to, from) in out.chunks_exact_mut(bands.max(1)).zip(pixels.chunks_exact(stored)) {
                to.fill(255); // alpha that the picture has not
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
        }
        scratch.put_buffer::<Pixels>(buffer);
        result
    }
}

/// Pixels of a picture whose bands are not those of the block.
struct Pixels;

/// Width and height in the first lossy frame's own header (RFC 6386, 9.1), if there is one outside of an animation.
fn lossy_frame(src: &[u8]) -> Option<(u32, u32)> {
    let mut rest = src.get(12..)?;
    loop {
        let (kind, after) = rest.split_first_chunk::<4>()?;
        let (len, body) = after.split_first_chunk::<4>()?;
        if kind == b"VP8 " {
            let [w0, w1, h0, h1] = *body.get(6..)?.first_chunk::<4>()?;
            let number = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
            return Some((number(w0, w1), number(h0, h1)));
        }
        let len = u32::from_le_bytes(*len) as usize;
        rest = body.get(len.checked_add(len % 2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        for (kind, data) in chunks {
            body.extend(*kind);
            body.extend((data.len() as u32).to_le_bytes());
            body.extend(*data);
        }
        let mut all = b"RIFF".to_vec();
        all.extend((body.len() as u32).to_le_bytes());
        all.extend(body);
        all
    }

    /// An extended header of a canvas of 4 × 4 pixels.
    const CANVAS: (&[u8; 4], &[u8]) = (b"VP8X", &[0, 0, 0, 0, 3, 0, 0, 3, 0, 0]);

    /// A key frame's header: its start code, then width and height.
    fn frame(width: u16, height: u16) -> Vec<u8> {
        let mut header = vec![0x10, 0, 0, 0x9d, 1, 0x2a];
        header.extend(width.to_le_bytes());
        header.extend(height.to_le_bytes());
        header
    }

    #[test]
    fn a_frame_larger_than_its_canvas_is_refused_before_it_takes_memory() {
        let error = Picture::open(&riff(&[CANVAS, (b"VP8 ", &frame(16383, 16383))])).err().unwrap();
        assert_eq!(error.to_string(), "WebP: a frame of 16383 × 16383 pixels on a canvas of 4 × 4");
        let src = riff(&[CANVAS, (b"VP8 ", &frame(4, 4))]);
        let picture = Picture::open(&src).unwrap();
        assert_eq!(picture.size(), (4, 4));
        assert!(picture.decode(3, &mut Scratch::new(), &mut [0; 48]).is_err(), "there are no pixels in it");
    }

    #[test]
    fn a_stream_that_lost_its_last_byte_is_an_error() {
        let src = riff(&[(b"VP8 ", &frame(4, 4))]);
        let error = Picture::open(&src[..src.len() - 1]).err().unwrap();
        assert_eq!(error.to_string(), "WebP: the picture of 30 bytes is cut short at 29");
        assert_eq!(Picture::open(&[]).err().unwrap().to_string(), "WebP: no picture header in 0 bytes");
    }
}
