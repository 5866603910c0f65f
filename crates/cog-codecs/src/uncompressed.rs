//! Compression 1: none.

use crate::{BlockSpec, Codec, Decoded, Error, Result, Scratch};

/// Copies the bytes; what follows the block is ignored.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Uncompressed;

impl Codec for Uncompressed {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        let src = src.get(..out.len()).ok_or(Error::Short { codec: "none", got: src.len(), want: out.len() })?;
        out.copy_from_slice(src);
        Ok(Decoded::default())
    }
}
