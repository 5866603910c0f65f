//! From the text that a user pasted to a location.

use std::ffi::OsStr;
use std::path::Path;
use std::str::FromStr;

use url::Url;

use super::{Location, LocationKind, hint, vsi};
use crate::error::{Error, LocationProblem, Result};
use crate::redact;

impl Location {
    /// Parses what a user pasted.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for schemes and virtual file systems that are not here (`/vsizip/`, `/vsimem/`, `ftp://` …);
    /// [`Error::Location`] for what cannot be parsed (a URL without host, a bucket without key).
    pub fn parse(text: &str) -> Result<Self> {
        // What is copied from a page may end in characters that nobody sees.
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'));
        if text.is_empty() {
            return Err(LocationProblem::Empty.into());
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
                let path = url.to_file_path().map_err(|()| LocationProblem::NotLocal { url: redact::url(&url) })?;
                Self::from_file_path(&path)
            }
            "http" | "https" => Self::from_url(Url::parse(text).map_err(|error| unparsable("URL", error))?),
            "s3" | "s3a" => {
                bucket_and_key("s3://", rest).map(|(bucket, key)| Self::new(LocationKind::S3 { bucket, key }))
            }
            "gs" | "gcs" => {
                bucket_and_key("gs://", rest).map(|(bucket, key)| Self::new(LocationKind::Gs { bucket, key }))
            }
            "az" | "azure" | "abfs" | "abfss" | "adl" | "wasb" | "wasbs" => {
                let (authority, key) = bucket_and_key("az://", rest)?;
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
    /// Those of [`parse`](Self::parse); [`Error::Location`] for a URL that is not UTF-8.
    pub fn from_os_str(text: &OsStr) -> Result<Self> {
        if let Some(text) = text.to_str() {
            return Self::parse(text);
        }
        let shown = text.to_string_lossy();
        let is_url = shown.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme));
        if is_url || shown.starts_with("/vsi") {
            return Err(LocationProblem::NotUtf8.into());
        }
        Self::from_file_path(Path::new(text))
    }
}

impl FromStr for Location {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
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

/// `prefix` is how such locations begin.
pub(super) fn bucket_and_key(prefix: &'static str, rest: &str) -> Result<(String, String)> {
    match rest.split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => Ok((bucket.to_owned(), key.to_owned())),
        _ => Err(LocationProblem::NoKey { prefix, rest: rest.to_owned() }.into()),
    }
}

/// The text itself is not shown: what cannot be parsed cannot be redacted.
pub(super) fn unparsable(what: &'static str, error: url::ParseError) -> Error {
    LocationProblem::Unparsable { what, cause: error.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert!(matches!(parsed(url), Err(Error::Location(LocationProblem::NotUtf8))));
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
    }

    #[test]
    fn a_bucket_without_key_says_what_to_type() {
        for (text, told) in [
            ("s3://bucket", "s3://bucket: a bucket (container) and a key are needed: s3://bucket/key"),
            ("/vsigs/bucket/", "/vsigs/bucket/: a bucket (container) and a key are needed: /vsigs/bucket/key"),
            ("az:///k", "az:///k: a bucket (container) and a key are needed: az://bucket/key"),
        ] {
            let error = Location::parse(text).unwrap_err();
            assert!(matches!(error, Error::Location(LocationProblem::NoKey { .. })), "{text}");
            assert_eq!(error.to_string(), told);
        }
    }

    #[test]
    fn other_schemes_are_named() {
        let error = Location::parse("ftp://host/a.tif").unwrap_err();
        assert!(matches!(&error, Error::Unsupported { .. }));
        assert!(error.to_string().contains("\"ftp\""), "{error}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_parses_or_is_refused(text in "\\PC{0,60}") {
            let _ = Location::parse(&text);
        }
    }
}
