//! A whole file: header, every IFD, and what they are to each other.

use std::collections::HashSet;
use std::ops::Range;

use crate::error::{Error, Part, Result};
use crate::ghost::Ghost;
use crate::header::Header;
use crate::ifd::Ifd;
use crate::known_bytes::{KnownBytes, Stop, lookup};
use crate::limits::Limits;
use crate::structure::{Page, Place, pages};
use crate::tag::Tag;

/// Everything a file says about itself, its tile and strip tables apart.
#[derive(Clone, Debug)]
pub struct Tiff {
    header: Header,
    ghost: Option<Ghost>,
    ifds: Vec<Ifd>,
    places: Vec<Place>,
    pages: Vec<Page>,
    damage: Vec<String>,
}

impl Tiff {
    /// Parses a file whose bytes are all here.
    pub fn parse(bytes: &[u8]) -> Result<Tiff> {
        let mut parser = Parser::new(Limits::default());
        match parser.advance(bytes)? {
            // All bytes are known: what is still missing lies behind the end of the file.
            Progress::Need(ranges) => Err(out_of_bounds(&ranges, bytes.len() as u64)),
            Progress::Complete => parser.finish(),
        }
    }

    /// The file header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// GDAL's announcement of the layout, if there is one.
    pub fn ghost(&self) -> Option<&Ghost> {
        self.ghost.as_ref()
    }

    /// Every IFD: the chain in its order, each followed by its SubIFDs.
    pub fn ifds(&self) -> &[Ifd] {
        &self.ifds
    }

    /// How the IFD with this index hangs in the file.
    pub fn place(&self, index: usize) -> Option<Place> {
        self.places.get(index).copied()
    }

    /// What of the file's directories and tags could not be read, one line each. IFDs are counted from 0, as in
    /// [`Tiff::ifds`].
    pub fn warnings(&self) -> Vec<String> {
        let of_tags = self
            .ifds
            .iter()
            .enumerate()
            .flat_map(|(i, ifd)| ifd.warnings().map(move |(tag, problem)| format!("IFD {i}: tag {tag} {problem}")));
        self.damage.iter().cloned().chain(of_tags).collect()
    }

    /// The images of the file, each with its overviews and masks. The first is what readers show by default.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// End of the last IFD and of the last value read with one, tile and strip tables excluded.
    pub fn ifd_bytes(&self) -> u64 {
        let ghost = self.ghost.as_ref().map_or(0, Ghost::end);
        self.ifds.iter().map(Ifd::end).fold(self.header.variant.header_len().max(ghost), u64::max)
    }
}

pub(crate) fn out_of_bounds(ranges: &[Range<u64>], file_len: u64) -> Error {
    let range = ranges.iter().find(|r| r.end > file_len).or(ranges.first()).cloned().unwrap_or(0..0);
    Error::OutOfBounds { part: Part::Ifd, offset: range.start, length: range.end - range.start, file_len }
}

/// Whether a [`Parser`] is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Every IFD was read.
    Complete,
    /// These ranges must be known to go on.
    Need(Vec<Range<u64>>),
}

/// Parses a file as its bytes become known. What was parsed is kept: after more bytes came it goes on at the IFD
/// where it stopped.
///
/// ```
/// use cog_tiff::{Fragments, Limits, Parser, Progress};
/// # fn fetch(range: std::ops::Range<u64>) -> Vec<u8> {
/// #     let f = b"II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x05\0\0\0\x01\x01\x03\0\x01\0\0\0\x07\0\0\0\0\0\0\0";
/// #     f[range.start as usize..(range.end as usize).min(f.len())].to_vec()
/// # }
/// # fn main() -> cog_tiff::Result<()> {
/// let mut known = Fragments::new(Some(38));
/// let mut parser = Parser::new(Limits::default());
/// while let Progress::Need(ranges) = parser.advance(&known)? {
///     for range in ranges {
///         known.insert(range.start, fetch(range)); // a file, a server, a cache …
///     }
/// }
/// let tiff = parser.finish()?;
/// assert_eq!(tiff.ifds().len(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Parser {
    limits: Limits,
    header: Option<Header>,
    ghost: GhostState,
    ifds: Vec<Ifd>,
    places: Vec<Place>,
    /// Offsets still to parse, the next one last.
    pending: Vec<(u64, Place)>,
    visited: HashSet<u64>,
    /// SubIFDs that are or were pending: those that several parents share are parsed once.
    subs: HashSet<u64>,
    bytes: u64,
    damage: Vec<String>,
}

/// Lines about damage that are kept of one file.
const MAX_DAMAGE: usize = 32;

#[derive(Clone, Debug)]
enum GhostState {
    Unknown,
    Absent,
    Present(Ghost),
}

impl Parser {
    /// A parser that has seen nothing yet.
    pub fn new(limits: Limits) -> Parser {
        Parser {
            limits,
            header: None,
            ghost: GhostState::Unknown,
            ifds: Vec::new(),
            places: Vec::new(),
            pending: Vec::new(),
            visited: HashSet::new(),
            subs: HashSet::new(),
            bytes: 0,
            damage: Vec::new(),
        }
    }

