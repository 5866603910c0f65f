//! The codecs known, by compression number.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use cog_tiff::Compression;

use crate::codec::Codec;
use crate::codecs;
use crate::error::{Error, Result};

/// The codecs known, by compression number (tag 259).
///
/// The default holds all codecs of the enabled features; a caller can add one for another number or replace one.
/// Cloning is cheap enough to do once per reader, not per block.
#[derive(Clone)]
pub struct Codecs {
    map: HashMap<u16, Arc<dyn Codec>>,
}

impl Codecs {
    /// None at all.
    pub fn empty() -> Self {
        Self { map: HashMap::new() }
    }

    /// Adds or replaces the codec of compression `code`.
    pub fn register(&mut self, code: u16, codec: Arc<dyn Codec>) -> &mut Self {
        self.map.insert(code, codec);
        self
    }

    /// The codec of a compression.
    ///
    /// # Errors
    /// [`Error::Compression`] or, where a feature would bring it, [`Error::Disabled`].
    pub fn get(&self, compression: Compression) -> Result<&Arc<dyn Codec>> {
        self.map.get(&compression.code()).ok_or_else(|| absent(compression))
    }
}

/// Of a compression that this build lacks: which feature brings it, if one does.
pub(crate) fn absent(compression: Compression) -> Error {
    match feature_of(compression) {
        Some(feature) => Error::Disabled { compression, feature },
        None => Error::Compression(compression),
    }
}

impl Default for Codecs {
    fn default() -> Self {
        let mut all = Self::empty();
        all.register(1, Arc::new(codecs::uncompressed::Uncompressed));
        all.register(32773, Arc::new(codecs::packbits::PackBits));
        #[cfg(feature = "lzw")]
        all.register(5, Arc::new(codecs::lzw::Lzw));
        #[cfg(feature = "deflate-pure")]
        for code in [8, 32946] {
            all.register(code, Arc::new(codecs::deflate::Deflate));
        }
        #[cfg(feature = "jpeg")]
        all.register(7, Arc::new(codecs::jpeg::Jpeg));
        #[cfg(feature = "jpeg")]
        all.register(6, Arc::new(codecs::jpeg::OldStyle));
        #[cfg(feature = "lerc")]
        all.register(34887, Arc::new(codecs::lerc::Lerc));
        #[cfg(any(feature = "lzma", feature = "lzma-pure"))]
        all.register(34925, Arc::new(codecs::lzma::Lzma));
        #[cfg(feature = "ccitt")]
        for code in [2, 3, 4, 32771] {
            all.register(code, Arc::new(codecs::ccitt::Ccitt));
        }
        #[cfg(feature = "jpeg2000")]
        for code in [34712, 33005] {
            all.register(code, Arc::new(codecs::jpeg2000::Jpeg2000));
        }
        #[cfg(feature = "jpegxl")]
        for code in [50002, 52546] {
            all.register(code, Arc::new(codecs::jpegxl::JpegXl));
        }
        #[cfg(any(feature = "webp", feature = "webp-pure"))]
        all.register(50001, Arc::new(codecs::webp::WebP));
        #[cfg(any(feature = "zstd", feature = "zstd-pure"))]
        all.register(50000, Arc::new(codecs::zstd::Zstd));
        all
    }
}

impl fmt::Debug for Codecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut codes: Vec<_> = self.map.keys().map(|&code| Compression::from_code(code)).collect();
        codes.sort_by_key(|c| c.code());
        f.debug_tuple("Codecs").field(&codes).finish()
    }
}

/// The Cargo feature that brings the codec of a compression.
fn feature_of(compression: Compression) -> Option<&'static str> {
    Some(match compression {
        Compression::Lzw => "lzw",
        Compression::AdobeDeflate | Compression::Deflate => "deflate",
        Compression::Jpeg | Compression::OldJpeg => "jpeg",
        Compression::WebP => "webp",
        Compression::Lerc => "lerc",
        Compression::Lzma => "lzma",
        Compression::CcittRle | Compression::CcittFax3 | Compression::CcittFax4 | Compression::Other(32771) => "ccitt",
        Compression::Jpeg2000 | Compression::Other(33005) => "jpeg2000",
        Compression::JpegXl | Compression::JpegXlDng => "jpegxl",
        Compression::Zstd => "zstd",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_compression_is_named_by_number_and_name() {
        let error = Codecs::default().get(Compression::from_code(34661)).err().unwrap();
        assert_eq!(error.to_string(), "compression JBIG (34661) is not supported");
    }

    #[test]
    fn a_codec_left_out_names_its_feature() {
        let error = Codecs::empty().get(Compression::Zstd).err().unwrap();
        assert_eq!(
            error.to_string(),
            "compression ZSTD (50000) is not in this build: enable the feature `zstd` of cog-codecs"
        );
    }

    #[cfg(feature = "pure-rust")]
    #[test]
    fn the_set_without_c_has_every_codec() {
        let codecs = Codecs::default();
        for code in [1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 33005, 34712, 34887, 34925, 50000, 50001, 50002, 52546] {
            assert!(codecs.get(Compression::from_code(code)).is_ok(), "{code}");
        }
    }
}
