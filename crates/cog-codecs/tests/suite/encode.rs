//! Blocks that we encode: read by our own decoder here, by other software in `judged`; what cannot be encoded is in `refused`.

#[cfg(all(feature = "deflate", feature = "zstd"))]
mod effort;
mod judged;
mod refused;
mod tiff_file;

use cog_codecs::encode::{BandSlices, BlockShape, EncodeCodec, Encoder, Encoding, JpegColors, LercWrapping};
use cog_codecs::{BlockSpec, Codecs, Error, Scratch};
use cog_tiff::{Photometric, Predictor, SampleFormat, SampleType};
use proptest::prelude::*;

const TYPES: [SampleType; 12] = [
    SampleType::U8,
    SampleType::U16,
    SampleType::U32,
    SampleType::U64,
    SampleType::I8,
    SampleType::I16,
    SampleType::I32,
    SampleType::I64,
    SampleType::F32,
    SampleType::F64,
    SampleType::Complex32,
    SampleType::Complex64,
];

/// Pixels of a block, a slice a band, in the byte order of this machine.
struct Pixels {
    shape: BlockShape,
    width: usize,
    height: usize,
    /// Bytes between the rows of a band.
    gap: usize,
    bands: Vec<Vec<u8>>,
}

impl Pixels {
    /// Smooth here, noise there; within the bits that they are stored in.
    fn new(shape: BlockShape, (width, height): (usize, usize), gap: usize, seed: u64) -> Self {
        let mut state = seed;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 24
        };
        let mut bands = Vec::new();
        for band in 0..usize::from(shape.samples) {
            let mut bytes = Vec::new();
            let mut last = band as u64;
            for _ in 0..height {
                for _ in 0..width {
                    let jump = if random() % 9 == 0 { random() << 20 ^ random() } else { random() % (seed % 30 + 1) };
                    last = last.wrapping_add(jump);
                    bytes.extend(sample(last, &shape));
                }
                bytes.extend(std::iter::repeat_n(0xee, gap));
            }
            bands.push(bytes);
        }
        Self { shape, width, height, gap, bands }
    }

    fn size(&self) -> usize {
        self.shape.sample_type.size()
    }

    fn encoded_by(&self, encoder: &mut Encoder) -> Vec<u8> {
        let bands: Vec<&[u8]> = self.bands.iter().map(Vec::as_slice).collect();
        let stride = self.width * self.size() + self.gap;
        let mut out = b"before".to_vec();
        let source = BandSlices { bands: &bands, stride, width: self.width, height: self.height };
        encoder.encode(&source, &mut out).unwrap();
        assert_eq!(out[..6], *b"before");
        out.split_off(6)
    }

    /// The samples of the whole block, pixel by pixel, its last column repeated, and its last row too, or rows of 0 below.
    fn padded(&self, repeats_rows: bool) -> Vec<u8> {
        let size = self.size();
        let mut all = Vec::new();
        for y in 0..self.shape.height as usize {
            if y >= self.height && !repeats_rows {
                all.resize(all.len() + self.shape.width as usize * self.bands.len() * size, 0);
                continue;
            }
            for x in 0..self.shape.width as usize {
                let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
                let at = y * (self.width * size + self.gap) + x * size;
                self.bands.iter().for_each(|band| all.extend(&band[at..at + size]));
            }
        }
        all
    }
}

/// A number as a sample: for floats something finite that half floats hold too.
fn sample(number: u64, shape: &BlockShape) -> Vec<u8> {
    let part = |shift: u64| ((number >> shift) % 2001) as f32 - 1000.0;
    match shape.sample_type {
        SampleType::F32 => part(0).to_ne_bytes().to_vec(),
        SampleType::F64 => f64::from(part(0) / 7.0).to_ne_bytes().to_vec(),
        SampleType::Complex32 => [part(0).to_ne_bytes(), part(11).to_ne_bytes()].concat(),
        SampleType::Complex64 => [f64::from(part(0)).to_ne_bytes(), f64::from(part(11)).to_ne_bytes()].concat(),
        other => {
            let number = number & u64::MAX >> (64 - shape.bits);
            match other.size() {
                1 => vec![number as u8],
                2 => (number as u16).to_ne_bytes().to_vec(),
                4 => (number as u32).to_ne_bytes().to_vec(),
                _ => number.to_ne_bytes().to_vec(),
            }
        }
    }
}

