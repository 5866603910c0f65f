//! GDAL's virtual file systems: <https://gdal.org/user/virtual_file_systems.html>.

use url::{Url, form_urlencoded};

use super::{Location, LocationKind, bucket_and_key, unparsable};
use crate::error::{Error, Result};

/// Options of `/vsicurl?` that say how GDAL probes; nothing here probes, so they change nothing.
const IRRELEVANT: [&str; 4] = ["use_head", "list_dir", "empty_dir", "use_redirect_url_if_no_query_string_params"];

/// Parses a location of which `name` is what follows `/vsi`.
pub(super) fn parse(name: &str) -> Result<Location> {
    if let Some(query) = name.strip_prefix("curl?") {
        return curl_with_options(query);
    }
    let (system, rest) = name.split_once('/').unwrap_or((name, ""));
    // "/vsis3_streaming/" and the like name the same objects; only GDAL's way of reading differs.
    match system.strip_suffix("_streaming").unwrap_or(system) {
        "curl" => Location::from_url(Url::parse(rest).map_err(|error| unparsable("URL after /vsicurl/", error))?),
        "s3" => bucket_and_key("/vsis3", rest).map(|(bucket, key)| Location::new(LocationKind::S3 { bucket, key })),
        "gs" => bucket_and_key("/vsigs", rest).map(|(bucket, key)| Location::new(LocationKind::Gs { bucket, key })),
        "az" | "adls" => bucket_and_key("/vsiaz", rest)
            .map(|(container, key)| Location::new(LocationKind::Azure { account: None, container, key })),
        _ => Err(Error::Unsupported {
            location: format!("/vsi{system}/…").into(),
            what: format!("GDAL's virtual file system /vsi{system}/"),
            hint: match system {
                "zip" | "tar" | "gzip" | "7z" | "rar" => "unpack the archive first".into(),
                "mem" => "bytes in memory are opened as bytes".into(),
                _ => "known: /vsicurl/, /vsis3/, /vsigs/, /vsiaz/".into(),
            },
        }),
    }
}

fn curl_with_options(query: &str) -> Result<Location> {
    let unsupported = |name: &str| Error::Unsupported {
        location: "/vsicurl?…".into(),
        what: format!("the option \"{name}\" of /vsicurl?"),
        hint: "known: url, header.NAME, useragent, referer, cookie".into(),
    };
    let mut url = None;
    let mut headers = Vec::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "url" => url = Some(Url::parse(&value).map_err(|error| unparsable("url= of /vsicurl?", error))?),
            "useragent" => headers.push(("user-agent".to_owned(), value.into_owned())),
            "referer" => headers.push(("referer".to_owned(), value.into_owned())),
            "cookie" => headers.push(("cookie".to_owned(), value.into_owned())),
            name if IRRELEVANT.contains(&name) => {}
            name => match name.strip_prefix("header.") {
                Some(header) => headers.push((header.to_owned(), value.into_owned())),
                None => return Err(unsupported(name)),
            },
        }
    }
    let url = url.ok_or_else(|| Error::Usage("/vsicurl? needs url=ENCODED_URL".into()))?;
    Ok(headers.into_iter().fold(Location::from_url(url)?, |location, (name, value)| location.with_header(name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vsicurl_takes_the_url_as_it_is() {
        let location = Location::parse("/vsicurl/https://host/a%20b.tif?sig=1").unwrap();
        assert!(matches!(location.kind(), LocationKind::Http(url) if url.as_str() == "https://host/a%20b.tif?sig=1"));
    }

    #[test]
    fn vsicurl_with_options_decodes_the_url_and_keeps_headers() {
        let text = "/vsicurl?use_head=no&url=https%3A%2F%2Fhost%2Fa.tif%3Fsig%3Dx&header.X-Key=v";
        let location = Location::parse(text).unwrap();
        assert!(matches!(location.kind(), LocationKind::Http(url) if url.as_str() == "https://host/a.tif?sig=x"));
        assert_eq!(location.headers(), [("X-Key".to_owned(), "v".to_owned())]);
        assert!(
            Location::parse("/vsicurl?url=http%3A%2F%2Fh%2F&unsafessl=yes")
                .unwrap_err()
                .to_string()
                .contains("unsafessl")
        );
    }

    #[test]
    fn stores_and_refusals() {
        assert_eq!(Location::parse("/vsis3/b/k/x.tif").unwrap(), Location::parse("s3://b/k/x.tif").unwrap());
        assert_eq!(Location::parse("/vsigs/b/k").unwrap(), Location::parse("gs://b/k").unwrap());
        assert_eq!(Location::parse("/vsiaz/c/k").unwrap(), Location::parse("az://c/k").unwrap());
        for (text, named) in
            [("/vsizip/a.zip/b.tif", "/vsizip/"), ("/vsitar/a.tar/b", "/vsitar/"), ("/vsimem/x", "/vsimem/")]
        {
            let error = Location::parse(text).unwrap_err();
            assert!(matches!(error, Error::Unsupported { .. }));
            assert!(error.to_string().contains(named), "{error}");
        }
    }
}
