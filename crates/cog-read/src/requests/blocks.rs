//! A request for the blocks of a level, one after the other.

use std::collections::VecDeque;
use std::sync::Arc;

use cog_raster::{Raster, Window};
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::cog::Cog;
use crate::error::Result;
use crate::render::areas::{GROUP_BYTES, area_of, read_blocks};
use crate::render::band_source::BandSource;
use crate::render::budget::Budget;
use crate::render::selection::{Selection, selection_setters};

impl Cog {
    /// Reads the blocks of a level one after the other, in bounded memory; of full resolution unless [`level`](Blocks::level) says
    /// another.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// use cog_read::futures_util::StreamExt;
    ///
    /// let mut blocks = cog.blocks().stream()?;
    /// while let Some(block) = blocks.next().await {
    ///     let block = block?;
    ///     println!("{}, {}: {:?}", block.x, block.y, block.raster.dim());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn blocks(&self) -> Blocks {
        Blocks { cog: self.clone(), level: 0, window: None, selection: Selection::default() }
    }
}

/// One block of a stream.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Block {
    /// Column in the grid of blocks.
    pub x: u32,
    /// Row in the grid of blocks.
    pub y: u32,
    /// Its pixels, without padding.
    pub raster: Raster,
}

/// A request for all blocks that touch a window, row by row.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until its stream is read"]
pub struct Blocks {
    cog: Cog,
    level: usize,
    window: Option<Window>,
    selection: Selection,
}

/// What a block of such a group costs beside its pixels.
const BLOCK_COST: u64 = 1 << 10;

impl Blocks {
    /// The blocks of this level; 0 is full resolution.
    pub fn level(mut self, level: usize) -> Self {
        self.level = level;
        self
    }

    /// Only blocks that touch this window, in pixels of the level.
    pub fn window(mut self, window: impl Into<Window>) -> Self {
        self.window = Some(window.into());
        self
    }

    selection_setters!(selection);

    /// The blocks, one after the other, in rows from the top. Not more than three groups of blocks are in memory, each of 8 MiB
    /// or one block; dropping the stream stops what is under way. It ends after an error.
    ///
    /// # Errors
    /// A level, band or window that does not exist.
    pub fn stream(self) -> Result<BoxStream<'static, Result<Block>>> {
        let source = Arc::new(BandSource::new(&self.cog, self.level, &self.selection)?);
        let grid = source.level.image.grid;
        let (width, height) = source.image_size();
        let window = match self.window {
            None => Window::new(0, 0, width, height),
            Some(window) => self.cog.clip(&window, (width, height))?,
        };
        let cells = |start: f64, len: f64, block: u32, count: u32| {
            let (first, end) = (start / f64::from(block), (start + len) / f64::from(block));
            first.floor() as u32..(end.ceil() as u32).min(count)
        };
        let columns = cells(window.column, window.width, grid.block_width, grid.across());
        let rows = cells(window.row, window.height, grid.block_height, grid.down());
        let places = rows.flat_map(move |y| columns.clone().map(move |x| (x, y)));
        let groups = Groups::new(Arc::clone(&source), Box::new(places));
        let counter = self.selection.counter();
        let read = move |group: Vec<(u32, u32)>| {
            let (source, counter) = (Arc::clone(&source), Arc::clone(&counter));
            async move {
                let areas =
                    group.iter().map(|&(x, y)| area_of(&source, &grid, (x, y), true)).collect::<Result<Vec<_>>>()?;
                let (parts, _) = read_blocks(&source, &areas, counter).await?;
                let block = |(((x, y), area), part)| Ok(Block { x, y, raster: source.area_raster(area, part)? });
                group.into_iter().zip(areas).zip(parts).map(block).collect::<Result<VecDeque<_>>>()
            }
        };
        let blocks = stream::iter(groups).map(read).buffered(2).flat_map(|group| match group {
            Ok(blocks) => stream::iter(blocks.into_iter().map(Ok)).left_stream(),
            Err(error) => stream::iter([Err(error)]).right_stream(),
        });
        // Nothing follows an error.
        let until_error = blocks.scan(false, |failed, block| {
            let ended = std::mem::replace(failed, block.is_err());
            std::future::ready((!ended).then_some(block))
        });
        Ok(until_error.boxed())
    }
}

/// Neighbouring blocks, as many as are read together.
pub(crate) struct Groups {
    source: Arc<BandSource>,
    places: Box<dyn Iterator<Item = (u32, u32)> + Send>,
    next: Option<(u32, u32)>,
}

impl Groups {
    /// Groups of the blocks at these places.
    pub(crate) fn new(source: Arc<BandSource>, places: Box<dyn Iterator<Item = (u32, u32)> + Send>) -> Groups {
        Groups { source, places, next: None }
    }
}

impl Iterator for Groups {
    type Item = Vec<(u32, u32)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut group = Vec::new();
        let mut budget = Budget::new(GROUP_BYTES);
        while let Some((x, y)) = self.next.take().or_else(|| self.places.next()) {
            let pixels = area_of(&self.source, &self.source.level.image.grid, (x, y), false)
                .map_or(0, |area| self.source.bytes(&area));
            if !budget.take(pixels.saturating_add(BLOCK_COST)) {
                self.next = Some((x, y));
                break;
            }
            group.push((x, y));
        }
        (!group.is_empty()).then_some(group)
    }
}
