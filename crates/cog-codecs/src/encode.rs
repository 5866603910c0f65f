//! Encode one block: samples, a slice for each band, in; bytes as a TIFF stores them out.
//!
//! An [`Encoder`] is made once for a kind of block (codec with its level, predictor, sample type, size) and then called for
//! block after block; it keeps its tables and buffers. It interleaves the bands, repeats the last column and row where a block
//! reaches beyond its image, packs bits, takes differences and compresses. The bytes are those of a little-endian file, pixels
//! of more than one band chunky (`PlanarConfiguration` 1); planes of a planar file are blocks of one band. The same samples
//! give the same bytes, whatever was encoded before.
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
mod cpu;
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
