//! The levels of an image while it is written: blocks come in any order, are made into blocks of the next level as soon as all is there
//! that these need, and only margins of them are kept for their neighbours.

pub(crate) mod cuts;
pub(crate) mod reduce;
pub(crate) mod step;

use std::collections::HashMap;
use std::sync::Arc;

use cog_raster::SampleType;

use crate::error::{Error, Result};
use crate::grid::Grid;
use crate::patch::{Patch, Place};
use step::{Kept, Made, Step, Zone};

/// A block of pixels: a rectangle of a patch, which others may use as well.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) patch: Arc<Patch>,
    pub(crate) place: Place,
}

/// The pixels of a block, or of a part of one.
#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// All are like this one.
    Uniform(Patch),
    Pixels(Block),
}

impl Data {
    /// A patch of its own.
    pub(crate) fn of(patch: Patch) -> Data {
        let place = patch.whole();
        match patch.uniform(place) {
            Some(pixel) => Data::Uniform(pixel),
            None => Data::Pixels(Block { patch: Arc::new(patch), place }),
        }
    }
}

/// A block that is whole.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) level: usize,
    pub(crate) block: (u32, u32),
    pub(crate) data: Data,
}

/// Levels that are made from each other.
#[derive(Debug)]
pub(crate) struct Pyramid {
    sample: SampleType,
    bands: usize,
    masked: bool,
    levels: Vec<State>,
}

/// A level.
#[derive(Debug)]
struct State {
    grid: Grid,
    /// To the next level, if there is one.
    step: Option<Arc<Step>>,
    /// What is kept of blocks, and how many zones still need it.
    kept: HashMap<(u32, u32), (Kept, usize)>,
    /// Blocks that are not whole.
    parts: HashMap<(u32, u32), Part>,
}

/// A block of which some is there.
#[derive(Debug)]
struct Part {
    pixels: Pixels,
    /// Pixels that are there.
    done: u64,
}

#[derive(Debug)]
enum Pixels {
    Uniform(Patch),
    Patch(Box<Patch>),
}

impl Pyramid {
    /// Levels from the largest, each with the step to the next.
    pub(crate) fn new(
        sample: SampleType,
        bands: usize,
        masked: bool,
        levels: impl IntoIterator<Item = (Grid, Option<Arc<Step>>)>,
    ) -> Pyramid {
        let state = |(grid, step)| State { grid, step, kept: HashMap::new(), parts: HashMap::new() };
        Pyramid { sample, bands, masked, levels: levels.into_iter().map(state).collect() }
    }

    /// The grid of a level.
    pub(crate) fn grid(&self, level: usize) -> Result<Grid> {
        self.levels.get(level).map(|state| state.grid).ok_or(Error::Internal("no such level"))
    }

    /// The step from a level to the next.
    pub(crate) fn step(&self, level: usize) -> Option<Arc<Step>> {
        self.levels.get(level)?.step.clone()
    }

    /// Takes a rectangle of a level, given by its upper left pixel, and gives the blocks that are whole with it.
    ///
    /// # Errors
    /// No memory.
    pub(crate) fn add(&mut self, level: usize, origin: (u32, u32), size: (u32, u32), data: Data) -> Result<Vec<Ready>> {
        let grid = self.grid(level)?;
        let area = cog_raster::Area { x: origin.0, y: origin.1, width: size.0, height: size.1 };
        let mut ready = Vec::new();
        for block in grid.touched(&area) {
            let of = grid.area(block);
            let (left, top) = (of.x.max(area.x), of.y.max(area.y));
            let right = (of.x + of.width).min(area.x + area.width);
            let bottom = (of.y + of.height).min(area.y + area.height);
            let common = Place {
                row: (top - area.y) as usize,
                column: (left - area.x) as usize,
                rows: (bottom - top) as usize,
                columns: (right - left) as usize,
            };
            if (common.rows, common.columns) == (of.height as usize, of.width as usize) {
                ready.push(Ready { level, block, data: within(&data, common) });
                continue;
            }
            let at = ((top - of.y) as usize, (left - of.x) as usize);
            if let Some(data) = self.put(level, block, at, &data, common)? {
                ready.push(Ready { level, block, data });
            }
        }
        Ok(ready)
    }

