//! zlib-rs, without a C compiler.

use flate2::{Compress, Compression, FlushCompress, Status};

use super::NAME;
use crate::error::{Error, Result};

#[derive(Debug)]
pub(in crate::encode) struct Deflate {
    stream: Compress,
}

impl Deflate {
    /// `level` within its bounds.
    pub(in crate::encode) fn new(level: u8, _row: usize) -> Result<Self> {
        Ok(Self { stream: Compress::new(Compression::new(level.into()), true) })
    }

    pub(in crate::encode) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        self.stream.reset();
        loop {
            out.reserve(block.len() / 4 + 1024);
            let rest = block.get(self.stream.total_in() as usize..).unwrap_or_default();
            match self.stream.compress_vec(rest, out, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => return Ok(()),
                Ok(_) => {}
                Err(cause) => return Err(Error::corrupt(NAME, cause.to_string())),
            }
        }
    }
}
