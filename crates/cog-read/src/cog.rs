//! An opened file.

pub(crate) mod directory;

use std::any::Any;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::File;
use std::sync::Arc;

use bytes::Bytes;
use cog_io::object_store::ObjectStore;
use cog_io::object_store::path::Path;
use cog_io::{Location, Source};
use cog_raster::{Bounds, Window};
use cog_tiff::{Beside, BlockGrid, Details, Domain, GeoTransform, Ifd, Nodata, Page, Profile, Tag, Tiff, Value};

use crate::cog::directory::Directory;
use crate::error::{Error, Result, UsageProblem};
use crate::file::layer::Layer;
use crate::file::levels::{Level, PageCache};
use crate::file::side_cars::SideCars;
use crate::file::tiff_file::TiffFile;
use crate::session::decoded::PageKey;
use crate::session::{Session, SessionOptions};

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
    cache: Arc<PageCache>,
    /// By IFD: what blocks of old-style JPEG have in common.
    jpeg_headers: Arc<HashMap<usize, Arc<[u8]>>>,
}

impl Session {
    /// Opens a path or URL: see [`Location`] for what is understood. `GTIFF_DIR:2:LOCATION` and `GTIFF_DIR:off:1234:LOCATION` name one
    /// directory (IFD) of a file, as in GDAL: the page that it begins, or an overview or mask by itself.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub async fn open(&self, location: impl AsRef<OsStr>) -> Result<Cog> {
        let location = location.as_ref();
        let Some(text) = location.to_str() else {
            return self.open_location(&Location::from_os_str(location)?).await;
        };
        match Directory::split(text)? {
            Some((directory, file)) => self.open_location(&Location::parse(file)?).await?.directory(directory),
            None => self.open_location(&Location::parse(text)?).await,
        }
    }

    /// Opens a location: a path that is not UTF-8, or an HTTP location with headers of its own.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub async fn open_location(&self, location: &Location) -> Result<Cog> {
        let source = self.io().open(location).await?;
        Cog::open_source(self.clone(), source, Some(location).filter(|_| self.looks_beside())).await
    }

    /// Opens a source of the caller's: an open file, bytes in memory, or an object of a store. Nothing lies beside it.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub async fn open_source(&self, source: Source) -> Result<Cog> {
        Cog::open_source(self.clone(), source, None).await
    }
}

impl Cog {
    /// Opens a path or URL (see [`cog_io::Location`]) in a session of its own, configured by the environment. For more
    /// than a few files share a [`Session`].
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub async fn open(location: impl AsRef<OsStr>) -> Result<Cog> {
        Session::new(SessionOptions::from_env()?).open(location).await
    }

