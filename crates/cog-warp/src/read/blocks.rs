//! Decoded blocks of a level, and the views that are put together from them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cog_raster::ndarray::{ArrayView2, Axis, Slice};
use cog_raster::{Raster, Sample, Validity};

use super::reach::Reach;
use crate::alpha::Alpha;
use crate::error::{Error, Result};
use crate::sampling::{View, ViewValidity};

/// Column and row in a level's grid of blocks.
pub(super) type Place = (u32, u32);

/// The size of a level's blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockSize {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl BlockSize {
    /// The blocks that hold pixels of a rectangle.
    pub(super) fn places(self, reach: Reach) -> impl Iterator<Item = Place> {
        let (width, height) = (self.width.max(1), self.height.max(1));
        let (left, right) = (reach.left / width, reach.right.div_ceil(width));
        (reach.top / height..reach.bottom.div_ceil(height)).flat_map(move |y| (left..right).map(move |x| (x, y)))
    }
}

/// What a rectangle of a level is read from.
pub(super) enum Source<T> {
    /// One block, from this column and row of the level on: as it is.
    One {
        block: Arc<Raster>,
        origin: (u32, u32),
        has_alpha: bool,
    },
    Several(Joined<T>),
}

/// What is wanted of blocks beside samples and masks.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// The image's own validity.
    pub(super) dataset: bool,
    /// Bands by which all of them are masked.
    pub(super) alpha: Option<&'a Alpha>,
}

impl<T: Sample> Source<T> {
    /// The pixels of a rectangle from blocks of which each begins at a multiple of the block size, and the image's own validity where it is
    /// wanted. What no block holds is invalid. Samples are put together in one of the spare buffers, if there is any.
    ///
    /// # Errors
    /// Blocks of another type.
    pub(super) fn new(
        reach: Reach,
        bands: usize,
        size: BlockSize,
        (blocks, wanted): (&HashMap<Place, Arc<Raster>>, Wanted<'_>),
        spare: &mut Vec<Vec<T>>,
    ) -> Result<Source<T>> {
        let mut places = size.places(reach);
        let has_alpha = wanted.alpha.is_some();
        let differs = |block: &Raster| wanted.alpha.is_some_and(|a| a.differs_by_band(&block.validity, bands));
        if let (Some(place), None, false) = (places.next(), places.next(), wanted.dataset)
            && let Some(block) = blocks.get(&place)
            && view_of::<T>(block, has_alpha).is_some_and(|view| view.bands == bands)
            && !differs(block)
        {
            let origin = (place.0 * size.width, place.1 * size.height);
            return Ok(Source::One { block: Arc::clone(block), origin, has_alpha });
        }
        Ok(Source::Several(Joined::new(reach, bands, size, (blocks, wanted), spare.pop().unwrap_or_default())?))
    }

    pub(super) fn view(&self) -> View<'_, T> {
        match self {
            Source::One { block, has_alpha, .. } => view_of(block, *has_alpha).unwrap_or(View::NOTHING),
            Source::Several(joined) => joined.view(),
        }
    }

    /// The image's own validity as an image, if it was wanted.
    pub(super) fn dataset(&self) -> Option<View<'_, u8>> {
        match self {
            Source::One { .. } => None,
            Source::Several(joined) => joined.dataset(),
        }
    }

    /// The buffer that its samples were put together in.
    pub(super) fn into_spare(self) -> Option<Vec<T>> {
        match self {
            Source::One { .. } => None,
            Source::Several(joined) => Some(joined.samples),
        }
    }

    /// The column and row of the level where the view begins.
    pub(super) fn origin(&self) -> (u32, u32) {
        match self {
            Source::One { origin, .. } => *origin,
            Source::Several(joined) => (joined.reach.left, joined.reach.top),
        }
    }
}

impl Reach {
    /// The part of it that a block holds which begins at a column and row of the level.
    fn overlap(self, block: &Raster, (column, row): (u32, u32)) -> Option<Reach> {
        let (_, rows, columns) = block.dim();
        let (left, right) = (self.left.max(column), self.right.min(column.saturating_add(columns as u32)));
        let (top, bottom) = (self.top.max(row), self.bottom.min(row.saturating_add(rows as u32)));
        (left < right && top < bottom).then_some(Reach { left, top, right, bottom })
    }
}

