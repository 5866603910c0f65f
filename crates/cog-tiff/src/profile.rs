//! What GDAL and rasterio say of a file, in their words.

mod image_structure;
mod tags;

use std::sync::Arc;

use crate::block_grid::BlockKind;
use crate::color::{ExtraSample, Photometric};
use crate::color_interpretation::ColorInterpretation;
use crate::color_map::ColorMap;
use crate::compression::Compression;
use crate::error::Result;
use crate::gdal::{GdalMetadata, Nodata, Pam, number, rpc, short};
use crate::geo::{GeoKeys, GeoTransform, Georeference};
use crate::ifd::Ifd;
use crate::image::Image;
use crate::layout::PlanarConfiguration;
use crate::sample::{SampleFormat, SampleType};
use crate::structure::Page;
use crate::tag::Tag;
use crate::tiff::Tiff;

pub use tags::Domain;

/// Where the validity of a band comes from: the flags of GDAL's RFC 15. None set means that all pixels are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct MaskFlags {
    /// One mask for all bands.
    pub per_dataset: bool,
    /// The mask is an alpha band.
    pub alpha: bool,
    /// The mask is derived from nodata.
    pub nodata: bool,
}

impl MaskFlags {
    /// rasterio's names.
    pub fn names(self) -> Vec<&'static str> {
        let flags = [(self.per_dataset, "per_dataset"), (self.alpha, "alpha"), (self.nodata, "nodata")];
        let names: Vec<_> = flags.into_iter().filter_map(|(set, name)| set.then_some(name)).collect();
        if names.is_empty() { vec!["all_valid"] } else { names }
    }
}

/// One image of a file, as rasterio's `profile` and its other attributes describe it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Profile {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Bands as GDAL shows them: 3 or 4 where it converts colours, else the samples of a pixel.
    pub count: u16,
    /// The type samples are delivered in.
    pub sample_type: SampleType,
    /// rasterio's name of the data type; `complex_int16` has no NumPy counterpart and is delivered as complex64.
    pub dtype: &'static str,
    /// The value of pixels without data: of the first band, as rasterio's `nodata`.
    pub nodata: Option<Nodata>,
    /// The same of each band, from the first. They differ only where a side-car says so.
    pub band_nodata: Vec<Option<Nodata>>,
    /// GeoKeys of the file.
    pub geo_keys: Option<GeoKeys>,
    /// Transform or ground control points.
    pub georeference: Georeference,
    /// Width in pixels of the blocks GDAL works in: the file's own, but a single large strip counts as many.
    pub block_width: u32,
    /// Height in pixels of the blocks GDAL works in.
    pub block_height: u32,
    /// True for tiles.
    pub tiled: bool,
    /// rasterio's name of the compression ("deflate", "lerc_zstd" …); `None` for uncompressed.
    pub compress: Option<String>,
    /// "pixel" or "band".
    pub interleave: &'static str,
    /// rasterio's name of the photometric interpretation ("minisblack", "rgb", "ycbcr" …).
    pub photometric: String,
    /// What each band shows.
    pub color_interpretation: Vec<ColorInterpretation>,
    /// Where the validity of each band comes from.
    pub mask_flags: Vec<MaskFlags>,
    /// Decimation factors of the overviews, rounded to integers.
    pub overviews: Vec<u32>,
    /// GDAL_METADATA of the full resolution image, and what a side-car adds to it.
    pub metadata: GdalMetadata,
    /// The side-car that was taken into account.
    pub pam: Option<Arc<Pam>>,
    /// The colours that the samples of the first band stand for.
    pub color_map: Option<ColorMap>,
    /// What of the metadata was dropped or is doubtful, one line each.
    pub warnings: Vec<String>,
}

/// What lies beside a file and says more of its image.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// An `.aux.xml`. What it says counts more than what the file says (GDAL).
    pub pam: Option<Arc<Pam>>,
    /// The transform of a world file. It counts where neither an `.aux.xml` nor the file has one (GDAL).
    pub world_file: Option<GeoTransform>,
}

impl Profile {
    /// Describes a page of a file.
    pub fn of(tiff: &Tiff, page: &Page) -> Result<Profile> {
        Profile::with_side_cars(page, |index| tiff.ifds().get(index), Beside::default())
    }

