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
use super::error_body::{self, ErrorBody};
use super::exchange::RangeRequest;
use super::failure::Failure;
use super::retry;
use crate::error::Error;

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
        let said = self.error_body(request, body).await;
        // S3 reports a connection that was idle for too long so.
        let timed_out = status == StatusCode::BAD_REQUEST && said.code.as_deref() == Some("RequestTimeout");
        let number = format!("HTTP {}", status.as_u16());
        let reason = || status.canonical_reason().unwrap_or_default().to_owned();
        let denied = || {
            let hint = match said.hint() {
                "" if status == StatusCode::UNAUTHORIZED => "credentials are needed or were refused",
                hint => hint,
            };
            let detail = join(&[number.clone(), said.shown().unwrap_or_default(), hint.into()]);
            Error::Denied { location: Arc::clone(&location), detail }
        };
        let error = match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Error::NotFound { location, detail: join(&[number, said.code.unwrap_or_default()]) }
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => denied(),
            StatusCode::BAD_REQUEST if said.is_denial() => denied(),
            StatusCode::PRECONDITION_FAILED => {
                let detail = format!("the server says its ETag is another (HTTP 412); {}", crate::version::UNPINNED);
                Error::changed(&location, detail)
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                let size = header(CONTENT_RANGE.as_str()).and_then(|value| ContentRange::parse(value).ok()?.size);
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
            _ => Error::Http { location, status: status.as_u16(), detail: said.shown().unwrap_or_else(reason) },
        };
        let again = timed_out
            || status.is_server_error() && !matches!(status.as_u16(), 501 | 505 | 511)
            || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
        if !again {
            return Failure::Final(error);
        }
        let after = header(RETRY_AFTER.as_str()).and_then(|value| retry::retry_after(value, SystemTime::now()));
        Failure::Again { error, after }
    }

    /// What the store says about it.
    async fn error_body(&self, request: &RangeRequest<'_>, mut body: Incoming) -> ErrorBody {
        let mut text = Vec::new();
        let patience = request.config.read_timeout.min(Duration::from_secs(2));
        while let Ok(Some(Ok(frame))) = timeout(patience, body.frame()).await {
            if let Ok(data) = frame.into_data() {
                text.extend_from_slice(data.get(..error_body::MAX).unwrap_or(&data));
            }
            if text.len() >= error_body::MAX {
                break;
            }
        }
        ErrorBody::parse(&text, &error_body::secrets_of(&request.uri, &request.headers))
    }
}

fn join(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
}
