//! One block through each codec, each predictor and the un-interleaving, beside the libraries that do the same.
//!
//! `cargo bench -p cog-codecs`, with a part of a name to run only some. The whole pipeline is measured by
//! `cargo xtask bench decode`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::io::Write;

use cog_codecs::{BlockSpec, Codecs, Deinterleave, Scratch};
use cog_tiff::{BlockTable, Compression, Image, Photometric, Predictor, SampleFormat, Tag, Tiff};
use divan::Bencher;
use divan::counter::BytesCount;

const SIDE: u32 = 512;

fn main() {
    divan::main();
}

/// Hills with the noise of a sensor: `samples` values a pixel.
fn scene(samples: usize) -> Vec<f64> {
    let mut state = 20_261_122u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) & 7) as f64
    };
    let side = SIDE as usize;
    let hill = |x: usize, y: usize, band: usize| {
        let (x, y) = (x as f64 / 61.0 + band as f64, y as f64 / 47.0);
        (x.sin() + y.cos() + (x * 2.3).cos() * (y * 3.1).sin() + 3.0) * 35.0
    };
    let mut values = Vec::with_capacity(side * side * samples);
    for y in 0..side {
        for x in 0..side {
            values.extend((0..samples).map(|band| hill(x, y, band) + noise()));
        }
    }
    values
}

/// A kind of block: uint8 RGB, uint16, float32.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Rgb,
    Uint16,
    Float32,
}

impl Kind {
    fn layout(self) -> (usize, usize, SampleFormat) {
        match self {
            Kind::Rgb => (3, 1, SampleFormat::Uint),
            Kind::Uint16 => (1, 2, SampleFormat::Uint),
            Kind::Float32 => (1, 4, SampleFormat::Float),
        }
    }

    fn spec(self, compression: Compression, predictor: Predictor) -> BlockSpec<'static> {
        let (samples, size, format) = self.layout();
        let mut spec = BlockSpec::new(SIDE, SIDE, samples as u16, 8 * size as u16, format, compression);
        spec.predictor = predictor;
        spec
    }

    /// Rows as they are stored, after the predictor.
    fn stored(self, predictor: Predictor) -> Vec<u8> {
        let (samples, size, _) = self.layout();
        let values = scene(samples);
        let numbers: Vec<u64> = match self {
            Kind::Rgb => values.iter().map(|v| *v as u64 & 0xff).collect(),
            Kind::Uint16 => values.iter().map(|v| (*v * 37.0) as u64 & 0xffff).collect(),
            Kind::Float32 => values.iter().map(|v| u64::from((*v as f32).to_bits())).collect(),
        };
        let row_len = SIDE as usize * samples;
        let mut out = Vec::new();
        for row in numbers.chunks_exact(row_len) {
            let left = |i: usize| if i < samples { 0 } else { row[i - samples] };
            match predictor {
                Predictor::None => out.extend(row.iter().flat_map(|n| n.to_le_bytes()[..size].to_vec())),
                Predictor::Horizontal => {
                    let differences = row.iter().enumerate().map(|(i, n)| n.wrapping_sub(left(i)));
                    out.extend(differences.flat_map(|n| n.to_le_bytes()[..size].to_vec()));
                }
                _ => {
                    let planes: Vec<u8> =
                        (0..size).rev().flat_map(|byte| row.iter().map(move |n| (n >> (8 * byte)) as u8)).collect();
                    let left = |i: usize| if i < samples { 0 } else { planes[i - samples] };
                    out.extend(planes.iter().enumerate().map(|(i, byte)| byte.wrapping_sub(left(i))));
                }
            }
        }
        out
    }
}

fn lzw(bytes: &[u8]) -> Vec<u8> {
    weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(bytes).unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(bytes.len()));
    zstd_safe::compress(&mut out, bytes, 9).unwrap();
    out
}

/// Decodes a block over and over into the same memory.
fn ours(bencher: Bencher<'_, '_>, spec: &BlockSpec<'_>, source: &[u8]) {
    let codecs = Codecs::default();
    let mut scratch = Scratch::new();
    let mut out = vec![0; spec.output_len().unwrap()];
    bencher.counter(BytesCount::new(out.len())).bench_local(|| {
        codecs.decode_block(spec, source, &mut scratch, &mut out).unwrap();
    });
}

