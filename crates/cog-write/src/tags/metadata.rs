//! GDAL_METADATA: items as XML, in GDAL's form.

use cog_tiff::ColorInterpretation;

use crate::image::{Image, MetadataItem};

/// Domains that follow from the file, or have tags of their own.
const NOT_WRITTEN: [&str; 7] =
    ["IMAGE_STRUCTURE", "DERIVED_SUBDATASETS", "SUBDATASETS", "COLOR_PROFILE", "RPC", "EXIF", "xml:XMP"];

/// The text of the tag; `None` if there is nothing to say. `extra` are items of the image's structure, such as GDAL has of WebP.
pub(crate) fn xml(image: &Image, implied: &[ColorInterpretation], extra: &[MetadataItem]) -> Option<String> {
    let mut items: Vec<MetadataItem> = Vec::new();
    let written = |item: &&MetadataItem| {
        let domain = item.domain.as_deref().unwrap_or("");
        !NOT_WRITTEN.iter().any(|name| name.eq_ignore_ascii_case(domain)) && !has_own_tag(item)
    };
    items.extend(image.metadata.iter().filter(written).filter(|item| item.band.is_none()).cloned());
    items.extend_from_slice(extra);
    for band in 1..=u32::from(image.bands) {
        items.extend(image.metadata.iter().filter(written).filter(|item| item.band == Some(band)).cloned());
        let color = image.color(band as usize - 1);
        if implied.get(band as usize - 1) != Some(&color) {
            items.push(MetadataItem {
                name: "COLORINTERP".into(),
                value: gdal_name(&color),
                band: Some(band),
                role: Some("colorinterp".into()),
                domain: None,
            });
        }
    }
    if items.is_empty() {
        return None;
    }
    let lines: String = items.iter().map(line).collect();
    Some(format!("<GDALMetadata>\n{lines}</GDALMetadata>\n"))
}

/// True for items that are a TIFF tag of their own, or follow from one.
fn has_own_tag(item: &MetadataItem) -> bool {
    let plain = item.band.is_none() && item.role.is_none() && item.domain.is_none();
    plain && (item.name.starts_with("TIFFTAG_") || item.name == "AREA_OR_POINT")
        || item.role.as_deref() == Some("colorinterp")
}

/// GDAL escapes a value twice and a name once.
fn line(item: &MetadataItem) -> String {
    let mut line = format!("  <Item name=\"{}\"", escape(&item.name));
    if let Some(band) = item.band {
        line.push_str(&format!(" sample=\"{}\"", band - 1));
    }
    if let Some(role) = &item.role {
        line.push_str(&format!(" role=\"{}\"", escape(role)));
    }
    if let Some(domain) = &item.domain {
        line.push_str(&format!(" domain=\"{}\"", escape(domain)));
    }
    line.push_str(&format!(">{}</Item>\n", escape(&escape(&item.value))));
    line
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML knows no other control characters, and the tag ends at a NUL.
            c if c < ' ' && !matches!(c, '\t' | '\n' | '\r') => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// GDAL's name of a colour.
fn gdal_name(color: &ColorInterpretation) -> String {
    use ColorInterpretation as C;
    let name = match color {
        C::Named(name) => {
            return match name.as_str() {
                "nir" | "swir" | "mwir" | "lwir" | "tir" => name.to_uppercase(),
                "rededge" => "RedEdge".into(),
                "coastal" => "Coastal".into(),
                "pan" => "Pan".into(),
                "other_ir" => "OtherIR".into(),
                "hue" => "Hue".into(),
                "saturation" => "Saturation".into(),
                "lightness" => "Lightness".into(),
                "Y" | "Cb" | "Cr" => format!("YCbCr_{name}"),
                sar if sar.starts_with("sar_") => format!("SAR_{}", sar_band(sar)),
                other => other.into(),
            };
        }
        C::Gray => "Gray",
        C::Palette => "Palette",
        C::Red => "Red",
        C::Green => "Green",
        C::Blue => "Blue",
        C::Alpha => "Alpha",
        C::Cyan => "Cyan",
        C::Magenta => "Magenta",
        C::Yellow => "Yellow",
        C::Black => "Black",
        _ => "Undefined",
    };
    name.into()
}

/// `sar_ka` is `SAR_Ka`.
fn sar_band(name: &str) -> String {
    let mut letters = name.trim_start_matches("sar_").chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_raster::SampleType;

    /// What GDAL 3.10.3 wrote for the same items.
    #[test]
    fn the_text_is_gdals() {
        let mut image = Image::new(1, 1, 2, SampleType::U8);
        let item = |name: &str, value: &str, band, role: Option<&str>| MetadataItem {
            name: name.into(),
            value: value.into(),
            band,
            role: role.map(Into::into),
            domain: None,
        };
        image.metadata = vec![
            item("BAR", "1", Some(2), None),
            item("FOO", "a<b&c", None, None),
            item("TIFFTAG_SOFTWARE", "x", None, None),
            item("SCALE", "0.1", Some(1), Some("scale")),
        ];
        image.colors = vec![ColorInterpretation::Gray, ColorInterpretation::Alpha];
        let implied = [ColorInterpretation::Gray, ColorInterpretation::Undefined];
        let expected = "<GDALMetadata>\n  <Item name=\"FOO\">a&amp;lt;b&amp;amp;c</Item>\n  \
             <Item name=\"SCALE\" sample=\"0\" role=\"scale\">0.1</Item>\n  <Item name=\"BAR\" sample=\"1\">1</Item>\n  \
             <Item name=\"COLORINTERP\" sample=\"1\" role=\"colorinterp\">Alpha</Item>\n</GDALMetadata>\n";
        assert_eq!(xml(&image, &implied, &[]).as_deref(), Some(expected));
        assert_eq!(xml(&Image::new(1, 1, 1, SampleType::U8), &[ColorInterpretation::Gray], &[]), None);
    }
}
