//! What can go wrong between many files and their pixels.

use std::sync::Arc;

use cog_error::ErrorClass;

/// A shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why many files could not be read as one.
///
/// Locations in the text are redacted. The text tells the whole cause; [`source`](std::error::Error::source) does not repeat it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One file of several.
    #[error("'{name}': {cause}")]
    Reader {
        /// Its name.
        name: Arc<str>,
        /// What is wrong with it.
        cause: Box<Error>,
    },
    /// A location that cannot be opened, or whose bytes did not come.
    #[error(transparent)]
    Io(#[from] cog_io::Error),
    /// A file that cannot be read.
    #[error(transparent)]
    Read(#[from] cog_read::Error),
    /// A file that cannot be warped.
    #[error(transparent)]
    Warp(#[from] cog_warp::Error),
    /// No way between CRSs, or a CRS that is not known.
    #[error(transparent)]
    Crs(#[from] cog_crs::Error),
    /// A document that is not JSON.
    #[error("{location}: is not JSON: {problem}")]
    NotJson {
        /// Which document, redacted.
        location: Arc<str>,
        /// What the parser says, with line and column.
        problem: String,
    },
    /// A document over its bound.
    #[error("{location}: a JSON document of {} bytes is over the limit of {limit} (Limits::max_document_bytes)", bytes_text(*.bytes, *.limit))]
    DocumentTooLarge {
        /// Which document, redacted.
        location: Arc<str>,
        /// Its size, if it is known.
        bytes: Option<u64>,
        /// The bound.
        limit: u64,
    },
    /// Two readers of one name: neither could be told from the other.
    #[error("there are two readers named '{name}'")]
    SameName {
        /// The name.
        name: Arc<str>,
    },
    /// A mistake of this crate: please report it.
    #[error("{what} (a mistake in cog-mosaic)")]
    Internal {
        /// What should not have happened.
        what: &'static str,
    },
}

fn bytes_text(bytes: Option<u64>, limit: u64) -> String {
    bytes.map_or_else(|| format!("more than {limit}"), |bytes| bytes.to_string())
}

impl Error {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Reader { cause, .. } => cause.class(),
            Error::Io(e) => e.class(),
            Error::Read(e) => e.class(),
            Error::Warp(e) => e.class(),
            Error::Crs(e) => e.class(),
            Error::NotJson { .. } => ErrorClass::Format,
            Error::DocumentTooLarge { .. } => ErrorClass::Limits,
            Error::SameName { .. } => ErrorClass::Usage,
            Error::Internal { .. } => ErrorClass::Internal,
        }
    }

    /// The same, said of one reader.
    pub(crate) fn of_reader(self, name: &Arc<str>) -> Error {
        Error::Reader { name: Arc::clone(name), cause: Box::new(self) }
    }
}
