//! Outputs being written. A regular file is whole or not there: it is written beside its name and renamed at the end. What cannot
//! be renamed (a FIFO, a device, a file in a folder that may not be written) is written in place and never removed.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::output::attributes;
use crate::output::destination::{Destination, Kind, folder_of};
use crate::output::room;
use crate::output::temporary::Temporary;

/// What is collected before it is handed to the system.
const BUFFER: usize = 1 << 18;

/// An output that can be written, as far as can be known before.
pub(crate) struct Output {
    pub(in crate::output) shown: String,
    pub(in crate::output) sink: Sink,
    pub(in crate::output) bytes: u64,
    /// The reader of a pipe went away before the end.
    pub(in crate::output) cut: bool,
}

pub(in crate::output) enum Sink {
    /// Open, and not a regular file of ours.
    Open(File),
    /// Opened when there is something to write: a FIFO waits for its reader.
    Special(PathBuf),
    /// Takes the name of `target` when it is whole.
    Beside { temporary: Temporary, target: PathBuf, old: Option<File> },
    /// A file beside which nothing can be made.
    InPlace(File),
    /// The same, made by this command: removed again if it does not become whole.
    Made(Temporary),
}

impl Output {
    /// Makes what is needed to write, and changes nothing that is there.
    ///
    /// # Errors
    /// A terminal, and whatever cannot be written.
    pub(crate) fn create(destination: Destination) -> anyhow::Result<Output> {
        let Destination { shown, kind } = destination;
        let sink = match kind {
            Kind::Descriptor(descriptor) => {
                let file = descriptor.into_file();
                refuse_terminal(&file, &shown)?;
                Ok(Sink::Open(file))
            }
            Kind::Special(path) => may_write(&path).map(|()| Sink::Special(path)),
            Kind::Regular(target) => regular(target),
        };
        let sink = sink.with_context(|| format!("cannot write {shown}"))?;
        Ok(Output { shown, sink, bytes: 0, cut: false })
    }

    /// Writes what `body` does: `size` bytes, where that is known before.
    ///
    /// # Errors
    /// What the system says, with the name of the output.
    pub(crate) fn write(
        &mut self,
        size: Option<u64>,
        body: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        self.open_special()?;
        let shown = &self.shown;
        let written = match &self.sink {
            Sink::Open(file) => stream(file, body),
            Sink::Beside { temporary, .. } | Sink::Made(temporary) => stream(temporary.file(), body),
            Sink::InPlace(file) => in_place(file, size, body),
            Sink::Special(_) => Ok(0),
        };
        match written {
            Ok(bytes) => self.bytes = bytes,
            // The reader of a pipe may stop when it has seen enough; the other outputs go on.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && matches!(self.sink, Sink::Open(_)) => {
                self.cut = true;
            }
            Err(error) => return Err(error).with_context(|| format!("cannot write {shown}")),
        }
        Ok(())
    }

    /// Opens a FIFO or a device: there is something to write.
    pub(in crate::output) fn open_special(&mut self) -> anyhow::Result<()> {
        let shown = &self.shown;
        if let Sink::Special(path) = &self.sink {
            let file = open_special(path).with_context(|| format!("cannot write {shown}"))?;
            refuse_terminal(&file, shown)?;
            self.sink = Sink::Open(file);
        }
        Ok(())
    }

    /// Its name in messages.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// What was written, for people: `what` names its shape and type.
    pub(crate) fn summary(&self, what: &str) -> String {
        match self.cut {
            true => format!("{}: part of {what}, its reader went away", self.shown),
            false => format!("{}: {what}, {}", self.shown, indicatif::BinaryBytes(self.bytes)),
        }
    }

    fn sync(&self) -> io::Result<()> {
        let file = match &self.sink {
            Sink::Open(_) | Sink::Special(_) => return Ok(()),
            Sink::Beside { temporary, .. } | Sink::Made(temporary) => temporary.file(),
            Sink::InPlace(file) => file,
        };
        file.sync_all().or_else(no_such_thing)
    }
}

/// Some file systems cannot sync: nothing can be done about it.
pub(in crate::output) fn no_such_thing(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => Ok(()),
        _ => Err(error),
    }
}

