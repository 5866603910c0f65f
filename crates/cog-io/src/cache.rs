//! What a session remembers of remote objects: versions, header bytes, compressed blocks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::config::Config;
use crate::version::Version;

/// Locations whose version is remembered.
const MAX_VERSIONS: u64 = 16_384;

/// A range of one version of one object. `object` comes from [`Caches::observe`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PartKey {
    pub(crate) object: u64,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// Which cache bytes belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheKind {
    Header,
    Block,
}

/// The version seen last at a location.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) object: u64,
    pub(crate) version: Arc<Version>,
    at: Instant,
}

type Bounded = moka::sync::Cache<PartKey, Bytes>;

pub(crate) struct Caches {
    headers: Option<Bounded>,
    blocks: Option<Bounded>,
    versions: moka::sync::Cache<Arc<str>, Seen>,
    /// Held while a version is compared and replaced.
    observing: Mutex<()>,
    next_object: AtomicU64,
    ttl: Duration,
}

impl Caches {
    pub(crate) fn new(config: &Config) -> Self {
        let bounded = |on: bool, bytes: u64| {
            (on && bytes > 0).then(|| {
                moka::sync::Cache::builder()
                    .max_capacity(bytes)
                    // An entry costs its key and the map's bookkeeping too.
                    .weigher(|_, bytes: &Bytes| u32::try_from(bytes.len().saturating_add(200)).unwrap_or(u32::MAX))
                    .support_invalidation_closures()
                    .build()
            })
        };
        Self {
            headers: bounded(config.header_cache, config.header_cache_bytes),
            blocks: bounded(config.block_cache, config.block_cache_bytes),
            versions: moka::sync::Cache::new(MAX_VERSIONS),
            observing: Mutex::new(()),
            next_object: AtomicU64::new(1),
            ttl: config.version_ttl,
        }
    }

    fn of_kind(&self, kind: CacheKind) -> Option<&Bounded> {
        match kind {
            CacheKind::Header => self.headers.as_ref(),
            CacheKind::Block => self.blocks.as_ref(),
        }
    }

    pub(crate) fn get(&self, kind: CacheKind, key: PartKey) -> Option<Bytes> {
        self.of_kind(kind)?.get(&key)
    }

    /// Keeps a copy if `bytes` is a slice of the larger buffer `of`, which would stay in memory as long as the slice.
    pub(crate) fn put(&self, kind: CacheKind, key: PartKey, bytes: &Bytes, of: usize) {
        if let Some(cache) = self.of_kind(kind) {
            let kept = if bytes.len() == of { bytes.clone() } else { Bytes::copy_from_slice(bytes) };
            cache.insert(key, kept);
        }
    }

    /// A number that no other object of this session has.
    pub(crate) fn new_object(&self) -> u64 {
        self.next_object.fetch_add(1, Ordering::Relaxed)
    }

    /// What was seen at a location, and whether that may still be trusted without asking.
    pub(crate) fn seen(&self, location: &Arc<str>) -> Option<(Seen, bool)> {
        let seen = self.versions.get(location)?;
        let fresh = seen.at.elapsed() < self.ttl;
        Some((seen, fresh))
    }

    /// Records that the store just showed `version` at a location. The same version gives the same object number.
    pub(crate) fn observe(&self, location: &Arc<str>, version: &Arc<Version>) -> u64 {
        let _guard = self.observing.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.versions.get(location).filter(|seen| same(&seen.version, version));
        let (object, version) = match known {
            Some(seen) => (seen.object, seen.version),
            None => (self.new_object(), Arc::clone(version)),
        };
        self.versions.insert(Arc::clone(location), Seen { object, version, at: Instant::now() });
        object
    }

    /// Forgets an object that changed.
    pub(crate) fn evict(&self, location: &Arc<str>, object: u64) {
        let _guard = self.observing.lock().unwrap_or_else(PoisonError::into_inner);
        self.versions.invalidate(location);
        for cache in [&self.headers, &self.blocks].into_iter().flatten() {
            // The closure is refused only by caches built without support for closures.
            let _ = cache.invalidate_entries_if(move |key, _| key.object == object);
        }
    }
}

/// Strict: what cannot be told apart for sure (no tag, no time) is never taken for the same between two opens.
fn same(a: &Version, b: &Version) -> bool {
    a == b && (a.etag.is_some() || a.last_modified.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(etag: &str) -> Arc<Version> {
        Arc::new(Version { etag: Some(etag.into()), ..Version::default() })
    }

    #[test]
    fn the_same_version_is_the_same_object_and_another_is_not() {
        let caches = Caches::new(&Config::default());
        let location: Arc<str> = "http://h/a".into();
        let a = caches.observe(&location, &version("a"));
        assert_eq!(caches.observe(&location, &version("a")), a);
        assert_ne!(caches.observe(&location, &version("b")), a);
        let unnamed = Arc::new(Version { size: Some(3), ..Version::default() });
        assert_ne!(caches.observe(&location, &unnamed), caches.observe(&location, &unnamed));
    }

    #[test]
    fn a_slice_does_not_keep_its_large_buffer() {
        let caches = Caches::new(&Config::default());
        let large = Bytes::from(vec![7u8; 1000]);
        let slice = large.slice(10..20);
        let key = PartKey { object: 1, start: 10, end: 20 };
        caches.put(CacheKind::Block, key, &slice, large.len());
        drop(slice);
        assert!(large.is_unique());
        assert_eq!(caches.get(CacheKind::Block, key).as_deref(), Some(&[7u8; 10][..]));
    }

    #[test]
    fn an_evicted_object_is_forgotten() {
        let caches = Caches::new(&Config::default());
        let location: Arc<str> = "l".into();
        let object = caches.observe(&location, &version("a"));
        let key = PartKey { object, start: 0, end: 1 };
        caches.put(CacheKind::Header, key, &Bytes::from_static(b"x"), 1);
        caches.evict(&location, object);
        assert!(caches.seen(&location).is_none());
        assert_eq!(caches.get(CacheKind::Header, key), None);
    }
}
