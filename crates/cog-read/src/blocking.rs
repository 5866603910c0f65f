//! The same for programs without async: every call waits.
//!
//! ```
//! # fn main() -> cog_read::Result<()> {
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../cog-tiff/tests/data/tiny.tif");
//! let cog = cog_read::blocking::Cog::open(path)?;
//! let raster = cog.read(|r| r.bands([1]))?;
//! assert_eq!(raster.dim(), (1, 10, 20));
//! # Ok(()) }
//! ```
//!
//! From async code every call is an error: a runtime cannot wait for itself.

use std::ffi::OsStr;
use std::fs::File;
use std::future::{Future, IntoFuture};
use std::sync::Arc;

use bytes::Bytes;
use cog_io::object_store::ObjectStore;
use cog_io::object_store::path::Path;
use cog_io::{Location, Source};
use cog_raster::Raster;
use cog_tiff::{Tag, Value};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::runtime::Runtime;

use crate::error::{Error, Result};
use crate::requests::blocks::{Block, Blocks};
use crate::requests::points::{Points, PointsRead};
use crate::requests::read::RasterRead;
use crate::requests::statistics::{Statistics, StatisticsRead};
use crate::requests::tiles::{TileRead, TilesRead};
use crate::session::SessionOptions;

/// [`crate::Session`] with a runtime of its own.
#[derive(Clone, Debug)]
pub struct Session {
    inner: crate::Session,
    runtime: Arc<Driver>,
}

impl Session {
    /// Starts the runtime: one thread, which drives connections only while a call waits.
    ///
    /// # Errors
    /// The operating system has no room for it.
    pub fn new(options: SessionOptions) -> Result<Session> {
        let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = built
            .map_err(|e| Error::Io(cog_io::Error::Io { location: "the Tokio runtime".into(), source: Arc::new(e) }))?;
        Ok(Session { inner: crate::Session::new(options), runtime: Arc::new(Driver(Some(runtime))) })
    }

    /// Opens a path or URL.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub fn open(&self, location: impl AsRef<OsStr>) -> Result<Cog> {
        self.wait(self.inner.open(location))
    }

    /// Opens a location: a path that is not UTF-8, or an HTTP location with headers of its own.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub fn open_location(&self, location: &Location) -> Result<Cog> {
        self.wait(self.inner.open_location(location))
    }

    /// Opens a source of the caller's: an open file, bytes in memory, or an object of a store. Nothing lies beside it.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub fn open_source(&self, source: Source) -> Result<Cog> {
        self.wait(self.inner.open_source(source))
    }

    fn wait(&self, opening: impl Future<Output = Result<crate::Cog>>) -> Result<Cog> {
        let inner = wait(&self.runtime, opening)?;
        Ok(Cog { inner, runtime: Arc::clone(&self.runtime) })
    }
}

/// A runtime that may be dropped anywhere: one that waits for its threads must not be dropped inside another.
#[derive(Debug)]
struct Driver(Option<Runtime>);

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Runs a future to its end.
fn wait<T>(driver: &Driver, future: impl Future<Output = Result<T>>) -> Result<T> {
    if tokio::runtime::Handle::try_current().is_ok() {
        return Err(Error::InsideRuntime);
    }
    match &driver.0 {
        Some(runtime) => runtime.block_on(future),
        None => Err(Error::Io(cog_io::Error::RuntimeEnded)),
    }
}

/// [`crate::Cog`], waiting.
#[derive(Clone, Debug)]
pub struct Cog {
    inner: crate::Cog,
    runtime: Arc<Driver>,
}

