//! GDAL's virtual file systems: <https://gdal.org/user/virtual_file_systems.html>.

use url::Url;

use super::parse::{bucket_and_key, unparsable};
use super::{Location, LocationKind, vsicurl_options};
use crate::error::{Error, LocationProblem, Result};

/// Parses a location of which `name` is what follows `/vsi`. `None`: GDAL has no such file system, so it is a path.
pub(super) fn parse(name: &str) -> Option<Result<Location>> {
    if let Some(query) = name.strip_prefix("curl?") {
        return Some(vsicurl_options::parse(query));
    }
    let end = name.find(['/', '?']).unwrap_or(name.len());
    let (system, rest) = name.split_at(end);
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    // "/vsis3_streaming/" and the like name the same objects; only GDAL's way of reading differs.
    Some(match system.strip_suffix("_streaming").unwrap_or(system) {
        "curl" => curl(rest),
        "s3" => bucket_and_key("/vsis3/", rest).map(|(bucket, key)| Location::new(LocationKind::S3 { bucket, key })),
        "gs" => bucket_and_key("/vsigs/", rest).map(|(bucket, key)| Location::new(LocationKind::Gs { bucket, key })),
        "az" | "adls" => bucket_and_key("/vsiaz/", rest)
            .map(|(container, key)| Location::new(LocationKind::Azure { account: None, container, key })),
        other => Err(Error::Unsupported {
            location: format!("/vsi{system}/…").into(),
            what: format!("GDAL's virtual file system /vsi{system}/"),
            hint: reason(other)?.into(),
        }),
    })
}

/// Why a file system of GDAL is not here, and what to do instead.
fn reason(system: &str) -> Option<&'static str> {
    Some(match system {
        "zip" | "tar" | "7z" | "rar" => "a compressed archive cannot be read by ranges: unpack it first",
        "gzip" => "a gzip file cannot be read by ranges: unpack it first (gunzip)",
        "mem" => "it is memory of another program: bytes are opened as bytes, files by their path",
        "subfile" => "a part of a file is not opened: cut it out first (tail -c +OFFSET | head -c SIZE)",
        "stdin" => "use - where a command reads standard input",
        "stdout" => "it is only for writing",
        "crypt" => "decrypt the file first",
        "sparse" | "cached" => "give the file below it",
        "hdfs" | "webhdfs" | "swift" | "oss" => "known are /vsicurl/, /vsis3/, /vsigs/ and /vsiaz/: give an https URL",
        _ => return None,
    })
}

fn curl(rest: &str) -> Result<Location> {
    let lower = rest.get(..16).unwrap_or(rest).to_ascii_lowercase();
    if lower.starts_with("http%3a") || lower.starts_with("https%3a") {
        return Err(LocationProblem::EncodedUrl.into());
    }
    Location::from_url(Url::parse(rest).map_err(|error| unparsable("URL after /vsicurl/", error))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vsicurl_takes_the_url_as_it_is() {
        let location = Location::parse("/vsicurl/https://host/a%20b.tif?sig=1").unwrap();
        assert!(matches!(location.kind(), LocationKind::Http(url) if url.as_str() == "https://host/a%20b.tif?sig=1"));
    }

    /// GDAL refuses it too ("Missing url parameter").
    #[test]
    fn an_encoded_url_after_vsicurl_says_where_it_goes() {
        let error = Location::parse("/vsicurl/https%3A//host/a.tif?sig=secret").unwrap_err().to_string();
        assert!(error.contains("/vsicurl?url=…") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn stores_and_refusals() {
        assert_eq!(Location::parse("/vsis3/b/k/x.tif").unwrap(), Location::parse("s3://b/k/x.tif").unwrap());
        assert_eq!(Location::parse("/vsigs/b/k").unwrap(), Location::parse("gs://b/k").unwrap());
        assert_eq!(Location::parse("/vsiaz/c/k").unwrap(), Location::parse("az://c/k").unwrap());
        for (text, named, reason) in [
            ("/vsizip/a.zip/b.tif", "/vsizip/", "unpack"),
            ("/vsizip/{/vsicurl/http://host/a.zip}/b.tif", "/vsizip/", "unpack"),
            ("/vsitar/a.tar/b", "/vsitar/", "unpack"),
            ("/vsigzip/a.tif.gz", "/vsigzip/", "gunzip"),
            ("/vsimem/x", "/vsimem/", "memory"),
            ("/vsisubfile/100_200,a.tif", "/vsisubfile/", "cut it out"),
            ("/vsistdin/", "/vsistdin/", "use -"),
            ("/vsistdin?buffer_limit=1MB", "/vsistdin/", "use -"),
            ("/vsioss/bucket/key", "/vsioss/", "https URL"),
        ] {
            let error = Location::parse(text).unwrap_err();
            assert!(matches!(error, Error::Unsupported { .. }));
            let error = error.to_string();
            assert!(error.contains(named) && error.contains(reason), "{error}");
        }
    }

    #[test]
    fn a_folder_whose_name_begins_like_one_of_gdals_is_a_folder() {
        for path in ["/vsites/a.tif", "/vsi/a.tif", "/vsidata"] {
            assert_eq!(Location::parse(path).unwrap().kind(), &LocationKind::Local(path.into()), "{path}");
        }
    }
}
