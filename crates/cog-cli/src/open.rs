//! From what was typed to an open file.

use std::ffi::OsStr;

use cog_read::io::Location;
use cog_read::{Cog, Error, Session};

use crate::stdin;

/// Where a file is.
pub(crate) enum Place {
    /// `-`.
    StandardInput,
    /// A path that is not UTF-8.
    At(Location),
    /// A location, or GDAL's name of a directory of one.
    Named(String),
}

/// What an argument means.
pub(crate) fn place(typed: &OsStr) -> Result<Place, Error> {
    if typed == "-" {
        return Ok(Place::StandardInput);
    }
    match typed.to_str() {
        // Parsed here for its errors alone: they belong to the argument, not to the file.
        Some(text) => cog_read::file_location(text).map(|_| Place::Named(text.to_owned())),
        None => Ok(Place::At(Location::from_os_str(typed)?)),
    }
}

/// Opens a page of a file; 0 is the first.
pub(crate) async fn page(session: &Session, place: &Place, page: usize) -> anyhow::Result<Cog> {
    let cog = match place {
        Place::StandardInput => session.open_source(stdin::source(session.limits().max_output_bytes)?).await?,
        Place::At(location) => session.open_location(location).await?,
        Place::Named(text) => session.open(text).await?,
    };
    Ok(if page == 0 { cog } else { cog.page(page)? })
}
