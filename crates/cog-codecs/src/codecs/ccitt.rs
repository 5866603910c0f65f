//! Compressions 2, 3, 4 and 32771: CCITT run lengths (TIFF 6.0 sections 10 and 11, ITU-T T.4 and T.6).

mod bits;
mod codes;
mod row;

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded, Delivery};
use crate::error::{Error, Result};
use crate::scratch::Scratch;
use bits::{Bits, EndOfData, Unit};
use row::{Runs, Stop};

const NAME: &str = "CCITT";
/// Rows begin on a 16-bit word. libtiff reads it as well.
const RLE_OF_WORDS: u16 = 32771;

/// Black runs are 1 whatever Photometric says, as in libtiff.
///
/// Codes that there are not, and rows of another length, are put right as libtiff does it, which only warns: the row ends
/// there. So does a Group 4 stream of at least one row, whose missing rows are white; streams of the other kinds that
/// end too early are errors.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ccitt;

impl Codec for Ccitt {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        self.check(spec)?;
        out.fill(0);
        if spec.width == 0 {
            return Ok(Decoded::default());
        }
        let want = out.len();
        let runs = scratch.slot::<Runs>();
        let memory = |_| Error::OutOfMemory { codec: NAME, bytes: spec.width as usize * 16 };
        let code = spec.compression.code();
        let two_dimensional = code == 4 || (code == 3 && spec.t4_options & 1 != 0);
        runs.begin(spec.width, two_dimensional, src.len().saturating_mul(8)).map_err(memory)?;
        let mut strip = Strip { src, bits: Bits::new(src), runs, width: spec.width, rows: 0 };
        let end = match code {
            2 => strip.run_lengths(Unit::Byte, out),
            RLE_OF_WORDS => strip.run_lengths(Unit::Word, out),
            4 => strip.group_4(spec.t6_options & 2 != 0, out),
            _ => strip.group_3(spec.t4_options, out),
        };
        match end {
            Ok(()) => Ok(Decoded::default()),
            Err(_) if strip.rows >= spec.rows_used.min(spec.height) as usize => Ok(Decoded::default()),
            Err(Stop::EndOfData) => Err(Error::Short { codec: NAME, got: strip.rows * spec.width as usize, want }),
            Err(Stop::TooManyRuns) => {
                Err(Error::corrupt(NAME, format!("row {} has more runs than pixels", strip.rows)))
            }
            Err(Stop::Uncompressed) => Err(Error::variant(NAME, "uncompressed mode")),
        }
    }

    fn delivery(&self, _spec: &BlockSpec<'_>) -> Delivery {
        Delivery::Samples
    }

    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        if (spec.bits_per_sample, spec.samples) != (1, 1) {
            return Err(Error::variant(NAME, format!("{} bands of {} bits", spec.samples, spec.bits_per_sample)));
        }
        // Positions have a sign.
        if i32::try_from(spec.width).is_err() {
            return Err(Error::TooLarge { width: spec.width, height: spec.height, samples: spec.samples });
        }
        Ok(())
    }
}

/// One block on its way, row by row.
struct Strip<'a, 's> {
    src: &'s [u8],
    bits: Bits<'s>,
    runs: &'a mut Runs,
    width: u32,
    /// Whole rows so far.
    rows: usize,
}

impl Strip<'_, '_> {
    /// Compression 2: rows of one-dimensional coding, each on a byte or word of its own.
    fn run_lengths(&mut self, unit: Unit, out: &mut [u8]) -> Result<(), Stop> {
        for pixels in out.chunks_exact_mut(self.width as usize) {
            let mut row = self.runs.row(self.width);
            let end = row.expand_1d(&mut self.bits);
            row.paint(pixels);
            end?;
            self.bits.align(unit);
            self.rows += 1;
        }
        Ok(())
    }

    /// Compression 3: rows behind end-of-line codes; with bit 0 of T4Options one bit more tells one from two dimensions.
    ///
    /// Where there are no such codes the stream is read once more without, as libtiff does from 4.7.1 on.
    fn group_3(&mut self, options: u32, out: &mut [u8]) -> Result<(), Stop> {
        let (two_dimensional, uncompressed) = (options & 1 != 0, options & 2 != 0);
        let mut has_ends_of_line = true;
        let mut at_end_of_line = false;
        for pixels in out.chunks_exact_mut(self.width as usize) {
            if has_ends_of_line {
                has_ends_of_line = self.pass_end_of_line(at_end_of_line)?;
                if !has_ends_of_line {
                    self.bits = Bits::new(self.src);
                }
                at_end_of_line = false;
            }
            let one_dimensional = !two_dimensional || self.bit()?;
            let mut row = self.runs.row(self.width);
            let end = if one_dimensional {
                row.expand_1d(&mut self.bits)
            } else {
                row.expand_2d(&mut self.bits, uncompressed)
            };
            row.paint(pixels);
            at_end_of_line |= end?;
            if two_dimensional {
                self.runs.swap();
            }
            self.rows += 1;
        }
        Ok(())
    }

    /// Compression 4: rows of two-dimensional coding, one after another.
    fn group_4(&mut self, uncompressed: bool, out: &mut [u8]) -> Result<(), Stop> {
        for pixels in out.chunks_exact_mut(self.width as usize) {
            let mut row = self.runs.row(self.width);
            let end = row.expand_2d(&mut self.bits, uncompressed);
            row.paint(pixels);
            let is_full = row.is_full();
            match end {
                Ok(false) => {}
                Ok(true) | Err(Stop::EndOfData) if self.rows > 0 => return Ok(()),
                Ok(true) => return Err(Stop::EndOfData),
                Err(stop) => return Err(stop),
            }
            if is_full {
                return Err(Stop::TooManyRuns);
            }
            self.runs.swap();
            self.rows += 1;
        }
        Ok(())
    }

    /// Goes behind the next end-of-line code, of which the zeros may have been read; whether there was one.
    fn pass_end_of_line(&mut self, zeros_read: bool) -> Result<bool, EndOfData> {
        let bits = &mut self.bits;
        if !zeros_read {
            while bits.peek(11)? != 0 {
                bits.skip(1);
            }
        }
        // Any number of zeros, then the bit that ends the code.
        loop {
            match bits.peek(8) {
                Err(EndOfData) => return Ok(false),
                Ok(0) => bits.skip(8),
                Ok(byte) => {
                    bits.skip((byte as u8).leading_zeros() + 1);
                    return Ok(true);
                }
            }
        }
    }

    fn bit(&mut self) -> Result<bool, EndOfData> {
        let bit = self.bits.peek(1)? == 1;
        self.bits.skip(1);
        Ok(bit)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
