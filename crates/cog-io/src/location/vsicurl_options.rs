//! GDAL's `/vsicurl?OPTION=VALUE&url=ENCODED`: <https://gdal.org/user/virtual_file_systems.html#vsicurl>.

use url::{Url, form_urlencoded};

use super::Location;
use super::parse::unparsable;
use crate::error::{LocationProblem, Result};

/// Options that say how GDAL probes; nothing here probes, so they change nothing.
const IRRELEVANT: [&str; 4] = ["use_head", "list_dir", "empty_dir", "use_redirect_url_if_no_query_string_params"];

/// Options that mean the same as a setting.
const SETTINGS: [(&str, &str); 4] = [
    ("max_retry", "GDAL_HTTP_MAX_RETRY"),
    ("retry_delay", "GDAL_HTTP_RETRY_DELAY"),
    ("timeout", "GDAL_HTTP_TIMEOUT"),
    ("low_speed_time", "GDAL_HTTP_LOW_SPEED_TIME"),
];

/// Options that are not followed, and what to do instead. That of the last one goes for names that GDAL does not know either.
const IGNORED: [(&str, &str); 12] = [
    ("retry_codes", "what is retried is fixed: 408, 429, 5xx and broken connections"),
    ("connecttimeout", "GDAL_HTTP_CONNECTTIMEOUT sets it for all"),
    ("low_speed_limit", "GDAL_HTTP_LOW_SPEED_TIME bounds silence"),
    // A location may come from a stranger, who must not have a local file sent to a server.
    ("header_file", "GDAL_HTTP_HEADER_FILE names one for all"),
    ("unsafessl", "certificates are always checked; SSL_CERT_FILE names those to trust"),
    ("proxy", "HTTPS_PROXY and http_proxy set it for all"),
    ("proxyauth", "a proxy's URL holds user and password"),
    ("proxyuserpwd", "a proxy's URL holds user and password"),
    ("pc_url_signing", "nothing is signed for the Planetary Computer: give a signed URL"),
    ("pc_collection", "nothing is signed for the Planetary Computer: give a signed URL"),
    ("httpauth", "user:password@ in the URL is sent as Basic"),
    ("", "if it belongs to the URL, percent-encode the whole URL"),
];

/// Parses what follows `/vsicurl?`. Names are compared without case, values are percent-decoded, as GDAL does.
pub(super) fn parse(query: &str) -> Result<Location> {
    let (mut url, mut headers, mut settings, mut warnings) = (None, Vec::new(), Vec::new(), Vec::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let lower = name.to_ascii_lowercase();
        if lower == "url" {
            url = Some(Url::parse(value.trim()).map_err(|error| unparsable("url= of /vsicurl?", error))?);
        } else if let Some(header) = lower.strip_prefix("header.") {
            headers.push((header.to_owned(), value.into_owned()));
        } else if let Some(header) = request_header(&lower) {
            headers.push((header.to_owned(), value.into_owned()));
        } else if let Some((_, setting)) = SETTINGS.iter().find(|(option, _)| *option == lower) {
            settings.push((*setting, value.into_owned()));
        } else if !IRRELEVANT.contains(&lower.as_str()) && !is_off(&value) {
            warnings.push(ignored(&lower));
        }
    }
    let url = url.ok_or(LocationProblem::NoUrl)?;
    let mut location = Location::from_url(url)?;
    (location.headers, location.settings, location.warnings) = (headers, settings, warnings);
    Ok(location)
}

fn request_header(option: &str) -> Option<&'static str> {
    match option {
        "useragent" => Some("user-agent"),
        "referer" => Some("referer"),
        "cookie" => Some("cookie"),
        _ => None,
    }
}

fn is_off(value: &str) -> bool {
    ["no", "false", "off", "0"].iter().any(|off| value.eq_ignore_ascii_case(off))
}

/// The value is never shown, and of a name only what looks like one: it may be the rest of a URL that was not encoded, or a
/// token.
fn ignored(option: &str) -> String {
    let known = IGNORED.iter().find(|(name, _)| *name == option);
    let instead = known.or(IGNORED.last()).map_or("", |(_, instead)| instead);
    let plausible =
        known.is_some() || option.len() <= 24 && option.bytes().all(|b| b.is_ascii_lowercase() || b"_-.".contains(&b));
    let name = if plausible { option } else { "…" };
    format!("the option \"{name}\" of /vsicurl? is ignored: {instead}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::LocationKind;

    #[test]
    fn the_url_is_decoded_and_headers_are_kept() {
        let text = "/vsicurl?use_head=no&url=https%3A%2F%2Fhost%2Fa.tif%3Fsig%3Dx&header.X-Key=v&useragent=me%201";
        let location = Location::parse(text).unwrap();
        assert!(matches!(location.kind(), LocationKind::Http(url) if url.as_str() == "https://host/a.tif?sig=x"));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(location.headers(), [pair("x-key", "v"), pair("user-agent", "me 1")]);
        assert!(location.warnings().is_empty());
    }

    #[test]
    fn options_that_are_settings_are_settings_of_the_location() {
        let location =
            Location::parse("/vsicurl?Max_Retry=7&retry_delay=0.5&timeout=9&url=http%3A%2F%2Fh%2Fa").unwrap();
        let setting = |name: &'static str, value: &str| (name, value.to_owned());
        assert_eq!(
            location.settings(),
            [
                setting("GDAL_HTTP_MAX_RETRY", "7"),
                setting("GDAL_HTTP_RETRY_DELAY", "0.5"),
                setting("GDAL_HTTP_TIMEOUT", "9")
            ]
        );
        assert_eq!(location.with_suffix(".ovr").settings().len(), 3);
    }

    #[test]
    fn other_options_are_ignored_with_a_warning_that_shows_no_value() {
        let text = "/vsicurl?unsafessl=yes&proxyuserpwd=ann:secret&foo=secret&pc_url_signing=no&\
                    url=http://h/a.tif?sig=1&tokensecrettokensecrettokensecret&x-amz-signature=secret";
        let location = Location::parse(text).unwrap();
        let warnings = location.warnings().join("\n");
        for named in ["\"unsafessl\"", "\"proxyuserpwd\"", "\"foo\"", "percent-encode", "\"x-amz-signature\"", "\"…\""]
        {
            assert!(warnings.contains(named), "{warnings}");
        }
        assert!(!warnings.contains("secret") && !warnings.contains("pc_url_signing"), "{warnings}");
    }

    #[test]
    fn without_a_url_it_is_an_error() {
        assert!(Location::parse("/vsicurl?max_retry=3").unwrap_err().to_string().contains("url=ENCODED_URL"));
    }
}
