//! What is to be known of an image before its first pixel is written.

use cog_raster::{Nodata, SampleType};
use cog_tiff::{ColorInterpretation, Tag, Value};

use crate::error::{Error, Result};

/// Everything about an image but its pixels: what its IFD will say.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Image {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bands.
    pub bands: u16,
    /// The type of the samples.
    pub sample: SampleType,
    /// Bits of a sample as they are stored: those of the type unless set. Unsigned integers may have fewer.
    pub bits: u16,
    /// True if the source gives a mask that is to be written as one.
    pub mask: bool,
    /// The value of samples without data.
    pub nodata: Option<Nodata>,
    /// What each band shows. One that is missing is gray, red, green or blue by the number of bands, else undefined.
    pub colors: Vec<ColorInterpretation>,
    /// Red, green and blue of each value of the only band; as many entries as the bits of a sample can count.
    pub palette: Option<Vec<[u8; 3]>>,
    /// True if colours are premultiplied with alpha.
    pub premultiplied: bool,
    /// Metadata as GDAL keeps it, in order.
    pub metadata: Vec<MetadataItem>,
    /// Other tags of full resolution, ready as they are: georeference, ICC profile, XMP, texts. Tags that follow from the layout
    /// of the file are not taken.
    pub tags: Vec<(Tag, Value)>,
}

/// An item of GDAL_METADATA.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct MetadataItem {
    /// Its name.
    pub name: String,
    /// Its text.
    pub value: String,
    /// The band it belongs to, counted from 1; `None` for the image.
    pub band: Option<u32>,
    /// What GDAL uses it for: `scale`, `offset`, `description`, `unittype`.
    pub role: Option<String>,
    /// The metadata domain; `None` for the default one.
    pub domain: Option<String>,
}

impl Image {
    /// An image of plain bands: no mask, no nodata, not tied to the Earth. Set the other fields where they are known.
    pub fn new(width: u32, height: u32, bands: u16, sample: SampleType) -> Image {
        Image {
            width,
            height,
            bands,
            sample,
            bits: 8 * sample.size() as u16,
            mask: false,
            nodata: None,
            colors: Vec::new(),
            palette: None,
            premultiplied: false,
            metadata: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// What a band shows, counted from 0.
    pub(crate) fn color(&self, band: usize) -> ColorInterpretation {
        use ColorInterpretation as C;
        let by_number = || match (self.bands, band) {
            _ if self.palette.is_some() => C::Palette,
            (3 | 4, 0) => C::Red,
            (3 | 4, 1) => C::Green,
            (3 | 4, 2) => C::Blue,
            (_, 0) => C::Gray,
            _ => C::Undefined,
        };
        self.colors.get(band).cloned().unwrap_or_else(by_number)
    }

    /// The band that is alpha, counted from 0: the last that says so.
    pub fn alpha(&self) -> Option<usize> {
        let all = (0..usize::from(self.bands)).rev();
        all.into_iter().find(|band| *band > 0 && self.color(*band) == ColorInterpretation::Alpha)
    }

    /// True if the first bands are red, green and blue.
    pub fn is_rgb(&self) -> bool {
        use ColorInterpretation as C;
        self.bands >= 3 && [C::Red, C::Green, C::Blue].into_iter().enumerate().all(|(i, c)| self.color(i) == c)
    }

    /// True for three bands of bytes, which JPEG takes for red, green and blue, whatever they show (GDAL).
    pub fn is_three_bytes(&self) -> bool {
        self.bands == 3 && self.sample == SampleType::U8 && self.bits == 8
    }

    /// Refuses what no file can hold.
    pub(crate) fn check(&self) -> Result<()> {
        let wrong = |text: String| Err(Error::Option(text));
        let full = 8 * self.sample.size() as u16;
        if self.width == 0 || self.height == 0 || self.bands == 0 {
            return wrong(format!(
                "an image of {} × {} pixels and {} bands has no pixel",
                self.width, self.height, self.bands
            ));
        }
        let narrow = matches!(self.sample, SampleType::U8 | SampleType::U16 | SampleType::U32);
        if self.bits != full && !(narrow && self.bits > 0 && self.bits < full) {
            return wrong(format!("samples of {} cannot have {} bits", self.sample, self.bits));
        }
        if let Some(palette) = &self.palette {
            let whole = matches!(self.sample, SampleType::U8 | SampleType::U16);
            if self.bands != 1 || !whole || palette.len() != 1 << self.bits {
                let (bands, bits, colors) = (self.bands, self.bits, palette.len());
                return wrong(format!(
                    "a palette of {colors} colours does not go with {bands} bands of {} with {bits} bits",
                    self.sample
                ));
            }
        }
        Ok(())
    }
}
