//! Outputs that are written while what they hold is still being made: of known size, piece by piece.

use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};

use anyhow::{Context, bail};

use crate::output::disk::Disk;
use crate::output::room;
use crate::output::written::{Output, Sink};

/// Where the next piece goes.
pub(crate) struct Pieces {
    output: Output,
    file: File,
    /// The place of pieces in the file; else they come one behind the other.
    anywhere: bool,
    at: u64,
    disk: Disk,
}

impl Output {
    /// Whether pieces may come in any order, and the end of a command that fails leaves nothing behind.
    pub(crate) fn takes_pieces_anywhere(&self) -> bool {
        matches!(self.sink, Sink::Beside { .. } | Sink::Made(_))
    }

    /// Whether pieces may come in order: nothing of what was there is lost by them.
    pub(crate) fn takes_pieces(&self) -> bool {
        self.takes_pieces_anywhere() || matches!(self.sink, Sink::Open(_) | Sink::Special(_))
    }

    /// Makes room for `size` bytes, so that a disk without it is known before anything is read.
    ///
    /// # Errors
    /// What the system says, with the name of the output.
    pub(crate) fn in_pieces(mut self, size: u64) -> anyhow::Result<Pieces> {
        let anywhere = self.takes_pieces_anywhere();
        self.open_special()?;
        let file = match &self.sink {
            Sink::Beside { temporary, .. } | Sink::Made(temporary) => {
                room::reserve(temporary.file(), size).with_context(|| format!("cannot write {}", self.shown))?;
                temporary.file().try_clone()
            }
            Sink::Open(file) => file.try_clone(),
            Sink::InPlace(_) | Sink::Special(_) => bail!("{}: cannot be written in pieces", self.shown),
        };
        let file = file.with_context(|| format!("cannot write {}", self.shown))?;
        Ok(Pieces { output: self, file, anywhere, at: 0, disk: Disk::default() })
    }
}

impl Pieces {
    /// Writes a piece at this place of the output.
    ///
    /// # Errors
    /// What the system says, with the name of the output.
    pub(crate) fn put(&mut self, place: u64, bytes: &[u8]) -> anyhow::Result<()> {
        if self.output.cut {
            return Ok(());
        }
        match self.try_put(place, bytes) {
            // The reader of a pipe may stop when it has seen enough; the other outputs go on.
            Err(error) if error.kind() == ErrorKind::BrokenPipe && !self.anywhere => self.output.cut = true,
            done => done.with_context(|| format!("cannot write {}", self.output.shown))?,
        }
        self.output.bytes = self.output.bytes.saturating_add(bytes.len() as u64);
        Ok(())
    }

    fn try_put(&mut self, place: u64, bytes: &[u8]) -> io::Result<()> {
        if place != self.at {
            if !self.anywhere {
                return Err(io::Error::other("its pieces are out of order"));
            }
            self.file.seek(SeekFrom::Start(place))?;
        }
        self.file.write_all(bytes)?;
        self.at = place.saturating_add(bytes.len() as u64);
        match self.anywhere {
            true => self.disk.wrote(&self.file, bytes.len() as u64),
            false => Ok(()),
        }
    }

    /// Whether nobody reads it any more.
    pub(crate) fn is_cut(&self) -> bool {
        self.output.cut
    }

    /// The output, which is whole.
    ///
    /// # Errors
    /// What the disk said of pieces, with the name of the output.
    pub(crate) fn end(mut self) -> anyhow::Result<Output> {
        self.disk.end().with_context(|| format!("cannot write {}", self.output.shown))?;
        Ok(self.output)
    }
}
