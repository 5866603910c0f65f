//! Why a text is not a location.

use std::fmt;
use std::sync::Arc;

/// Why a text is not a [`Location`](crate::Location), or why it cannot be sent. URLs are redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LocationProblem {
    /// Nothing but blanks.
    Empty,
    /// A path without characters.
    EmptyPath,
    /// The bytes of a URL are not UTF-8.
    NotUtf8,
    /// The text breaks the grammar of URLs. It is not shown: what cannot be parsed cannot be redacted.
    Unparsable {
        /// Which URL: "URL", "file URL", "URL after /vsicurl/".
        what: &'static str,
        /// The rule that it breaks.
        cause: String,
    },
    /// A `file:` URL with a host, or without an absolute path.
    NotLocal {
        /// The URL.
        url: String,
    },
    /// Neither `http` nor `https`, or without a host.
    NotHttp {
        /// The URL.
        url: String,
    },
    /// A bucket (container) without a key, or a key without a bucket.
    NoKey {
        /// How such locations begin: `s3://`, `/vsis3/`.
        prefix: &'static str,
        /// What follows.
        rest: String,
    },
    /// A percent-encoded URL after `/vsicurl/`, where GDAL takes it as it is.
    EncodedUrl,
    /// `/vsicurl?` without `url=`.
    NoUrl,
    /// A URL or key with characters that HTTP cannot carry.
    Unsendable {
        /// The location.
        location: Arc<str>,
        /// "URL" or "key".
        what: &'static str,
    },
}

impl fmt::Display for LocationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the location is empty"),
            Self::EmptyPath => f.write_str("the path is empty"),
            Self::NotUtf8 => f.write_str("the URL is not UTF-8: bytes of other encodings are written as %XX"),
            Self::Unparsable { what, cause } => write!(f, "the {what} cannot be parsed: {cause}"),
            Self::NotLocal { url } => {
                write!(f, "{url}: a file URL without a local path (use file:///absolute/path)")
            }
            Self::NotHttp { url } => write!(f, "{url}: not an http or https URL with a host"),
            Self::NoKey { prefix, rest } => {
                write!(f, "{prefix}{rest}: a bucket (container) and a key are needed: {prefix}bucket/key")
            }
            Self::EncodedUrl => {
                f.write_str("the URL after /vsicurl/ is taken as it is: a percent-encoded one goes into /vsicurl?url=…")
            }
            Self::NoUrl => f.write_str("/vsicurl? needs url=ENCODED_URL"),
            Self::Unsendable { location, what } => write!(f, "{location}: the {what} cannot be sent as it is"),
        }
    }
}
