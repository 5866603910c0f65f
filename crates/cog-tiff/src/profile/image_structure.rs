//! GDAL's domain IMAGE_STRUCTURE: how an image is stored.

use crate::color::Photometric;
use crate::compression::Compression;
use crate::gdal::Details;
use crate::gdal::GdalMetadata;
use crate::gdal::jpeg_tables;
use crate::ifd::Ifd;
use crate::image::Image;
use crate::layout::{PlanarConfiguration, Predictor};
use crate::profile::Profile;
use crate::tag::Tag;
use crate::tiff::Tiff;

/// The name of the domain.
pub(crate) const DOMAIN: &str = "IMAGE_STRUCTURE";

/// The items of the dataset. What GDAL_METADATA says in this domain counts for the few items that tags cannot tell.
pub(crate) fn items(
    tiff: &Tiff,
    ifd: &Ifd,
    image: &Image,
    profile: &Profile,
    details: &Details,
) -> Vec<(&'static str, String)> {
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
    if image.photometric == Photometric::MinIsWhite {
        items.push(("MINISWHITE", "YES".to_string()));
    }
    let predicted = matches!(
        image.compression,
        Compression::Lzw | Compression::AdobeDeflate | Compression::Deflate | Compression::Zstd
    );
    if predicted && image.predictor != Predictor::None {
        items.push(("PREDICTOR", image.predictor.code().to_string()));
    }
    let tables = ifd.value(Tag::JPEG_TABLES).and_then(|v| v.bytes()).filter(|_| image.bits == 8);
    // GDAL names the mode only where it can tell the quality.
    if let Some((tables, quality)) = tables.and_then(|tables| Some((tables, jpeg_tables::quality(tables)?))) {
        items.push(("JPEG_QUALITY", quality.to_string()));
        items.push(("JPEGTABLESMODE", jpeg_tables::mode(tables).to_string()));
    }
    let said = |name| said(&profile.metadata, name).map(str::to_string);
    match image.compression {
        Compression::Lerc => {
            let version = ifd.value(Tag::LERC_PARAMETERS).and_then(|v| v.u64_at(0)).unwrap_or(LERC_VERSION_2_4);
            items.extend((version == LERC_VERSION_2_4).then(|| ("LERC_VERSION", "2.4".to_string())));
            items.extend(said("MAX_Z_ERROR").map(|v| ("MAX_Z_ERROR", v)));
            items.extend(said("MAX_Z_ERROR_OVERVIEW").map(|v| ("MAX_Z_ERROR_OVERVIEW", v)));
        }
        Compression::WebP => {
            let lossless = details.webp_is_lossless();
            items.extend(
                lossless.map(|yes| ("COMPRESSION_REVERSIBILITY", if yes { "LOSSLESS" } else { "LOSSY" }.into())),
            );
            items.extend(said("WEBP_LEVEL").filter(|_| lossless != Some(true)).map(|v| ("WEBP_LEVEL", v)));
        }
        Compression::JpegXl | Compression::JpegXlDng => {
            let names = ["COMPRESSION_REVERSIBILITY", "JXL_DISTANCE", "JXL_ALPHA_DISTANCE", "JXL_EFFORT"];
            items.extend(names.into_iter().filter_map(|name| said(name).map(|v| (name, v))));
        }
        _ => {}
    }
    items
}

/// The first number of LercParameters for Lerc 2.4, the only version there is and the default.
const LERC_VERSION_2_4: u64 = 4;

/// The items of a band: its bits, if they do not fill the type.
pub(crate) fn band_items(image: &Image, profile: &Profile) -> Vec<(&'static str, String)> {
    let narrow_float = matches!(image.bits, 16 | 24) && profile.dtype == "float32";
    if image.bits % 8 == 0 && image.bits != 24 && !narrow_float {
        return Vec::new();
    }
    vec![("NBITS", image.bits.to_string())]
}

/// What GDAL_METADATA says in this domain.
fn said<'a>(metadata: &'a GdalMetadata, item: &str) -> Option<&'a str> {
    let here = |d: Option<&str>| d.is_some_and(|d| d.eq_ignore_ascii_case(DOMAIN));
    metadata.plain(None).filter(|(d, n, _)| here(*d) && n.eq_ignore_ascii_case(item)).last().map(|(_, _, value)| value)
}
