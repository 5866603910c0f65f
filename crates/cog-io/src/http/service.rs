//! The same client as the HTTP connector of `object_store`.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use tokio::time::timeout;

use super::client::Client;
use super::exchange::RangeRequest;
use super::failure::Failure;
use super::retry;
use crate::error::Error;
use crate::stats::Counters;

/// Bodies that are not ranges (tokens of credential services) are no longer than this.
const MAX_TOKEN_BODY: usize = 1 << 20;

/// What a range request carries through `object_store` in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) location: Arc<str>,
    pub(crate) range: Range<u64>,
    pub(crate) may_be_short: bool,
    pub(crate) counters: Arc<Counters>,
    /// Filled with the region that S3 names when it refuses.
    pub(crate) region: Arc<Mutex<Option<String>>>,
}

/// Gives every store of a session the session's client.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    client: Arc<Client>,
    /// Sent with every range: the headers of `ClientOptions` are for its own clients.
    headers: HeaderMap,
}

impl Connector {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        Self { client, headers: HeaderMap::new() }
    }

    #[cfg(feature = "gcp")]
    pub(crate) fn with_header(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service(self.clone())))
    }
}

#[derive(Debug)]
struct Service(Connector);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        // Retries, statuses and timeouts are settled here; `object_store` must not repeat them, hence the kind.
        let failed = |error: Error| HttpError::new(HttpErrorKind::Unknown, error);
        match request.extensions().get::<Call>().cloned() {
            Some(call) => self.range(request, call).await.map_err(failed),
            None => self.other(request).await.map_err(failed),
        }
    }
}

impl Service {
    async fn range(&self, request: HttpRequest, call: Call) -> Result<HttpResponse, Error> {
        let (mut parts, _) = request.into_parts();
        parts.headers.extend(self.0.headers.clone());
        let answer = self
            .0
            .client
            .get_range(RangeRequest {
                location: &call.location,
                uri: parts.uri,
                start_at: None,
                headers: parts.headers,
                range: call.range,
                may_be_short: call.may_be_short,
                follow_redirects: false,
                counters: &call.counters,
                region: Some(&call.region),
            })
            .await?;
        let mut response = Response::new(answer.bytes.clone().into());
        *response.headers_mut() = answer.headers;
        if answer.not_modified {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
        // A 200 that was cut to the range is shown as the 206 that it should have been.
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let length = answer.bytes.len() as u64;
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        if let Some(size) = answer.size {
            let last = (answer.start + length).saturating_sub(1);
            if let Ok(value) = HeaderValue::try_from(format!("bytes {}-{last}/{size}", answer.start)) {
                response.headers_mut().insert(CONTENT_RANGE, value);
            }
        }
        Ok(response)
    }

    /// Requests of credential providers: small, retried, not counted.
    async fn other(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let (parts, body) = request.into_parts();
        let location: Arc<str> = format!("credentials from {}", parts.uri.host().unwrap_or("?")).into();
        let body = body.as_bytes().cloned().unwrap_or_default();
        let client = &self.0.client;
        let config = &client.config;
        let mut attempt = 0;
        loop {
            let mut sent = http::Request::new(Full::new(body.clone()));
            *sent.method_mut() = parts.method.clone();
            *sent.uri_mut() = parts.uri.clone();
            *sent.headers_mut() = parts.headers.clone();
            let answer = timeout(config.read_timeout, async {
                let response = client.send(&location, sent).await?;
                let (parts, body) = response.into_parts();
                let body = http_body_util::Limited::new(body, MAX_TOKEN_BODY);
                let body = body.collect().await.map_err(|error| Failure::Again {
                    error: Error::protocol(&location, format!("the body cannot be read: {error}")),
                    after: None,
                })?;
                Ok::<_, Failure>(Response::from_parts(parts, body.to_bytes()))
            });
            let seconds = config.read_timeout.as_secs_f64();
            let (error, limit) = match answer.await {
                Ok(Ok(response)) if response.status().is_server_error() => {
                    let status = response.status().as_u16();
                    (
                        Error::Http { location: Arc::clone(&location), status, detail: String::new() },
                        config.retry.max_retries,
                    )
                }
                Ok(Ok(response)) => return Ok(response.map(|bytes: Bytes| bytes.into())),
                Ok(Err(Failure::Final(error))) => return Err(error),
                Ok(Err(Failure::AgainOnce(error))) => (error, 1.min(config.retry.max_retries)),
                Ok(Err(Failure::Again { error, .. })) => (error, config.retry.max_retries),
                Err(_) => (Error::Timeout { location: Arc::clone(&location), what: "the answer", seconds }, 1),
            };
            if attempt >= limit {
                return Err(error);
            }
            tokio::time::sleep(retry::delay(&config.retry, attempt, None)).await;
            attempt += 1;
        }
    }
}
