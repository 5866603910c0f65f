//! An opened file.

use std::collections::HashMap;
use std::sync::Arc;

use cog_io::{Location, Source};
use cog_tiff::{ColorInterpretation, GeoTransform, Ifd, Image, Nodata, Page, Profile, Tag, Tiff, Value};

use crate::bounds::Bounds;
use crate::error::{Error, Result, UsageProblem};
use crate::layer::Layer;
use crate::measure::StatisticsRead;
use crate::point::PointsRead;
use crate::read::Read;
use crate::session::{Session, SessionOptions};
use crate::shown::Shown;
use crate::side_cars::SideCars;
use crate::tiff_file::TiffFile;
use crate::tile::{Blocks, TileRead, TilesRead};
use crate::validity::{DatasetRule, ValiditySource};
use crate::window::Window;

/// A GeoTIFF that was opened: its structure is known, none of its pixels were read. Cheap to clone.
///
/// It shows one page of the file, at first page 0; [`Cog::page`] shows another.
#[derive(Clone)]
pub struct Cog {
    session: Session,
    file: Arc<TiffFile>,
    side_cars: Arc<SideCars>,
    page: usize,
    /// An IFD that is shown by itself, though it is no page.
    alone: Option<Arc<Page>>,
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
    /// Number of its IFD: see [`Cog::ifd`].
    pub ifd: usize,
    /// Number of its mask's IFD.
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

    /// `beside` is where side-cars are looked for.
    pub(crate) async fn open_source(session: Session, source: Source, beside: Option<&Location>) -> Result<Cog> {
        let file = TiffFile::open(&session, source).await?;
        let side_cars = match beside {
            Some(location) => SideCars::beside(&session, location, &file).await?,
            None => SideCars::default(),
        };
        #[cfg(feature = "jpeg")]
        let jpeg_headers = crate::old_jpeg::headers(&file, &session.limits().parse).await;
        #[cfg(not(feature = "jpeg"))]
        let jpeg_headers = HashMap::new();
        Ok(Cog {
            session,
            file,
            side_cars: Arc::new(side_cars),
            page: 0,
            alone: None,
            shown: Arc::default(),
            jpeg_headers: Arc::new(jpeg_headers),
        })
    }

    /// What it is called in errors: redacted.
    pub fn location(&self) -> &str {
        self.file.source().location()
    }

    /// Where its bytes come from, with counters of what was fetched.
    pub fn source(&self) -> &Source {
        self.file.source()
    }

    /// What it shares with other files.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The structure of the file.
    pub fn tiff(&self) -> &Tiff {
        &self.file.tiff
    }

    /// What was found beside the file: see [`SessionOptions::side_cars`].
    pub fn side_cars(&self) -> Vec<Arc<str>> {
        self.side_cars.locations()
    }

    /// An IFD by the number that [`Level`] gives: those of [`Tiff::ifds`] first, then those of side-cars.
    ///
    /// # Errors
    /// A number that no IFD has.
    pub fn ifd(&self, number: usize) -> Result<&Ifd> {
        self.find_ifd(number).and_then(|(file, index)| file.tiff.ifds().get(index)).ok_or_else(|| self.no_ifd())
    }

    /// Bytes fetched so far to know the structure, side-cars included.
    pub fn header_bytes(&self) -> u64 {
        match self.source().memory() {
            Some(_) => self.tiff().ifd_bytes(),
            None => std::iter::once(&self.file).chain(self.side_cars.files()).map(|file| file.header.total()).sum(),
        }
    }

    /// Pages of the file.
    pub fn page_count(&self) -> usize {
        self.tiff().pages().len()
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
        Ok(self.showing(page, None))
    }

    pub(crate) fn showing(&self, page: usize, alone: Option<Arc<Page>>) -> Cog {
        Cog { page, alone, shown: Arc::default(), ..self.clone() }
    }

    /// The image shown, in rasterio's terms.
    ///
    /// # Errors
    /// An image that lacks needed tags, or has samples that no reader delivers.
    pub fn profile(&self) -> Result<Profile> {
        self.shown_profile().map(|profile| (*profile).clone())
    }

    pub(crate) fn shown_profile(&self) -> Result<Arc<Profile>> {
        let page = self.current_page()?;
        let pam = self.side_cars.pam().filter(|_| self.page == 0).cloned();
        let make = || Profile::with_side_cars(page, |number| self.ifd(number).ok(), pam);
        self.shown.profile(make).map_err(|e| self.structure(e))
    }

    /// The levels of the image: full resolution, then its overviews.
    ///
    /// # Errors
    /// A damaged IFD.
    pub fn levels(&self) -> Result<Vec<Level>> {
        Ok(self.shown_levels()?.iter().map(|level| (**level).clone()).collect())
    }

