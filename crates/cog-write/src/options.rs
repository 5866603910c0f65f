//! What is asked for.

use std::path::PathBuf;

use cog_codecs::encode::EncodeCodec;
use cog_raster::Resampling;
use cog_tiff::Predictor;

use crate::image::MetadataItem;
use crate::layout::BigTiff;
use crate::source::CopiedLevel;

/// Which overviews a file gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Overviews {
    /// Each half as large as the level before it, until one fits a block.
    #[default]
    Fresh,
    /// So many, each half as large as the level before it.
    Count(u32),
    /// Those that the source has, as they are.
    Keep,
    /// None.
    None,
}

/// Which blocks are left out of a file because there is nothing in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sparse {
    /// None: the default of GDAL.
    No,
    /// Those of which the source knows that they were never written, and what is made of them.
    #[default]
    AsSource,
    /// All that hold nothing but nodata, or 0 without nodata, and no valid pixel of a mask.
    Yes,
}

/// How a COG is to be written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// How blocks are compressed.
    pub codec: EncodeCodec,
    /// How blocks of overviews are compressed: as those of the image unless set.
    pub overview_codec: Option<EncodeCodec>,
    /// What is done to samples before compression; `None`: what fits them, where the codec heeds one.
    pub predictor: Option<Predictor>,
    /// Width and height of blocks in pixels: a multiple of 16 from 64 to 4096.
    pub block: u32,
    /// Which overviews.
    pub overviews: Overviews,
    /// Levels of which the source's encoded blocks are taken over, from full resolution on. With all of [`Overviews::Keep`] no pixel is read.
    /// What the options say of codecs does not count for these; their blocks must have the size that is asked for.
    pub copied: Vec<CopiedLevel>,
    /// Items of the domain IMAGE_STRUCTURE that belong to copied blocks.
    pub structure: Vec<MetadataItem>,
    /// How overviews are made; `None`: the mode of a palette, else the average.
    pub resampling: Option<Resampling>,
    /// Classic or BigTIFF.
    pub big_tiff: BigTiff,
    /// Which blocks are left out.
    pub sparse: Sparse,
    /// Works out statistics of each band in the same pass, exactly, and writes them as GDAL does.
    pub statistics: bool,
    /// Compressed blocks may take so much memory before they go to a temporary file.
    pub spool_bytes: usize,
    /// Where the temporary file lies, which has no name: beside the output, if that is a file.
    pub spool_folder: PathBuf,
}

impl Default for Options {
    /// Deflate (ZSTD or none in builds without it), blocks of 512, all else automatic.
    fn default() -> Self {
        Options {
            codec: EncodeCodec::Deflate { level: 6 },
            overview_codec: None,
            predictor: None,
            block: 512,
            overviews: Overviews::Fresh,
            copied: Vec::new(),
            structure: Vec::new(),
            resampling: None,
            big_tiff: BigTiff::Auto,
            sparse: Sparse::AsSource,
            statistics: false,
            spool_bytes: 48 << 20,
            spool_folder: std::env::temp_dir(),
        }
    }
}
