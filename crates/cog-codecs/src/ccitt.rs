//! Compressions 2, 3 and 4: CCITT run lengths (TIFF 6.0 sections 10 and 11, ITU-T T.4 and T.6).
//!
//! The decoder is a young crate: it stays behind this module.

use cog_tiff::Compression;
use hayro_ccitt::{DecodeSettings, Decoder, DecoderContext, EncodingMode};

use crate::foreign_panic::caught;
use crate::{BlockSpec, Codec, Decoded, Delivery, Error, Result, Scratch};

const NAME: &str = "CCITT";

/// Black runs are 1 whatever Photometric says, as in libtiff.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ccitt;

impl Codec for Ccitt {
    fn decode(&self, spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        self.check(spec)?;
        out.fill(0);
        let mut context = DecoderContext::new(settings(spec));
        let width = spec.width as usize;
        let mut rows = Rows { rows: out.chunks_exact_mut(width.max(1)), count: 0 };
        let end = caught(NAME, || Ok(hayro_ccitt::decode(src, &mut rows, &mut context)))?;
        let got = rows.count;
        // A Group 4 stream that ends in order but early leaves the rest white, as with libtiff.
        let ended = spec.compression == Compression::CcittFax4 && end.is_ok() && got > 0;
        if ended || got >= spec.rows_used.min(spec.height) as usize {
            return Ok(Decoded::default());
        }
        Err(match end {
            Err(cause) => Error::corrupt(NAME, format!("{cause} in row {got} of {}", spec.height)),
            Ok(_) => Error::Short { codec: NAME, got: got * width, want: out.len() },
        })
    }

    fn delivery(&self, _spec: &BlockSpec<'_>) -> Delivery {
        Delivery::Samples
    }

    fn check(&self, spec: &BlockSpec<'_>) -> Result<()> {
        if (spec.bits_per_sample, spec.samples) != (1, 1) {
            return Err(Error::variant(NAME, format!("{} bands of {} bits", spec.samples, spec.bits_per_sample)));
        }
        let uncompressed = match spec.compression {
            Compression::CcittFax3 => spec.t4_options & 2 != 0,
            Compression::CcittFax4 => spec.t6_options & 2 != 0,
            _ => false,
        };
        if uncompressed { Err(Error::variant(NAME, "uncompressed mode")) } else { Ok(()) }
    }
}

fn settings(spec: &BlockSpec<'_>) -> DecodeSettings {
    let encoding = match spec.compression {
        Compression::CcittFax4 => EncodingMode::Group4,
        Compression::CcittFax3 if spec.t4_options & 1 != 0 => EncodingMode::Group3_2D,
        _ => EncodingMode::Group3_1D,
    };
    let rle = spec.compression == Compression::CcittRle;
    DecodeSettings {
        columns: spec.width,
        rows: spec.height,
        end_of_block: !rle,
        end_of_line: false,
        rows_are_byte_aligned: rle,
        encoding,
        strict: false,
    }
}

/// Rows of one byte a pixel.
struct Rows<'a> {
    rows: std::slice::ChunksExactMut<'a, u8>,
    count: usize,
}

impl Decoder for Rows<'_> {
    fn push_row(&mut self, changes: &[u32]) {
        let Some(row) = self.rows.next() else { return };
        self.count += 1;
        for run in changes.chunks(2) {
            let (from, to) = match *run {
                [from, to] => (from as usize, to as usize),
                [from] => (from as usize, row.len()),
                _ => return,
            };
            if let Some(black) = row.get_mut(from..to.min(row.len())) {
                black.fill(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_tiff::SampleFormat;
    use proptest::prelude::*;

    fn decode(compression: Compression, width: u32, height: u32, src: &[u8]) -> Result<Vec<u8>> {
        let spec = BlockSpec::new(width, height, 1, 1, SampleFormat::Uint, compression);
        let mut out = vec![9; spec.output_len()?];
        Ccitt.decode(&spec, src, &mut Scratch::new(), &mut out).map(|_| out)
    }

    #[test]
    fn runs_of_the_t4_tables_decode() {
        // White 3 (1000), black 2 (11), white 1 (000111): one row of six pixels; the next begins on a byte.
        let row = [0b1000_1100, 0b0111_0000];
        let want = [0, 0, 0, 1, 1, 0];
        assert_eq!(decode(Compression::CcittRle, 6, 2, &[row, row].concat()).unwrap(), [want, want].concat());
    }

    #[test]
    fn a_stream_with_too_few_rows_is_an_error() {
        let error = decode(Compression::CcittRle, 6, 3, &[0b1000_1100, 0b0111_0000]).unwrap_err();
        assert!(error.to_string().starts_with("CCITT: "), "{error}");
        assert!(decode(Compression::CcittFax4, 6, 3, &[]).is_err());
    }

    #[test]
    fn a_group_4_stream_may_end_early_but_not_be_cut() {
        // Vertical mode 0 (1) is a white row under a white row; then the end-of-block code.
        let ended = [0b1100_0000, 0b0000_0100, 0b0000_0000, 0b0100_0000];
        assert_eq!(decode(Compression::CcittFax4, 6, 3, &ended).unwrap(), [0; 18]);
        assert!(decode(Compression::CcittFax4, 600, 30, &[0b0010_0110]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_block_or_an_error(
            src in prop::collection::vec(any::<u8>(), 0..300),
            kind in prop::sample::select(vec![Compression::CcittRle, Compression::CcittFax3, Compression::CcittFax4]),
            width in 0u32..100,
            height in 0u32..20,
        ) {
            let _ = decode(kind, width, height, &src);
        }
    }
}
