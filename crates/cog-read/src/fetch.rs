//! Bytes of blocks: from the header where they lie there, else by requests, handed on as they come.

use std::ops::Range;

use bytes::Bytes;
use cog_io::Source;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};

use crate::header_bytes::HeaderBytes;

/// The bytes of many blocks of a remote file.
pub(crate) struct Fetch<'a> {
    header: &'a HeaderBytes,
    /// Blocks that were among the header's bytes, with their numbers.
    known: std::vec::IntoIter<(usize, Bytes)>,
    /// Of each block that is fetched: its number, its range, and the part of it that is asked for.
    wanted: Vec<(usize, Range<u64>, Range<u64>)>,
    arriving: BoxStream<'static, (usize, cog_io::Result<Bytes>)>,
}

impl<'a> Fetch<'a> {
    /// Starts to fetch numbered ranges; nothing is asked for before [`next`](Self::next) is called.
    pub(crate) fn new(
        header: &'a HeaderBytes,
        source: &Source,
        ranges: impl IntoIterator<Item = (usize, Range<u64>)>,
    ) -> Fetch<'a> {
        let mut known = Vec::new();
        let mut wanted = Vec::new();
        for (number, range) in ranges {
            match header.get(range.clone()) {
                Some(bytes) => known.push((number, bytes)),
                // Of a block that begins among the header bytes only the rest is fetched.
                None => {
                    let part = header.missing(range.clone()).unwrap_or(range.clone());
                    wanted.push((number, range, part));
                }
            }
        }
        let asked: Vec<_> = wanted.iter().map(|(_, _, part)| part.clone()).collect();
        let arriving: BoxStream<'static, _> = match asked.is_empty() {
            true => futures_util::stream::empty().boxed(),
            false => stream(source, asked).boxed(),
        };
        Fetch { header, known: known.into_iter(), wanted, arriving }
    }

    /// The next block that is there, in any order. An error names the block that it ends.
    pub(crate) async fn next(&mut self) -> Option<(usize, cog_io::Result<Bytes>)> {
        if let Some((number, bytes)) = self.known.next() {
            return Some((number, Ok(bytes)));
        }
        loop {
            let (i, bytes) = self.arriving.next().await?;
            // An index that was not asked for cannot come; it would be nobody's.
            let Some((number, whole, part)) = self.wanted.get(i) else { continue };
            return Some((*number, bytes.map(|bytes| self.complete(whole, part, bytes))));
        }
    }

    /// Puts what was known of a block before and behind the part that was fetched.
    fn complete(&self, whole: &Range<u64>, part: &Range<u64>, bytes: Bytes) -> Bytes {
        if whole == part {
            return bytes;
        }
        let known = |range: Range<u64>| self.header.get(range).unwrap_or_default();
        let (before, behind) = (known(whole.start..part.start), known(part.end..whole.end));
        [before, bytes, behind].concat().into()
    }
}

fn stream(
    source: &Source,
    ranges: Vec<Range<u64>>,
) -> impl Stream<Item = (usize, cog_io::Result<Bytes>)> + Send + use<> {
    source.stream_ranges(ranges)
}
