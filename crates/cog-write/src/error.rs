//! Why a COG was not written.

use cog_error::ErrorClass;
use cog_raster::ResampleError;

/// A shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a COG was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option, or a description, that means nothing or does not go with the others.
    #[error("{0}")]
    Option(String),
    /// What the options need is not there: a codec, mostly.
    #[error("{0}")]
    Unsupported(String),
    /// A block could not be encoded.
    #[error(transparent)]
    Encode(#[from] cog_codecs::Error),
    /// The source gave an error, or something else than it had described.
    #[error("{0}")]
    Source(SourceError),
    /// The resampling of overviews.
    #[error(transparent)]
    Resample(#[from] ResampleError),
    /// The file for compressed blocks.
    #[error("temporary file in {folder}: {source}")]
    Spool {
        /// Where it lies.
        folder: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A classic TIFF was asked for, and the file has more bytes than it can have.
    #[error("the file has {bytes} bytes, a classic TIFF at most 4,294,967,295: let it be a BigTIFF")]
    TooLarge {
        /// Bytes of the file.
        bytes: u64,
    },
    /// No memory for pixels.
    #[error("out of memory")]
    OutOfMemory,
    /// A thread ended without an answer: a mistake in this crate.
    #[error("internal error: {0}")]
    Internal(&'static str),
}

/// What a source says went wrong, and who can act on it.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct SourceError {
    error: Box<dyn std::error::Error + Send + Sync>,
    class: ErrorClass,
}

impl SourceError {
    /// From any error.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>, class: ErrorClass) -> SourceError {
        SourceError { error: error.into(), class }
    }

    /// The source's own error.
    pub fn into_inner(self) -> Box<dyn std::error::Error + Send + Sync> {
        self.error
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Error {
        Error::Source(error)
    }
}

impl Error {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::Option(_) => ErrorClass::Usage,
            Error::Unsupported(_) => ErrorClass::Unsupported,
            Error::Encode(error) => error.class(),
            Error::Source(error) => error.class,
            Error::Resample(error) => error.class(),
            Error::Spool { .. } => ErrorClass::Io,
            Error::TooLarge { .. } | Error::OutOfMemory => ErrorClass::Limits,
            Error::Internal(_) => ErrorClass::Internal,
        }
    }
}
