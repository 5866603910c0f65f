//! From an href to a location (RFC 3986, section 5).

use std::path::Path;

use cog_io::{Location, LocationKind};

use crate::error::{Error, Result};
use crate::stac::bounded;

/// Where an href leads that stands in a document at `base`.
///
/// # Errors
/// Schemes that nothing reads, and a relative href without a base.
pub(crate) fn resolve(href: &str, base: Option<&Location>) -> Result<Location> {
    let href = href.trim();
    if is_absolute(href) {
        return absolute(href);
    }
    let Some(base) = base else { return Err(Error::RelativeHref { href: shown(href) }) };
    match base.kind() {
        LocationKind::Http(url) => {
            let joined = url.join(href).map_err(|_| Error::RelativeHref { href: shown(href) })?;
            Ok(Location::from_url(joined)?)
        }
        LocationKind::Local(path) => {
            let path = if href.starts_with('/') { Path::new(href).to_path_buf() } else { beside(path, href) };
            Ok(Location::from_file_path(&path)?)
        }
        LocationKind::S3 { bucket, key } => Ok(Location::parse(&format!("s3://{bucket}/{}", join(key, href)))?),
        LocationKind::Gs { bucket, key } => Ok(Location::parse(&format!("gs://{bucket}/{}", join(key, href)))?),
        LocationKind::Azure { account: None, container, key } => {
            Ok(Location::parse(&format!("az://{container}/{}", join(key, href)))?)
        }
        LocationKind::Azure { account: Some(account), container, key } => {
            let host = format!("{account}.dfs.core.windows.net");
            Ok(Location::parse(&format!("abfss://{container}@{host}/{}", join(key, href)))?)
        }
        _ => Err(Error::RelativeHref { href: shown(href) }),
    }
}

/// The location of an absolute href, for what a document says of itself.
pub(super) fn own(href: &str) -> Option<Location> {
    let href = href.trim();
    (is_absolute(href) || href.starts_with('/')).then(|| absolute(href).ok()).flatten()
}

fn absolute(href: &str) -> Result<Location> {
    match href.split_once(':') {
        // Location takes names without // for paths; in an href they are schemes: data:, urn:, mailto:
        Some((scheme, rest)) if is_scheme(scheme) && !rest.starts_with('/') => {
            Err(Error::Io(cog_io::Error::Unsupported {
                location: format!("{scheme}:…").into(),
                what: format!("the scheme \"{}\"", scheme.to_ascii_lowercase()),
                hint: "known: a path, file, http, https, s3, gs, az, abfs, abfss".into(),
            }))
        }
        _ => Ok(Location::parse(href)?),
    }
}

/// A scheme, a drive of Windows, or one of GDAL's names.
fn is_absolute(href: &str) -> bool {
    let drive = |scheme: &str, rest: &str| scheme.len() == 1 && rest.starts_with(['/', '\\']);
    href.starts_with("/vsi")
        || href
            .split_once(':')
            .is_some_and(|(scheme, rest)| is_scheme(scheme) || is_letter(scheme) && drive(scheme, rest))
}

fn is_letter(text: &str) -> bool {
    text.len() == 1 && text.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_scheme(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// A path beside a local document. `..` stays: behind a link it leads elsewhere than the text says.
fn beside(document: &Path, href: &str) -> std::path::PathBuf {
    let mut path = document.parent().unwrap_or(Path::new("")).to_path_buf();
    path.extend(href.split('/').filter(|part| !matches!(*part, "" | ".")));
    path
}

/// A key beside a key; `..` ends at the bucket.
fn join(key: &str, href: &str) -> String {
    if let Some(from_root) = href.strip_prefix('/') {
        return from_root.to_owned();
    }
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = if folder.is_empty() { Vec::new() } else { folder.split('/').collect() };
    for part in href.split('/') {
        match part {
            "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// An href as it may be shown: what stands behind `?` may be a secret.
fn shown(href: &str) -> String {
    let (path, query) = href.split_once('?').map_or((href, ""), |(path, _)| (path, "?…"));
    bounded(path, 120) + query
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(href: &str, base: &str) -> String {
        let found = resolve(href, Some(&Location::parse(base).unwrap())).unwrap();
        match found.kind() {
            LocationKind::Http(url) => url.to_string(),
            _ => found.to_string(),
        }
    }

    /// As Python's `urllib.parse.urljoin`, which pystac and rio-tiler use.
    #[test]
    fn relative_hrefs_lead_beside_the_document() {
        let base = "https://host/a/b/item.json?token=1";
        assert_eq!(to("./red.tif", base), "https://host/a/b/red.tif");
        assert_eq!(to("../red.tif?sig=x", base), "https://host/a/red.tif?sig=x");
        assert_eq!(to("/red.tif", base), "https://host/red.tif");
        assert_eq!(to("//other/red.tif", base), "https://other/red.tif");
        assert_eq!(to("s3://bucket/red.tif", base), "s3://bucket/red.tif");
        assert_eq!(to("https://other/red.tif", "/data/item.json"), "https://other/red.tif");

        assert_eq!(to("./c/red.tif", "/data/b/item.json"), "/data/b/c/red.tif");
        assert_eq!(to("../red.tif", "b/item.json"), "b/../red.tif");
        assert_eq!(to("red.tif", "item.json"), "red.tif");
        assert_eq!(to("/red.tif", "/data/item.json"), "/red.tif");

        assert_eq!(to("../c/red%20.tif", "s3://bucket/a/b/item.json"), "s3://bucket/a/c/red%20.tif");
        assert_eq!(to("../../../red.tif", "gs://bucket/a/item.json"), "gs://bucket/red.tif");
        assert_eq!(to("/red.tif", "az://container/a/item.json"), "az://container/red.tif");
        let account = "abfss://container@account.dfs.core.windows.net/a/item.json";
        assert_eq!(to("red.tif", account), "abfss://container@account.dfs.core.windows.net/a/red.tif");
    }

    #[test]
    fn hrefs_that_lead_nowhere_say_why() {
        let base = Location::parse("/data/item.json").unwrap();
        for (href, scheme) in
            [("ftp://host/a.tif", "\"ftp\""), ("data:image/tiff;base64,AA", "\"data\""), ("urn:x:y", "\"urn\"")]
        {
            let error = resolve(href, Some(&base)).unwrap_err().to_string();
            assert!(error.contains(scheme) && !error.contains("base64"), "{error}");
        }
        let error = resolve("red.tif?sig=secret", None).unwrap_err().to_string();
        assert!(error.contains("red.tif?…") && !error.contains("secret"), "{error}");
    }
}
