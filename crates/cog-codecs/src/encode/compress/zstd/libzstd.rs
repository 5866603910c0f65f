//! libzstd.

use zstd_safe::{CCtx, CParameter, compress_bound, get_error_name};

use super::NAME;
use crate::encode::compress::effort::{Effort, Lower};
use crate::error::{Error, Result};

pub(in crate::encode) struct Zstd {
    effort: Effort,
    frames: Frames,
}

impl Zstd {
    /// `level` within its bounds; `row` is how many bytes a row has, 0 if that is not known.
    pub(in crate::encode) fn new(level: u8, row: usize) -> Result<Self> {
        let lower = match level {
            3..=5 => LOWER.get(..1).unwrap_or_default(),
            6..=12 => LOWER,
            _ => &[],
        };
        let frames = Frames { context: CCtx::create(), set_for: None, buffer: Vec::new() };
        Ok(Self { effort: Effort::new(level, lower, PART, row), frames })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let Self { effort, frames } = self;
        let level = effort.level_for(block, |level, part| frames.compress(level, part))?;
        let len = frames.compress(level, block)?;
        out.extend_from_slice(frames.buffer.get(..len).unwrap_or_default());
        Ok(())
    }
}

/// What makes one frame after the other.
struct Frames {
    context: CCtx<'static>,
    /// The level, and the bytes of an input, that the context is set for.
    set_for: Option<(u8, usize)>,
    buffer: Vec<u8>,
}

impl Frames {
    /// Fills the buffer with a frame; gives its bytes.
    fn compress(&mut self, level: u8, bytes: &[u8]) -> Result<usize> {
        if self.set_for != Some((level, bytes.len())) {
            self.context.set_parameter(CParameter::CompressionLevel(level.into())).map_err(named)?;
            self.context.set_parameter(CParameter::HashLog(hash_log(level, bytes.len()))).map_err(named)?;
            self.set_for = Some((level, bytes.len()));
        }
        let bound = compress_bound(bytes.len());
        if self.buffer.len() < bound {
            self.buffer.resize(bound, 0);
        }
        self.context.compress2(self.buffer.as_mut_slice(), bytes).map_err(named)
    }
}

/// The fastest level makes noise smaller by some per cent than those that look for short repeats, in a tenth of the time. 5 looks for these
/// too, at fewer places than those above it: where there are no others, a quarter less time finds as many. Who asks for 13 or more has time.
const LOWER: &[Lower] = &[
    Lower { level: 1, at_most: 0.98, without_repeats: false },
    Lower { level: 5, at_most: 1.003, without_repeats: true },
];

/// Bytes of a part at least: for inputs of 16 KiB and less the library has methods that larger ones do not get.
const PART: usize = 18 << 10;

/// How many entries the table of earlier places has, as a power of two, where the library's own choice (the first number) is more than
/// a block has bytes: four times as many, most of them never used, cost as many misses of the cache. Images of 512 × 512 × 3 take a
/// seventh less time so, and their sizes change by less than a thousandth. 0 is the library's choice.
fn hash_log(level: u8, len: usize) -> u32 {
    let own = match level {
        9 => 21,
        10 | 11 => 22,
        12 => 23,
        _ => return 0,
    };
    match len > SMALL {
        true => len.ilog2().min(own),
        false => 0,
    }
}

/// The library has other, smaller tables for inputs up to this size.
const SMALL: usize = 256 << 10;

fn named(code: usize) -> Error {
    Error::corrupt(NAME, get_error_name(code))
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zstd").field("effort", &self.effort).finish_non_exhaustive()
    }
}
