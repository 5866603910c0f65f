//! What to type instead of a path that was not found.

use std::path::Path;

use crate::redact;

/// Marks that a name was quoted twice, or copied out of a text.
const QUOTES: [(char, char); 6] = [('\'', '\''), ('"', '"'), ('<', '>'), ('`', '`'), ('‘', '’'), ('“', '”')];

/// The text between quotation marks around it.
pub(super) fn unquoted(text: &str) -> Option<&str> {
    QUOTES.iter().find_map(|(open, close)| {
        let inner = text.strip_prefix(*open)?.strip_suffix(*close)?.trim();
        (!inner.is_empty()).then_some(inner)
    })
}

/// Why a path may not be what was meant, and what to type; empty if it looks like a path.
pub(crate) fn for_missing(path: &Path) -> String {
    let Some(text) = path.to_str() else { return String::new() };
    if let Some(inner) = unquoted(text) {
        return format!("the quotation marks are taken for a part of the name; without them: {}", redact::text(inner));
    }
    if text.starts_with(['\'', '"', '<', '‘', '“']) || text.ends_with(['\'', '"', '>', '’', '”']) {
        return "a quotation mark is taken for a part of the name".into();
    }
    if let Some(rest) = text.strip_prefix('~') {
        let home = if rest.is_empty() || rest.starts_with('/') { "$HOME" } else { "the folder of that user" };
        return format!("~ is expanded by the shell, and only without quotes; type {home} instead");
    }
    if let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_url_scheme(scheme)) {
        let host = rest.trim_start_matches(['/', '\\']).replace('\\', "/");
        return format!("for a URL type {}", redact::text(&format!("{}://{host}", scheme.to_ascii_lowercase())));
    }
    if let Some(prefix) = text.split_once(':').map(|(prefix, _)| prefix).filter(|prefix| is_gdal_prefix(prefix)) {
        return format!("names that begin with {}: are GDAL's and not known here", prefix.to_ascii_uppercase());
    }
    if cfg!(not(windows)) && text.contains('\\') {
        let drive = text.as_bytes().get(1) == Some(&b':');
        let windows = if drive { "a path of Windows; here" } else { "\\ is a part of the name here:" };
        return format!("{windows} folders are separated by /");
    }
    if looks_like_host(text) {
        return format!("for a URL type {}", redact::text(&format!("https://{text}")));
    }
    if text.contains("%20") || text.contains("%2F") {
        return "%XX is not decoded in a path; file:// URLs are".into();
    }
    String::new()
}

fn is_url_scheme(scheme: &str) -> bool {
    ["http", "https", "s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Drivers of GDAL whose names of parts of a file people paste.
fn is_gdal_prefix(prefix: &str) -> bool {
    ["GTIFF_DIR", "GTIFF_RAW", "NETCDF", "HDF5", "HDF4_SDS", "HDF4_EOS", "ZARR", "WMS", "COG", "GTIFF"]
        .iter()
        .any(|known| prefix.eq_ignore_ascii_case(known))
}

/// `www.host/path` and the like: a first part with dots, and something below it.
fn looks_like_host(text: &str) -> bool {
    let Some((host, _)) = text.split_once('/') else { return false };
    let labels: Vec<_> = host.split('.').collect();
    let label = |label: &&str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let top = labels.last().is_some_and(|top| top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()));
    labels.len() >= 3 && top && labels.iter().all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_was_meant_otherwise_says_what_to_type() {
        for (text, hint) in [
            ("http:/host/a.tif?sig=secret", "for a URL type http://host/a.tif?sig=…"),
            ("HTTPS:host/a.tif", "for a URL type https://host/a.tif"),
            ("https:\\\\host\\a.tif", "for a URL type https://host/a.tif"),
            ("s3:/bucket/key", "for a URL type s3://bucket/key"),
            ("www.host.org/a.tif", "for a URL type https://www.host.org/a.tif"),
            ("'data/a.tif'", "without them: data/a.tif"),
            ("\"a.tif", "a quotation mark"),
            ("~/a.tif", "$HOME"),
            ("~ann/a.tif", "that user"),
            ("a%20b.tif", "file:// URLs are"),
            ("NETCDF:\"a.nc\":t", "NETCDF: are GDAL's"),
        ] {
            let told = for_missing(Path::new(text));
            assert!(told.contains(hint), "{text}: {told}");
            assert!(!told.contains("secret"), "{told}");
        }
        for text in ["a.tif", "../data/b c.tif", "/data/v1.2.tif", "v1.2.3/a.tif", "2024:01.tif"] {
            assert_eq!(for_missing(Path::new(text)), "", "{text}");
        }
    }

    #[cfg(not(windows))]
    #[test]
    fn paths_of_windows_are_named() {
        assert!(for_missing(Path::new("C:\\x\\a.tif")).contains("Windows"));
        assert!(for_missing(Path::new("data\\a.tif")).contains("separated by /"));
    }
}
