//! An opened file.

use std::collections::HashMap;
use std::sync::Arc;

use cog_io::Source;
use cog_tiff::{GeoTransform, Ifd, Image, Nodata, Page, Parser, Profile, Progress, SampleType, Stop, Tag, Tiff, Value};

use crate::bounds::Bounds;
use crate::error::{Error, Result, UsageProblem};
use crate::header_bytes::HeaderBytes;
use crate::layer::Layer;
use crate::measure::StatisticsRead;
use crate::point::PointsRead;
use crate::read::Read;
use crate::session::{Session, SessionOptions};
use crate::shown::Shown;
use crate::tile::{Blocks, TileRead, TilesRead};
use crate::validity::ValiditySource;
use crate::window::Window;

/// A GeoTIFF that was opened: its structure is known, none of its pixels were read. Cheap to clone.
///
/// It shows one page of the file, at first page 0; [`Cog::page`] shows another.
#[derive(Clone)]
pub struct Cog {
    session: Session,
    header: Arc<HeaderBytes>,
    tiff: Arc<Tiff>,
    page: usize,
    shown: Arc<Shown>,
    /// By IFD: what blocks of old-style JPEG have in common.
    jpeg_headers: Arc<HashMap<usize, Arc<[u8]>>>,
}

/// One resolution of an image. Level 0 is full resolution, 1 … are the overviews in file order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Level {
    /// Its number.
    pub index: usize,
    /// What its IFD says.
    pub image: Image,
    /// Index of its IFD in [`Tiff::ifds`].
    pub ifd: usize,
    /// Index of its mask's IFD.
    pub mask: Option<usize>,
    /// How many times smaller it is than full resolution, in x and y.
    pub decimation: (f64, f64),
}

impl Cog {
    /// Opens a path or URL (see [`cog_io::Location`]) in a session of its own, configured by the environment. For more
    /// than a few files share a [`Session`].
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub async fn open(location: &str) -> Result<Cog> {
        Session::new(SessionOptions::from_env()?).open(location).await
    }

    pub(crate) async fn open_source(session: Session, source: Source) -> Result<Cog> {
        let first = session.io().config().ingested_bytes_at_open.max(16);
        let header = HeaderBytes::open(source, first, session.limits().max_round_trips).await?;
        let mut parser = Parser::new(session.limits().parse.clone());
        header
            .lookup(|known| match parser.advance(known)? {
                Progress::Complete => Ok(()),
                Progress::Need(ranges) => Err(Stop::Need(ranges)),
            })
            .await?;
        let tiff = parser.finish().map_err(|source| Error::Structure { location: header.location(), source })?;
        #[cfg(feature = "jpeg")]
        let jpeg_headers = crate::old_jpeg::headers(&header, &tiff, &session.limits().parse).await?;
        #[cfg(not(feature = "jpeg"))]
        let jpeg_headers = HashMap::new();
        Ok(Cog {
            session,
            header: Arc::new(header),
            tiff: Arc::new(tiff),
            page: 0,
            shown: Arc::default(),
            jpeg_headers: Arc::new(jpeg_headers),
        })
    }

    /// What it is called in errors: redacted.
    pub fn location(&self) -> &str {
        self.header.source().location()
    }

    /// Where its bytes come from, with counters of what was fetched.
    pub fn source(&self) -> &Source {
        self.header.source()
    }

    /// What it shares with other files.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The structure of the file.
    pub fn tiff(&self) -> &Tiff {
        &self.tiff
    }

    /// Bytes fetched so far to know the structure.
    pub fn header_bytes(&self) -> u64 {
        match self.source().memory() {
            Some(_) => self.tiff.ifd_bytes(),
            None => self.header.total(),
        }
    }

    /// Pages of the file.
    pub fn page_count(&self) -> usize {
        self.tiff.pages().len()
    }

    /// Another page of the same file; nothing is fetched.
    ///
    /// # Errors
    /// A page that does not exist.
    pub fn page(&self, page: usize) -> Result<Cog> {
        let count = self.page_count();
        if page >= count {
            return Err(self.usage(UsageProblem::NoSuchPage { page, count }));
        }
        Ok(Cog { page, shown: Arc::default(), ..self.clone() })
    }

