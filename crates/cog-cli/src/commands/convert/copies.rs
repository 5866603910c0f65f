//! Which blocks of a file a COG can take over as they are.

use cog_read::Cog;
use cog_read::tiff::{
    BlockKind, BlockLocation, ByteOrder, Compression, FillOrder, Image, PlanarConfiguration, Predictor, Tag, Value,
};
use cog_write::{CopiedBlocks, CopiedLevel};

/// Tags that say how blocks are encoded and what their samples mean.
const OF_BLOCKS: [Tag; 19] = [
    Tag::BITS_PER_SAMPLE,
    Tag::COMPRESSION,
    Tag::PHOTOMETRIC,
    Tag::SAMPLES_PER_PIXEL,
    Tag::PLANAR_CONFIGURATION,
    Tag::PREDICTOR,
    Tag::COLOR_MAP,
    Tag::TILE_WIDTH,
    Tag::TILE_LENGTH,
    Tag::INK_SET,
    Tag::INK_NAMES,
    Tag::EXTRA_SAMPLES,
    Tag::SAMPLE_FORMAT,
    Tag::JPEG_TABLES,
    Tag::YCBCR_COEFFICIENTS,
    Tag::YCBCR_SUB_SAMPLING,
    Tag::YCBCR_POSITIONING,
    Tag::REFERENCE_BLACK_WHITE,
    Tag::LERC_PARAMETERS,
];

/// What blocks must be like to be copied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Width and height of a block, if one was asked for.
    pub(super) block: Option<u32>,
    /// The codec, if one was asked for: any of these numbers.
    pub(super) compressions: Option<&'static [Compression]>,
    /// The predictor, if one was asked for.
    pub(super) predictor: Option<Predictor>,
    /// Whether the COG has a mask.
    pub(super) mask: bool,
    /// Whether blocks may be missing: what is not there has the nodata of its file.
    pub(super) sparse: bool,
}

/// Levels that are copied, and where their blocks lie: of the image, and of the mask.
#[derive(Default)]
pub(super) struct Copies {
    pub(super) levels: Vec<CopiedLevel>,
    pub(super) places: Vec<(Vec<BlockLocation>, Vec<BlockLocation>)>,
}

impl Copies {
    /// The levels of a file that can be copied, from full resolution on without a gap. `overviews` says whether those of the file are wanted.
    ///
    /// # Errors
    /// A damaged file, and what the store says.
    pub(super) async fn of(cog: &Cog, wanted: &Wanted, overviews: bool) -> anyhow::Result<Copies> {
        let mut copies = Copies::default();
        let mut block = wanted.block;
        // Numbers behind those of the file's own IFDs are side-cars', which are other files.
        let is_own = |ifd: usize| ifd < cog.tiff().ifds().len();
        for level in cog.levels()? {
            if level.index > 0 && !overviews || !is_own(level.ifd) || level.mask.is_some_and(|mask| !is_own(mask)) {
                break;
            }
            let order = cog.tiff().header().byte_order;
            if !is_copyable(&level.image, order, &mut block, wanted) || level.mask.is_some() != wanted.mask {
                break;
            }
            let Some((image, places)) = blocks(cog, level.ifd).await? else { break };
            if !wanted.sparse && image.sizes.contains(&0) {
                break;
            }
            let mask = match level.mask {
                Some(ifd) => {
                    let of_mask = Image::of(cog.ifd(ifd)?);
                    let mut fits = |mask: &Image| {
                        (mask.width, mask.height) == (level.image.width, level.image.height)
                            && mask.bits == 1
                            && is_copyable(
                                mask,
                                order,
                                &mut block,
                                &Wanted { compressions: None, predictor: None, ..*wanted },
                            )
                    };
                    match of_mask.is_ok_and(|mask| fits(&mask)) {
                        true => blocks(cog, ifd).await?,
                        false => None,
                    }
                }
                None => Some((CopiedBlocks { tags: Vec::new(), sizes: Vec::new() }, Vec::new())),
            };
            let Some((of_mask, mask_places)) = mask else { break };
            copies.places.push((places, mask_places));
            copies.levels.push(CopiedLevel {
                width: level.image.width,
                height: level.image.height,
                image,
                mask: level.mask.map(|_| of_mask),
            });
        }
        Ok(copies)
    }

