//! Where pixels come from.

pub(crate) mod array;
pub(crate) mod rows;

use std::io;

use bytes::Bytes;
use cog_raster::ndarray::Array2;
use cog_raster::{Area, Pixels};
use cog_tiff::{Tag, Value};
use futures_util::future::{BoxFuture, ready};

use crate::error::SourceError;
use crate::image::Image;

/// What a source gives for a rectangle.
#[derive(Clone, Debug)]
pub enum Content {
    /// Samples of all bands, and the mask if [`Image::mask`] says that there is one: 255 where there is data, else 0, as (row, column).
    Pixels {
        /// (band, row, column).
        pixels: Pixels,
        /// (row, column).
        mask: Option<Array2<u8>>,
    },
    /// The source knows without reading that there is nothing: nodata in every band, 0 without nodata, and not valid where there is a
    /// mask. Blocks of which nothing else is known are left out of the file.
    Unwritten,
}

/// Where pixels come from: an array, rows, or a file.
///
/// Rectangles are asked for in the order of a space-filling curve if the source's blocks are narrower than the image, else from the top
/// to the bottom, each once.
pub trait Source: Send + Sync {
    /// What will be read.
    fn image(&self) -> &Image;

    /// Width and height of the blocks that are read at once with the least work: tiles, or strips as wide as the image. Rectangles
    /// that are asked for are made of whole blocks, from the upper left corner of the level on.
    fn blocks(&self, level: usize) -> (u32, u32);

    /// Sizes of the overviews that the source has, for a writer that keeps them.
    fn overviews(&self) -> Vec<(u32, u32)> {
        Vec::new()
    }

    /// The pixels of a rectangle that lies inside the level: 0 is full resolution, 1 … are the overviews.
    ///
    /// Several are asked for at a time.
    fn read(&self, level: usize, area: Area) -> BoxFuture<'_, Result<Content, SourceError>>;

    /// True if small rectangles are read as fast as large ones: what is read lies in memory or on a local disk. Small ones are asked for
    /// then, which are still in the processor's caches when they are encoded, unless the source is read in rows, or its blocks do not meet
    /// those that are written. What is [`Unwritten`](Content::Unwritten) is told by rectangles: a file from small ones may leave out more
    /// blocks.
    fn is_near(&self) -> bool {
        false
    }

    /// Encoded blocks of a level that is copied, as many as are asked for and in their order.
    fn encoded(&self, _: usize, _: &[EncodedBlock]) -> BoxFuture<'_, Result<Vec<Bytes>, SourceError>> {
        let error = SourceError::new("this source has no encoded blocks", cog_error::ErrorClass::Internal);
        Box::pin(ready(Err(error)))
    }

    /// Fills in an encoded block at once, if the source need not wait for its bytes: a local file. `None` for others, whose blocks are kept
    /// until the file is written. Several threads may ask.
    fn encoded_now(&self, _: usize, _: EncodedBlock, _: &mut [u8]) -> Option<io::Result<()>> {
        None
    }

    /// True if [`encoded_now`](Source::encoded_now) answers.
    fn is_at_hand(&self) -> bool {
        false
    }
}

/// A block of a level, or of its mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedBlock {
    /// True for the mask's.
    pub mask: bool,
    /// Its number, row by row.
    pub index: usize,
}

/// A level whose blocks are taken over as they are.
#[derive(Clone, Debug)]
pub struct CopiedLevel {
    /// Width of the level in pixels.
    pub width: u32,
    /// Height of the level in pixels.
    pub height: u32,
    /// Its image.
    pub image: CopiedBlocks,
    /// Its mask, with blocks of the same size.
    pub mask: Option<CopiedBlocks>,
}

/// Blocks of an image or a mask as a file has them.
#[derive(Clone, Debug)]
pub struct CopiedBlocks {
    /// The tags that say how blocks are encoded and what their samples mean, without sizes, tables and place: BitsPerSample, Compression,
    /// PhotometricInterpretation, TileWidth, JPEGTables …
    pub tags: Vec<(Tag, Value)>,
    /// Bytes of each block, row by row; 0 for one that is left out.
    pub sizes: Vec<u32>,
}
