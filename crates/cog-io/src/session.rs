//! What many sources share: configuration, connections, limits, caches, counters.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::cache::Caches;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::flight::Flights;
use crate::location::{Location, LocationKind};
use crate::source::{LocalSource, Source};
use crate::stats::{Counters, Stats};

#[cfg(feature = "http")]
use crate::source::{HttpTarget, Remote, Target};

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

    /// Opens a location. A local file is opened and must have bytes; of a remote object nothing is asked yet, but credentials
    /// must be there.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFile`], [`Error::Empty`], [`Error::Denied`] for local files;
    /// [`Error::Denied`] with a hint for a signed store without credentials; [`Error::Unsupported`] for a store that this build
    /// leaves out; [`Error::Usage`] for settings that make no sense.
    pub async fn open(&self, location: &Location) -> Result<Source> {
        match location.kind() {
            LocationKind::Local(path) => {
                let (path, name) = (path.clone(), Arc::clone(location.shown()));
                let counters = Counters::of_source(self.counters());
                let failed = Arc::clone(&name);
                let pin = self.inner.config.pin;
                let open = move || LocalSource::open(&path, name, counters, pin);
                let local = match tokio::runtime::Handle::try_current() {
                    Ok(runtime) => runtime
                        .spawn_blocking(open)
                        .await
                        .map_err(|error| Error::io(&failed, std::io::Error::other(error.to_string())))??,
                    Err(_) => open()?,
                };
                Ok(Source::local_file(local))
            }
            #[cfg(feature = "http")]
            LocationKind::Http(url) => {
                let settings = self.settings(location)?;
                let headers = crate::http::headers_of(location, url, &settings.config)?;
                let uri = crate::http::uri_of(url)
                    .ok_or_else(|| Error::Usage(format!("{location}: the URL cannot be sent as it is")))?;
                let target = HttpTarget { uri, headers, redirect: Default::default() };
                Ok(self.remote(location, Target::Http(Box::new(target)), settings))
            }
            #[cfg(not(feature = "http"))]
            LocationKind::Http(_) => Err(left_out(location, "http")),
            #[cfg(feature = "aws")]
            LocationKind::S3 { bucket, key } => self.bucket(location, bucket, None, key),
            #[cfg(not(feature = "aws"))]
            LocationKind::S3 { .. } => Err(left_out(location, "aws")),
            #[cfg(feature = "gcp")]
            LocationKind::Gs { bucket, key } => self.bucket(location, bucket, None, key),
            #[cfg(not(feature = "gcp"))]
            LocationKind::Gs { .. } => Err(left_out(location, "gcp")),
            #[cfg(feature = "azure")]
            LocationKind::Azure { account, container, key } => {
                self.bucket(location, container, account.as_deref(), key)
            }
            #[cfg(not(feature = "azure"))]
            LocationKind::Azure { .. } => Err(left_out(location, "azure")),
        }
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

    #[cfg(feature = "http")]
    pub(crate) fn http(&self) -> &Arc<crate::http::Client> {
        &self.inner.http
    }

    #[cfg(feature = "http")]
    fn remote(&self, location: &Location, target: Target, settings: Settings) -> Source {
        let identity = match settings.prefix {
            Some(index) => format!("{}\nsettings {index}", location.identity()),
            None => location.identity(),
        };
        let shown = Arc::clone(location.shown());
        let remote = Remote::new(self.clone(), settings.config, target, shown, identity.into());
        for warning in location.warnings() {
            remote.counters().warn(location.shown(), warning.clone());
        }
        Source::remote(remote)
    }

    /// The configuration for a location: the session's, that of the prefix it starts with, and what it says itself.
    #[cfg(feature = "http")]
    fn settings(&self, location: &Location) -> Result<Settings> {
        let (prefix, mut config) = match self.inner.config.for_location(location.shown())? {
            Some((index, config)) => (Some(index), Arc::new(config)),
            None => (None, Arc::clone(&self.inner.config)),
        };
        for (name, value) in location.settings() {
            Arc::make_mut(&mut config).set(name, value)?;
        }
        Ok(Settings { prefix, config })
    }

    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    fn bucket(&self, location: &Location, name: &str, account: Option<&str>, key: &str) -> Result<Source> {
        let settings = self.settings(location)?;
        let dots = |part: &str| part == "." || part == "..";
        if matches!(location.kind(), LocationKind::Azure { .. }) && key.split('/').any(dots) {
            return Err(Error::Unsupported {
                location: Arc::clone(location.shown()),
                what: "a part \".\" or \"..\" in the name of a blob".into(),
                hint: "Azure resolves them, so no blob has such a name".into(),
            });
        }
        let (path, key) = crate::store::key::path_of(key);
        let id = crate::store::BucketId {
            kind: location.kind().into(),
            name: name.to_owned(),
            account: account.map(str::to_owned),
            prefix: settings.prefix,
        };
        let bucket = self.inner.buckets.get(id, location.shown(), &settings.config, &self.inner.http)?;
        Ok(self.remote(location, Target::Bucket { bucket, path, key }, settings))
    }
}

/// What is set for one location.
#[cfg(feature = "http")]
struct Settings {
    /// The prefix of the configuration that it starts with.
    prefix: Option<usize>,
    config: Arc<Config>,
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

#[cfg(not(all(feature = "http", feature = "aws", feature = "gcp", feature = "azure")))]
fn left_out(location: &Location, feature: &str) -> Error {
    Error::Unsupported {
        location: Arc::clone(location.shown()),
        what: "reading this in this build".into(),
        hint: format!("enable the feature \"{feature}\""),
    }
}