    /// Describes a page whose overviews or mask lie in other files, and of which side-cars may say more: `ifd` gives the
    /// IFDs by the page's numbers for them.
    pub fn with_side_cars<'a>(page: &Page, ifd: impl Fn(usize) -> Option<&'a Ifd>, beside: Beside) -> Result<Profile> {
        let Beside { pam, world_file } = beside;
        let ifd_of = ifd;
        let ifd = ifd_of(page.full.ifd).ok_or(crate::Error::NoIfd)?;
        let image = Image::of(ifd)?;
        let sample_type = image.sample_type(ifd)?;
        let count = image.converted_bands().unwrap_or(image.samples);
        let mut metadata = ifd.text(Tag::GDAL_METADATA).map(|xml| GdalMetadata::parse(&xml)).unwrap_or_default();
        if let Some(pam) = &pam {
            metadata = metadata.overridden_by(&pam.metadata);
        }
        let mut warnings = doubts(ifd, &image, count, sample_type, &metadata);
        warnings.extend(pam.iter().flat_map(|pam| pam.warnings()).map(|warning| format!("the .aux.xml: {warning}")));
        let of_file = ifd.text(Tag::GDAL_NODATA).and_then(|text| Nodata::parse(&text, sample_type));
        let nodata = |band: u32| match pam.as_ref().and_then(|pam| pam.nodata(band)) {
            Some(text) => Nodata::parse(text, sample_type),
            None => of_file,
        };
        let band_nodata: Vec<Option<Nodata>> = (1..=u32::from(count)).map(nodata).collect();
        let color_map = ColorMap::of(ifd, &image, band_nodata.first().copied().flatten());
        let color_interpretation = color_interpretation(&image, count, color_map.is_some(), &metadata);
        let pixel_nodata = nodata_values(&metadata, count).is_some();
        let has_mask = page.full.mask.is_some();
        let (block_width, block_height) = gdal_block(&image);
        let overviews = page.overviews.iter().filter_map(|level| {
            let overview = Image::of(ifd_of(level.ifd)?).ok()?;
            Some((f64::from(image.width) / f64::from(overview.width)).round() as u32)
        });
        Ok(Profile {
            width: image.width,
            height: image.height,
            count,
            sample_type,
            dtype: match (image.sample_format, image.bits) {
                (SampleFormat::ComplexInt, 32) => "complex_int16",
                _ => sample_type.name(),
            },
            nodata: band_nodata.first().copied().flatten(),
            geo_keys: GeoKeys::of(ifd),
            georeference: georeference(ifd, pam.as_deref(), world_file),
            block_width,
            block_height,
            tiled: image.grid.kind == BlockKind::Tile,
            compress: compress(ifd, image.compression),
            interleave: if image.planar == PlanarConfiguration::Chunky && count > 1 { "pixel" } else { "band" },
            photometric: photometric(image.photometric),
            mask_flags: if pixel_nodata && !has_mask {
                vec![MaskFlags { per_dataset: true, alpha: false, nodata: true }; usize::from(count)]
            } else {
                mask_flags(&color_interpretation, sample_type, has_mask, &band_nodata)
            },
            band_nodata,
            color_interpretation,
            overviews: overviews.collect(),
            metadata,
            pam,
            color_map,
            warnings,
        })
    }

    /// The unit of the values of a band, counted from 1: its own, else that of the vertical CRS.
    pub fn unit(&self, band: u32) -> Option<&str> {
        let heights = || self.geo_keys.as_ref().and_then(GeoKeys::vertical_unit);
        self.metadata.unit(band).or_else(heights)
    }

    /// GDAL's NODATA_VALUES metadata: one value per band; a pixel is invalid where every band has its own.
    pub fn nodata_values(&self) -> Option<Vec<f64>> {
        nodata_values(&self.metadata, self.count)
    }

    /// The band, counted from 1, that says which pixels hold data: the alpha band where GDAL takes it for a mask, which it does of
    /// 8 and 16 bits as the last of two or four bands. A mask of its own beats it, see [`mask_flags`](Self::mask_flags).
    pub fn alpha_band(&self) -> Option<u16> {
        ends_with_alpha(&self.color_interpretation, self.sample_type).then_some(self.count)
    }

    /// The EPSG code of the CRS, as rasterio's `crs.to_epsg()`. An image tied by ground control points only has no CRS
    /// of its own: theirs is in the GeoKeys.
    pub fn epsg(&self) -> Option<u16> {
        match (&self.georeference, self.side_car_crs()) {
            (Georeference::Gcps(_), _) => None,
            (_, Some(pam)) => pam.epsg(),
            _ => self.geo_keys.as_ref()?.crs_epsg(),
        }
    }

    /// The side-car, if it says which CRS the image is in.
    pub fn side_car_crs(&self) -> Option<&Pam> {
        self.pam.as_deref().filter(|pam| pam.srs.is_some())
    }
}

