//! One range of one object: retries and redirects until an answer comes that can be used.

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use tokio::time::{sleep, timeout};
use tracing::{debug, trace};

use super::answer::Answer;
use super::client::Client;
use super::failure::Failure;
use super::redirect::{redirect_target, same_origin, shown, without_secrets};
use super::retry;
use crate::config::Config;
use crate::error::Error;
use crate::stats::Counters;

/// A GET of a range, as it is sent: `headers` hold Range, conditions, signatures. Or a POST of a body, whose answer is bounded as an
/// object is whose server ignores ranges.
pub(crate) struct RangeRequest<'a> {
    /// Redacted name for errors and logs.
    pub(crate) location: &'a Arc<str>,
    pub(crate) uri: Uri,
    /// Where an earlier redirect led: asked instead of `uri`, without its secrets if that is another host.
    pub(crate) start_at: Option<Uri>,
    pub(crate) headers: HeaderMap,
    /// What is posted; a GET has none.
    pub(crate) post: Option<Bytes>,
    pub(crate) range: Range<u64>,
    /// An object that ends inside the range is no error.
    pub(crate) may_be_short: bool,
    /// Signed requests are not sent on to another place.
    pub(crate) follow_redirects: bool,
    pub(crate) counters: &'a Counters,
    /// Of the location: timeouts and retries.
    pub(crate) config: &'a Config,
    /// Where the region goes that S3 names when it refuses.
    pub(crate) region: Option<&'a Mutex<Option<String>>>,
}

impl Client {
    /// Sends the request until it succeeds, fails for good, or the time is up.
    pub(crate) async fn get_range(&self, request: RangeRequest<'_>) -> Result<Answer, Error> {
        let deadline = Instant::now() + request.config.request_timeout;
        let mut attempt = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let failure = match timeout(left, self.attempt(&request, attempt)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
                Err(_) => {
                    return Err(Error::Timeout {
                        location: Arc::clone(request.location),
                        what: "the request with its retries",
                        seconds: request.config.request_timeout.as_secs_f64(),
                    });
                }
            };
            let (error, after, allowed) = match failure {
                Failure::Final(error) => return Err(error),
                Failure::Again { error, after } => (error, after, request.config.retry.max_retries),
                Failure::AgainOnce(error) => (error, None, request.config.retry.max_retries.min(1)),
            };
            let wait = retry::delay(&request.config.retry, attempt, after);
            if attempt >= allowed || Instant::now() + wait >= deadline {
                return Err(error);
            }
            debug!(location = %request.location, error = %error, wait_ms = wait.as_millis() as u64, "retry");
            sleep(wait).await;
            attempt += 1;
        }
    }

    /// One attempt, redirects included.
    async fn attempt(&self, request: &RangeRequest<'_>, attempt: u32) -> Result<Answer, Failure> {
        let mut uri = request.uri.clone();
        let mut headers = request.headers.clone();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(concat!(
            env!("CARGO_PKG_NAME"),
            "/",
            env!("CARGO_PKG_VERSION")
        )));
        let mut redirected = None;
        if let Some(start_at) = &request.start_at {
            if !same_origin(&uri, start_at) {
                headers = without_secrets(&headers);
            }
            uri = start_at.clone();
        }
        for _ in 0..=request.config.max_redirects {
            let started = Instant::now();
            let response = match self.respond(request, &uri, &headers).await {
                Ok(response) => response,
                Err(failure) => {
                    debug!(
                        location = %request.location, method = %request.method(), attempt,
                        start = request.range.start, end = request.range.end, error = %failure.error(),
                        ms = started.elapsed().as_millis() as u64, "request"
                    );
                    return Err(failure);
                }
            };
            let status = response.status();
            trace!(location = %request.location, headers_ms = started.elapsed().as_millis() as u64, "response");
            if request.post.is_some() && status == StatusCode::SEE_OTHER {
                let detail = "a POST was answered with a redirect to be followed by GET (HTTP 303)";
                return Err(Failure::Final(Error::protocol(request.location, detail)));
            }
            if request.follow_redirects
                && let Some(target) = redirect_target(request.location, &uri, &response)?
            {
                debug!(location = %request.location, status = status.as_u16(), to = %shown(&target), "redirect");
                if !same_origin(&uri, &target) {
                    headers = without_secrets(&headers);
                }
                uri = target;
                redirected = Some(uri.clone());
                continue;
            }
            let answer = self.answer(request, response).await;
            debug!(
                location = %request.location, method = %request.method(), status = status.as_u16(), attempt,
                start = request.range.start, end = request.range.end,
                bytes = answer.as_ref().map_or(0, |answer| answer.bytes.len()),
                ms = started.elapsed().as_millis() as u64, "request"
            );
            return answer.map(|answer| Answer { redirected, ..answer });
        }
        let limit = request.config.max_redirects;
        Err(Failure::Final(Error::protocol(request.location, format!("more than {limit} redirects (a loop?)"))))
    }

    async fn respond(
        &self,
        request: &RangeRequest<'_>,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, Failure> {
        let mut sent = Request::new(Full::new(request.post.clone().unwrap_or_default()));
        *sent.method_mut() = request.method();
        *sent.uri_mut() = uri.clone();
        *sent.headers_mut() = headers.clone();
        request.counters.request(request.post.is_none().then_some(&request.range));
        match timeout(request.config.read_timeout, self.send(request.location, sent)).await {
            Ok(result) => result,
            Err(_) => Err(request.silence("the start of the response")),
        }
    }
}

impl RangeRequest<'_> {
    fn method(&self) -> Method {
        if self.post.is_some() { Method::POST } else { Method::GET }
    }

    pub(super) fn silence(&self, what: &'static str) -> Failure {
        let seconds = self.config.read_timeout.as_secs_f64();
        let location = Arc::clone(self.location);
        Failure::Again { error: Error::Timeout { location, what, seconds }, after: None }
    }
}
