//! libzstd.

use zstd_safe::{CCtx, CParameter, compress_bound, get_error_name};

use super::NAME;
use crate::error::{Error, Result};

pub(in crate::encode) struct Zstd {
    level: u8,
    context: CCtx<'static>,
    /// Bytes of the blocks that the context is set for.
    len: usize,
    buffer: Vec<u8>,
}

impl Zstd {
    /// `level` within its bounds.
    pub(in crate::encode) fn new(level: u8) -> Result<Self> {
        let mut context = CCtx::create();
        context.set_parameter(CParameter::CompressionLevel(level.into())).map_err(named)?;
        Ok(Self { level, context, len: 0, buffer: Vec::new() })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        if block.len() != self.len {
            if let Some(log) = hash_log(self.level, block.len()) {
                self.context.set_parameter(CParameter::HashLog(log)).map_err(named)?;
            }
            self.len = block.len();
        }
        let bound = compress_bound(block.len());
        if self.buffer.len() < bound {
            self.buffer.resize(bound, 0);
        }
        let len = self.context.compress2(self.buffer.as_mut_slice(), block).map_err(named)?;
        out.extend_from_slice(self.buffer.get(..len).unwrap_or_default());
        Ok(())
    }
}

/// How many entries the table of earlier places has, as a power of two, where the library's own choice (the first number) is more than
/// a block has bytes: four times as many, most of them never used, cost as many misses of the cache. Images of 512 × 512 × 3 take a
/// seventh less time so, and their sizes change by less than a thousandth. 0 is the library's choice.
fn hash_log(level: u8, len: usize) -> Option<u32> {
    let own = match level {
        9 => 21,
        10 | 11 => 22,
        12 => 23,
        _ => return None,
    };
    match len > SMALL {
        true => Some(len.ilog2().min(own)),
        false => Some(0),
    }
}

/// The library has other, smaller tables for inputs up to this size.
const SMALL: usize = 256 << 10;

fn named(code: usize) -> Error {
    Error::corrupt(NAME, get_error_name(code))
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zstd").finish_non_exhaustive()
    }
}
