//! The disk takes what is written while more comes: at the end little is left to wait for.

use std::fs::File;
use std::io;
use std::thread::{Builder, JoinHandle};

use crate::output::written::no_such_thing;

/// Bytes after which the disk is told to take what was written, unless it is still busy.
const MANY: u64 = 8 << 20;

/// A disk that is told to take what was written to a file.
#[derive(Debug, Default)]
pub(in crate::output) struct Disk {
    busy: Option<JoinHandle<io::Result<()>>>,
    /// Bytes that it was not told of.
    unsynced: u64,
}

impl Disk {
    /// So many bytes were written.
    ///
    /// # Errors
    /// What went wrong before. The system tells it once: here, or when all is synced at the end.
    pub(in crate::output) fn wrote(&mut self, file: &File, bytes: u64) -> io::Result<()> {
        self.unsynced = self.unsynced.saturating_add(bytes);
        if self.unsynced < MANY || self.busy.as_ref().is_some_and(|busy| !busy.is_finished()) {
            return Ok(());
        }
        self.end()?;
        self.unsynced = 0;
        let file = file.try_clone()?;
        // Without a thread all is left to the end.
        self.busy = Builder::new().spawn(move || file.sync_data().or_else(no_such_thing)).ok();
        Ok(())
    }

    /// Waits until it is done with what it was told.
    ///
    /// # Errors
    /// What went wrong.
    pub(in crate::output) fn end(&mut self) -> io::Result<()> {
        let Some(busy) = self.busy.take() else { return Ok(()) };
        busy.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended without an answer")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_can_be_told_in_any_amounts() {
        let file = tempfile::tempfile().unwrap();
        let mut disk = Disk::default();
        for bytes in [0, 1, MANY, 1, MANY, u64::MAX, MANY] {
            disk.wrote(&file, bytes).unwrap();
        }
        disk.end().unwrap();
        disk.end().unwrap();
    }
}
