//! The codecs, one a file: bytes of a block as the TIFF lays them out in, compressed bytes out.

#[cfg(feature = "deflate-pure")] // `deflate` brings it along
mod deflate;
#[cfg(any(feature = "deflate", feature = "zstd"))]
mod effort;
#[cfg(feature = "jpeg")]
mod jpeg;
#[cfg(feature = "lerc")]
mod lerc;
#[cfg(any(feature = "lzma", feature = "lzma-pure"))]
mod lzma;
#[cfg(feature = "lzw")]
mod lzw;
mod packbits;
#[cfg(any(feature = "webp", feature = "webp-pure"))]
mod webp;
#[cfg(any(feature = "zstd", feature = "zstd-pure"))]
mod zstd;

use super::bands::BandSlices;
use super::encoding::{EncodeCodec, Encoding};
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
    #[cfg(any(feature = "lzma", feature = "lzma-pure"))]
    Lzma(lzma::Lzma),
    #[cfg(any(feature = "webp", feature = "webp-pure"))]
    WebP(webp::WebP),
    #[cfg(feature = "lerc")]
    Lerc(lerc::Lerc),
    #[cfg(feature = "jpeg")]
    Jpeg(Box<jpeg::Jpeg>),
}

impl Compressor {
    pub(super) fn new(encoding: &Encoding, shape: &BlockShape) -> Result<Self> {
        Ok(match encoding.codec {
            EncodeCodec::None => Self::None,
            EncodeCodec::PackBits => Self::PackBits { row: shape.stored_row()? },
            #[cfg(feature = "lzw")]
            EncodeCodec::Lzw => Self::Lzw(lzw::Lzw::new()),
            #[cfg(feature = "deflate-pure")]
            EncodeCodec::Deflate { level } => Self::Deflate(deflate::Deflate::new(level, shape.stored_row()?)?),
            #[cfg(any(feature = "zstd", feature = "zstd-pure"))]
            EncodeCodec::Zstd { level } => Self::Zstd(zstd::Zstd::new(level, shape.stored_row()?)?),
            #[cfg(any(feature = "lzma", feature = "lzma-pure"))]
            EncodeCodec::Lzma { level } => Self::Lzma(lzma::Lzma::new(level, encoding.predictor, shape)?),
            #[cfg(any(feature = "webp", feature = "webp-pure"))]
            EncodeCodec::WebP { quality } => Self::WebP(webp::WebP::new(Some(quality), shape)?),
            #[cfg(any(feature = "webp", feature = "webp-pure"))]
            EncodeCodec::WebPLossless => Self::WebP(webp::WebP::new(None, shape)?),
            #[cfg(feature = "lerc")]
            EncodeCodec::Lerc { max_error, wrapping } => Self::Lerc(lerc::Lerc::new(max_error, wrapping, shape)?),
            #[cfg(feature = "jpeg")]
            EncodeCodec::Jpeg { quality, colors } => Self::Jpeg(Box::new(jpeg::Jpeg::new(quality, colors, shape))),
            #[allow(unreachable_patterns, reason = "with all features there is none left")]
            codec => return Err(crate::registry::absent(codec.compression())),
        })
    }

    /// Whether it takes bands as they are: [`compress_bands`](Self::compress_bands) is for these.
    pub(super) fn takes_bands(&self) -> bool {
        #[cfg(feature = "jpeg")]
        if matches!(self, Self::Jpeg(_)) {
            return true;
        }
        false
    }

    /// Whether it looks at pixels and their neighbours in all directions, not at bytes.
    pub(super) fn is_of_pixels(&self) -> bool {
        match self {
            #[cfg(any(feature = "webp", feature = "webp-pure"))]
            Self::WebP(_) => true,
            #[cfg(feature = "lerc")]
            Self::Lerc(_) => true,
            _ => self.takes_bands(),
        }
    }

    /// Appends the compressed `source` to `out`.
    pub(super) fn compress_bands(&mut self, source: &BandSlices<'_>, out: &mut Vec<u8>) -> Result<()> {
        match self {
            #[cfg(feature = "jpeg")]
            Self::Jpeg(jpeg) => jpeg.compress(source, out),
            _ => {
                let _ = (source, out);
                Err(Error::Usage("a codec that takes whole blocks"))
            }
        }
    }

    /// Tag 347.
    pub(super) fn tables(&self) -> Option<&[u8]> {
        match self {
            #[cfg(feature = "jpeg")]
            Self::Jpeg(jpeg) => Some(jpeg.tables()),
            _ => None,
        }
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
            #[cfg(any(feature = "lzma", feature = "lzma-pure"))]
            Self::Lzma(lzma) => lzma.compress(block, out)?,
            #[cfg(any(feature = "webp", feature = "webp-pure"))]
            Self::WebP(webp) => webp.compress(block, out)?,
            #[cfg(feature = "lerc")]
            Self::Lerc(lerc) => lerc.compress(block, out)?,
            #[cfg(feature = "jpeg")]
            Self::Jpeg(_) => return Err(Error::Usage("a codec that takes bands")),
        }
        Ok(())
    }
}
