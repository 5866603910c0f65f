//! Decode one block (tile or strip) of a TIFF: compressed bytes and their description in, samples out. And the other way: [`encode`].
//!
//! The crate knows no files, no stores and no grids. The caller brings the bytes of a block, says with a [`BlockSpec`]
//! what its tags say about it, and hands in a slice of exactly [`BlockSpec::output_len`] bytes; [`Codecs::decode_block`]
//! fills it with samples in the byte order of this machine, or says what is wrong. Codecs write into slices of known
//! length only, so a block that would unpack to more costs nothing.
//!
//! ```
//! use cog_codecs::{BlockSpec, Codecs, Scratch};
//! use cog_tiff::{ByteOrder, Compression, SampleFormat};
//!
//! // A strip of 3 × 1 pixels of 16 bits, big-endian, packed as "two literal bytes, then four times 1".
//! let mut spec = BlockSpec::new(3, 1, 1, 16, SampleFormat::Uint, Compression::PackBits);
//! spec.byte_order = ByteOrder::Big;
//! let mut out = vec![0; spec.output_len()?];
//! let mut scratch = Scratch::new(); // one a worker thread, reused from block to block
//! Codecs::default().decode_block(&spec, &[1, 0, 7, 0xfd, 1], &mut scratch, &mut out)?;
//! let samples: Vec<u16> = out.chunks_exact(2).map(|b| u16::from_ne_bytes([b[0], b[1]])).collect();
//! assert_eq!(samples, [7, 257, 257]);
//! # Ok::<(), cog_codecs::Error>(())
//! ```
//!
//! A codec of one's own is [registered](Codecs::register) under its compression number. [`Deinterleave`] then splits
//! chunky pixels into bands.
//!
//! # Features
//!
//! Each codec is a Cargo feature; all in the first column are on by default. Four of them build a C library, and each of
//! these has a slower one in Rust beside it. Where both are enabled the C library does the work, of deflate
//! what our own decoder leaves to it.
//!
//! | feature | compressions | decoder | encoder | without C |
//! |---|---|---|---|---|
//! | `ccitt` | 2, 3, 4, 32771 | its own | | |
//! | `deflate` | 8, 32946 | our own for streams of short literals, libdeflate for all others | libdeflate | `deflate-pure`: our own, zlib-rs for odd streams; zlib-rs encodes |
//! | `jpeg` | 7, 6 | our own, of 8 and 12 bits, equal to libjpeg-turbo; zune-jpeg for sampling ratios such as 3 : 2 | our own, of 8 bits, equal to libjpeg-turbo | |
//! | `jpeg2000` | 34712, 33005 | hayro-jpeg2000 | | |
//! | `jpegxl` | 50002, 52546 | jxl | | |
//! | `lerc` | 34887 | our own for the usual blobs, lerc-rs for all others; in deflate or ZSTD with either feature of these | lerc-rs | |
//! | `lzma` | 34925 | liblzma | liblzma | `lzma-pure`: lzma-rust2 |
//! | `lzw` | 5 | its own, weezl for odd streams | its own | |
//! | `webp` | 50001 | libwebp | libwebp | `webp-pure`: image-webp, which encodes lossless pictures only |
//! | `zstd` | 50000 | libzstd | libzstd | `zstd-pure`: structured-zstd |
//!
//! `pure-rust` is every codec without C: `default-features = false, features = ["pure-rust"]` needs no C compiler.
//!
//! `turbojpeg`, off by default, brings `jpeg` with libjpeg-turbo as its decoder, built from bundled source: cmake and nasm
//! are needed. It adds arithmetic coding of 1, 3 and 4 bands; other pixels stay the same. Our own decoder still reads
//! what libjpeg-turbo refuses or warns of, pictures of two bands and those of more rows than their block; zune-jpeg the
//! ratios that libjpeg-turbo does not implement. Programs with this feature are "based in part on the work of the
//! Independent JPEG Group": libjpeg-turbo comes under the IJG and the 3-clause BSD licence.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod block;
mod codec;
mod codecs;
mod cpu;
mod decode;
pub mod encode;
mod error;
#[cfg(any(
    feature = "jpeg",
    feature = "lerc",
    feature = "jpeg2000",
    feature = "jpegxl",
    all(feature = "lzma-pure", not(feature = "lzma")),
    all(feature = "webp-pure", not(feature = "webp")),
    all(feature = "zstd-pure", not(feature = "zstd")),
))]
mod foreign_panic;
mod registry;
mod samples;
mod scratch;

pub use block::{BlockSpec, ColorView};
pub use codec::{Codec, Decoded, Delivery};
#[cfg(feature = "jpeg")]
pub use codecs::jpeg::OldJpeg;
pub use error::{Error, ErrorClass, Result};
pub use registry::Codecs;
pub use samples::color::ColorTransform;
pub use samples::deinterleave::Deinterleave;
pub use scratch::Scratch;

/// The plain enums by which a block is described.
pub use cog_tiff as tiff;

/// The example of the README, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
