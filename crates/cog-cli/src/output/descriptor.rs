//! Descriptors that the caller opened: standard output, `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/3`.
//!
//! They are written as they are. Opening such a name anew would begin at the start of the file it stands for, over what `>>` or an
//! earlier command of the same shell wrote, and cannot be done with a socket at all.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;

/// An open file of this process, by a duplicate of its descriptor: it shares place and mode.
#[derive(Debug)]
pub(crate) struct Descriptor(File);

impl Descriptor {
    pub(crate) fn file(&self) -> &File {
        &self.0
    }

    pub(crate) fn into_file(self) -> File {
        self.0
    }
}

#[cfg(unix)]
impl Descriptor {
    /// Descriptor `number` of this process.
    pub(crate) fn own(number: i32) -> io::Result<Descriptor> {
        use std::os::fd::AsFd;
        let fd = match number {
            0 => io::stdin().as_fd().try_clone_to_owned()?,
            1 => io::stdout().as_fd().try_clone_to_owned()?,
            2 => io::stderr().as_fd().try_clone_to_owned()?,
            _ => return duplicate(number).map(Descriptor),
        };
        Ok(Descriptor(fd.into()))
    }
}

#[cfg(not(unix))]
impl Descriptor {
    /// Descriptor `number` of this process: one of the standard three.
    pub(crate) fn own(number: i32) -> io::Result<Descriptor> {
        use std::os::windows::io::AsHandle;
        let handle = match number {
            0 => io::stdin().as_handle().try_clone_to_owned()?,
            1 => io::stdout().as_handle().try_clone_to_owned()?,
            _ => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(Descriptor(handle.into()))
    }
}

/// The descriptor that a name in this folder stands for, if it is one of `/dev/fd` or `/proc/…/fd`.
#[cfg(unix)]
pub(crate) fn named(folder: &Path, name: &OsStr) -> io::Result<Option<Descriptor>> {
    let Some(number) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else { return Ok(None) };
    let Ok(folder) = folder.canonicalize() else { return Ok(None) };
    if folder == Path::new("/dev/fd") {
        return Descriptor::own(number).map(Some);
    }
    if !(folder.starts_with("/proc") && folder.ends_with("fd")) {
        return Ok(None);
    }
    let own = Path::new("/proc/self").canonicalize()?;
    match folder.starts_with(own) {
        true => Descriptor::own(number).map(Some),
        false => append(&folder.join(name)).map(|file| Some(Descriptor(file))),
    }
}

#[cfg(not(unix))]
pub(crate) fn named(_: &Path, _: &OsStr) -> io::Result<Option<Descriptor>> {
    Ok(None)
}

/// Opens a descriptor by its name, so that what the file holds stays.
#[cfg(unix)]
fn append(path: &Path) -> io::Result<File> {
    File::options().append(true).open(path)
}

#[cfg(target_os = "linux")]
fn duplicate(number: i32) -> io::Result<File> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    let duplicated =
        pidfd_open(getpid(), PidfdFlags::empty()).and_then(|own| pidfd_getfd(own, number, PidfdGetfdFlags::empty()));
    match duplicated {
        Ok(fd) => Ok(fd.into()),
        Err(rustix::io::Errno::BADF) => Err(rustix::io::Errno::BADF.into()),
        // Kernels before 5.6 and some sandboxes do not allow it.
        Err(_) => append(Path::new(&format!("/proc/self/fd/{number}"))),
    }
}

/// Elsewhere opening the name duplicates the descriptor.
#[cfg(all(unix, not(target_os = "linux")))]
fn duplicate(number: i32) -> io::Result<File> {
    append(Path::new(&format!("/dev/fd/{number}")))
}
