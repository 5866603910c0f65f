//! The same client as the HTTP connector of `object_store`.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use http::header::HeaderMap;
#[cfg(feature = "gcp")]
use http::header::HeaderValue;
use http_body_util::{BodyExt, Full};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use tokio::time::timeout;

#[cfg(any(feature = "aws", feature = "azure"))]
use super::key::Sign;
use super::key::{self, SharedSigner};
use crate::config::Config;
use crate::error::Error;
use crate::http::failure::Failure;
use crate::http::{Answer, Client, RangeRequest, retry};
use crate::stats::Counters;

/// Bodies that are not ranges (tokens of credential services, a thousand keys of a bucket) are no longer than this.
const MAX_OTHER_BODY: usize = 8 << 20;

/// What a range request carries through `object_store` in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) location: Arc<str>,
    pub(crate) range: Range<u64>,
    pub(crate) may_be_short: bool,
    pub(crate) counters: Arc<Counters>,
    /// Timeouts and retries.
    pub(crate) config: Arc<Config>,
    /// The key, where the path is a stand-in.
    pub(crate) key: Option<Arc<str>>,
    /// Filled with the region that S3 names when it refuses.
    pub(crate) region: Arc<Mutex<Option<String>>>,
    /// Filled with what came. `object_store` only makes and signs the request: it has stricter ideas of an answer (all bytes at
    /// once, a known size) than HTTP has.
    pub(crate) answer: Arc<Mutex<Option<Result<Answer, Error>>>>,
}

impl Call {
    /// What came, once the request was sent.
    pub(crate) fn take_answer(&self) -> Option<Result<Answer, Error>> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What `object_store` gets instead of the answer.
#[derive(Debug, thiserror::Error)]
#[error("the answer was taken")]
struct Taken;

/// Gives every store of a session the session's client.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    client: Arc<Client>,
    /// Sent with every range: the headers of `ClientOptions` are for its own clients.
    headers: HeaderMap,
    /// Whether keys are written with everything encoded but letters and digits.
    all_encoded: bool,
    signer: SharedSigner,
}

impl Connector {
    pub(crate) fn new(client: Arc<Client>) -> Self {
        Self { client, headers: HeaderMap::new(), all_encoded: false, signer: SharedSigner::default() }
    }

    #[cfg(feature = "gcp")]
    pub(crate) fn with_all_encoded(mut self) -> Self {
        self.all_encoded = true;
        self
    }

    /// Called once, when the store that this connects is built: its credentials sign.
    #[cfg(any(feature = "aws", feature = "azure"))]
    pub(crate) fn set_signer(&self, signer: Arc<dyn Sign>) {
        let _ = self.signer.set(signer);
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
            Some(call) => {
                let answer = self.range(request, &call).await;
                *call.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
                Err(HttpError::new(HttpErrorKind::Unknown, Taken))
            }
            None => self.other(request).await.map_err(failed),
        }
    }
}

impl Service {
    async fn range(&self, mut request: HttpRequest, call: &Call) -> Result<Answer, Error> {
        if let Some(key) = &call.key {
            key::write(&mut request, key, self.0.all_encoded, &self.0.signer, &call.location).await?;
        }
        let (mut parts, _) = request.into_parts();
        parts.headers.extend(self.0.headers.clone());
        let request = RangeRequest {
            location: &call.location,
            uri: parts.uri,
            start_at: None,
            headers: parts.headers,
            post: None,
            range: call.range.clone(),
            may_be_short: call.may_be_short,
            follow_redirects: false,
            counters: &call.counters,
            config: &call.config,
            region: Some(&call.region),
        };
        self.0.client.get_range(request).await
    }

    /// Requests of credential providers and for lists of keys, which are small, and parts of uploads: retried, not counted.
    async fn other(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let (parts, body) = request.into_parts();
        let lists = parts.uri.query().is_some_and(|query| {
            query.contains("prefix=") || query.contains("comp=list") || query.contains("list-type=")
        });
        let what = match parts.method {
            _ if lists => "the list of keys",
            http::Method::PUT | http::Method::DELETE => "the upload",
            _ => "credentials",
        };
        let location: Arc<str> = format!("{what} from {}", parts.uri.host().unwrap_or("?")).into();
        let body = match body.as_bytes() {
            Some(bytes) => bytes.clone(),
            // A part of an upload.
            None => {
                let unread = |error| Error::protocol(&location, format!("the body cannot be read: {error}"));
                body.collect().await.map_err(unread)?.to_bytes()
            }
        };
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
                let body = http_body_util::Limited::new(body, MAX_OTHER_BODY);
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
