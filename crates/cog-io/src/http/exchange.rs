//! One range of one object, got whole or not at all: retries, redirects, and every check of the answer.

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, LAST_MODIFIED,
    USER_AGENT,
};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use tokio::time::{sleep, timeout};
use tracing::{debug, trace};

use super::client::Client;
use super::content_range::ContentRange;
use super::failure::Failure;
use super::redirect::{redirect_target, same_origin, shown, without_secrets};
use super::retry;
use crate::error::Error;
use crate::stats::Counters;

/// A GET of a range, as it is sent: `headers` hold Range, conditions, signatures.
pub(crate) struct RangeRequest<'a> {
    /// Redacted name for errors and logs.
    pub(crate) location: &'a Arc<str>,
    pub(crate) uri: Uri,
    /// Where an earlier redirect led: asked instead of `uri`, without its secrets if that is another host.
    pub(crate) start_at: Option<Uri>,
    pub(crate) headers: HeaderMap,
    pub(crate) range: Range<u64>,
    /// An object that ends inside the range is no error.
    pub(crate) may_be_short: bool,
    /// Signed requests are not sent on to another place.
    pub(crate) follow_redirects: bool,
    pub(crate) counters: &'a Counters,
    /// Where the region goes that S3 names when it refuses.
    pub(crate) region: Option<&'a Mutex<Option<String>>>,
}

/// What came back, checked.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: Bytes,
    pub(crate) start: u64,
    /// Size of the whole object; `None` if the server does not say.
    pub(crate) size: Option<u64>,
    pub(crate) etag: Option<String>,
    pub(crate) last_modified: Option<String>,
    /// The whole object, from a server that ignores ranges.
    pub(crate) whole: Option<Bytes>,
    /// 304: the caller's condition says that what it has is still right; there are no bytes.
    pub(crate) not_modified: bool,
    /// Where redirects led.
    pub(crate) redirected: Option<Uri>,
    #[cfg_attr(not(any(feature = "aws", feature = "gcp", feature = "azure")), allow(dead_code))]
    pub(crate) headers: HeaderMap,
}

