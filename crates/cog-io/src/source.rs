//! The bytes of one object, wherever it is.

mod local;
mod origin;
mod remote;
mod stream;

pub use self::local::LocalSource;
#[cfg(feature = "http")]
pub(crate) use self::origin::HttpOrigin;
pub(crate) use self::origin::Origin;
pub(crate) use self::remote::Remote;

use std::fmt;
use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt};
use object_store::ObjectStore;
use object_store::path::Path;

use crate::align::align;
use crate::cache::CacheKind;
use crate::error::{Error, Result};
use crate::merge::{MergeRules, MergedRead, merge};
use crate::session::Session;
use crate::stats::{Counters, Stats};
use crate::version::Version;

/// One object: remote, a local file, or bytes in memory. Cheap to clone; clones share version and counters.
///
/// Every read returns exactly the bytes asked for or an error. A remote object is pinned to the version of its first answer: when it
/// changes, reads fail with [`Error::Changed`] and the next [`Session::open`] sees the new one. Dropping a future
/// or stream stops its requests, unless another reader waits for the same bytes.
#[derive(Clone)]
pub struct Source {
    inner: Inner,
}

#[derive(Clone)]
enum Inner {
    Remote(Arc<Remote>),
    Local(Arc<LocalSource>),
    Memory { bytes: Bytes, name: Arc<str>, counters: Arc<Counters> },
}

impl Source {
    /// Bytes in memory.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let source = cog_io::Source::from_bytes("II*\0".into());
    /// assert_eq!(source.read(2..4).await?, "*\0");
    /// # Ok::<(), cog_io::Error>(()) }).unwrap();
    /// ```
    pub fn from_bytes(bytes: Bytes) -> Self {
        Self::from_named_bytes(bytes, "bytes in memory")
    }

    /// Bytes in memory that came from somewhere: `name` stands in errors.
    pub fn from_named_bytes(bytes: Bytes, name: impl Into<Arc<str>>) -> Self {
        Self { inner: Inner::Memory { bytes, name: name.into(), counters: Arc::default() } }
    }

    /// An open file, read by position; its cursor is not used. `name` stands in errors.
    ///
    /// # Errors
    /// [`Error::NotAFile`] for a directory or pipe, [`Error::Empty`] for a file without bytes.
    pub fn from_file(file: File, name: impl Into<Arc<str>>) -> Result<Self> {
        Ok(Self::local_file(LocalSource::from_file(file, name.into(), Arc::default(), true)?))
    }

    /// An object of a store that the caller brought, read with the limits and merging rules of `session`.
    ///
    /// Its requests are counted as calls of the store, whose own retries are not seen. What the caches of the session
    /// keep of it serves this source and its clones only.
    pub fn from_store(session: &Session, store: Arc<dyn ObjectStore>, path: Path) -> Self {
        let identity = format!("store #{}/{path}", session.caches().new_object());
        let location = format!("{store}/{path}");
        let origin = Origin::Store { store, path };
        let config = Arc::clone(session.shared_config());
        let location = crate::redact::text(&location).into();
        Self::remote(Remote::new(session.clone(), config, origin, location, identity.into()))
    }

    pub(crate) fn remote(remote: Arc<Remote>) -> Self {
        Self { inner: Inner::Remote(remote) }
    }

    pub(crate) fn local_file(local: LocalSource) -> Self {
        Self { inner: Inner::Local(Arc::new(local)) }
    }

    /// What it is called in errors and logs: redacted.
    pub fn location(&self) -> &str {
        self.name()
    }

    fn name(&self) -> &Arc<str> {
        match &self.inner {
            Inner::Remote(remote) => remote.location(),
            Inner::Local(local) => local.shared_name(),
            Inner::Memory { name, .. } => name,
        }
    }

    /// Size in bytes. Of a remote object it is known after the first answer (nothing asks for it separately), and not at all if
    /// the server does not say.
    pub fn size(&self) -> Option<u64> {
        match &self.inner {
            Inner::Remote(remote) => remote.size(),
            Inner::Local(local) => Some(local.size()),
            Inner::Memory { bytes, .. } => Some(bytes.len() as u64),
        }
    }

    /// The version that a remote object is pinned to, after the first answer.
    pub fn version(&self) -> Option<Version> {
        match &self.inner {
            Inner::Remote(remote) => remote.version().map(|version| (*version).clone()),
            _ => None,
        }
    }

    /// The local file, for workers that read by position into their own buffers.
    pub fn local(&self) -> Option<&LocalSource> {
        match &self.inner {
            Inner::Local(local) => Some(local),
            _ => None,
        }
    }

    /// The bytes, if they are in memory.
    pub fn memory(&self) -> Option<&Bytes> {
        match &self.inner {
            Inner::Memory { bytes, .. } => Some(bytes),
            _ => None,
        }
    }

    /// True if reading costs requests.
    pub fn is_remote(&self) -> bool {
        matches!(self.inner, Inner::Remote(_))
    }

    /// What this source and its clones have fetched so far.
    pub fn stats(&self) -> Stats {
        match &self.inner {
            Inner::Remote(remote) => remote.counters().snapshot(),
            Inner::Local(local) => local.counters().snapshot(),
            Inner::Memory { counters, .. } => counters.snapshot(),
        }
    }

    /// What was doubtful and read all the same, each once: an ETag that differs between answers where only the size is
    /// trusted ([`Config::pin`](crate::Config::pin)), a `Content-Encoding` that names no coding. Each is logged too, as it comes.
    pub fn warnings(&self) -> Vec<String> {
        match &self.inner {
            Inner::Remote(remote) => remote.counters().warnings(),
            Inner::Local(local) => local.counters().warnings(),
            Inner::Memory { counters, .. } => counters.warnings(),
        }
    }

