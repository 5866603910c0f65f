//! From what was typed to files: folders, prefixes and lists are taken apart.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use cog_read::Session;
use cog_read::io::{Location, LocationKind};

use crate::commands::listed::listed;

/// A file to check.
pub(super) struct Input {
    /// What was typed, or found in its place.
    pub(super) typed: OsString,
    /// Where it is, or why that cannot be known.
    pub(super) place: anyhow::Result<Place>,
}

/// Where a file is.
pub(super) enum Place {
    StandardInput,
    At(Location),
}

/// Every file that was asked for, in the order in which they were typed; those of a folder sorted.
///
/// # Errors
/// A list that cannot be read. What is wrong with one file is told in its place.
pub(super) async fn all(session: &Session, typed: &[OsString]) -> anyhow::Result<Vec<Input>> {
    let typed = listed(typed)?;
    let count = typed.len();
    let mut all = Vec::new();
    for (index, typed) in typed.into_iter().enumerate() {
        if typed == "-" {
            all.push(Input { typed, place: Ok(Place::StandardInput) });
            continue;
        }
        let location = match Location::from_os_str(&typed) {
            Ok(location) => location,
            Err(error) => {
                // What cannot be parsed may hold a secret and is not repeated: its place has to do.
                let mut error = anyhow::Error::new(cog_read::Error::Io(error));
                if count > 1 {
                    error = error.context(format!("location {} of {count}", index + 1));
                }
                all.push(Input { typed, place: Err(error) });
                continue;
            }
        };
        match below(session, &typed, &location).await {
            Ok(None) => all.push(Input { typed, place: Ok(Place::At(location)) }),
            Ok(Some(found)) if found.is_empty() => {
                let error = anyhow!("{location}: has no .tif or .tiff below it");
                all.push(Input { typed, place: Err(error) });
            }
            Ok(Some(found)) => all.extend(found),
            Err(error) => all.push(Input { typed, place: Err(error) }),
        }
    }
    Ok(all)
}

/// The files below a folder or prefix; `None` if it is neither, and in builds without stores.
#[cfg_attr(not(feature = "remote"), allow(unused_variables, clippy::unused_async))]
async fn below(session: &Session, typed: &OsStr, location: &Location) -> anyhow::Result<Option<Vec<Input>>> {
    match location.kind() {
        LocationKind::Local(path) if path.is_dir() => {
            let mut found = Vec::new();
            walk(path, &mut found)?;
            found.sort();
            let input = |path: PathBuf| {
                let place = Location::from_file_path(&path).map(Place::At).map_err(|e| cog_read::Error::Io(e).into());
                Input { typed: path.into_os_string(), place }
            };
            Ok(Some(found.into_iter().map(input).collect()))
        }
        #[cfg(feature = "remote")]
        LocationKind::S3 { .. } | LocationKind::Gs { .. } | LocationKind::Azure { .. }
            if typed.to_string_lossy().trim().ends_with('/') =>
        {
            let found = session.io().list(location).await.map_err(cog_read::Error::Io)?;
            let tiffs = found.into_iter().filter(|location| is_tiff(location.extension().as_deref()));
            let input = |at: Location| Input { typed: at.to_string().into(), place: Ok(Place::At(at)) };
            Ok(Some(tiffs.map(input).collect()))
        }
        _ => Ok(None),
    }
}

/// Files below a folder; links to folders are not followed.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let unreadable = || format!("{}: cannot be listed", folder.display());
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let path = entry.path();
        if entry.file_type().with_context(unreadable)?.is_dir() {
            walk(&path, found)?;
        } else if is_tiff(path.extension().and_then(OsStr::to_str)) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_tiff(extension: Option<&str>) -> bool {
    extension.is_some_and(|extension| ["tif", "tiff"].iter().any(|known| extension.eq_ignore_ascii_case(known)))
}
