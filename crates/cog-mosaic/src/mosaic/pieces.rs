//! The parts in which an output is made.

use cog_warp::OutputGrid;

use super::accumulate::shape::pixel_bytes;
use super::globe::View;
use super::job::Job;
use super::rectangle::Rectangle;
use super::selection::PixelSelection;
use crate::error::{Error, Result};

/// Memory is counted in these.
const UNIT: u64 = 64 << 10;

/// Below this many pixels nothing is halved, however little memory is allowed: one row of a tile.
const SMALLEST: usize = 256;

/// Cuts lie on multiples of it, where there is room: blocks of files are as long, or half or twice that.
const ALIGNED: usize = 256;

/// What one read holds beside its output, at most: decoded blocks, now and for the next part.
const MOST_BLOCKS: usize = 56 << 20;

/// A part of the output, and the sources that may lie in it.
pub(super) struct Piece {
    pub(super) at: Rectangle,
    pub(super) window: OutputGrid,
    pub(super) view: View,
    /// In the order in which they count.
    pub(super) sources: Vec<usize>,
    /// Layers that may be in memory at once, those that are read included.
    pub(super) at_once: usize,
    /// Bytes that it may take.
    pub(super) bytes: u64,
}

/// Bytes as permits.
pub(super) fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX >> 4).clamp(1, u32::MAX >> 4)
}

/// The parts of an output that sources may lie in.
pub(super) async fn cut(job: &Job) -> Result<Vec<Piece>> {
    let all = Rectangle::all(job.grid.width() as usize, job.grid.height() as usize);
    if !job.selection.stops_when_filled() {
        // All that may lie in it are opened in any case. Those that fail are told of in their turn.
        let candidates = job.mosaic.candidates(job.globe.view(&job.grid).boxes.as_deref());
        let unknown: Vec<usize> = candidates.into_iter().filter(|i| job.mosaic.coverage(*i).is_none()).collect();
        job.find(&unknown).await;
    }
    let mut pieces = Vec::new();
    halve(job, all, &mut pieces)?;
    Ok(pieces)
}

fn halve(job: &Job, at: Rectangle, pieces: &mut Vec<Piece>) -> Result<()> {
    let side = |n: usize| u32::try_from(n).map_err(|_| Error::Internal { what: "a part of a mosaic is too large" });
    let window = job.grid.window(side(at.x)?, side(at.y)?, side(at.width)?, side(at.height)?)?;
    let view = job.globe.view(&window);
    let sources = job.mosaic.candidates(view.boxes.as_deref());
    if sources.is_empty() {
        return Ok(());
    }
    let own = pixel_bytes(job.selection, job.sample_type, job.layer_bands, sources.len()).saturating_mul(at.pixels());
    let layer = at.pixels().saturating_mul(job.layer_bands * job.sample_type.size() + 1);
    let read = layer.saturating_add(layer.saturating_mul(3).min(MOST_BLOCKS));
    let memory = usize::try_from(job.pace.memory).unwrap_or(usize::MAX);
    // Medians are worth one large part, whose blocks are read once; of others several parts are made at once.
    let most = if job.selection == PixelSelection::Median { memory } else { memory / 4 };
    let room = most.saturating_sub(own) / read.max(1);
    if room == 0 && at.pixels() > SMALLEST {
        let (first, second) = halves(at);
        halve(job, first, pieces)?;
        return halve(job, second, pieces);
    }
    let at_once = room.clamp(1, job.pace.at_once).min(sources.len());
    let bytes = own.saturating_add(read.saturating_mul(at_once)) as u64;
    pieces.push(Piece { at, window, view, sources, at_once, bytes });
    Ok(())
}

/// Across the longer side; rows are cut first, for blocks of strips.
fn halves(at: Rectangle) -> (Rectangle, Rectangle) {
    let middle = |length: usize| match length / 2 {
        half if half > ALIGNED => half.next_multiple_of(ALIGNED),
        half => half.max(1),
    };
    if at.height > 1 && at.height * 2 >= at.width {
        let top = middle(at.height);
        (Rectangle { height: top, ..at }, Rectangle { y: at.y + top, height: at.height - top, ..at })
    } else {
        let left = middle(at.width);
        (Rectangle { width: left, ..at }, Rectangle { x: at.x + left, width: at.width - left, ..at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_make_the_whole() {
        for (width, height) in [(1, 2), (2, 1), (1000, 300), (512, 512), (3, 700), (513, 2)] {
            let (a, b) = halves(Rectangle { x: 5, y: 7, width, height });
            assert_eq!(a.pixels() + b.pixels(), width * height);
            assert!(a.pixels() > 0 && b.pixels() > 0, "{a:?} {b:?}");
            assert!(b.x == a.x + a.width && b.y == a.y || b.y == a.y + a.height && b.x == a.x);
        }
    }
}