impl Cog {
    /// Opens a path or URL in a session of its own, configured by the environment.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub fn open(location: impl AsRef<OsStr>) -> Result<Cog> {
        Session::new(SessionOptions::from_env()?)?.open(location)
    }

    /// Opens a TIFF in memory, in a session of its own.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Cog> {
        Session::new(SessionOptions::from_env()?)?.open_source(Source::from_bytes(bytes.into()))
    }

    /// Opens an open file, in a session of its own; it is read by position, its cursor is not used. `name` stands in errors.
    ///
    /// # Errors
    /// A directory, a pipe, a file without bytes, and what is wrong with it.
    pub fn from_file(file: File, name: impl Into<Arc<str>>) -> Result<Cog> {
        Session::new(SessionOptions::from_env()?)?.open_source(Source::from_file(file, name)?)
    }

    /// Opens an object of a store of yours, in a session of its own.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub fn from_store(store: Arc<dyn ObjectStore>, path: Path) -> Result<Cog> {
        let session = Session::new(SessionOptions::from_env()?)?;
        let source = Source::from_store(session.inner.io(), store, path);
        session.open_source(source)
    }

    /// Reads pixels; `request` says which.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(&self, request: impl FnOnce(RasterRead) -> RasterRead) -> Result<Raster> {
        wait(&self.runtime, request(self.inner.read()).into_future())
    }

    /// Reads one tile; `request` says of which level.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn tile(&self, x: u32, y: u32, request: impl FnOnce(TileRead) -> TileRead) -> Result<Raster> {
        wait(&self.runtime, request(self.inner.tile(x, y)).into_future())
    }

    /// Reads many tiles of a level together; `request` says of which.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn tiles(
        &self,
        tiles: impl IntoIterator<Item = (u32, u32)>,
        request: impl FnOnce(TilesRead) -> TilesRead,
    ) -> Result<Vec<Raster>> {
        wait(&self.runtime, request(self.inner.tiles(tiles)).into_future())
    }

    /// Reads the values at places, given as coordinates in the file's CRS.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn points(
        &self,
        points: impl IntoIterator<Item = (f64, f64)>,
        request: impl FnOnce(PointsRead) -> PointsRead,
    ) -> Result<Points> {
        wait(&self.runtime, request(self.inner.points(points)).into_future())
    }

    /// Reads a whole level for statistics of its bands.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn statistics(&self, request: impl FnOnce(StatisticsRead) -> StatisticsRead) -> Result<Statistics> {
        wait(&self.runtime, request(self.inner.statistics()).into_future())
    }

    /// The blocks of a level, one after the other; `request` says which. Not more than three groups of blocks are in memory.
    ///
    /// # Errors
    /// A level, band or window that does not exist; each block may be an error too, and is then the last.
    pub fn blocks(&self, request: impl FnOnce(Blocks) -> Blocks) -> Result<BlockIterator> {
        let blocks = request(self.inner.blocks()).stream()?;
        Ok(BlockIterator { blocks, runtime: Arc::clone(&self.runtime) })
    }

    /// The value of a tag of an IFD, fetched if it was too large to be read at open: see [`crate::Cog::tag`].
    ///
    /// # Errors
    /// See [`Error`].
    pub fn tag(&self, ifd: usize, tag: Tag) -> Result<Option<Value>> {
        wait(&self.runtime, self.inner.tag(ifd, tag))
    }

    /// Another page of the same file.
    ///
    /// # Errors
    /// A page that does not exist.
    pub fn page(&self, page: usize) -> Result<Cog> {
        Ok(Cog { inner: self.inner.page(page)?, runtime: Arc::clone(&self.runtime) })
    }

    /// Waits for any other request: `cog.wait(cog.get().read().with_cost())`.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn wait<T>(&self, request: impl IntoFuture<Output = Result<T>>) -> Result<T> {
        wait(&self.runtime, request.into_future())
    }

    /// Everything that needs no waiting.
    pub fn get(&self) -> &crate::Cog {
        &self.inner
    }
}

/// The blocks of a level, one after the other: see [`Cog::blocks`].
pub struct BlockIterator {
    blocks: BoxStream<'static, Result<Block>>,
    runtime: Arc<Driver>,
}

impl Iterator for BlockIterator {
    type Item = Result<Block>;

    fn next(&mut self) -> Option<Result<Block>> {
        let blocks = &mut self.blocks;
        wait(&self.runtime, async { Ok(blocks.next().await) }).unwrap_or_else(|error| Some(Err(error)))
    }
}

impl std::fmt::Debug for BlockIterator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlockIterator")
    }
}
