//! How GDAL cuts an output: `GDALWarpOperation::CollectChunkList`.

use super::job::Job;
use super::source_window::{self, SourceWindow};
use crate::level::Rectangle;

/// GDAL's default memory for one chunk, in bytes.
const MEMORY: f64 = 64.0 * 1024.0 * 1024.0;

/// Chunks up to this side are not cut because they see little of the source.
const SMALL: u32 = 100;

/// A part of the output, and the part of the source that it is made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk {
    pub(crate) output: Rectangle,
    pub(crate) source: Rectangle,
    pub(super) window: SourceWindow,
}

/// The parts of an output that see the source. `bytes` are those of a pixel of all bands.
pub(crate) fn of(job: &Job<'_>, bytes: usize) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    divide(job, bytes as f64, job.within, &mut chunks);
    chunks
}

fn divide(job: &Job<'_>, bytes: f64, part: Rectangle, chunks: &mut Vec<Chunk>) {
    let Some(window) = source_window::of(job.mapping, job.forward, part, job.within, job.source, job.kind) else {
        return;
    };
    let memory = bytes * (window.rectangle.pixels() as f64 + part.pixels() as f64);
    let is_large = memory > MEMORY && (part.width > 2 || part.height > 2);
    let is_empty = window.fill_ratio < 0.5 && (part.width > SMALL || part.height > SMALL);
    if !is_large && !is_empty {
        chunks.push(Chunk { output: part, source: window.rectangle, window });
        return;
    }
    let (first, second) = if part.width > part.height {
        let width = part.width / 2;
        let rest = Rectangle { column: part.column + width, width: part.width - width, ..part };
        (Rectangle { width, ..part }, rest)
    } else {
        let height = part.height / 2;
        let rest = Rectangle { row: part.row + height, height: part.height - height, ..part };
        (Rectangle { height, ..part }, rest)
    };
    divide(job, bytes, first, chunks);
    divide(job, bytes, second, chunks);
}
