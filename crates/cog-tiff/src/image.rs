//! The pixels an IFD describes: size, blocks, samples, colour, compression.

use crate::block_grid::{BlockGrid, BlockKind};
use crate::color::{ExtraSample, Photometric};
use crate::compression::Compression;
use crate::error::{Error, Result, TagProblem, Unsupported};
use crate::ifd::Ifd;
use crate::layout::{FillOrder, PlanarConfiguration, Predictor};
use crate::sample::{SampleFormat, SampleType};
use crate::tag::Tag;

/// What an IFD says of its image, with TIFF's defaults for what it leaves out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Image {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Tiles or strips.
    pub grid: BlockGrid,
    /// Samples of a pixel, extra samples included.
    pub samples: u16,
    /// Bits of one sample, the same for all.
    pub bits: u16,
    /// Format of every sample. Of colours that are converted it is `Uint`, whatever the file says (GDAL, libtiff).
    pub sample_format: SampleFormat,
    /// How blocks are compressed.
    pub compression: Compression,
    /// What was done to samples before compression.
    pub predictor: Predictor,
    /// What samples mean. Without the tag it is `MinIsBlack`, as in GDAL.
    pub photometric: Photometric,
    /// Whether samples of a pixel lie together.
    pub planar: PlanarConfiguration,
    /// Bit order within bytes.
    pub fill_order: FillOrder,
    /// Meaning of the last samples of a pixel: as the file says, and unspecified for those that it says nothing of while the
    /// photometric interpretation leaves them over (libtiff).
    pub extra_samples: Vec<ExtraSample>,
    /// Tag 332: what the samples of `Separated` are. 1, the default, is CMYK; others are inks of any kind.
    pub ink_set: u16,
    /// Tag 274: which corner of the picture the first pixel is. Readers deliver pixels as stored; 1 is the top left.
    pub orientation: u16,
    /// Tag 530: horizontal and vertical chroma subsampling, meaningful with `YCbCr`. The default is (2, 2).
    pub ycbcr_subsampling: (u16, u16),
}

impl Image {
    /// Reads the tags of an IFD. Sizes are needed, everything else has a default (TIFF 6.0 section 8, libtiff).
    pub fn of(ifd: &Ifd) -> Result<Image> {
        let width = size(ifd, Tag::IMAGE_WIDTH)?;
        let height = size(ifd, Tag::IMAGE_LENGTH)?;
        let depth = ifd.u64(Tag::IMAGE_DEPTH).unwrap_or(1);
        if depth > 1 {
            return Err(unsupported(ifd, Unsupported::Depth(depth)));
        }
        let samples = match ifd.decisive_u16(Tag::SAMPLES_PER_PIXEL, 1)? {
            0 => return Err(ifd.tag_error(Tag::SAMPLES_PER_PIXEL, TagProblem::Value(0))),
            n => n,
        };
        let bits = same_for_all(ifd, Tag::BITS_PER_SAMPLE, samples, 1)?.map_err(Unsupported::MixedDepths);
        let bits = bits.map_err(|what| unsupported(ifd, what))?;
        if bits == 0 || bits > 128 {
            return Err(ifd.tag_error(Tag::BITS_PER_SAMPLE, TagProblem::Value(u64::from(bits))));
        }
        let format = same_for_all(ifd, Tag::SAMPLE_FORMAT, samples, 1)?.map_err(Unsupported::MixedFormats);
        let sample_format = SampleFormat::from_code(format.map_err(|what| unsupported(ifd, what))?);
        let planar = match PlanarConfiguration::from_code(ifd.decisive_u16(Tag::PLANAR_CONFIGURATION, 1)?) {
            PlanarConfiguration::Other(0) => PlanarConfiguration::Chunky,
            PlanarConfiguration::Other(n) => return Err(unsupported(ifd, Unsupported::PlanarConfiguration(n))),
            // One sample lies the same way in both; most readers, GDAL too, call it chunky then.
            PlanarConfiguration::Planar if samples == 1 => PlanarConfiguration::Chunky,
            known => known,
        };
        let planes = if planar == PlanarConfiguration::Planar { u32::from(samples) } else { 1 };
        let photometric = Photometric::from_code(ifd.u16(Tag::PHOTOMETRIC).unwrap_or(1));
        let photometric = shown_as(photometric, samples, bits, ifd);
        let subsampling = |i| ifd.value(Tag::YCBCR_SUB_SAMPLING).and_then(|v| v.u64_at(i));
        let ycbcr_subsampling = match (subsampling(0), subsampling(1)) {
            (Some(h @ (1 | 2 | 4)), Some(v @ (1 | 2 | 4))) => (h as u16, v as u16),
            _ => (2, 2),
        };
        let mut image = Image {
            width,
            height,
            grid: grid(ifd, width, height, planes)?,
            samples,
            bits,
            sample_format,
            compression: Compression::from_code(ifd.decisive_u16(Tag::COMPRESSION, 1)?),
            predictor: Predictor::from_code(ifd.decisive_u16(Tag::PREDICTOR, 1)?),
            photometric,
            planar,
            fill_order: FillOrder::from_code(ifd.u16(Tag::FILL_ORDER).unwrap_or(1)),
            extra_samples: extra_samples(ifd, samples, photometric),
            ink_set: ifd.u16(Tag::INK_SET).unwrap_or(1),
            orientation: ifd.u16(Tag::ORIENTATION).filter(|o| (1..=8).contains(o)).unwrap_or(1),
            ycbcr_subsampling,
        };
        if image.converted_bands().is_some() {
            image.sample_format = SampleFormat::Uint;
        }
        Ok(image)
    }

