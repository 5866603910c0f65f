//! Encodes images for `cargo xtask bench encode`, which asks on standard input and is told seconds and bytes on standard output.
//!
//! Words of a line are separated by tabs: `PATH DTYPE BANDS HEIGHT WIDTH BLOCK CODEC LEVEL PREDICTOR ROUNDS` reads an array as bytes, in the order
//! of bands, rows and columns, and encodes it block by block on one thread; the best round counts.
#![allow(clippy::print_stdout, reason = "its answers")]

use std::error::Error;
use std::time::Instant;

use cog_codecs::encode::{BandSlices, BlockShape, EncodeCodec, Encoder, Encoding, JpegColors, LercWrapping};
use cog_tiff::{Predictor, SampleType};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    for line in std::io::stdin().lines() {
        let line = line?;
        let words: Vec<&str> = line.split('\t').collect();
        let [path, dtype, bands, height, width, block, codec, level, predictor, rounds] = words.as_slice() else {
            return Err("PATH DTYPE BANDS HEIGHT WIDTH BLOCK CODEC LEVEL PREDICTOR ROUNDS".into());
        };
        let sample_type = match *dtype {
            "uint8" => SampleType::U8,
            "uint16" => SampleType::U16,
            "int16" => SampleType::I16,
            "float32" => SampleType::F32,
            other => return Err(format!("no type {other}").into()),
        };
        let shape = BlockShape::new(block.parse()?, block.parse()?, bands.parse()?, sample_type);
        let predictor = Predictor::from_code(predictor.parse()?);
        let encoding = Encoding { codec: codec_of(codec, level.parse()?, shape.samples)?, predictor };
        let array = Array { bytes: std::fs::read(path)?, height: height.parse()?, width: width.parse()? };
        let mut encoder = Encoder::new(&encoding, &shape)?;
        let (mut best, mut total) = (f64::INFINITY, 0);
        for _ in 0..rounds.parse()? {
            let start = Instant::now();
            total = array.encoded(&shape, &mut encoder)?;
            best = start.elapsed().as_secs_f64().min(best);
        }
        println!("{best}\t{total}");
    }
    Ok(())
}

fn codec_of(name: &str, level: u8, bands: u16) -> Result<EncodeCodec> {
    Ok(match name {
        "none" => EncodeCodec::None,
        "packbits" => EncodeCodec::PackBits,
        "lzw" => EncodeCodec::Lzw,
        "deflate" => EncodeCodec::Deflate { level },
        "zstd" => EncodeCodec::Zstd { level },
        "lerc" => EncodeCodec::Lerc { max_error: 0.0, wrapping: LercWrapping::None },
        "webp" => EncodeCodec::WebP { quality: level },
        "webp-lossless" => EncodeCodec::WebPLossless,
        "jpeg" => {
            let colors = if bands == 3 { JpegColors::YCbCr } else { JpegColors::Stored };
            EncodeCodec::Jpeg { quality: level, colors }
        }
        other => return Err(format!("no codec {other}").into()),
    })
}

/// An image in memory, band after band.
struct Array {
    bytes: Vec<u8>,
    height: usize,
    width: usize,
}

impl Array {
    /// Bytes of all its blocks.
    fn encoded(&self, shape: &BlockShape, encoder: &mut Encoder) -> Result<usize> {
        let (across, down) = (shape.width as usize, shape.height as usize);
        let size = shape.sample_type.size();
        let stride = self.width * size;
        let (mut block, mut total) = (Vec::new(), 0);
        for y in (0..self.height).step_by(down) {
            for x in (0..self.width).step_by(across) {
                let bands = self.bytes.chunks_exact(stride * self.height);
                let bands: Option<Vec<&[u8]>> = bands.map(|band| band.get(y * stride + x * size..)).collect();
                let bands = bands.ok_or("an array shorter than it should be")?;
                let (width, height) = (across.min(self.width - x), down.min(self.height - y));
                block.clear();
                encoder.encode(&BandSlices { bands: &bands, stride, width, height }, &mut block)?;
                total += block.len();
            }
        }
        Ok(total)
    }
}