    /// Opens a TIFF in memory, in a session of its own.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub async fn from_bytes(bytes: impl Into<Bytes>) -> Result<Cog> {
        Session::new(SessionOptions::from_env()?).open_source(Source::from_bytes(bytes.into())).await
    }

    /// Opens an open file, in a session of its own; it is read by position, its cursor is not used. `name` stands in errors.
    ///
    /// # Errors
    /// A directory, a pipe, a file without bytes, and what is wrong with it.
    pub async fn from_file(file: File, name: impl Into<Arc<str>>) -> Result<Cog> {
        Session::new(SessionOptions::from_env()?).open_source(Source::from_file(file, name)?).await
    }

    /// Opens an object of a store of yours, in a session of its own.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub async fn from_store(store: Arc<dyn ObjectStore>, path: Path) -> Result<Cog> {
        let session = Session::new(SessionOptions::from_env()?);
        let source = Source::from_store(session.io(), store, path);
        session.open_source(source).await
    }

    /// `beside` is where side-cars are looked for.
    pub(crate) async fn open_source(session: Session, source: Source, beside: Option<&Location>) -> Result<Cog> {
        let file = TiffFile::open(&session, source).await?;
        let side_cars = match beside {
            Some(location) => SideCars::beside(&session, location, &file).await?,
            None => SideCars::default(),
        };
        #[cfg(feature = "jpeg")]
        let jpeg_headers = crate::file::old_jpeg::headers(&file, &session.limits().parse).await;
        #[cfg(not(feature = "jpeg"))]
        let jpeg_headers = HashMap::new();
        Ok(Cog {
            session,
            file,
            side_cars: Arc::new(side_cars),
            page: 0,
            alone: None,
            cache: Arc::default(),
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
        Cog { page, alone, cache: Arc::default(), ..self.clone() }
    }

    /// The image shown, in rasterio's terms.
    ///
    /// # Errors
    /// An image that lacks needed tags, or has samples that no reader delivers.
    pub fn profile(&self) -> Result<Profile> {
        self.cached_profile().map(|profile| (*profile).clone())
    }

    /// Columns of full resolution.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub fn width(&self) -> Result<u32> {
        Ok(self.cached_profile()?.width)
    }

    /// Rows of full resolution.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub fn height(&self) -> Result<u32> {
        Ok(self.cached_profile()?.height)
    }

    /// Number of bands; they are counted from 1 in every request.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub fn bands(&self) -> Result<usize> {
        Ok(usize::from(self.cached_profile()?.count))
    }

    /// The type of the samples, as rasterio and NumPy name it.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub fn dtype(&self) -> Result<&'static str> {
        Ok(self.cached_profile()?.dtype)
    }

    /// From column and row of full resolution to coordinates in the file's CRS; `None` where the file has no transform.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub fn transform(&self) -> Result<Option<GeoTransform>> {
        Ok(self.cached_profile()?.georeference.transform())
    }

    /// Edges in the file's CRS; of a rotated image those of the rectangle around it. `None` where the file has no transform.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub fn bounds(&self) -> Result<Option<Bounds>> {
        let profile = self.cached_profile()?;
        let edges = profile.georeference.transform().map(|t| t.bounds(profile.width, profile.height));
        Ok(edges.map(|(minx, miny, maxx, maxy)| Bounds { minx, miny, maxx, maxy }))
    }

    /// The value of pixels without data.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub fn nodata(&self) -> Result<Option<Nodata>> {
        Ok(self.cached_profile()?.nodata)
    }

    /// What tells this page from those of other files, and from the same of a file that is opened anew.
    pub(crate) fn page_key(&self) -> PageKey {
        let own: Arc<dyn Any + Send + Sync> = Arc::<PageCache>::clone(&self.cache);
        PageKey(Arc::downgrade(&own))
    }

    pub(crate) fn cached_profile(&self) -> Result<Arc<Profile>> {
        let page = self.current_page()?;
        let beside = if self.page == 0 { self.side_cars.beside_image() } else { Beside::default() };
        let make = || Profile::with_side_cars(page, |number| self.ifd(number).ok(), beside);
        self.cache.profile(make).map_err(|e| self.structure(e))
    }

    /// The levels of the image: full resolution, then its overviews.
    ///
    /// # Errors
    /// A damaged IFD.
    pub fn levels(&self) -> Result<Vec<Level>> {
        Ok(self.cached_levels()?.iter().map(|level| (**level).clone()).collect())
    }

    pub(crate) fn cached_levels(&self) -> Result<Arc<[Arc<Level>]>> {
        self.cache.levels(self.current_page()?, |number| self.ifd(number).ok()).map_err(|e| self.structure(e))
    }

    /// One level.
    ///
    /// # Errors
    /// A level that does not exist, or a damaged IFD.
    pub fn level(&self, index: usize) -> Result<Level> {
        self.cached_level(index).map(|level| (*level).clone())
    }

    pub(crate) fn cached_level(&self, index: usize) -> Result<Arc<Level>> {
        let levels = self.cached_levels()?;
        let missing = || self.usage(UsageProblem::NoSuchLevel { level: index, count: levels.len() });
        levels.get(index).cloned().ok_or_else(missing)
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

    /// All metadata of the image by domain, as GDAL gives them, and what of them could not be read. Large values (an ICC
    /// profile, XMP), Exif directories and the start of a WebP block are fetched for it.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// let (domains, warnings) = cog.metadata().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`profile`](Self::profile), and what the store says.
    pub async fn metadata(&self) -> Result<(Vec<Domain>, Vec<String>)> {
        let profile = self.cached_profile()?;
        let number = self.current_page()?.full.ifd;
        let (file, index) = self.find_ifd(number).ok_or_else(|| self.no_ifd())?;
        let ifd = file.tiff.ifds().get(index).ok_or_else(|| self.no_ifd())?;
        let limits = &self.session.limits().parse;
        let details = file.header.lookup(|known| Details::lookup(known, &file.tiff, ifd, limits)).await?;
        let domains = profile.all_tags(&file.tiff, ifd, &details, self.location());
        let of_side_cars = self.side_cars.warnings().iter().filter(|_| self.page == 0);
        Ok((domains, details.warnings().iter().chain(of_side_cars).cloned().collect()))
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

    /// Where the blocks of a level lie.
    pub(crate) fn layer(&self, level: &Level, raw_color: bool) -> Result<Arc<Layer>> {
        self.layer_in(level.ifd, raw_color, Some(level.pieces))
    }

    /// Where the blocks of a mask lie.
    pub(crate) fn mask_layer(&self, ifd: usize) -> Result<Arc<Layer>> {
        self.layer_in(ifd, true, None)
    }

    fn layer_in(&self, ifd: usize, raw_color: bool, grid: Option<BlockGrid>) -> Result<Arc<Layer>> {
        let make = || {
            let (file, index) = self.find_ifd(ifd).ok_or(cog_tiff::Error::NoIfd)?;
            Layer::of(file, index, raw_color, self.jpeg_headers.get(&ifd), grid)
        };
        self.cache.layer(ifd, raw_color, make).map_err(|e| self.structure(e))
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
    pub(crate) fn level_transform(&self, level: &Level) -> Result<Option<GeoTransform>> {
        let full = self.cached_profile()?.georeference.transform();
        Ok(full.map(|t| t.scaled(level.decimation.0, level.decimation.1)))
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
