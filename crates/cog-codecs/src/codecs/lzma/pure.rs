//! lzma-rust2, a decoder without C.

use std::io::{self, Read};

use lzma_rust2::XzReader;

use super::{MEMORY, NAME, over_memory};
use crate::error::{Error, Result};
use crate::foreign_panic::caught;

/// Decodes into `out` until it is full or the stream ends; gives the bytes written.
pub(super) fn fill(src: &[u8], out: &mut [u8]) -> Result<usize> {
    caught(NAME, || {
        let mut reader = XzReader::new_mem_limit(src, false, MEMORY / 1024);
        let mut written = 0;
        // Never read into an empty slice: the reader takes the nothing it gets for the end of the block.
        while let Some(room) = out.get_mut(written..).filter(|room| !room.is_empty()) {
            match reader.read(room) {
                Ok(0) => break,
                Ok(len) => written += len,
                Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => break,
                Err(cause) if cause.kind() == io::ErrorKind::OutOfMemory => return Err(over_memory()),
                Err(cause) => return Err(Error::corrupt(NAME, cause.to_string())),
            }
        }
        Ok(written)
    })
}
