//! No more work than buys something.
//!
//! What the higher levels of deflate and ZSTD take their time for is the search for repeats. Noise has none that are worth having: of
//! many images a low level makes fewer bytes, in a part of the time. Which blocks are of this sort, a part of each tells, compressed at
//! both levels. Nothing but the block's own bytes counts, so that a file does not depend on the order of its blocks.

use crate::error::Result;

/// A lower level that is tried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lower {
    pub(super) level: u8,
    /// It is taken if it makes a part at most this many times as large. A part has fewer repeats than the block, and those from far away
    /// are not in it, so that 1 is in favour of the lower level.
    pub(super) at_most: f64,
    /// Bytes of a part at least.
    pub(super) part: usize,
}

/// Chooses the level of each block.
#[derive(Debug)]
pub(super) struct Effort {
    level: u8,
    lower: Option<Lower>,
    /// Bytes of a run at least: what repeats from row to row has to be seen.
    run: usize,
    part: Vec<u8>,
}

impl Effort {
    /// `row` is how many bytes a row has, 0 if that is not known.
    pub(super) fn new(level: u8, lower: Option<Lower>, row: usize) -> Self {
        Self { level, lower, run: row.saturating_mul(ROWS).max(SHORTEST_RUN), part: Vec::new() }
    }

    /// The level for `block`. `size` says how many bytes a part takes at a level.
    pub(super) fn level_for(&mut self, block: &[u8], mut size: impl FnMut(u8, &[u8]) -> Result<usize>) -> Result<u8> {
        let Some(lower) = self.lower.filter(|lower| self.take_part(block, lower.part)) else { return Ok(self.level) };
        let own = size(self.level, &self.part)?;
        let is_noise = own >= self.part.len() / NOISE;
        Ok(match is_noise && size(lower.level, &self.part)? as f64 <= own as f64 * lower.at_most {
            true => lower.level,
            false => self.level,
        })
    }

    /// Runs from all over the block; false if the block is so small that they would be a large share of it.
    fn take_part(&mut self, block: &[u8], least: usize) -> bool {
        let wanted = (block.len() / SHARE).clamp(least, MOST);
        if block.len() / wanted < SMALLEST {
            return false;
        }
        let runs = (wanted / self.run).max(1);
        let run = wanted / runs;
        self.part.clear();
        for i in 0..runs {
            // In the middle of its share: the last rows of blocks at the edge are padding.
            let from = (block.len() - run) / (2 * runs) * (2 * i + 1);
            self.part.extend_from_slice(block.get(from..from + run).unwrap_or_default());
        }
        true
    }
}

/// A part is one of so many of its block,
const SHARE: usize = 40;
/// but has no more bytes than this,
const MOST: usize = 96 << 10;
/// and blocks of fewer parts are not worth a trial.
const SMALLEST: usize = 12;
/// So many rows lie side by side in a part,
const ROWS: usize = 4;
/// and so many bytes.
const SHORTEST_RUN: usize = 4 << 10;
/// What becomes smaller than one of so many is no noise, and compressed quickly at any level.
const NOISE: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    const LOWER: Option<Lower> = Some(Lower { level: 1, at_most: 0.9, part: 4096 });

    /// The level for a block, where a part of `n` bytes takes `n` × a share at each level.
    fn chosen(len: usize, share: impl Fn(u8) -> f64) -> u8 {
        let block = vec![7; len];
        Effort::new(9, LOWER, 1024)
            .level_for(&block, |level, part| {
                assert!(part.len() * SMALLEST <= len, "{} of {len}", part.len());
                Ok((part.len() as f64 * share(level)) as usize)
            })
            .unwrap()
    }

    #[test]
    fn the_lower_level_is_taken_where_it_is_small_enough() {
        assert_eq!(chosen(1 << 20, |level| if level == 1 { 0.4 } else { 0.5 }), 1);
        assert_eq!(chosen(1 << 20, |level| if level == 1 { 0.46 } else { 0.5 }), 9);
    }

    #[test]
    fn what_shrinks_well_is_compressed_as_asked() {
        assert_eq!(chosen(1 << 20, |level| if level == 1 { 0.01 } else { 0.1 }), 9);
    }

    #[test]
    fn small_blocks_are_compressed_as_asked() {
        for len in [0, 1, 4096, 49_151] {
            assert_eq!(chosen(len, |_| panic!("nothing is tried")), 9);
        }
        assert_eq!(chosen(49_152, |level| f64::from(level) / 20.0), 1);
    }

    #[test]
    fn a_part_is_of_whole_runs_from_all_over_the_block() {
        let block: Vec<u8> = (0..1 << 20).map(|i| (i >> 12) as u8).collect();
        let mut effort = Effort::new(9, LOWER, 1024);
        assert!(effort.take_part(&block, 4096));
        assert_eq!(effort.part.len(), (1 << 20) / SHARE);
        let firsts: Vec<u8> = effort.part.chunks(4369).map(|run| run[0]).collect();
        assert_eq!(firsts, [21, 63, 106, 148, 191, 233]);
        // A row that is longer than a part: as much of it as a part may have.
        let mut wide = Effort::new(9, LOWER, 1 << 20);
        assert!(wide.take_part(&block, 4096));
        assert_eq!(wide.part.len(), (1 << 20) / SHARE);
    }
}
