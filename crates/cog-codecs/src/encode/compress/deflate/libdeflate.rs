//! libdeflate.

use libdeflater::{CompressionLvl, Compressor};

use super::NAME;
use crate::error::{Error, Result};

pub(in crate::encode) struct Deflate {
    compressor: Compressor,
    buffer: Vec<u8>,
}

impl Deflate {
    /// `level` within its bounds.
    pub(in crate::encode) fn new(level: u8) -> Result<Self> {
        let level = CompressionLvl::new(level.into()).map_err(|_| Error::Usage("a level that libdeflate lacks"))?;
        Ok(Self { compressor: Compressor::new(level), buffer: Vec::new() })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let bound = self.compressor.zlib_compress_bound(block.len());
        if self.buffer.len() < bound {
            self.buffer.resize(bound, 0);
        }
        let len = self.compressor.zlib_compress(block, &mut self.buffer);
        let len = len.map_err(|_| Error::corrupt(NAME, "the stream grew beyond its bound"))?;
        out.extend_from_slice(self.buffer.get(..len).unwrap_or_default());
        Ok(())
    }
}

impl std::fmt::Debug for Deflate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deflate").finish_non_exhaustive()
    }
}
