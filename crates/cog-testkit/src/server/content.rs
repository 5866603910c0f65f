//! What a file on the server holds: bytes, or a rule that makes any range of them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

/// The longest content that is sent whole, to a request without a range.
const MAX_WHOLE: u64 = 256 << 20;

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

    /// All of it, unless that is too much to send.
    pub(super) fn whole(&self) -> Option<Bytes> {
        (self.size() <= MAX_WHOLE).then(|| self.range(0..self.size()))
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
