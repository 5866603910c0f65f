//! From a location to its source.

use std::sync::Arc;

#[cfg(feature = "http")]
use crate::config::Config;
#[cfg(feature = "http")]
use crate::error::LocationProblem;
use crate::error::{Error, Result};
#[cfg(feature = "http")]
use crate::http::{headers_of, uri_of};
use crate::location::{Location, LocationKind};
use crate::session::Session;
#[cfg(feature = "http")]
use crate::source::{HttpOrigin, Origin, Remote};
use crate::source::{LocalSource, Source};
use crate::stats::Counters;

impl Session {
    /// Opens a location. A local file is opened and must have bytes; of a remote object nothing is asked yet, but credentials
    /// must be there.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAFile`], [`Error::Empty`], [`Error::Denied`] for local files;
    /// [`Error::Denied`] with a hint for a signed store without credentials; [`Error::Unsupported`] for a store that this build
    /// leaves out; [`Error::Config`] for settings that make no sense.
    pub async fn open(&self, location: &Location) -> Result<Source> {
        match location.kind() {
            LocationKind::Local(path) => {
                let (path, name) = (path.clone(), Arc::clone(location.shown()));
                let counters = Counters::of_source(self.counters());
                let failed = Arc::clone(&name);
                let pin = self.config().pin;
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
                let headers = headers_of(location, url, &settings.config)?;
                let unsendable = || LocationProblem::Unsendable { location: Arc::clone(location.shown()), what: "URL" };
                let uri = uri_of(url).ok_or_else(unsendable)?;
                let origin = HttpOrigin { uri, headers, redirect: Default::default() };
                Ok(self.remote(location, Origin::Http(Box::new(origin)), settings))
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

    #[cfg(feature = "http")]
    fn remote(&self, location: &Location, origin: Origin, settings: Settings) -> Source {
        let identity = match settings.prefix {
            Some(index) => format!("{}\nsettings {index}", location.identity()),
            None => location.identity(),
        };
        let shown = Arc::clone(location.shown());
        let remote = Remote::new(self.clone(), settings.config, origin, shown, identity.into());
        for warning in location.warnings() {
            remote.counters().warn(location.shown(), warning.clone());
        }
        Source::remote(remote)
    }

    /// The configuration for a location: the session's, that of the prefix it starts with, and what it says itself.
    #[cfg(feature = "http")]
    pub(crate) fn settings(&self, location: &Location) -> Result<Settings> {
        let (prefix, mut config) = match self.config().for_location(location.shown())? {
            Some((index, config)) => (Some(index), Arc::new(config)),
            None => (None, Arc::clone(self.shared_config())),
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
        let bucket = self.opened(location, name, account, &settings)?;
        Ok(self.remote(location, Origin::Bucket { bucket, path, key }, settings))
    }

    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    fn opened(
        &self,
        location: &Location,
        name: &str,
        account: Option<&str>,
        settings: &Settings,
    ) -> Result<Arc<crate::store::Bucket>> {
        let id = crate::store::BucketId {
            kind: location.kind().into(),
            name: name.to_owned(),
            account: account.map(str::to_owned),
            prefix: settings.prefix,
        };
        self.buckets().get(id, location.shown(), &settings.config, self.http())
    }

    /// The bucket that a location lies in.
    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    pub(crate) fn bucket_of(&self, location: &Location) -> Result<Arc<crate::store::Bucket>> {
        let settings = self.settings(location)?;
        match location.kind() {
            #[cfg(feature = "aws")]
            LocationKind::S3 { bucket, .. } => self.opened(location, bucket, None, &settings),
            #[cfg(feature = "gcp")]
            LocationKind::Gs { bucket, .. } => self.opened(location, bucket, None, &settings),
            #[cfg(feature = "azure")]
            LocationKind::Azure { account, container, .. } => {
                self.opened(location, container, account.as_deref(), &settings)
            }
            _ => Err(left_out_or_none(location)),
        }
    }
}

/// What is set for one location.
#[cfg(feature = "http")]
pub(crate) struct Settings {
    /// The prefix of the configuration that it starts with.
    prefix: Option<usize>,
    pub(crate) config: Arc<Config>,
}

#[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
fn left_out_or_none(location: &Location) -> Error {
    Error::Unsupported {
        location: Arc::clone(location.shown()),
        what: "a bucket in this build".into(),
        hint: "buckets of S3, Google and Azure can be read, each with a feature of its own".into(),
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
