//! What many sources share: configuration, connections, limits, caches, counters.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::cache::Caches;
use crate::config::Config;
use crate::flight::Flights;
use crate::stats::{Counters, Stats};

/// Opens sources and holds what they share. Cheap to clone; the last clone (or source) closes the connections.
///
/// No global state and no runtime of its own: remote sources are read inside the caller's Tokio runtime.
///
/// ```no_run
/// # async fn example() -> Result<(), cog_io::Error> {
/// use cog_io::{Config, Location, Session};
///
/// let session = Session::new(Config::from_env()?);
/// let source = session.open(&Location::parse("https://host/a.tif")?).await?;
/// let header = source.read_first(32_768).await?; // one GET, no HEAD
/// let blocks = source.read_ranges(&[100_000..130_000, 130_000..161_234]).await?; // one GET
/// println!("{:?} bytes, {:?}", source.size(), source.stats());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    config: Arc<Config>,
    #[cfg(feature = "http")]
    http: Arc<crate::http::Client>,
    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    buckets: crate::store::Buckets,
    in_flight: Arc<Semaphore>,
    flights: Arc<Flights>,
    caches: Caches,
    counters: Arc<Counters>,
}

impl Session {
    /// A session with this configuration. Nothing is connected, read or resolved yet.
    pub fn new(config: Config) -> Self {
        let config = Arc::new(config);
        let inner = Inner {
            #[cfg(feature = "http")]
            http: Arc::new(crate::http::Client::new(Arc::clone(&config))),
            #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
            buckets: crate::store::Buckets::default(),
            in_flight: Arc::new(Semaphore::new(config.max_in_flight.clamp(1, Semaphore::MAX_PERMITS))),
            flights: Arc::default(),
            caches: Caches::new(&config),
            counters: Arc::default(),
            config,
        };
        Self { inner: Arc::new(inner) }
    }

    /// What all sources of the session have fetched so far; without ranges.
    pub fn stats(&self) -> Stats {
        self.inner.counters.snapshot()
    }

    /// The configuration it was made with.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    pub(crate) fn shared_config(&self) -> &Arc<Config> {
        &self.inner.config
    }

    pub(crate) fn counters(&self) -> &Arc<Counters> {
        &self.inner.counters
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.inner.caches
    }

    pub(crate) fn flights(&self) -> &Arc<Flights> {
        &self.inner.flights
    }

    /// One of the requests that the session may have in flight.
    pub(crate) async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed, so there always is one.
        Arc::clone(&self.inner.in_flight).acquire_owned().await.ok()
    }

    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    pub(crate) fn buckets(&self) -> &crate::store::Buckets {
        &self.inner.buckets
    }

    #[cfg(feature = "http")]
    pub(crate) fn http(&self) -> &Arc<crate::http::Client> {
        &self.inner.http
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new(Config::default())
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("config", &self.inner.config).field("stats", &self.stats()).finish()
    }
}