impl Client {
    /// Sends the request until it succeeds, fails for good, or the time is up.
    pub(crate) async fn get_range(&self, request: RangeRequest<'_>) -> Result<Answer, Error> {
        let deadline = Instant::now() + self.config.request_timeout;
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
                        seconds: self.config.request_timeout.as_secs_f64(),
                    });
                }
            };
            let (error, after, allowed) = match failure {
                Failure::Final(error) => return Err(error),
                Failure::Again { error, after } => (error, after, self.config.retry.max_retries),
                Failure::AgainOnce(error) => (error, None, self.config.retry.max_retries.min(1)),
            };
            let wait = retry::delay(&self.config.retry, attempt, after);
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
        for _ in 0..=self.config.max_redirects {
            let started = Instant::now();
            let response = match self.respond(request, &uri, &headers).await {
                Ok(response) => response,
                Err(failure) => {
                    debug!(
                        location = %request.location, method = "GET", attempt,
                        start = request.range.start, end = request.range.end, error = %failure.error(),
                        ms = started.elapsed().as_millis() as u64, "request"
                    );
                    return Err(failure);
                }
            };
            let status = response.status();
            trace!(location = %request.location, headers_ms = started.elapsed().as_millis() as u64, "response");
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
                location = %request.location, method = "GET", status = status.as_u16(), attempt,
                start = request.range.start, end = request.range.end,
                bytes = answer.as_ref().map_or(0, |answer| answer.bytes.len()),
                ms = started.elapsed().as_millis() as u64, "request"
            );
            return answer.map(|answer| Answer { redirected, ..answer });
        }
        let limit = self.config.max_redirects;
        Err(Failure::Final(Error::protocol(request.location, format!("more than {limit} redirects (a loop?)"))))
    }

    async fn respond(
        &self,
        request: &RangeRequest<'_>,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Response<Incoming>, Failure> {
        let mut sent = Request::new(Full::new(Bytes::new()));
        *sent.method_mut() = Method::GET;
        *sent.uri_mut() = uri.clone();
        *sent.headers_mut() = headers.clone();
        request.counters.request(Some(&request.range));
        match timeout(self.config.read_timeout, self.send(request.location, sent)).await {
            Ok(result) => result,
            Err(_) => Err(self.silence(request.location, "the start of the response")),
        }
    }

    fn silence(&self, location: &Arc<str>, what: &'static str) -> Failure {
        let seconds = self.config.read_timeout.as_secs_f64();
        Failure::Again { error: Error::Timeout { location: Arc::clone(location), what, seconds }, after: None }
    }

    /// Checks the response and reads its body.
    async fn answer(&self, request: &RangeRequest<'_>, response: Response<Incoming>) -> Result<Answer, Failure> {
        let (parts, body) = response.into_parts();
        let text =
            |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
        let wrong = |detail: String| Failure::Final(Error::protocol(request.location, detail));
        let mut answer = Answer {
            bytes: Bytes::new(),
            start: request.range.start,
            size: None,
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
            whole: None,
            not_modified: parts.status == StatusCode::NOT_MODIFIED,
            redirected: None,
            headers: HeaderMap::new(),
        };
        match parts.status {
            StatusCode::NOT_MODIFIED if request.headers.contains_key(IF_NONE_MATCH) => return Ok(answer),
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => {}
            _ => return Err(self.refusal(request, &parts, body).await),
        }
        if let Some(encoding) =
            text(CONTENT_ENCODING).filter(|encoding| !encoding.trim().eq_ignore_ascii_case("identity"))
        {
            return Err(wrong(format!(
                "the bytes came with Content-Encoding \"{encoding}\", which ranges cannot have"
            )));
        }
        if parts.status == StatusCode::OK {
            let whole = self.whole_object(request, body).await?;
            let size = whole.len() as u64;
            let range = check_end(request, size).map_err(Failure::Final)?;
            // Both ends are at most `whole.len()`.
            answer.bytes = whole.slice(range.start as usize..range.end as usize);
            answer.size = Some(size);
            answer.whole = Some(whole);
        } else {
            let wanted = &request.range;
            let header = text(CONTENT_RANGE).ok_or_else(|| {
                wrong("status 206 without Content-Range, so where the bytes belong is unknown".into())
            })?;
            let came = ContentRange::parse(&header)
                .ok_or_else(|| wrong(format!("Content-Range \"{header}\" makes no sense")))?;
            let range = came.range.ok_or_else(|| wrong(format!("status 206 with Content-Range \"{header}\"")))?;
            let end = match came.size {
                Some(size) => check_end(request, size).map_err(Failure::Final)?.end,
                None if request.may_be_short => range.end.min(wanted.end),
                None => wanted.end,
            };
            if range != (wanted.start..end) {
                let (first, last) = (wanted.start, end.saturating_sub(1));
                return Err(wrong(format!("bytes {first}-{last} were asked for and Content-Range says \"{header}\"")));
            }
            answer.bytes = self.body(request, body, range.end - range.start).await?;
            answer.size = came.size;
        }
        answer.headers = parts.headers;
        Ok(answer)
    }

    /// The body of a 206, exactly `wanted` bytes long.
    async fn body(&self, request: &RangeRequest<'_>, body: Incoming, wanted: u64) -> Result<Bytes, Failure> {
        let too_long = || {
            let detail = format!("the body of {wanted} bytes is longer than that");
            Failure::Final(Error::protocol(request.location, detail))
        };
        if let Some(length) = body.size_hint().exact().filter(|&length| length != wanted) {
            let detail = format!("Content-Range says {wanted} bytes and Content-Length {length}");
            return Err(Failure::Final(Error::protocol(request.location, detail)));
        }
        let mut bytes = Vec::new();
        if usize::try_from(wanted).ok().is_none_or(|wanted| bytes.try_reserve_exact(wanted).is_err()) {
            return Err(Failure::Final(out_of_memory(request.location, wanted)));
        }
        self.collect(request, body, &mut bytes, wanted, too_long).await?;
        if (bytes.len() as u64) < wanted {
            let error =
                Error::protocol(request.location, format!("the body ended after {} of {wanted} bytes", bytes.len()));
            return Err(Failure::Again { error, after: None });
        }
        Ok(bytes.into())
    }

    /// The body of a 200: the server ignores ranges.
    async fn whole_object(&self, request: &RangeRequest<'_>, body: Incoming) -> Result<Bytes, Failure> {
        let limit = self.config.max_whole_object_bytes;
        let too_long = |value| {
            Failure::Final(Error::Limits {
                location: Arc::clone(request.location),
                what: "size of an object whose server ignores ranges",
                value,
                limit,
                setting: "max_whole_object_bytes",
            })
        };
        let length = body.size_hint().exact();
        if let Some(length) = length.filter(|&length| length > limit) {
            return Err(too_long(length));
        }
        let mut bytes = Vec::new();
        if length.is_some_and(|length| bytes.try_reserve_exact(length as usize).is_err()) {
            return Err(Failure::Final(out_of_memory(request.location, limit)));
        }
        self.collect(request, body, &mut bytes, limit, || too_long(limit.saturating_add(1))).await?;
        Ok(bytes.into())
    }

    async fn collect(
        &self,
        request: &RangeRequest<'_>,
        mut body: Incoming,
        bytes: &mut Vec<u8>,
        limit: u64,
        too_long: impl Fn() -> Failure,
    ) -> Result<(), Failure> {
        loop {
            let frame = match timeout(self.config.read_timeout, body.frame()).await {
                Ok(None) => return Ok(()),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => {
                    let text = format!("the body broke off after {} bytes: {error}", bytes.len());
                    let source = Arc::new(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, text));
                    let error = Error::Io { location: Arc::clone(request.location), source };
                    return Err(Failure::Again { error, after: None });
                }
                Err(_) => return Err(self.silence(request.location, "the next bytes of the body")),
            };
            if let Ok(data) = frame.into_data() {
                request.counters.received(data.len() as u64);
                if (bytes.len() as u64).saturating_add(data.len() as u64) > limit {
                    return Err(too_long());
                }
                bytes.extend_from_slice(&data);
            }
        }
    }
}

fn out_of_memory(location: &Arc<str>, bytes: u64) -> Error {
    let source = std::io::Error::new(std::io::ErrorKind::OutOfMemory, format!("{bytes} bytes cannot be allocated"));
    Error::Io { location: Arc::clone(location), source: Arc::new(source) }
}

/// The part of the wanted range that an object of this size has.
fn check_end(request: &RangeRequest<'_>, size: u64) -> Result<Range<u64>, Error> {
    let wanted = &request.range;
    if size == 0 {
        return Err(Error::Empty { location: Arc::clone(request.location) });
    }
    if wanted.start >= size || (wanted.end > size && !request.may_be_short) {
        return Err(Error::OutOfBounds { location: Arc::clone(request.location), range: wanted.clone(), size });
    }
    Ok(wanted.start..wanted.end.min(size))
}
