//! What a run cost: the line of `--stats`.

use std::time::{Duration, Instant};

use cog_read::{ReadCost, Session};
use serde::Serialize;

/// Times of one run; requests and bytes come from the session.
pub(crate) struct RunStats {
    started: Instant,
    pub(crate) open: Duration,
    pub(crate) cost: Option<ReadCost>,
    pub(crate) read: Option<Duration>,
}

#[derive(Serialize)]
struct Line {
    requests: u64,
    bytes: u64,
    ranges: u64,
    cache_hits: u64,
    open_ms: f64,
    fetch_ms: f64,
    decode_ms: f64,
    read_ms: f64,
    total_ms: f64,
}

impl RunStats {
    pub(crate) fn start() -> RunStats {
        RunStats { started: Instant::now(), open: Duration::ZERO, cost: None, read: None }
    }

    /// Since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The line itself.
    pub(crate) fn line(&self, session: &Session, ranges: u64) -> String {
        let ms = |d: Duration| (d.as_secs_f64() * 1e6).round() / 1e3;
        let io = session.io().stats();
        let cost = self.cost.unwrap_or_default();
        let line = Line {
            requests: io.requests,
            bytes: io.bytes,
            ranges,
            cache_hits: io.cache_hits,
            open_ms: ms(self.open),
            fetch_ms: ms(cost.fetch),
            decode_ms: ms(cost.decode),
            read_ms: ms(self.read.unwrap_or(self.open)),
            total_ms: ms(self.elapsed()),
        };
        serde_json::to_string(&line).unwrap_or_default()
    }
}
