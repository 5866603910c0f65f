//! What a file on the server holds: bytes, or a rule that makes any range of them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

type Rule = dyn Fn(Range<u64>) -> Vec<u8> + Send + Sync;

/// The bytes of a file. Files too large to hold are made range by range.
#[derive(Clone)]
pub struct Content(Kind);

#[derive(Clone)]
enum Kind {
    Held(Bytes),
    Made { size: u64, rule: Arc<Rule> },
}

impl Content {
    /// A file of `size` bytes; `rule` makes exactly the bytes of any range inside it, always the same.
    pub fn made(size: u64, rule: impl Fn(Range<u64>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self(Kind::Made { size, rule: Arc::new(rule) })
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        match &self.0 {
            Kind::Held(bytes) => bytes.len() as u64,
            Kind::Made { size, .. } => *size,
        }
    }

    /// The bytes of a range; what lies behind the end is left out.
    pub fn range(&self, range: Range<u64>) -> Bytes {
        let end = range.end.min(self.size());
        let range = range.start.min(end)..end;
        match &self.0 {
            Kind::Held(bytes) => bytes.slice(range.start as usize..range.end as usize),
            Kind::Made { rule, .. } => rule(range).into(),
        }
    }
}

/// A part of a content, made piece by piece while it is sent.
#[derive(Debug, Clone)]
pub(super) struct Part {
    content: Content,
    range: Range<u64>,
}

impl Part {
    /// The bytes of a range that lies inside the content.
    pub(super) fn new(content: &Content, range: Range<u64>) -> Self {
        Self { content: content.clone(), range }
    }

    pub(super) fn of_bytes(bytes: impl Into<Bytes>) -> Self {
        let content = Content::from(bytes.into());
        Self { range: 0..content.size(), content }
    }

    pub(super) fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Its first `n` bytes, or all.
    pub(super) fn first(&self, n: u64) -> Self {
        Self { content: self.content.clone(), range: self.range.start..self.range.start + n.min(self.len()) }
    }

    /// Takes up to `n` bytes from its begin.
    pub(super) fn take(&mut self, n: u64) -> Bytes {
        let end = self.range.start + n.min(self.len());
        let bytes = self.content.range(self.range.start..end);
        self.range.start = end;
        bytes
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes)", self.size())
    }
}

macro_rules! held {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Content {
            fn from(bytes: $kind) -> Self {
                Self(Kind::Held(bytes.into()))
            }
        }
    )*};
}

held!(Bytes, Vec<u8>, &'static [u8], &'static str);