/// Where the image lies: as an `.aux.xml` says, else as the file does, else as a world file does.
fn georeference(ifd: &Ifd, pam: Option<&Pam>, world_file: Option<GeoTransform>) -> Georeference {
    let own = Georeference::of(ifd);
    match (pam.and_then(|pam| pam.transform), &own, world_file) {
        (Some(transform), ..) => Georeference::Transform(transform),
        (None, Georeference::Transform(_), _) | (None, _, None) => match pam {
            Some(pam) if own == Georeference::None && !pam.gcps.is_empty() => Georeference::Gcps(pam.gcps.clone()),
            _ => own,
        },
        (None, _, Some(transform)) => Georeference::Transform(transform),
    }
}

/// GDAL separates the values by blanks, and reads the number at the start of each.
fn nodata_values(metadata: &GdalMetadata, count: u16) -> Option<Vec<f64>> {
    let text = nodata_values_text(metadata)?;
    let values = text.split(' ').filter(|part| !part.is_empty()).take(usize::from(count) + 1);
    let values: Vec<f64> = values.map(|part| number::leading(part).value).collect();
    (values.len() == usize::from(count)).then_some(values)
}

fn nodata_values_text(metadata: &GdalMetadata) -> Option<&str> {
    let named =
        |(domain, name, _): &(Option<&str>, &str, &str)| domain.is_none() && name.eq_ignore_ascii_case("NODATA_VALUES");
    metadata.plain(None).filter(named).last().map(|(_, _, text)| text)
}

/// What is doubtful about the tags that describe an image, a line each.
fn doubts(ifd: &Ifd, image: &Image, count: u16, sample_type: SampleType, metadata: &GdalMetadata) -> Vec<String> {
    let mut doubts = metadata.warnings().to_vec();
    doubts.extend(ifd.text(Tag::GDAL_NODATA).and_then(|text| Nodata::doubt(&text, sample_type)));
    doubts.extend(ColorMap::doubt(ifd, image));
    doubts.extend(Georeference::doubts(ifd));
    doubts.extend(rpc::doubt(ifd));
    if let Some(text) = nodata_values_text(metadata).filter(|_| nodata_values(metadata, count).is_none()) {
        doubts.push(format!("NODATA_VALUES \"{}\" is ignored: {count} bands need as many numbers", short(text)));
    }
    let stray = metadata.items().iter().filter(|item| item.band.is_some_and(|band| band > u32::from(count))).count();
    if stray > 0 {
        doubts.push(format!("GDAL_METADATA: {stray} items are ignored, they are for bands above {count}"));
    }
    doubts
}

fn compress(ifd: &Ifd, compression: Compression) -> Option<String> {
    Some(match compression {
        Compression::None => return None,
        Compression::CcittRle => "ccittrle".into(),
        Compression::CcittFax3 => "ccittfax3".into(),
        Compression::CcittFax4 => "ccittfax4".into(),
        Compression::Lzw => "lzw".into(),
        Compression::OldJpeg | Compression::Jpeg => "jpeg".into(),
        Compression::AdobeDeflate | Compression::Deflate => "deflate".into(),
        Compression::PackBits => "packbits".into(),
        Compression::Jpeg2000 => "jpeg2000".into(),
        // The second number of the tag says what LERC is wrapped in.
        Compression::Lerc => match ifd.value(Tag::LERC_PARAMETERS).and_then(|v| v.u64_at(1)) {
            Some(1) => "lerc_deflate".into(),
            Some(2) => "lerc_zstd".into(),
            _ => "lerc".into(),
        },
        Compression::Lzma => "lzma".into(),
        Compression::Zstd => "zstd".into(),
        Compression::WebP => "webp".into(),
        Compression::JpegXl | Compression::JpegXlDng => "jxl".into(),
        Compression::Other(code) => code.to_string(),
    })
}

fn photometric(photometric: Photometric) -> String {
    match photometric {
        Photometric::MinIsWhite => "miniswhite".into(),
        Photometric::MinIsBlack => "minisblack".into(),
        Photometric::Rgb => "rgb".into(),
        Photometric::Palette => "palette".into(),
        Photometric::Mask => "mask".into(),
        Photometric::Separated => "cmyk".into(),
        Photometric::YCbCr => "ycbcr".into(),
        Photometric::CieLab => "cielab".into(),
        Photometric::IccLab => "icclab".into(),
        Photometric::ItuLab => "itulab".into(),
        Photometric::Other(code) => code.to_string(),
    }
}

