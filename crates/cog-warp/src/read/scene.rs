//! Squares of an output from decoded blocks.

use std::collections::HashMap;
use std::sync::Arc;

use cog_raster::Raster;

use super::blocks::{BlockSize, Place, Source, Wanted, has_dataset};
use super::plan::{Part, Piece};
use super::squares::Squares;
use crate::alpha::Alpha;
use crate::engine::Engine;
use crate::error::Result;
use crate::frame::Frame;
use crate::level::LevelGrid;
use crate::mapping::Mapping;
use crate::method::Kind;
use crate::sampling::{Ordered, View};

/// What every square needs to know.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) mapping: Mapping,
    pub(super) level: LevelGrid,
    pub(super) kind: Kind,
    pub(super) bands: usize,
    pub(super) alpha: Option<Alpha>,
    pub(super) blocks: BlockSize,
}

impl Scene {
    /// Seen from a column and row of the level.
    pub(super) fn frame(&self, origin: (u32, u32)) -> Frame<'_> {
        Frame { mapping: &self.mapping, level: self.level, origin: (i64::from(origin.0), i64::from(origin.1)) }
    }

    /// Makes squares from blocks that hold all that they look at. Returns how many pixels they have.
    pub(super) fn make<T: Ordered>(
        &self,
        pieces: &[Piece],
        blocks: &HashMap<Place, Arc<Raster>>,
        output: &Squares<T>,
    ) -> Result<usize> {
        let mut engine = Engine::<T>::new(self.kind);
        let mut engine_of_masks = None;
        let mut spare = Vec::new();
        let mut made = 0;
        for piece in pieces {
            // What alpha says of the image is known from the bands.
            let has_dataset =
                self.alpha.is_none() && piece.parts.iter().any(|part| has_dataset(part.reach, self.blocks, blocks));
            let wanted = Wanted { dataset: has_dataset, alpha: self.alpha.as_ref() };
            let join =
                |part: &Part| Source::<T>::new(part.reach, self.bands, self.blocks, (blocks, wanted), &mut spare);
            let sources = piece.parts.iter().map(join).collect::<Result<Vec<_>>>()?;
            let is_per_band = sources.iter().any(|source| source.view().has_masks());
            let mut square = output.lend(piece.square, is_per_band)?;
            for (part, source) in piece.parts.iter().zip(&sources) {
                let view = View { alpha: self.alpha.as_ref(), ..source.view() };
                engine.fill(&self.frame(source.origin()), &piece.leaves, part.within, &view, &mut square);
            }
            if let Some(mut mask) = if has_dataset { output.lend_dataset(piece.square)? } else { None } {
                let engine = engine_of_masks.get_or_insert_with(|| Engine::<u8>::new(self.kind.of_mask()));
                for (part, source) in piece.parts.iter().zip(&sources) {
                    if let Some(view) = source.dataset() {
                        engine.fill(&self.frame(source.origin()), &piece.leaves, part.within, &view, &mut mask);
                    }
                }
            }
            spare.extend(sources.into_iter().filter_map(Source::into_spare));
            made += piece.pixels();
        }
        Ok(made)
    }
}
