//! JSON sent to an HTTP location, and what it answers.

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::location::{Location, LocationKind};
use crate::session::Session;

impl Session {
    /// Posts JSON to an HTTP location and gives the body of the answer, of at most
    /// [`max_whole_object_bytes`](crate::Config::max_whole_object_bytes). For searches, which change nothing: they are tried again as GETs
    /// are, and redirects (but 303) post again. Headers, proxies, timeouts and counters are those of reads.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a location that is not HTTP, and what the server says.
    #[cfg_attr(
        not(feature = "http"),
        allow(unused_variables, clippy::unused_async, reason = "there is no HTTP client")
    )]
    pub async fn post_json(&self, location: &Location, body: Bytes) -> Result<Bytes> {
        match location.kind() {
            #[cfg(feature = "http")]
            LocationKind::Http(url) => self.post_to(location, url, body).await,
            #[cfg(not(feature = "http"))]
            LocationKind::Http(_) => Err(unsupported(location, "enable the feature \"http\"")),
            _ => Err(unsupported(location, "only http and https locations can be posted to")),
        }
    }

    #[cfg(feature = "http")]
    async fn post_to(&self, location: &Location, url: &url::Url, body: Bytes) -> Result<Bytes> {
        use std::sync::Arc;

        use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};

        use crate::error::LocationProblem;
        use crate::http::{RangeRequest, headers_of, uri_of};
        use crate::stats::Counters;

        let config = self.settings(location)?.config;
        let mut headers = headers_of(location, url, &config)?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/geo+json, application/json"));
        let unsendable = || LocationProblem::Unsendable { location: Arc::clone(location.shown()), what: "URL" };
        let request = RangeRequest {
            location: location.shown(),
            uri: uri_of(url).ok_or_else(unsendable)?,
            start_at: None,
            headers,
            post: Some(body),
            range: 0..config.max_whole_object_bytes,
            may_be_short: true,
            follow_redirects: true,
            counters: &Counters::of_source(self.counters()),
            config: &config,
            region: None,
        };
        let _permit = self.permit().await;
        Ok(self.http().get_range(request).await?.bytes)
    }
}

fn unsupported(location: &Location, hint: &str) -> Error {
    let location = std::sync::Arc::clone(location.shown());
    Error::Unsupported { location, what: "posting to it".into(), hint: hint.into() }
}
