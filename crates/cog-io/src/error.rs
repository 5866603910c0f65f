//! What can go wrong between a location and its bytes.

mod config_problem;
mod location_problem;
pub(crate) mod store;

pub use self::config_problem::ConfigProblem;
pub use self::location_problem::LocationProblem;
pub use cog_error::ErrorClass;

use std::io;
use std::ops::Range;
use std::sync::Arc;

/// The result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error, split by who can act on it.
///
/// Locations in the text are redacted: no query values, no passwords, no tokens. The error is cheap to clone, because one
/// failed request may answer several callers. The text tells the whole cause, so [`source`](std::error::Error::source) is `None`
/// where a cause is a part of the text: print the error alone, not its chain.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing is there: a missing file, HTTP 404 or 410, a missing key or bucket.
    #[error("{location}: not found{}", detail_text(.detail))]
    NotFound {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// What the server said about it, or nothing.
        detail: String,
    },
    /// The store refused: HTTP 401 or 403, missing credentials, file permissions.
    #[error("{location}: access denied{}", detail_text(.detail))]
    Denied {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// Status, the store's error code, and what may help.
        detail: String,
    },
    /// The object is not the one that was opened.
    #[error("{location}: changed while it was being read: {detail}")]
    Changed {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// Which part of the version differs.
        detail: String,
    },
    /// The file or object has no bytes.
    #[error("{location}: is empty (0 bytes)")]
    Empty {
        /// What was asked for, redacted.
        location: Arc<str>,
    },
    /// The path is a directory, a pipe or a device.
    #[error("{location}: is {kind}, not a file")]
    NotAFile {
        /// What was asked for.
        location: Arc<str>,
        /// "a directory", "a pipe or device".
        kind: &'static str,
    },
    /// A range does not lie inside the object. Either the caller asked wrongly, or a file claims bytes that it does not have: a
    /// reader of files calls that [`Format`](ErrorClass::Format), this crate cannot know it.
    #[error("{location}: offset {} with length {} is out of bounds for a {size}-byte file", .range.start, .range.end.saturating_sub(.range.start))]
    OutOfBounds {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// The range wanted.
        range: Range<u64>,
        /// The size of the whole object.
        size: u64,
    },
    /// No connection: a name that does not resolve, a refused connection, no route, a certificate that is not trusted.
    #[error("{location}: cannot connect to {host}: {reason}")]
    Connect {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// Host and port.
        host: String,
        /// Why.
        reason: String,
    },
    /// Nothing came in time.
    #[error("{location}: timed out: {what} took longer than {seconds} s")]
    Timeout {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// The step that took too long.
        what: &'static str,
        /// The limit that was hit.
        seconds: f64,
    },
    /// A status that none of the others stands for, after the retries it deserves.
    #[error("{location}: HTTP {status}{}", detail_text(.detail))]
    Http {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// The status code.
        status: u16,
        /// The store's error code or the reason phrase.
        detail: String,
    },
    /// The server's answer contradicts HTTP (RFC 9110) or the request: a shifted Content-Range, a compressed range, a short body.
    #[error("{location}: the server broke the protocol: {detail}")]
    Protocol {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// What was expected and what came.
        detail: String,
    },
    /// The operating system or the connection failed.
    #[error("{location}: {source}")]
    Io {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// The failure below, which the text tells.
        r#source: Arc<io::Error>,
    },
    /// A store that is not ours (one the caller brought, or a credential service) failed.
    #[error("{location}: {detail}")]
    Store {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// The store's own text, with URLs redacted.
        detail: String,
    },
    /// A scheme, a GDAL virtual file system or a build feature that is not here.
    #[error("{location}: {what} is not supported{}", detail_text(.hint))]
    Unsupported {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// The scheme, option or feature.
        what: String,
        /// What to do instead, or nothing.
        hint: String,
    },
    /// A bound of [`Config`](crate::Config) was hit.
    #[error("{location}: {what} of {value} exceeds the limit of {limit} ({setting})")]
    Limits {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// What is bounded.
        what: &'static str,
        /// What was wanted.
        value: u64,
        /// What is allowed.
        limit: u64,
        /// The setting that raises it.
        setting: &'static str,
    },
    /// A text that is not a location, or a location that cannot be sent.
    #[error("{0}")]
    Location(LocationProblem),
    /// A setting that means nothing.
    #[error("{0}")]
    Config(ConfigProblem),
    /// A range that ends before it starts.
    #[error("{location}: the range {}..{} ends before it starts", .range.start, .range.end)]
    InvertedRange {
        /// What was asked for, redacted.
        location: Arc<str>,
        /// The range wanted.
        range: Range<u64>,
    },
    /// A remote object was read outside a Tokio runtime.
    #[error("remote objects are read inside a Tokio runtime, and there is none here")]
    NoRuntime,
    /// The Tokio runtime in which a request ran was shut down before the answer came.
    #[error("the Tokio runtime that ran a request has ended")]
    RuntimeEnded,
    /// A mistake of this crate: please report it.
    #[error("{what} (a mistake in cog-io)")]
    Internal {
        /// What should not have happened.
        what: String,
    },
}

