//! The bytes of a file, as rules ask for them.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use cog_io::Source;
use cog_tiff::{Fragments, Limits, Lookup, Parser, Progress, Stop, Tiff, join_ranges};

use crate::error::{Error, Result};

/// Bytes up to which parts of tables are kept for later lookups.
const KEPT_BYTES: u64 = 16 << 20;

/// Fetches that a header, or one part of a table, may take.
const ROUND_TRIPS: u32 = 100_000;

/// What was fetched of a file.
pub(crate) struct HeaderBytes {
    source: Source,
    known: Fragments,
}

impl HeaderBytes {
    /// The first read: one request.
    pub(crate) async fn open(source: Source, first: u64) -> Result<HeaderBytes> {
        let bytes = match source.memory() {
            Some(bytes) if !bytes.is_empty() => bytes.clone(),
            _ => source.read_first(first).await?,
        };
        let mut known = Fragments::new(source.size());
        known.insert(0, bytes);
        Ok(HeaderBytes { source, known })
    }

    /// What the file says about itself.
    pub(crate) async fn parse(&mut self, limits: &Limits) -> Result<Tiff> {
        let mut parser = Parser::new(limits.clone());
        self.lookup(|known| match parser.advance(known)? {
            Progress::Complete => Ok(()),
            Progress::Need(ranges) => Err(Stop::Need(ranges)),
        })
        .await?;
        parser.finish().map_err(|error| self.structure(error))
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// The size of the file, if the store tells.
    pub(crate) fn size(&self) -> Option<u64> {
        self.source.size()
    }

    /// What is known so far of the first bytes, at most `most`.
    pub(crate) fn first(&self, most: u64) -> Bytes {
        let len = self.size().map_or(most, |size| size.min(most));
        let known = |len: &u64| self.known.get_bytes(0..*len);
        known(&len).or_else(|| (1..len).rev().find_map(|len| known(&len))).unwrap_or_default()
    }

    pub(crate) fn structure(&self, source: cog_tiff::Error) -> Error {
        Error::Structure { location: self.location(), source }
    }

    pub(crate) fn location(&self) -> Arc<str> {
        Arc::from(self.source.location())
    }

    /// Asks until the answer needs no more bytes. Beyond [`KEPT_BYTES`] what is fetched is forgotten after the answer: the tables
    /// of a file may be larger than memory, and a walk through them needs each part once.
    pub(crate) async fn lookup<T>(&mut self, mut ask: impl FnMut(&Fragments) -> Lookup<T>) -> Result<T> {
        let mut passing: Option<Fragments> = None;
        for _ in 0..ROUND_TRIPS {
            match ask(passing.as_ref().unwrap_or(&self.known)) {
                Ok(value) => return Ok(value),
                Err(Stop::Failed(error)) => return Err(self.structure(error)),
                Err(Stop::Need(ranges)) => self.fetch(&ranges, &mut passing).await?,
            }
        }
        Err(Error::RoundTrips { location: self.location(), limit: ROUND_TRIPS })
    }

    async fn fetch(&mut self, wanted: &[Range<u64>], passing: &mut Option<Fragments>) -> Result<()> {
        let mut missing: Vec<Range<u64>> = Vec::new();
        let known = passing.as_ref().unwrap_or(&self.known);
        for range in wanted {
            for gap in known.missing(range.clone()) {
                // Of an aligned block only what is not known yet is fetched.
                missing.extend(known.missing(self.source.header_block(gap)));
            }
        }
        let missing = join_ranges(missing);
        let pieces = read_all(&self.source, &missing, true).await?;
        let bytes = pieces.iter().fold(0, |sum, piece| sum + piece.len() as u64);
        if passing.is_none() && self.known.total_bytes().saturating_add(bytes) > KEPT_BYTES {
            *passing = Some(self.known.clone());
        }
        let known = passing.as_mut().unwrap_or(&mut self.known);
        for (range, bytes) in missing.into_iter().zip(pieces) {
            known.insert(range.start, bytes);
        }
        Ok(())
    }
}

/// The bytes of many ranges, in their order: of a local file on one thread that may wait for it, all at once.
pub(crate) async fn read_all(source: &Source, ranges: &[Range<u64>], header: bool) -> Result<Vec<Bytes>> {
    if source.local().is_none() {
        return Ok(if header { source.read_header(ranges).await? } else { source.read_ranges(ranges).await? });
    }
    let (shared, ranges) = (source.clone(), ranges.to_vec());
    let read = move || -> cog_io::Result<Vec<Bytes>> {
        let Some(local) = shared.local() else { return Ok(Vec::new()) };
        ranges.iter().map(|range| local.read(range.clone())).collect()
    };
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => {
            let joined = runtime.spawn_blocking(read).await;
            let failed = |message: String| Error::Worker { location: Arc::from(source.location()), message };
            Ok(joined.map_err(|error| failed(error.to_string()))??)
        }
        Err(_) => Ok(read()?),
    }
}
