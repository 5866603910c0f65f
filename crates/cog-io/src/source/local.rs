//! A local file, opened once and read by position.

use std::fs::{File, Metadata};
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::location::hint;
use crate::stats::Counters;

/// An open file, its size and its time of change when it was opened.
///
/// Reads are positioned, so threads share it without a lock. Every read checks that the open file is still as it was.
#[derive(Debug)]
pub struct LocalSource {
    file: File,
    name: Arc<str>,
    size: u64,
    modified: Option<SystemTime>,
    /// Whether the time of change must stay.
    pin: bool,
    counters: Arc<Counters>,
}

impl LocalSource {
    pub(crate) fn open(path: &Path, name: Arc<str>, counters: Arc<Counters>, pin: bool) -> Result<Self> {
        let file = File::open(path).map_err(|error| match Error::io(&name, error) {
            Error::NotFound { location, .. } => Error::NotFound { location, detail: hint::for_missing(path) },
            other => other,
        })?;
        Self::from_file(file, name, counters, pin)
    }

    pub(crate) fn from_file(file: File, name: Arc<str>, counters: Arc<Counters>, pin: bool) -> Result<Self> {
        let metadata = file.metadata().map_err(|error| Error::io(&name, error))?;
        if metadata.is_dir() {
            return Err(Error::NotAFile { location: name, kind: "a directory" });
        }
        if !metadata.is_file() {
            return Err(Error::NotAFile { location: name, kind: "a pipe or device" });
        }
        if metadata.len() == 0 {
            return Err(Error::Empty { location: name });
        }
        Ok(Self { file, name, size: metadata.len(), modified: modified(&metadata), pin, counters })
    }

    /// Size in bytes when the file was opened; not 0.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The path as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Fills `buf` with the bytes at `offset`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the file is not that long, [`Error::Changed`] if it was written to since it was opened,
    /// [`Error::Io`] from the operating system.
    pub fn read_at(&self, offset: u64, buf: &mut [u8]) -> Result<()> {
        let end = offset.saturating_add(buf.len() as u64);
        self.check_range(&(offset..end))?;
        match read_exact_at(&self.file, buf, offset) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.check_unchanged()?;
                return Err(Error::io(&self.name, error));
            }
            Err(error) => return Err(Error::io(&self.name, error)),
        }
        self.counters.received(buf.len() as u64);
        // After the read: what was read before a change is not handed out together with what is read after it.
        self.check_unchanged()
    }

    /// The bytes of `range`.
    ///
    /// # Errors
    /// As [`read_at`](Self::read_at).
    pub fn read(&self, range: Range<u64>) -> Result<Bytes> {
        self.check_range(&range)?;
        let len = usize::try_from(range.end - range.start).map_err(|_| self.out_of_memory())?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len).map_err(|_| self.out_of_memory())?;
        bytes.resize(len, 0);
        self.read_at(range.start, &mut bytes)?;
        Ok(bytes.into())
    }

    /// Compares size and time of change of the open file with those at the start.
    ///
    /// # Errors
    /// [`Error::Changed`] if they differ.
    pub fn check_unchanged(&self) -> Result<()> {
        let metadata = self.file.metadata().map_err(|error| Error::io(&self.name, error))?;
        if metadata.len() != self.size {
            let detail = format!("its size was {} and is {}", self.size, metadata.len());
            return Err(Error::changed(&self.name, detail));
        }
        if modified(&metadata) != self.modified {
            if self.pin {
                return Err(Error::changed(&self.name, "its time of change is another"));
            }
            self.counters.warn(&self.name, "its time of change is another and only its size is checked".into());
        }
        Ok(())
    }

    fn check_range(&self, range: &Range<u64>) -> Result<()> {
        if range.start > range.end || range.end > self.size {
            return Err(Error::bad_range(&self.name, range.clone(), self.size));
        }
        Ok(())
    }

    fn out_of_memory(&self) -> Error {
        Error::io(&self.name, io::ErrorKind::OutOfMemory.into())
    }

    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }
}

fn modified(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

#[cfg(unix)]
fn read_exact_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buf, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buf: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buf.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buf, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buf = buf.get_mut(read..).unwrap_or_default();
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(not(any(unix, windows)))]
fn read_exact_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = file;
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(buf)
}
