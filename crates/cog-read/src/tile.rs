//! Requests for blocks: one, many at once, or one after the other.

use std::collections::VecDeque;
use std::future::IntoFuture;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::assemble::assemble;
use crate::cog::Cog;
use crate::encoded::{self, EncodedTile};
use crate::error::{Result, UsageProblem};
use crate::progress::Counter;
use crate::raster::Raster;
use crate::request::Request;
use crate::resample::Resampling;
use crate::resampled;
use crate::selection::{Selection, selection_setters};
use crate::validity::Validity;
use crate::window::{Area, Window};

/// A request for one block; await it to get a [`Raster`] of the block's size.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct TileRead {
    tiles: TilesRead,
}

impl TileRead {
    pub(crate) fn new(cog: &Cog, x: u32, y: u32, level: usize) -> TileRead {
        TileRead { tiles: TilesRead::new(cog, vec![(x, y)], level) }
    }

    /// Cuts off the padding of a block at the right or lower edge.
    pub fn clipped(self) -> Self {
        TileRead { tiles: self.tiles.clipped() }
    }

    selection_setters!(tiles.selection);

    /// The block as the file has it, not decoded.
    ///
    /// # Errors
    /// A tile that does not exist, and what the store says.
    pub async fn encoded(self) -> Result<EncodedTile> {
        let cog = self.tiles.cog.clone();
        let mut tiles = self.tiles.encoded().await?;
        tiles.pop().ok_or_else(|| cog.usage(UsageProblem::NoTiles))
    }
}

impl IntoFuture for TileRead {
    type Output = Result<Raster>;
    type IntoFuture = BoxFuture<'static, Result<Raster>>;

    fn into_future(self) -> Self::IntoFuture {
        let cog = self.tiles.cog.clone();
        let tiles = self.tiles.into_future();
        Box::pin(async move { tiles.await?.pop().ok_or_else(|| cog.usage(UsageProblem::NoTiles)) })
    }
}

/// A request for many blocks of a level: their ranges are merged and fetched together, a block that is named twice
/// is fetched once. Await it to get a [`Raster`] of each, in the order they were named.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct TilesRead {
    cog: Cog,
    tiles: Vec<(u32, u32)>,
    level: usize,
    selection: Selection,
    clipped: bool,
}

impl TilesRead {
    pub(crate) fn new(cog: &Cog, tiles: Vec<(u32, u32)>, level: usize) -> TilesRead {
        TilesRead { cog: cog.clone(), tiles, level, selection: Selection::default(), clipped: false }
    }

    /// Cuts off the padding of blocks at the right or lower edge.
    pub fn clipped(mut self) -> Self {
        self.clipped = true;
        self
    }

    selection_setters!(selection);

    /// The blocks as the file has them, not decoded, fetched together.
    ///
    /// # Errors
    /// A tile that does not exist, and what the store says.
    pub async fn encoded(self) -> Result<Vec<EncodedTile>> {
        let request = Request::new(&self.cog, self.level, &Selection { raw_color: true, ..self.selection })?;
        encoded::read(&request, &self.tiles).await
    }

    async fn run(self) -> Result<Vec<Raster>> {
        let request = Request::new(&self.cog, self.level, &self.selection)?;
        let areas =
            self.tiles.iter().map(|&(x, y)| area_of(&request, x, y, self.clipped)).collect::<Result<Vec<_>>>()?;
        read_blocks(&request, &areas, self.selection.counter()).await
    }
}

impl IntoFuture for TilesRead {
    type Output = Result<Vec<Raster>>;
    type IntoFuture = BoxFuture<'static, Result<Vec<Raster>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
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

/// Decoded bytes of the blocks that are read together; the next such group is read while one is consumed.
pub(crate) const GROUP_BYTES: u64 = 8 << 20;
/// What a block of such a group costs beside its pixels.
const BLOCK_COST: u64 = 1 << 10;

impl Blocks {
    pub(crate) fn new(cog: &Cog, level: usize) -> Blocks {
        Blocks { cog: cog.clone(), level, window: None, selection: Selection::default() }
    }

    /// Only blocks that touch this window, in pixels of the level.
    pub fn window(mut self, window: Window) -> Self {
        self.window = Some(window);
        self
    }

    selection_setters!(selection);

