//! Compression schemes by number and name.

/// Tag 259: how the bytes of a block are compressed.
///
/// Numbers come from TIFF 6.0, its technical notes and libtiff's registry; an unknown one is kept as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// 1
    None,
    /// 2: CCITT modified Huffman run lengths.
    CcittRle,
    /// 3: CCITT Group 3 (T.4).
    CcittFax3,
    /// 4: CCITT Group 4 (T.6).
    CcittFax4,
    /// 5
    Lzw,
    /// 6: the JPEG of TIFF 6.0, superseded by 7.
    OldJpeg,
    /// 7: JPEG of Technical Note 2.
    Jpeg,
    /// 8: zlib stream, Adobe's number.
    AdobeDeflate,
    /// 32773
    PackBits,
    /// 32946: zlib stream, the older number.
    Deflate,
    /// 34712: JPEG 2000.
    Jpeg2000,
    /// 34887: Limited Error Raster Compression, itself possibly wrapped in deflate or ZSTD.
    Lerc,
    /// 34925: an xz stream.
    Lzma,
    /// 50000
    Zstd,
    /// 50001
    WebP,
    /// 50002: JPEG XL, GDAL's first number.
    JpegXl,
    /// 52546: JPEG XL as registered with DNG 1.7.
    JpegXlDng,
    /// Any other number.
    Other(u16),
}

impl Compression {
    /// From the tag's value.
    pub fn from_code(code: u16) -> Self {
        match code {
            1 => Self::None,
            2 => Self::CcittRle,
            3 => Self::CcittFax3,
            4 => Self::CcittFax4,
            5 => Self::Lzw,
            6 => Self::OldJpeg,
            7 => Self::Jpeg,
            8 => Self::AdobeDeflate,
            32773 => Self::PackBits,
            32946 => Self::Deflate,
            34712 => Self::Jpeg2000,
            34887 => Self::Lerc,
            34925 => Self::Lzma,
            50000 => Self::Zstd,
            50001 => Self::WebP,
            50002 => Self::JpegXl,
            52546 => Self::JpegXlDng,
            n => Self::Other(n),
        }
    }

    /// The tag's value.
    pub fn code(self) -> u16 {
        match self {
            Self::None => 1,
            Self::CcittRle => 2,
            Self::CcittFax3 => 3,
            Self::CcittFax4 => 4,
            Self::Lzw => 5,
            Self::OldJpeg => 6,
            Self::Jpeg => 7,
            Self::AdobeDeflate => 8,
            Self::PackBits => 32773,
            Self::Deflate => 32946,
            Self::Jpeg2000 => 34712,
            Self::Lerc => 34887,
            Self::Lzma => 34925,
            Self::Zstd => 50000,
            Self::WebP => 50001,
            Self::JpegXl => 50002,
            Self::JpegXlDng => 52546,
            Self::Other(n) => n,
        }
    }

    /// A name for people, also of schemes that only libtiff's registry lists; "unknown" for the rest.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::CcittRle => "CCITT RLE",
            Self::CcittFax3 => "CCITT Group 3",
            Self::CcittFax4 => "CCITT Group 4",
            Self::Lzw => "LZW",
            Self::OldJpeg => "old-style JPEG",
            Self::Jpeg => "JPEG",
            Self::AdobeDeflate => "deflate",
            Self::PackBits => "PackBits",
            Self::Deflate => "deflate (old number)",
            Self::Jpeg2000 => "JPEG 2000",
            Self::Lerc => "LERC",
            Self::Lzma => "LZMA",
            Self::Zstd => "ZSTD",
            Self::WebP => "WebP",
            Self::JpegXl | Self::JpegXlDng => "JPEG XL",
            Self::Other(9) => "JBIG (T.85)",
            Self::Other(10) => "JBIG (T.43)",
            Self::Other(32766) => "NeXT 2-bit",
            Self::Other(32771) => "CCITT RLE, word aligned",
            Self::Other(32809) => "ThunderScan",
            Self::Other(32908) => "Pixar Film",
            Self::Other(32909) => "Pixar log",
            Self::Other(33003..=33005) => "JPEG 2000 (Aperio)",
            Self::Other(33007) => "JPEG (alternative number)",
            Self::Other(34661) => "JBIG",
            Self::Other(34676) => "SGI log luminance",
            Self::Other(34677) => "SGI log luminance, 24-bit",
            Self::Other(34892) => "lossy JPEG (DNG)",
            Self::Other(22610 | 34933 | 34934) => "JPEG XR or PNG",
            Self::Other(_) => "unknown",
        }
    }
}

impl std::fmt::Display for Compression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name(), self.code())
    }
}
