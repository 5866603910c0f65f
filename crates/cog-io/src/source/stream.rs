//! Many ranges of a remote object: planned, fetched side by side, handed out as they come.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, Stream, StreamExt, unfold};

use super::remote::Remote;
use crate::cache::CacheKind;
use crate::error::{Error, Result};
use crate::flight::Fetched;
use crate::merge::{MergedRead, merge};

/// One answer on its way and the distinct ranges that it brings.
type Running = BoxFuture<'static, (Vec<usize>, u64, Result<Arc<Fetched>>)>;

struct Plan {
    remote: Arc<Remote>,
    kind: CacheKind,
    /// Distinct ranges, and for each the places in the caller's list that want it.
    ranges: Vec<(Range<u64>, Vec<usize>)>,
    reads: VecDeque<MergedRead>,
    running: FuturesUnordered<Running>,
    /// Index in the caller's list, bytes, and what is free again once they are handed out.
    ready: VecDeque<(usize, Result<Bytes>, u64)>,
    /// Bytes asked for and not handed out yet, and how many there may be.
    ahead: u64,
    max_ahead: u64,
    max_running: usize,
}

/// The bytes of each range as they come, with the index of the range. Not more than `max_ahead` bytes are asked for ahead of the
/// consumer (one read may be longer).
pub(super) fn stream(
    remote: Arc<Remote>,
    wanted: Vec<Range<u64>>,
    kind: CacheKind,
    max_ahead: u64,
) -> impl Stream<Item = (usize, Result<Bytes>)> + Send + 'static {
    let max_running = remote.session().config().max_in_flight_per_read.max(1);
    let mut plan = Plan {
        kind,
        ranges: Vec::new(),
        reads: VecDeque::new(),
        running: FuturesUnordered::new(),
        ready: VecDeque::new(),
        ahead: 0,
        max_ahead,
        max_running,
        remote,
    };
    plan.make(wanted);
    unfold(plan, |mut plan| async move { plan.next().await.map(|item| (item, plan)) })
}

impl Plan {
    fn make(&mut self, wanted: Vec<Range<u64>>) {
        let mut places: HashMap<(u64, u64), usize> = HashMap::with_capacity(wanted.len());
        for (index, range) in wanted.into_iter().enumerate() {
            if let Err(error) = self.check(&range) {
                self.ready.push_back((index, Err(error), 0));
                continue;
            }
            let known = if range.is_empty() { Some(Bytes::new()) } else { self.remote.known(&range, self.kind) };
            if let Some(bytes) = known {
                self.ready.push_back((index, Ok(bytes), 0));
                continue;
            }
            let at = *places.entry((range.start, range.end)).or_insert(self.ranges.len());
            match self.ranges.get_mut(at) {
                Some((_, indices)) => indices.push(index),
                None => self.ranges.push((range, vec![index])),
            }
        }
        let distinct: Vec<_> = self.ranges.iter().map(|(range, _)| range.clone()).collect();
        self.reads = merge(&distinct, &self.remote.session().config().merge).into();
    }

    fn check(&self, range: &Range<u64>) -> Result<()> {
        if range.start > range.end {
            let location = Arc::clone(self.remote.location());
            return Err(Error::InvertedRange { location, range: range.clone() });
        }
        if let Some(size) = self.remote.size().filter(|&size| range.end > size) {
            let location = Arc::clone(self.remote.location());
            return Err(Error::OutOfBounds { location, range: range.clone(), size });
        }
        let (value, limit) = (range.end - range.start, self.remote.session().config().max_read_bytes);
        if value > limit {
            let location = Arc::clone(self.remote.location());
            return Err(Error::Limits { location, what: "length of a read", value, limit, setting: "max_read_bytes" });
        }
        Ok(())
    }

    async fn next(&mut self) -> Option<(usize, Result<Bytes>)> {
        loop {
            self.launch();
            if let Some((index, bytes, free)) = self.ready.pop_front() {
                self.ahead = self.ahead.saturating_sub(free);
                return Some((index, bytes));
            }
            let (parts, free, outcome) = self.running.next().await?;
            self.landed(&parts, free, outcome);
        }
    }

    /// Starts as many reads as the limits allow.
    fn launch(&mut self) {
        while self.running.len() < self.max_running {
            let Some(read) = self.reads.front() else { return };
            let size = read.range.end - read.range.start;
            if self.ahead > 0 && self.ahead.saturating_add(size) > self.max_ahead {
                return;
            }
            let Some(read) = self.reads.pop_front() else { return };
            self.start(read, size);
        }
    }

    fn start(&mut self, read: MergedRead, size: u64) {
        let ranges: Vec<_> = read.parts.iter().filter_map(|&part| Some(self.ranges.get(part)?.0.clone())).collect();
        self.ahead = self.ahead.saturating_add(size);
        match self.remote.launch(&ranges, self.kind) {
            Ok(flights) => {
                let mut free = size;
                for (at, flight) in flights {
                    let parts: Vec<_> = at.iter().filter_map(|&at| read.parts.get(at).copied()).collect();
                    let freed = std::mem::take(&mut free);
                    self.running.push(Box::pin(async move { (parts, freed, flight.landed().await) }));
                }
            }
            Err(error) => self.landed(&read.parts, size, Err(error)),
        }
    }

    fn landed(&mut self, parts: &[usize], free: u64, outcome: Result<Arc<Fetched>>) {
        let mut free = free;
        for &part in parts.iter().rev() {
            let Some((range, indices)) = self.ranges.get(part) else { continue };
            let bytes = match &outcome {
                Ok(fetched) => fetched
                    .part(range)
                    .ok_or_else(|| Error::protocol(self.remote.location(), "fewer bytes came than were asked for")),
                Err(error) => Err(error.clone()),
            };
            for &index in indices.iter().rev() {
                // The buffer lives until its last part is handed out, so that one frees it.
                self.ready.push_front((index, bytes.clone(), std::mem::take(&mut free)));
            }
        }
    }
}
