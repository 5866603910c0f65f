//! Random samples through predictors and encoders of other crates and back, for every width, byte order and number of
//! samples. A plane of a planar image is a block of one sample.

use std::io::Write;

use cog_codecs::{BlockSpec, Codecs, Decoded, Error, Scratch};
use cog_tiff::{ByteOrder, Compression, FillOrder, Photometric, Predictor, SampleFormat};
use lerc::Precision;
use lerc::bitmask::BitMask;
use proptest::prelude::*;

/// A block of samples of `size` bytes, each as a number, row by row.
#[derive(Debug, Clone)]
struct Block {
    width: usize,
    height: usize,
    samples: usize,
    size: usize,
    order: ByteOrder,
    numbers: Vec<u64>,
}

impl Block {
    fn any() -> impl Strategy<Value = Self> {
        let shape = (1usize..40, 1usize..6, 1usize..7, prop::sample::select(vec![1usize, 2, 4, 8]));
        (shape, any::<bool>(), any::<u64>(), 1u64..2000).prop_map(
            |((width, height, samples, size), big, seed, step)| {
                let mut state = seed;
                let mut random = move || {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    state >> 20
                };
                let most = u64::MAX >> (64 - 8 * size);
                // Smooth here, noise there.
                let mut last = 0u64;
                let numbers = (0..width * height * samples).map(|_| {
                    let jump = if random() % 7 == 0 { random() << 20 ^ random() } else { random() % step };
                    last = last.wrapping_add(jump);
                    last & most
                });
                let numbers = numbers.collect();
                let order = if big { ByteOrder::Big } else { ByteOrder::Little };
                Self { width, height, samples, size, order, numbers }
            },
        )
    }

    fn bytes(&self, number: u64) -> Vec<u8> {
        let all = number.to_le_bytes();
        let mut bytes = all[..self.size].to_vec();
        if self.order == ByteOrder::Big {
            bytes.reverse();
        }
        bytes
    }

    /// Bytes as a TIFF stores them before its codec (TIFF 6.0 section 14, Photoshop TIFF Technical Note 3).
    fn encoded(&self, predictor: Predictor) -> Vec<u8> {
        let row_len = self.width * self.samples;
        let mut out = Vec::new();
        for row in self.numbers.chunks(row_len) {
            match predictor {
                Predictor::None => out.extend(row.iter().flat_map(|&n| self.bytes(n))),
                Predictor::Horizontal => {
                    for (i, &number) in row.iter().enumerate() {
                        let left = if i < self.samples { 0 } else { row[i - self.samples] };
                        out.extend(self.bytes(number.wrapping_sub(left)));
                    }
                }
                _ => {
                    let planes = (0..self.size).rev().flat_map(|byte| row.iter().map(move |n| (n >> (8 * byte)) as u8));
                    let planes: Vec<u8> = planes.collect();
                    let left = |i: usize| if i < self.samples { 0 } else { planes[i - self.samples] };
                    out.extend(planes.iter().enumerate().map(|(i, byte)| byte.wrapping_sub(left(i))));
                }
            }
        }
        out
    }

    fn native(&self) -> Vec<u8> {
        let native = |&number: &u64| {
            let bytes = number.to_le_bytes();
            let mut bytes = bytes[..self.size].to_vec();
            if cfg!(target_endian = "big") {
                bytes.reverse();
            }
            bytes
        };
        self.numbers.iter().flat_map(native).collect()
    }

    fn spec(&self, code: u16, format: SampleFormat) -> BlockSpec<'static> {
        let mut spec = BlockSpec::new(
            self.width as u32,
            self.height as u32,
            self.samples as u16,
            8 * self.size as u16,
            format,
            Compression::from_code(code),
        );
        spec.byte_order = self.order;
        spec
    }
}

fn compress(code: u16, data: &[u8]) -> Vec<u8> {
    match code {
        5 => weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(data).unwrap(),
        8 | 32946 => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(4));
            encoder.write_all(data).unwrap();
            encoder.finish().unwrap()
        }
        50000 => {
            let mut out = Vec::with_capacity(zstd_safe::compress_bound(data.len()));
            zstd_safe::compress(&mut out, data, 3).unwrap();
            out
        }
        34925 => {
            let mut encoder = liblzma::stream::Stream::new_easy_encoder(1, liblzma::stream::Check::Crc32).unwrap();
            let mut out = Vec::with_capacity(data.len() + 1000);
            encoder.process_vec(data, &mut out, liblzma::stream::Action::Finish).unwrap();
            out
        }
        32773 => pack_bits(data),
        _ => data.to_vec(),
    }
}

/// TIFF 6.0 section 9.
fn pack_bits(mut data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(&byte) = data.first() {
        let run = data.iter().take(128).take_while(|&&b| b == byte).count();
        let taken = if run > 2 {
            out.extend([(257 - run) as u8, byte]);
            run
        } else {
            let literal = data.len().min(128);
            let literal =
                data[..literal].windows(3).position(|w| w[0] == w[1] && w[1] == w[2]).unwrap_or(literal).max(1);
            out.push((literal - 1) as u8);
            out.extend(&data[..literal]);
            literal
        };
        data = &data[taken..];
    }
    out
}

