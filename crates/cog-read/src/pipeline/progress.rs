//! How far a read is.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far a read is: blocks and compressed bytes that were decoded, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadProgress {
    /// Blocks decoded and placed, masks included.
    pub blocks_done: u64,
    /// Blocks of the read that the file holds; those it leaves out do not count.
    pub blocks: u64,
    /// Compressed bytes of the blocks that are done.
    pub bytes_done: u64,
    /// Compressed bytes of all blocks.
    pub bytes: u64,
    /// Blocks that the request touches and the tables list. Known before the first is looked up, while `blocks` grows as they are: to
    /// this number, less those that the file leaves out.
    pub listed: u64,
}

/// Called from the threads that decode, once for each block and once before the first.
#[derive(Clone)]
pub(crate) struct ProgressHook(pub(crate) Arc<dyn Fn(ReadProgress) + Send + Sync>);

impl fmt::Debug for ProgressHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressHook")
    }
}

/// Counts what is done, and calls the hook.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    hook: Option<ProgressHook>,
    blocks: AtomicU64,
    bytes: AtomicU64,
    listed: AtomicU64,
    blocks_done: AtomicU64,
    bytes_done: AtomicU64,
}

impl Counter {
    pub(crate) fn new(hook: Option<ProgressHook>) -> Counter {
        Counter { hook, ..Counter::default() }
    }

    /// So many blocks more will be looked up.
    pub(crate) fn list(&self, blocks: u64) {
        self.listed.fetch_add(blocks, Ordering::Relaxed);
    }

    /// More work is known.
    pub(crate) fn expect(&self, blocks: u64, bytes: u64) {
        self.blocks.fetch_add(blocks, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.tell();
    }

    /// A block of so many compressed bytes is done.
    pub(crate) fn done(&self, bytes: u64) {
        self.blocks_done.fetch_add(1, Ordering::Relaxed);
        self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
        self.tell();
    }

    fn tell(&self) {
        if let Some(ProgressHook(hook)) = &self.hook {
            let now = |n: &AtomicU64| n.load(Ordering::Relaxed);
            hook(ReadProgress {
                blocks_done: now(&self.blocks_done),
                blocks: now(&self.blocks),
                bytes_done: now(&self.bytes_done),
                bytes: now(&self.bytes),
                listed: now(&self.listed),
            });
        }
    }
}
