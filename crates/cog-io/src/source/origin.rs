//! How the bytes of an object are got: one GET of one range, checked, from a URL, a bucket or a store that the caller brought.

use std::ops::Range;
use std::sync::Arc;
#[cfg(feature = "http")]
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};

use crate::config::Config;
use crate::error::store::{from_store, has_own};
use crate::error::{Error, Result};
use crate::session::Session;
use crate::stats::Counters;
use crate::version::Version;

/// How long the target of a redirect is asked directly.
#[cfg(feature = "http")]
const REDIRECT_TTL: std::time::Duration = std::time::Duration::from_secs(60);

/// Where the last redirect led, and when.
#[cfg(feature = "http")]
pub(crate) type Redirect = Mutex<Option<(http::Uri, Instant)>>;

/// A plain URL and what every request for it sends.
#[cfg(feature = "http")]
pub(crate) struct HttpOrigin {
    pub(crate) uri: http::Uri,
    pub(crate) headers: http::HeaderMap,
    pub(crate) redirect: Redirect,
}

/// Where the object is.
pub(crate) enum Origin {
    #[cfg(feature = "http")]
    Http(Box<HttpOrigin>),
    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    Bucket {
        bucket: Arc<crate::store::Bucket>,
        path: Path,
        /// The key, where the path is a stand-in for it.
        key: Option<Arc<str>>,
    },
    /// A store that the caller brought.
    Store { store: Arc<dyn ObjectStore>, path: Path },
}

/// One range that is asked for.
pub(super) struct RangeGet<'a> {
    #[cfg_attr(not(feature = "http"), allow(dead_code, reason = "its HTTP client is asked"))]
    pub(super) session: &'a Session,
    /// Of the location: timeouts and retries.
    pub(super) config: &'a Arc<Config>,
    /// Redacted name for errors and logs.
    pub(super) location: &'a Arc<str>,
    pub(super) counters: &'a Arc<Counters>,
    pub(super) range: &'a Range<u64>,
    /// An object that ends inside the range is no error.
    pub(super) may_be_short: bool,
    /// If-Match.
    pub(super) same: Option<&'a str>,
    /// If-None-Match.
    pub(super) unless: Option<&'a str>,
}

/// What came, before it is compared with the version that is pinned.
pub(super) struct RangeAnswer {
    /// They begin where the range does, and may be fewer than it has.
    pub(super) bytes: Bytes,
    /// Where the part of the range ends that the object has, as far as the store tells.
    pub(super) end: u64,
    pub(super) version: Version,
    /// The condition `unless` says that what the caller has is still right; there are no bytes.
    pub(super) not_modified: bool,
    /// The whole object, from a server that ignores ranges.
    pub(super) whole: Option<Bytes>,
}

impl Origin {
    /// One range from the store, its length checked, with the version as the store tells it.
    pub(super) async fn get(&self, ask: &RangeGet<'_>) -> Result<RangeAnswer> {
        match self {
            #[cfg(feature = "http")]
            Origin::Http(origin) => origin.get(ask).await,
            #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
            Origin::Bucket { bucket, path, key } => ask.bucket(bucket, path, key.as_ref()).await,
            Origin::Store { store, path } => {
                ask.counters.request(Some(ask.range));
                let limit = ask.config.request_timeout;
                let started = Instant::now();
                let reading = ask.store(&**store, path, ask.conditions());
                let got = tokio::time::timeout(limit, reading).await.map_err(|_| Error::Timeout {
                    location: Arc::clone(ask.location),
                    what: "the read from the store",
                    seconds: limit.as_secs_f64(),
                });
                let got = got.and_then(|got| got);
                tracing::debug!(
                    location = %ask.location, start = ask.range.start, end = ask.range.end,
                    bytes = got.as_ref().map_or(0, |got| got.bytes.len()),
                    error = got.as_ref().err().map(tracing::field::display),
                    ms = started.elapsed().as_millis() as u64, "request"
                );
                let got = got?;
                ask.counters.received(got.bytes.len() as u64);
                Ok(got)
            }
        }
    }
}

