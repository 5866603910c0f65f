//! Outputs whose bytes come in any order, from several threads, and which the disk takes while more is written.

use std::fs::File;
use std::io;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};

use crate::output::disk::Disk;
use crate::output::room;
use crate::output::written::{Output, Sink};

/// Writes bytes at a place of a file.
pub(crate) type Put<'a> = &'a (dyn Fn(u64, &[u8]) -> io::Result<()> + Sync);

impl Output {
    /// Makes room for `size` bytes and writes what `body` does, in any order and from any thread. For outputs that
    /// [take that](Output::takes_pieces_anywhere).
    ///
    /// # Errors
    /// What the system says, with the name of the output.
    pub(crate) fn write_anywhere(
        &mut self,
        size: u64,
        body: impl FnOnce(Put<'_>) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let (Sink::Beside { temporary, .. } | Sink::Made(temporary)) = &self.sink else {
            bail!("{}: cannot be written in pieces", self.shown);
        };
        let file = temporary.file();
        let written = room::reserve(file, size).and_then(|()| while_synced(file, body));
        written.with_context(|| format!("cannot write {}", self.shown))?;
        self.bytes = size;
        Ok(())
    }
}

fn while_synced(file: &File, body: impl FnOnce(Put<'_>) -> io::Result<()>) -> io::Result<()> {
    let disk = Mutex::new(Disk::default());
    let locked = || disk.lock().unwrap_or_else(PoisonError::into_inner);
    let done = body(&|at, bytes| {
        write_at(file, at, bytes)?;
        locked().wrote(file, bytes.len() as u64)
    });
    let synced = locked().end();
    done.and(synced)
}

#[cfg(unix)]
fn write_at(file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(not(unix))]
fn write_at(mut file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    // Threads share the place where the next byte goes.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}
