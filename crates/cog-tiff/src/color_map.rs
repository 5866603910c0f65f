//! The colours that the samples of a band stand for.

use crate::color::Photometric;
use crate::gdal::Nodata;
use crate::ifd::Ifd;
use crate::image::Image;
use crate::tag::Tag;

/// Samples of more bits have no colour table, as in GDAL.
const MOST_BITS: u16 = 16;

/// A colour table: 8-bit red, green, blue and alpha of each sample value from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColorMap {
    entries: Vec<[u8; 4]>,
}

impl ColorMap {
    /// The table of an image's first band, as GDAL shows it: its ColorMap (TIFF 6.0), whatever the photometric interpretation;
    /// without one from white to black where 0 is white, and black and white for the only band of one bit. `None` for other
    /// images. The entry of `nodata` is transparent, all others are opaque.
    pub fn of(ifd: &Ifd, image: &Image, nodata: Option<Nodata>) -> Option<ColorMap> {
        if image.bits > MOST_BITS || image.converted_bands().is_some() {
            return None;
        }
        let transparent = nodata.map(|nodata| nodata.as_f64().trunc());
        let stored = ColorMap::stored(ifd, image.bits, transparent);
        let last = (1u32 << image.bits) - 1;
        let gray = |value: u32| [(255 * value / last.max(1)) as u8; 3];
        let opaque = |[r, g, b]: [u8; 3]| [r, g, b, 255];
        stored.or_else(|| match image.photometric {
            Photometric::MinIsWhite => Some(ColorMap { entries: (0..=last).map(|i| opaque(gray(last - i))).collect() }),
            _ if image.bits == 1 && image.samples == 1 => {
                Some(ColorMap { entries: (0..=last).map(|i| opaque(gray(i))).collect() })
            }
            _ => None,
        })
    }

    /// True if the IFD has a ColorMap that fits samples of so many bits.
    pub(crate) fn is_stored(ifd: &Ifd, bits: u16) -> bool {
        bits <= MOST_BITS
            && ifd.value(Tag::COLOR_MAP).is_some_and(|v| v.len() == 3usize << bits && v.u64_at(0).is_some())
    }

    /// What is doubtful about the tag, in a line for people.
    pub(crate) fn doubt(ifd: &Ifd, image: &Image) -> Option<String> {
        let wanted = 3u64 << image.bits.min(MOST_BITS);
        match ifd.entry(Tag::COLOR_MAP) {
            Some(entry) if image.bits <= MOST_BITS && entry.count != wanted => {
                let (count, bits) = (entry.count, image.bits);
                Some(format!("ColorMap holds {count} values, samples of {bits} bits need {wanted}: it is ignored"))
            }
            Some(_) if image.bits > MOST_BITS => {
                Some(format!("ColorMap for samples of {} bits is ignored", image.bits))
            }
            None if image.photometric == Photometric::Palette => {
                Some("a palette image without a ColorMap: its indices are shown as gray".to_string())
            }
            _ => None,
        }
    }

    /// The 16-bit values become 8-bit ones as GDAL does it: divided by 257, by 256 if every one of them is a multiple of 256, and
    /// not at all if none exceeds 255, as some writers have it.
    fn stored(ifd: &Ifd, bits: u16, transparent: Option<f64>) -> Option<ColorMap> {
        if !ColorMap::is_stored(ifd, bits) {
            return None;
        }
        let values = ifd.value(Tag::COLOR_MAP)?.u64s()?;
        let divisor = match values.iter().max() {
            Some(..=255) => 1,
            _ if values.iter().all(|v| v % 256 == 0) => 256,
            _ => 257,
        };
        let shade = |v: &u64| u8::try_from(v / divisor).unwrap_or(u8::MAX);
        let (reds, rest) = values.split_at(values.len() / 3);
        let (greens, blues) = rest.split_at(rest.len() / 2);
        let entries = reds.iter().zip(greens).zip(blues).enumerate().map(|(i, ((r, g), b))| {
            let alpha = if transparent.is_some_and(|n| n == i as f64) { 0 } else { 255 };
            [shade(r), shade(g), shade(b), alpha]
        });
        Some(ColorMap { entries: entries.collect() })
    }

    /// Red, green, blue and alpha of each sample value from 0.
    pub fn entries(&self) -> &[[u8; 4]] {
        &self.entries
    }

    /// The colour of a sample; `None` behind the end of the map.
    pub fn get(&self, sample: usize) -> Option<[u8; 4]> {
        self.entries.get(sample).copied()
    }
}
