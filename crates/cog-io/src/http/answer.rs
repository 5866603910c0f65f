//! One response to a range request: what it says about itself is checked, and its body read.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH, LAST_MODIFIED};
use http::{Response, StatusCode, Uri};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use super::client::Client;
use super::content_coding::{self, Coding};
use super::content_range::ContentRange;
use super::exchange::RangeRequest;
use super::failure::Failure;
use crate::error::Error;

/// What came back, checked.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// They begin where the range does, and may be fewer than it has.
    pub(crate) bytes: Bytes,
    /// Where the part of the range ends that the object has, as far as the answer tells.
    pub(crate) end: u64,
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
}

/// A body and what it is part of.
struct Part {
    bytes: Bytes,
    end: u64,
    size: Option<u64>,
    whole: Option<Bytes>,
}

impl Client {
    /// Checks the response and reads its body.
    pub(super) async fn answer(
        &self,
        request: &RangeRequest<'_>,
        response: Response<Incoming>,
    ) -> Result<Answer, Failure> {
        let (parts, body) = response.into_parts();
        let mut answer = Answer {
            bytes: Bytes::new(),
            end: request.range.start,
            size: None,
            etag: text(&parts.headers, ETAG),
            last_modified: text(&parts.headers, LAST_MODIFIED),
            whole: None,
            not_modified: parts.status == StatusCode::NOT_MODIFIED,
            redirected: None,
        };
        match parts.status {
            StatusCode::NOT_MODIFIED if request.headers.contains_key(IF_NONE_MATCH) => return Ok(answer),
            StatusCode::OK | StatusCode::PARTIAL_CONTENT => {}
            _ => return Err(self.refusal(request, &parts, body).await),
        }
        match content_coding::of(&parts.headers) {
            Coding::Intact => {}
            Coding::Unknown(word) => {
                let shown: String = word.chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
                let text =
                    format!("Content-Encoding \"{shown}\" is not a known coding: the bytes are taken as they came");
                request.counters.warn(request.location, text);
            }
            Coding::Changing(word) => {
                return Err(wrong(
                    request,
                    format!("the bytes came with Content-Encoding \"{word}\", so they are not those of the object"),
                ));
            }
        }
        let part = match parts.status {
            StatusCode::PARTIAL_CONTENT => self.partial(request, &parts.headers, body).await?,
            _ => self.unexpected_whole(request, &parts.headers, body).await?,
        };
        (answer.bytes, answer.end, answer.size, answer.whole) = (part.bytes, part.end, part.size, part.whole);
        Ok(answer)
    }

