//! Bounds on what a hostile file can make the parser do.

/// Bounds of parsing. The defaults admit every real file we know of; raise one by setting its field.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limits {
    /// IFDs in a file, SubIFDs included.
    pub max_ifds: u64,
    /// Entries of one IFD.
    pub max_entries: u64,
    /// Bytes of one tag's value (tile and strip tables are never read whole and do not count).
    pub max_value_bytes: u64,
    /// Bytes that the entries and values of all IFDs take in memory.
    pub max_header_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_ifds: 65_536,
            max_entries: 65_535,
            max_value_bytes: 32 * 1024 * 1024,
            max_header_bytes: 256 * 1024 * 1024,
        }
    }
}
