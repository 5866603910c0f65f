//! Pieces of the output while they are made, on the threads that decode.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cog_raster::Raster;
use cog_read::Session;

use super::blocks::{BlockSize, Joined, Place};
use super::plan::Piece;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::frame::Frame;
use crate::level::LevelGrid;
use crate::mapping::Mapping;
use crate::method::Kind;
use crate::output::Output;
use crate::sampling::Ordered;

/// What every piece needs to know.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) mapping: Mapping,
    pub(super) level: LevelGrid,
    pub(super) kind: Kind,
    pub(super) bands: usize,
    pub(super) blocks: BlockSize,
}

impl Scene {
    /// Seen from a column and row of the level.
    pub(super) fn frame(&self, origin: (i64, i64)) -> Frame<'_> {
        Frame { mapping: &self.mapping, level: self.level, origin }
    }
}

/// What a piece became: its pixels, and the image's validity if that is not its bands'.
pub(super) struct Made<T> {
    pub(super) output: Output<T>,
    pub(super) dataset: Option<Output<u8>>,
}

type Waiting<T> = Pin<Box<dyn Future<Output = Option<Result<Made<T>>>> + Send>>;

/// Pieces that are being made. Dropping it leaves those undone that no thread has begun.
pub(super) struct Making<T> {
    pieces: Vec<Waiting<T>>,
    /// As long as this lives, somebody waits.
    _wanted: Arc<()>,
}

impl<T: Ordered> Making<T> {
    pub(super) fn nothing() -> Making<T> {
        Making { pieces: Vec::new(), _wanted: Arc::new(()) }
    }

    /// Starts the work on all pieces.
    pub(super) fn start<W>(session: &Session, pieces: impl Iterator<Item = W>) -> Making<T>
    where
        W: FnOnce() -> Result<Made<T>> + Send + 'static,
    {
        let wanted = Arc::new(());
        let start = |piece: W| -> Waiting<T> {
            let wanted = Arc::downgrade(&wanted);
            let done = session.run(move || wanted.upgrade().map(|_| piece()));
            Box::pin(async move { done.await.flatten() })
        };
        Making { pieces: pieces.map(start).collect(), _wanted: wanted }
    }

    /// Waits for all pieces and puts them into the output, telling after each how many pixels it has.
    pub(super) async fn collect(
        self,
        output: &mut Output<T>,
        dataset: &mut Option<Output<u8>>,
        mut tell: impl FnMut(usize),
    ) -> Result<()> {
        for piece in self.pieces {
            let Made { output: part, dataset: mask } = piece.await.ok_or(Error::LostWorker)??;
            output.place(&part);
            tell(part.within.pixels());
            if output.valid.is_empty() {
                continue;
            }
            match (mask, dataset.as_mut()) {
                (Some(mask), Some(all)) => all.place(&mask),
                (Some(mask), None) => {
                    // Until here the image was valid where its bands were.
                    let mut all = output.union()?;
                    all.place(&mask);
                    *dataset = Some(all);
                }
                (None, Some(all)) => all.place(&part.union()?),
                (None, None) => {}
            }
        }
        Ok(())
    }
}

/// Makes a piece from blocks that hold all that it looks at. Pixels without data get the value `fill`.
pub(super) fn make<T: Ordered>(
    scene: &Scene,
    piece: &Piece,
    blocks: &HashMap<Place, Arc<Raster>>,
    fill: T,
) -> Result<Made<T>> {
    let joined = Joined::<T>::new(piece.reach, scene.bands, scene.blocks, blocks)?;
    let frame = scene.frame((i64::from(piece.reach.left), i64::from(piece.reach.top)));
    let mut output = Output::new(piece.within, scene.bands, joined.view().masks())?;
    Engine::<T>::new(scene.kind).fill(&frame, &piece.leaves, piece.within, &joined.view(), &mut output);
    output.fill_invalid(fill);
    let dataset = match joined.dataset() {
        Some(view) => {
            let mut mask = Output::new(piece.within, 1, 1)?;
            Engine::<u8>::new(scene.kind.of_mask()).fill(&frame, &piece.leaves, piece.within, &view, &mut mask);
            Some(mask)
        }
        None => None,
    };
    Ok(Made { output, dataset })
}