    /// The image shown, in rasterio's terms.
    ///
    /// # Errors
    /// An image that lacks needed tags, or has samples that no reader delivers.
    pub fn profile(&self) -> Result<Profile> {
        self.shown_profile().map(|profile| (*profile).clone())
    }

    pub(crate) fn shown_profile(&self) -> Result<Arc<Profile>> {
        self.shown.profile(&self.tiff, self.current_page()?).map_err(|e| self.structure(e))
    }

    /// The levels of the image: full resolution, then its overviews.
    ///
    /// # Errors
    /// A damaged IFD.
    pub fn levels(&self) -> Result<Vec<Level>> {
        Ok(self.shown_levels()?.iter().map(|level| (**level).clone()).collect())
    }

    pub(crate) fn shown_levels(&self) -> Result<Arc<[Arc<Level>]>> {
        self.shown.levels(&self.tiff, self.current_page()?).map_err(|e| self.structure(e))
    }

    /// One level.
    ///
    /// # Errors
    /// A level that does not exist, or a damaged IFD.
    pub fn level(&self, index: usize) -> Result<Level> {
        self.shown_level(index).map(|level| (*level).clone())
    }

    pub(crate) fn shown_level(&self, index: usize) -> Result<Arc<Level>> {
        let levels = self.shown_levels()?;
        let missing = || self.usage(UsageProblem::NoSuchLevel { level: index, count: levels.len() });
        levels.get(index).cloned().ok_or_else(missing)
    }

    /// Reads pixels: the whole of full resolution unless the request says otherwise.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// let raster = cog.read().level(1).bands([1, 3]).await?;
    /// println!("{:?}", raster.dim()); // bands, rows, columns
    /// # Ok(()) }
    /// ```
    pub fn read(&self) -> Read {
        Read::new(self)
    }

    /// Reads the tile (or strip) in column `x`, row `y` of a level's grid: always the full block size, padding as stored
    /// with its validity 0.
    pub fn tile(&self, x: u32, y: u32, level: usize) -> TileRead {
        TileRead::new(self, x, y, level)
    }

