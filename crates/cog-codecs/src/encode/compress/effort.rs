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
    /// It is taken if it makes a part at most this many times as large.
    pub(super) at_most: f64,
    /// Whether only where the first level that was tried finds no repeats: a part has fewer of them than its block, and those from far
    /// away are not in it, so that the trial is in favour of a level that does not see them.
    pub(super) without_repeats: bool,
}

/// Chooses the level of each block.
#[derive(Debug)]
pub(super) struct Effort {
    level: u8,
    /// The fastest first.
    lower: &'static [Lower],
    /// Bytes of a part at least.
    least: usize,
    /// Bytes of a run at least: what repeats from row to row has to be seen.
    run: usize,
    part: Vec<u8>,
}

impl Effort {
    /// A part has `least` bytes at least; `row` is how many bytes a row has, 0 if that is not known.
    pub(super) fn new(level: u8, lower: &'static [Lower], least: usize, row: usize) -> Self {
        Self { level, lower, least, run: row.saturating_mul(ROWS).max(SHORTEST_RUN), part: Vec::new() }
    }

    /// The level for `block`. `size` says how many bytes a part takes at a level.
    pub(super) fn level_for(&mut self, block: &[u8], mut size: impl FnMut(u8, &[u8]) -> Result<usize>) -> Result<u8> {
        if self.lower.is_empty() || !self.take_part(block) {
            return Ok(self.level);
        }
        let own = size(self.level, &self.part)?;
        if own < self.part.len() / NOISE {
            return Ok(self.level);
        }
        let mut repeats = None;
        for lower in self.lower {
            if lower.without_repeats && repeats == Some(true) {
                continue;
            }
            let len = size(lower.level, &self.part)? as f64;
            if len <= own as f64 * lower.at_most {
                return Ok(lower.level);
            }
            repeats.get_or_insert_with(|| len < entropy(&self.part));
        }
        Ok(self.level)
    }

    /// Runs from all over the block; false if the block is so small that they would be a large share of it.
    fn take_part(&mut self, block: &[u8]) -> bool {
        let wanted = (block.len() / SHARE).clamp(self.least, MOST);
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

/// Bytes that the best code of single bytes takes, after Shannon: less can only be had by repeats.
#[allow(clippy::indexing_slicing, reason = "a byte counts to 255")]
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let all = bytes.len() as f64;
    let bits = counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) * (all / f64::from(*n)).log2()).sum::<f64>();
    bits / 8.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOWER: &[Lower] = &[
        Lower { level: 1, at_most: 0.9, without_repeats: false },
        Lower { level: 5, at_most: 1.1, without_repeats: true },
    ];

    /// The level for a block of random bits in bytes, a bit of entropy each, where a part of `n` bytes takes `n` × a share at each level.
    fn chosen(len: usize, share: impl Fn(u8) -> f64) -> u8 {
        let block: Vec<u8> = (0..len as u32).map(|i| (i.wrapping_mul(2_654_435_769) >> 31) as u8).collect();
        Effort::new(9, LOWER, 4096, 1024)
            .level_for(&block, |level, part| {
                assert!(part.len() * SMALLEST <= len, "{} of {len}", part.len());
                Ok((part.len() as f64 * share(level)) as usize)
            })
            .unwrap()
    }

    /// The shares at levels 1, 5 and 9.
    fn of(one: f64, five: f64, nine: f64) -> impl Fn(u8) -> f64 {
        move |level| match level {
            1 => one,
            5 => five,
            _ => nine,
        }
    }

    #[test]
    fn the_fastest_level_is_taken_where_it_is_small_enough() {
        assert_eq!(chosen(1 << 20, of(0.44, 0.5, 0.5)), 1);
        assert_eq!(chosen(1 << 20, of(0.46, 0.6, 0.5)), 9);
    }

    /// Two values take an eighth of a byte without repeats.
    #[test]
    fn the_next_is_taken_where_the_fastest_finds_no_repeats_and_it_is_small_enough() {
        assert_eq!(chosen(1 << 20, of(0.2, 0.18, 0.17)), 5);
        assert_eq!(chosen(1 << 20, of(0.2, 0.19, 0.17)), 9);
    }

    #[test]
    fn the_next_is_not_taken_where_the_fastest_finds_repeats() {
        let block: Vec<u8> = (0..1 << 20).map(|i| (i >> 8) as u8).collect();
        let mut effort = Effort::new(9, LOWER, 4096, 1024);
        let share = of(0.5, 0.4, 0.4);
        let level = effort.level_for(&block, |level, part| Ok((part.len() as f64 * share(level)) as usize)).unwrap();
        assert_eq!(level, 9, "all values, which a code of single bytes makes no smaller");
    }

    #[test]
    fn what_shrinks_well_is_compressed_as_asked() {
        assert_eq!(chosen(1 << 20, of(0.01, 0.01, 0.1)), 9);
    }

    #[test]
    fn small_blocks_are_compressed_as_asked() {
        for len in [0, 1, 4096, 49_151] {
            assert_eq!(chosen(len, |_| panic!("nothing is tried")), 9);
        }
        assert_eq!(chosen(49_152, of(0.4, 0.5, 0.5)), 1);
    }

    #[test]
    fn a_part_is_of_whole_runs_from_all_over_the_block() {
        let block: Vec<u8> = (0..1 << 20).map(|i| (i >> 12) as u8).collect();
        let mut effort = Effort::new(9, LOWER, 4096, 1024);
        assert!(effort.take_part(&block));
        assert_eq!(effort.part.len(), (1 << 20) / SHARE);
        let firsts: Vec<u8> = effort.part.chunks(4369).map(|run| run[0]).collect();
        assert_eq!(firsts, [21, 63, 106, 148, 191, 233]);
        // A row that is longer than a part: as much of it as a part may have.
        let mut wide = Effort::new(9, LOWER, 4096, 1 << 20);
        assert!(wide.take_part(&block));
        assert_eq!(wide.part.len(), (1 << 20) / SHARE);
    }
}