/// Decodes into a slice that holds other things; `None` if this build has not the codec.
fn decode(spec: &BlockSpec<'_>, src: &[u8]) -> Option<(Vec<u8>, Decoded)> {
    let mut out = vec![0x5a; spec.output_len().unwrap()];
    match Codecs::default().decode_block(spec, src, &mut Scratch::new(), &mut out) {
        Ok(decoded) => Some((out, decoded)),
        Err(Error::Disabled { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #[test]
    fn integers_come_back(
        block in Block::any(),
        code in prop::sample::select(vec![1u16, 5, 8, 32773, 32946, 34925, 50000]),
        horizontal in any::<bool>(),
        signed in any::<bool>(),
        reversed in any::<bool>(),
    ) {
        let mut spec = block.spec(code, if signed { SampleFormat::Int } else { SampleFormat::Uint });
        // Codecs without predictor in libtiff ignore the tag.
        let heeded = horizontal && !matches!(code, 1 | 32773);
        spec.predictor = if horizontal { Predictor::Horizontal } else { Predictor::None };
        let mut src = compress(code, &block.encoded(if heeded { Predictor::Horizontal } else { Predictor::None }));
        if reversed {
            spec.fill_order = FillOrder::LsbFirst;
            src.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        }
        if let Some((out, _)) = decode(&spec, &src) {
            prop_assert!(out == block.native());
        }
    }

    #[test]
    fn floats_come_back(
        block in Block::any(),
        code in prop::sample::select(vec![5u16, 8, 34925, 50000]),
        predictor in prop::sample::select(vec![Predictor::None, Predictor::Horizontal, Predictor::FloatingPoint]),
    ) {
        prop_assume!(block.size > 1);
        let mut spec = block.spec(code, SampleFormat::Float);
        spec.predictor = predictor;
        let Some((out, _)) = decode(&spec, &compress(code, &block.encoded(predictor))) else { return Ok(()) };
        if block.size > 2 {
            prop_assert!(out == block.native());
        } else {
            let wide = |&number: &u64| half::f16::from_bits(number as u16).to_f32().to_ne_bytes();
            prop_assert!(out == block.numbers.iter().flat_map(wide).collect::<Vec<u8>>());
        }
    }

    #[test]
    fn lossless_webp_comes_back(block in Block::any(), alpha in any::<bool>()) {
        let samples = if alpha { 4 } else { 3 };
        let pixels: Vec<u8> = block.numbers.iter().map(|&n| n as u8).cycle().take(block.width * block.height * samples).collect();
        let mut src = Vec::new();
        let color = if alpha { image_webp::ColorType::Rgba8 } else { image_webp::ColorType::Rgb8 };
        image_webp::WebPEncoder::new(&mut src).encode(&pixels, block.width as u32, block.height as u32, color).unwrap();
        let mut spec = block.spec(50001, SampleFormat::Uint);
        (spec.samples, spec.bits_per_sample, spec.photometric) = (samples as u16, 8, Photometric::Rgb);
        if let Some((out, _)) = decode(&spec, &src) {
            // Of a pixel that nobody sees the encoder may keep what it likes.
            let seen = |p: &[u8]| p.get(3) != Some(&0);
            for (got, want) in out.chunks(samples).zip(pixels.chunks(samples)) {
                prop_assert!(got == want || !seen(want) && !seen(got));
            }
        }
    }

    #[test]
    fn lerc_brings_values_and_a_mask(block in Block::any(), wrapping in 0u32..3, masked in any::<bool>(), float in any::<bool>()) {
        let (width, height) = (block.width as u32, block.height as u32);
        let pixels = block.width * block.height;
        let is_valid = |pixel: usize| !masked || block.numbers[pixel * block.samples] % 3 != 0;
        let mut mask = BitMask::new(pixels);
        (0..pixels).filter(|&i| is_valid(i)).for_each(|i| mask.set_valid(i));
        prop_assume!(mask.count_valid() > 0);
        let masks = [mask];
        let depth = block.samples as u32;
        let (blob, want): (_, Vec<u8>) = if float {
            let values: Vec<f32> = block.numbers.iter().map(|&n| (n % 100_000) as f32 / 8.0).collect();
            let blob = lerc::encode_borrowed(width, height, depth, 1, &values, &masks, None, Precision::Lossless).unwrap();
            let seen = |(i, v): (usize, &f32)| if is_valid(i / block.samples) { *v } else { f32::NAN };
            (blob, values.iter().enumerate().map(seen).flat_map(f32::to_ne_bytes).collect())
        } else {
            let values: Vec<u16> = block.numbers.iter().map(|&n| n as u16).collect();
            let blob = lerc::encode_borrowed(width, height, depth, 1, &values, &masks, None, Precision::Lossless).unwrap();
            let seen = |(i, v): (usize, &u16)| if is_valid(i / block.samples) { *v } else { 0 };
            (blob, values.iter().enumerate().map(seen).flat_map(u16::to_ne_bytes).collect())
        };
        let mut spec = block.spec(34887, if float { SampleFormat::Float } else { SampleFormat::Uint });
        spec.bits_per_sample = if float { 32 } else { 16 };
        spec.lerc_parameters = Some([4, wrapping]);
        let src = match wrapping {
            0 => blob,
            1 => compress(8, &blob),
            _ => compress(50000, &blob),
        };
        let mut out = vec![0x5a; spec.output_len().unwrap()];
        let decoded = match Codecs::default().decode_block(&spec, &src, &mut Scratch::new(), &mut out) {
            Err(Error::Disabled { .. } | Error::Variant { .. }) => return Ok(()),
            other => other.unwrap(),
        };
        if float {
            let numbers = |bytes: &[u8]| bytes.chunks(4).map(|b| f32::from_ne_bytes(b.try_into().unwrap())).collect::<Vec<_>>();
            for (got, want) in numbers(&out).into_iter().zip(numbers(&want)) {
                prop_assert!(got == want || got.is_nan() && want.is_nan(), "{got} {want}");
            }
        } else {
            prop_assert!(out == want);
        }
        let all_valid = (0..pixels).all(is_valid);
        let validity = (0..pixels).map(|i| if is_valid(i) { 255 } else { 0 }).collect::<Vec<u8>>();
        prop_assert_eq!(decoded.validity, (!all_valid).then_some(validity));
    }
}
