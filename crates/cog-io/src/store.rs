//! Buckets of signed stores, built on `object_store` with the session's own HTTP client.

#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "gcp")]
mod gcs;
pub(crate) mod key;
mod options;
#[cfg(feature = "aws")]
mod profile;
#[cfg(feature = "aws")]
mod s3;
mod service;
#[cfg(feature = "aws")]
mod sigv4;

pub(crate) use self::service::{Call, Connector};

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use object_store::ObjectStore;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::http::Client;
use crate::location::LocationKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    #[cfg(feature = "aws")]
    S3,
    #[cfg(feature = "gcp")]
    Gs,
    #[cfg(feature = "azure")]
    Azure,
    /// A location without bucket, or a store that this build leaves out: never asked for.
    Other,
}

impl From<&LocationKind> for Kind {
    fn from(kind: &LocationKind) -> Self {
        match kind {
            #[cfg(feature = "aws")]
            LocationKind::S3 { .. } => Kind::S3,
            #[cfg(feature = "gcp")]
            LocationKind::Gs { .. } => Kind::Gs,
            #[cfg(feature = "azure")]
            LocationKind::Azure { .. } => Kind::Azure,
            _ => Kind::Other,
        }
    }
}

/// What tells one bucket of a session from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct BucketId {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) account: Option<String>,
    /// Index of the prefix whose settings apply.
    pub(crate) prefix: Option<usize>,
}

/// The buckets that a session has opened.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<HashMap<BucketId, Arc<Bucket>>>);

impl Buckets {
    pub(crate) fn get(
        &self,
        id: BucketId,
        location: &Arc<str>,
        config: &Config,
        client: &Arc<Client>,
    ) -> Result<Arc<Bucket>> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get(&id) {
            return Ok(Arc::clone(bucket));
        }
        let bucket = Arc::new(Bucket::open(id.clone(), location, config.clone(), Arc::clone(client))?);
        buckets.insert(id, Arc::clone(&bucket));
        Ok(bucket)
    }
}

/// One bucket. Its store is rebuilt when the bucket turns out to be in another region.
pub(crate) struct Bucket {
    id: BucketId,
    config: Config,
    client: Arc<Client>,
    current: Mutex<(Option<String>, Arc<dyn ObjectStore>)>,
}

impl Bucket {
    fn open(id: BucketId, location: &Arc<str>, config: Config, client: Arc<Client>) -> Result<Self> {
        let built = build(&id, None, location, &config, &client)?;
        Ok(Self { id, config, client, current: Mutex::new((None, built)) })
    }

    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// The region that the bucket turned out to be in.
    pub(crate) fn region(&self) -> Option<String> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Rebuilds the store for a region that the store named. True if another attempt may now succeed.
    pub(crate) fn move_to(&self, region: &str) -> Result<bool> {
        let plausible = !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !plausible || self.config.s3.region.as_deref() == Some(region) {
            return Ok(false);
        }
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        // Another request of the same bucket may have moved it meanwhile.
        if current.0.as_deref() != Some(region) {
            tracing::debug!(bucket = self.id.name, region, "the bucket is in another region");
            let location: Arc<str> = self.id.name.as_str().into();
            *current = (Some(region.to_owned()), build(&self.id, Some(region), &location, &self.config, &self.client)?);
        }
        Ok(true)
    }

    /// Adds what may help to a refusal.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let anonymous = match self.id.kind {
            #[cfg(feature = "aws")]
            Kind::S3 => self.config.s3.anonymous,
            #[cfg(feature = "gcp")]
            Kind::Gs => self.config.gcs.anonymous,
            #[cfg(feature = "azure")]
            Kind::Azure => self.config.azure.anonymous,
            Kind::Other => false,
        };
        match error {
            Error::Denied { location, detail } if anonymous => Error::Denied {
                location,
                detail: format!("{detail}; the request was anonymous, so credentials may be needed"),
            },
            other => other,
        }
    }
}

fn build(
    id: &BucketId,
    region: Option<&str>,
    location: &Arc<str>,
    config: &Config,
    client: &Arc<Client>,
) -> Result<Arc<dyn ObjectStore>> {
    let connector = Connector::new(Arc::clone(client));
    // Regions are a matter of S3, accounts one of Azure.
    let _ = (region, &id.account, &connector);
    match id.kind {
        #[cfg(feature = "aws")]
        Kind::S3 => s3::build(&id.name, region, location, config, connector),
        #[cfg(feature = "gcp")]
        Kind::Gs => gcs::build(&id.name, location, config, connector),
        #[cfg(feature = "azure")]
        Kind::Azure => azure::build(&id.name, id.account.as_deref(), location, config, connector),
        Kind::Other => Err(Error::internal(format!("{location}: {} is not a bucket", id.name))),
    }
}