    pub(crate) fn shown_levels(&self) -> Result<Arc<[Arc<Level>]>> {
        self.shown.levels(self.current_page()?, |number| self.ifd(number).ok()).map_err(|e| self.structure(e))
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

    /// The value of a tag of an IFD (a number as [`ifd`](Self::ifd) takes it), fetched if it was too large to be read at open.
    ///
    /// # Errors
    /// A value behind the end of the file or over the limit, and what the store says.
    pub async fn tag(&self, ifd: usize, tag: Tag) -> Result<Option<Value>> {
        let (file, _) = self.find_ifd(ifd).ok_or_else(|| self.no_ifd())?;
        let ifd = self.ifd(ifd)?;
        let limits = &self.session.limits().parse;
        file.header.lookup(|known| ifd.lookup_value(known, tag, limits)).await
    }

    /// The page as the file has it, or with what side-cars add to it.
    pub(crate) fn current_page(&self) -> Result<&Page> {
        if let Some(page) = &self.alone {
            return Ok(page);
        }
        if let Some(page) = self.side_cars.page().filter(|_| self.page == 0) {
            return Ok(page);
        }
        let missing = || self.usage(UsageProblem::NoSuchPage { page: self.page, count: self.page_count() });
        self.tiff().pages().get(self.page).ok_or_else(missing)
    }

    /// The file of an IFD, and its index there.
    pub(crate) fn find_ifd(&self, number: usize) -> Option<(&Arc<TiffFile>, usize)> {
        self.side_cars.find(&self.file, number)
    }

    pub(crate) fn no_ifd(&self) -> Error {
        self.structure(cog_tiff::Error::NoIfd)
    }

    /// Where the blocks of an IFD lie.
    pub(crate) fn layer(&self, ifd: usize, raw_color: bool) -> Result<Arc<Layer>> {
        let make = || {
            let (file, index) = self.find_ifd(ifd).ok_or(cog_tiff::Error::NoIfd)?;
            Layer::of(file, index, raw_color, self.jpeg_headers.get(&ifd))
        };
        self.shown.layer(ifd, raw_color, make).map_err(|e| self.structure(e))
    }

    /// The part of a window inside an image of `width` × `height` pixels.
    pub(crate) fn clip(&self, window: &Window, (width, height): (u32, u32)) -> Result<Window> {
        if !window.is_sound() {
            return Err(self.usage(UsageProblem::EmptyWindow));
        }
        let outside = || self.usage(UsageProblem::OutsideWindow { window: *window, image: [width, height] });
        window.clip(width, height).ok_or_else(outside)
    }

    /// From pixels of a level to coordinates.
    pub(crate) fn transform(&self, level: &Level) -> Result<Option<GeoTransform>> {
        let full = self.shown_profile()?.georeference.transform();
        Ok(full.map(|t| t.scaled(level.decimation.0, level.decimation.1)))
    }

    /// Where the validity of bands (from 0, each with its nodata) of a level comes from, in GDAL's order: its mask, nodata, alpha.
    pub(crate) fn validity_source(
        &self,
        level: &Level,
        layer: &Layer,
        profile: &Profile,
        bands: &[usize],
        nodata: &[Option<Nodata>],
    ) -> ValiditySource {
        if let Some(mask) = level.mask {
            return ValiditySource::Mask(mask);
        }
        if let Some(values) = profile.nodata_values().filter(|v| v.len() == layer.bands) {
            return ValiditySource::PixelNodata(values);
        }
        // An overview has as many bands as its image, or none of them is the alpha.
        let shown = layer.bands == usize::from(profile.count) && !layer.is_unconverted();
        let alpha = profile.alpha_band().map(usize::from).filter(|_| shown);
        if nodata.iter().any(Option::is_some) {
            let nodata = nodata.to_vec();
            let first = profile.color_interpretation.first();
            return match alpha {
                Some(band) => ValiditySource::NodataBeside { nodata, band, rule: DatasetRule::Alpha },
                // rasterio takes the fourth of four bands that begin with red for their alpha, whatever it is.
                None if shown && layer.bands == 4 && first == Some(&ColorInterpretation::Red) && bands.contains(&3) => {
                    let rule = DatasetRule::Nodata(profile.band_nodata.get(3).copied().flatten());
                    ValiditySource::NodataBeside { nodata, band: 3, rule }
                }
                None => ValiditySource::Nodata(nodata),
            };
        }
        alpha.map_or(ValiditySource::AllValid, ValiditySource::Alpha)
    }

    pub(crate) fn structure(&self, source: cog_tiff::Error) -> Error {
        Error::Structure { location: self.file.location(), source }
    }

    pub(crate) fn usage(&self, problem: UsageProblem) -> Error {
        Error::Usage { location: self.file.location(), problem }
    }
}

impl std::fmt::Debug for Cog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cog({}, page {})", self.location(), self.page)
    }
}
