//! The headers that every request for a location sends.

use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::config::{Config, basic};
use crate::error::{ConfigProblem, Error, Result};
use crate::location::Location;

/// Headers of the session, then of the location; `user:password@` of the URL as Basic; a bearer token where nothing else
/// authorizes.
pub(crate) fn headers_of(location: &Location, url: &Url, config: &Config) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let set = config.headers.iter().map(|(name, value)| (name.as_str(), value.expose()));
    let own = location.headers().iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in set.chain(own) {
        let name: HeaderName = name.parse().map_err(|_| ConfigProblem::HeaderName { name: name.to_owned() })?;
        let value = secret(value).ok_or_else(|| unsendable(format!("the header \"{name}\"")))?;
        headers.insert(name, value);
    }
    if !url.username().is_empty() || url.password().is_some() {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pair = format!("{}:{}", decoded(url.username()), decoded(url.password().unwrap_or_default()));
        if let Some(value) = secret(basic(&pair).expose()) {
            headers.insert(AUTHORIZATION, value);
        }
    } else if let Some(token) = &config.bearer
        && !headers.contains_key(AUTHORIZATION)
    {
        let value =
            secret(&format!("Bearer {}", token.expose())).ok_or_else(|| unsendable("the bearer token".into()))?;
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}

fn unsendable(what: String) -> Error {
    ConfigProblem::Characters { what }.into()
}

/// Marked sensitive: `Debug` of the headers does not show it, HTTP/2 does not index it.
fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
