//! The tags of the images of a file.

pub(crate) mod geo_keys;
mod metadata;

use cog_codecs::encode::{BlockShape, EncodeCodec, Encoding, JpegColors};
use cog_tiff::{ColorInterpretation, ExtraSample, Nodata, Photometric, Tag, Value};

use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::image::{Image, MetadataItem};
use crate::layout::field::Field;

/// How the blocks of an image are encoded, as its tags say it.
#[derive(Clone, Debug)]
pub(crate) struct Coded {
    pub(crate) encoding: Encoding,
    pub(crate) shape: BlockShape,
    /// JPEGTables, where the codec has them.
    pub(crate) tables: Option<Vec<u8>>,
}

/// Which image of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Full,
    Overview,
}

/// What samples mean by the photometric interpretation and the extra samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) photometric: Photometric,
    extra: Vec<u16>,
    implied: Vec<ColorInterpretation>,
}

impl Meaning {
    /// As GDAL's driver chooses it.
    pub(crate) fn of(image: &Image, codec: &EncodeCodec) -> Meaning {
        use ColorInterpretation as C;
        let bands = usize::from(image.bands);
        let whole = matches!(image.sample, cog_raster::SampleType::U8 | cog_raster::SampleType::U16);
        let ycbcr = matches!(codec, EncodeCodec::Jpeg { colors: JpegColors::YCbCr, .. });
        let (photometric, mut implied) = match image.palette {
            Some(_) => (Photometric::Palette, vec![C::Palette]),
            None if ycbcr && image.is_three_bytes() => (Photometric::YCbCr, vec![C::Red, C::Green, C::Blue]),
            None if image.is_rgb() && whole && (bands == 3 || image.alpha() == Some(3) || bands > 3) => {
                (Photometric::Rgb, vec![C::Red, C::Green, C::Blue])
            }
            None => (Photometric::MinIsBlack, vec![C::Gray]),
        };
        let alpha = if image.premultiplied { ExtraSample::AssociatedAlpha } else { ExtraSample::UnassociatedAlpha };
        let mut extra = Vec::new();
        for band in implied.len()..bands {
            let is_alpha = image.alpha() == Some(band);
            extra.push(match (is_alpha, alpha) {
                (false, _) => 0,
                (true, ExtraSample::AssociatedAlpha) => 1,
                (true, _) => 2,
            });
            implied.push(if is_alpha { C::Alpha } else { C::Undefined });
        }
        Meaning { photometric, extra, implied }
    }

    /// As tags that are copied say it.
    fn of_tags(image: &Image, tags: &[(Tag, Value)]) -> Meaning {
        use ColorInterpretation as C;
        let find = |tag: Tag| tags.iter().find(|(t, _)| *t == tag).map(|(_, value)| value);
        let photometric = find(Tag::PHOTOMETRIC).and_then(|value| value.u64_at(0)).unwrap_or(1);
        let photometric = Photometric::from_code(photometric as u16);
        let bands = usize::from(image.bands);
        let mut implied = match photometric {
            Photometric::Rgb | Photometric::YCbCr => vec![C::Red, C::Green, C::Blue],
            Photometric::Palette => vec![C::Palette],
            Photometric::Separated => vec![C::Cyan, C::Magenta, C::Yellow, C::Black],
            _ => vec![C::Gray],
        };
        implied.truncate(bands);
        let extra = find(Tag::EXTRA_SAMPLES).and_then(Value::u64s).unwrap_or_default();
        let extra: Vec<u16> = extra.into_iter().map(|code| code as u16).collect();
        for band in implied.len()..bands {
            let code = (band + extra.len()).checked_sub(bands).and_then(|place| extra.get(place));
            implied.push(if matches!(code, Some(1 | 2)) { C::Alpha } else { C::Undefined });
        }
        Meaning { photometric, extra, implied }
    }
}

