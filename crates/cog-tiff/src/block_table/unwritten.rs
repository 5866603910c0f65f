//! What a table says of many blocks at once: whether its entries lie in the file, and where blocks were never written.

use std::ops::Range;

use super::BlockTable;
use crate::error::{Part, Result};
use crate::ifd::Entry;
use crate::known_bytes::{KnownBytes, Lookup, Stop, check_bounds, join_ranges};

impl BlockTable {
    /// Checks that the entries of a block lie in a file of this length. Entries lie in order, so those of blocks with smaller
    /// numbers do too. Reads nothing; of a file of unknown length everything passes.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`](crate::Error::OutOfBounds) for an entry behind the end of the file.
    pub fn check_entries(&self, file_len: Option<u64>, index: u64) -> Result<()> {
        for entry in std::iter::once(&self.offsets).chain(&self.byte_counts).filter(|entry| index < entry.count) {
            let size = entry.field_type.size();
            let at = entry.offset.saturating_add(index.saturating_mul(size));
            check_bounds(file_len, Part::Table(entry.tag), at, size)?;
        }
        Ok(())
    }

    /// How many blocks from `index` on were never written, `most` at most: their offset is 0, or the table ends before them. It may
    /// stop early; 0 means that the first of them has an offset.
    ///
    /// Needs the offsets of all of them, and says so at once. With `with_counts` it asks for their byte counts along with them,
    /// for callers who want the locations of those that follow.
    pub fn unwritten<K: KnownBytes + ?Sized>(
        &self,
        known: &K,
        index: u64,
        most: u64,
        with_counts: bool,
    ) -> Lookup<u64> {
        let end = index.saturating_add(most).min(self.blocks);
        let entries = self.entry_count();
        if index >= entries {
            return Ok(end.saturating_sub(index));
        }
        let listed = end.min(entries);
        self.check_entries(known.file_len(), listed.saturating_sub(1))?;
        let range = |entry: &Entry| -> Range<u64> {
            let size = entry.field_type.size();
            let at = |index: u64| entry.offset.saturating_add(index.min(entry.count).saturating_mul(size));
            at(index)..at(listed)
        };
        let Some(bytes) = known.get(range(&self.offsets)) else {
            let counts = self.byte_counts.as_ref().filter(|_| with_counts).map(range);
            let counts = counts.filter(|range| !range.is_empty() && known.get(range.clone()).is_none());
            return Err(Stop::Need(join_ranges(std::iter::once(range(&self.offsets)).chain(counts).collect())));
        };
        let zeros = leading_zeros(&bytes) / self.offsets.field_type.size().max(1);
        Ok(if index.saturating_add(zeros) >= listed { end - index } else { zeros })
    }
}

/// How many bytes at the start are 0.
fn leading_zeros(bytes: &[u8]) -> u64 {
    let chunks = bytes.chunks_exact(64).take_while(|chunk| chunk.iter().fold(0, |all, byte| all | byte) == 0).count();
    let rest = bytes.get(chunks * 64..).unwrap_or_default();
    (chunks * 64 + rest.iter().take_while(|byte| **byte == 0).count()) as u64
}
