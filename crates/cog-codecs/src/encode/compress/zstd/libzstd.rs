//! libzstd.

use zstd_safe::{CCtx, CParameter, compress_bound, get_error_name};

use super::NAME;
use crate::error::{Error, Result};

pub(in crate::encode) struct Zstd {
    context: CCtx<'static>,
    buffer: Vec<u8>,
}

impl Zstd {
    /// `level` within its bounds.
    pub(in crate::encode) fn new(level: u8) -> Result<Self> {
        let mut context = CCtx::create();
        context.set_parameter(CParameter::CompressionLevel(level.into())).map_err(named)?;
        Ok(Self { context, buffer: Vec::new() })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let bound = compress_bound(block.len());
        if self.buffer.len() < bound {
            self.buffer.resize(bound, 0);
        }
        let len = self.context.compress2(self.buffer.as_mut_slice(), block).map_err(named)?;
        out.extend_from_slice(self.buffer.get(..len).unwrap_or_default());
        Ok(())
    }
}

fn named(code: usize) -> Error {
    Error::corrupt(NAME, get_error_name(code))
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zstd").finish_non_exhaustive()
    }
}
