//! One codec a compression of the TIFF tag: compressed bytes of a block in, bytes as TIFF lays them out, or samples, out.

#[cfg(feature = "ccitt")]
pub(crate) mod ccitt;
#[cfg(feature = "deflate-pure")] // `deflate` brings it along
pub(crate) mod deflate;
#[cfg(feature = "jpeg")]
pub(crate) mod jpeg;
#[cfg(feature = "jpeg2000")]
pub(crate) mod jpeg2000;
#[cfg(feature = "jpegxl")]
pub(crate) mod jpegxl;
#[cfg(feature = "lerc")]
pub(crate) mod lerc;
#[cfg(any(feature = "lzma", feature = "lzma-pure"))]
pub(crate) mod lzma;
#[cfg(feature = "lzw")]
pub(crate) mod lzw;
pub(crate) mod packbits;
pub(crate) mod uncompressed;
#[cfg(any(feature = "webp", feature = "webp-pure"))]
pub(crate) mod webp;
#[cfg(any(feature = "zstd", feature = "zstd-pure"))]
pub(crate) mod zstd;