    /// The first `len` bytes in one request. A shorter object is no error: an object of 100 bytes gives 100. After it,
    /// [`size`](Self::size) and [`version`](Self::version) are known. Served from the header cache where
    /// that has it.
    ///
    /// # Errors
    /// [`Error::Empty`] for an object without bytes, and what the store says.
    pub async fn read_first(&self, len: u64) -> Result<Bytes> {
        match &self.inner {
            Inner::Remote(remote) => remote.first(len).await,
            Inner::Memory { bytes, name, .. } if bytes.is_empty() => Err(Error::Empty { location: Arc::clone(name) }),
            _ => self.read(0..len.min(self.size().unwrap_or(len))).await,
        }
    }

    /// The bytes of one range.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the object is not that long; see [`Error`] for the others.
    pub async fn read(&self, range: Range<u64>) -> Result<Bytes> {
        self.first_of(vec![range], CacheKind::Block).await
    }

    /// The bytes of many ranges, in the order asked for. Neighbours share requests as [`MergeRules`] say; no byte is fetched
    /// twice; requests run side by side.
    ///
    /// # Errors
    /// The first error of any range; the requests of the others are stopped.
    pub async fn read_ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.collect(ranges.to_vec(), CacheKind::Block).await
    }

    /// Like [`read_ranges`](Self::read_ranges), for header bytes: they are kept in the header cache, so that opening again
    /// costs nothing. RangeGet for [aligned](Self::header_block) ranges.
    ///
    /// # Errors
    /// The first error of any range.
    pub async fn read_header(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.collect(ranges.to_vec(), CacheKind::Header).await
    }

    /// The aligned range that is worth fetching for header bytes: [`align()`] with the session's block size and this object's size.
    pub fn header_block(&self, wanted: Range<u64>) -> Range<u64> {
        let block = match &self.inner {
            Inner::Remote(remote) => remote.session().config().header_block_bytes,
            _ => crate::align::BLOCK,
        };
        align(wanted, block, self.size())
    }

    /// The reads that [`read_ranges`](Self::read_ranges) would send if nothing were cached.
    pub fn merged(&self, ranges: &[Range<u64>]) -> Vec<MergedRead> {
        match &self.inner {
            Inner::Remote(remote) => merge(ranges, &remote.session().config().merge),
            _ => merge(ranges, &MergeRules::default()),
        }
    }

    /// The bytes of each range as they come, with the index of the range, so that decoding overlaps fetching. Every index comes
    /// once, in any order; an error of one range does not end the stream. At most
    /// [`read_ahead_bytes`](crate::Config::read_ahead_bytes) are asked for ahead of the consumer.
    pub fn stream_ranges(
        &self,
        ranges: Vec<Range<u64>>,
    ) -> impl Stream<Item = (usize, Result<Bytes>)> + Send + Unpin + use<> {
        let ahead = match &self.inner {
            Inner::Remote(remote) => remote.session().config().read_ahead_bytes,
            _ => 0,
        };
        self.stream(ranges, CacheKind::Block, ahead)
    }

    fn stream(
        &self,
        ranges: Vec<Range<u64>>,
        kind: CacheKind,
        ahead: u64,
    ) -> BoxStream<'static, (usize, Result<Bytes>)> {
        let numbered = |ranges: Vec<Range<u64>>| futures_util::stream::iter(ranges.into_iter().enumerate());
        match &self.inner {
            Inner::Remote(remote) => stream::stream(Arc::clone(remote), ranges, kind, ahead).boxed(),
            Inner::Local(local) => {
                let local = Arc::clone(local);
                numbered(ranges)
                    .then(move |(index, range)| {
                        let local = Arc::clone(&local);
                        async move { (index, read_local(local, range).await) }
                    })
                    .boxed()
            }
            Inner::Memory { bytes, name, .. } => {
                let (bytes, name) = (bytes.clone(), Arc::clone(name));
                numbered(ranges).map(move |(index, range)| (index, slice(&bytes, &name, range))).boxed()
            }
        }
    }

    async fn collect(&self, ranges: Vec<Range<u64>>, kind: CacheKind) -> Result<Vec<Bytes>> {
        let mut all = vec![Bytes::new(); ranges.len()];
        let mut stream = self.stream(ranges, kind, u64::MAX);
        while let Some((index, bytes)) = stream.next().await {
            if let Some(place) = all.get_mut(index) {
                *place = bytes?;
            }
        }
        Ok(all)
    }

    async fn first_of(&self, ranges: Vec<Range<u64>>, kind: CacheKind) -> Result<Bytes> {
        let mut stream = self.stream(ranges, kind, u64::MAX);
        match stream.next().await {
            Some((_, bytes)) => bytes,
            None => Err(Error::protocol(self.name(), "nothing came")),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.name())
    }
}

/// Off the executor's thread where there is a Tokio runtime; in place elsewhere.
async fn read_local(local: Arc<LocalSource>, range: Range<u64>) -> Result<Bytes> {
    let name = Arc::clone(local.shared_name());
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => match runtime.spawn_blocking(move || local.read(range)).await {
            Ok(result) => result,
            Err(error) => Err(Error::io(&name, std::io::Error::other(error.to_string()))),
        },
        Err(_) => local.read(range),
    }
}

fn slice(bytes: &Bytes, name: &Arc<str>, range: Range<u64>) -> Result<Bytes> {
    let within = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
    match within.filter(|&(from, to)| from <= to && to <= bytes.len()) {
        Some((from, to)) => Ok(bytes.slice(from..to)),
        None => Err(Error::bad_range(name, range, bytes.len() as u64)),
    }
}
