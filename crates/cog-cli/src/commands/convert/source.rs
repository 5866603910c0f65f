//! A file as what a COG is written from.

use std::io;

use cog_read::tiff::{self, BlockLocation, Nodata};
use cog_read::{Cog, Level, Raster, Validity};
use cog_warp::{Method, OutputGrid, WarpedRead};
use cog_write::bytes::Bytes;
use cog_write::futures_util::FutureExt;
use cog_write::futures_util::future::BoxFuture;
use cog_write::raster::Area;
use cog_write::{Content, EncodedBlock, Image, Source, SourceError};

use super::change::Change;

/// A file, in its own grid or in another one.
pub(super) struct FileSource {
    pub(super) cog: Cog,
    pub(super) image: Image,
    /// Bands to take, counted from 1; all if none.
    pub(super) bands: Vec<usize>,
    /// Another grid, and how pixels are made in it.
    pub(super) grid: Option<(OutputGrid, Method)>,
    /// Nodata instead of the file's.
    pub(super) nodata: Option<f64>,
    /// Whether what the file left out stays left out.
    pub(super) unwritten: bool,
    pub(super) change: Change,
    pub(super) overviews: Vec<(u32, u32)>,
    pub(super) blocks: Vec<(u32, u32)>,
    /// Where blocks lie that are copied: of each level those of the image and of the mask.
    pub(super) places: Vec<(Vec<BlockLocation>, Vec<BlockLocation>)>,
}

impl FileSource {
    /// Refuses blocks that cannot be read in the memory that is allowed, before anything is made: strips of hundreds of millions of pixels.
    /// Such a block is there three times: as the file has it, decoded, and put in place; and once more as it is written, if that is something
    /// else. Files of one strip were measured to take that.
    pub(super) fn check_memory(&self, levels: &[Level]) -> anyhow::Result<()> {
        let profile = self.cog.profile()?;
        let size = profile.sample_type.size() as u64;
        let own = &self.image;
        let is_changed = !self.change.is_none();
        let written =
            if is_changed { own.sample.size() as u64 * u64::from(own.bands) } else { 0 } + u64::from(own.mask);
        for level in levels {
            let Level { image, pieces, .. } = level;
            let stored = size * u64::from(image.samples_per_block());
            let read = size * if self.bands.is_empty() { u64::from(profile.count) } else { self.bands.len() as u64 };
            let pixels =
                u64::from(pieces.block_width.min(image.width)) * u64::from(pieces.block_height.min(image.height));
            // Of a mask too, a byte for each pixel.
            let mask = level.mask.and_then(|ifd| tiff::Image::of(self.cog.ifd(ifd).ok()?).ok()).map_or(0, |mask| {
                u64::from(mask.grid.block_width.min(mask.width)) * u64::from(mask.grid.block_height.min(mask.height))
            });
            let bytes = pixels.saturating_mul(2 * stored + read + written).max(mask.saturating_mul(3));
            let limit = self.cog.session().limits().max_output_bytes;
            if bytes > limit {
                let what = "conversion of blocks as large as these";
                return Err(
                    cog_read::Error::TooLarge { location: self.cog.location().into(), what, bytes, limit }.into()
                );
            }
        }
        Ok(())
    }

    /// Pixels of a rectangle; nothing if the file left all of it out.
    async fn raster(&self, level: usize, area: Area) -> Result<Option<Raster>, SourceError> {
        if let Some((grid, method)) = &self.grid {
            let part = grid.window(area.x, area.y, area.width, area.height).map_err(warp_failed)?;
            let mut request = WarpedRead::new(&self.cog, &part).method(*method);
            if !self.bands.is_empty() {
                request = request.bands(self.bands.iter().copied());
            }
            if let Some(nodata) = self.nodata {
                request = request.nodata(nodata);
            }
            if let Some(nodata) = self.image.nodata.filter(|_| self.change.is_none()) {
                request = request.fill(nodata.as_f64());
            }
            return request.await.map(Some).map_err(warp_failed);
        }
        let mut request = self.cog.read().level(level).window(area);
        if !self.bands.is_empty() {
            request = request.bands(self.bands.iter().copied());
        }
        let (mut raster, cost) = request.with_cost().await.map_err(failed)?;
        // Not by the request, which would give this value to what the file left out.
        if let Some(nodata) = self.nodata.and_then(|nodata| Nodata::of(nodata, raster.pixels.sample_type())) {
            let all = vec![Some(nodata); raster.pixels.dim().0];
            raster.validity = Validity::PerBand(raster.pixels.masks_by_nodata(&all));
        }
        Ok((!self.unwritten || cost.blocks > 0 || cost.sparse == 0).then_some(raster))
    }

    fn place(&self, level: usize, block: EncodedBlock) -> Option<BlockLocation> {
        let (image, mask) = self.places.get(level)?;
        if block.mask { mask.get(block.index).copied() } else { image.get(block.index).copied() }
    }
}

impl Source for FileSource {
    fn image(&self) -> &Image {
        &self.image
    }

    fn blocks(&self, level: usize) -> (u32, u32) {
        if self.grid.is_some() {
            return (1, 1);
        }
        self.blocks.get(level).copied().unwrap_or((1, 1))
    }

    fn overviews(&self) -> Vec<(u32, u32)> {
        self.overviews.clone()
    }

    fn read(&self, level: usize, area: Area) -> BoxFuture<'_, Result<Content, SourceError>> {
        async move {
            let Some(raster) = self.raster(level, area).await? else { return Ok(Content::Unwritten) };
            let mask = self.image.mask.then(|| raster.mask());
            let Raster { pixels, validity, .. } = raster;
            Ok(Content::Pixels { pixels: self.change.apply(pixels, &validity), mask })
        }
        .boxed()
    }

    fn is_near(&self) -> bool {
        self.grid.is_none() && self.is_at_hand()
    }

    fn encoded(&self, level: usize, blocks: &[EncodedBlock]) -> BoxFuture<'_, Result<Vec<Bytes>, SourceError>> {
        let ranges = blocks.iter().map(|block| self.place(level, *block).map_or(0..0, |place| place.range()));
        let ranges: Vec<_> = ranges.collect();
        async move { self.cog.source().read_ranges(&ranges).await.map_err(io_failed) }.boxed()
    }

    fn encoded_now(&self, level: usize, block: EncodedBlock, out: &mut [u8]) -> Option<io::Result<()>> {
        let place = self.place(level, block)?;
        if place.length != out.len() as u64 {
            return Some(Err(io::Error::other("a block has another size than it had")));
        }
        if let Some(bytes) = self.cog.source().memory() {
            let range = usize::try_from(place.offset).ok()?..usize::try_from(place.range().end).ok()?;
            let outside = || io::Error::from(io::ErrorKind::UnexpectedEof);
            return Some(bytes.get(range).map(|bytes| out.copy_from_slice(bytes)).ok_or_else(outside));
        }
        Some(self.cog.source().local()?.read_at(place.offset, out).map_err(io::Error::other))
    }

    fn is_at_hand(&self) -> bool {
        !self.cog.source().is_remote()
    }
}

fn io_failed(error: cog_read::io::Error) -> SourceError {
    failed(cog_read::Error::Io(error))
}

fn warp_failed(error: cog_warp::Error) -> SourceError {
    let class = error.class();
    SourceError::new(error, class)
}

fn failed(error: cog_read::Error) -> SourceError {
    let class = error.class();
    SourceError::new(error, class)
}