    /// The type samples are delivered in.
    pub fn sample_type(&self, ifd: &Ifd) -> Result<SampleType> {
        SampleType::of(self.sample_format, self.bits)
            .ok_or_else(|| unsupported(ifd, Unsupported::Sample { format: self.sample_format.code(), bits: self.bits }))
    }

    /// Samples of a pixel within one block: all of them, or one if planes are stored apart.
    pub fn samples_per_block(&self) -> u16 {
        if self.planar == PlanarConfiguration::Planar { 1 } else { self.samples }
    }

    /// How many bands GDAL delivers where it converts 8-bit colours instead of showing stored samples: 4 (RGBA) for
    /// CMYK and CIELab, 3 (RGB) for YCbCr that is not JPEG. `None` where samples are shown as stored.
    ///
    /// Samples behind the four of CMYK (alpha, spot colours) are left out, and alpha is 255 everywhere, as in libtiff. GDAL
    /// announces RGBA for CMYK of 1 to 4 bits and for YCbCr of other than three samples as well and then reads neither: these
    /// are shown as stored. It does not read CMYK of five samples and more in planes, which is converted here.
    pub fn converted_bands(&self) -> Option<u16> {
        if self.bits != 8 || self.sample_format == SampleFormat::Float {
            return None;
        }
        match (self.photometric, self.samples) {
            (Photometric::YCbCr, 3) if self.compression != Compression::Jpeg => Some(3),
            (Photometric::CieLab, 3) => Some(4),
            (Photometric::Separated, 4..) if self.ink_set == 1 => Some(4),
            _ => None,
        }
    }
}

fn unsupported(ifd: &Ifd, what: Unsupported) -> Error {
    Error::Unsupported { ifd: ifd.offset(), what }
}

/// A width or height: at least 1, and below 2^31, as in GDAL.
fn size(ifd: &Ifd, tag: Tag) -> Result<u32> {
    let n = ifd.required_u64(tag)?;
    match u32::try_from(n) {
        Ok(size @ 1..=0x7fff_ffff) => Ok(size),
        _ => Err(ifd.tag_error(tag, TagProblem::Value(n))),
    }
}

/// A tag with one value per sample, of which this crate wants all alike. A single value stands for all.
#[allow(clippy::type_complexity)]
fn same_for_all(ifd: &Ifd, tag: Tag, samples: u16, default: u16) -> Result<std::result::Result<u16, Vec<u16>>> {
    let Some(value) = ifd.decisive(tag)? else { return Ok(Ok(default)) };
    let mut all = Vec::new();
    for i in 0..value.len().min(usize::from(samples)) {
        let n = value.u64_at(i).ok_or_else(|| ifd.wrong_type(tag))?;
        all.push(u16::try_from(n).map_err(|_| ifd.tag_error(tag, TagProblem::Value(n)))?);
    }
    match all.first() {
        None => Ok(Ok(default)),
        Some(first) if all.iter().all(|n| n == first) => Ok(Ok(*first)),
        Some(_) => {
            all.truncate(8);
            Ok(Err(all))
        }
    }
}

/// libtiff's reading of indices without a colour map: they are colours or gray themselves, if they have whole bytes.
fn shown_as(photometric: Photometric, samples: u16, bits: u16, ifd: &Ifd) -> Photometric {
    match photometric {
        Photometric::Palette if bits >= 8 && samples == 3 && ifd.entry(Tag::COLOR_MAP).is_none() => Photometric::Rgb,
        other => other,
    }
}

/// The tag, cut to the samples that are there. If it is shorter than what the photometric interpretation leaves over, the rest
/// is unspecified: it counts from the first extra sample on (libtiff).
fn extra_samples(ifd: &Ifd, samples: u16, photometric: Photometric) -> Vec<ExtraSample> {
    let codes = ifd.value(Tag::EXTRA_SAMPLES).and_then(|v| v.u64s()).unwrap_or_default();
    let code = |c: u64| ExtraSample::from_code(c.min(0xffff) as u16);
    let mut extra: Vec<ExtraSample> = codes.into_iter().take(usize::from(samples)).map(code).collect();
    let left = photometric.most_channels().map_or(0, |most| usize::from(samples.saturating_sub(most)));
    if extra.len() < left {
        extra.resize(left, ExtraSample::Unspecified);
    }
    extra
}

/// Tiles if a tile size is there, else strips (TIFF 6.0 sections 3 and 15).
fn grid(ifd: &Ifd, width: u32, height: u32, planes: u32) -> Result<BlockGrid> {
    let tiled = ifd.entry(Tag::TILE_WIDTH).is_some() || ifd.entry(Tag::TILE_LENGTH).is_some();
    let (kind, block_width, block_height) = if tiled {
        (BlockKind::Tile, size(ifd, Tag::TILE_WIDTH)?, size(ifd, Tag::TILE_LENGTH)?)
    } else {
        // 0 and 2^32 - 1 both mean one strip; so does a missing tag.
        let rows = match ifd.decisive(Tag::ROWS_PER_STRIP)? {
            Some(value) if !value.is_empty() => value.u64_at(0).ok_or_else(|| ifd.wrong_type(Tag::ROWS_PER_STRIP))?,
            _ => 0,
        };
        let rows = if rows == 0 { u64::MAX } else { rows };
        (BlockKind::Strip, width, u32::try_from(rows.min(u64::from(height))).unwrap_or(height))
    };
    Ok(BlockGrid { kind, image_width: width, image_height: height, block_width, block_height, planes })
}
