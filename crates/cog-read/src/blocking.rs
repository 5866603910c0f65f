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
//! Must not be called from async code: a runtime cannot wait for itself.

use std::future::IntoFuture;
use std::sync::Arc;

use cog_io::Location;
use tokio::runtime::Runtime;

use crate::error::{Error, Result};
use crate::pixels::raster::Raster;
use crate::requests::points::{Points, PointsRead};
use crate::requests::read::Read;
use crate::requests::statistics::{Statistics, StatisticsRead};
use crate::requests::tiles::{TileRead, TilesRead};
use crate::session::SessionOptions;

/// [`crate::Session`] with a runtime of its own.
#[derive(Clone, Debug)]
pub struct Session {
    inner: crate::Session,
    runtime: Arc<Runtime>,
}

impl Session {
    /// Starts the runtime: one thread, which drives connections only while a call waits.
    ///
    /// # Errors
    /// The operating system has no room for it.
    pub fn new(options: SessionOptions) -> Result<Session> {
        let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = built.map_err(|e| Error::Io(cog_io::Error::Usage(format!("cannot start a runtime: {e}"))))?;
        Ok(Session { inner: crate::Session::new(options), runtime: Arc::new(runtime) })
    }

    /// Opens a path or URL.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub fn open(&self, location: &str) -> Result<Cog> {
        self.open_location(&Location::parse(location)?)
    }

    /// Opens a location: a path that is not UTF-8, or an HTTP location with headers of its own.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub fn open_location(&self, location: &Location) -> Result<Cog> {
        let inner = self.runtime.block_on(self.inner.open_location(location))?;
        Ok(Cog { inner, runtime: Arc::clone(&self.runtime) })
    }
}

/// [`crate::Cog`], waiting.
#[derive(Clone, Debug)]
pub struct Cog {
    inner: crate::Cog,
    runtime: Arc<Runtime>,
}

impl Cog {
    /// Opens a path or URL in a session of its own, configured by the environment.
    ///
    /// # Errors
    /// What the store says, and what is wrong with the file.
    pub fn open(location: &str) -> Result<Cog> {
        Session::new(SessionOptions::from_env()?)?.open(location)
    }

    /// Reads pixels; `request` says which.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn read(&self, request: impl FnOnce(Read) -> Read) -> Result<Raster> {
        self.runtime.block_on(request(self.inner.read()).into_future())
    }

    /// Reads one tile of a level.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn tile(&self, x: u32, y: u32, level: usize, request: impl FnOnce(TileRead) -> TileRead) -> Result<Raster> {
        self.runtime.block_on(request(self.inner.tile(x, y, level)).into_future())
    }

    /// Reads many tiles of a level together.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn tiles(
        &self,
        tiles: impl IntoIterator<Item = (u32, u32)>,
        level: usize,
        request: impl FnOnce(TilesRead) -> TilesRead,
    ) -> Result<Vec<Raster>> {
        self.runtime.block_on(request(self.inner.tiles(tiles, level)).into_future())
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
        self.runtime.block_on(request(self.inner.points(points)).into_future())
    }

    /// Reads a whole level for statistics of its bands.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn statistics(&self, request: impl FnOnce(StatisticsRead) -> StatisticsRead) -> Result<Statistics> {
        self.runtime.block_on(request(self.inner.statistics()).into_future())
    }

    /// Another page of the same file.
    ///
    /// # Errors
    /// A page that does not exist.
    pub fn page(&self, page: usize) -> Result<Cog> {
        Ok(Cog { inner: self.inner.page(page)?, runtime: Arc::clone(&self.runtime) })
    }

    /// Everything that needs no waiting.
    pub fn get(&self) -> &crate::Cog {
        &self.inner
    }
}
