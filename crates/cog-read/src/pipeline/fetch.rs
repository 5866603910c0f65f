//! Bytes of blocks: from the header where they lie there, else by requests, handed on as they come.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, select_all};

use crate::file::tiff_file::TiffFile;

/// The bytes of many blocks of remote files.
pub(crate) struct Fetch {
    /// Blocks that were among a header's bytes, with their numbers.
    known: std::vec::IntoIter<(usize, Bytes)>,
    wanted: Vec<Wanted>,
    files: Vec<Arc<TiffFile>>,
    /// With places in `wanted`.
    arriving: BoxStream<'static, (usize, cog_io::Result<Bytes>)>,
}

/// A block that is fetched.
struct Wanted {
    number: usize,
    /// Place in [`Fetch::files`].
    file: usize,
    range: Range<u64>,
    /// What is asked for: of a block that begins among the header bytes only the rest.
    part: Range<u64>,
}

impl Fetch {
    /// Starts to fetch numbered ranges of files; nothing is asked for before [`next`](Self::next) is called.
    pub(crate) fn new<'a>(ranges: impl IntoIterator<Item = (usize, &'a Arc<TiffFile>, Range<u64>)>) -> Fetch {
        let mut known = Vec::new();
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut files: Vec<Arc<TiffFile>> = Vec::new();
        for (number, file, range) in ranges {
            match file.header.get(range.clone()) {
                Some(bytes) => known.push((number, bytes)),
                None => {
                    let part = file.header.missing(range.clone()).unwrap_or(range.clone());
                    let place = files.iter().position(|f| Arc::ptr_eq(f, file)).unwrap_or_else(|| {
                        files.push(Arc::clone(file));
                        files.len() - 1
                    });
                    wanted.push(Wanted { number, file: place, range, part });
                }
            }
        }
        let streams: Vec<_> = files.iter().enumerate().map(|(i, file)| of_file(file, i, &wanted)).collect();
        Fetch { known: known.into_iter(), wanted, files, arriving: select_all(streams).boxed() }
    }

    /// The next block that is there, in any order. An error names the block that it ends.
    pub(crate) async fn next(&mut self) -> Option<(usize, cog_io::Result<Bytes>)> {
        if let Some((number, bytes)) = self.known.next() {
            return Some((number, Ok(bytes)));
        }
        loop {
            let (i, bytes) = self.arriving.next().await?;
            // An index that was not asked for cannot come; it would be nobody's.
            let Some(wanted) = self.wanted.get(i) else { continue };
            return Some((wanted.number, bytes.map(|bytes| self.complete(wanted, bytes))));
        }
    }

    /// Puts what was known of a block before and behind the part that was fetched.
    fn complete(&self, Wanted { file, range, part, .. }: &Wanted, bytes: Bytes) -> Bytes {
        if range == part {
            return bytes;
        }
        let known =
            |range: Range<u64>| self.files.get(*file).and_then(|file| file.header.get(range)).unwrap_or_default();
        let (before, behind) = (known(range.start..part.start), known(part.end..range.end));
        [before, bytes, behind].concat().into()
    }
}

/// The parts that are asked of one file.
fn of_file(file: &TiffFile, place: usize, wanted: &[Wanted]) -> BoxStream<'static, (usize, cog_io::Result<Bytes>)> {
    let of_it = wanted.iter().enumerate().filter(|(_, wanted)| wanted.file == place);
    let (places, parts): (Vec<usize>, Vec<Range<u64>>) = of_it.map(|(i, wanted)| (i, wanted.part.clone())).unzip();
    let numbered = move |(i, bytes): (usize, _)| (places.get(i).copied().unwrap_or(usize::MAX), bytes);
    file.source().stream_ranges(parts).map(numbered).boxed()
}
