//! Whether two names are one file: hard links, symbolic links, `./a` and `a`, a file that two names would make.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};

use cog_read::io::{Location, LocationKind};

use crate::output::descriptor::Descriptor;
use crate::output::destination::folder_of;
use crate::output::text;

/// What tells a file from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// What is there.
    Node(Node),
    /// What is not there yet, by its folder and name.
    Absent(Node, OsString),
}

/// A file that is there: device and inode, where the system has them.
#[cfg(unix)]
type Node = (u64, u64);
#[cfg(not(unix))]
type Node = PathBuf;

impl Identity {
    /// Of a path behind all links. A character device (`/dev/null`) has none: two outputs may go there.
    pub(crate) fn of_path(path: &Path) -> Option<Identity> {
        match fs::metadata(path) {
            Ok(meta) => (!is_character_device(&meta)).then(|| node(path, &meta)).flatten().map(Identity::Node),
            Err(_) => {
                let folder = folder_of(path);
                let node = node(folder, &fs::metadata(folder).ok()?)?;
                Some(Identity::Absent(node, path.file_name()?.to_os_string()))
            }
        }
    }

    /// Of an open file.
    #[cfg(unix)]
    pub(crate) fn of_open(file: &File) -> Option<Identity> {
        let meta = file.metadata().ok().filter(|meta| !is_character_device(meta))?;
        node(Path::new(""), &meta).map(Identity::Node)
    }

    #[cfg(not(unix))]
    pub(crate) fn of_open(_: &File) -> Option<Identity> {
        None
    }
}

#[cfg(unix)]
fn node(_: &Path, meta: &Metadata) -> Option<Node> {
    use std::os::unix::fs::MetadataExt;
    Some((meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn node(path: &Path, _: &Metadata) -> Option<Node> {
    fs::canonicalize(path).ok()
}

#[cfg(unix)]
fn is_character_device(meta: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_char_device(&meta.file_type())
}

#[cfg(not(unix))]
fn is_character_device(_: &Metadata) -> bool {
    false
}

/// The local files that a command reads.
#[derive(Default)]
pub(crate) struct Inputs(Vec<(Identity, String)>);

/// What may lie beside an image and is read with it.
const SIDE_CARS: [&str; 4] = [".ovr", ".msk", ".msk.ovr", ".aux.xml"];

/// World files: the image's name with another ending.
const WORLD_FILES: [&str; 3] = ["tfw", "tifw", "wld"];

impl Inputs {
    /// Of a location as typed. What is not there, or not local, cannot be harmed.
    pub(crate) fn of(location: &OsStr, side_cars: bool) -> Inputs {
        let mut inputs = Inputs::default();
        if location == "-" {
            if let Ok(descriptor) = Descriptor::own(0) {
                inputs.push(Identity::of_open(descriptor.file()), descriptor.file().metadata(), "standard input");
            }
            return inputs;
        }
        // As typed it may name a directory of the file (GTIFF_DIR).
        let location = match location.to_str() {
            Some(text) => cog_read::file_location(text).ok(),
            None => Location::from_os_str(location).ok(),
        };
        let Some(location) = location else { return inputs };
        let mut paths: Vec<PathBuf> = Vec::new();
        let suffixes = SIDE_CARS.iter().filter(|_| side_cars).map(|suffix| location.with_suffix(suffix));
        for location in std::iter::once(location.clone()).chain(suffixes) {
            if let LocationKind::Local(path) = location.kind() {
                paths.push(path.clone());
            }
        }
        if let (LocationKind::Local(path), true) = (location.kind(), side_cars) {
            paths.extend(WORLD_FILES.iter().map(|ending| path.with_extension(ending)));
        }
        for path in paths {
            inputs.push(Identity::of_path(&path), fs::metadata(&path), &text::one_line(&path.to_string_lossy()));
        }
        inputs
    }

    /// Of several locations.
    pub(crate) fn of_all(locations: &[OsString], side_cars: bool) -> Inputs {
        Inputs(locations.iter().flat_map(|location| Inputs::of(location, side_cars).0).collect())
    }

    /// Pipes and sockets are not files: one may be standard input and output at once.
    fn push(&mut self, identity: Option<Identity>, meta: std::io::Result<Metadata>, name: &str) {
        if let (Some(identity @ Identity::Node(_)), Ok(meta)) = (identity, meta)
            && (meta.is_file() || is_block_device(&meta))
        {
            self.0.push((identity, name.to_owned()));
        }
    }

    /// The name of the input that is this file.
    pub(crate) fn find(&self, identity: &Identity) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == identity).map(|(_, name)| name.as_str())
    }
}

#[cfg(unix)]
fn is_block_device(meta: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_block_device(&meta.file_type())
}

#[cfg(not(unix))]
fn is_block_device(_: &Metadata) -> bool {
    false
}