    /// The blocks, one after the other, in rows from the top. Not more than three groups of blocks are in memory, each of 8 MiB
    /// or one block; dropping the stream stops what is under way. It ends after an error.
    ///
    /// # Errors
    /// A level, band or window that does not exist.
    pub fn stream(self) -> Result<BoxStream<'static, Result<Block>>> {
        let request = Arc::new(Request::new(&self.cog, self.level, &self.selection)?);
        let grid = request.layer.image.grid;
        let (width, height) = request.image_size();
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
        let groups = Groups::new(Arc::clone(&request), Box::new(places));
        let counter = self.selection.counter();
        let read = move |group: Vec<(u32, u32)>| {
            let (request, counter) = (Arc::clone(&request), Arc::clone(&counter));
            async move {
                let areas = group.iter().map(|&(x, y)| area_of(&request, x, y, true)).collect::<Result<Vec<_>>>()?;
                let rasters = read_blocks(&request, &areas, counter).await?;
                let block = |((x, y), raster)| Block { x, y, raster };
                Ok::<_, crate::Error>(group.into_iter().zip(rasters).map(block).collect::<VecDeque<_>>())
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
    request: Arc<Request>,
    places: Box<dyn Iterator<Item = (u32, u32)> + Send>,
    next: Option<(u32, u32)>,
}

impl Groups {
    /// Groups of the blocks at these places.
    pub(crate) fn new(request: Arc<Request>, places: Box<dyn Iterator<Item = (u32, u32)> + Send>) -> Groups {
        Groups { request, places, next: None }
    }
}

impl Iterator for Groups {
    type Item = Vec<(u32, u32)>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut group = Vec::new();
        let mut bytes = 0u64;
        while let Some((x, y)) = self.next.take().or_else(|| self.places.next()) {
            let pixels = area_of(&self.request, x, y, false).map_or(0, |area| self.request.bytes(&area));
            let more = pixels.saturating_add(BLOCK_COST);
            if !group.is_empty() && bytes.saturating_add(more) > GROUP_BYTES {
                self.next = Some((x, y));
                break;
            }
            bytes = bytes.saturating_add(more);
            group.push((x, y));
        }
        (!group.is_empty()).then_some(group)
    }
}

/// The pixels of a block, with or without its padding.
pub(crate) fn area_of(request: &Request, x: u32, y: u32, clipped: bool) -> Result<Area> {
    let grid = request.layer.image.grid;
    let (across, down) = (grid.across(), grid.down());
    if x >= across || y >= down {
        return Err(request.cog.usage(UsageProblem::NoSuchTile { x, y, across, down }));
    }
    let (width, height) = if clipped { grid.inside(x, y) } else { (grid.block_width, grid.block_height) };
    let (x, y) = (x.saturating_mul(grid.block_width), y.saturating_mul(grid.block_height));
    Ok(Area { x, y, width, height })
}

/// Reads areas of one level together, each into a raster of its own. Of a level without a mask, while the image has one, each
/// pixel is as valid as the one of full resolution at its centre.
pub(crate) async fn read_blocks(request: &Request, areas: &[Area], counter: Arc<Counter>) -> Result<Vec<Raster>> {
    let mut rasters = read_areas(request, areas, Arc::clone(&counter)).await?;
    let Some(mask) = request.missing_mask()? else { return Ok(rasters) };
    let ((across, down), (width, height)) = (request.level.decimation, request.image_size());
    for (area, raster) in areas.iter().zip(&mut rasters) {
        let inside = Area {
            width: width.saturating_sub(area.x).min(area.width),
            height: height.saturating_sub(area.y).min(area.height),
            ..*area
        };
        let window = Window::from(inside).shrunk((1.0 / across, 1.0 / down));
        let out = (inside.width as usize, inside.height as usize);
        let (pixels, ..) = resampled::read(&mask, &window, out, Resampling::Nearest, Arc::clone(&counter)).await?;
        let whole = Validity::of_mask(pixels).padded(area.height as usize, area.width as usize);
        raster.validity = std::mem::replace(&mut raster.validity, Validity::AllValid).and(whole);
    }
    Ok(rasters)
}

/// Reads areas of one level together, each into a raster of its own, with what the level itself says of validity.
pub(crate) async fn read_areas(request: &Request, areas: &[Area], counter: Arc<Counter>) -> Result<Vec<Raster>> {
    let bytes = areas.iter().fold(0u64, |sum, area| sum.saturating_add(request.bytes(area)));
    request.check_output(bytes)?;
    let header = &request.layer.file.header;
    let (filled, cost) = loop {
        let trusted = header.trusts_frames();
        let mut targets = Vec::new();
        for area in areas {
            targets.extend(request.targets(*area)?);
        }
        match assemble(request.cog.session(), targets, Arc::clone(&counter)).await {
            // A frame was wrong: the file was changed by a program that knows nothing of frames. Once more by its tables.
            Err(_) if trusted && !header.trusts_frames() => {}
            done => break done?,
        }
    };
    let mut filled = filled.into_iter();
    areas
        .iter()
        .map(|area| {
            let part = request.finish(area, filled.by_ref().take(request.targets_per_area()))?;
            request.raster(*area, part.pixels, part.validity, cost)
        })
        .collect()
}
