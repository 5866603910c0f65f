//! One file of a composite, opened when it is first needed.

use std::fmt;
use std::sync::Arc;

use cog_io::Location;
use cog_read::{Cog, Session};
use tokio::sync::OnceCell;

use crate::error::{Error, Result};

/// A file with a name, opened when it is first needed. Cheap to clone; clones share the open file.
#[derive(Clone)]
pub struct Reader {
    inner: Arc<Inner>,
}

struct Inner {
    name: Arc<str>,
    closed: Closed,
    cog: OnceCell<Cog>,
}

/// How the file is opened.
enum Closed {
    At(Session, Location),
    /// It came open.
    Never,
    /// Nobody knows where it is.
    Nowhere(Error),
}

impl Reader {
    /// A file at a location; nothing is opened.
    pub fn new(session: &Session, name: impl Into<Arc<str>>, location: Location) -> Reader {
        let closed = Closed::At(session.clone(), location);
        Reader { inner: Arc::new(Inner { name: name.into(), closed, cog: OnceCell::new() }) }
    }

    /// A file that is open.
    pub fn of_cog(name: impl Into<Arc<str>>, cog: Cog) -> Reader {
        Reader {
            inner: Arc::new(Inner { name: name.into(), closed: Closed::Never, cog: OnceCell::new_with(Some(cog)) }),
        }
    }

    /// A file that has no location, and why: the error of whoever asks for it.
    pub(crate) fn without(name: Arc<str>, problem: Error) -> Reader {
        Reader { inner: Arc::new(Inner { name, closed: Closed::Nowhere(problem), cog: OnceCell::new() }) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    pub(crate) fn shared_name(&self) -> &Arc<str> {
        &self.inner.name
    }

    /// Where it is, for those that did not come open; `None` too where the asset it stands for has no href that leads anywhere. Shown
    /// redacted.
    pub fn location(&self) -> Option<&Location> {
        match &self.inner.closed {
            Closed::At(_, location) => Some(location),
            Closed::Never | Closed::Nowhere(_) => None,
        }
    }

    /// True once it was opened.
    pub fn is_open(&self) -> bool {
        self.inner.cog.initialized()
    }

    /// The file, opened by the first who asks; who asks meanwhile waits for the same. A failure is not kept: the next who asks
    /// tries again.
    ///
    /// # Errors
    /// What is wrong with the file, by its name.
    pub async fn cog(&self) -> Result<Cog> {
        let Inner { name, closed, cog } = &*self.inner;
        let open = || async {
            match closed {
                Closed::At(session, location) => session.open_location(location).await.map_err(Error::from),
                Closed::Nowhere(problem) => Err(problem.clone()),
                Closed::Never => Err(Error::Internal { what: "a reader has neither a file nor a location" }),
            }
        };
        cog.get_or_try_init(open).await.cloned().map_err(|e| e.of_reader(name))
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.location(), self.inner.cog.get()) {
            (Some(location), _) => write!(f, "Reader({}: {location})", self.name()),
            (None, Some(cog)) => write!(f, "Reader({}: {})", self.name(), cog.location()),
            (None, None) => write!(f, "Reader({})", self.name()),
        }
    }
}
