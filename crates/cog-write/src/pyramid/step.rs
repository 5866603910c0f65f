//! From a block of one level to what it alone makes of the next, and to what is kept of it for its neighbours.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use cog_raster::SampleType;

use super::cuts::{Cuts, Run};
use super::reduce::Reduction;
use crate::error::Result;
use crate::grid::Grid;
use crate::patch::{Patch, Place};
use crate::pyramid::{Block, Data};

/// From one level to the next.
#[derive(Debug)]
pub(crate) struct Step {
    reduction: Reduction,
    /// The same over so few pixels that one of them can be made at once.
    small: Reduction,
    pub(crate) columns: Cuts,
    pub(crate) rows: Cuts,
    source: Grid,
    /// The last pixel that filled a block, and what became of it.
    uniform: Mutex<Option<(Patch, Patch)>>,
}

/// Pixels that one run of columns and one of rows have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Zone {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// What a block makes.
#[derive(Debug)]
pub(crate) struct Made {
    /// Zones of the next level that need nothing else.
    pub(crate) zones: Vec<(Zone, Data)>,
    /// What neighbours need of it; `None` if they need nothing.
    pub(crate) kept: Option<Kept>,
}

/// What is kept of a block.
#[derive(Debug)]
pub(crate) enum Kept {
    /// The pixel that it is full of.
    Uniform(Patch),
    /// Its margins.
    Margins(Vec<(Place, Patch)>),
}

/// Pixels over which a reduction is tried.
const SMALL: u32 = 32;

impl Step {
    /// # Errors
    /// What the reduction says.
    pub(crate) fn new(reduction: Reduction, small: Reduction, source: Grid) -> Step {
        let (columns, rows) = reduction.cuts(source.block);
        Step { reduction, small, columns, rows, source, uniform: Mutex::new(None) }
    }

    /// Sizes over which a small reduction is tried, whose ratio is about that of a level and the next.
    pub(crate) fn small_sizes(source: (u32, u32), size: (u32, u32)) -> ((u32, u32), (u32, u32)) {
        let of = |source: u32, size: u32| match source <= SMALL {
            true => (source, size),
            false => (SMALL, (u64::from(SMALL) * u64::from(size) / u64::from(source)).max(1) as u32),
        };
        let (x, y) = (of(source.0, size.0), of(source.1, size.1));
        ((x.0, y.0), (x.1, y.1))
    }

    /// What a block makes of itself.
    ///
    /// # Errors
    /// What the reduction says.
    pub(crate) fn of_block(&self, block: (u32, u32), data: &Data) -> Result<Made> {
        let area = self.source.area(block);
        let mut zones = Vec::new();
        for (columns, across) in self.columns.of_source(block.0).filter(|(_, run)| run.is_inner()) {
            for (rows, down) in self.rows.of_source(block.1).filter(|(_, run)| run.is_inner()) {
                let made = match data {
                    Data::Uniform(pixel) => Data::Uniform(self.of_pixel(pixel)?),
                    Data::Pixels(Block { patch, place }) => {
                        let inside = Place {
                            row: place.row + (down.need.start - area.y) as usize,
                            column: place.column + (across.need.start - area.x) as usize,
                            rows: down.need.len(),
                            columns: across.need.len(),
                        };
                        Data::of(self.reduction.run(&across.out, &down.out, patch, inside, origin(across, down))?)
                    }
                };
                zones.push((Zone { columns, rows }, made));
            }
        }
        Ok(Made { zones, kept: self.kept(block, data) })
    }

    fn kept(&self, block: (u32, u32), data: &Data) -> Option<Kept> {
        let (across, down) = (self.columns.margins(block.0), self.rows.margins(block.1));
        if across.start + across.end + down.start + down.end == 0 {
            return None;
        }
        let (patch, place) = match data {
            Data::Uniform(pixel) => return Some(Kept::Uniform(pixel.clone())),
            Data::Pixels(Block { patch, place }) => (patch, place),
        };
        let (rows, columns) = (place.rows, place.columns);
        let left = Place { row: 0, column: 0, rows, columns: (across.start as usize).min(columns) };
        let right = (across.end as usize).min(columns);
        let right = Place { row: 0, column: columns - right, rows, columns: right };
        let top = Place { row: 0, column: 0, rows: (down.start as usize).min(rows), columns };
        let bottom = (down.end as usize).min(rows);
        let bottom = Place { row: rows - bottom, column: 0, rows: bottom, columns };
        let margins = [left, right, top, bottom].into_iter().filter(|margin| margin.rows > 0 && margin.columns > 0);
        let cut = |margin: Place| {
            let inside = Place { row: place.row + margin.row, column: place.column + margin.column, ..margin };
            (margin, patch.cut(inside))
        };
        Some(Kept::Margins(margins.map(cut).collect()))
    }

