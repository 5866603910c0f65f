//! How blocks are to be encoded: a codec with its settings, and a predictor.

use cog_tiff::{Compression, Predictor, SampleFormat};

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

    /// Tag 50674, which files of LERC need: the version of their blobs, and what these are wrapped in.
    ///
    /// The version is 4, as libtiff writes it, of one band that is not lossless floating point. Blobs of several bands are of version 5, of
    /// lossless floating point of version 6: GDAL reads both, and warns once a file that it does not know their number. Blocks of
    /// several bands, of which only some are NaN at a pixel, are of version 6 too.
    pub fn lerc_parameters(&self, shape: &BlockShape) -> Option<[u32; 2]> {
        let EncodeCodec::Lerc { max_error, wrapping } = self.codec else { return None };
        let version = match shape.samples {
            _ if shape.sample_format() == SampleFormat::Float && max_error == 0.0 => 6,
            1 => 4,
            _ => 5,
        };
        let wrapping = match wrapping {
            LercWrapping::None => 0,
            LercWrapping::Deflate { .. } => 1,
            LercWrapping::Zstd { .. } => 2,
        };
        Some([version, wrapping])
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
        /// 1 (fast) to 12 (small), as libdeflate counts; to 9 in a build without it. GDAL's default is 6. With libdeflate, blocks of noise
        /// that 1 makes about as small as 5 to 9 do are compressed at 1.
        level: u8,
    },
    /// A Zstandard frame.
    Zstd {
        /// 1 (fast) to 22 (small). GDAL's default is 9. With libzstd, blocks of noise that 1 makes smaller than 3 to 12 do are compressed
        /// at 1, and those without repeats at 5, if that is as good.
        level: u8,
    },
    /// An xz stream.
    Lzma {
        /// 0 (fast) to 9 (small). GDAL's default is 6.
        level: u8,
    },
    /// A lossy WebP picture of three or four bands of 8 bits; a fourth one, alpha, is kept as it is. Chroma is subsampled.
    WebP {
        /// 1 (small) to 100 (good). GDAL's default is 75; 100 is lossy as well.
        quality: u8,
    },
    /// A lossless WebP picture of three or four bands of 8 bits.
    WebPLossless,
    /// Baseline JPEG of one to four bands of 8 bits. The file needs the encoder's [tables](super::Encoder::tables) in tag 347.
    Jpeg {
        /// 1 (small) to 100 (good), on libjpeg's scale. GDAL's default is 75.
        quality: u8,
        /// What the bands become.
        colors: JpegColors,
    },
    /// Limited Error Raster Compression. NaN stays NaN.
    Lerc {
        /// How much a value may be off: 0 is lossless; below 1 is lossless for integers.
        max_error: f64,
        /// What compresses the blob once more.
        wrapping: LercWrapping,
    },
}

/// What JPEG makes of the bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JpegColors {
    /// Components as they are, all of full size. Tag 262 says what they are: gray, RGB, CMYK.
    Stored,
    /// Three bands, red, green and blue, become YCbCr with chroma of half the size each way: tag 262 is 6, tag 530 is 2, 2.
    YCbCr,
}

/// What compresses a LERC blob once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LercWrapping {
    /// Nothing.
    None,
    /// A zlib stream: GDAL's `LERC_DEFLATE`.
    Deflate {
        /// As of [`EncodeCodec::Deflate`].
        level: u8,
    },
    /// A Zstandard frame: GDAL's `LERC_ZSTD`.
    Zstd {
        /// As of [`EncodeCodec::Zstd`].
        level: u8,
    },
}

impl EncodeCodec {
    /// True if decoded samples can differ from those that were encoded.
    pub fn is_lossy(&self) -> bool {
        match self {
            Self::WebP { .. } | Self::Jpeg { .. } => true,
            Self::Lerc { max_error, .. } => *max_error > 0.0,
            _ => false,
        }
    }

    /// Tag 259 of what it writes.
    pub fn compression(&self) -> Compression {
        match self {
            Self::None => Compression::None,
            Self::PackBits => Compression::PackBits,
            Self::Lzw => Compression::Lzw,
            Self::Deflate { .. } => Compression::AdobeDeflate,
            Self::Zstd { .. } => Compression::Zstd,
            Self::Lzma { .. } => Compression::Lzma,
            Self::WebP { .. } | Self::WebPLossless => Compression::WebP,
            Self::Jpeg { .. } => Compression::Jpeg,
            Self::Lerc { .. } => Compression::Lerc,
        }
    }

    /// Whether readers undo a predictor after it: LZW, deflate, ZSTD and LZMA, as in libtiff.
    pub fn heeds_predictor(&self) -> bool {
        matches!(self, Self::Lzw | Self::Deflate { .. } | Self::Zstd { .. } | Self::Lzma { .. })
    }

    /// Whether samples come back as they were.
    pub fn is_lossless(&self) -> bool {
        match *self {
            Self::WebP { .. } | Self::Jpeg { .. } => false,
            Self::Lerc { max_error, .. } => max_error == 0.0,
            _ => true,
        }
    }
}
