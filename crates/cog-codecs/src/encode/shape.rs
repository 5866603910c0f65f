//! The size and the samples of the blocks to encode.

use cog_tiff::{Predictor, SampleFormat, SampleType};

use crate::error::{Error, Result};

/// What all blocks of an image have in common.
///
/// Built with [`BlockShape::new`]; [`bits`](Self::bits) can then be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct BlockShape {
    /// Columns of a block, padding included.
    pub width: u32,
    /// Rows of a block, padding included.
    pub height: u32,
    /// Bands of a block: all of a chunky image, 1 of a planar one.
    pub samples: u16,
    /// The type that samples are handed in as.
    pub sample_type: SampleType,
    /// Tag 258, what a sample has in the file: all bits of its type, or fewer of an unsigned integer (GDAL's `NBITS`: values
    /// that are too large become the largest), or 16 of `F32` (rounded to the nearest half float, ties to even).
    pub bits: u16,
}

impl BlockShape {
    /// Blocks whose samples are stored as they are handed in.
    pub fn new(width: u32, height: u32, samples: u16, sample_type: SampleType) -> Self {
        let bits = (sample_type.size() * 8) as u16;
        Self { width, height, samples, sample_type, bits }
    }

    /// Tag 339.
    pub fn sample_format(&self) -> SampleFormat {
        match self.sample_type {
            SampleType::I8 | SampleType::I16 | SampleType::I32 | SampleType::I64 => SampleFormat::Int,
            SampleType::F32 | SampleType::F64 => SampleFormat::Float,
            SampleType::Complex32 | SampleType::Complex64 => SampleFormat::ComplexFloat,
            _ => SampleFormat::Uint,
        }
    }

    /// The predictor that fits such samples: 2 for integers of whole bytes, 3 for floating point, none for the rest.
    pub fn fitting_predictor(&self) -> Predictor {
        match self.sample_format() {
            SampleFormat::Float => Predictor::FloatingPoint,
            SampleFormat::Uint | SampleFormat::Int if matches!(self.bits, 8 | 16 | 32 | 64) => Predictor::Horizontal,
            _ => Predictor::None,
        }
    }

    /// What samples are, for messages: "uint8", or "uint8 in 3 bits" where they are stored in fewer.
    pub(super) fn samples_by_name(&self) -> String {
        match self.bits {
            bits if usize::from(bits) == self.sample_type.size() * 8 => self.sample_type.to_string(),
            1 => format!("{} in 1 bit", self.sample_type),
            bits => format!("{} in {bits} bits", self.sample_type),
        }
    }

    /// Bytes of one sample in the file, where it has whole bytes.
    pub(super) fn stored_sample(&self) -> usize {
        usize::from(self.bits / 8)
    }

    /// Bytes of a row as handed in, its bands interleaved.
    pub(super) fn native_row(&self) -> Result<usize> {
        self.product(&[self.width as usize, usize::from(self.samples), self.sample_type.size()])
    }

    /// Bytes of a row as stored: packed bits, padded to a whole byte.
    pub(super) fn stored_row(&self) -> Result<usize> {
        let bits = self.product(&[self.width as usize, usize::from(self.samples), usize::from(self.bits)])?;
        Ok(bits.div_ceil(8))
    }

    /// Bytes of a block before its codec.
    pub(super) fn stored_len(&self) -> Result<usize> {
        self.product(&[self.stored_row()?, self.height as usize])
    }

    /// With room to spare, so that bounds computed from it do not overflow.
    fn product(&self, factors: &[usize]) -> Result<usize> {
        factors
            .iter()
            .try_fold(1usize, |n, &f| n.checked_mul(f))
            .filter(|&n| n <= isize::MAX as usize / 4)
            .ok_or(Error::TooLarge { width: self.width, height: self.height, samples: self.samples })
    }
}
