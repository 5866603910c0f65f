//! Metadata as GDAL presents it: items by domain, from GDAL_METADATA and from TIFF tags.

use std::collections::HashMap;

use crate::color::Photometric;
use crate::compression::Compression;
use crate::gdal::jpeg_tables;
use crate::ifd::Ifd;
use crate::image::Image;
use crate::layout::{PlanarConfiguration, Predictor};
use crate::profile::Profile;
use crate::tag::Tag;
use crate::tiff::Tiff;

/// Items of one metadata domain; the default domain has no name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Domain {
    /// Its name: "", "IMAGE_STRUCTURE", or what the file says.
    pub name: String,
    /// (name, value) in file order.
    pub items: Vec<(String, String)>,
}

/// TIFF tags that GDAL shows as metadata.
const TEXT_TAGS: [(Tag, &str); 8] = [
    (Tag::DOCUMENT_NAME, "TIFFTAG_DOCUMENTNAME"),
    (Tag::IMAGE_DESCRIPTION, "TIFFTAG_IMAGEDESCRIPTION"),
    (Tag::SOFTWARE, "TIFFTAG_SOFTWARE"),
    (Tag::DATE_TIME, "TIFFTAG_DATETIME"),
    (Tag::ARTIST, "TIFFTAG_ARTIST"),
    (Tag::HOST_COMPUTER, "TIFFTAG_HOSTCOMPUTER"),
    (Tag::COPYRIGHT, "TIFFTAG_COPYRIGHT"),
    (Tag::TIFF_RSID, "TIFFTAG_RSID"),
];

impl Profile {
    /// Metadata of the dataset, as rasterio's `tags()` of each domain.
    pub fn tags(&self, tiff: &Tiff, ifd: &Ifd) -> Vec<Domain> {
        let mut domains = Domains::default();
        for (name, value) in tag_items(ifd) {
            domains.put("", &name, value);
        }
        for (domain, name, value) in self.metadata.plain(None) {
            domains.put(domain.unwrap_or(""), name, value.to_string());
        }
        if self.geo_keys.as_ref().is_some_and(|keys| keys.model_type().is_some() || keys.pixel_is_point()) {
            let point = self.geo_keys.as_ref().is_some_and(|keys| keys.pixel_is_point());
            domains.put("", "AREA_OR_POINT", if point { "Point" } else { "Area" }.to_string());
        }
        for (domain, name, value) in self.pam.iter().flat_map(|pam| pam.metadata.plain(None)) {
            domains.put(domain.unwrap_or(""), name, value.to_string());
        }
        if let Ok(image) = Image::of(ifd) {
            for (name, value) in image_structure(tiff, ifd, &image, self) {
                domains.put("IMAGE_STRUCTURE", name, value);
            }
        }
        // The default domain first; the sort keeps the order of the others.
        domains.list.sort_by_key(|domain| !domain.name.is_empty());
        domains.list
    }

    /// Metadata of a band, counted from 0, as rasterio's `tags(band)` of each domain.
    pub fn band_tags(&self, ifd: &Ifd, band: u32) -> Vec<Domain> {
        let mut domains = Domains::default();
        for (domain, name, value) in self.metadata.plain(Some(band)) {
            domains.put(domain.unwrap_or(""), name, value.to_string());
        }
        if let Ok(image) = Image::of(ifd) {
            if image.bits % 8 != 0 || (image.bits == 16 || image.bits == 24) && self.dtype == "float32" {
                domains.put("IMAGE_STRUCTURE", "NBITS", image.bits.to_string());
            }
        }
        domains.list
    }
}

/// Domains in the order of their first items; of items with the same name the last one counts.
#[derive(Default)]
struct Domains {
    list: Vec<Domain>,
    domains: HashMap<String, usize>,
    items: HashMap<(usize, String), usize>,
}

impl Domains {
    fn put(&mut self, domain: &str, name: &str, value: String) {
        let at = self.domains.get(domain).copied().unwrap_or_else(|| {
            self.list.push(Domain { name: domain.to_string(), items: Vec::new() });
            self.domains.insert(domain.to_string(), self.list.len() - 1);
            self.list.len() - 1
        });
        let Some(domain) = self.list.get_mut(at) else { return };
        let item = *self.items.entry((at, name.to_string())).or_insert(domain.items.len());
        match domain.items.get_mut(item) {
            Some(old) => old.1 = value,
            None => domain.items.push((name.to_string(), value)),
        }
    }
}