/// Tags that this crate sets by itself, and those that make sense for the source's layout only.
fn is_ours(tag: Tag) -> bool {
    let first = Tag::NEW_SUBFILE_TYPE.0..=Tag::FILL_ORDER.0;
    let layout = [
        Tag::STRIP_OFFSETS,
        Tag::ORIENTATION,
        Tag::SAMPLES_PER_PIXEL,
        Tag::ROWS_PER_STRIP,
        Tag::STRIP_BYTE_COUNTS,
        Tag::PLANAR_CONFIGURATION,
        Tag::PREDICTOR,
        Tag::COLOR_MAP,
        Tag::TILE_WIDTH,
        Tag::TILE_LENGTH,
        Tag::TILE_OFFSETS,
        Tag::TILE_BYTE_COUNTS,
        Tag::SUB_IFDS,
        Tag::EXTRA_SAMPLES,
        Tag::SAMPLE_FORMAT,
        Tag::JPEG_TABLES,
        Tag::YCBCR_SUB_SAMPLING,
        Tag::REFERENCE_BLACK_WHITE,
        Tag::LERC_PARAMETERS,
        Tag::EXIF_IFD,
        Tag::GPS_IFD,
        Tag::GDAL_METADATA,
        Tag::GDAL_NODATA,
    ];
    first.contains(&tag.0) || layout.contains(&tag)
}

