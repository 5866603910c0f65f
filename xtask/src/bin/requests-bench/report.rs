//! The table.

use std::fmt;
use std::time::Duration;

use cog_testkit::server::Logged;

use crate::peer::{Kind, TUNED};
use crate::task::{MANY, Task};

/// What doing a task once took.
pub(crate) struct Done {
    ms: f64,
    sha256: Option<String>,
    requests: usize,
    bytes: u64,
    /// Bytes that had come before in the same task.
    twice: u64,
    /// Answers that the reader did not take to their end.
    broken_off: usize,
}

impl Done {
    pub(crate) fn new(ms: f64, sha256: Option<String>, log: Vec<Logged>) -> Done {
        let carries = |entry: &&Logged| entry.method == "GET" && entry.status / 100 == 2;
        let bodies = || log.iter().filter(carries);
        // What was handed to the connection, not what was meant to be sent.
        let came = |entry: &Logged| {
            let start = entry.range.as_ref().map_or(0, |range| range.start);
            start..start + entry.sent.bytes()
        };
        let mut ranges: Vec<_> = bodies().map(|entry| (entry.path.as_str(), came(entry))).collect();
        ranges.sort_by_key(|(path, range)| (*path, range.start));
        let mut twice = 0;
        let mut covered = ("", 0);
        for (path, range) in &ranges {
            if covered.0 != *path {
                covered = (path, 0);
            }
            twice += covered.1.min(range.end).saturating_sub(range.start);
            covered.1 = covered.1.max(range.end);
        }
        let bytes = bodies().map(|entry| entry.sent.bytes()).sum();
        let broken_off = bodies().filter(|entry| entry.sent.bytes() < entry.bytes).count();
        Done { ms, sha256, requests: log.len(), bytes, twice, broken_off }
    }
}

/// What one reader took for one task.
#[derive(Clone, Default)]
pub(crate) struct Cell {
    ms: Vec<f64>,
    requests: usize,
    bytes: u64,
    twice: u64,
    broken_off: usize,
    pub(crate) sha256: Option<String>,
    pub(crate) error: Option<String>,
}

impl Cell {
    pub(crate) fn add(&mut self, done: Done) {
        self.ms.push(done.ms);
        // Rounds that differ are told by their worst.
        self.requests = self.requests.max(done.requests);
        self.bytes = self.bytes.max(done.bytes);
        self.twice = self.twice.max(done.twice);
        self.broken_off = self.broken_off.max(done.broken_off);
        self.sha256 = done.sha256;
    }

    fn median(&self) -> f64 {
        let mut sorted = self.ms.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or_default()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.error.is_some() {
            return f.write_str("fails");
        }
        write!(f, "{} · {} · {:.0} ms", self.requests, kib(self.bytes), self.median())?;
        if self.twice > 0 {
            write!(f, " ({} twice)", kib(self.twice))?;
        }
        if self.broken_off > 0 {
            write!(f, " ({} broken off)", self.broken_off)?;
        }
        Ok(())
    }
}

fn kib(bytes: u64) -> String {
    match bytes {
        0 => "0".to_owned(),
        _ if bytes >= 10 << 20 => format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20)),
        _ => format!("{:.0} KiB", bytes as f64 / 1024.0),
    }
}

pub(crate) struct Row {
    pub(crate) task: Task,
    pub(crate) cells: Vec<Cell>,
}

pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    /// Of cog-read.
    pub(crate) version: String,
    /// Of the others.
    pub(crate) versions: Vec<(String, String)>,
    /// Milliseconds to open one file over a connection that is there.
    pub(crate) warm: f64,
    pub(crate) rounds: usize,
    pub(crate) latency: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (latency, rounds) = (self.latency.as_millis(), self.rounds);
        writeln!(
            f,
            "## Requests\n\n\
             Requests · bytes in their answers · time, each task by a process (or session) that has read nothing before, over HTTP/1.1 from \
             one server in this repository that adds {latency} ms to every answer and logs it. Requests count whatever was sent: HEAD, \
             directory listings and sidecar probes too. \"Twice\": bytes that had come before in the same task. Requests and \
             bytes are the worst, times the middle one of {rounds} rounds; a link that is not this machine's own adds the time of the bytes. \
             \"Broken off\": answers that the reader did not take to their end; of these the bytes are what buffers of this machine took, more \
             than a far link would. Files opened at once are opened by one process: rasterio by a thread each. \
             Pixels are checked to be equal.\n\n\
             The COG is laid out as GDAL's COG driver does: 4096 × 4096 pixels, one band of 8 bits, Deflate tiles of 512 × 512 (64 of \
             about 170 KiB), three overviews. The file of 10 million tiles is a BigTIFF with 120 MB of tables.\n"
        )?;
        let versions = self.versions.iter().map(|(name, version)| format!("{name} {version}"));
        writeln!(f, "- Command: `cargo xtask bench requests --rounds {rounds}`")?;
        writeln!(f, "- Versions: cog-read {}, {}", self.version, versions.collect::<Vec<_>>().join(", "))?;
        let tuned = TUNED.map(|(name, value)| format!("`{name}={value}`")).join(" ");
        writeln!(f, "- GDAL tuned (as TiTiler advises): {tuned}\n")?;
        write!(f, "| task |")?;
        Kind::ALL.iter().try_for_each(|kind| write!(f, " {} |", kind.name()))?;
        writeln!(f, "\n|---|---|---|---|---|")?;
        for Row { task, cells } in &self.rows {
            write!(f, "| {} |", task.name)?;
            cells.iter().try_for_each(|cell| write!(f, " {cell} |"))?;
            writeln!(f)?;
        }
        if let Some(many) = self.rows.last().and_then(|row| row.cells.first()) {
            let (all, warm) = (many.median(), self.warm);
            writeln!(
                f,
                "\nOpening one more file over a connection that is there takes cog-read {warm:.0} ms; {MANY} at once, connections \
                 included, {all:.0} ms: {:.1} times as long. rasterio opens them from threads of one process, which wait for each \
                 other inside it; several processes are several times as fast, so that time is not GDAL's alone.",
                all / warm
            )?;
        }
        for Row { task, cells } in &self.rows {
            for (kind, cell) in Kind::ALL.iter().zip(cells) {
                if let Some(error) = &cell.error {
                    writeln!(f, "\n{}, {}: {error}", kind.name(), task.name)?;
                }
            }
        }
        Ok(())
    }
}
