//! What opened files share.

pub(crate) mod decoded;
pub(crate) mod defaults;
pub(crate) mod limits;
pub(crate) mod pool;

use std::sync::Arc;

use cog_codecs::Codecs;
use cog_io::Config;

use crate::error::Result;
use crate::session::decoded::DecodedBlocks;
use crate::session::defaults::ReadDefaults;
use crate::session::limits::Limits;
use crate::session::pool::Pool;

/// Connections, caches, counters, codecs and decoding threads that opened files share. Cheap to clone.
///
/// ```no_run
/// # async fn example() -> cog_read::Result<()> {
/// use cog_read::{Session, SessionOptions};
///
/// let session = Session::new(SessionOptions::default().with_threads(4));
/// let cog = session.open("https://host/a.tif").await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    io: cog_io::Session,
    pool: Arc<Pool>,
    codecs: Codecs,
    limits: Limits,
    reads: ReadDefaults,
    side_cars: bool,
    decoded: DecodedBlocks,
}

/// How a session is made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionOptions {
    /// How bytes are fetched.
    pub io: Config,
    /// Decoding threads; the default is one for each processor.
    pub threads: usize,
    /// Bounds.
    pub limits: Limits,
    /// Codecs by compression number; add your own here.
    pub codecs: Codecs,
    /// How reads behave that do not say it themselves.
    pub reads: ReadDefaults,
    /// Look for files beside a location that belong to it, as GDAL does: overviews in `NAME.ovr` if the file has none, a mask in
    /// `NAME.msk` if it has none, in `NAME.aux.xml` CRS, transform, nodata and metadata, which count more than the file's own,
    /// and the transform of a world file (`.tfw`, `.tifw`, `.wld`, in lower or upper case) if there is no other. Each costs
    /// a request, whether it is there or not, and all go out at once; off by default.
    pub side_cars: bool,
    /// Bytes of decoded blocks that stay for later requests of [`TilesRead::shared`](crate::TilesRead::shared), and for warps, whose tiles see
    /// the blocks of their neighbours; 32 MiB by default, none if 0.
    pub decoded_bytes: u64,
}

impl Default for SessionOptions {
    fn default() -> Self {
        SessionOptions {
            io: Config::default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            limits: Limits::default(),
            codecs: Codecs::default(),
            reads: ReadDefaults::default(),
            side_cars: false,
            decoded_bytes: decoded::DEFAULT_BYTES,
        }
    }
}

impl SessionOptions {
    /// The defaults, with what the environment says about fetching (see [`Config::from_env`]) and reading (see
    /// [`ReadDefaults::from_env`]).
    ///
    /// # Errors
    /// A variable that cannot be parsed.
    pub fn from_env() -> Result<SessionOptions> {
        Ok(SessionOptions { io: Config::from_env()?, reads: ReadDefaults::from_env()?, ..SessionOptions::default() })
    }

    /// Sets how bytes are fetched.
    #[must_use]
    pub fn with_io(mut self, io: Config) -> Self {
        self.io = io;
        self
    }

    /// Sets the number of decoding threads.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets the bounds.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how reads behave that do not say it themselves.
    #[must_use]
    pub fn with_reads(mut self, reads: ReadDefaults) -> Self {
        self.reads = reads;
        self
    }

    /// Sets whether files beside a location are looked for: see [`side_cars`](Self::side_cars).
    #[must_use]
    pub fn with_side_cars(mut self, side_cars: bool) -> Self {
        self.side_cars = side_cars;
        self
    }

    /// Sets how many bytes of decoded blocks stay: see [`decoded_bytes`](Self::decoded_bytes).
    #[must_use]
    pub fn with_decoded_bytes(mut self, bytes: u64) -> Self {
        self.decoded_bytes = bytes;
        self
    }

    /// Sets the codecs.
    #[must_use]
    pub fn with_codecs(mut self, codecs: Codecs) -> Self {
        self.codecs = codecs;
        self
    }
}

impl Session {
    /// Nothing is connected and no thread runs until it is needed.
    pub fn new(options: SessionOptions) -> Session {
        Session::with_io_session(cog_io::Session::new(options.io.clone()), options)
    }

    /// Shares the connections and caches of an I/O session; [`SessionOptions::io`] is not used.
    pub fn with_io_session(io: cog_io::Session, options: SessionOptions) -> Session {
        let SessionOptions { io: _, threads, limits, codecs, reads, side_cars, decoded_bytes } = options;
        let (pool, decoded) = (Arc::new(Pool::new(threads)), DecodedBlocks::new(decoded_bytes));
        Session { inner: Arc::new(Inner { io, pool, codecs, limits, reads, side_cars, decoded }) }
    }

    /// Connections, caches and counters.
    pub fn io(&self) -> &cog_io::Session {
        &self.inner.io
    }

    /// Runs work on a thread that decodes, from now on and in turn with the blocks of reads: for what is made of pixels while others
    /// are fetched. The future gives `None` if the work panicked. Dropping it does not stop the work.
    pub fn run<R, W>(&self, work: W) -> impl Future<Output = Option<R>> + Send + 'static + use<R, W>
    where
        R: Send + 'static,
        W: FnOnce() -> R + Send + 'static,
    {
        let told = self.inner.pool.run(work);
        async move { told.await.ok() }
    }

    /// How many threads decode.
    pub fn threads(&self) -> usize {
        self.inner.pool.threads()
    }

    /// The bounds.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// How reads behave that do not say it themselves.
    pub fn read_defaults(&self) -> &ReadDefaults {
        &self.inner.reads
    }

    /// Files beside a location are looked for.
    pub(crate) fn looks_beside(&self) -> bool {
        self.inner.side_cars
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.inner.pool
    }

    pub(crate) fn decoded(&self) -> &DecodedBlocks {
        &self.inner.decoded
    }

    pub(crate) fn codecs(&self) -> &Codecs {
        &self.inner.codecs
    }
}

impl Default for Session {
    fn default() -> Self {
        Session::new(SessionOptions::default())
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({} threads)", self.inner.pool.threads())
    }
}
