//! Answers that bring no bytes: what their status and body mean, and whether asking again may help.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::header::{CONTENT_RANGE, RETRY_AFTER};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::client::Client;
use super::content_range::ContentRange;
use super::exchange::RangeRequest;
use super::failure::Failure;
use super::retry;
use crate::error::Error;

/// Error bodies are read up to this: enough for a store's XML with its code.
const MAX_ERROR_BODY: usize = 4096;

impl Client {
    /// Every status but 200, 206, 304 and followed redirects.
    pub(super) async fn refusal(
        &self,
        request: &RangeRequest<'_>,
        parts: &http::response::Parts,
        body: Incoming,
    ) -> Failure {
        let location = Arc::clone(request.location);
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        if let (Some(region), Some(named)) = (request.region, header("x-amz-bucket-region")) {
            *region.lock().unwrap_or_else(PoisonError::into_inner) = Some(named.to_owned());
        }
        let status = parts.status;
        let code = self.error_code(body).await;
        let detail = |reason: bool| match (&code, status.canonical_reason()) {
            (Some(code), _) => code.clone(),
            (None, Some(text)) if reason => text.to_owned(),
            _ => String::new(),
        };
        let error = match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                let detail = [format!("HTTP {}", status.as_u16()), detail(false)];
                Error::NotFound { location, detail: join(&detail) }
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let hint = match &code {
                    Some(code) if code == "RequestTimeTooSkewed" => "check the clock",
                    _ if status == StatusCode::UNAUTHORIZED => "credentials are needed or were refused",
                    _ => "",
                };
                Error::Denied {
                    location,
                    detail: join(&[format!("HTTP {}", status.as_u16()), detail(false), hint.into()]),
                }
            }
            StatusCode::PRECONDITION_FAILED => {
                Error::changed(&location, "the server says its ETag is another (HTTP 412)")
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                let size = header(CONTENT_RANGE.as_str()).and_then(ContentRange::parse).and_then(|range| range.size);
                match size {
                    Some(size) if size > request.range.start => {
                        Error::protocol(&location, format!("HTTP 416 for bytes inside the {size}-byte object"))
                    }
                    Some(size) if size > 0 => Error::OutOfBounds { location, range: request.range.clone(), size },
                    // The first byte of an object exists unless the object is empty (RFC 9110, 15.5.17).
                    _ if request.range.start == 0 => Error::Empty { location },
                    _ => Error::Http { location, status: 416, detail: "the range lies outside the object".into() },
                }
            }
            _ => Error::Http { location, status: status.as_u16(), detail: detail(true) },
        };
        let again = status.is_server_error() && !matches!(status.as_u16(), 501 | 505 | 511)
            || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
        if !again {
            return Failure::Final(error);
        }
        let after = header(RETRY_AFTER.as_str()).and_then(|value| retry::retry_after(value, SystemTime::now()));
        Failure::Again { error, after }
    }

    /// The `<Code>` of a store's XML error.
    async fn error_code(&self, mut body: Incoming) -> Option<String> {
        let mut text = Vec::new();
        let patience = self.config.read_timeout.min(Duration::from_secs(2));
        while let Ok(Some(Ok(frame))) = timeout(patience, body.frame()).await {
            if let Ok(data) = frame.into_data() {
                text.extend_from_slice(&data);
            }
            if text.len() > MAX_ERROR_BODY {
                break;
            }
        }
        let text = String::from_utf8_lossy(&text);
        let code = text.split_once("<Code>")?.1.split_once("</Code>")?.0;
        code.chars().all(|c| c.is_ascii_alphanumeric()).then(|| code.to_owned())
    }
}

fn join(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
}