    /// Width and height of the copied blocks.
    pub(super) fn block(&self) -> Option<u32> {
        let tags = &self.levels.first()?.image.tags;
        let width = tags.iter().find(|(tag, _)| *tag == Tag::TILE_WIDTH)?;
        u32::try_from(width.1.u64_at(0)?).ok()
    }
}

/// True if the blocks of an image can lie in a COG as they are. The first one that can decides the size of all.
fn is_copyable(image: &Image, order: ByteOrder, block: &mut Option<u32>, wanted: &Wanted) -> bool {
    let grid = &image.grid;
    let side = grid.block_width;
    let right_size = grid.kind == BlockKind::Tile
        && grid.block_height == side
        && side.is_multiple_of(16)
        && (64..=4096).contains(&side)
        && *block.get_or_insert(side) == side;
    let known = match image.compression {
        Compression::None
        | Compression::Lzw
        | Compression::Deflate
        | Compression::AdobeDeflate
        | Compression::PackBits
        | Compression::Zstd
        | Compression::Lzma
        | Compression::Lerc
        | Compression::WebP
        | Compression::JpegXl => true,
        // GDAL shows subsampled colours as RGB only if they are JPEG's.
        Compression::Jpeg => image.bits == 8,
        _ => false,
    };
    let whole =
        matches!(image.compression, Compression::Jpeg | Compression::WebP | Compression::JpegXl | Compression::Lerc);
    right_size
        && known
        && image.converted_bands().is_none()
        && image.fill_order == FillOrder::MsbFirst
        && (image.planar == PlanarConfiguration::Chunky || image.samples == 1)
        && (order == ByteOrder::Little || image.bits <= 8 || whole)
        && wanted.compressions.is_none_or(|codecs| codecs.contains(&image.compression))
        && wanted.predictor.is_none_or(|predictor| predictor == image.predictor)
}

/// Sizes, tags and places of an image's blocks; `None` if some cannot be copied.
async fn blocks(cog: &Cog, ifd: usize) -> anyhow::Result<Option<(CopiedBlocks, Vec<BlockLocation>)>> {
    let mut tags: Vec<(Tag, Value)> = Vec::new();
    for tag in OF_BLOCKS {
        if let Some(value) = cog.tag(ifd, tag).await? {
            tags.push((tag, value));
        }
    }
    // What a file leaves to TIFF's defaults, a COG says.
    let mut complete = |tag: Tag, value: u64| {
        if !tags.iter().any(|(t, _)| *t == tag) {
            tags.push((tag, Value::Unsigned(vec![value])));
        }
    };
    complete(Tag::SAMPLES_PER_PIXEL, 1);
    complete(Tag::PLANAR_CONFIGURATION, 1);
    let image = Image::of(cog.ifd(ifd)?)
        .map_err(|source| cog_read::Error::Structure { location: cog.location().into(), source })?;
    complete(Tag::PHOTOMETRIC, u64::from(image.photometric.code()));
    if !tags.iter().any(|(tag, _)| *tag == Tag::SAMPLE_FORMAT) {
        let formats = vec![u64::from(image.sample_format.code()); usize::from(image.samples)];
        tags.push((Tag::SAMPLE_FORMAT, Value::Unsigned(formats)));
    }
    let places = cog.block_locations(ifd).await?;
    // What lies behind the end is told by the decoder, which names the block.
    let end = cog.source().size().unwrap_or(u64::MAX);
    let size = |place: &BlockLocation| u32::try_from(place.length).ok().filter(|_| place.range().end <= end);
    let Some(sizes) = places.iter().map(size).collect::<Option<Vec<u32>>>() else { return Ok(None) };
    Ok(Some((CopiedBlocks { tags, sizes }, places)))
}
