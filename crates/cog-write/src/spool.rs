//! Compressed blocks on their way: in memory up to a budget, then in one temporary file.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Bytes of memory that are taken at once.
const CHUNK: usize = 4 << 20;
/// Bytes that are collected before they go to the file.
const PENDING: usize = 1 << 20;

/// Where a block is kept, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Below [`IN_FILE`] a chunk (upper 32 bits) and a place in it, else a place in the file.
    at: u64,
    len: u32,
}

const IN_FILE: u64 = 1 << 63;

impl Kept {
    /// A block that is left out.
    pub(crate) const NONE: Kept = Kept { at: 0, len: 0 };

    pub(crate) fn len(self) -> u32 {
        self.len
    }
}

/// Blocks that were encoded. The file has no name: whatever ends the process, nothing of it stays.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PathBuf,
    chunks: Vec<Vec<u8>>,
    held: usize,
    budget: usize,
    file: Option<File>,
    /// Bytes that the file has, those pending included.
    end: u64,
    pending: Vec<u8>,
}

impl Spool {
    /// Nothing is made before it is needed.
    pub(crate) fn new(folder: &Path, budget: usize) -> Spool {
        Spool { folder: folder.into(), chunks: Vec::new(), held: 0, budget, file: None, end: 0, pending: Vec::new() }
    }

    /// Keeps a block.
    ///
    /// # Errors
    /// A full disk and the like, and blocks of 4 GiB.
    pub(crate) fn put(&mut self, block: &[u8]) -> Result<Kept> {
        let len = u32::try_from(block.len()).map_err(|_| Error::Option("a block of 4 GiB is too large".into()))?;
        if self.file.is_none() && self.held + block.len() <= self.budget {
            let fits = |chunk: &Vec<u8>| chunk.capacity() - chunk.len() >= block.len();
            if !self.chunks.last().is_some_and(fits) {
                let mut chunk = Vec::new();
                chunk.try_reserve_exact(CHUNK.max(block.len())).map_err(|_| Error::OutOfMemory)?;
                self.chunks.push(chunk);
            }
            let number = self.chunks.len() as u64 - 1;
            let Some(chunk) = self.chunks.last_mut() else { return Err(Error::OutOfMemory) };
            let at = number << 32 | chunk.len() as u64;
            chunk.extend_from_slice(block);
            self.held += block.len();
            return Ok(Kept { at, len });
        }
        let at = IN_FILE | self.end;
        self.pending.extend_from_slice(block);
        self.end += block.len() as u64;
        if self.pending.len() >= PENDING {
            self.flush()?;
        }
        Ok(Kept { at, len })
    }

    /// Writes what is pending, so that all can be read.
    pub(crate) fn flush(&mut self) -> Result<()> {
        let failed = |folder: &Path, source| Error::Spool { folder: folder.display().to_string(), source };
        if self.pending.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(tempfile::tempfile_in(&self.folder).map_err(|e| failed(&self.folder, e))?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(&self.pending).map_err(|e| failed(&self.folder, e))?;
        self.pending.clear();
        Ok(())
    }

    /// Fills in a block. Everything must be flushed.
    ///
    /// # Errors
    /// What the system says, and another length than the block has.
    pub(crate) fn get(&self, kept: Kept, out: &mut [u8]) -> io::Result<()> {
        let lost = || io::Error::other("a block is not where it was put");
        let len = kept.len as usize;
        if out.len() != len {
            return Err(io::Error::other("a block has another size than it had"));
        }
        if kept.at & IN_FILE == 0 {
            let start = (kept.at & 0xffff_ffff) as usize;
            let chunk = self.chunks.get((kept.at >> 32) as usize);
            out.copy_from_slice(chunk.and_then(|chunk| chunk.get(start..start + len)).ok_or_else(lost)?);
            return Ok(());
        }
        read_at(self.file.as_ref().ok_or_else(lost)?, kept.at & !IN_FILE, out)
    }

    /// Bytes of the temporary file.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.end
    }
}

#[cfg(unix)]
fn read_at(file: &File, at: u64, out: &mut [u8]) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    file.read_exact_at(out, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut at: u64, mut out: &mut [u8]) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !out.is_empty() {
        match file.seek_read(out, at) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                at += count as u64;
                out = out.get_mut(count..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(not(any(unix, windows)))]
fn read_at(mut file: &File, at: u64, out: &mut [u8]) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    use std::sync::{Mutex, PoisonError};
    // Threads share the place where the next byte is read.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_from_memory_and_from_the_file() {
        let folder = std::env::temp_dir();
        let mut spool = Spool::new(&folder, 100);
        let blocks: Vec<Vec<u8>> = (0..50u8).map(|i| vec![i; 3 * usize::from(i)]).collect();
        let kept: Vec<Kept> = blocks.iter().map(|block| spool.put(block).unwrap()).collect();
        spool.flush().unwrap();
        assert!(spool.file_bytes() > 0 && spool.held <= 100);
        for (block, kept) in blocks.iter().zip(kept) {
            let mut out = vec![7; block.len()];
            spool.get(kept, &mut out).unwrap();
            assert_eq!(&out, block);
            assert!(spool.get(kept, &mut [0; 1000]).is_err());
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let mut spool = Spool::new(Path::new("/nowhere/at/all"), 0);
        spool.put(&[1; 10]).unwrap();
        let error = spool.flush().unwrap_err().to_string();
        assert!(error.starts_with("temporary file in /nowhere/at/all: "), "{error}");
    }
}