    /// Reads many tiles of a level together: `(x, y)` are columns and rows of its grid.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// for raster in cog.tiles([(0, 0), (1, 0), (7, 3)], 0).await? {
    ///     println!("{:?}", raster.dim());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn tiles(&self, tiles: impl IntoIterator<Item = (u32, u32)>, level: usize) -> TilesRead {
        TilesRead::new(self, tiles.into_iter().collect(), level)
    }

    /// Reads the blocks of a level one after the other, in bounded memory.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// use futures_util::StreamExt;
    ///
    /// let mut blocks = cog.blocks(0).stream()?;
    /// while let Some(block) = blocks.next().await {
    ///     let block = block?;
    ///     println!("{}, {}: {:?}", block.x, block.y, block.raster.dim());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn blocks(&self, level: usize) -> Blocks {
        Blocks::new(self, level)
    }

    /// Reads the values at places, given as coordinates in the file's CRS.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// let points = cog.points([(438_210.0, 3_766_400.0), (438_500.0, 3_766_900.0)]).bands([1]).await?;
    /// println!("{:?}", points.values);
    /// # Ok(()) }
    /// ```
    pub fn points(&self, points: impl IntoIterator<Item = (f64, f64)>) -> PointsRead {
        PointsRead::new(self, points.into_iter().collect())
    }

    /// Reads a whole level for statistics of its bands.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// let statistics = cog.statistics().bands([1]).await?;
    /// println!("{:?}", statistics.bands[0].mean);
    /// # Ok(()) }
    /// ```
    pub fn statistics(&self) -> StatisticsRead {
        StatisticsRead::new(self)
    }

    /// The part of the image within bounds in the file's own CRS, at the image's resolution unless the request says more.
    pub fn part(&self, bounds: impl Into<Bounds>) -> Read {
        self.read().bounds(bounds)
    }

    /// One level as it is.
    pub fn read_level(&self, level: usize) -> Read {
        self.read().level(level)
    }

    /// The whole image with neither side longer than `max_size` pixels.
    pub fn preview(&self, max_size: usize) -> Read {
        self.read().max_size(max_size)
    }

    /// Reads the values at one place, given as coordinates in the file's CRS: see [`points`](Self::points).
    pub fn point(&self, x: f64, y: f64) -> PointsRead {
        self.points([(x, y)])
    }

    /// The value of a tag of an IFD (an index into [`Tiff::ifds`]), fetched if it was too large to be read at open.
    ///
    /// # Errors
    /// A value behind the end of the file or over the limit, and what the store says.
    pub async fn tag(&self, ifd: usize, tag: Tag) -> Result<Option<Value>> {
        let ifd = self.ifd(ifd)?;
        let limits = &self.session.limits().parse;
        self.header.lookup(|known| ifd.lookup_value(known, tag, limits)).await
    }

    pub(crate) fn header(&self) -> &Arc<HeaderBytes> {
        &self.header
    }

    pub(crate) fn current_page(&self) -> Result<&Page> {
        let missing = || self.usage(UsageProblem::NoSuchPage { page: self.page, count: self.page_count() });
        self.tiff.pages().get(self.page).ok_or_else(missing)
    }

    pub(crate) fn ifd(&self, index: usize) -> Result<&Ifd> {
        self.tiff.ifds().get(index).ok_or_else(|| self.structure(cog_tiff::Error::NoIfd))
    }

    pub(crate) fn layer(&self, ifd: usize, raw_color: bool) -> Result<Arc<Layer>> {
        self.shown.layer(&self.tiff, ifd, raw_color, self.jpeg_headers.get(&ifd)).map_err(|e| self.structure(e))
    }

    /// The part of a window inside an image of `width` × `height` pixels.
    pub(crate) fn clip(&self, window: &Window, (width, height): (u32, u32)) -> Result<Window> {
        if !window.is_sound() {
            return Err(self.usage(UsageProblem::EmptyWindow));
        }
        let outside = || self.usage(UsageProblem::OutsideWindow { window: *window, image: [width, height] });
        window.clip(width, height).ok_or_else(outside)
    }

    /// Nodata of the image: overviews inherit it from full resolution.
    pub(crate) fn nodata(&self, sample_type: SampleType) -> Result<Option<Nodata>> {
        let text = self.ifd(self.current_page()?.full.ifd)?.text(Tag::GDAL_NODATA);
        Ok(text.and_then(|text| Nodata::parse(&text, sample_type)))
    }

    /// From pixels of a level to coordinates.
    pub(crate) fn transform(&self, level: &Level) -> Result<Option<GeoTransform>> {
        let full = cog_tiff::Georeference::of(self.ifd(self.current_page()?.full.ifd)?).transform();
        Ok(full.map(|t| t.scaled(level.decimation.0, level.decimation.1)))
    }

    /// Where the validity of a level comes from, in GDAL's order: its mask, nodata, alpha.
    pub(crate) fn validity_source(&self, level: &Level, layer: &Layer, profile: &Profile) -> ValiditySource {
        if let Some(mask) = level.mask {
            return ValiditySource::Mask(mask);
        }
        if let Some(values) = profile.nodata_values().filter(|v| v.len() == layer.bands) {
            return ValiditySource::PixelNodata(values);
        }
        if let Some(nodata) = profile.nodata {
            return ValiditySource::Nodata(nodata);
        }
        match profile.mask_flags.first() {
            Some(flags) if flags.alpha && layer.bands == usize::from(profile.count) && !layer.is_unconverted() => {
                ValiditySource::Alpha(layer.bands - 1)
            }
            _ => ValiditySource::AllValid,
        }
    }

    pub(crate) fn structure(&self, source: cog_tiff::Error) -> Error {
        Error::Structure { location: self.header.location(), source }
    }

    pub(crate) fn usage(&self, problem: UsageProblem) -> Error {
        Error::Usage { location: self.header.location(), problem }
    }
}

impl std::fmt::Debug for Cog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cog({}, page {})", self.location(), self.page)
    }
}
