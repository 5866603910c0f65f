//! One object of a remote store, pinned to the version that was seen first.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
#[cfg(feature = "http")]
use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore};

use crate::cache::{PartKey, Seen, Shelf};
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightKey};
use crate::merge::merge;
use crate::session::Session;
use crate::stats::Counters;
use crate::version::Version;

/// Bytes of one answer, or of the cache where the store confirmed them.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) bytes: Bytes,
    pub(crate) start: u64,
    pub(crate) version: Arc<Version>,
    /// The number of this version of this location in the caches.
    pub(crate) object: u64,
}

impl Fetched {
    /// The bytes of a range that the request covered.
    pub(crate) fn part(&self, range: &Range<u64>) -> Option<Bytes> {
        let from = usize::try_from(range.start.checked_sub(self.start)?).ok()?;
        let to = usize::try_from(range.end.checked_sub(self.start)?).ok()?;
        (from <= to && to <= self.bytes.len()).then(|| self.bytes.slice(from..to))
    }
}

/// How long the target of a redirect is asked directly.
#[cfg(feature = "http")]
const REDIRECT_TTL: Duration = Duration::from_secs(60);

/// Where the last redirect led, and when.
#[cfg(feature = "http")]
pub(crate) type Redirect = Mutex<Option<(http::Uri, Instant)>>;

/// A plain URL and what every request for it sends.
#[cfg(feature = "http")]
pub(crate) struct HttpTarget {
    pub(crate) uri: http::Uri,
    pub(crate) headers: http::HeaderMap,
    pub(crate) redirect: Redirect,
}

/// How the bytes of the object are got.
pub(crate) enum Target {
    #[cfg(feature = "http")]
    Http(Box<HttpTarget>),
    #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
    Bucket { bucket: Arc<crate::store::Bucket>, path: Path },
    /// A store that the caller brought.
    Store { store: Arc<dyn ObjectStore>, path: Path },
}

pub(crate) struct Remote {
    session: Session,
    target: Target,
    location: Arc<str>,
    /// What tells this object from others in the caches of the session; holds secrets.
    identity: Arc<str>,
    counters: Arc<Counters>,
    state: Mutex<State>,
    /// The object itself, if its server ignores ranges.
    whole: OnceLock<Bytes>,
}

struct State {
    version: Option<Arc<Version>>,
    object: u64,
}

/// What [`Remote::get`] brings before it is checked against the pinned version.
struct Got {
    bytes: Bytes,
    start: u64,
    version: Version,
    not_modified: bool,
}

impl Remote {
    pub(crate) fn new(session: Session, target: Target, location: Arc<str>, identity: Arc<str>) -> Arc<Self> {
        let counters = Counters::of_source(session.counters());
        let state = Mutex::new(State { version: None, object: session.caches().new_object() });
        Arc::new(Self { session, target, location, identity, counters, state, whole: OnceLock::new() })
    }