/// What a reader of the file would know.
fn spec(encoding: &Encoding, shape: &BlockShape) -> BlockSpec<'static> {
    let compression = encoding.codec.compression();
    let mut spec =
        BlockSpec::new(shape.width, shape.height, shape.samples, shape.bits, shape.sample_format(), compression);
    spec.predictor = encoding.predictor;
    spec.lerc_parameters = encoding.lerc_parameters(shape);
    spec
}

fn decoded(encoding: &Encoding, shape: &BlockShape, block: &[u8]) -> Vec<u8> {
    let spec = spec(encoding, shape);
    let mut out = vec![0; spec.output_len().unwrap()];
    Codecs::default().decode_block(&spec, block, &mut Scratch::new(), &mut out).unwrap();
    out
}

/// All lossless codecs, fast.
const CODECS: [EncodeCodec; 8] = [
    EncodeCodec::None,
    EncodeCodec::PackBits,
    EncodeCodec::Lzw,
    EncodeCodec::Deflate { level: 1 },
    EncodeCodec::Zstd { level: 1 },
    EncodeCodec::Lzma { level: 0 },
    EncodeCodec::WebPLossless,
    EncodeCodec::Lerc { max_error: 0.0, wrapping: LercWrapping::None },
];

fn depths(sample_type: SampleType) -> Vec<u16> {
    let whole = sample_type.size() as u16 * 8;
    match sample_type {
        SampleType::U8 => (1..=8).collect(),
        SampleType::U16 => (9..=16).collect(),
        SampleType::U32 => (17..=32).collect(),
        SampleType::F32 => vec![16, 32],
        _ => vec![whole],
    }
}

/// The shape, or one that the codec has.
fn within_codec(codec: &EncodeCodec, shape: BlockShape) -> BlockShape {
    let BlockShape { width, height, samples, sample_type, bits, .. } = shape;
    let whole = bits == sample_type.size() as u16 * 8;
    match codec {
        EncodeCodec::WebPLossless => BlockShape::new(width, height, 3 + samples % 2, SampleType::U8),
        EncodeCodec::Lerc { .. } if sample_type.is_complex() => {
            BlockShape::new(width, height, samples, SampleType::F64)
        }
        EncodeCodec::Lerc { .. } if !whole || matches!(sample_type, SampleType::U64 | SampleType::I64) => {
            BlockShape::new(width, height, samples, SampleType::I16)
        }
        _ => shape,
    }
}

fn fits(predictor: Predictor, codec: &EncodeCodec, shape: &BlockShape) -> bool {
    let float = shape.sample_format() == SampleFormat::Float;
    match predictor {
        Predictor::None => true,
        _ if !codec.heeds_predictor() || shape.sample_type.is_complex() => false,
        Predictor::Horizontal => matches!(shape.bits, 8 | 16 | 32 | 64),
        _ => float,
    }
}

