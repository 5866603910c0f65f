//! What people paste: paths, URLs, and GDAL's virtual file system names.

mod beside;
pub(crate) mod hint;
mod parse;
mod vsi;
mod vsicurl_options;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use crate::error::{LocationProblem, Result};
use crate::redact;

/// Where an object is, parsed and not yet opened.
///
/// | written as | read as |
/// |---|---|
/// | `/path`, `relative/path`, `C:\path`, `C:/path`, `file:///path`, `file:/path` | a local file |
/// | `http://…`, `https://…`, `/vsicurl/URL`, `/vsicurl?url=ENCODED&max_retry=N&header.NAME=VALUE` | plain HTTP, whatever the host: never turned into a signed store |
/// | `s3://bucket/key`, `s3a://…`, `/vsis3/bucket/key` | Amazon S3 or what speaks its protocol |
/// | `gs://bucket/key`, `gcs://…`, `/vsigs/bucket/key` | Google Cloud Storage |
/// | `az://container/key`, `abfs[s]://container@account.dfs.core.windows.net/key`, `/vsiaz/container/key`, `/vsiadls/…` | Azure Blob Storage |
///
/// Keys of `s3`, `gs` and `az` locations are taken as they stand: `%20` is three characters of the key, and `s3://bucket//a/../b` has
/// the key `/a/../b`. Blanks around a location and quotation marks around a URL do not count. `Display` and `Debug` are redacted:
/// no user, password, signature or token.
///
/// ```
/// use cog_io::{Location, LocationKind};
/// let location: Location = "/vsis3/bucket/a/b.tif".parse()?;
/// assert!(matches!(location.kind(), LocationKind::S3 { bucket, key } if bucket == "bucket" && key == "a/b.tif"));
/// assert_eq!(location.to_string(), "s3://bucket/a/b.tif");
/// let signed: Location = "https://host/a.tif?X-Amz-Signature=abc".parse()?;
/// assert_eq!(signed.to_string(), "https://host/a.tif?X-Amz-Signature=…");
/// # Ok::<(), cog_io::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Location {
    kind: LocationKind,
    headers: Vec<(String, String)>,
    /// By the names of [`Config::settings`](crate::Config::settings).
    settings: Vec<(&'static str, String)>,
    warnings: Vec<String>,
    shown: Arc<str>,
}

/// What a [`Location`] is. Holds the secrets of a URL: show the `Location` instead.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LocationKind {
    /// A path of the local file system.
    Local(PathBuf),
    /// An `http` or `https` URL, sent as it is.
    Http(Url),
    /// An S3 bucket and key.
    S3 {
        /// Bucket name.
        bucket: String,
        /// Key, without a leading `/`.
        key: String,
    },
    /// A Google Cloud Storage bucket and object name.
    Gs {
        /// Bucket name.
        bucket: String,
        /// Object name, without a leading `/`.
        key: String,
    },
    /// An Azure container and blob name.
    Azure {
        /// Storage account, if the location names it; else it comes from [`Config`](crate::Config).
        account: Option<String>,
        /// Container name.
        container: String,
        /// Blob name, without a leading `/`.
        key: String,
    },
}

impl Location {
    /// A local file.
    ///
    /// # Errors
    /// [`Error::Location`](crate::Error::Location) if the path is empty.
    pub fn from_file_path(path: &Path) -> Result<Self> {
        if path.as_os_str().is_empty() {
            return Err(LocationProblem::EmptyPath.into());
        }
        Ok(Self::new(LocationKind::Local(path.to_owned())))
    }

    /// Plain HTTP or HTTPS, the URL sent exactly as it is.
    ///
    /// # Errors
    /// [`Error::Location`](crate::Error::Location) if the URL is not http(s) or has no host.
    pub fn from_url(url: Url) -> Result<Self> {
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(LocationProblem::NotHttp { url: redact::url(&url) }.into());
        }
        Ok(Self::new(LocationKind::Http(url)))
    }

    /// Adds a header that every request for this location sends. HTTP locations only: signed stores ignore it.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// What it is.
    pub fn kind(&self) -> &LocationKind {
        &self.kind
    }

    #[cfg(any(feature = "http", test))]
    pub(crate) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    #[cfg(any(feature = "http", test))]
    pub(crate) fn settings(&self) -> &[(&'static str, String)] {
        &self.settings
    }

    /// What of the text was not followed.
    #[cfg(any(feature = "http", test))]
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The redacted text that errors and logs show.
    pub(crate) fn shown(&self) -> &Arc<str> {
        &self.shown
    }

    /// The full text, secrets included: what tells this location from others inside a session.
    #[cfg(feature = "http")]
    pub(crate) fn identity(&self) -> String {
        let mut identity = match &self.kind {
            LocationKind::Http(url) => url.to_string(),
            LocationKind::Azure { account, container, key } => {
                format!("az://{container}@{}/{key}", account.as_deref().unwrap_or(""))
            }
            _ => self.shown.to_string(),
        };
        for (name, value) in &self.headers {
            identity.push_str(&format!("\n{name}: {value}"));
        }
        identity
    }

    fn new(kind: LocationKind) -> Self {
        let shown = match &kind {
            LocationKind::Local(path) => path.display().to_string(),
            LocationKind::Http(url) => redact::url(url),
            LocationKind::S3 { bucket, key } => format!("s3://{bucket}/{key}"),
            LocationKind::Gs { bucket, key } => format!("gs://{bucket}/{key}"),
            LocationKind::Azure { account: None, container, key } => format!("az://{container}/{key}"),
            LocationKind::Azure { account: Some(account), container, key } => {
                format!("abfss://{container}@{account}.dfs.core.windows.net/{key}")
            }
        };
        Self { kind, headers: Vec::new(), settings: Vec::new(), warnings: Vec::new(), shown: shown.into() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({})", self.shown)
    }
}

impl fmt::Debug for LocationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            LocationKind::Local(_) => "Local",
            LocationKind::Http(_) => "Http",
            LocationKind::S3 { .. } => "S3",
            LocationKind::Gs { .. } => "Gs",
            LocationKind::Azure { .. } => "Azure",
        };
        write!(f, "{name}({})", Location::new(self.clone()).shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let location = Location::parse("https://user:pass@h/a.tif?token=tok").unwrap();
        let shown = format!("{location} {location:?} {:?}", location.kind());
        assert!(!shown.contains("pass") && !shown.contains("tok}") && !shown.contains("=tok"), "{shown}");
        let broken = Location::parse("https://user:pass@h:port/a").unwrap_err().to_string();
        assert!(!broken.contains("pass"), "{broken}");
    }
}
