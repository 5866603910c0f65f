//! Files that are open, as many as may be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cog_read::{Cog, Session};
use tokio::sync::OnceCell;

use super::source::MosaicSource;
use crate::error::Result;

type Slot = Arc<OnceCell<Arc<[Cog]>>>;

/// Open files of a mosaic, by the numbers of their sources. The one that was not asked for longest is let go.
pub(super) struct OpenFiles {
    most: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    slots: HashMap<usize, (Slot, u64)>,
    /// Counts requests.
    now: u64,
}

impl OpenFiles {
    pub(super) fn new(most: usize) -> OpenFiles {
        OpenFiles { most: most.max(1), held: Mutex::default() }
    }

    /// The files of a source. Who asks while they are being opened waits for the same; a failure is not kept.
    pub(super) async fn get(&self, session: &Session, index: usize, source: &MosaicSource) -> Result<Arc<[Cog]>> {
        let slot = self.slot(index);
        let result = slot.get_or_try_init(|| source.open(session)).await.cloned();
        if result.is_err() {
            self.forget(index, &slot);
        }
        result
    }

    fn slot(&self, index: usize) -> Slot {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.now += 1;
        let now = held.now;
        if !held.slots.contains_key(&index) && held.slots.len() >= self.most {
            let oldest = held.slots.iter().min_by_key(|(_, (_, used))| *used).map(|(index, _)| *index);
            oldest.and_then(|oldest| held.slots.remove(&oldest));
        }
        let (slot, used) = held.slots.entry(index).or_default();
        *used = now;
        Arc::clone(slot)
    }

    fn forget(&self, index: usize, slot: &Slot) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.slots.get(&index).is_some_and(|(own, _)| Arc::ptr_eq(own, slot) && !own.initialized()) {
            held.slots.remove(&index);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../cog-tiff/tests/data/tiny.tif");

    #[tokio::test]
    async fn no_more_are_held_than_may_be_and_failures_are_not_kept() {
        let (session, files) = (Session::default(), OpenFiles::new(2));
        let source = MosaicSource::new(TINY).unwrap();
        for index in 0..5 {
            files.get(&session, index, &source).await.unwrap();
            assert!(files.len() <= 2);
        }
        let gone = MosaicSource::new("/no/such/file.tif").unwrap();
        assert!(files.get(&session, 9, &gone).await.is_err());
        assert_eq!(files.len(), 1);
    }
}