/// How the blocks of an image lie in the file: encoded here, or copied.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Blocks<'a> {
    Coded(&'a Coded),
    Copied(&'a [(Tag, Value)]),
}

/// The tags of an image or an overview, without its tables of blocks. `structure` are items of the image's structure.
///
/// # Errors
/// Tags of the image that no TIFF can hold.
pub(crate) fn of_image(
    image: &Image,
    role: Role,
    grid: &Grid,
    blocks: Blocks<'_>,
    structure: &[MetadataItem],
) -> Result<Vec<Field>> {
    let (mut fields, meaning) = match blocks {
        Blocks::Coded(coded) => {
            let meaning = Meaning::of(image, &coded.encoding.codec);
            let mut fields = of_blocks(grid, coded, meaning.photometric);
            if !meaning.extra.is_empty() {
                fields.push(Field::shorts(Tag::EXTRA_SAMPLES, meaning.extra.iter().copied()));
            }
            if let Some(palette) = &image.palette {
                // Times 257, so that 255 becomes 65535 (GDAL).
                let shade = |channel: usize, color: &[u8; 3]| color.get(channel).map_or(0, |v| 257 * u16::from(*v));
                let shades = (0..3).flat_map(|channel| palette.iter().map(move |color| shade(channel, color)));
                fields.push(Field::shorts(Tag::COLOR_MAP, shades));
            }
            (fields, meaning)
        }
        Blocks::Copied(tags) => (of_copied(grid, tags)?, Meaning::of_tags(image, tags)),
    };
    if role == Role::Overview {
        fields.push(Field::long(Tag::NEW_SUBFILE_TYPE, 1));
    }
    if let Some(nodata) = image.nodata {
        fields.push(Field::text(Tag::GDAL_NODATA, &nodata_text(nodata)));
    }
    if role == Role::Overview {
        return Ok(fields);
    }
    for (tag, value) in &image.tags {
        if !is_ours(*tag) {
            fields.push(held(*tag, value)?);
        }
    }
    let of_codec = match blocks {
        Blocks::Coded(coded) => of_codec(&coded.encoding.codec),
        Blocks::Copied(_) => structure.to_vec(),
    };
    if let Some(xml) = metadata::xml(image, &meaning.implied, &of_codec) {
        fields.push(Field::text(Tag::GDAL_METADATA, &xml));
    }
    Ok(fields)
}

fn held(tag: Tag, value: &Value) -> Result<Field> {
    Field::value(tag, value)
        .ok_or_else(|| Error::Option(format!("tag {tag} holds numbers that a TIFF has no type for")))
}

/// The tags of copied blocks.
fn of_copied(grid: &Grid, tags: &[(Tag, Value)]) -> Result<Vec<Field>> {
    let mut fields = vec![Field::number(Tag::IMAGE_WIDTH, grid.width), Field::number(Tag::IMAGE_LENGTH, grid.height)];
    for (tag, value) in tags {
        fields.push(held(*tag, value)?);
    }
    Ok(fields)
}

/// The tags of a mask of an image or an overview.
///
/// # Errors
/// Tags that no TIFF can hold.
pub(crate) fn of_mask(role: Role, grid: &Grid, blocks: Blocks<'_>) -> Result<Vec<Field>> {
    let mut fields = match blocks {
        Blocks::Coded(coded) => of_blocks(grid, coded, Photometric::Mask),
        Blocks::Copied(tags) => of_copied(grid, tags)?,
    };
    fields.push(Field::long(Tag::NEW_SUBFILE_TYPE, if role == Role::Full { 4 } else { 5 }));
    Ok(fields)
}

fn of_blocks(grid: &Grid, coded: &Coded, photometric: Photometric) -> Vec<Field> {
    let Coded { encoding, shape, tables } = coded;
    let samples = usize::from(shape.samples);
    let mut fields = vec![
        Field::number(Tag::IMAGE_WIDTH, grid.width),
        Field::number(Tag::IMAGE_LENGTH, grid.height),
        Field::shorts(Tag::BITS_PER_SAMPLE, vec![shape.bits; samples]),
        Field::shorts(Tag::COMPRESSION, [encoding.codec.compression().code()]),
        Field::shorts(Tag::PHOTOMETRIC, [photometric.code()]),
        Field::shorts(Tag::SAMPLES_PER_PIXEL, [shape.samples]),
        Field::shorts(Tag::PLANAR_CONFIGURATION, [1]),
        Field::number(Tag::TILE_WIDTH, shape.width),
        Field::number(Tag::TILE_LENGTH, shape.height),
        Field::shorts(Tag::SAMPLE_FORMAT, vec![shape.sample_format().code(); samples]),
    ];
    if encoding.codec.heeds_predictor() {
        fields.push(Field::shorts(Tag::PREDICTOR, [encoding.predictor.code()]));
    }
    if let Some(parameters) = encoding.lerc_parameters(shape) {
        fields.push(Field::longs(Tag::LERC_PARAMETERS, parameters));
    }
    if let Some(tables) = tables {
        fields.push(Field::undefined(Tag::JPEG_TABLES, tables));
    }
    if photometric == Photometric::YCbCr {
        fields.push(Field::shorts(Tag::YCBCR_SUB_SAMPLING, [2, 2]));
        let reference = Value::Rational(vec![(0, 1), (255, 1), (128, 1), (255, 1), (128, 1), (255, 1)]);
        fields.extend(Field::value(Tag::REFERENCE_BLACK_WHITE, &reference));
    }
    fields
}

/// What GDAL notes of the codec's setting.
fn of_codec(codec: &EncodeCodec) -> Vec<MetadataItem> {
    let item = |name: &str, value: String| MetadataItem {
        name: name.into(),
        value,
        domain: Some("IMAGE_STRUCTURE".into()),
        ..MetadataItem::default()
    };
    match codec {
        EncodeCodec::WebP { quality } => vec![item("WEBP_LEVEL", quality.to_string())],
        EncodeCodec::Lerc { max_error, .. } if *max_error > 0.0 => vec![item("MAX_Z_ERROR", max_error.to_string())],
        _ => Vec::new(),
    }
}

/// As GDAL writes it: as many digits as say the number exactly.
fn nodata_text(nodata: Nodata) -> String {
    match nodata {
        Nodata::Int(value) => value.to_string(),
        Nodata::Uint(value) => value.to_string(),
        Nodata::Float(value) if value.is_nan() => "nan".into(),
        Nodata::Float(value) if value.is_infinite() => if value > 0.0 { "inf" } else { "-inf" }.into(),
        Nodata::Float(value) if value.abs() < 1e15 => value.to_string(),
        Nodata::Float(value) => format!("{value:e}"),
        _ => String::new(),
    }
}
