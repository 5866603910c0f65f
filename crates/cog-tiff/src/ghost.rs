//! The "ghost" header by which GDAL announces how a COG is laid out.

use crate::byte_order::ByteOrder;
use crate::header::Header;

/// `GDAL_STRUCTURAL_METADATA_SIZE=000174 bytes\n`
const PREFIX: &[u8] = b"GDAL_STRUCTURAL_METADATA_SIZE=";
const LINE_LEN: u64 = 43;

/// GDAL's structural metadata, right behind the file header (GDAL's COG driver documentation, "Header ghost area").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ghost {
    entries: Vec<(String, String)>,
    end: u64,
}

impl Ghost {
    /// Where the first line of the header would be.
    pub(crate) fn first_line(header: &Header) -> std::ops::Range<u64> {
        let start = header.variant.header_len();
        start..start + LINE_LEN
    }

    /// The range of the entries, if `line` is the first line of a ghost header.
    pub(crate) fn entries_range(header: &Header, line: &[u8]) -> Option<std::ops::Range<u64>> {
        let digits = line.strip_prefix(PREFIX)?.get(..6)?;
        let size: u64 = std::str::from_utf8(digits).ok()?.trim().parse().ok()?;
        let start = Self::first_line(header).end;
        Some(start..start + size)
    }

    /// Parses the `KEY=VALUE` lines, which end at `end` of the file.
    pub(crate) fn parse(text: &[u8], end: u64) -> Ghost {
        let entries = String::from_utf8_lossy(text)
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.trim().to_string(), value.trim().to_string()))
            .collect();
        Ghost { entries, end }
    }

    /// Every key with its value, in file order.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries().find(|(k, _)| *k == key).map(|(_, v)| v)
    }

    /// End of the header in the file.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// True if a writer that did not keep the layout has edited the file: nothing below may be trusted then.
    pub fn is_broken(&self) -> bool {
        self.get("KNOWN_INCOMPATIBLE_EDITION") == Some("YES")
    }

    /// True if every IFD lies before the first block.
    pub fn ifds_before_data(&self) -> bool {
        !self.is_broken() && self.get("LAYOUT") == Some("IFDS_BEFORE_DATA")
    }

    /// True if each block is framed: its size as 4 little-endian bytes before it, its last 4 bytes repeated after it.
    pub fn framed_blocks(&self) -> bool {
        !self.is_broken()
            && self.get("BLOCK_LEADER") == Some("SIZE_AS_UINT4")
            && self.get("BLOCK_TRAILER") == Some("LAST_4_BYTES_REPEATED")
    }

    /// True if blocks lie row by row.
    pub fn row_major(&self) -> bool {
        !self.is_broken() && self.get("BLOCK_ORDER") == Some("ROW_MAJOR")
    }

    /// True if the mask of a block follows the block.
    pub fn mask_interleaved(&self) -> bool {
        !self.is_broken() && self.get("MASK_INTERLEAVED_WITH_IMAGERY") == Some("YES")
    }

    /// The block size that stands in the 4 bytes before a block: little-endian whatever the file's byte order.
    pub fn leader(bytes: [u8; 4]) -> u32 {
        ByteOrder::Little.u32(bytes)
    }
}
