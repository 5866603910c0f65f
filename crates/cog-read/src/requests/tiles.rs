//! Requests for blocks: one, or many at once.

use std::collections::HashMap;
use std::future::IntoFuture;
use std::sync::Arc;

use cog_raster::{Nodata, Raster, SampleType};
use cog_tiff::BlockGrid;
use futures_util::future::BoxFuture;

use crate::cog::Cog;
use crate::error::{Result, UsageProblem};
use crate::pipeline::cost::ReadCost;
use crate::render::areas::{area_of, read_blocks};
use crate::render::band_source::BandSource;
use crate::render::selection::{Selection, selection_setters};
use crate::requests::encoded::{self, EncodedTile};
use crate::session::decoded::{BlockKey, Reading};

impl Cog {
    /// Reads the tile (or strip) in column `x`, row `y` of the grid of a level, full resolution unless
    /// [`level`](TileRead::level) says another: always the full block size, padding as stored with its validity 0.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// let full = cog.tile(3, 4).await?;
    /// let overview = cog.tile(0, 1).level(2).clipped().await?;
    /// # Ok(()) }
    /// ```
    pub fn tile(&self, x: u32, y: u32) -> TileRead {
        TileRead { tiles: TilesRead::new(self, vec![(x, y)]) }
    }

    /// Reads many tiles of a level together, full resolution unless [`level`](TilesRead::level) says another: `(x, y)` are columns
    /// and rows of its grid.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// for raster in cog.tiles([(0, 0), (1, 0), (7, 3)]).await? {
    ///     println!("{:?}", raster.dim());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn tiles(&self, tiles: impl IntoIterator<Item = (u32, u32)>) -> TilesRead {
        TilesRead::new(self, tiles.into_iter().collect())
    }
}

/// A request for one block; await it to get a [`Raster`] of the block's size.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct TileRead {
    tiles: TilesRead,
}

impl TileRead {
    /// Reads from this level; 0 is full resolution.
    pub fn level(self, level: usize) -> Self {
        TileRead { tiles: self.tiles.level(level) }
    }

    /// Cuts off the padding of a block at the right or lower edge.
    pub fn clipped(self) -> Self {
        TileRead { tiles: self.tiles.clipped() }
    }

    selection_setters!(tiles.selection);

    /// The block, and what it cost to read it.
    ///
    /// # Errors
    /// As awaiting the request.
    pub async fn with_cost(self) -> Result<(Raster, ReadCost)> {
        let cog = self.tiles.cog.clone();
        let (mut rasters, cost) = self.tiles.with_cost().await?;
        Ok((rasters.pop().ok_or_else(|| cog.usage(UsageProblem::NoTiles))?, cost))
    }

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
        Box::pin(async move { Ok(self.with_cost().await?.0) })
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
    pieces: bool,
}

impl TilesRead {
    fn new(cog: &Cog, tiles: Vec<(u32, u32)>) -> TilesRead {
        TilesRead { cog: cog.clone(), tiles, level: 0, selection: Selection::default(), clipped: false, pieces: false }
    }

    /// Reads from this level; 0 is full resolution.
    pub fn level(mut self, level: usize) -> Self {
        self.level = level;
        self
    }

    /// Cuts off the padding of blocks at the right or lower edge.
    pub fn clipped(mut self) -> Self {
        self.clipped = true;
        self
    }

    /// Reads pieces: columns and rows are those of [`Level::pieces`](crate::Level::pieces).
    pub fn of_pieces(mut self) -> Self {
        self.pieces = true;
        self
    }

    fn grid(&self, source: &BandSource) -> BlockGrid {
        if self.pieces { source.level.pieces } else { source.level.image.grid }
    }

    selection_setters!(selection);

    /// The blocks as the file has them, not decoded, fetched together.
    ///
    /// # Errors
    /// A tile that does not exist, and what the store says.
    pub async fn encoded(self) -> Result<Vec<EncodedTile>> {
        let source = BandSource::new(&self.cog, self.level, &Selection { raw_color: true, ..self.selection })?;
        encoded::read(&source, &self.tiles).await
    }