    /// Takes what a block of a level makes, and gives the blocks of the next level that are whole with it.
    ///
    /// # Errors
    /// No memory, and what the reduction says.
    pub(crate) fn take(&mut self, level: usize, block: (u32, u32), made: Made) -> Result<Vec<Ready>> {
        let Some(step) = self.step(level) else { return Ok(Vec::new()) };
        let mut zones = made.zones;
        if let Some(kept) = made.kept {
            zones.extend(self.with_neighbours(level, block, kept, &step)?);
        }
        let mut ready = Vec::new();
        for (zone, data) in zones {
            let runs = |zone: Zone| Some((step.columns.run(zone.columns)?, step.rows.run(zone.rows)?));
            let (across, down) = runs(zone).ok_or(Error::Internal("no such zone"))?;
            let size = (across.out.len() as u32, down.out.len() as u32);
            ready.extend(self.add(level + 1, (across.out.start, down.out.start), size, data)?);
        }
        Ok(ready)
    }

    /// Zones that need other blocks too and have all of them now.
    fn with_neighbours(
        &mut self,
        level: usize,
        block: (u32, u32),
        kept: Kept,
        step: &Step,
    ) -> Result<Vec<(Zone, Data)>> {
        let shape = (self.sample, self.bands, self.masked);
        let Some(state) = self.levels.get_mut(level) else { return Ok(Vec::new()) };
        let touching: Vec<_> = step
            .columns
            .of_source(block.0)
            .flat_map(|(columns, across)| {
                step.rows.of_source(block.1).map(move |(rows, down)| (Zone { columns, rows }, across, down))
            })
            .filter(|(_, across, down)| !(across.is_inner() && down.is_inner()))
            .collect();
        state.kept.insert(block, (kept, touching.len()));
        let mut made = Vec::new();
        for (zone, across, down) in touching {
            let sources = || down.sources.clone().flat_map(|y| across.sources.clone().map(move |x| (x, y)));
            if !sources().all(|source| state.kept.contains_key(&source)) {
                continue;
            }
            let data = step.of_several(across, down, shape, |block| state.kept.get(&block).map(|(kept, _)| kept))?;
            made.push((zone, data));
            for source in sources() {
                if let Some((_, left)) = state.kept.get_mut(&source) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        state.kept.remove(&source);
                    }
                }
            }
        }
        Ok(made)
    }

    /// Copies a part of a block to its place, and gives the block if it is whole.
    fn put(
        &mut self,
        level: usize,
        block: (u32, u32),
        (row, column): (usize, usize),
        data: &Data,
        from: Place,
    ) -> Result<Option<Data>> {
        let (sample, bands, masked) = (self.sample, self.bands, self.masked);
        let Some(state) = self.levels.get_mut(level) else { return Err(Error::Internal("no such level")) };
        let area = state.grid.area(block);
        let (rows, columns) = (area.height as usize, area.width as usize);
        let part = match state.parts.entry(block) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => entry.insert(Part {
                done: 0,
                pixels: match data {
                    Data::Uniform(pixel) => Pixels::Uniform(pixel.clone()),
                    Data::Pixels(_) => Pixels::Patch(Box::new(Patch::zeros(sample, masked, (bands, rows, columns))?)),
                },
            }),
        };
        if let (Pixels::Uniform(old), data) = (&part.pixels, data)
            && !matches!(data, Data::Uniform(pixel) if pixel.same(old))
        {
            let mut patch = Patch::zeros(sample, masked, (bands, rows, columns))?;
            let whole = patch.whole();
            patch.fill(whole, old);
            part.pixels = Pixels::Patch(Box::new(patch));
        }
        if let Pixels::Patch(patch) = &mut part.pixels {
            match data {
                Data::Uniform(pixel) => patch.fill(Place { row, column, ..from }, pixel),
                Data::Pixels(Block { patch: source, place }) => {
                    let inside = Place { row: place.row + from.row, column: place.column + from.column, ..from };
                    patch.put(row, column, source, inside);
                }
            }
        }
        part.done += from.rows as u64 * from.columns as u64;
        if part.done < rows as u64 * columns as u64 {
            return Ok(None);
        }
        let whole = state.parts.remove(&block).map(|part| match part.pixels {
            Pixels::Uniform(pixel) => Data::Uniform(pixel),
            Pixels::Patch(patch) => Data::of(*patch),
        });
        Ok(whole)
    }

    /// True if nothing waits for anything.
    pub(crate) fn is_finished(&self) -> bool {
        self.levels.iter().all(|state| state.kept.is_empty() && state.parts.is_empty())
    }
}

/// A rectangle of a block.
fn within(data: &Data, place: Place) -> Data {
    match data {
        Data::Uniform(pixel) => Data::Uniform(pixel.clone()),
        Data::Pixels(Block { patch, place: outer }) => {
            let place = Place { row: outer.row + place.row, column: outer.column + place.column, ..place };
            Data::Pixels(Block { patch: Arc::clone(patch), place })
        }
    }
}
