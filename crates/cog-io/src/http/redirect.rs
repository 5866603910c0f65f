//! Redirects: where they may lead, and what of a request goes on to another host.

use std::sync::Arc;

use http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, IF_MATCH, IF_NONE_MATCH, LOCATION, RANGE, USER_AGENT};
use http::{Response, Uri};
use hyper::body::Incoming;
use url::Url;

use super::failure::Failure;
use crate::error::Error;
use crate::redact;

/// Where a response sends on to, if it does.
pub(super) fn redirect_target(
    location: &Arc<str>,
    from: &Uri,
    response: &Response<Incoming>,
) -> Result<Option<Uri>, Failure> {
    let wrong = |detail: &str| Failure::Final(Error::protocol(location, detail));
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(target) = response.headers().get(LOCATION) else {
        return Err(wrong("a redirect without Location"));
    };
    let target = String::from_utf8_lossy(target.as_bytes());
    let target = Url::parse(&from.to_string())
        .and_then(|base| base.join(&target))
        .map_err(|_| wrong("a redirect to what is not a URL"))?;
    match (from.scheme_str(), target.scheme()) {
        (Some("https"), "http") => {
            Err(wrong("a redirect from https to http, which would show the request to everyone"))
        }
        (_, "http" | "https") => uri_of(&target).map(Some).ok_or_else(|| wrong("a redirect to what is not a URL")),
        _ => Err(wrong("a redirect to another scheme")),
    }
}

/// The URL as a request target: without user and fragment.
pub(crate) fn uri_of(url: &Url) -> Option<Uri> {
    let mut url = url.clone();
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    url.set_fragment(None);
    url.as_str().parse().ok()
}

pub(super) fn same_origin(a: &Uri, b: &Uri) -> bool {
    let origin = |uri: &Uri| Url::parse(&uri.to_string()).map(|url| url.origin()).ok();
    origin(a) == origin(b)
}

/// Only what belongs to the range or body itself goes on to another host: no Authorization, no cookies, no custom keys.
pub(super) fn without_secrets(headers: &HeaderMap) -> HeaderMap {
    [RANGE, ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT, IF_MATCH, IF_NONE_MATCH]
        .into_iter()
        .filter_map(|name| headers.get(&name).cloned().map(|value| (name, value)))
        .collect()
}

pub(super) fn shown(uri: &Uri) -> String {
    Url::parse(&uri.to_string()).map_or_else(|_| "…".to_owned(), |url| redact::url(&url))
}
