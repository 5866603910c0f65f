//! A file as what a COG is written from.

use cog_read::{Cog, Raster};
use cog_write::futures_util::FutureExt;
use cog_write::futures_util::future::BoxFuture;
use cog_write::raster::Area;
use cog_write::{Content, Image, Source, SourceError};

/// A file, in its own grid.
pub(super) struct FileSource {
    cog: Cog,
    image: Image,
    /// Bands to take, counted from 1; all if none.
    bands: Vec<usize>,
    overviews: Vec<(u32, u32)>,
    blocks: Vec<(u32, u32)>,
}

impl FileSource {
    /// # Errors
    /// A damaged file.
    pub(super) fn new(cog: &Cog, image: Image, bands: Vec<usize>) -> cog_read::Result<FileSource> {
        let levels = cog.levels()?;
        let size = |level: &cog_read::Level| (level.image.width, level.image.height);
        let blocks = |level: &cog_read::Level| (level.image.grid.block_width, level.image.grid.block_height);
        Ok(FileSource {
            cog: cog.clone(),
            image,
            bands,
            overviews: levels.iter().skip(1).map(size).collect(),
            blocks: levels.iter().map(blocks).collect(),
        })
    }
}

impl Source for FileSource {
    fn image(&self) -> &Image {
        &self.image
    }

    fn blocks(&self, level: usize) -> (u32, u32) {
        self.blocks.get(level).copied().unwrap_or((1, 1))
    }

    fn overviews(&self) -> Vec<(u32, u32)> {
        self.overviews.clone()
    }

    fn read(&self, level: usize, area: Area) -> BoxFuture<'_, Result<Content, SourceError>> {
        let mut request = self.cog.read().level(level).window(area);
        if !self.bands.is_empty() {
            request = request.bands(self.bands.iter().copied());
        }
        async move {
            let (raster, cost) = request.with_cost().await.map_err(failed)?;
            if cost.blocks == 0 && cost.sparse > 0 {
                return Ok(Content::Unwritten);
            }
            let mask = self.image.mask.then(|| raster.mask());
            let Raster { pixels, .. } = raster;
            Ok(Content::Pixels { pixels, mask })
        }
        .boxed()
    }
}

fn failed(error: cog_read::Error) -> SourceError {
    let class = error.class();
    SourceError::new(error, class)
}
