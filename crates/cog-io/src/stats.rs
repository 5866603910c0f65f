//! Counters of what was asked from whom.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How many ranges a source remembers (1 MiB); later ones are counted but not listed.
const MAX_RANGES: usize = 65_536;

/// How many different warnings a source keeps.
const MAX_WARNINGS: usize = 16;

/// What a source, or a whole session, has fetched so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Requests sent to a remote store, retries and redirects included. Local reads are not requests.
    pub requests: u64,
    /// Bytes received in bodies of ranges, or read from a local file.
    pub bytes: u64,
    /// The remote ranges asked for, in the order of their requests; the first 65 536 of one source, none for a session.
    pub ranges: Vec<Range<u64>>,
    /// Ranges answered from a cache of the session without a request.
    pub cache_hits: u64,
}

/// The live counters behind [`Stats`]; those of a source add to those of its session.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    requests: AtomicU64,
    bytes: AtomicU64,
    cache_hits: AtomicU64,
    ranges: Mutex<Vec<Range<u64>>>,
    warnings: Mutex<Vec<String>>,
    session: Option<Arc<Counters>>,
}

impl Counters {
    pub(crate) fn of_source(session: &Arc<Counters>) -> Arc<Self> {
        Arc::new(Self { session: Some(Arc::clone(session)), ..Self::default() })
    }

    pub(crate) fn request(&self, range: Option<&Range<u64>>) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if let Some(session) = &self.session {
            session.requests.fetch_add(1, Ordering::Relaxed);
            if let Some(range) = range {
                let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
                if ranges.len() < MAX_RANGES {
                    ranges.push(range.clone());
                }
            }
        }
    }

    pub(crate) fn received(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        if let Some(session) = &self.session {
            session.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    pub(crate) fn cache_hit(&self) {
        self.cache_hits.fetch_add(1, Ordering::Relaxed);
        if let Some(session) = &self.session {
            session.cache_hits.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Keeps a warning about the object, and logs it the first time.
    pub(crate) fn warn(&self, location: &str, warning: String) {
        let mut warnings = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        if warnings.len() < MAX_WARNINGS && !warnings.contains(&warning) {
            tracing::warn!(location, "{warning}");
            warnings.push(warning);
        }
    }

    pub(crate) fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn snapshot(&self) -> Stats {
        Stats {
            requests: self.requests.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            cache_hits: self.cache_hits.load(Ordering::Relaxed),
            ranges: self.ranges.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}