/// A whole block, masked by its alpha if it has any; `None` if its samples are of another type, or do not lie one after the other.
fn view_of<T: Sample>(block: &Raster, has_alpha: bool) -> Option<View<'_, T>> {
    let samples = block.pixels.view::<T>().ok()?;
    let (bands, height, width) = samples.dim();
    let validity = match &block.validity {
        Validity::Dataset(validity) if has_alpha => ViewValidity::Shared(validity.dataset.as_slice()?),
        _ if has_alpha => return None,
        Validity::AllValid => ViewValidity::All,
        Validity::Shared(mask) => ViewValidity::Shared(mask.as_slice()?),
        Validity::PerBand(masks) => ViewValidity::PerBand(masks.as_slice()?),
        _ => return None,
    };
    Some(View { samples: samples.to_slice()?, validity, bands, width, height, alpha: None })
}

/// Whether the image has a validity of its own in one of the blocks that hold pixels of a rectangle.
pub(super) fn has_dataset(reach: Reach, size: BlockSize, blocks: &HashMap<Place, Arc<Raster>>) -> bool {
    size.places(reach).filter_map(|place| blocks.get(&place)).any(|b| matches!(b.validity, Validity::Dataset(_)))
}

/// Samples of a rectangle of a level that lay in several blocks.
#[derive(Clone, Debug)]
pub(super) struct Joined<T> {
    samples: Vec<T>,
    masks: Masks,
    /// The image's own validity, where it is not that of its bands.
    dataset: Option<Vec<u8>>,
    bands: usize,
    reach: Reach,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Masks {
    All,
    Shared(Vec<u8>),
    PerBand(Vec<u8>),
}

impl<T: Sample> Joined<T> {
    /// As [`Source::new`]; the buffer may hold anything.
    ///
    /// # Errors
    /// Blocks of another type.
    pub(super) fn new(
        reach: Reach,
        bands: usize,
        size: BlockSize,
        (blocks, wanted): (&HashMap<Place, Arc<Raster>>, Wanted<'_>),
        mut samples: Vec<T>,
    ) -> Result<Joined<T>> {
        let plane = reach.area() as usize;
        let own: Vec<_> = size.places(reach).filter_map(|place| Some((place, blocks.get(&place)?))).collect();
        let has = |test: fn(&Validity) -> bool| own.iter().any(|(_, block)| test(&block.validity));
        let differs = match wanted.alpha {
            Some(alpha) => own.iter().any(|(_, block)| alpha.differs_by_band(&block.validity, bands)),
            None => has(|v| matches!(v, Validity::PerBand(_) | Validity::Dataset(_))),
        };
        let masks = if differs {
            Masks::PerBand(vec![0; plane * bands])
        } else if wanted.alpha.is_some() || has(|v| !matches!(v, Validity::AllValid)) {
            Masks::Shared(vec![0; plane])
        } else {
            Masks::All
        };
        let dataset = wanted.dataset.then(|| vec![0; plane]);
        let own = own.into_iter().map(|((x, y), block)| (block, (x * size.width, y * size.height)));
        let held: u64 =
            own.clone().filter_map(|(block, corner)| reach.overlap(block, corner)).map(|part| part.area()).sum();
        let len = plane * bands;
        // Blocks do not overlap: if they hold all of it, nothing is left of what was there.
        if held < reach.area() || samples.capacity() < len {
            samples = vec![T::default(); len];
        }
        samples.resize(len, T::default());
        let mut joined = Joined { samples, masks, dataset, bands, reach };
        for (block, corner) in own {
            joined.place(block, corner, wanted.alpha)?;
        }
        Ok(joined)
    }

    fn place(&mut self, block: &Raster, (column, row): (u32, u32), alpha: Option<&Alpha>) -> Result<()> {
        let other = |_| Error::SampleType { sample_type: block.pixels.sample_type() };
        let samples = block.pixels.view::<T>().map_err(other)?;
        let (bands, rows, columns) = samples.dim();
        let Some(part) = self.reach.overlap(block, (column, row)) else { return Ok(()) };
        let inner = Inner {
            rows: ((part.top - row) as usize..(part.bottom - row) as usize).into(),
            columns: ((part.left - column) as usize..(part.right - column) as usize).into(),
        };
        let Reach { left, top, right, .. } = self.reach;
        let target = Target {
            width: (right - left) as usize,
            column: (part.left - left) as usize,
            row: (part.top - top) as usize,
        };
        let plane = self.reach.area() as usize;
        let planes = self.samples.chunks_exact_mut(plane).zip(samples.outer_iter());
        planes.for_each(|(to, from)| target.copy(to, inner.of(from)));
        let by_alpha = alpha.map(|alpha| (alpha, alpha.mask(&block.pixels, &block.validity)));
        match (&mut self.masks, &by_alpha) {
            (Masks::All, _) => {}
            (Masks::Shared(mask), Some((_, by_alpha))) => target.copy(mask, inner.of(by_alpha.view())),
            (Masks::Shared(mask), None) => target.copy(mask, inner.of(block.validity.band(0, rows, columns).view())),
            (Masks::PerBand(masks), by_alpha) => {
                for (band, mask) in masks.chunks_exact_mut(plane).enumerate().take(bands) {
                    let own = match by_alpha {
                        Some((alpha, by_alpha)) => alpha.mask_of_band(&block.validity, by_alpha, band),
                        None => block.validity.band(band, rows, columns),
                    };
                    target.copy(mask, inner.of(own.view()));
                }
            }
        }
        if let Some(mask) = &mut self.dataset {
            target.copy(mask, inner.of(block.validity.union(rows, columns).view()));
        }
        Ok(())
    }

    pub(super) fn view(&self) -> View<'_, T> {
        let validity = match &self.masks {
            Masks::All => ViewValidity::All,
            Masks::Shared(mask) => ViewValidity::Shared(mask),
            Masks::PerBand(masks) => ViewValidity::PerBand(masks),
        };
        let (width, height) = self.size();
        View { samples: &self.samples, validity, bands: self.bands, width, height, alpha: None }
    }

