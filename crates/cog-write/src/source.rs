//! Where pixels come from.

pub(crate) mod array;
pub(crate) mod rows;

use cog_raster::ndarray::Array2;
use cog_raster::{Area, Pixels};
use futures_util::future::BoxFuture;

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
}
