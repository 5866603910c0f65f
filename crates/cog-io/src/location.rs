//! What people paste: paths, URLs, and GDAL's virtual file system names.

pub(crate) mod hint;
mod vsi;
mod vsicurl_options;

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use url::Url;

use crate::error::{Error, Result};
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
    /// Parses what a user pasted.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for schemes and virtual file systems that are not here (`/vsizip/`, `/vsimem/`, `ftp://` …);
    /// [`Error::Usage`] for what cannot be parsed (a URL without host, a bucket without key).
    pub fn parse(text: &str) -> Result<Self> {
        // What is copied from a page may end in characters that nobody sees.
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'));
        if text.is_empty() {
            return Err(Error::Usage("the location is empty".into()));
        }
        if let Some(inner) = hint::unquoted(text).filter(|inner| is_url(inner) || inner.starts_with("/vsi")) {
            return Self::parse(inner);
        }
        if let Some(location) = text.strip_prefix("/vsi").and_then(vsi::parse) {
            return location;
        }
        let Some((scheme, rest)) = text.split_once(':').filter(|_| is_url(text)) else {
            return Self::from_file_path(Path::new(text));
        };
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        match scheme.to_ascii_lowercase().as_str() {
            "file" => {
                let url = Url::parse(text).map_err(|error| unparsable("file URL", error))?;
                let path = url.to_file_path().map_err(|()| {
                    Error::Usage(format!(
                        "{}: a file URL names no local path (use file:///absolute/path)",
                        redact::url(&url)
                    ))
                })?;
                Self::from_file_path(&path)
            }
            "http" | "https" => Self::from_url(Url::parse(text).map_err(|error| unparsable("URL", error))?),
            "s3" | "s3a" => bucket_and_key("s3", rest).map(|(bucket, key)| Self::new(LocationKind::S3 { bucket, key })),
            "gs" | "gcs" => bucket_and_key("gs", rest).map(|(bucket, key)| Self::new(LocationKind::Gs { bucket, key })),
            "az" | "azure" | "abfs" | "abfss" | "adl" | "wasb" | "wasbs" => {
                let (authority, key) = bucket_and_key("az", rest)?;
                let (account, container) = match authority.split_once('@') {
                    Some((container, host)) => (host.split('.').next().map(str::to_owned), container.to_owned()),
                    None => (None, authority),
                };
                Ok(Self::new(LocationKind::Azure { account, container, key }))
            }
            other => Err(Error::Unsupported {
                location: format!("{other}://…").into(),
                what: format!("the scheme \"{other}\""),
                hint: "known: a path, file, http, https, s3, gs, az, abfs, abfss".into(),
            }),
        }
    }

    /// Parses an argument of a command line, which need not be UTF-8: what is not names a local file by its bytes.
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse); [`Error::Usage`] for a URL that is not UTF-8.
    pub fn from_os_str(text: &OsStr) -> Result<Self> {
        if let Some(text) = text.to_str() {
            return Self::parse(text);
        }
        let shown = text.to_string_lossy();
        let is_url = shown.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme));
        if is_url || shown.starts_with("/vsi") {
            return Err(Error::Usage("the URL is not UTF-8: bytes of other encodings are written as %XX".into()));
        }
        Self::from_file_path(Path::new(text))
    }

    /// A local file.
    ///
    /// # Errors
    /// [`Error::Usage`] if the path is empty.
    pub fn from_file_path(path: &Path) -> Result<Self> {
        if path.as_os_str().is_empty() {
            return Err(Error::Usage("the path is empty".into()));
        }
        Ok(Self::new(LocationKind::Local(path.to_owned())))
    }

    /// Plain HTTP or HTTPS, the URL sent exactly as it is.
    ///
    /// # Errors
    /// [`Error::Usage`] if the URL is not http(s) or has no host.
    pub fn from_url(url: Url) -> Result<Self> {
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(Error::Usage(format!("{}: not an http or https URL with a host", redact::url(&url))));
        }
        Ok(Self::new(LocationKind::Http(url)))
    }

    /// Adds a header that every request for this location sends. HTTP locations only: signed stores ignore it.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The object beside this one whose name goes on with `suffix`, as side-car files are named: `a.tif` and `a.tif.ovr`. A
    /// URL keeps its query, and headers stay.
    ///
    /// ```
    /// let location: cog_io::Location = "https://host/a.tif?token=1".parse()?;
    /// assert_eq!(location.with_suffix(".ovr").to_string(), "https://host/a.tif.ovr?token=…");
    /// # Ok::<(), cog_io::Error>(())
    /// ```
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        self.renamed(|path| {
            path.push(suffix);
        })
    }

    /// The object beside this one whose name ends with another extension, as world files are named: `a.tif` and `a.tfw`. A
    /// name without an extension gets one.
    ///
    /// ```
    /// let location: cog_io::Location = "s3://bucket/b.c/a.tif".parse()?;
    /// assert_eq!(location.with_extension("tfw").to_string(), "s3://bucket/b.c/a.tfw");
    /// # Ok::<(), cog_io::Error>(())
    /// ```
    #[must_use]
    pub fn with_extension(&self, extension: &str) -> Self {
        self.renamed(|path| {
            let stem = match path.to_str().and_then(|path| path.rsplit_once('.')) {
                Some((stem, last)) if !last.contains(['/', '\\']) => stem.into(),
                _ => std::path::Path::new(path).with_extension("").into_os_string(),
            };
            *path = stem;
            path.push(".");
            path.push(extension);
        })
    }

    /// What stands behind the last dot of the name.
    pub fn extension(&self) -> Option<String> {
        let path = match &self.kind {
            LocationKind::Local(path) => path.to_string_lossy().into_owned(),
            LocationKind::Http(url) => url.path().to_string(),
            LocationKind::S3 { key, .. } | LocationKind::Gs { key, .. } | LocationKind::Azure { key, .. } => {
                key.clone()
            }
        };
        let name = path.rsplit(['/', '\\']).next()?;
        name.rsplit_once('.').map(|(_, extension)| extension.to_string())
    }

    /// The same with another path or key; query and headers stay.
    fn renamed(&self, rename: impl Fn(&mut std::ffi::OsString)) -> Self {
        let renamed = |text: &str| {
            let mut path = std::ffi::OsString::from(text);
            rename(&mut path);
            path.to_string_lossy().into_owned()
        };
        let kind = match &self.kind {
            LocationKind::Local(path) => {
                let mut path = path.clone().into_os_string();
                rename(&mut path);
                LocationKind::Local(path.into())
            }
            LocationKind::Http(url) => {
                let mut url = url.clone();
                let path = renamed(url.path());
                url.set_path(&path);
                LocationKind::Http(url)
            }
            LocationKind::S3 { bucket, key } => LocationKind::S3 { bucket: bucket.clone(), key: renamed(key) },
            LocationKind::Gs { bucket, key } => LocationKind::Gs { bucket: bucket.clone(), key: renamed(key) },
            LocationKind::Azure { account, container, key } => {
                LocationKind::Azure { account: account.clone(), container: container.clone(), key: renamed(key) }
            }
        };
        let Self { headers, settings, warnings, .. } = self.clone();
        Self { headers, settings, warnings, ..Self::new(kind) }
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

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
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

/// `scheme://…`, or `file:/path` (RFC 8089). One letter before the colon is a Windows drive, not a scheme.
fn is_url(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        is_scheme(scheme) && (rest.starts_with("//") || scheme.eq_ignore_ascii_case("file") && rest.starts_with('/'))
    })
}

