//! Work on the threads that decode, while more is fetched.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cog_read::Session;

use crate::error::{Error, Result};

type Waiting<R> = Pin<Box<dyn Future<Output = Option<Result<R>>> + Send>>;

/// Parts of an output that are being made. Dropping it leaves those undone that no thread has begun.
pub(super) struct Making<R> {
    parts: Vec<Waiting<R>>,
    /// As long as this lives, somebody waits.
    _wanted: Arc<()>,
}

impl<R: Send + 'static> Making<R> {
    pub(super) fn nothing() -> Making<R> {
        Making { parts: Vec::new(), _wanted: Arc::new(()) }
    }

    /// Starts the work on all parts.
    pub(super) fn start<W>(session: &Session, parts: impl Iterator<Item = W>) -> Making<R>
    where
        W: FnOnce() -> Result<R> + Send + 'static,
    {
        let wanted = Arc::new(());
        let start = |part: W| -> Waiting<R> {
            let wanted = Arc::downgrade(&wanted);
            let done = session.run(move || wanted.upgrade().map(|_| part()));
            Box::pin(async move { done.await.flatten() })
        };
        Making { parts: parts.map(start).collect(), _wanted: wanted }
    }

    /// Waits for all parts, and hands on what each became.
    pub(super) async fn collect(self, mut each: impl FnMut(R) -> Result<()>) -> Result<()> {
        for part in self.parts {
            each(part.await.ok_or(Error::LostWorker)??)?;
        }
        Ok(())
    }
}