    fn note(&mut self, damage: impl FnOnce() -> String) {
        if self.damage.len() < MAX_DAMAGE {
            self.damage.push(damage());
        }
    }

    /// Parses as far as the known bytes reach.
    pub fn advance<K: KnownBytes + ?Sized>(&mut self, known: &K) -> Result<Progress> {
        match self.step(known) {
            Ok(()) => Ok(Progress::Complete),
            Err(Stop::Need(ranges)) => Ok(Progress::Need(ranges)),
            // A damaged IFD behind the first ends the chain: what was read before it is of use (libtiff and GDAL
            // do the same).
            Err(Stop::Failed(error @ Error::OutOfBounds { .. })) if !self.ifds.is_empty() => {
                self.pending.clear();
                let count = self.ifds.len();
                self.note(|| format!("the chain of IFDs ends early, after {count}: {error}"));
                Ok(Progress::Complete)
            }
            Err(Stop::Failed(e)) => Err(e),
        }
    }

    /// The file, once [`Parser::advance`] said that it is complete.
    pub fn finish(self) -> Result<Tiff> {
        let Some(header) = self.header else { return Err(Error::Empty) };
        if self.ifds.is_empty() {
            return Err(Error::NoIfd);
        }
        let pages = pages(&self.ifds, &self.places);
        let ghost = match self.ghost {
            GhostState::Present(ghost) => Some(ghost),
            _ => None,
        };
        Ok(Tiff { header, ghost, ifds: self.ifds, places: self.places, pages, damage: self.damage })
    }

    fn step<K: KnownBytes + ?Sized>(&mut self, known: &K) -> std::result::Result<(), Stop> {
        let header = match self.header {
            Some(header) => header,
            None => {
                let len = known.file_len().unwrap_or(16).min(16);
                let header = Header::parse(&lookup(known, Part::Header, 0, len)?)?;
                if header.first_ifd == 0 {
                    return Err(Error::NoIfd.into());
                }
                self.pending.push((header.first_ifd, Place::Chain));
                self.header = Some(header);
                header
            }
        };
        if let GhostState::Unknown = self.ghost {
            self.ghost = find_ghost(known, &header)?;
        }
        while let Some(&(offset, place)) = self.pending.last() {
            // An IFD that was read already closes a loop, or is shared by two parents: once is enough.
            if offset == 0 || self.visited.contains(&offset) {
                if offset != 0 && place == Place::Chain {
                    self.note(|| format!("the chain of IFDs leads back to the one at offset {offset}, where it ends"));
                }
                self.pending.pop();
                continue;
            }
            let ifd = match Ifd::parse(known, &header, offset, &self.limits) {
                // A damaged SubIFD does not spoil the rest of the file.
                Err(Stop::Failed(error @ Error::OutOfBounds { .. })) if place != Place::Chain => {
                    self.pending.pop();
                    self.note(|| format!("a SubIFD is left out: {error}"));
                    continue;
                }
                other => other?,
            };
            self.pending.pop();
            self.visited.insert(offset);
            self.bytes = self.bytes.saturating_add(ifd.loaded_bytes());
            let limit = |name, value, limit| Err(Stop::Failed(Error::Limit { name, value, limit }));
            if self.bytes > self.limits.max_header_bytes {
                return limit("max_header_bytes", self.bytes, self.limits.max_header_bytes);
            }
            let count = self.ifds.len() as u64 + 1;
            if count > self.limits.max_ifds {
                return limit("max_ifds", count, self.limits.max_ifds);
            }
            if place == Place::Chain {
                self.pending.push((ifd.next_ifd(), Place::Chain));
            }
            let subs = ifd.value(Tag::SUB_IFDS).and_then(|v| v.u64s()).unwrap_or_default();
            let parent = self.ifds.len();
            let queued = self.pending.len();
            for sub in subs {
                if sub != 0 && !self.visited.contains(&sub) && self.subs.insert(sub) {
                    self.pending.push((sub, Place::SubIfd(parent)));
                }
            }
            let queue = self.subs.len() as u64;
            if queue > self.limits.max_ifds {
                return limit("max_ifds", queue, self.limits.max_ifds);
            }
            // The first one is parsed first.
            if let Some(new) = self.pending.get_mut(queued..) {
                new.reverse();
            }
            self.ifds.push(ifd);
            self.places.push(place);
        }
        Ok(())
    }
}

fn find_ghost<K: KnownBytes + ?Sized>(known: &K, header: &Header) -> std::result::Result<GhostState, Stop> {
    let line = Ghost::first_line(header);
    if known.file_len().is_some_and(|len| len < line.end) || header.first_ifd < line.end {
        return Ok(GhostState::Absent);
    }
    let bytes = lookup(known, Part::Header, line.start, line.end - line.start)?;
    let Some(range) = Ghost::entries_range(header, &bytes) else { return Ok(GhostState::Absent) };
    if known.file_len().is_some_and(|len| len < range.end) {
        return Ok(GhostState::Absent);
    }
    let text = lookup(known, Part::Header, range.start, range.end - range.start)?;
    Ok(GhostState::Present(Ghost::parse(&text, range.end)))
}
