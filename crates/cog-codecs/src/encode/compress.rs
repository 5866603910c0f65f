//! The codecs, one a file: bytes of a block as the TIFF lays them out in, compressed bytes out.

#[cfg(feature = "deflate-pure")] // `deflate` brings it along
mod deflate;
#[cfg(feature = "lzw")]
mod lzw;
mod packbits;
#[cfg(any(feature = "zstd", feature = "zstd-pure"))]
mod zstd;

use super::encoding::EncodeCodec;
use super::shape::BlockShape;
use crate::error::{Error, Result};

/// A codec ready to work, with all that it keeps from block to block.
#[derive(Debug)]
pub(super) enum Compressor {
    None,
    PackBits {
        row: usize,
    },
    #[cfg(feature = "lzw")]
    Lzw(lzw::Lzw),
    #[cfg(feature = "deflate-pure")]
    Deflate(deflate::Deflate),
    #[cfg(any(feature = "zstd", feature = "zstd-pure"))]
    Zstd(zstd::Zstd),
}

impl Compressor {
    pub(super) fn new(codec: &EncodeCodec, shape: &BlockShape) -> Result<Self> {
        Ok(match *codec {
            EncodeCodec::None => Self::None,
            EncodeCodec::PackBits => Self::PackBits { row: shape.stored_row()? },
            #[cfg(feature = "lzw")]
            EncodeCodec::Lzw => Self::Lzw(lzw::Lzw::new()),
            #[cfg(feature = "deflate-pure")]
            EncodeCodec::Deflate { level } => Self::Deflate(deflate::Deflate::new(level)?),
            #[cfg(any(feature = "zstd", feature = "zstd-pure"))]
            EncodeCodec::Zstd { level } => Self::Zstd(zstd::Zstd::new(level)?),
            #[allow(unreachable_patterns, reason = "with all features there is none left")]
            _ => return Err(disabled(codec)),
        })
    }

    /// Appends the compressed `block` to `out`.
    pub(super) fn compress(&mut self, block: &[u8], out: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::None => out.extend_from_slice(block),
            Self::PackBits { row } => block.chunks(*row).for_each(|row| packbits::compress(row, out)),
            #[cfg(feature = "lzw")]
            Self::Lzw(lzw) => lzw.compress(block, out)?,
            #[cfg(feature = "deflate-pure")]
            Self::Deflate(deflate) => deflate.compress(block, out)?,
            #[cfg(any(feature = "zstd", feature = "zstd-pure"))]
            Self::Zstd(zstd) => zstd.compress(block, out)?,
        }
        Ok(())
    }
}

/// The codec exists but was left out of this build.
fn disabled(codec: &EncodeCodec) -> Error {
    let compression = codec.compression();
    crate::registry::absent(compression)
}
