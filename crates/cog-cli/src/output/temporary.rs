//! Files that go away unless they are kept: when they are dropped, and when a signal ends the command.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempPath};

use crate::interrupt;
use crate::output::destination::folder_of;

/// An open file that is not finished.
pub(crate) struct Temporary {
    /// None once it is kept.
    file: Option<NamedTempFile>,
    handle: File,
    path: PathBuf,
}

impl Temporary {
    /// A new file in the folder of `target`, named after it as far as names may be long. A `private` one is for its owner alone.
    pub(crate) fn beside(target: &Path, private: bool) -> io::Result<Temporary> {
        let folder = folder_of(target);
        let name = target.file_name().unwrap_or_default();
        interrupt::with_unfinished(|all| {
            let file = match named(folder, name, private) {
                Err(error) if error.kind() == io::ErrorKind::InvalidFilename => {
                    named(folder, OsStr::new("cog"), private)?
                }
                other => other?,
            };
            let path = file.path().to_path_buf();
            let handle = file.as_file().try_clone()?;
            all.push(path.clone());
            Ok(Temporary { file: Some(file), handle, path })
        })
    }

    /// A new file of this name itself.
    pub(crate) fn at(path: PathBuf) -> io::Result<Temporary> {
        interrupt::with_unfinished(|all| {
            let file = File::options().write(true).create_new(true).open(&path)?;
            let handle = file.try_clone()?;
            let path = std::path::absolute(path)?;
            all.push(path.clone());
            let file = NamedTempFile::from_parts(file, TempPath::try_from_path(&path)?);
            Ok(Temporary { file: Some(file), handle, path })
        })
    }

    pub(crate) fn file(&self) -> &File {
        &self.handle
    }

    /// Leaves it where it is.
    pub(crate) fn keep(mut self) {
        interrupt::with_unfinished(|all| {
            all.retain(|path| *path != self.path);
            // Only Windows has anything to do that can fail, and the file is there whether it does or not.
            _ = self.file.take().map(NamedTempFile::keep);
        });
    }

    /// Gives it another name, in place of what has that name.
    ///
    /// # Errors
    /// What the system says, and the file as it was.
    pub(crate) fn rename(mut self, to: &Path) -> Result<(), (Temporary, io::Error)> {
        interrupt::with_unfinished(|all| match fs::rename(&self.path, to) {
            Ok(()) => {
                all.retain(|path| *path != self.path);
                _ = self.file.take().map(NamedTempFile::keep);
                Ok(())
            }
            Err(error) => Err(error),
        })
        .map_err(|error| (self, error))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            interrupt::with_unfinished(|all| {
                all.retain(|path| *path != self.path);
                drop(file);
            });
        }
    }
}

fn named(folder: &Path, name: &OsStr, private: bool) -> io::Result<NamedTempFile> {
    let mut prefix = name.to_os_string();
    prefix.push(".");
    let mut builder = Builder::new();
    builder.prefix(&prefix).suffix(".part");
    // What any new file gets: the user's umask takes its part off.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(if private { 0o600 } else { 0o666 }));
    #[cfg(not(unix))]
    let _ = private;
    builder.tempfile_in(folder).map_err(without_path)
}

/// The name of the temporary file, which the error ends with, would only puzzle: the output's own stands before it.
fn without_path(error: io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((cause, _)) => io::Error::new(error.kind(), cause),
        None => error,
    }
}
