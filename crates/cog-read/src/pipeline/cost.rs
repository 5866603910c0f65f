//! What a read cost.

use std::time::Duration;

/// What a read cost.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ReadCost {
    /// From the first request for blocks until the last of them arrived; zero for local files, whose workers read.
    pub fetch: Duration,
    /// Time in codecs and placement, over all workers (of local files with reading).
    pub decode: Duration,
    /// Blocks decoded, or [pieces](crate::Level::pieces) of blocks, masks included; not those that the file leaves out.
    pub blocks: u64,
    /// Blocks that the file leaves out.
    pub sparse: u64,
}