    /// A zone that several blocks make; `kept` gives what is kept of each.
    ///
    /// # Errors
    /// What the reduction says.
    pub(crate) fn of_several<'a>(
        &self,
        across: &Run,
        down: &Run,
        shape: (SampleType, usize, bool),
        kept: impl Fn((u32, u32)) -> Option<&'a Kept>,
    ) -> Result<Data> {
        let blocks = || down.sources.clone().flat_map(|y| across.sources.clone().map(move |x| (x, y)));
        let mut pixels = blocks().map(|block| match kept(block) {
            Some(Kept::Uniform(pixel)) => Some(pixel),
            _ => None,
        });
        if let Some(Some(first)) = pixels.next()
            && pixels.all(|pixel| pixel.is_some_and(|pixel| pixel.same(first)))
        {
            return Ok(Data::Uniform(self.of_pixel(first)?));
        }
        let (sample, bands, masked) = shape;
        let mut patch = Patch::zeros(sample, masked, (bands, down.need.len(), across.need.len()))?;
        for block in blocks() {
            let area = self.source.area(block);
            let columns = common(&across.need, area.x, area.width);
            let rows = common(&down.need, area.y, area.height);
            let (row, column) = ((rows.start - down.need.start) as usize, (columns.start - across.need.start) as usize);
            let wanted = Place {
                row: (rows.start - area.y) as usize,
                column: (columns.start - area.x) as usize,
                rows: rows.len(),
                columns: columns.len(),
            };
            match kept(block) {
                Some(Kept::Uniform(pixel)) => patch.fill(Place { row, column, ..wanted }, pixel),
                Some(Kept::Margins(margins)) => {
                    let Some((margin, from)) = margins.iter().find(|(margin, _)| margin.holds(&wanted)) else {
                        return Err(crate::Error::Internal("a margin is too narrow"));
                    };
                    let inside =
                        Place { row: wanted.row - margin.row, column: wanted.column - margin.column, ..wanted };
                    patch.put(row, column, from, inside);
                }
                None => return Err(crate::Error::Internal("a neighbour is missing")),
            }
        }
        let whole = patch.whole();
        Ok(Data::of(self.reduction.run(&across.out, &down.out, &patch, whole, origin(across, down))?))
    }

    /// What becomes of pixels that are all alike.
    fn of_pixel(&self, pixel: &Patch) -> Result<Patch> {
        let mut last = self.uniform.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, made)) = last.as_ref().filter(|(from, _)| from.same(pixel)) {
            return Ok(made.clone());
        }
        let (columns, rows) = self.small.source();
        let sample = pixel.pixels().sample_type();
        let mut patch = Patch::zeros(sample, pixel.mask().is_some(), (pixel.dim().0, rows as usize, columns as usize))?;
        let whole = patch.whole();
        patch.fill(whole, pixel);
        let (width, height) = self.small.size();
        let (x, y) = (width / 2, height / 2);
        // Only what is needed: the rest of the patch holds the same.
        let (across, down) = self.small.needs(x, y);
        let inside =
            Place { row: down.start as usize, column: across.start as usize, rows: down.len(), columns: across.len() };
        let made = self.small.run(&(x..x + 1), &(y..y + 1), &patch, inside, (across.start, down.start))?;
        let made = made.marked(pixel.is_unwritten());
        *last = Some((pixel.clone(), made.clone()));
        Ok(made)
    }
}

/// Where the pixels that a zone needs begin, in the level above.
fn origin(across: &Run, down: &Run) -> (u32, u32) {
    (across.need.start, down.need.start)
}

fn common(need: &Range<u32>, start: u32, len: u32) -> Range<u32> {
    need.start.max(start)..need.end.min(start + len)
}