/// RFC 3986 scheme of at least two characters.
fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

fn bucket_and_key(scheme: &str, rest: &str) -> Result<(String, String)> {
    match rest.split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => Ok((bucket.to_owned(), key.to_owned())),
        _ => Err(Error::Usage(format!(
            "{scheme}://{rest}: a bucket (container) and a key are needed: {scheme}://bucket/key"
        ))),
    }
}

/// The text itself is not shown: what cannot be parsed cannot be redacted.
fn unparsable(what: &str, error: url::ParseError) -> Error {
    Error::Usage(format!("the {what} cannot be parsed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_goes_to_the_name_not_to_the_query() {
        let with = |text: &str| Location::parse(text).unwrap().with_suffix(".ovr");
        assert_eq!(with("/data/a b.tif").to_string(), "/data/a b.tif.ovr");
        assert_eq!(with("s3://bucket/a%20b.tif").to_string(), "s3://bucket/a%20b.tif.ovr");
        assert_eq!(with("az://container/a.tif").to_string(), "az://container/a.tif.ovr");
        let LocationKind::Http(url) = with("https://host/a%20b.tif?sig=x/y#f").kind().clone() else { panic!("no URL") };
        assert_eq!(url.as_str(), "https://host/a%20b.tif.ovr?sig=x/y#f");
        let curl = with("/vsicurl?url=https%3A%2F%2Fhost%2Fa.tif&header.X-Key=1");
        assert_eq!((curl.to_string().as_str(), curl.headers().len()), ("https://host/a.tif.ovr", 1));
    }

    #[test]
    fn an_extension_is_that_of_the_name_not_of_a_folder() {
        let with = |text: &str| {
            let location = Location::parse(text).unwrap();
            (location.extension(), location.with_extension("tfw").to_string())
        };
        let some = |text: &str| Some(text.to_string());
        assert_eq!(with("/data/v1.2/a b.tif"), (some("tif"), "/data/v1.2/a b.tfw".into()));
        assert_eq!(with("/data/v1.2/a"), (None, "/data/v1.2/a.tfw".into()));
        assert_eq!(with("s3://bucket/v1.2/a.x.TIF"), (some("TIF"), "s3://bucket/v1.2/a.x.tfw".into()));
        assert_eq!(with("az://container/a.tiff"), (some("tiff"), "az://container/a.tfw".into()));
        assert_eq!(with("https://host/a%20b.tif?x=1.2/3"), (some("tif"), "https://host/a%20b.tfw?x=…".into()));
    }

    fn kind(text: &str) -> LocationKind {
        Location::parse(text).unwrap().kind().clone()
    }

    #[test]
    fn paths_with_colons_and_drives_are_paths() {
        for path in ["/data/a.tif", "a.tif", "../a b.tif", "C:\\x\\y.tif", "C:/x", "a:b.tif", "2024:01.tif"] {
            assert_eq!(kind(path), LocationKind::Local(path.into()), "{path}");
        }
        for url in ["file:///tmp/a%20b.tif", "file:///tmp/a b.tif", "FILE:/tmp/a b.tif", "file://localhost/tmp/a b.tif"]
        {
            assert_eq!(kind(url), LocationKind::Local("/tmp/a b.tif".into()), "{url}");
        }
    }

    #[test]
    fn what_was_pasted_around_a_url_does_not_count() {
        for text in [
            "'https://host/a.tif'",
            "\"https://host/a.tif\"",
            "<https://host/a.tif>\n",
            " “https://host/a.tif” ",
            "HTTPS://HOST/a.tif\r\n",
            "https://host/a.tif\u{200b}",
            "'/vsicurl/https://host/a.tif'",
            "https://host\\a.tif",
        ] {
            assert!(matches!(kind(text), LocationKind::Http(url) if url.as_str() == "https://host/a.tif"), "{text}");
        }
        assert_eq!(kind("'a.tif'"), LocationKind::Local("'a.tif'".into()), "a file may be called so");
    }

    #[cfg(unix)]
    #[test]
    fn a_path_need_not_be_utf8() {
        use std::os::unix::ffi::OsStrExt;

        let parsed = |bytes: &'static [u8]| Location::from_os_str(OsStr::from_bytes(bytes));
        let path = Path::new(OsStr::from_bytes(b"caf\xe9/a.tif"));
        assert_eq!(parsed(b"caf\xe9/a.tif").unwrap().kind(), &LocationKind::Local(path.to_owned()));
        assert_eq!(parsed(b"s3://b/k.tif").unwrap(), Location::parse("s3://b/k.tif").unwrap());
        for url in [&b"https://h/caf\xe9.tif"[..], b"/vsis3/b/caf\xe9.tif"] {
            assert!(matches!(parsed(url), Err(Error::Usage(_))));
        }
    }

    #[test]
    fn https_stays_http_whatever_the_host() {
        for url in [
            "https://bucket.s3.amazonaws.com/a.tif",
            "https://s3.eu-west-1.amazonaws.com/b/a.tif?X-Amz-Signature=x",
            "https://account.blob.core.windows.net/c/a.tif",
            "https://storage.googleapis.com/b/a.tif",
        ] {
            assert!(matches!(kind(url), LocationKind::Http(got) if got.as_str() == url), "{url}");
        }
    }

    #[test]
    fn a_url_is_sent_with_its_odd_characters_as_they_are() {
        assert!(matches!(kind("http://h/a%2Bb+c%20d.tif?sig=a%2Fb"), LocationKind::Http(url)
            if url.as_str() == "http://h/a%2Bb+c%20d.tif?sig=a%2Fb"));
    }

    #[test]
    fn buckets_and_keys() {
        assert_eq!(
            kind("s3://b/k/a b+%2B#.tif"),
            LocationKind::S3 { bucket: "b".into(), key: "k/a b+%2B#.tif".into() }
        );
        assert_eq!(kind("s3://b//a/../c/"), LocationKind::S3 { bucket: "b".into(), key: "/a/../c/".into() });
        assert_eq!(kind("gs://b/k"), LocationKind::Gs { bucket: "b".into(), key: "k".into() });
        assert_eq!(kind("az://c/k"), LocationKind::Azure { account: None, container: "c".into(), key: "k".into() });
        assert_eq!(
            kind("abfss://c@acc.dfs.core.windows.net/d/k"),
            LocationKind::Azure { account: Some("acc".into()), container: "c".into(), key: "d/k".into() }
        );
        assert!(matches!(Location::parse("s3://bucket"), Err(Error::Usage(_))));
    }

    #[test]
    fn other_schemes_are_named() {
        let error = Location::parse("ftp://host/a.tif").unwrap_err();
        assert!(matches!(&error, Error::Unsupported { .. }));
        assert!(error.to_string().contains("\"ftp\""), "{error}");
    }

    #[test]
    fn nothing_secret_is_shown() {
        let location = Location::parse("https://user:pass@h/a.tif?token=tok").unwrap();
        let shown = format!("{location} {location:?} {:?}", location.kind());
        assert!(!shown.contains("pass") && !shown.contains("tok}") && !shown.contains("=tok"), "{shown}");
        let broken = Location::parse("https://user:pass@h:port/a").unwrap_err().to_string();
        assert!(!broken.contains("pass"), "{broken}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_parses_or_is_refused(text in "\\PC{0,60}") {
            let _ = Location::parse(&text);
        }
    }
}