impl RangeGet<'_> {
    fn conditions(&self) -> GetOptions {
        GetOptions {
            range: Some(GetRange::Bounded(self.range.clone())),
            if_match: self.same.map(str::to_owned),
            if_none_match: self.unless.map(str::to_owned),
            ..GetOptions::default()
        }
    }

    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    async fn bucket(&self, bucket: &crate::store::Bucket, path: &Path, key: Option<&Arc<str>>) -> Result<RangeAnswer> {
        let mut tried = None;
        loop {
            let call = crate::store::Call {
                location: Arc::clone(self.location),
                range: self.range.clone(),
                may_be_short: self.may_be_short,
                counters: Arc::clone(self.counters),
                config: Arc::clone(self.config),
                key: key.cloned(),
                region: Arc::default(),
                answer: Arc::default(),
            };
            let mut options = self.conditions();
            options.extensions.insert(call.clone());
            let asked = bucket.store().get_opts(path, options).await;
            let error = match (call.take_answer(), asked) {
                (Some(Ok(answer)), _) => return Ok(answer.into()),
                (Some(Err(error)), _) => error,
                // Nothing was sent: there are no credentials, say.
                (None, Err(error)) => from_store(self.location, error),
                (None, Ok(_)) => Error::protocol(self.location, "nothing was asked for"),
            };
            let named = call.region.lock().unwrap_or_else(PoisonError::into_inner).take();
            // The store names its region when it is asked in another: worth one more try there.
            match named {
                Some(named) if tried.as_ref() != Some(&named) && bucket.move_to(&named)? => tried = Some(named),
                _ => return Err(bucket.explain(error)),
            }
        }
    }

    async fn store(&self, store: &dyn ObjectStore, path: &Path, options: GetOptions) -> Result<RangeAnswer> {
        let RangeGet { range, may_be_short, .. } = *self;
        let location = || Arc::clone(self.location);
        let failed = |error| from_store(self.location, error);
        let not_modified = |error: &object_store::Error| matches!(error, object_store::Error::NotModified { .. });
        let result = match store.get_opts(path, options).await {
            Ok(result) => result,
            Err(error) if not_modified(&error) => {
                let version = Version::default();
                return Ok(RangeAnswer {
                    bytes: Bytes::new(),
                    end: range.start,
                    version,
                    not_modified: true,
                    whole: None,
                });
            }
            // Stores that check ranges first fail in their own words on an object without bytes.
            Err(error) if may_be_short && !has_own(&error) => {
                return Err(match store.get_opts(path, GetOptions::default()).await {
                    Ok(result) if result.meta.size == 0 => Error::Empty { location: location() },
                    _ => failed(error),
                });
            }
            Err(error) => return Err(failed(error)),
        };
        let version = Version {
            etag: result.meta.e_tag.clone(),
            // object_store gives the epoch when the store said nothing.
            last_modified: (result.meta.last_modified.timestamp() != 0).then(|| result.meta.last_modified.to_rfc3339()),
            size: Some(result.meta.size),
        };
        let came = result.range.clone();
        let size = result.meta.size;
        let bytes = result.bytes().await.map_err(failed)?;
        let end = if may_be_short { range.end.min(size) } else { range.end };
        if size == 0 {
            return Err(Error::Empty { location: location() });
        }
        if end > size || range.start >= size {
            return Err(Error::OutOfBounds { location: location(), range: range.clone(), size });
        }
        if came != (range.start..end) || bytes.len() as u64 != end - range.start {
            let detail = format!("bytes {range:?} were asked for, {came:?} came with {} bytes", bytes.len());
            return Err(Error::protocol(self.location, detail));
        }
        Ok(RangeAnswer { bytes, end, version, not_modified: false, whole: None })
    }
}

#[cfg(feature = "http")]
impl HttpOrigin {
    async fn get(&self, ask: &RangeGet<'_>) -> Result<RangeAnswer> {
        use http::header::{HeaderValue, IF_MATCH, IF_NONE_MATCH, RANGE};

        let mut headers = self.headers.clone();
        let value = |text: &str| {
            HeaderValue::from_str(text)
                .map_err(|_| Error::protocol(ask.location, "its ETag holds characters that cannot be sent back"))
        };
        headers.insert(RANGE, value(&format!("bytes={}-{}", ask.range.start, ask.range.end.saturating_sub(1)))?);
        if let Some(etag) = ask.same {
            headers.insert(IF_MATCH, value(etag)?);
        }
        if let Some(etag) = ask.unless {
            headers.insert(IF_NONE_MATCH, value(etag)?);
        }
        let request = |start_at: Option<http::Uri>| crate::http::RangeRequest {
            location: ask.location,
            uri: self.uri.clone(),
            start_at,
            headers: headers.clone(),
            post: None,
            range: ask.range.clone(),
            may_be_short: ask.may_be_short,
            follow_redirects: true,
            counters: ask.counters,
            config: ask.config,
            region: None,
        };
        let redirect = || self.redirect.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = redirect().clone().filter(|(_, at)| at.elapsed() < REDIRECT_TTL).map(|(target, _)| target);
        let mut answer = ask.session.http().get_range(request(remembered.clone())).await;
        // What a redirect leads to may be signed for a short time only: ask the original again.
        if remembered.is_some()
            && matches!(answer, Err(Error::Denied { .. } | Error::NotFound { .. } | Error::Http { .. }))
        {
            *redirect() = None;
            answer = ask.session.http().get_range(request(None)).await;
        }
        let answer = answer?;
        if let Some(target) = answer.redirected.clone() {
            *redirect() = Some((target, Instant::now()));
        }
        Ok(answer.into())
    }
}

#[cfg(feature = "http")]
impl From<crate::http::Answer> for RangeAnswer {
    fn from(answer: crate::http::Answer) -> Self {
        let version = Version { etag: answer.etag, last_modified: answer.last_modified, size: answer.size };
        let crate::http::Answer { bytes, end, not_modified, whole, .. } = answer;
        RangeAnswer { bytes, end, version, not_modified, whole }
    }
}
