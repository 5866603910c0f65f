//! How blocks are to be encoded: a codec with its settings, and a predictor.

use cog_tiff::{Compression, Predictor};

use super::shape::BlockShape;

/// A codec with its settings, and the predictor before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Encoding {
    /// The codec.
    pub codec: EncodeCodec,
    /// Tag 317. Codecs that [heed none](EncodeCodec::heeds_predictor) are refused with another than [`Predictor::None`].
    pub predictor: Predictor,
}

impl Encoding {
    /// The codec with the predictor that fits the samples, if it heeds one: 2 for integers, 3 for floating point.
    ///
    /// ```
    /// use cog_codecs::encode::{BlockShape, EncodeCodec, Encoding};
    /// use cog_tiff::{Predictor, SampleType};
    ///
    /// let of = |codec, samples| Encoding::automatic(codec, &BlockShape::new(512, 512, 1, samples)).predictor;
    /// assert_eq!(of(EncodeCodec::Lzw, SampleType::U16), Predictor::Horizontal);
    /// assert_eq!(of(EncodeCodec::Zstd { level: 9 }, SampleType::F32), Predictor::FloatingPoint);
    /// assert_eq!(of(EncodeCodec::PackBits, SampleType::U8), Predictor::None);
    /// ```
    pub fn automatic(codec: EncodeCodec, shape: &BlockShape) -> Self {
        let predictor = if codec.heeds_predictor() { shape.fitting_predictor() } else { Predictor::None };
        Self { codec, predictor }
    }
}

/// What compresses a block, with its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum EncodeCodec {
    /// Samples as they are.
    None,
    /// Runs of equal bytes (TIFF 6.0 section 9).
    PackBits,
    /// TIFF 6.0 section 13, most significant bits first.
    Lzw,
    /// A zlib stream, Adobe's number.
    Deflate {
        /// 1 (fast) to 12 (small), as libdeflate counts; to 9 in a build without it. GDAL's default is 6.
        level: u8,
    },
    /// A Zstandard frame.
    Zstd {
        /// 1 (fast) to 22 (small). GDAL's default is 9.
        level: u8,
    },
}

impl EncodeCodec {
    /// Tag 259 of what it writes.
    pub fn compression(&self) -> Compression {
        match self {
            Self::None => Compression::None,
            Self::PackBits => Compression::PackBits,
            Self::Lzw => Compression::Lzw,
            Self::Deflate { .. } => Compression::AdobeDeflate,
            Self::Zstd { .. } => Compression::Zstd,
        }
    }

    /// Whether readers undo a predictor after it: LZW, deflate, ZSTD and LZMA, as in libtiff.
    pub fn heeds_predictor(&self) -> bool {
        matches!(self, Self::Lzw | Self::Deflate { .. } | Self::Zstd { .. })
    }

    /// Whether samples come back as they were, whatever they are.
    pub fn is_lossless(&self) -> bool {
        true
    }
}
