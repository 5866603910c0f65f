//! One response: RFC 9110 ranges and conditions, and every way to get them wrong.

use std::ops::Range;
use std::time::Duration;

use http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED, LOCATION,
    RETRY_AFTER,
};
use http::response::Builder;
use http::{Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;

use super::body::{Script, Step};
use super::content::Part;
use super::{Fault, File, Logged, Sent, Shared, Validators};

/// What is to be sent.
struct Draft {
    status: u16,
    headers: Vec<(http::HeaderName, String)>,
    body: Part,
    fault: Option<Fault>,
}

/// `None` closes the connection.
pub(super) async fn respond(shared: &Shared, request: &Request<Incoming>) -> Option<Response<Script>> {
    let raw = request.uri().path();
    let (file, fault, latency) = {
        let mut state = shared.state();
        // Names are kept as they are sent; a client that encodes more than it must (Google's does) finds them too.
        let decoded = percent_encoding::percent_decode_str(raw).decode_utf8_lossy().into_owned();
        let path = if state.files.contains_key(raw) { raw.to_owned() } else { decoded };
        let (mut file, fault) = (state.files.get(&path).cloned(), next_fault(&mut state, &path));
        state.count += 1;
        if let Some(file) = file.as_mut().filter(|file| file.validators.wobble()) {
            file.generation = state.count;
        }
        (file, fault, state.latency)
    };
    let range = file.as_ref().and_then(|file| range_of(request, file.content.size()));
    let draft = draft(request, file.as_ref(), range.clone(), fault);
    let closed = matches!(draft.fault, Some(Fault::Reset));
    let sent = Sent::default();
    let entry = Logged {
        method: request.method().to_string(),
        path: request.uri().path_and_query().map_or_else(|| raw.to_owned(), ToString::to_string),
        range,
        status: if closed { 0 } else { draft.status },
        bytes: draft.body.len(),
        sent: sent.clone(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        at: shared.started.elapsed(),
        http2: request.version() == Version::HTTP_2,
    };
    shared.state().log.push(entry);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    match draft.fault {
        Some(Fault::Reset) => None,
        Some(Fault::Silence) => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            None
        }
        _ => Some(finish(draft, request.method() == Method::HEAD, sent)),
    }
}

impl Validators {
    fn wobble(self) -> bool {
        matches!(self, Validators::Wobbling | Validators::WobblingTime)
    }
}

fn next_fault(state: &mut super::State, path: &str) -> Option<Fault> {
    if let Some(queue) = state.faults.get_mut(path)
        && let Some((times, fault)) = queue.first_mut()
    {
        let fault = fault.clone();
        *times = if *times == usize::MAX { usize::MAX } else { *times - 1 };
        queue.retain(|(times, _)| *times > 0);
        return Some(fault);
    }
    let (per_mille, faults, seed) = state.random.as_mut()?;
    // xorshift64: enough to choose faults, the same at every run.
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    (*seed % 1000 < *per_mille).then(|| faults.get((*seed / 1000) as usize % faults.len().max(1)).cloned()).flatten()
}

/// The Range header resolved; an unsatisfiable one is given as it stands.
fn range_of(request: &Request<Incoming>, size: u64) -> Option<Range<u64>> {
    let text = request.headers().get(http::header::RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
    let (first, last) = text.split_once('-')?;
    if first.is_empty() {
        return Some(size.saturating_sub(last.parse().ok()?)..size);
    }
    let first: u64 = first.parse().ok()?;
    let end = if last.is_empty() { size } else { last.parse::<u64>().ok()?.checked_add(1)? };
    Some(first..if first < size { end.min(size) } else { end })
}

fn draft(request: &Request<Incoming>, file: Option<&File>, range: Option<Range<u64>>, fault: Option<Fault>) -> Draft {
    let plain = |status: u16, body: &str| Draft {
        status,
        headers: Vec::new(),
        body: Part::of_bytes(body.as_bytes().to_vec()),
        fault: None,
    };
    match &fault {
        Some(Fault::Status(status)) => return plain(*status, "no"),
        Some(Fault::RetryAfter(status, seconds)) => {
            return Draft { headers: vec![(RETRY_AFTER, seconds.to_string())], ..plain(*status, "later") };
        }
        Some(Fault::Body(status, body)) => return plain(*status, body),
        Some(Fault::S3Error(code)) => {
            return plain(403, &format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>"));
        }
        Some(Fault::Region(region)) => {
            let name = http::HeaderName::from_static("x-amz-bucket-region");
            return Draft {
                headers: vec![(name, region.clone())],
                ..plain(301, "<Error><Code>PermanentRedirect</Code></Error>")
            };
        }
        Some(Fault::Redirect(status, to)) => {
            return Draft { headers: vec![(LOCATION, to.clone())], ..plain(*status, "") };
        }
        _ => {}
    }
    let Some(file) = file else { return Draft { fault, ..plain(404, "no such file") } };
    let sent = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some((name, value)) = &file.required
        && sent(name) != Some(value)
    {
        return plain(401, "who are you?");
    }
    let size = file.content.size();
    let mut headers = vec![(ACCEPT_RANGES, "bytes".to_owned())];
    let tag = format!("\"v{}-{size}\"", file.generation);
    let weak = format!("W/{tag}");
    let modified = format!("Sun, 06 Nov 1994 08:{:02}:37 GMT", file.generation % 60);
    match file.validators {
        Validators::Strong | Validators::StrongUnchecked | Validators::Wobbling => {
            headers.extend([(ETAG, tag.clone()), (LAST_MODIFIED, modified)])
        }
        Validators::Weak => headers.extend([(ETAG, weak.clone()), (LAST_MODIFIED, modified)]),
        Validators::LastModified | Validators::WobblingTime => headers.push((LAST_MODIFIED, modified)),
        Validators::None => {}
    }
    if let Some(wanted) = sent("if-match")
        && file.validators != Validators::StrongUnchecked
        && (wanted != tag || !matches!(file.validators, Validators::Strong | Validators::Wobbling))
    {
        return plain(412, "another version");
    }
    let unchanged =
        sent("if-none-match").is_some_and(|known| headers.iter().any(|(name, tag)| name == ETAG && tag == known));
    if unchanged {
        return Draft { headers, fault, ..plain(304, "") };
    }
    let whole = matches!(fault, Some(Fault::IgnoreRange));
    let Some(range) = range.filter(|_| !whole) else {
        return Draft { status: 200, headers, body: Part::new(&file.content, 0..size), fault };
    };
    if range.start >= size || range.is_empty() {
        return Draft { headers: vec![(CONTENT_RANGE, format!("bytes */{size}"))], ..plain(416, "") };
    }
    let (mut range, mut total) = (range, size.to_string());
    match fault {
        Some(Fault::Less(n)) => range.end = range.end.min(range.start + n),
        Some(Fault::ShiftedContentRange) => range = (range.start + 1).min(size - 1)..(range.end + 1).min(size),
        Some(Fault::UnknownSize) => total = "*".to_owned(),
        Some(Fault::WrongSize) => total = (size + 1).to_string(),
        Some(Fault::Gzip) => headers.push((CONTENT_ENCODING, "gzip".to_owned())),
        _ => {}
    }
    let (first, last) = (range.start.to_string(), (range.end - 1).to_string());
    match &fault {
        Some(Fault::NoContentRange) => {}
        Some(Fault::ContentRange(text)) => {
            let text = text.replace("{first}", &first).replace("{last}", &last).replace("{size}", &total);
            headers.push((CONTENT_RANGE, text));
        }
        Some(Fault::Multipart) => {
            headers.push((CONTENT_TYPE, "multipart/byteranges; boundary=x".to_owned()));
            let mut body = format!("\r\n--x\r\nContent-Range: bytes {first}-{last}/{total}\r\n\r\n").into_bytes();
            body.extend_from_slice(&Part::new(&file.content, range).take(u64::MAX));
            body.extend_from_slice(b"\r\n--x--\r\n");
            return Draft { status: 206, headers, body: Part::of_bytes(body), fault };
        }
        _ => headers.push((CONTENT_RANGE, format!("bytes {first}-{last}/{total}"))),
    }
    if let Some(Fault::Headers(more)) = &fault {
        headers.extend(more.iter().map(|(name, value)| (http::HeaderName::from_static(name), (*value).to_owned())));
    }
    let status = if matches!(fault, Some(Fault::RangeAs200(_))) { 200 } else { 206 };
    Draft { status, headers, body: Part::new(&file.content, range), fault }
}

fn finish(draft: Draft, head: bool, sent: Sent) -> Response<Script> {
    let Draft { status, headers, body, fault } = draft;
    let mut builder: Builder = Response::builder().status(StatusCode::from_u16(status).unwrap_or_default());
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    let cut = |n: u64| body.first(n);
    let mut length = Some(body.len());
    let steps = match fault {
        _ if head || status == 304 => vec![],
        Some(Fault::Cut(n)) => vec![Step::Data(cut(n)), Step::Break],
        Some(Fault::Stall(n)) => vec![Step::Data(cut(n)), Step::Stall],
        Some(Fault::Short(n)) => {
            length = None;
            vec![Step::Data(cut(n))]
        }
        Some(Fault::Long(n)) => {
            length = None;
            vec![Step::Data(body.clone()), Step::Data(Part::of_bytes(vec![0; n as usize]))]
        }
        Some(Fault::Truncated(n)) => {
            let part = cut(n.min(body.len()));
            length = Some(part.len());
            vec![Step::Data(part)]
        }
        Some(Fault::RangeAs200(true)) => {
            length = None;
            vec![Step::Data(body.clone())]
        }
        Some(Fault::Gzip) => {
            let packed = cut(body.len() / 2);
            length = Some(packed.len());
            vec![Step::Data(packed)]
        }
        _ => vec![Step::Data(body.clone())],
    };
    if let Some(length) = length.filter(|_| status != 304) {
        builder = builder.header(CONTENT_LENGTH, length);
    }
    let something = |step: &Step| !matches!(step, Step::Data(part) if part.len() == 0);
    let script = Script { steps: steps.into_iter().filter(something).collect(), sent, pause: None };
    builder.body(script).unwrap_or_else(|_| Response::new(Script::default()))
}