/// GDAL's rule (its GeoTIFF driver): the photometric interpretation names the first bands, ExtraSamples an alpha, and
/// GDAL_METADATA may say otherwise.
fn color_interpretation(image: &Image, count: u16, has_map: bool, metadata: &GdalMetadata) -> Vec<ColorInterpretation> {
    use ColorInterpretation as C;
    if let Some(converted) = image.converted_bands() {
        return [C::Red, C::Green, C::Blue, C::Alpha].into_iter().take(usize::from(converted)).collect();
    }
    // GDAL shows a single band of one bit as two colours, whatever the file calls it.
    if image.bits == 1 && image.samples == 1 {
        return vec![C::Palette];
    }
    let component = |name: &str| C::Named(name.to_owned());
    let named: &[C] = match image.photometric {
        Photometric::YCbCr if image.compression != Compression::Jpeg => &["Y", "Cb", "Cr"].map(component),
        Photometric::Rgb | Photometric::YCbCr => &[C::Red, C::Green, C::Blue],
        Photometric::Separated => &[C::Cyan, C::Magenta, C::Yellow, C::Black],
        // Without a map the indices are all there is to show, and three samples are taken for colours.
        Photometric::Palette if !has_map && image.bits >= 8 && image.samples == 3 => &[C::Red, C::Green, C::Blue],
        Photometric::Palette | Photometric::MinIsBlack => &[C::Gray],
        _ => &[],
    };
    let extra = usize::from(image.samples).saturating_sub(image.extra_samples.len());
    (0..count)
        .map(|band| {
            let i = usize::from(band);
            let alpha = |extra: Option<&ExtraSample>| extra.is_some_and(|e| e.is_alpha());
            match metadata.color_interpretation(u32::from(band) + 1) {
                Some(name) => C::from_name(name),
                None => match named.get(i) {
                    _ if i == 0 && has_map => C::Palette,
                    Some(color) => color.clone(),
                    None if i >= extra && alpha(image.extra_samples.get(i - extra)) => C::Alpha,
                    None => C::Undefined,
                },
            }
        })
        .collect()
}

/// GDAL's rule: only 8- and 16-bit alpha as the last of two or four bands counts.
fn ends_with_alpha(colors: &[ColorInterpretation], sample_type: SampleType) -> bool {
    matches!(colors.len(), 2 | 4)
        && matches!(sample_type, SampleType::U8 | SampleType::U16)
        && colors.last() == Some(&ColorInterpretation::Alpha)
}

/// GDAL's priority: a mask beats nodata, nodata beats alpha, which is itself always valid.
fn mask_flags(
    colors: &[ColorInterpretation],
    sample_type: SampleType,
    has_mask: bool,
    nodata: &[Option<Nodata>],
) -> Vec<MaskFlags> {
    let has_alpha = ends_with_alpha(colors, sample_type);
    let last = colors.len().saturating_sub(1);
    (0..colors.len())
        .map(|band| match (has_mask, nodata.get(band).is_some_and(Option::is_some), has_alpha) {
            (true, ..) => MaskFlags { per_dataset: true, ..MaskFlags::default() },
            (_, true, _) => MaskFlags { nodata: true, ..MaskFlags::default() },
            (_, _, true) if band != last => MaskFlags { per_dataset: true, alpha: true, nodata: false },
            _ => MaskFlags::default(),
        })
        .collect()
}

/// The block GDAL works in, (width, height): libtiff cuts an uncompressed single strip into pieces of at most 8 KiB, and
/// GDAL reads any other single strip of more than 2000 rows row by row.
fn gdal_block(image: &Image) -> (u32, u32) {
    let grid = &image.grid;
    let (width, height) = (grid.block_width, grid.block_height);
    if grid.kind == BlockKind::Tile || grid.down() != 1 || height <= 1 {
        return (width, height);
    }
    let row_bits = u64::from(width) * u64::from(image.bits) * u64::from(image.samples_per_block());
    if image.compression == Compression::None && grid.planes == 1 {
        let rows = (8192 / row_bits.div_ceil(8).max(1)).max(1);
        return (width, height.min(u32::try_from(rows).unwrap_or(u32::MAX)));
    }
    let split = height > 2000 && image.converted_bands().is_none();
    (width, if split { 1 } else { height })
}
