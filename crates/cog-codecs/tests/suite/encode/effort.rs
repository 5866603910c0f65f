//! Levels are as high as it pays: judged by the libraries' own levels.

use cog_codecs::encode::{BlockShape, EncodeCodec, Encoder, Encoding};
use cog_tiff::{Predictor, SampleType};

use super::{Pixels, decoded};

const SHAPE: (u32, u32) = (512, 480);

/// A block of one band of these bytes, compressed.
fn encoded(codec: EncodeCodec, bytes: &[u8]) -> Vec<u8> {
    let shape = BlockShape::new(SHAPE.0, SHAPE.1, 1, SampleType::U8);
    let encoding = Encoding { codec, predictor: Predictor::None };
    let size = (SHAPE.0 as usize, SHAPE.1 as usize);
    let pixels = Pixels { shape, width: size.0, height: size.1, gap: 0, bands: vec![bytes.to_vec()] };
    let block = pixels.encoded_by(&mut Encoder::new(&encoding, &shape).unwrap());
    assert!(decoded(&encoding, &shape, &block) == bytes);
    block
}

fn random() -> impl FnMut() -> usize {
    let mut state = 1_u64;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    }
}

/// The sum of four dice at each pixel.
fn noise() -> Vec<u8> {
    let mut random = random();
    (0..SHAPE.0 * SHAPE.1).map(|_| (0..4).map(|_| random() % 6 + 1).sum::<usize>() as u8).collect()
}

/// Small differences of either sign, in 16 bits.
fn differences() -> Vec<u8> {
    let mut random = random();
    let one = |_| (0..4).map(|_| random() % 80).sum::<usize>() as i16 - 158;
    (0..SHAPE.0 * SHAPE.1 / 2).map(one).flat_map(i16::to_le_bytes).collect()
}

/// Words of a language of 300.
fn words() -> Vec<u8> {
    let mut random = random();
    let words: Vec<Vec<u8>> = (0..300).map(|_| (0..random() % 6 + 3).map(|_| random() as u8).collect()).collect();
    let mut bytes = Vec::new();
    while bytes.len() < (SHAPE.0 * SHAPE.1) as usize {
        bytes.extend(&words[random() % words.len()]);
    }
    bytes.truncate((SHAPE.0 * SHAPE.1) as usize);
    bytes
}

fn by_zstd(level: i32, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    zstd_safe::compress(&mut out, bytes, level).unwrap();
    out
}

fn by_libdeflate(level: i32, bytes: &[u8]) -> Vec<u8> {
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::new(level).unwrap());
    let mut out = vec![0; compressor.zlib_compress_bound(bytes.len())];
    let len = compressor.zlib_compress(bytes, &mut out).unwrap();
    out.truncate(len);
    out
}

#[test]
fn noise_is_compressed_at_the_lowest_level_which_makes_it_smaller() {
    let noise = noise();
    let fast = by_zstd(1, &noise);
    assert!(fast.len() < by_zstd(9, &noise).len());
    assert!(encoded(EncodeCodec::Zstd { level: 9 }, &noise) == fast);
}

#[test]
fn differences_are_deflated_at_the_lowest_level_which_makes_them_smaller() {
    let bytes = differences();
    let fast = by_libdeflate(1, &bytes);
    assert!(fast.len() < by_libdeflate(6, &bytes).len());
    assert!(encoded(EncodeCodec::Deflate { level: 6 }, &bytes) == fast);
}

#[test]
fn what_repeats_is_compressed_at_the_level_that_was_asked_for() {
    let words = words();
    let own = by_zstd(9, &words).len() as f64;
    assert!((by_zstd(1, &words).len() as f64) > own * 1.03);
    assert!(encoded(EncodeCodec::Zstd { level: 9 }, &words).len() as f64 <= own * 1.001);

    let own = by_libdeflate(6, &words);
    assert!(by_libdeflate(1, &words).len() > own.len());
    assert!(encoded(EncodeCodec::Deflate { level: 6 }, &words) == own);
}
