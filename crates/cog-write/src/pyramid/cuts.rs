//! How the pixels of a level are made from the blocks of the level above it, along one axis.

use std::ops::Range;

/// One axis of a level: its pixels in runs, each of which lies in one block and is made from the same blocks of the source.
#[derive(Clone, Debug)]
pub(crate) struct Cuts {
    runs: Vec<Run>,
    /// By block of the source: the runs that it takes part in, which follow each other.
    of_source: Vec<Range<usize>>,
    /// By block of the source: how many of its pixels at its start and its end are needed together with other blocks.
    margins: Vec<Margins>,
}

/// Pixels of the level that are made from the same blocks of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Pixels of the level.
    pub(crate) out: Range<u32>,
    /// The block of the level that holds them.
    pub(crate) block: u32,
    /// Pixels of the source that they are made from.
    pub(crate) need: Range<u32>,
    /// Blocks of the source that hold these.
    pub(crate) sources: Range<u32>,
}

impl Run {
    /// True if one block of the source is enough.
    pub(crate) fn is_inner(&self) -> bool {
        self.sources.len() == 1
    }
}

/// Pixels of a block that other blocks need as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Margins {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Cuts {
    /// `size` and `source` are pixels of the level and of its source, `block` is the size of the blocks of both; `need` says which
    /// pixels of the source a pixel of the level is made from: ranges that are not empty and do not fall.
    pub(crate) fn new(size: u32, source: u32, block: u32, need: impl Fn(u32) -> Range<u32>) -> Cuts {
        let mut runs: Vec<Run> = Vec::new();
        for pixel in 0..size {
            let need = need(pixel);
            let sources = need.start / block..need.end.max(need.start + 1).div_ceil(block);
            match runs.last_mut() {
                Some(run) if run.block == pixel / block && run.sources == sources => {
                    run.out.end = pixel + 1;
                    run.need = run.need.start.min(need.start)..run.need.end.max(need.end);
                }
                _ => runs.push(Run { out: pixel..pixel + 1, block: pixel / block, need, sources }),
            }
        }
        let blocks = |pixels: u32| pixels.div_ceil(block) as usize;
        let mut of_source = vec![0..0; blocks(source)];
        let mut margins = vec![Margins::default(); blocks(source)];
        for (i, run) in runs.iter().enumerate() {
            for from in run.sources.clone() {
                widen(of_source.get_mut(from as usize), i);
                let start = from * block;
                let end = source.min(start + block);
                let Some(margins) = margins.get_mut(from as usize).filter(|_| !run.is_inner()) else { continue };
                // What begins before the block needs its start, what ends behind it its end.
                if run.need.start < start {
                    margins.start = margins.start.max(run.need.end.min(end) - start);
                }
                if run.need.end > end {
                    margins.end = margins.end.max(end - run.need.start.max(start));
                }
            }
        }
        Cuts { runs, of_source, margins }
    }

    /// The runs that a block of the source takes part in, with their numbers.
    pub(crate) fn of_source(&self, block: u32) -> impl Iterator<Item = (usize, &Run)> {
        let range = self.of_source.get(block as usize).cloned().unwrap_or(0..0);
        range.filter_map(|i| Some((i, self.runs.get(i)?)))
    }

    /// A run by its number.
    pub(crate) fn run(&self, number: usize) -> Option<&Run> {
        self.runs.get(number)
    }

    /// What of a block of the source is needed together with others.
    pub(crate) fn margins(&self, block: u32) -> Margins {
        self.margins.get(block as usize).copied().unwrap_or_default()
    }
}

fn widen(range: Option<&mut Range<usize>>, i: usize) {
    if let Some(range) = range {
        *range = if range.start == range.end { i..i + 1 } else { range.start.min(i)..range.end.max(i + 1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_whole_blocks_need_no_neighbours() {
        let cuts = Cuts::new(100, 200, 32, |pixel| 2 * pixel..2 * pixel + 2);
        let first: Vec<_> = cuts.of_source(1).map(|(i, run)| (i, run.out.clone(), run.need.clone())).collect();
        assert_eq!(first, [(1, 16..32, 32..64)]);
        assert_eq!((cuts.run(6).unwrap().out.clone(), cuts.margins(1)), (96..100, Margins::default()));
    }

    #[test]
    fn kernels_need_margins_of_both_neighbours() {
        // A kernel of four source pixels on each side.
        let need = |pixel: u32| (2 * pixel).saturating_sub(3)..(2 * pixel + 5).min(128);
        let cuts = Cuts::new(64, 128, 32, need);
        // Pixel 14 needs 25..33, pixel 17 needs 31..39.
        let runs: Vec<_> = cuts.of_source(1).map(|(_, run)| (run.out.clone(), run.sources.clone())).collect();
        assert_eq!(runs, [(14..18, 0..2), (18..30, 1..2), (30..32, 1..3), (32..34, 1..3)]);
        assert_eq!(cuts.margins(1), Margins { start: 7, end: 7 });
        assert_eq!(cuts.margins(0), Margins { start: 0, end: 7 });
    }
}
