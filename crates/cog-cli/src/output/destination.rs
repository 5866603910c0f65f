//! What the name of an output stands for. It is settled before anything is opened or made.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use crate::output::descriptor::{self, Descriptor};
use crate::output::identity::{Identity, Inputs};
use crate::output::text;

/// Links that are followed, as the kernel does.
const MOST_LINKS: usize = 40;

/// What a command can write, and the endings by which people name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub(crate) name: &'static str,
    pub(crate) endings: &'static [&'static str],
}

/// An output as the user named it.
pub(crate) struct Wanted<'a> {
    pub(crate) path: &'a Path,
    /// What it holds: "array", "mask", "picture".
    pub(crate) what: &'static str,
    pub(crate) format: Format,
}

/// Where an output goes.
#[derive(Debug)]
pub(crate) struct Destination {
    /// Its name in messages.
    pub(crate) shown: String,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// Standard output, or a descriptor that the caller opened (`/dev/stdout`, `/dev/fd/3`).
    Descriptor(Descriptor),
    /// A FIFO, a device, a socket.
    Special(PathBuf),
    /// A regular file, there or not, behind all links.
    Regular(PathBuf),
}

/// A command line that would harm a file, or has no place to write to: nothing was opened or made yet.
#[derive(Debug)]
pub(crate) struct Refused(String);

impl Refused {
    /// For this reason.
    pub(crate) fn new(why: impl Into<String>) -> Refused {
        Refused(why.into())
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Settles all outputs of a command.
///
/// # Errors
/// An ending that is not written, a folder, no folder, one file twice, an input as output.
pub(crate) fn settle(wanted: &[Wanted<'_>], inputs: &Inputs) -> anyhow::Result<Vec<Destination>> {
    let mut seen: Vec<(Identity, &Wanted<'_>)> = Vec::new();
    let mut all = Vec::new();
    for output in wanted {
        let destination = Destination::of(output.path)?;
        if let Some(identity) = destination.identity() {
            if let Some(input) = inputs.find(&identity) {
                return Err(Refused(format!("{}: is the input {input} itself", destination.shown)).into());
            }
            if let Some((_, other)) = seen.iter().find(|(known, _)| *known == identity) {
                let (here, there) = (output.what, other.what);
                return Err(Refused(match output.path == other.path {
                    true => format!("{}: cannot hold both the {there} and the {here}", destination.shown),
                    false => format!(
                        "{}: is the same file as {}, and cannot hold both the {there} and the {here}",
                        destination.shown,
                        shown(other.path)
                    ),
                })
                .into());
            }
            seen.push((identity, output));
        }
        if let Kind::Regular(_) = destination.kind {
            check_ending(output)?;
        }
        all.push(destination);
    }
    Ok(all)
}

/// A name without ending is fine; one that promises another format is not.
fn check_ending(output: &Wanted<'_>) -> anyhow::Result<()> {
    let Some(ending) = output.path.extension() else { return Ok(()) };
    let Format { name, endings } = output.format;
    if endings.iter().any(|known| ending.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let known: Vec<String> = endings.iter().map(|known| format!(".{known}")).collect();
    Err(Refused(format!(
        "{}: the {} cannot be written as .{}, only as {} ({name})",
        shown(output.path),
        output.what,
        text::one_line(&ending.to_string_lossy()),
        known.join(", ")
    ))
    .into())
}

fn shown(path: &Path) -> String {
    text::one_line(&path.to_string_lossy())
}

impl Destination {
    fn of(path: &Path) -> anyhow::Result<Destination> {
        if path.as_os_str() == "-" {
            let descriptor = Descriptor::own(1).context("standard output is not open")?;
            return Ok(Destination { shown: "standard output".into(), kind: Kind::Descriptor(descriptor) });
        }
        let shown = shown(path);
        if path.as_os_str().is_empty() {
            bail!("the name of an output is empty");
        }
        let kind = Self::kind(path).map_err(|error| match error {
            Problem::Folder => anyhow!("{shown}: is a folder, not a file"),
            Problem::NoFolder(folder) => anyhow!("cannot write {shown}: there is no folder {}", self::shown(&folder)),
            Problem::Io(error) => anyhow::Error::new(error).context(format!("cannot write {shown}")),
        })?;
        Ok(Destination { shown, kind })
    }

    fn kind(path: &Path) -> Result<Kind, Problem> {
        let mut path = path.to_path_buf();
        for _ in 0..MOST_LINKS {
            let trailing = ends_with_separator(path.as_os_str());
            let (Some(name), false) = (path.file_name(), trailing) else {
                return Err(match fs::metadata(&path) {
                    Ok(_) => Problem::Folder,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Problem::NoFolder(path),
                    Err(error) => Problem::Io(error),
                });
            };
            let folder = folder_of(&path);
            if let Some(descriptor) = descriptor::named(folder, name)? {
                return Ok(Kind::Descriptor(descriptor));
            }
            let meta = match fs::symlink_metadata(&path) {
                Ok(meta) => meta,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return match fs::metadata(folder) {
                        Ok(meta) if meta.is_dir() => Ok(Kind::Regular(path)),
                        Ok(_) => Err(Problem::NoFolder(folder.into())),
                        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Problem::NoFolder(folder.into())),
                        Err(error) => Err(error.into()),
                    };
                }
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                    return Err(Problem::NoFolder(folder.into()));
                }
                Err(error) => return Err(error.into()),
            };
            if meta.is_symlink() {
                // The system may refuse to follow it: in a loop, or another user's in a sticky folder (protected_symlinks).
                if let Err(error) = fs::metadata(&path)
                    && error.kind() != io::ErrorKind::NotFound
                {
                    return Err(error.into());
                }
                // A link is relative to the folder it lies in.
                path = folder.join(fs::read_link(&path)?);
            } else if meta.is_dir() {
                return Err(Problem::Folder);
            } else if meta.is_file() {
                return Ok(Kind::Regular(path));
            } else {
                return Ok(Kind::Special(path));
            }
        }
        Err(Problem::Io(io::Error::other("too many symbolic links")))
    }

    /// What tells its file from others; none for what nothing can be lost of.
    fn identity(&self) -> Option<Identity> {
        match &self.kind {
            Kind::Descriptor(descriptor) => Identity::of_open(descriptor.file()),
            Kind::Special(path) | Kind::Regular(path) => Identity::of_path(path),
        }
    }
}

enum Problem {
    Folder,
    NoFolder(PathBuf),
    Io(io::Error),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Problem {
        Problem::Io(error)
    }
}

/// The folder in which a name lies; `.` for a bare name.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// `Path` drops it, yet `out/` can only be a folder.
fn ends_with_separator(path: &OsStr) -> bool {
    path.as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NPY: Format = Format { name: "NumPy", endings: &["npy"] };

    fn ending(path: &str) -> Result<(), String> {
        check_ending(&Wanted { path: Path::new(path), what: "array", format: NPY }).map_err(|e| e.to_string())
    }

    #[test]
    fn a_name_may_have_the_formats_ending_or_none() {
        for fine in ["a.npy", "a.NPY", "a", "dir.tif/a", ".npy", ".hidden", "a.b.npy"] {
            assert_eq!(ending(fine), Ok(()), "{fine}");
        }
        for wrong in ["a.tif", "a.npy.tif", "a.npz", "a.npy.part"] {
            assert!(ending(wrong).unwrap_err().contains("only as .npy (NumPy)"), "{wrong}");
        }
    }
}