fn detail_text(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(" ({detail})") }
}

impl From<LocationProblem> for Error {
    fn from(problem: LocationProblem) -> Self {
        Error::Location(problem)
    }
}

impl From<ConfigProblem> for Error {
    fn from(problem: ConfigProblem) -> Self {
        Error::Config(problem)
    }
}

impl Error {
    /// Who can act on it.
    pub fn class(&self) -> ErrorClass {
        match self {
            Error::NotFound { .. } => ErrorClass::NotFound,
            Error::Denied { .. } => ErrorClass::Denied,
            Error::Changed { .. } => ErrorClass::Changed,
            Error::Empty { .. } => ErrorClass::Format,
            Error::Connect { .. }
            | Error::Timeout { .. }
            | Error::Http { .. }
            | Error::Protocol { .. }
            | Error::Io { .. }
            | Error::Store { .. } => ErrorClass::Io,
            Error::Unsupported { .. } => ErrorClass::Unsupported,
            Error::Limits { .. } => ErrorClass::Limits,
            Error::NotAFile { .. }
            | Error::OutOfBounds { .. }
            | Error::Location(_)
            | Error::Config(_)
            | Error::InvertedRange { .. }
            | Error::NoRuntime
            | Error::RuntimeEnded => ErrorClass::Usage,
            Error::Internal { .. } => ErrorClass::Internal,
        }
    }

    /// For a range that is not a part of an object of `size` bytes.
    pub(crate) fn bad_range(location: &Arc<str>, range: Range<u64>, size: u64) -> Self {
        let location = Arc::clone(location);
        match range.start > range.end {
            true => Error::InvertedRange { location, range },
            false => Error::OutOfBounds { location, range, size },
        }
    }

    pub(crate) fn internal(what: impl Into<String>) -> Self {
        Error::Internal { what: what.into() }
    }

    pub(crate) fn io(location: &Arc<str>, source: io::Error) -> Self {
        let location = Arc::clone(location);
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Error::NotFound { location, detail: String::new() }
            }
            io::ErrorKind::PermissionDenied => Error::Denied { location, detail: "file permissions".into() },
            _ => Error::Io { location, source: Arc::new(source) },
        }
    }

    pub(crate) fn protocol(location: &Arc<str>, detail: impl Into<String>) -> Self {
        Error::Protocol { location: Arc::clone(location), detail: detail.into() }
    }

    pub(crate) fn changed(location: &Arc<str>, detail: impl Into<String>) -> Self {
        Error::Changed { location: Arc::clone(location), detail: detail.into() }
    }

    /// True for [`Error::Changed`]: opening the location again shows the new object.
    pub fn is_changed(&self) -> bool {
        matches!(self, Error::Changed { .. })
    }

    /// True for [`Error::NotFound`].
    pub fn is_not_found(&self) -> bool {
        matches!(self, Error::NotFound { .. })
    }
}