proptest! {
    #[test]
    fn any_block_comes_back(
        size in (1u32..70, 1u32..20),
        samples in prop_oneof![1u16..5, 5u16..20],
        sample_type in prop::sample::select(TYPES.to_vec()),
        depth in any::<prop::sample::Index>(),
        predictor in prop::sample::select(vec![Predictor::None, Predictor::Horizontal, Predictor::FloatingPoint]),
        codec in prop::sample::select(CODECS.to_vec()),
        there in any::<(prop::sample::Index, prop::sample::Index)>(),
        whole in any::<bool>(),
        gap in 0usize..9,
        seed in any::<u64>(),
    ) {
        let mut shape = BlockShape::new(size.0, size.1, samples, sample_type);
        let depths = depths(sample_type);
        shape.bits = depths[depth.index(depths.len())];
        let shape = within_codec(&codec, shape);
        prop_assume!(fits(predictor, &codec, &shape));
        let encoding = Encoding { codec, predictor };
        let mut encoder = match Encoder::new(&encoding, &shape) {
            Err(Error::Disabled { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        let (w, h) = (size.0 as usize, size.1 as usize);
        let part = if whole { (w, h) } else { (there.0.index(w) + 1, there.1.index(h) + 1) };
        let pixels = Pixels::new(shape, part, gap, seed);
        let block = pixels.encoded_by(&mut encoder);
        let of_pixels = matches!(codec, EncodeCodec::WebPLossless | EncodeCodec::Lerc { .. });
        prop_assert!(decoded(&encoding, &shape, &block) == pixels.padded(of_pixels));
        // The same once more after another block, and of a new encoder.
        let other = Pixels::new(shape, (w, h), 0, seed ^ 1);
        prop_assert!(decoded(&encoding, &shape, &other.encoded_by(&mut encoder)) == other.padded(of_pixels));
        prop_assert!(pixels.encoded_by(&mut encoder) == block);
        prop_assert!(pixels.encoded_by(&mut Encoder::new(&encoding, &shape).unwrap()) == block);
    }
}

proptest! {
    #[test]
    fn lossy_pictures_of_any_size_come_back_alike(
        size in (1u32..70, 1u32..40),
        there in any::<(prop::sample::Index, prop::sample::Index)>(),
        samples in 1u16..5,
        which in 0usize..3,
    ) {
        let (codec, samples) = match which {
            0 => (EncodeCodec::Jpeg { quality: 95, colors: JpegColors::Stored }, samples),
            1 => (EncodeCodec::Jpeg { quality: 95, colors: JpegColors::YCbCr }, 3),
            _ => (EncodeCodec::WebP { quality: 95 }, 3 + samples % 2),
        };
        let shape = BlockShape::new(size.0, size.1, samples, SampleType::U8);
        let encoding = Encoding { codec, predictor: Predictor::None };
        let mut encoder = match Encoder::new(&encoding, &shape) {
            Err(Error::Disabled { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        let (width, height) = (there.0.index(size.0 as usize) + 1, there.1.index(size.1 as usize) + 1);
        // A slope, gray so that subsampled chroma is no matter.
        let band: Vec<u8> = (0..width * height).map(|i| (40 + i % width * 2 + i / width) as u8).collect();
        let pixels = Pixels { shape, width, height, gap: 0, bands: vec![band; samples.into()] };
        let block = pixels.encoded_by(&mut encoder);
        prop_assert!(pixels.encoded_by(&mut encoder) == block);
        let mut spec = spec(&encoding, &shape);
        spec.jpeg_tables = encoder.tables();
        if which == 1 {
            spec.photometric = Photometric::YCbCr;
        }
        let mut out = vec![0; spec.output_len().unwrap()];
        Codecs::default().decode_block(&spec, &block, &mut Scratch::new(), &mut out).unwrap();
        let want = pixels.padded(true);
        let off: Vec<u8> = out.iter().zip(&want).map(|(got, want)| got.abs_diff(*want)).collect();
        prop_assert!(off.iter().all(|&off| off <= 8), "off by up to {}", off.iter().max().unwrap());
        let mean = off.iter().map(|&off| f64::from(off)).sum::<f64>() / off.len() as f64;
        prop_assert!(mean < 2.0, "off by {mean} on average");
    }
}

#[test]
fn numbers_beyond_their_bits_become_the_largest() {
    // GDAL clips to NBITS as well, with a warning.
    let mut shape = BlockShape::new(4, 1, 1, SampleType::U8);
    shape.bits = 3;
    let encoding = Encoding { codec: EncodeCodec::None, predictor: Predictor::None };
    let mut out = Vec::new();
    let bands: [&[u8]; 1] = [&[1, 7, 8, 255]];
    let source = BandSlices { bands: &bands, stride: 4, width: 4, height: 1 };
    Encoder::new(&encoding, &shape).unwrap().encode(&source, &mut out).unwrap();
    assert_eq!(decoded(&encoding, &shape, &out), [1, 7, 7, 7]);
}
