//! The header bytes of one file: fetched once, as the parser asks for them.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use cog_io::Source;
use cog_tiff::{Fragments, KnownBytes, Lookup, Stop, join_ranges};

use crate::error::{Error, Result};

/// Bytes up to which parts of tables are kept for later lookups.
const KEPT_BYTES: u64 = 16 << 20;

/// Bytes of a source that were fetched to parse it; they also serve blocks that lie among them.
pub(crate) struct HeaderBytes {
    source: Source,
    known: RwLock<Fragments>,
    max_round_trips: u32,
    /// Set once a frame around a block was wrong: from then on the tables alone are believed.
    bad_frame: AtomicBool,
}

/// What the parser sees.
pub(crate) struct Known<'a> {
    blocks: &'a Fragments,
    file_len: Option<u64>,
}

impl KnownBytes for Known<'_> {
    fn get(&self, range: Range<u64>) -> Option<Cow<'_, [u8]>> {
        self.blocks.get(range)
    }

    fn file_len(&self) -> Option<u64> {
        self.file_len
    }
}

impl HeaderBytes {
    /// Makes the first read: one request.
    pub(crate) async fn open(source: Source, first: u64, max_round_trips: u32) -> Result<HeaderBytes> {
        let mut known = Fragments::default();
        match source.memory() {
            // Bytes in memory are all known, and stay where they are.
            Some(bytes) if !bytes.is_empty() => known.insert(0, bytes.clone()),
            _ => known.insert(0, source.read_first(first).await?),
        }
        Ok(HeaderBytes { source, known: RwLock::new(known), max_round_trips, bad_frame: AtomicBool::default() })
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    pub(crate) fn location(&self) -> Arc<str> {
        Arc::from(self.source.location())
    }

    /// True until a frame around a block was found to be wrong.
    pub(crate) fn trusts_frames(&self) -> bool {
        !self.bad_frame.load(Ordering::Acquire)
    }

    /// To be called when a frame turned out to be wrong.
    pub(crate) fn distrust_frames(&self) {
        self.bad_frame.store(true, Ordering::Release);
    }

    /// Bytes fetched so far.
    pub(crate) fn total(&self) -> u64 {
        self.known.read().unwrap_or_else(PoisonError::into_inner).total_bytes()
    }

    /// The bytes of a range, if they were fetched before.
    pub(crate) fn get(&self, range: Range<u64>) -> Option<Bytes> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get_bytes(range)
    }

    /// What is not known of a range, from its first missing byte to its last.
    pub(crate) fn missing(&self, range: Range<u64>) -> Option<Range<u64>> {
        let missing = self.known.read().unwrap_or_else(PoisonError::into_inner).missing(range);
        Some(missing.first()?.start..missing.last()?.end)
    }

    /// Asks until the answer no longer needs more bytes, fetching those in aligned blocks.
    pub(crate) async fn lookup<T>(&self, ask: impl FnMut(&Known<'_>) -> Lookup<T>) -> Result<T> {
        self.lookup_keeping(u64::MAX, ask).await
    }

    /// The same for a part of a table: beyond [`KEPT_BYTES`] what is fetched is forgotten after the answer. The tables of a file may
    /// be larger than memory, and a walk through them needs each part once.
    pub(crate) async fn lookup_in_passing<T>(&self, ask: impl FnMut(&Known<'_>) -> Lookup<T>) -> Result<T> {
        self.lookup_keeping(KEPT_BYTES, ask).await
    }

    /// The answer, if what is known is enough for it.
    pub(crate) fn peek<T>(&self, mut ask: impl FnMut(&Known<'_>) -> Lookup<T>) -> Option<T> {
        let blocks = self.known.read().unwrap_or_else(PoisonError::into_inner);
        ask(&Known { blocks: &blocks, file_len: self.source.size() }).ok()
    }

    async fn lookup_keeping<T>(&self, most: u64, mut ask: impl FnMut(&Known<'_>) -> Lookup<T>) -> Result<T> {
        let file_len = self.source.size();
        // What is known to this lookup alone.
        let mut passing: Option<Fragments> = None;
        for _ in 0..self.max_round_trips {
            let answer = match &passing {
                Some(blocks) => ask(&Known { blocks, file_len }),
                None => {
                    let blocks = self.known.read().unwrap_or_else(PoisonError::into_inner);
                    ask(&Known { blocks: &blocks, file_len })
                }
            };
            match answer {
                Ok(value) => return Ok(value),
                Err(Stop::Failed(source)) => return Err(Error::Structure { location: self.location(), source }),
                Err(Stop::Need(ranges)) => self.fetch(&ranges, most, &mut passing).await?,
            }
        }
        Err(Error::RoundTrips { location: self.location(), limit: self.max_round_trips })
    }

    /// Fetches ranges; from `most` known bytes on into `passing`.
    async fn fetch(&self, wanted: &[Range<u64>], most: u64, passing: &mut Option<Fragments>) -> Result<()> {
        let mut missing: Vec<Range<u64>> = Vec::new();
        {
            let shared = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let known = passing.as_ref().unwrap_or(&shared);
            for range in wanted {
                for gap in known.missing(range.clone()) {
                    // Of an aligned block only what is not known yet is fetched.
                    missing.extend(known.missing(self.source.header_block(gap)));
                }
            }
        }
        let missing = join_ranges(missing);
        let pieces = self.source.read_header(&missing).await?;
        let bytes = pieces.iter().fold(0, |sum, piece| sum + piece.len() as u64);
        let mut shared = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if passing.is_none() && shared.total_bytes().saturating_add(bytes) > most {
            *passing = Some(shared.clone());
        }
        let known = passing.as_mut().unwrap_or(&mut *shared);
        for (range, bytes) in missing.into_iter().zip(pieces) {
            known.insert(range.start, bytes);
        }
        Ok(())
    }
}