    /// Status 206.
    async fn partial(&self, request: &RangeRequest<'_>, headers: &HeaderMap, body: Incoming) -> Result<Part, Failure> {
        let media = text(headers, CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
        if media.trim_start().starts_with("multipart/byteranges") {
            let detail = "one range was asked for and status 206 came with multipart/byteranges";
            return Err(wrong(request, detail.into()));
        }
        let header = text(headers, CONTENT_RANGE).ok_or_else(|| {
            wrong(request, "status 206 without Content-Range, so where the bytes belong is unknown".into())
        })?;
        let came = ContentRange::parse(&header).map_err(|why| wrong(request, why))?;
        let range = came.range.ok_or_else(|| wrong(request, format!("status 206 with Content-Range \"{header}\"")))?;
        let end = wanted_end(request, &header, &range, came.size)?;
        let bytes = self.body(request, body, range.end - range.start).await?;
        Ok(Part { bytes, end, size: came.size, whole: None })
    }

    /// Status 200: the server ignores ranges, or sends the range under the wrong status.
    async fn unexpected_whole(
        &self,
        request: &RangeRequest<'_>,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Result<Part, Failure> {
        // With this status Content-Range has no meaning (RFC 9110, section 14.4), so the length of the body decides.
        let claimed = text(headers, CONTENT_RANGE).and_then(|header| {
            let came = ContentRange::parse(&header).ok()?;
            Some((header, came.range?, came.size))
        });
        let part_of = |length: u64| {
            let (header, range, size) = claimed.as_ref()?;
            (length == range.end - range.start && *size != Some(length)).then_some((header, range, *size))
        };
        let announced = body.size_hint().exact();
        if let Some((header, range, size)) = announced.and_then(part_of) {
            let end = wanted_end(request, header, range, size)?;
            let bytes = self.body(request, body, range.end - range.start).await?;
            return Ok(Part { bytes, end, size, whole: None });
        }
        let whole = self.whole_object(request, body).await?;
        let length = whole.len() as u64;
        if let Some((header, range, size)) = part_of(length) {
            let end = wanted_end(request, header, range, size)?;
            return Ok(Part { bytes: whole, end, size, whole: None });
        }
        if let Some((header, _, Some(size))) = claimed.filter(|(_, _, size)| size.is_some_and(|size| size != length)) {
            let detail = format!(
                "status 200 with Content-Range \"{header}\" and a body of {length} bytes: neither that range nor the \
                 {size} bytes of the object"
            );
            return Err(wrong(request, detail));
        }
        let range = check_end(request, length).map_err(Failure::Final)?;
        // Both ends are at most `whole.len()`.
        let bytes = whole.slice(range.start as usize..range.end as usize);
        Ok(Part { bytes, end: range.end, size: Some(length), whole: Some(whole) })
    }

    /// The body of a part that is said to have `wanted` bytes: at least one of them, and no more.
    async fn body(&self, request: &RangeRequest<'_>, body: Incoming, wanted: u64) -> Result<Bytes, Failure> {
        let too_long = || wrong(request, format!("the body of {wanted} bytes is longer than that"));
        if let Some(length) = body.size_hint().exact().filter(|&length| length > wanted) {
            let detail = format!("Content-Range says {wanted} bytes and Content-Length {length}");
            return Err(wrong(request, detail));
        }
        let mut bytes = Vec::new();
        if usize::try_from(wanted).ok().is_none_or(|wanted| bytes.try_reserve_exact(wanted).is_err()) {
            return Err(Failure::Final(out_of_memory(request.location, wanted)));
        }
        self.collect(request, body, &mut bytes, wanted, too_long).await?;
        if bytes.is_empty() {
            let error = Error::protocol(request.location, format!("the body ended after 0 of {wanted} bytes"));
            return Err(Failure::Again { error, after: None });
        }
        Ok(bytes.into())
    }

    /// The body of a 200.
    async fn whole_object(&self, request: &RangeRequest<'_>, body: Incoming) -> Result<Bytes, Failure> {
        let limit = request.config.max_whole_object_bytes;
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
            let frame = match timeout(request.config.read_timeout, body.frame()).await {
                Ok(None) => return Ok(()),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => {
                    let text = format!("the body broke off after {} bytes: {error}", bytes.len());
                    let source = Arc::new(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, text));
                    let error = Error::Io { location: Arc::clone(request.location), source };
                    return Err(Failure::Again { error, after: None });
                }
                Err(_) => return Err(request.silence("the next bytes of the body")),
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

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn wrong(request: &RangeRequest<'_>, detail: String) -> Failure {
    Failure::Final(Error::protocol(request.location, detail))
}

fn out_of_memory(location: &Arc<str>, bytes: u64) -> Error {
    let source = std::io::Error::new(std::io::ErrorKind::OutOfMemory, format!("{bytes} bytes cannot be allocated"));
    Error::Io { location: Arc::clone(location), source: Arc::new(source) }
}

/// Where the wanted bytes end, if `range` is a part that begins where they do: a server may send less than it was asked for
/// (RFC 9110, section 15.3.7), and never anything else.
fn wanted_end(request: &RangeRequest<'_>, header: &str, range: &Range<u64>, size: Option<u64>) -> Result<u64, Failure> {
    let wanted = &request.range;
    let end = match size {
        Some(size) => check_end(request, size).map_err(Failure::Final)?.end,
        None if request.may_be_short => range.end.min(wanted.end),
        None => wanted.end,
    };
    if range.start != wanted.start || range.end > end {
        let (first, last) = (wanted.start, end.saturating_sub(1));
        let detail = format!("bytes {first}-{last} were asked for and Content-Range says \"{header}\"");
        return Err(wrong(request, detail));
    }
    Ok(end)
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
