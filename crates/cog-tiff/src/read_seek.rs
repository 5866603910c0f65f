//! Parsing a `Read + Seek`: the one place in the crate that does I/O, for callers who have a file and no use for ranges.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use crate::error::{Error, Result};
use crate::fragments::Fragments;
use crate::known_bytes::KnownBytes;
use crate::limits::Limits;
use crate::tiff::{Parser, Progress, Tiff, out_of_bounds};

impl Tiff {
    /// Parses a file, reading only what is needed.
    pub fn read<R: Read + Seek>(reader: &mut R) -> Result<Tiff> {
        Tiff::read_with(reader, Limits::default())
    }

    /// Like [`Tiff::read`], with bounds of the caller's.
    pub fn read_with<R: Read + Seek>(reader: &mut R, limits: Limits) -> Result<Tiff> {
        let io = |e: std::io::Error| Error::Io(e.to_string());
        let len = reader.seek(SeekFrom::End(0)).map_err(io)?;
        let mut known = Fragments::new(Some(len));
        let budget = limits.max_header_bytes;
        let mut parser = Parser::new(limits);
        let mut held = 0u64;
        let mut ranges: Vec<Range<u64>> = std::iter::once(0..len.min(16 * 1024)).collect();
        loop {
            for range in ranges {
                if known.get(range.clone()).is_some() {
                    continue;
                }
                // Read at least a page: the next thing asked for usually lies near. Not so in a file that scatters
                // more than any budget allows.
                let page = if held < budget { 4096 } else { 0 };
                let end = range.end.max(range.start.saturating_add(page)).min(len);
                held = held.saturating_add(end.saturating_sub(range.start));
                let mut bytes = vec![0; usize::try_from(end.saturating_sub(range.start)).unwrap_or(0)];
                reader.seek(SeekFrom::Start(range.start)).map_err(io)?;
                reader.read_exact(&mut bytes).map_err(io)?;
                known.insert(range.start, bytes);
            }
            match parser.advance(&known)? {
                Progress::Complete => return parser.finish(),
                Progress::Need(more) => match more.iter().find(|r| r.end > len) {
                    Some(range) => return Err(out_of_bounds(std::slice::from_ref(range), len)),
                    None => ranges = more,
                },
            }
        }
    }
}
