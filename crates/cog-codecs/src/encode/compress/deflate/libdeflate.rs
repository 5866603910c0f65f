//! libdeflate.

use libdeflater::{CompressionLvl, Compressor};

use super::NAME;
use crate::encode::compress::effort::{Effort, Lower};
use crate::error::{Error, Result};

pub(in crate::encode) struct Deflate {
    effort: Effort,
    level: u8,
    compressor: Compressor,
    /// Made when the first block needs it.
    quick: Option<Compressor>,
    buffer: Vec<u8>,
}

impl Deflate {
    /// `level` within its bounds; `row` is how many bytes a row has, 0 if that is not known.
    pub(in crate::encode) fn new(level: u8, row: usize) -> Result<Self> {
        let lower = match level {
            5..=9 => LOWER,
            _ => &[],
        };
        let effort = Effort::new(level, lower, PART, row);
        Ok(Self { effort, level, compressor: of_level(level)?, quick: None, buffer: Vec::new() })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let Self { effort, level: own, compressor, quick, buffer } = self;
        let mut compressed = |level: u8, bytes: &[u8]| {
            let compressor = match (level == *own, &mut *quick) {
                (true, _) => &mut *compressor,
                (false, Some(quick)) => quick,
                (false, none) => none.insert(of_level(level)?),
            };
            let bound = compressor.zlib_compress_bound(bytes.len());
            if buffer.len() < bound {
                buffer.resize(bound, 0);
            }
            let len = compressor.zlib_compress(bytes, buffer);
            len.map_err(|_| Error::corrupt(NAME, "the stream grew beyond its bound"))
        };
        let level = effort.level_for(block, &mut compressed)?;
        let len = compressed(level, block)?;
        out.extend_from_slice(buffer.get(..len).unwrap_or_default());
        Ok(())
    }
}

fn of_level(level: u8) -> Result<Compressor> {
    let level = CompressionLvl::new(level.into()).map_err(|_| Error::Usage("a level that libdeflate lacks"))?;
    Ok(Compressor::new(level))
}

/// Level 1 looks for repeats by a method of its own, which is of use on noise; 2 to 4 make it larger. Who asks for 10 to 12 has time.
const LOWER: &[Lower] = &[Lower { level: 1, at_most: 1.0, without_repeats: false }];

/// Bytes of a part at least.
const PART: usize = 6 << 10;

impl std::fmt::Debug for Deflate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deflate").field("level", &self.level).finish_non_exhaustive()
    }
}
