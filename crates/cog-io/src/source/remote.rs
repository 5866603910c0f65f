//! One object of a remote store, pinned to the version that was seen first.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;

use super::origin::{Origin, RangeAnswer, RangeGet};
use crate::cache::{CacheKind, PartKey, Seen};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::flight::{Fetched, Flight, FlightKey};
use crate::merge::merge;
use crate::session::Session;
use crate::stats::Counters;
use crate::version::Version;

/// Answers shorter than asked for that a range may have whatever their length, and the bytes that later ones must bring on
/// average: a server that sends single bytes is given up.
const FREE_ANSWERS: u64 = 16;
const BYTES_AN_ANSWER: u64 = 16 << 10;

pub(crate) struct Remote {
    session: Session,
    /// Of the session, with what is set for this location only.
    config: Arc<Config>,
    origin: Origin,
    location: Arc<str>,
    /// What tells this object from others in the caches of the session; holds secrets.
    identity: Arc<str>,
    counters: Arc<Counters>,
    state: Mutex<State>,
    /// The object itself, if its server ignores ranges.
    whole: OnceLock<Bytes>,
    /// The version as it was told first, where versions are not pinned.
    told: OnceLock<Version>,
}

struct State {
    version: Option<Arc<Version>>,
    object: u64,
}

impl Remote {
    pub(crate) fn new(
        session: Session,
        config: Arc<Config>,
        origin: Origin,
        location: Arc<str>,
        identity: Arc<str>,
    ) -> Arc<Self> {
        let counters = Counters::of_source(session.counters());
        let state = Mutex::new(State { version: None, object: session.caches().new_object() });
        let (whole, told) = (OnceLock::new(), OnceLock::new());
        Arc::new(Self { session, config, origin, location, identity, counters, state, whole, told })
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
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
            && let Some(bytes) = self.session.caches().get(CacheKind::Header, first_key(seen.object, len))
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
            return Err(Error::internal("a request was not started"));
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
        caches.put(CacheKind::Header, first_key(object, len), &got.bytes, buffer);
        Ok(Fetched { bytes: got.bytes, start: 0, version, object })
    }

