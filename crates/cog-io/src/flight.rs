//! Requests in flight, so that callers who want the same bytes share one.

use std::collections::HashMap;
use std::future::Future;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::cache::PartKey;
use crate::error::{Error, Result};
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

/// What a flight brings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum FlightKey {
    /// The first bytes of a location whose version is not known yet, and how many.
    First(Arc<str>, u64),
    /// A range of a known version.
    Part(PartKey),
}

/// A request that runs in a task of its own. Whoever waits holds it; when the last one lets go the task is aborted.
pub(crate) struct Flight {
    outcome: Shared<BoxFuture<'static, Result<Arc<Fetched>>>>,
    abort: AbortHandle,
    keys: Vec<FlightKey>,
    table: Weak<Flights>,
}

impl Flight {
    pub(crate) async fn landed(self: Arc<Self>) -> Result<Arc<Fetched>> {
        self.outcome.clone().await
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.abort.abort();
        let Some(table) = self.table.upgrade() else { return };
        let mut running = table.running.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            // Another flight may have taken the key since.
            if running.get(key).is_some_and(|weak| std::ptr::eq(weak.as_ptr(), self)) {
                running.remove(key);
            }
        }
    }
}

/// The flights of a session.
#[derive(Default)]
pub(crate) struct Flights {
    running: Mutex<HashMap<FlightKey, Weak<Flight>>>,
}

impl Flights {
    /// For each key the flight that brings it: joined where one is under way. `start` groups the indices of the others and gives
    /// each group its request.
    pub(crate) fn join_or_start<F>(
        self: &Arc<Self>,
        keys: &[FlightKey],
        start: impl FnOnce(&[usize]) -> Vec<(Vec<usize>, F)>,
    ) -> Result<Vec<(Vec<usize>, Arc<Flight>)>>
    where
        F: Future<Output = Result<Fetched>> + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        // Dropped after the lock is released: dropping the last handle of a flight takes the lock.
        let mut failed = Vec::new();
        let mut flights: Vec<(Vec<usize>, Arc<Flight>)> = Vec::new();
        let mut missing = Vec::new();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, key) in keys.iter().enumerate() {
            match running.get(key).and_then(Weak::upgrade) {
                Some(flight) if !matches!(flight.outcome.peek(), Some(Err(_))) => flights.push((vec![index], flight)),
                other => {
                    failed.extend(other);
                    missing.push(index);
                }
            }
        }
        if !missing.is_empty() {
            for (indices, request) in start(&missing) {
                let task = runtime.spawn(async move { request.await.map(Arc::new) });
                let abort = task.abort_handle();
                let outcome = task.map(|joined| {
                    joined.unwrap_or_else(|error| match error.is_cancelled() {
                        true => Err(Error::RuntimeEnded),
                        false => Err(Error::internal(format!("the task of a request: {error}"))),
                    })
                });
                let keys: Vec<_> = indices.iter().filter_map(|&index| keys.get(index).cloned()).collect();
                let flight = Arc::new(Flight {
                    outcome: outcome.boxed().shared(),
                    abort,
                    keys: keys.clone(),
                    table: Arc::downgrade(self),
                });
                for key in keys {
                    running.insert(key, Arc::downgrade(&flight));
                }
                flights.push((indices, flight));
            }
        }
        drop(running);
        drop(failed);
        Ok(flights)
    }
}
