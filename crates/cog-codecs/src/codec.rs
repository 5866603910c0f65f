//! What a codec is.

use crate::block::BlockSpec;
use crate::error::Result;
use crate::scratch::Scratch;

/// In which form a codec leaves its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// [`BlockSpec::encoded_len`] bytes as TIFF lays them out: the file's byte order, packed rows, predictor still applied.
    Encoded,
    /// Finished samples of [`BlockSpec::sample_type`] in the byte order of this machine, `samples` per pixel, chunky.
    Samples,
}

/// What decoding brought besides the samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decoded {
    /// Where the codec itself knows which pixels are valid (LERC): 255 valid, 0 not; one byte for each pixel, row by row,
    /// width × height of them. `None` where all are.
    ///
    /// A chunky block has one mask for all its samples; in a blob of several bands, each with a mask of its own, a pixel is
    /// valid where any of its bands is. Blocks of a planar image have masks of their own. Samples of a pixel that is not
    /// valid are NaN in floating point blocks, as with GDAL, and 0 in others. Where the mask stands for the alpha of 8-bit
    /// pixels it is that sample, and not here.
    pub validity: Option<Vec<u8>>,
}

/// Decompresses the bytes of one block.
pub trait Codec: Send + Sync {
    /// Fills `out`, whose length is exactly that of the block in the form that [`delivery`](Self::delivery) says.
    ///
    /// # Errors
    /// [`Error::Short`](crate::error::Error::Short) if `src` ends before `out` is full; the bytes of `out` that it says were `got` are then good: a
    /// block whose rows within the image are among them is whole. After any other error `out` is unspecified.
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded>;

    /// In which form the bytes come; [`Delivery::Encoded`] unless overridden.
    fn delivery(&self, spec: &BlockSpec<'_>) -> Delivery {
        let _ = spec;
        Delivery::Encoded
    }

    /// Whether the Predictor tag applies to this codec. Of libtiff's it does to LZW, deflate, ZSTD and LZMA; the others
    /// ignore a predictor in the file, and so does the default here.
    fn heeds_predictor(&self) -> bool {
        false
    }

    /// Whether the compressed bytes have their bits reversed where FillOrder is 2. libtiff does so for all codecs but
    /// JPEG and CCITT.
    fn heeds_fill_order(&self) -> bool {
        true
    }

    /// Whether [`decode`](Self::decode) does no more than copy bytes, so that it can be left out.
    fn is_verbatim(&self) -> bool {
        false
    }

    /// Whether blocks of this description can be decoded at all; asked before any byte is fetched.
    ///
    /// # Errors
    /// One of the Unsupported errors.
    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        let _ = spec;
        Ok(())
    }
}
