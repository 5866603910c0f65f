//! An HTTP server in this process that counts requests and misbehaves on demand. It listens on 127.0.0.1 and runs on threads of
//! its own, so tests without an async runtime can use it too.
//!
//! ```
//! use cog_testkit::server::{Fault, Server};
//!
//! let server = Server::start([("/a.tif", b"II*\0".as_slice())]);
//! server.inject("/a.tif", 1, Fault::Status(503));
//! assert!(server.url("/a.tif").starts_with("http://127.0.0.1:"));
//! assert_eq!(server.log().len(), 0);
//! ```

mod body;
mod cog;
mod content;
mod respond;
mod tls;
mod vast;

pub use self::cog::{CogPlan, MadeCog, TILE};
pub use self::content::Content;
pub use self::vast::VastTiff;

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// One request as the server saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// `GET`, `HEAD` …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Bytes asked for, resolved against the file; `None` without a Range header.
    pub range: Option<Range<u64>>,
    /// Status sent; 0 if the connection was closed instead.
    pub status: u16,
    /// Length of the body that was meant to be sent (of a HEAD: that a GET would have had).
    pub bytes: u64,
    /// How much of the body was handed to the connection.
    pub sent: Sent,
    /// Header names (lower case) and values.
    pub headers: Vec<(String, String)>,
    /// Since the server started.
    pub at: Duration,
    /// True for HTTP/2.
    pub http2: bool,
}

/// Bytes of a body that were handed to the connection so far. A client that breaks an answer off leaves the rest; what buffers
/// of the connection held is counted.
#[derive(Debug, Clone, Default)]
pub struct Sent(Arc<AtomicU64>);

impl Sent {
    /// The bytes.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::SeqCst);
    }
}

impl PartialEq for Sent {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Sent {}

impl Logged {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Something that goes wrong in one response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// This status and a short body.
    Status(u16),
    /// This status with `Retry-After: seconds`.
    RetryAfter(u16, u64),
    /// 403 with S3's XML body of this code.
    S3Error(String),
    /// 301 without Location, with `x-amz-bucket-region`.
    Region(String),
    /// The whole file with status 200, as from a server without ranges.
    IgnoreRange,
    /// Content-Range one byte further than asked for, and the bytes that belong there.
    ShiftedContentRange,
    /// 206 without Content-Range.
    NoContentRange,
    /// The range in this Content-Range, with `{first}`, `{last}` and `{size}` replaced by what would be right.
    ContentRange(String),
    /// At most this many bytes of the range, with a Content-Range that says so, as RFC 9110 (15.3.7) allows.
    Less(u64),
    /// The whole range in Content-Range, and a body (with its Content-Length) of this many bytes.
    Truncated(u64),
    /// The range and its Content-Range under status 200; if true in chunked encoding, without Content-Length.
    RangeAs200(bool),
    /// The range in a multipart/byteranges body, without a Content-Range of its own.
    Multipart,
    /// These headers in addition, beside bytes that are right.
    Headers(Vec<(&'static str, &'static str)>),
    /// This status with this body.
    Body(u16, String),
    /// `bytes a-b/*`.
    UnknownSize,
    /// Content-Range that claims another size of the whole.
    WrongSize,
    /// `Content-Encoding: gzip` and other bytes.
    Gzip,
    /// The connection breaks after this many bytes of the body.
    Cut(u64),
    /// The body ends after this many bytes, in chunked encoding, without an error.
    Short(u64),
    /// The body is this much longer than it should be, in chunked encoding.
    Long(u64),
    /// After this many bytes of the body nothing more comes.
    Stall(u64),
    /// No response comes at all.
    Silence,
    /// The connection is closed without a response.
    Reset,
    /// A redirect with this status to this URL or path.
    Redirect(u16, String),
}

/// What identifies the version of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Validators {
    /// A strong ETag and Last-Modified.
    #[default]
    Strong,
    /// A weak ETag and Last-Modified.
    Weak,
    /// A strong ETag, and If-Match is ignored.
    StrongUnchecked,
    /// Last-Modified only.
    LastModified,
    /// An ETag and a Last-Modified that are others at every request, as from mirrors that do not agree; If-Match is honoured.
    Wobbling,
    /// The same with a Last-Modified alone.
    WobblingTime,
    /// Neither.
    None,
}