    pub(crate) fn location(&self) -> &Arc<str> {
        &self.location
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn version(&self) -> Option<Arc<Version>> {
        self.state().version.clone()
    }

    pub(crate) fn size(&self) -> Option<u64> {
        self.state().version.as_ref().and_then(|version| version.size)
    }

    fn object(&self) -> u64 {
        self.state().object
    }

    /// Pins the version, or compares with the one pinned before.
    fn pin(&self, version: &Arc<Version>, object: u64) -> Result<()> {
        let mut state = self.state();
        match &state.version {
            None => *state = State { version: Some(Arc::clone(version)), object },
            Some(pinned) => {
                if let Some(difference) = pinned.difference(version) {
                    return Err(Error::changed(&self.location, difference));
                }
            }
        }
        Ok(())
    }

    /// The first `len` bytes, or all of a shorter object.
    pub(crate) async fn first(self: &Arc<Self>, len: u64) -> Result<Bytes> {
        let len = len.max(1);
        if let Some(whole) = self.whole.get() {
            return Ok(whole.slice(..whole.len().min(usize::try_from(len).unwrap_or(usize::MAX))));
        }
        let mut stale = None;
        if self.version().is_none()
            && let Some((seen, fresh)) = self.session.caches().seen(&self.identity)
            && let Some(bytes) = self.session.caches().get(Shelf::Header, first_key(seen.object, len))
        {
            if fresh {
                self.pin(&seen.version, seen.object)?;
                self.counters.cache_hit();
                return Ok(bytes);
            }
            stale = Some((seen, bytes));
        }
        let key = FlightKey::First(Arc::clone(&self.identity), len);
        let this = Arc::clone(self);
        let request = async move { this.fetch_first(len, stale).await };
        let flights = self.session.flights().join_or_start(&[key], |_| vec![(vec![0], request)])?;
        let Some((_, flight)) = flights.into_iter().next() else {
            return Err(Error::Usage("a request was not started".into()));
        };
        let fetched = flight.landed().await?;
        // Another source of the same location may have made the request.
        self.pinned(self.pin(&fetched.version, fetched.object))?;
        Ok(fetched.bytes.clone())
    }

    async fn fetch_first(&self, len: u64, stale: Option<(Seen, Bytes)>) -> Result<Fetched> {
        let unless = stale.as_ref().and_then(|(seen, _)| seen.version.etag.as_deref());
        let got = self.pinned(self.get(&(0..len), true, unless).await)?;
        let caches = self.session.caches();
        if let (true, Some((seen, bytes))) = (got.not_modified, stale) {
            self.counters.cache_hit();
            let object = caches.observe(&self.identity, &seen.version);
            return Ok(Fetched { bytes, start: 0, version: seen.version, object });
        }
        let version = Arc::new(got.version);
        let object = caches.observe(&self.identity, &version);
        let buffer = self.whole.get().map_or(got.bytes.len(), Bytes::len);
        caches.put(Shelf::Header, first_key(object, len), &got.bytes, buffer);
        Ok(Fetched { bytes: got.bytes, start: got.start, version, object })
    }

    /// An object that changed is forgotten by the caches, so that the next open sees the new one.
    fn pinned<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(Error::Changed { .. }) = &result {
            self.session.caches().evict(&self.identity, self.object());
        }
        result
    }

    /// A range that is known without a request.
    pub(crate) fn known(&self, range: &Range<u64>, shelf: Shelf) -> Option<Bytes> {
        if let Some(whole) = self.whole.get() {
            let (from, to) = (usize::try_from(range.start).ok()?, usize::try_from(range.end).ok()?);
            return (from <= to && to <= whole.len()).then(|| whole.slice(from..to));
        }
        let key = PartKey { object: self.object(), start: range.start, end: range.end };
        let bytes = self.session.caches().get(shelf, key)?;
        self.counters.cache_hit();
        Some(bytes)
    }

    /// Starts, or joins, the requests that bring `parts`: distinct, not empty, not known.
    pub(crate) fn launch(
        self: &Arc<Self>,
        parts: &[Range<u64>],
        shelf: Shelf,
    ) -> Result<Vec<(Vec<usize>, Arc<Flight>)>> {
        let object = self.object();
        let keys: Vec<_> =
            parts.iter().map(|part| FlightKey::Part(PartKey { object, start: part.start, end: part.end })).collect();
        self.session.flights().join_or_start(&keys, |missing| {
            let wanted: Vec<_> = missing.iter().filter_map(|&index| parts.get(index).cloned()).collect();
            merge(&wanted, &self.session.config().merge)
                .into_iter()
                .map(|read| {
                    let ranges: Vec<_> = read.parts.iter().filter_map(|&at| wanted.get(at).cloned()).collect();
                    let indices = read.parts.iter().filter_map(|&at| missing.get(at).copied()).collect();
                    let this = Arc::clone(self);
                    (indices, async move { this.fetch(read.range, &ranges, shelf).await })
                })
                .collect()
        })
    }