/// Gives all outputs their names, after all of them are on the disk.
///
/// # Errors
/// What the system says, with the name of the output.
pub(crate) fn finish(outputs: Vec<Output>) -> anyhow::Result<()> {
    for output in &outputs {
        output.sync().with_context(|| format!("cannot write {}", output.shown))?;
    }
    for output in outputs {
        let named = match output.sink {
            Sink::Beside { temporary, target, old } => rename(temporary, &target, old),
            Sink::Made(temporary) => {
                temporary.keep();
                Ok(())
            }
            Sink::Open(_) | Sink::Special(_) | Sink::InPlace(_) => Ok(()),
        };
        named.with_context(|| format!("cannot write {}", output.shown))?;
    }
    Ok(())
}

fn regular(target: PathBuf) -> io::Result<Sink> {
    // Renaming would not ask whether the file itself may be written. Opening changes nothing.
    let old = match File::options().write(true).open(&target) {
        Ok(file) => Some(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    // What replaces a file gets its mode at the end, and shows nothing to others before.
    match (Temporary::beside(&target, old.is_some()), old) {
        (Ok(temporary), old) => Ok(Sink::Beside { temporary, target, old }),
        (Err(_), Some(old)) => Ok(Sink::InPlace(old)),
        (Err(error), None) if error.kind() == io::ErrorKind::InvalidFilename => Temporary::at(target).map(Sink::Made),
        (Err(error), None) => Err(error),
    }
}

fn rename(temporary: Temporary, target: &Path, old: Option<File>) -> io::Result<()> {
    if let Some(old) = &old {
        attributes::keep(old, temporary.file())?;
    }
    match (temporary.rename(target), old) {
        (Ok(()), _) => {}
        // A file that is a mount point, or another's in a sticky folder, cannot be replaced but may be written.
        (Err((temporary, _)), Some(old)) => {
            let mut from = temporary.file();
            let size = from.metadata()?.len();
            from.rewind()?;
            over(&old, size, |out| io::copy(&mut from, out).map(|_| ()))?;
            return old.sync_all();
        }
        (Err((_, error)), None) => return Err(error),
    }
    // Makes the new name last. Not all systems can.
    if let Ok(folder) = File::open(folder_of(target)) {
        _ = folder.sync_all();
    }
    Ok(())
}

/// Writes to an open file from where it stands.
fn stream(file: &File, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<u64> {
    let mut out = BufWriter::with_capacity(BUFFER, Counted { file, bytes: 0 });
    match body(&mut out).and_then(|()| out.flush()) {
        Ok(()) => Ok(out.get_ref().bytes),
        Err(error) => {
            // Dropping the writer would try once more.
            drop(out.into_parts());
            Err(error)
        }
    }
}

/// Writes over a regular file as soon as the size of what it will hold is known.
fn in_place(file: &File, size: Option<u64>, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<u64> {
    match size {
        Some(size) => over(file, size, body),
        None => {
            let mut bytes = Vec::new();
            body(&mut bytes)?;
            over(file, bytes.len() as u64, |out| out.write_all(&bytes))
        }
    }
}

/// Writes over a regular file, whose room on the disk is reserved before its first byte changes.
fn over(mut file: &File, size: u64, body: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<u64> {
    room::reserve(file, size)?;
    file.rewind()?;
    let bytes =
        stream(file, body).map_err(|e| io::Error::new(e.kind(), format!("{e}; what it held is overwritten")))?;
    file.set_len(bytes)?;
    Ok(bytes)
}

/// Counts what arrived.
struct Counted<'a> {
    file: &'a File,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn refuse_terminal(file: &File, shown: &str) -> anyhow::Result<()> {
    if file.is_terminal() {
        bail!("{shown}: is a terminal, and what would be written is binary; name a file or pipe it into a program");
    }
    Ok(())
}

#[cfg(unix)]
fn may_write(path: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(path, rustix::fs::Access::WRITE_OK)?)
}

#[cfg(not(unix))]
fn may_write(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn open_special(path: &Path) -> io::Result<File> {
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::FileTypeExt;
    if fs::metadata(path)?.file_type().is_socket() {
        return Ok(OwnedFd::from(std::os::unix::net::UnixStream::connect(path)?).into());
    }
    File::options().write(true).open(path)
}

#[cfg(not(unix))]
fn open_special(path: &Path) -> io::Result<File> {
    File::options().write(true).open(path)
}