    /// What the blocks will be, before any is read.
    ///
    /// # Errors
    /// A level or band that does not exist, and a nodata value that no sample can have.
    pub fn layout(&self) -> Result<TilesLayout> {
        let source = BandSource::new(&self.cog, self.level, &self.selection)?;
        let grid = self.grid(&source);
        Ok(TilesLayout {
            level_size: source.image_size(),
            block_size: (grid.block_width, grid.block_height),
            bands: source.bands.iter().map(|band| band + 1).collect(),
            sample_type: source.layer.sample_type,
            nodata: source.nodata(),
            scales: source.scales(),
            band_names: source.band_names(),
            is_palette: source.is_palette(),
        })
    }

    /// The blocks, and what it cost to read all of them.
    ///
    /// # Errors
    /// As awaiting the request.
    pub async fn with_cost(self) -> Result<(Vec<Raster>, ReadCost)> {
        let source = BandSource::new(&self.cog, self.level, &self.selection)?;
        let grid = self.grid(&source);
        let areas = self.tiles.iter().map(|place| area_of(&source, &grid, *place, self.clipped));
        let areas = areas.collect::<Result<Vec<_>>>()?;
        let (parts, cost) = read_blocks(&source, &areas, self.selection.counter()).await?;
        let rasters = areas.into_iter().zip(parts).map(|(area, part)| source.area_raster(area, part));
        Ok((rasters.collect::<Result<_>>()?, cost))
    }
}

impl TilesRead {
    /// The blocks, for several requests to look at: those that the session still holds decoded are not read again, the others stay, up to
    /// [`SessionOptions::decoded_bytes`](crate::SessionOptions::decoded_bytes). The cost is that of what was read.
    ///
    /// # Errors
    /// As awaiting the request.
    pub async fn shared(self) -> Result<(Vec<Arc<Raster>>, ReadCost)> {
        let reading = Arc::new(Reading {
            bands: self.selection.bands.clone(),
            raw_color: self.selection.raw_color,
            nodata: self.selection.nodata.map(f64::to_bits),
            clipped: self.clipped,
            pieces: self.pieces,
        });
        let session = self.cog.session().clone();
        let (page, level) = (self.cog.page_key(), self.level);
        let key = |place| BlockKey { page: page.clone(), level, place, reading: Arc::clone(&reading) };
        let mut blocks: HashMap<(u32, u32), Arc<Raster>> = HashMap::new();
        for place in &self.tiles {
            if let Some(block) = session.decoded().get(&key(*place)) {
                blocks.insert(*place, block);
            }
        }
        let wanted = self.tiles.clone();
        let missing: Vec<_> = wanted.iter().copied().filter(|place| !blocks.contains_key(place)).collect();
        let mut cost = ReadCost::default();
        if !missing.is_empty() {
            let (rasters, own) = TilesRead { tiles: missing.clone(), ..self }.with_cost().await?;
            cost = own;
            blocks.extend(missing.iter().copied().zip(rasters.into_iter().map(Arc::new)));
            session
                .decoded()
                .keep(missing.iter().filter_map(|place| Some((key(*place), Arc::clone(blocks.get(place)?)))));
        }
        Ok((wanted.iter().filter_map(|place| blocks.get(place).cloned()).collect(), cost))
    }
}

/// What the blocks of a [`TilesRead`] are.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TilesLayout {
    /// Columns and rows of the level.
    pub level_size: (u32, u32),
    /// Columns and rows of a block, or of a piece with [`of_pieces`](TilesRead::of_pieces).
    pub block_size: (u32, u32),
    /// Numbers of the bands, from 1.
    pub bands: Vec<usize>,
    /// The type of the samples.
    pub sample_type: SampleType,
    /// The value of pixels without data in the first of the bands.
    pub nodata: Option<Nodata>,
    /// Scale and offset of each band.
    pub scales: Vec<(f64, f64)>,
    /// The bands' names, where the file has them.
    pub band_names: Arc<[Option<String>]>,
    /// True if samples are numbers of colours, of which no mean makes sense.
    pub is_palette: bool,
}

impl IntoFuture for TilesRead {
    type Output = Result<Vec<Raster>>;
    type IntoFuture = BoxFuture<'static, Result<Vec<Raster>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_cost().await?.0) })
    }
}
