//! Why a file could not be checked.

use std::sync::Arc;

pub use cog_error::ErrorClass;

/// A shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a file could not be checked. Locations in the text are redacted; the text tells the whole cause.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Its bytes did not come.
    #[error(transparent)]
    Io(#[from] cog_io::Error),
    /// It is no TIFF whose structure can be told.
    #[error("{location}: {source}")]
    Structure {
        /// Which file.
        location: Arc<str>,
        /// What about it.
        r#source: cog_tiff::Error,
    },
    /// Its blocks are compressed in a way that neither libtiff nor this project knows: no reader opens it.
    #[error("{location}: compression {code} is not known, so no reader opens the file")]
    Codec {
        /// Which file.
        location: Arc<str>,
        /// Tag 259.
        code: u16,
    },
    /// Its header comes in too many pieces.
    #[error("{location}: the header takes more than {limit} reads")]
    RoundTrips {
        /// Which file.
        location: Arc<str>,
        /// The bound.
        limit: u32,
    },
    /// A thread ended before its work.
    #[error("{location}: a thread failed: {message}")]
    Worker {
        /// Which file.
        location: Arc<str>,
        /// What it said.
        message: String,
    },
}

impl Error {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Io(error) => error.class(),
            Error::Structure { source, .. } => source.class(),
            Error::Codec { .. } => ErrorClass::Unsupported,
            Error::RoundTrips { .. } => ErrorClass::Limits,
            Error::Worker { .. } => ErrorClass::Internal,
        }
    }
}
