//! GDAL's announcement of the layout, read as its validator reads it: by what the text contains.

use cog_tiff::{Fragments, KnownBytes, Lookup, Stop, Tiff, Variant};

/// With what it begins; six digits follow, and `" bytes\n"`.
const PREFIX: &[u8] = b"GDAL_STRUCTURAL_METADATA_SIZE=";

/// Bytes of the first line.
const LINE: u64 = 43;

/// What the announcement promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ghost {
    /// Where the first IFD has to begin: behind the announcement, or behind the header where there is none.
    pub(crate) first_ifd: u64,
    pub(crate) is_there: bool,
    pub(crate) row_major: bool,
    pub(crate) leader: bool,
    pub(crate) trailer: bool,
    pub(crate) mask_interleaved: bool,
    pub(crate) broken: bool,
}

impl Ghost {
    /// Reads it.
    pub(crate) fn lookup(known: &Fragments, tiff: &Tiff) -> Lookup<Ghost> {
        let start = match tiff.header().variant {
            Variant::Big => 16,
            _ => 8,
        };
        let absent = Ghost { first_ifd: start, ..Ghost::default() };
        let Some(line) = bytes(known, start, LINE)? else { return Ok(absent) };
        let digits = line.strip_prefix(PREFIX).and_then(|rest| rest.get(..6)).map(String::from_utf8_lossy);
        let Some(size) = digits.and_then(|digits| digits.trim().parse::<u64>().ok()) else { return Ok(absent) };
        let text = bytes(known, start + LINE, size)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let end = start + LINE + size;
        Ok(Ghost {
            first_ifd: end + end % 2,
            is_there: true,
            row_major: text.contains("BLOCK_ORDER=ROW_MAJOR"),
            leader: text.contains("BLOCK_LEADER=SIZE_AS_UINT4"),
            trailer: text.contains("BLOCK_TRAILER=LAST_4_BYTES_REPEATED"),
            mask_interleaved: text.contains("MASK_INTERLEAVED_WITH_IMAGERY=YES"),
            broken: text.contains("KNOWN_INCOMPATIBLE_EDITION=YES"),
        })
    }

    /// Whether it promises anything of blocks.
    pub(crate) fn promises(&self) -> bool {
        self.row_major || self.leader || self.trailer || self.mask_interleaved
    }

    /// Bytes between the end of a block and the begin of that of its mask.
    pub(crate) fn between(&self) -> u64 {
        (if self.leader { 4 } else { 0 }) + (if self.trailer { 4 } else { 0 })
    }
}

/// The bytes of a range, or `None` where the file ends before it does.
fn bytes(known: &Fragments, start: u64, len: u64) -> Lookup<Option<Vec<u8>>> {
    let end = start + len;
    if known.file_len().is_some_and(|size| size < end) {
        return Ok(None);
    }
    let found = known.get(start..end).ok_or_else(|| Stop::Need(std::iter::once(start..end).collect()))?;
    Ok(Some(found.into_owned()))
}
