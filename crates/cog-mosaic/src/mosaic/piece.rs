//! A part of the output: which sources are read for it, when, and what is made of them.

use std::collections::HashMap;

use cog_raster::{Pixels, Raster};
use cog_read::ReadCost;
use cog_warp::OutputGrid;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use super::accumulate::accumulator;
use super::accumulate::shape::{Accumulate, Shape};
use super::globe::View;
use super::job::Job;
use super::masks::Masks;
use super::pieces::Piece;
use super::rectangle::Rectangle;
use super::selection::PixelSelection;
use crate::error::{Error, Result};

/// A part that is done.
pub(super) struct Made {
    pub(super) at: Rectangle,
    pub(super) pixels: Pixels,
    pub(super) masks: Masks,
    /// Sources that hold data in it.
    pub(super) used: Vec<usize>,
    /// Sources that failed.
    pub(super) skipped: Vec<(usize, Error)>,
    pub(super) cost: ReadCost,
}

/// What a read of a source gives, and of which part of the piece.
struct Read {
    position: usize,
    at: Rectangle,
    result: Result<(Vec<Raster>, ReadCost)>,
}

/// Reads of sources, begun in any order and taken in theirs.
struct Reads<'a> {
    job: &'a Job,
    piece: &'a Piece,
    running: FuturesUnordered<BoxFuture<'a, Read>>,
    /// By the source's position in the order. `None` while it runs.
    begun: HashMap<usize, Option<Read>>,
}

impl Reads<'_> {
    fn begin(&mut self, position: usize, source: usize, at: Rectangle) -> Result<()> {
        if self.begun.contains_key(&position) {
            return Ok(());
        }
        self.begun.insert(position, None);
        let (job, window) = (self.job, part_of(self.piece, at)?);
        let read = async move { Read { position, at, result: job.read(source, &window).await } };
        self.running.push(Box::pin(read));
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.begun.len() >= self.piece.at_once
    }

    /// The answer of a read that was begun; others go on meanwhile.
    async fn take(&mut self, position: usize) -> Option<Read> {
        loop {
            match self.begun.get_mut(&position) {
                None => return None,
                Some(done) if done.is_some() => return self.begun.remove(&position).flatten(),
                Some(_) => {}
            }
            let read = self.running.next().await?;
            self.begun.insert(read.position, Some(read));
        }
    }
}

/// A part of a piece, as a window of the output's grid.
fn part_of(piece: &Piece, at: Rectangle) -> Result<OutputGrid> {
    let side = |n: usize| u32::try_from(n).map_err(|_| Error::Internal { what: "a part of a mosaic is too large" });
    Ok(piece.window.window(side(at.x)?, side(at.y)?, side(at.width)?, side(at.height)?)?)
}

pub(super) async fn make(job: &Job, piece: Piece) -> Result<Made> {
    let mut sources = piece.sources.clone();
    if job.selection == PixelSelection::Last {
        sources.reverse();
    }
    let shape = Shape {
        bands: job.layer_bands,
        width: piece.at.width,
        height: piece.at.height,
        fill: job.fill,
        sources: job.mosaic.sources().len(),
    };
    let mut heap = accumulator(job.selection, job.sample_type, shape)?;
    let (mut used, mut skipped, mut cost) = (Vec::new(), Vec::new(), ReadCost::default());
    let mut reads = Reads { job, piece: &piece, running: FuturesUnordered::new(), begun: HashMap::new() };
    let stops = job.selection.stops_when_filled();
    let (mut missing, mut view) = (Rectangle::all(piece.at.width, piece.at.height), piece.view.clone());
    // How many sources of unknown place are opened beside the next one: more, the longer none of them is of use.
    let mut ahead = 0;
    for (position, source) in sources.iter().copied().enumerate() {
        if job.mosaic.coverage(source).is_none() {
            job.find(&unknown(job, sources.get(position..).unwrap_or_default(), ahead + 1)).await;
            ahead = (ahead * 2 + 1).min(job.pace.at_once.max(1) - 1);
        }
        let is_wanted = |source: usize| job.mosaic.overlaps(source, view.boxes.as_deref());
        if is_wanted(source) {
            reads.begin(position, source, missing)?;
        }
        let rest = || sources.iter().copied().enumerate().skip(position);
        if !stops {
            for (later, source) in rest().filter(|(_, source)| is_wanted(*source)) {
                if reads.is_full() {
                    break;
                }
                reads.begin(later, source, missing)?;
            }
        } else {
            for (later, source) in needed(job, rest(), &view) {
                if reads.is_full() {
                    break;
                }
                reads.begin(later, source, missing)?;
            }
            let known =
                rest().skip(1).filter(|(_, source)| job.mosaic.coverage(*source).is_some() && is_wanted(*source));
            for (later, source) in known.take(job.pace.look_ahead) {
                if reads.is_full() {
                    break;
                }
                reads.begin(later, source, missing)?;
            }
        }
        let Some(Read { at, result, .. }) = reads.take(position).await else { continue };
        let (rasters, own) = match result {
            Ok(read) => read,
            Err(error) if job.skips => {
                skipped.push((source, error));
                continue;
            }
            Err(error) => return Err(error),
        };
        cost.fetch += own.fetch;
        cost.decode += own.decode;
        cost.blocks += own.blocks;
        cost.sparse += own.sparse;
        let (back, fed) = feed(job, heap, rasters, at, stops).await?;
        heap = back;
        if fed.has_data {
            used.push(source);
            ahead = 0;
        }
        if stops {
            let Some(now) = fed.missing else { break };
            if now != missing {
                missing = now;
                view = job.globe.view(&part_of(&piece, missing)?);
            }
        }
    }
    drop(reads);
    let (pixels, masks) = job.session().run(move || heap.finish()).await.ok_or(LOST)??;
    Ok(Made { at: piece.at, pixels, masks, used, skipped, cost })
}

const LOST: Error = Error::Internal { what: "a thread that makes a mosaic ended early" };

/// What a layer brought.
struct Fed {
    has_data: bool,
    missing: Option<Rectangle>,
}

/// Feeds a layer, on a thread that decodes.
async fn feed(
    job: &Job,
    mut heap: Box<dyn Accumulate>,
    rasters: Vec<Raster>,
    at: Rectangle,
    stops: bool,
) -> Result<(Box<dyn Accumulate>, Fed)> {
    let work = move || {
        let has_data = heap.feed(rasters, at)?;
        let missing = if stops { heap.missing() } else { None };
        Ok((heap, Fed { has_data, missing }))
    };
    job.session().run(work).await.ok_or(LOST)?
}

/// The first sources of unknown place, up to so many.
fn unknown(job: &Job, sources: &[usize], most: usize) -> Vec<usize> {
    sources.iter().copied().filter(|source| job.mosaic.coverage(*source).is_none()).take(most).collect()
}

/// The sources that have to be read whatever those before them hold: each covers a place that none before it does. Behind a source of
/// unknown place nothing is certain.
fn needed<'a>(
    job: &'a Job,
    rest: impl Iterator<Item = (usize, usize)> + 'a,
    view: &View,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let mut bare = view.places.clone();
    let mut rest = rest;
    std::iter::from_fn(move || {
        loop {
            if bare.is_empty() {
                return None;
            }
            let (position, source) = rest.next()?;
            let coverage = job.mosaic.coverage(source)?;
            let before = bare.len();
            bare.retain(|place| !coverage.holds(*place));
            if bare.len() < before {
                return Some((position, source));
            }
        }
    })
}
