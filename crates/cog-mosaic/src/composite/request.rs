//! A request that every file of a composite answers.

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use cog_read::Cog;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::composite::reader::Reader;
use crate::error::{Error, Result};

/// What one file answers.
type Ask<T> = dyn Fn(&Cog) -> BoxFuture<'static, Result<T>> + Send + Sync;

/// A request to all files of a composite; await it for one result a file, in order.
#[must_use = "a request does nothing until it is awaited"]
pub struct CompositeRead<T> {
    readers: Vec<Reader>,
    at_once: usize,
    ask: Arc<Ask<T>>,
}

impl<T: Send + 'static> CompositeRead<T> {
    pub(crate) fn new<F, E, I>(readers: Vec<Reader>, at_once: usize, request: F) -> CompositeRead<T>
    where
        F: Fn(&Cog) -> I + Send + Sync + 'static,
        I: IntoFuture<Output = Result<T, E>>,
        I::IntoFuture: Send + 'static,
        E: Into<Error>,
    {
        let ask = move |cog: &Cog| -> BoxFuture<'static, Result<T>> {
            let answer = request(cog).into_future();
            Box::pin(async move { answer.await.map_err(Into::into) })
        };
        CompositeRead { readers, at_once, ask: Arc::new(ask) }
    }

    /// Makes one result of the list, which is in the order of the files.
    ///
    /// ```no_run
    /// # async fn example(composite: cog_mosaic::Composite) -> cog_mosaic::Result<()> {
    /// let widest = composite.preview(256).reduce(|rasters| rasters.iter().map(|raster| raster.dim().2).max()).await?;
    /// # Ok(()) }
    /// ```
    pub fn reduce<R, F>(self, reducer: F) -> ReducedRead<T, F>
    where
        F: FnOnce(Vec<T>) -> R,
    {
        ReducedRead { read: self, reducer }
    }

    async fn run(self) -> Result<Vec<T>> {
        let CompositeRead { readers, at_once, ask } = self;
        let each = readers.into_iter().map(|reader| {
            let ask = Arc::clone(&ask);
            async move {
                let cog = reader.cog().await?;
                ask(&cog).await.map_err(|e| e.of_reader(reader.shared_name()))
            }
        });
        stream::iter(each).buffered(at_once).try_collect().await
    }
}

impl<T: Send + 'static> IntoFuture for CompositeRead<T> {
    type Output = Result<Vec<T>>;
    type IntoFuture = BoxFuture<'static, Result<Vec<T>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<T> fmt::Debug for CompositeRead<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CompositeRead({} files)", self.readers.len())
    }
}

/// A request to all files of a composite whose results become one; await it.
#[must_use = "a request does nothing until it is awaited"]
pub struct ReducedRead<T, F> {
    read: CompositeRead<T>,
    reducer: F,
}

impl<T, R, F> IntoFuture for ReducedRead<T, F>
where
    T: Send + 'static,
    F: FnOnce(Vec<T>) -> R + Send + 'static,
{
    type Output = Result<R>;
    type IntoFuture = BoxFuture<'static, Result<R>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok((self.reducer)(self.read.run().await?)) })
    }
}

impl<T, F> fmt::Debug for ReducedRead<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReducedRead({} files)", self.read.readers.len())
    }
}
