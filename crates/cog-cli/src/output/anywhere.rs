//! Outputs whose bytes come in any order, from several threads, and which the disk takes while more is written.

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use anyhow::{Context, bail};

use crate::output::written::{Output, Sink, no_such_thing, reserve};

/// Bytes after which the disk is told to take what was written: little is left to wait for at the end.
const SYNCED: u64 = 32 << 20;

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
        let written = reserve(file, size).and_then(|()| while_synced(file, body));
        written.with_context(|| format!("cannot write {}", self.shown))?;
        self.bytes = size;
        Ok(())
    }
}

fn while_synced(file: &File, body: impl FnOnce(Put<'_>) -> io::Result<()>) -> io::Result<()> {
    let (tell, told) = mpsc::channel::<()>();
    let sync = move || -> io::Result<()> {
        while told.recv().is_ok() {
            while told.try_recv().is_ok() {}
            // The system tells once what went wrong: here, or where all is synced at the end.
            file.sync_data().or_else(no_such_thing)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        // Without this thread all is left to the end.
        let syncing = std::thread::Builder::new().spawn_scoped(scope, sync);
        let all = AtomicU64::new(0);
        let put = move |at: u64, bytes: &[u8]| {
            write_at(file, at, bytes)?;
            let before = all.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            if before / SYNCED != (before + bytes.len() as u64) / SYNCED {
                _ = tell.send(());
            }
            Ok(())
        };
        let done = body(&put);
        drop(put);
        let synced = syncing.map_or(Ok(()), |thread| {
            thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended without an answer")))
        });
        done.and(synced)
    })
}

#[cfg(unix)]
fn write_at(file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(not(unix))]
fn write_at(mut file: &File, at: u64, bytes: &[u8]) -> io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    use std::sync::{Mutex, PoisonError};
    // Threads share the place where the next byte goes.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(at))?;
    file.write_all(bytes)
}
