//! The colours of a palette image.

use crate::ifd::Ifd;
use crate::tag::Tag;

/// The colours that the samples of a palette image stand for (TIFF 6.0, ColorMap), as 8-bit red, green, blue and alpha.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColorMap {
    entries: Vec<[u8; 4]>,
}

impl ColorMap {
    /// Reads the map of an IFD; `None` if it has none, or one whose length is no multiple of three. The entry of `nodata` is
    /// transparent, all others are opaque.
    ///
    /// The 16-bit values become 8-bit ones as GDAL does it: divided by 257, or by 256 if every one of them is a multiple of 256.
    pub fn of(ifd: &Ifd, nodata: Option<f64>) -> Option<ColorMap> {
        let values = ifd.value(Tag::COLOR_MAP)?.u64s()?;
        let count = values.len() / 3;
        if count == 0 || count * 3 != values.len() {
            return None;
        }
        let divisor = if values.iter().all(|v| v % 256 == 0) { 256 } else { 257 };
        let shade = |v: &u64| u8::try_from(v / divisor).unwrap_or(u8::MAX);
        let (reds, rest) = values.split_at(count);
        let (greens, blues) = rest.split_at(count);
        let entries = reds.iter().zip(greens).zip(blues).enumerate().map(|(i, ((r, g), b))| {
            let alpha = if nodata.is_some_and(|n| n == i as f64) { 0 } else { 255 };
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
