//! Encode one block: samples, a slice for each band, in; bytes as a TIFF stores them out.
//!
//! An [`Encoder`] is made once for a kind of block (codec with its level, predictor, sample type, size) and then called for
//! block after block; it keeps its tables and buffers. It interleaves the bands, fills up blocks that
//! reach beyond their image, packs bits, takes differences and compresses. The bytes are those of a little-endian file, pixels
//! of more than one band chunky (`PlanarConfiguration` 1); planes of a planar file are blocks of one band. The same samples
//! give the same bytes, whatever was encoded before.
//!
//! What a codec has no way to encode is refused by [`Encoder::new`], not block by block: floating point in JPEG, predictor 3 of
//! integers, a level that there is not. Such errors are of class Usage, those of a codec that this build lacks Unsupported.
//!
//! | codec | samples | predictors | tags that it needs |
//! |---|---|---|---|
//! | none, PackBits | all | | |
//! | LZW, deflate, ZSTD, LZMA | all | 2 for 8, 16, 32 and 64 bits, 3 for floating point | 317 with a predictor |
//! | JPEG | 1 to 4 bands of 8 bits | | 347: [`Encoder::tables`]; with [`JpegColors::YCbCr`] 262 is 6, 530 is 2, 2 and 532 is 0, 255, 128, 255, 128, 255 |
//! | WebP | 3 or 4 bands of 8 bits | | |
//! | LERC | integers up to 32 bits, floating point | | 50674: [`Encoding::lerc_parameters`] |
//!
//! Levels and qualities are those of GDAL's creation options, with one difference: at deflate's levels 6 to 9 libtiff asks libdeflate for
//! one more.
//!
//! ```
//! use cog_codecs::encode::{BandSlices, BlockShape, EncodeCodec, Encoder, Encoding};
//! use cog_codecs::{BlockSpec, Codecs, Scratch};
//! use cog_tiff::{Compression, Predictor, SampleFormat, SampleType};
//!
//! // The tile at the lower right of an image: 3 × 2 pixels of two bands are left for its 16 × 16.
//! let shape = BlockShape::new(16, 16, 2, SampleType::U8);
//! let encoding = Encoding { codec: EncodeCodec::PackBits, predictor: Predictor::None };
//! let mut encoder = Encoder::new(&encoding, &shape)?; // one a thread
//! let bands: [&[u8]; 2] = [&[1, 2, 3, 4, 5, 6], &[11, 12, 13, 14, 15, 16]];
//! let mut block = Vec::new();
//! encoder.encode(&BandSlices { bands: &bands, stride: 3, width: 3, height: 2 }, &mut block)?;
//!
//! let spec = BlockSpec::new(16, 16, 2, 8, SampleFormat::Uint, Compression::PackBits);
//! let mut samples = vec![0; spec.output_len()?];
//! Codecs::default().decode_block(&spec, &block, &mut Scratch::new(), &mut samples)?;
//! assert_eq!(samples[..8], [1, 11, 2, 12, 3, 13, 3, 13]);
//! # Ok::<(), cog_codecs::Error>(())
//! ```

mod bands;
mod check;
mod compress;
mod encoder;
mod encoding;
mod interleave;
mod narrow;
mod predict;
mod shape;

pub use bands::BandSlices;
pub use encoder::Encoder;
pub use encoding::{EncodeCodec, Encoding, JpegColors, LercWrapping};
pub use shape::BlockShape;