    async fn fetch(&self, range: Range<u64>, parts: &[Range<u64>], shelf: Shelf) -> Result<Fetched> {
        let got = self.pinned(self.get(&range, false, None).await)?;
        let caches = self.session.caches();
        let version = Arc::new(got.version);
        if self.version().is_none() {
            self.pin(&version, caches.observe(&self.identity, &version))?;
        }
        self.pinned(self.pin(&version, self.object()))?;
        let object = self.object();
        let fetched = Fetched { bytes: got.bytes, start: got.start, version, object };
        let buffer = self.whole.get().map_or(fetched.bytes.len(), Bytes::len);
        for part in parts {
            let Some(bytes) = fetched.part(part) else {
                return Err(Error::protocol(&self.location, "fewer bytes came than were asked for"));
            };
            caches.put(shelf, PartKey { object, start: part.start, end: part.end }, &bytes, buffer);
        }
        Ok(fetched)
    }

    /// One range from the store, its length checked, with the version as the store tells it.
    async fn get(&self, range: &Range<u64>, may_be_short: bool, unless: Option<&str>) -> Result<Got> {
        let _permit = self.session.permit().await;
        // A permit may come late, and the answer of another request may have been the whole object meanwhile.
        let pinned = self.version();
        let same = pinned.as_ref().and_then(|version| version.strong_etag());
        match &self.target {
            #[cfg(feature = "http")]
            Target::Http(target) => self.get_http(target, range, may_be_short, same, unless).await,
            #[cfg(any(feature = "aws", feature = "gcp", feature = "azure"))]
            Target::Bucket { bucket, path } => {
                let mut tried = None;
                loop {
                    let region = Arc::new(Mutex::new(None));
                    let call = crate::http::Call {
                        location: Arc::clone(&self.location),
                        range: range.clone(),
                        may_be_short,
                        counters: Arc::clone(&self.counters),
                        region: Arc::clone(&region),
                    };
                    let mut options = conditions(range, same, unless);
                    options.extensions.insert(call);
                    let store = bucket.store();
                    let error = match self.get_store(&*store, path, options, range, may_be_short).await {
                        Ok(got) => return Ok(got),
                        Err(error) => error,
                    };
                    let named = lock(&region).take();
                    // The store names its region when it is asked in another: worth one more try there.
                    match named {
                        Some(named) if tried.as_ref() != Some(&named) && bucket.move_to(&named)? => tried = Some(named),
                        _ => return Err(bucket.explain(error)),
                    }
                }
            }
            Target::Store { store, path } => {
                self.counters.request(Some(range));
                let reading = self.get_store(&**store, path, conditions(range, same, unless), range, may_be_short);
                let limit = self.session.config().request_timeout;
                let got = tokio::time::timeout(limit, reading).await.map_err(|_| Error::Timeout {
                    location: Arc::clone(&self.location),
                    what: "the read from the store",
                    seconds: limit.as_secs_f64(),
                })??;
                self.counters.received(got.bytes.len() as u64);
                Ok(got)
            }
        }
    }

