//! Arrays that are written while their last rows are still being read: none of them has to be in memory as a whole.

use std::time::Instant;

use cog_crs::Crs;
use cog_read::Raster;
use futures_util::{StreamExt, stream};
use tokio::task::JoinHandle;

use crate::commands::arrays::Arrays;
use crate::context::Context;
use crate::output::drawing::Drawing;
use crate::output::rows::{Rows, Shape};

/// Bytes of a part. Those of remote files are larger: each is requests of its own.
pub(crate) const LOCAL: u64 = 8 << 20;
pub(crate) const REMOTE: u64 = 48 << 20;

/// Parts that are read at once, while another one is written.
const AT_ONCE: usize = 2;

/// The outputs, or the thread that has them.
enum Writing {
    Idle(Box<Rows>),
    Busy(JoinHandle<anyhow::Result<Box<Rows>>>),
}

impl Writing {
    /// Waits until the last part is written.
    async fn taken(self) -> anyhow::Result<Box<Rows>> {
        match self {
            Writing::Idle(rows) => Ok(rows),
            Writing::Busy(thread) => thread.await?,
        }
    }
}

/// A part of an array: its first band and row, and how it is read.
pub(crate) struct Part<F> {
    pub(crate) band: usize,
    pub(crate) row: usize,
    pub(crate) read: F,
}

/// Reads all parts and writes each as it comes. `shape` is that of what is read.
///
/// # Errors
/// What cannot be read, and what the system says of outputs.
pub(crate) async fn write<F: Future<Output = anyhow::Result<Raster>>>(
    context: &mut Context,
    outputs: Arrays,
    shape: Shape,
    parts: impl Iterator<Item = Part<F>>,
    drawing: &Drawing<'_>,
    crs: Option<&Crs>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let (rows, rest) = outputs.in_rows(drawing.shape(shape))?;
    let mut rows = Writing::Idle(Box::new(rows));
    let read = |Part { band, row, read }: Part<F>| async move {
        let raster = read.await?;
        let changed = drawing.changed(&raster)?;
        anyhow::Ok((band, row, changed.unwrap_or(raster)))
    };
    let mut all = stream::iter(parts).map(read).buffered(AT_ONCE).boxed_local();
    let mut first = None;
    while let Some(part) = all.next().await {
        let (band, row, raster) = part?;
        first.get_or_insert_with(|| rest.grid(&raster));
        let mut taken = rows.taken().await?;
        if taken.is_cut() {
            rows = Writing::Idle(taken);
            break;
        }
        rows = Writing::Busy(tokio::task::spawn_blocking(move || {
            taken.put(band, row, &raster)?;
            Ok(taken)
        }));
    }
    let rows = rows.taken().await?;
    context.stats.read = Some(started.elapsed());
    rest.finish(context, *rows, first, crs)
}