const CASES: [(Kind, Predictor); 4] = [
    (Kind::Rgb, Predictor::None),
    (Kind::Rgb, Predictor::Horizontal),
    (Kind::Uint16, Predictor::Horizontal),
    (Kind::Float32, Predictor::FloatingPoint),
];

#[divan::bench(args = CASES)]
fn lzw_ours(bencher: Bencher<'_, '_>, (kind, predictor): (Kind, Predictor)) {
    ours(bencher, &kind.spec(Compression::Lzw, predictor), &lzw(&kind.stored(predictor)));
}

/// Without the predictor, which weezl does not know.
#[divan::bench(args = CASES)]
fn lzw_weezl(bencher: Bencher<'_, '_>, (kind, predictor): (Kind, Predictor)) {
    let stored = kind.stored(predictor);
    let source = lzw(&stored);
    bencher.counter(BytesCount::new(stored.len())).bench_local(|| {
        weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).decode(&source).unwrap()
    });
}

#[divan::bench(args = CASES)]
fn deflate_ours(bencher: Bencher<'_, '_>, (kind, predictor): (Kind, Predictor)) {
    ours(bencher, &kind.spec(Compression::AdobeDeflate, predictor), &deflate(&kind.stored(predictor)));
}

#[divan::bench(args = CASES)]
fn zstd_ours(bencher: Bencher<'_, '_>, (kind, predictor): (Kind, Predictor)) {
    ours(bencher, &kind.spec(Compression::Zstd, predictor), &zstd(&kind.stored(predictor)));
}

/// Without the predictor: the difference is what the predictor costs.
#[divan::bench(args = CASES)]
fn zstd_library(bencher: Bencher<'_, '_>, (kind, predictor): (Kind, Predictor)) {
    let stored = kind.stored(predictor);
    let source = zstd(&stored);
    let mut context = zstd_safe::DCtx::create();
    let mut out = vec![0u8; stored.len()];
    bencher.counter(BytesCount::new(stored.len())).bench_local(|| context.decompress(&mut out[..], &source).unwrap());
}

/// The first tile of a file that the tests use too.
fn jpeg_tile() -> (Vec<u8>, Vec<u8>, u32, u32) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/files/jpeg_ycbcr_420_tiles.tif");
    let bytes = std::fs::read(path).unwrap();
    let tiff = Tiff::parse(&bytes).unwrap();
    let ifd = &tiff.ifds()[0];
    let image = Image::of(ifd).unwrap();
    let block = BlockTable::of(ifd, &image).unwrap().location(&bytes[..], 0).expect("the first tile");
    let tile = bytes[block.offset as usize..(block.offset + block.length) as usize].to_vec();
    let tables = ifd.value(Tag::JPEG_TABLES).and_then(|v| v.bytes()).unwrap_or_default().to_vec();
    (tile, tables, image.grid.block_width, image.grid.block_height)
}

#[divan::bench]
fn jpeg_ours(bencher: Bencher<'_, '_>) {
    let (tile, tables, width, height) = jpeg_tile();
    let mut spec = BlockSpec::new(width, height, 3, 8, SampleFormat::Uint, Compression::Jpeg);
    spec.photometric = Photometric::YCbCr;
    spec.jpeg_tables = Some(&tables);
    ours(bencher, &spec, &tile);
}

#[divan::bench(args = [(3, 1), (4, 1), (3, 2), (8, 2)])]
fn deinterleave(bencher: Bencher<'_, '_>, (samples, size): (usize, usize)) {
    let all: Vec<usize> = (0..samples).collect();
    let split = Deinterleave::new(samples, size, &all).unwrap();
    let width = SIDE as usize;
    let pixels: Vec<u8> = (0..width * samples * size).map(|i| i as u8).collect();
    let mut bands = vec![vec![0u8; width * size]; samples];
    bencher.counter(BytesCount::new(pixels.len())).bench_local(|| {
        let mut rows: Vec<&mut [u8]> = bands.iter_mut().map(Vec::as_mut_slice).collect();
        split.row(&pixels, &mut rows).unwrap();
    });
}