    async fn get_store(
        &self,
        store: &dyn ObjectStore,
        path: &Path,
        options: GetOptions,
        range: &Range<u64>,
        may_be_short: bool,
    ) -> Result<Got> {
        let failed = |error| from_store(&self.location, error);
        let not_modified = |error: &object_store::Error| matches!(error, object_store::Error::NotModified { .. });
        let result = match store.get_opts(path, options).await {
            Ok(result) => result,
            Err(error) if not_modified(&error) => {
                return Ok(Got { bytes: Bytes::new(), start: 0, version: Version::default(), not_modified: true });
            }
            // Stores that check ranges first fail in their own words on an object without bytes.
            Err(error) if may_be_short && !has_own(&error) => {
                return Err(match store.get_opts(path, GetOptions::default()).await {
                    Ok(result) if result.meta.size == 0 => Error::Empty { location: Arc::clone(&self.location) },
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
            return Err(Error::Empty { location: Arc::clone(&self.location) });
        }
        if end > size || range.start >= size {
            return Err(Error::OutOfBounds { location: Arc::clone(&self.location), range: range.clone(), size });
        }
        if came != (range.start..end) || bytes.len() as u64 != end - range.start {
            let detail = format!("bytes {range:?} were asked for, {came:?} came with {} bytes", bytes.len());
            return Err(Error::protocol(&self.location, detail));
        }
        Ok(Got { bytes, start: range.start, version, not_modified: false })
    }

    #[cfg(feature = "http")]
    async fn get_http(
        &self,
        target: &HttpTarget,
        range: &Range<u64>,
        may_be_short: bool,
        same: Option<&str>,
        unless: Option<&str>,
    ) -> Result<Got> {
        use http::header::{HeaderValue, IF_MATCH, IF_NONE_MATCH, RANGE};

        let HttpTarget { uri, headers, redirect } = target;
        let mut headers = headers.clone();
        let value = |text: &str| {
            HeaderValue::from_str(text)
                .map_err(|_| Error::protocol(&self.location, "its ETag holds characters that cannot be sent back"))
        };
        headers.insert(RANGE, value(&format!("bytes={}-{}", range.start, range.end.saturating_sub(1)))?);
        if let Some(etag) = same {
            headers.insert(IF_MATCH, value(etag)?);
        }
        if let Some(etag) = unless {
            headers.insert(IF_NONE_MATCH, value(etag)?);
        }
        let request = |start_at: Option<http::Uri>| crate::http::RangeRequest {
            location: &self.location,
            uri: uri.clone(),
            start_at,
            headers: headers.clone(),
            range: range.clone(),
            may_be_short,
            follow_redirects: true,
            counters: &self.counters,
            region: None,
        };
        let remembered = lock(redirect).clone().filter(|(_, at)| at.elapsed() < REDIRECT_TTL).map(|(target, _)| target);
        let mut answer = self.session.http().get_range(request(remembered.clone())).await;
        // What a redirect leads to may be signed for a short time only: ask the original again.
        if remembered.is_some()
            && matches!(answer, Err(Error::Denied { .. } | Error::NotFound { .. } | Error::Http { .. }))
        {
            *lock(redirect) = None;
            answer = self.session.http().get_range(request(None)).await;
        }
        let answer = answer?;
        if let Some(target) = answer.redirected {
            *lock(redirect) = Some((target, Instant::now()));
        }
        let version = Version { etag: answer.etag, last_modified: answer.last_modified, size: answer.size };
        if let Some(whole) = answer.whole {
            // Kept only under the version that later reads are compared with.
            self.pin(&Arc::new(version.clone()), self.object())?;
            let _ = self.whole.set(whole);
        }
        Ok(Got { bytes: answer.bytes, start: answer.start, version, not_modified: answer.not_modified })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn first_key(object: u64, len: u64) -> PartKey {
    PartKey { object, start: 0, end: len }
}

fn conditions(range: &Range<u64>, same: Option<&str>, unless: Option<&str>) -> GetOptions {
    GetOptions {
        range: Some(GetRange::Bounded(range.clone())),
        if_match: same.map(str::to_owned),
        if_none_match: unless.map(str::to_owned),
        ..GetOptions::default()
    }
}

fn own<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<Error>() {
            return Some(own);
        }
        next = error.source();
    }
    None
}

fn has_own(error: &object_store::Error) -> bool {
    own(error).is_some()
}

/// An error of `object_store`: ours if our connector made it, sorted by kind if not.
pub(crate) fn from_store(location: &Arc<str>, error: object_store::Error) -> Error {
    if let Some(own) = own(&error) {
        return own.clone();
    }
    let location = Arc::clone(location);
    let text = crate::redact::text(&error.to_string());
    match error {
        object_store::Error::NotFound { .. } => Error::NotFound { location, detail: String::new() },
        object_store::Error::Precondition { .. } => Error::changed(&location, "the store says its ETag is another"),
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            Error::Denied { location, detail: text }
        }
        _ => Error::Store { location, detail: text },
    }
}
