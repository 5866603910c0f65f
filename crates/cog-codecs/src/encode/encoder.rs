//! Blocks of one kind, one after the other.

use cog_tiff::Predictor;

use super::bands::BandSlices;
use super::check;
use super::compress::Compressor;
use super::encoding::Encoding;
use super::interleave::interleave;
use super::narrow::narrow;
use super::predict;
use super::shape::BlockShape;
use crate::cpu::Cpu;
use crate::error::{Error, Result};

/// Encodes blocks of one [shape](BlockShape), one after the other.
///
/// A thread owns one. It keeps tables and buffers, so that nothing is allocated after the first block but what the result
/// itself needs.
#[derive(Debug)]
pub struct Encoder {
    shape: BlockShape,
    predictor: Predictor,
    compressor: Compressor,
    cpu: Cpu,
    native_row: usize,
    stored_row: usize,
    stored_len: usize,
    /// The block before its codec.
    block: Vec<u8>,
    /// A row with its bands interleaved and its padding.
    row: Vec<u8>,
    /// A row in the bits that it is stored with.
    narrowed: Vec<u8>,
    /// A row's byte planes.
    planes: Vec<u8>,
}

impl Encoder {
    /// For blocks of `shape`.
    ///
    /// # Errors
    /// Usage for settings out of bounds and for what the codec or the predictor cannot encode, Unsupported for a codec that this
    /// build lacks, [`Error::TooLarge`] for blocks beyond the address space.
    pub fn new(encoding: &Encoding, shape: &BlockShape) -> Result<Self> {
        check::check(encoding, shape)?;
        Ok(Self {
            shape: *shape,
            predictor: encoding.predictor,
            compressor: Compressor::new(encoding, shape)?,
            cpu: Cpu::detect(),
            native_row: shape.native_row()?,
            stored_row: shape.stored_row()?,
            stored_len: shape.stored_len()?,
            block: Vec::new(),
            row: Vec::new(),
            narrowed: Vec::new(),
            planes: Vec::new(),
        })
    }

    /// Tag 347 of a file of JPEG blocks: the tables that all of them are decoded with. None for other codecs.
    pub fn tables(&self) -> Option<&[u8]> {
        self.compressor.tables()
    }

    /// Encodes one block and appends its bytes to `out`.
    ///
    /// Where `source` has fewer columns than the block, its last one is repeated. Where it has fewer rows, JPEG, WebP and LERC repeat the
    /// last one, which leaves no edge; all other codecs get rows of 0, which cost nothing.
    ///
    /// # Errors
    /// Usage where `source` does not fit the shape, Limits where memory is refused. `out` is then as it was.
    pub fn encode(&mut self, source: &BandSlices<'_>, out: &mut Vec<u8>) -> Result<()> {
        source.check(&self.shape)?;
        let start = out.len();
        let result = if self.compressor.takes_bands() {
            self.compressor.compress_bands(source, out)
        } else if matches!(self.compressor, Compressor::None) {
            let end = start + self.stored_len;
            grow(out, end).map(|()| self.assemble(source, out.get_mut(start..).unwrap_or_default()))
        } else {
            let mut block = std::mem::take(&mut self.block);
            let result = grow(&mut block, self.stored_len).and_then(|()| {
                self.assemble(source, &mut block);
                self.compressor.compress(&block, out)
            });
            self.block = block;
            result
        };
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    /// The block as it is before its codec, into `out` of just its length.
    fn assemble(&mut self, source: &BandSlices<'_>, out: &mut [u8]) {
        for (y, stored) in out.chunks_exact_mut(self.stored_row).take(source.height).enumerate() {
            self.row_into(source, y, stored);
        }
        let (there, padding) = out.split_at_mut(self.stored_row * source.height);
        if self.compressor.is_of_pixels() {
            let last = there.get(there.len() - self.stored_row..).unwrap_or_default();
            padding.chunks_exact_mut(self.stored_row).for_each(|row| row.copy_from_slice(last));
        } else {
            // 0 after all predictors too.
            padding.fill(0);
        }
    }

    fn row_into(&mut self, source: &BandSlices<'_>, y: usize, stored: &mut [u8]) {
        let Self { shape, predictor, cpu, native_row, row, narrowed, planes, .. } = self;
        let size = shape.sample_type.size();
        let narrows = usize::from(shape.bits) != size * 8;
        if *predictor == Predictor::None && !narrows {
            return pixels_into(*cpu, shape, source, y, stored);
        }
        // A row of one band that is as long as the block's serves as it is.
        let native = match *source.bands {
            [band] if source.width == shape.width as usize && (cfg!(target_endian = "little") || size == 1) => {
                source.row(shape, band, y)
            }
            _ => {
                row.resize(*native_row, 0);
                pixels_into(*cpu, shape, source, y, row);
                row
            }
        };
        let wide = if narrows {
            if *predictor == Predictor::None {
                return narrow(native, shape.sample_type, shape.bits, stored);
            }
            narrowed.resize(stored.len(), 0);
            narrow(native, shape.sample_type, shape.bits, narrowed);
            narrowed
        } else {
            native
        };
        let (samples, size) = (usize::from(shape.samples), shape.stored_sample());
        if *predictor == Predictor::FloatingPoint {
            planes.resize(stored.len(), 0);
            predict::floating_point(*cpu, wide, samples, size, planes, stored);
        } else {
            predict::horizontal(*cpu, wide, samples, size, stored);
        }
    }
}

/// Row `y` of all bands, little-endian, pixel by pixel; the last pixel again and again where the block is wider.
fn pixels_into(cpu: Cpu, shape: &BlockShape, source: &BandSlices<'_>, y: usize, out: &mut [u8]) {
    let size = shape.sample_type.size();
    let pixel = size * usize::from(shape.samples);
    let (there, padding) = out.split_at_mut((source.width * pixel).min(out.len()));
    let mut few: [&[u8]; 8] = [&[]; 8];
    if let Some(rows) = few.get_mut(..source.bands.len()) {
        rows.iter_mut().zip(source.bands).for_each(|(row, band)| *row = source.row(shape, band, y));
        interleave(cpu, rows, size, there);
    } else {
        let rows: Vec<&[u8]> = source.bands.iter().map(|band| source.row(shape, band, y)).collect();
        interleave(cpu, &rows, size, there);
    }
    if cfg!(target_endian = "big") {
        let part = if shape.sample_type.is_complex() { size / 2 } else { size };
        there.chunks_exact_mut(part).for_each(<[u8]>::reverse);
    }
    let last = there.get(there.len() - pixel..).unwrap_or_default();
    padding.chunks_exact_mut(pixel).for_each(|to| to.copy_from_slice(last));
}

/// Makes `buffer` so long, or says that there is no memory.
fn grow(buffer: &mut Vec<u8>, len: usize) -> Result<()> {
    let more = len.saturating_sub(buffer.len());
    buffer.try_reserve(more).map_err(|_| Error::OutOfMemory { codec: "a block", bytes: len })?;
    buffer.resize(len, 0);
    Ok(())
}
