//! Which blocks a read needs: listed as they are wanted, never all at once, for a file may claim any number of them.

use std::ops::Range;

use cog_tiff::{BlockGrid, BlockLocation};

use crate::error::{Error, Result};
use crate::file::layer::Layer;
use crate::pipeline::locate::BlockJob;
use cog_raster::canvas::Tiling;

/// The blocks of a layer that touch a canvas and have an entry in the tables, plane after plane, row by row.
#[derive(Debug)]
pub(crate) struct BlockList {
    destination: usize,
    grid: BlockGrid,
    /// Entries of the tables. Blocks behind their end were never written.
    entries: u64,
    planes: Vec<Option<u32>>,
    rows: Range<u32>,
    columns: Range<u32>,
    /// The next one: place of its plane in `planes`, column and row.
    next: (usize, u32, u32),
    /// How many are still to come.
    left: u64,
}

impl BlockList {
    /// Lists nothing yet. `bands` are those of the image, from 0.
    pub(crate) fn of(destination: usize, layer: &Layer, tiling: &Tiling, bands: &[usize]) -> BlockList {
        let grid = layer.image.grid;
        let planes: Vec<Option<u32>> = if layer.is_planar() {
            let mut planes: Vec<u32> = bands.iter().map(|band| *band as u32).collect();
            planes.sort_unstable();
            planes.dedup();
            planes.into_iter().map(Some).collect()
        } else {
            vec![None]
        };
        let rows = tiling.rows().start..tiling.rows().end.min(grid.down());
        let columns = tiling.columns().start..tiling.columns().end.min(grid.across());
        let next = (0, columns.start, rows.start);
        let mut list =
            BlockList { destination, grid, entries: layer.blocks.entry_count(), planes, rows, columns, next, left: 0 };
        list.left = list.planes.iter().map(|plane| list.listed_of(*plane)).fold(0, u64::saturating_add);
        list
    }

    /// Entries of the tables that belong to a plane.
    fn entries_of(&self, plane: Option<u32>) -> u64 {
        let before = u64::from(plane.unwrap_or(0)).saturating_mul(self.grid.per_plane());
        self.entries.saturating_sub(before).min(self.grid.per_plane())
    }

    /// Blocks of a plane that have an entry: whole rows, and the start of one.
    fn listed_of(&self, plane: Option<u32>) -> u64 {
        let entries = self.entries_of(plane);
        let across = u64::from(self.grid.across().max(1));
        let (whole, rest) = ((entries / across) as u32, (entries % across) as u32);
        let len = |range: Range<u32>| u64::from(range.end.saturating_sub(range.start));
        let rows = len(self.rows.start..self.rows.end.min(whole));
        let cut = if self.rows.contains(&whole) { len(self.columns.start..self.columns.end.min(rest)) } else { 0 };
        rows.saturating_mul(len(self.columns.clone())).saturating_add(cut)
    }

    /// How many blocks are still to come.
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// How many blocks touch the canvas, listed or not.
    fn all(&self) -> u64 {
        (self.rows.len() as u64).saturating_mul(self.columns.len() as u64).saturating_mul(self.planes.len() as u64)
    }

    /// How many of them have no entry in the tables. To be asked before the first is taken.
    pub(crate) fn unwritten(&self) -> u64 {
        self.all().saturating_sub(self.left)
    }

    /// Refuses a table that ends behind the file before anything is planned by it.
    pub(crate) fn check_entries(&self, layer: &Layer) -> Result<()> {
        let failed = |source| Error::Structure { location: layer.file.location(), source };
        match self.last_index() {
            Some(index) => layer.blocks.check_entries(layer.file.source().size(), index).map_err(failed),
            None => Ok(()),
        }
    }

    /// The largest number of a block that is listed.
    fn last_index(&self) -> Option<u64> {
        self.planes.iter().rev().find_map(|plane| {
            let last_entry = self.entries_of(*plane).checked_sub(1)?;
            let across = u64::from(self.grid.across().max(1));
            let (row, column) = ((last_entry / across) as u32, (last_entry % across) as u32);
            let (y, x) = (self.rows.end.checked_sub(1)?, self.columns.end.checked_sub(1)?);
            let (x, y) = match y.cmp(&row) {
                std::cmp::Ordering::Less => (x, y),
                _ if column >= self.columns.start => (x.min(column), row),
                _ => (x, row.checked_sub(1)?),
            };
            let inside = self.columns.contains(&x) && self.rows.contains(&y);
            self.grid.index(x, y, plane.unwrap_or(0)).filter(|_| inside)
        })
    }
}

impl Iterator for BlockList {
    type Item = BlockJob;

    fn next(&mut self) -> Option<BlockJob> {
        loop {
            let (place, x, y) = self.next;
            let plane = *self.planes.get(place)?;
            let inside = self.rows.contains(&y) && self.columns.contains(&x);
            let index = self.grid.index(x, y, plane.unwrap_or(0)).filter(|index| inside && *index < self.entries);
            // Within a plane numbers grow, so the first behind the end is followed by no other.
            let Some(index) = index else {
                self.next = (place + 1, self.columns.start, self.rows.start);
                continue;
            };
            self.next = if x + 1 < self.columns.end { (place, x + 1, y) } else { (place, self.columns.start, y + 1) };
            self.left = self.left.saturating_sub(1);
            let location = BlockLocation { offset: 0, length: 0 };
            return Some(BlockJob { destination: self.destination, x, y, plane, index, location, framed: false });
        }
    }
}