fn tag_items(ifd: &Ifd) -> Vec<(String, String)> {
    let mut items = Vec::new();
    let mut push = |name: &str, value: String| items.push((name.to_string(), value));
    for (tag, name) in TEXT_TAGS {
        if let Some(text) = ifd.text(tag) {
            push(name, text);
        }
    }
    for (tag, name) in [(Tag::X_RESOLUTION, "TIFFTAG_XRESOLUTION"), (Tag::Y_RESOLUTION, "TIFFTAG_YRESOLUTION")] {
        if let Some(value) = ifd.value(tag).and_then(|v| v.f64_at(0)) {
            push(name, eight_digits(value as f32));
        }
    }
    if let Some(unit) = ifd.u64(Tag::RESOLUTION_UNIT) {
        let meaning = match unit {
            1 => "1 (unitless)".to_string(),
            2 => "2 (pixels/inch)".to_string(),
            3 => "3 (pixels/cm)".to_string(),
            other => other.to_string(),
        };
        push("TIFFTAG_RESOLUTIONUNIT", meaning);
    }
    for (tag, name) in
        [(Tag::MIN_SAMPLE_VALUE, "TIFFTAG_MINSAMPLEVALUE"), (Tag::MAX_SAMPLE_VALUE, "TIFFTAG_MAXSAMPLEVALUE")]
    {
        if let Some(value) = ifd.u64(tag) {
            push(name, value.to_string());
        }
    }
    items
}

/// C's `%.8g`.
fn eight_digits(value: f32) -> String {
    let value = f64::from(value);
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let exponent = value.abs().log10().floor() as i32;
    if !(-5..8).contains(&exponent) {
        let text = format!("{value:.7e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let mantissa =
            if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let decimals = usize::try_from(7 - exponent).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

/// GDAL's IMAGE_STRUCTURE domain, as far as it follows from tags alone.
fn image_structure(tiff: &Tiff, ifd: &Ifd, image: &Image, profile: &Profile) -> Vec<(&'static str, String)> {
    let mut items = Vec::new();
    let ycbcr_jpeg = image.photometric == Photometric::YCbCr && image.compression == Compression::Jpeg;
    if ycbcr_jpeg {
        items.push(("COMPRESSION", "YCbCr JPEG".to_string()));
    } else if let Some(name) = &profile.compress {
        items.push(("COMPRESSION", name.to_ascii_uppercase()));
    }
    let chunky = image.planar == PlanarConfiguration::Chunky && profile.count > 1;
    items.push(("INTERLEAVE", if chunky { "PIXEL" } else { "BAND" }.to_string()));
    if tiff.ghost().is_some_and(|ghost| ghost.ifds_before_data()) {
        items.push(("LAYOUT", "COG".to_string()));
    }
    let source = match image.photometric {
        Photometric::YCbCr => Some("YCbCr"),
        Photometric::Separated if image.converted_bands().is_some() => Some("CMYK"),
        Photometric::CieLab if image.converted_bands().is_some() => Some("CIELAB"),
        _ => None,
    };
    items.extend(source.map(|name| ("SOURCE_COLOR_SPACE", name.to_string())));
    if image.photometric == Photometric::MinIsWhite && profile.count == 1 {
        items.push(("MINISWHITE", "YES".to_string()));
    }
    let predicted = matches!(
        image.compression,
        Compression::Lzw | Compression::AdobeDeflate | Compression::Deflate | Compression::Zstd
    );
    if predicted && image.predictor != Predictor::None {
        items.push(("PREDICTOR", image.predictor.code().to_string()));
    }
    if let Some(tables) = ifd.value(Tag::JPEG_TABLES).and_then(|v| v.bytes()) {
        if let Some(quality) = jpeg_tables::quality(tables) {
            items.push(("JPEG_QUALITY", quality.to_string()));
        }
        items.push(("JPEGTABLESMODE", jpeg_tables::mode(tables).to_string()));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolutions_have_eight_significant_digits() {
        for (value, text) in
            [(72.8, "72.800003"), (300.0, "300"), (833.33344, "833.33344"), (0.0, "0"), (28.35, "28.35")]
        {
            assert_eq!(eight_digits(value), text);
        }
        assert_eq!(eight_digits(1.5e-9), "1.5e-09");
    }
}