    /// The image's own validity as an image, where it has one.
    pub(super) fn dataset(&self) -> Option<View<'_, u8>> {
        let mask = self.dataset.as_deref()?;
        let (width, height) = self.size();
        Some(View { samples: mask, validity: ViewValidity::Shared(mask), bands: 1, width, height, alpha: None })
    }

    fn size(&self) -> (usize, usize) {
        ((self.reach.right - self.reach.left) as usize, (self.reach.bottom - self.reach.top) as usize)
    }
}

/// The part of a block that is wanted.
#[derive(Clone, Copy)]
struct Inner {
    rows: Slice,
    columns: Slice,
}

impl Inner {
    fn of<V>(self, mut block: ArrayView2<'_, V>) -> ArrayView2<'_, V> {
        block.slice_axis_inplace(Axis(0), self.rows);
        block.slice_axis_inplace(Axis(1), self.columns);
        block
    }
}

/// Where a part of a block lies in a plane.
#[derive(Clone, Copy)]
struct Target {
    width: usize,
    column: usize,
    row: usize,
}

impl Target {
    fn copy<V: Copy>(self, plane: &mut [V], from: ArrayView2<'_, V>) {
        for (row, values) in from.outer_iter().enumerate() {
            let at = (self.row + row) * self.width + self.column;
            let Some(to) = plane.get_mut(at..at + values.len()) else { continue };
            match values.as_slice() {
                Some(values) => to.copy_from_slice(values),
                None => to.iter_mut().zip(values).for_each(|(to, v)| *to = *v),
            }
        }
    }
}

/// All blocks that hold pixels of these rectangles, row by row of the level's grid.
pub(super) fn needed(reaches: impl Iterator<Item = Reach>, size: BlockSize) -> Vec<Place> {
    // Rows first.
    let places: BTreeSet<(u32, u32)> = reaches.flat_map(|reach| size.places(reach)).map(|(x, y)| (y, x)).collect();
    places.into_iter().map(|(y, x)| (x, y)).collect()
}