    /// An object that changed is forgotten by the caches, so that the next open sees the new one.
    fn pinned<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(Error::Changed { .. }) = &result {
            self.session.caches().evict(&self.identity, self.object());
        }
        result
    }

    /// A range that is known without a request.
    pub(crate) fn known(&self, range: &Range<u64>, kind: CacheKind) -> Option<Bytes> {
        if let Some(whole) = self.whole.get() {
            let (from, to) = (usize::try_from(range.start).ok()?, usize::try_from(range.end).ok()?);
            return (from <= to && to <= whole.len()).then(|| whole.slice(from..to));
        }
        let key = PartKey { object: self.object(), start: range.start, end: range.end };
        let bytes = self.session.caches().get(kind, key)?;
        self.counters.cache_hit();
        Some(bytes)
    }

    /// Starts, or joins, the requests that bring `parts`: distinct, not empty, not known.
    pub(crate) fn launch(
        self: &Arc<Self>,
        parts: &[Range<u64>],
        kind: CacheKind,
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
                    (indices, async move { this.fetch(read.range, &ranges, kind).await })
                })
                .collect()
        })
    }

    async fn fetch(&self, range: Range<u64>, parts: &[Range<u64>], kind: CacheKind) -> Result<Fetched> {
        let got = self.pinned(self.get(&range, false, None).await)?;
        let caches = self.session.caches();
        let version = Arc::new(got.version);
        if self.version().is_none() {
            self.pin(&version, caches.observe(&self.identity, &version))?;
        }
        self.pinned(self.pin(&version, self.object()))?;
        let object = self.object();
        let fetched = Fetched { bytes: got.bytes, start: range.start, version, object };
        let buffer = self.whole.get().map_or(fetched.bytes.len(), Bytes::len);
        for part in parts {
            let Some(bytes) = fetched.part(part) else {
                return Err(Error::protocol(&self.location, "fewer bytes came than were asked for"));
            };
            caches.put(kind, PartKey { object, start: part.start, end: part.end }, &bytes, buffer);
        }
        Ok(fetched)
    }

    async fn get(&self, range: &Range<u64>, may_be_short: bool, unless: Option<&str>) -> Result<RangeAnswer> {
        let _permit = self.session.permit().await;
        let pinned = self.version();
        let same = pinned.as_ref().and_then(|version| version.strong_etag());
        let mut got = self.ask(range, may_be_short, same, unless).await?;
        if !got.not_modified && range.start + (got.bytes.len() as u64) < got.end {
            got = self.complete(range, got).await?;
        }
        if let Some(whole) = &got.whole {
            // Kept only under the version that later reads are compared with.
            self.pin(&Arc::new(got.version.clone()), self.object())?;
            let _ = self.whole.set(whole.clone());
        }
        Ok(got)
    }

    /// One request.
    async fn ask(
        &self,
        range: &Range<u64>,
        may_be_short: bool,
        same: Option<&str>,
        unless: Option<&str>,
    ) -> Result<RangeAnswer> {
        let Remote { session, config, location, counters, .. } = self;
        let ask = RangeGet { session, config, location, counters, range, may_be_short, same, unless };
        let mut got = self.origin.get(&ask).await?;
        if !config.pin {
            self.unpin(&mut got.version);
        }
        Ok(got)
    }

    /// Keeps of a version what is trusted without [`Config::pin`](crate::Config::pin): the size.
    fn unpin(&self, version: &mut Version) {
        let told = self.told.get_or_init(|| version.clone());
        if told.size == version.size && told.difference(version).is_some() {
            let what = if told.etag == version.etag { "Last-Modified" } else { "ETag" };
            let warning = format!(
                "its {what} differs between answers and only its size is checked: if it changes, the bytes may be of two versions"
            );
            self.counters.warn(&self.location, warning);
        }
        *version = Version { size: version.size, ..Version::default() };
    }

    /// Asks for what an answer left out of the range, until it is there: a server may send less than it was asked for
    /// (RFC 9110, section 15.3.7). All parts are of one version.
    async fn complete(&self, range: &Range<u64>, first: RangeAnswer) -> Result<RangeAnswer> {
        let mut end = first.end;
        let wanted = end - range.start;
        let limit = self.config.request_timeout;
        let protocol = |detail| Error::protocol(&self.location, detail);
        let mut bytes = Vec::new();
        if usize::try_from(wanted).ok().is_none_or(|wanted| bytes.try_reserve_exact(wanted).is_err()) {
            return Err(protocol(format!("{wanted} bytes cannot be allocated")));
        }
        bytes.extend_from_slice(&first.bytes);
        let same = first.version.strong_etag();
        let max_answers = FREE_ANSWERS + wanted / BYTES_AN_ANSWER;
        let rest = async {
            let mut answers = 1;
            loop {
                let at = range.start + bytes.len() as u64;
                if at >= end {
                    return Ok(());
                }
                if answers >= max_answers {
                    let came = bytes.len();
                    return Err(protocol(format!("{answers} answers brought only {came} of {wanted} bytes")));
                }
                answers += 1;
                tracing::debug!(location = %self.location, start = at, end, "the answer was short: the rest is asked for");
                let got = self.ask(&(at..end), false, same, None).await?;
                if let Some(difference) = first.version.difference(&got.version) {
                    return Err(Error::changed(&self.location, difference));
                }
                end = end.min(got.end);
                bytes.extend_from_slice(&got.bytes);
            }
        };
        tokio::time::timeout(limit, rest).await.map_err(|_| Error::Timeout {
            location: Arc::clone(&self.location),
            what: "the range in short answers",
            seconds: limit.as_secs_f64(),
        })??;
        Ok(RangeAnswer { bytes: bytes.into(), end, ..first })
    }
}

fn first_key(object: u64, len: u64) -> PartKey {
    PartKey { object, start: 0, end: len }
}
