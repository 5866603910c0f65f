//! A read in parts, for outputs that need not be in memory as a whole.

use cog_raster::{Area, SampleType, Window};

use crate::error::Result;
use crate::render::band_source::BandSource;
use crate::render::output_grid::{OutputGrid, Region, Size};
use crate::requests::read::RasterRead;

/// A read that is made of others: an iterator of requests for whole rows of the output, from the top to the bottom, each with the row that it
/// begins with. Together they have the pixels and the validity of the whole.
#[derive(Clone, Debug)]
pub struct ReadParts {
    whole: RasterRead,
    dim: (usize, usize, usize),
    sample_type: SampleType,
    area: Area,
    /// Rows of a part, from one edge between blocks to another.
    rows: u32,
    /// The next row, of the level.
    next: u32,
    blocks: u64,
}

impl ReadParts {
    /// Bands, rows and columns of the whole.
    pub fn dim(&self) -> (usize, usize, usize) {
        self.dim
    }

    /// The column and the row of the level at which the whole begins.
    pub fn from(&self) -> (u32, u32) {
        (self.area.x, self.area.y)
    }

    /// Blocks that the whole touches, of one band where bands lie apart, without those of masks.
    pub fn blocks(&self) -> u64 {
        self.blocks
    }

    /// What the samples are.
    pub fn sample_type(&self) -> SampleType {
        self.sample_type
    }
}

impl Iterator for ReadParts {
    type Item = (usize, RasterRead);

    fn next(&mut self) -> Option<(usize, RasterRead)> {
        let end = self.area.y.saturating_add(self.area.height);
        let from = self.next;
        if from >= end {
            return None;
        }
        self.next = (from / self.rows).saturating_add(1).saturating_mul(self.rows).min(end);
        let window = Window::new(self.area.x, from, self.area.width, self.next - from);
        let part =
            RasterRead { region: Region::Window(window), size: Size::Native, boundless: false, ..self.whole.clone() };
        Some(((from - self.area.y) as usize, part))
    }
}

impl RasterRead {
    /// The same read in parts of about `bytes` each, and of whole rows of blocks, so that none of these is decoded twice. The limit of an output
    /// counts for each part. Parts are requests like others: two of them at a time keep all threads decoding.
    ///
    /// `None` of a read whose pixels are not those of a level, one to one: of another size, with fractions of pixels, reaching over the edges.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// if let Some(whole) = cog.read().parts(16 << 20)? {
    ///     for (row, part) in whole {
    ///         println!("from row {row}: {:?}", part.await?.dim());
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What is wrong with the request.
    pub fn parts(&self, bytes: u64) -> Result<Option<ReadParts>> {
        let level = self.level.unwrap_or(0);
        let source = BandSource::new(&self.cog, level, &self.selection)?;
        let transform = self.cog.level_transform(&source.level)?;
        let asked = OutputGrid::of(self.region, self.size, self.boundless, source.image_size(), transform.as_ref())
            .map_err(|problem| self.cog.usage(problem))?;
        let inside = (asked.inside.width, asked.inside.height);
        let Some(area) = asked.copy().filter(|_| inside == (asked.width, asked.height)) else { return Ok(None) };

        let row_bytes = source.output_bytes(u64::from(area.width), self.unscale).max(1);
        let block_rows = source.layer.image.grid.block_height.max(1);
        let rows = u32::try_from(bytes / row_bytes).unwrap_or(u32::MAX);
        let rows = (rows / block_rows).saturating_mul(block_rows).max(block_rows);
        let sample_type = match source.layer.sample_type {
            complex if self.unscale && complex.is_complex() => SampleType::Complex64,
            _ if self.unscale => SampleType::F64,
            stored => stored,
        };
        let grid = source.layer.image.grid;
        let touched = |first: u32, count: u32, block: u32| {
            let block = block.max(1);
            u64::from(first.saturating_add(count).div_ceil(block)).saturating_sub(u64::from(first / block))
        };
        let across = touched(area.x, area.width, grid.block_width);
        let blocks = across.saturating_mul(touched(area.y, area.height, grid.block_height));
        let dim = (source.bands.len(), asked.height, asked.width);
        let whole = self.clone().level(level);
        Ok(Some(ReadParts { whole, dim, sample_type, area, rows, next: area.y, blocks }))
    }
}