#[derive(Debug, Clone)]
struct File {
    content: Content,
    /// Grows with every replacement.
    generation: u64,
    validators: Validators,
    /// A header that requests must have, else they get 401.
    required: Option<(String, String)>,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<String, File>,
    faults: HashMap<String, Vec<(usize, Fault)>>,
    /// Requests so far.
    count: u64,
    /// In a thousand requests, how many get a fault of this list, chosen by a generator with this state.
    random: Option<(u64, Vec<Fault>, u64)>,
    latency: Duration,
    log: Vec<Logged>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    started: Instant,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
    connections: AtomicU64,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    address: SocketAddr,
    scheme: &'static str,
    ca_pem: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Serves files by path (`/a.tif`), over HTTP/1.1 and HTTP/2 without TLS.
    pub fn start<P: Into<String>, B: Into<Content>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        Self::run(files, None)
    }

    /// The same over TLS, with a certificate of its own for `localhost`: see [`Server::ca_pem`].
    pub fn start_tls<P: Into<String>, B: Into<Content>>(files: impl IntoIterator<Item = (P, B)>) -> Self {
        Self::run(files, Some(tls::Identity::new()))
    }

    #[allow(clippy::expect_used, reason = "a test cannot go on without its server")]
    fn run<P: Into<String>, B: Into<Content>>(
        files: impl IntoIterator<Item = (P, B)>,
        identity: Option<tls::Identity>,
    ) -> Self {
        let file =
            |bytes: B| File { content: bytes.into(), generation: 1, validators: Validators::default(), required: None };
        let files = files.into_iter().map(|(path, bytes)| (path.into(), file(bytes))).collect();
        let shared = Arc::new(Shared {
            state: Mutex::new(State { files, ..State::default() }),
            started: Instant::now(),
            in_flight: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            connections: AtomicU64::new(0),
        });
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
        listener.set_nonblocking(true).expect("a non-blocking listener");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let (scheme, ca_pem) = match &identity {
            Some(identity) => ("https", Some(identity.ca_pem.clone())),
            None => ("http", None),
        };
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).expect("a listener");
                tokio::select! {
                    () = accept(listener, serving, identity) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        });
        Self { shared, address, scheme, ca_pem, stop: Some(stop), thread: Some(thread) }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        let host = if self.ca_pem.is_some() { "localhost" } else { "127.0.0.1" };
        format!("{}://{host}:{}{path}", self.scheme, self.address.port())
    }

    /// The certificate (PEM) that a client of [`Server::start_tls`] must trust.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// Every request so far.
    pub fn log(&self) -> Vec<Logged> {
        self.shared.state().log.clone()
    }

    /// Forgets the requests so far and returns them.
    pub fn take_log(&self) -> Vec<Logged> {
        self.shared.peak.store(0, Ordering::SeqCst);
        std::mem::take(&mut self.shared.state().log)
    }

    /// How many requests waited for their response at once, at most, since [`Server::take_log`].
    pub fn peak_in_flight(&self) -> usize {
        self.shared.peak.load(Ordering::SeqCst)
    }

    /// Connections accepted so far.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Every response waits this long.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.state().latency = latency;
    }

    /// The next `times` requests for `path` (without query) go wrong in this way; `usize::MAX`: all of them.
    pub fn inject(&self, path: &str, times: usize, fault: Fault) {
        self.shared.state().faults.entry(path.to_owned()).or_default().push((times, fault));
    }

    /// Of a thousand requests about `per_mille` get one of these faults, in an order that `seed` fixes.
    pub fn inject_randomly(&self, per_mille: u64, faults: Vec<Fault>, seed: u64) {
        self.shared.state().random = Some((per_mille, faults, seed | 1));
    }

    /// No more faults.
    pub fn behave(&self) {
        let mut state = self.shared.state();
        state.faults.clear();
        state.random = None;
    }

    /// Puts a file there, or another version of one: ETag and Last-Modified change.
    pub fn put(&self, path: &str, bytes: impl Into<Content>) {
        let mut state = self.shared.state();
        let old = state.files.get(path);
        let file = File {
            content: bytes.into(),
            generation: old.map_or(1, |old| old.generation + 1),
            validators: old.map_or_else(Validators::default, |old| old.validators),
            required: old.and_then(|old| old.required.clone()),
        };
        state.files.insert(path.to_owned(), file);
    }

    /// Removes a file: requests for it get 404.
    pub fn remove(&self, path: &str) {
        self.shared.state().files.remove(path);
    }

    /// What the responses for a file say about its version.
    pub fn set_validators(&self, path: &str, validators: Validators) {
        if let Some(file) = self.shared.state().files.get_mut(path) {
            file.validators = validators;
        }
    }

    /// Requests for this file without this header get 401.
    pub fn require_header(&self, path: &str, name: &str, value: &str) {
        if let Some(file) = self.shared.state().files.get_mut(path) {
            file.required = Some((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, identity: Option<tls::Identity>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let shared = Arc::clone(&shared);
        let acceptor = identity.as_ref().map(|identity| identity.acceptor.clone());
        tokio::spawn(async move {
            match acceptor {
                None => serve(stream, shared).await,
                Some(acceptor) => {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve_stream(TokioIo::new(stream), shared).await;
                    }
                }
            }
        });
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    serve_stream(TokioIo::new(stream), shared).await;
}

async fn serve_stream<S>(stream: S, shared: Arc<Shared>)
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    // An error of the response closes the connection, which is how `Fault::Reset` works.
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move {
            let waiting = shared.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            shared.peak.fetch_max(waiting, Ordering::SeqCst);
            let _guard = InFlight(&shared.in_flight);
            respond::respond(&shared, &request).await.ok_or(Closed)
        }
    });
    let _: Result<(), _> = auto::Builder::new(TokioExecutor::new()).serve_connection(stream, service).await;
}

/// The connection is closed on purpose.
#[derive(Debug)]
struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Closed {}

impl From<Infallible> for Closed {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
