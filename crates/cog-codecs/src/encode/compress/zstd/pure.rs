//! structured-zstd, without a C compiler.

use structured_zstd::encoding::{CompressionLevel, FrameCompressor};

use super::NAME;
use crate::error::Result;
use crate::foreign_panic::caught;

pub(in crate::encode) struct Zstd {
    level: u8,
    compressor: Box<FrameCompressor>,
    buffer: Vec<u8>,
}

impl Zstd {
    /// `level` within its bounds.
    pub(in crate::encode) fn new(level: u8, _row: usize) -> Result<Self> {
        Ok(Self { level, compressor: compressor(level), buffer: Vec::new() })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let Self { compressor, buffer, .. } = self;
        let result = caught(NAME, || {
            compressor.compress_independent_frame_into(block, buffer);
            Ok(())
        });
        match result {
            Ok(()) => out.extend_from_slice(&self.buffer),
            // What a panic left is of no use.
            Err(_) => self.compressor = self::compressor(self.level),
        }
        result
    }
}

fn compressor(level: u8) -> Box<FrameCompressor> {
    Box::new(FrameCompressor::new(CompressionLevel::from_level(level.into())))
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zstd").field("level", &self.level).finish_non_exhaustive()
    }
}