/// Blocks that are looked up, fetched and decoded together: so many that their requests merge as well as those of all would, and so
/// few that their bookkeeping is small.
const BATCH: u64 = 32_768;

/// The blocks of several lists in batches, of each list as large a part of what is left: the blocks of a mask are fetched with
/// those of its image, beside which they may lie.
#[derive(Debug)]
pub(crate) struct Batches {
    lists: Vec<BlockList>,
}

impl Batches {
    pub(crate) fn new(lists: Vec<BlockList>) -> Batches {
        Batches { lists }
    }
}

impl Iterator for Batches {
    type Item = Vec<BlockJob>;

    fn next(&mut self) -> Option<Vec<BlockJob>> {
        let left = self.lists.iter().map(BlockList::left).fold(0, u64::saturating_add);
        let mut batch = Vec::with_capacity(left.min(BATCH) as usize);
        for list in &mut self.lists {
            let share = match left {
                ..=BATCH => list.left(),
                _ => ((u128::from(list.left()) * u128::from(BATCH)).div_ceil(u128::from(left))) as u64,
            };
            let room = BATCH.saturating_sub(batch.len() as u64);
            batch.extend(list.by_ref().take(share.min(room) as usize));
        }
        self.lists.retain(|list| list.left() > 0);
        (!batch.is_empty()).then_some(batch)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A grid of blocks of one pixel, from a header: there is no other way to make one.
    pub(crate) fn grid(across: u32, down: u32, planes: u32) -> BlockGrid {
        let mut bytes = b"II\x2a\0\x08\0\0\0\x0a\0".to_vec();
        let mut entry = |tag: u16, value: u32| {
            bytes.extend(tag.to_le_bytes());
            bytes.extend([4, 0, 1, 0, 0, 0]);
            bytes.extend(value.to_le_bytes());
        };
        let tags = [(256, across), (257, down), (258, 8), (259, 1), (277, planes), (284, 2)];
        tags.into_iter().for_each(|(tag, value)| entry(tag, value));
        [(322, 1), (323, 1), (324, 0), (325, 0)].into_iter().for_each(|(tag, value)| entry(tag, value));
        bytes.extend([0; 4]);
        let tiff = cog_tiff::Tiff::parse(&bytes[..]).unwrap();
        cog_tiff::Image::of(tiff.ifds().first().unwrap()).unwrap().grid
    }

    fn list(grid: BlockGrid, entries: u64, planes: &[u32], columns: Range<u32>, rows: Range<u32>) -> BlockList {
        let planes = planes.iter().copied().map(Some).collect();
        let next = (0, columns.start, rows.start);
        let mut list = BlockList { destination: 0, grid, entries, planes, rows, columns, next, left: 0 };
        list.left = list.planes.iter().map(|plane| list.listed_of(*plane)).sum();
        list
    }

    #[test]
    fn blocks_are_listed_as_one_by_one_whatever_the_length_of_the_table() {
        let grid = grid(5, 4, 3);
        for entries in 0..=60 {
            for (columns, rows) in [(0..5, 0..4), (1..3, 0..4), (4..5, 2..4), (0..5, 3..4), (2..2, 0..4)] {
                for planes in [&[0, 1, 2][..], &[1], &[0, 2]] {
                    let mut expected = Vec::new();
                    for plane in planes {
                        for y in rows.clone() {
                            expected.extend(columns.clone().filter_map(|x| grid.index(x, y, *plane)));
                        }
                    }
                    let all = expected.len() as u64;
                    expected.retain(|index| *index < entries);
                    let list = list(grid, entries, planes, columns.clone(), rows.clone());
                    let case = format!("{entries} {columns:?} {rows:?} {planes:?}");
                    assert_eq!((list.left(), list.unwritten()), (expected.len() as u64, all - list.left()), "{case}");
                    assert_eq!(list.last_index(), expected.iter().max().copied(), "{case}");
                    assert_eq!(list.map(|job| job.index).collect::<Vec<_>>(), expected, "{case}");
                }
            }
        }
    }

    #[test]
    fn batches_hold_every_block_once_and_keep_lists_side_by_side() {
        let of = |columns: u32, rows: u32| {
            let grid = grid(columns, rows, 1);
            list(grid, u64::MAX, &[0], 0..columns, 0..rows)
        };
        let mut second = of(400, 300);
        second.destination = 1;
        let batches: Vec<Vec<BlockJob>> = Batches::new(vec![of(400, 300), second]).collect();
        assert_eq!(batches.iter().map(Vec::len).sum::<usize>(), 240_000);
        assert!(batches.len() == 8 && batches.iter().all(|batch| batch.len() as u64 <= BATCH));
        for batch in &batches {
            let halves: Vec<Vec<(u32, u32)>> = (0..2)
                .map(|destination| {
                    batch.iter().filter(|job| job.destination == destination).map(|job| (job.x, job.y)).collect()
                })
                .collect();
            assert_eq!(halves[0], halves[1]);
            assert!(batch.is_sorted_by_key(|job| job.destination));
        }
        assert!(Batches::new(Vec::new()).next().is_none());
    }
}
