//! Compression 32773: PackBits (TIFF 6.0 section 9).

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

/// Byte-oriented run lengths. Runs may cross rows, as some writers have them do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PackBits;

impl Codec for PackBits {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        let want = out.len();
        let (mut src, mut out) = (src, out);
        while !out.is_empty() {
            let short = Error::Short { codec: "PackBits", got: want - out.len(), want };
            let Some((&head, rest)) = src.split_first() else { return Err(short) };
            match head {
                // 0 … 127: that many bytes and one more, as they are.
                0..=127 => {
                    let n = usize::from(head) + 1;
                    let taken = n.min(out.len());
                    let Some(literal) = rest.get(..taken) else { return Err(short) };
                    let (run, left) = out.split_at_mut(taken);
                    run.copy_from_slice(literal);
                    out = left;
                    src = rest.get(n..).unwrap_or(&[]);
                }
                // −128: nothing.
                128 => src = rest,
                // −1 … −127: the next byte, 1 − n times.
                _ => {
                    let Some((&byte, rest)) = rest.split_first() else { return Err(short) };
                    let n = (257 - usize::from(head)).min(out.len());
                    let (run, left) = out.split_at_mut(n);
                    run.fill(byte);
                    out = left;
                    src = rest;
                }
            }
        }
        Ok(Decoded::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_tiff::{Compression, SampleFormat};
    use proptest::prelude::*;

    fn decode(src: &[u8], len: usize) -> Result<Vec<u8>> {
        let spec = BlockSpec::new(len as u32, 1, 1, 8, SampleFormat::Uint, Compression::PackBits);
        let mut out = vec![0; len];
        PackBits.decode(&spec, src, &mut Scratch::new(), &mut out).map(|_| out)
    }

    #[test]
    fn the_example_of_apples_technical_note_1023_unpacks() {
        let packed = [0xfe, 0xaa, 0x02, 0x80, 0x00, 0x2a, 0xfd, 0xaa, 0x03, 0x80, 0x00, 0x2a, 0x22, 0xf7, 0xaa];
        let want = [
            0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0xaa, 0xaa, 0xaa, 0xaa, 0x80, 0x00, 0x2a, 0x22, 0xaa, 0xaa, 0xaa, 0xaa,
            0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
        ];
        assert_eq!(decode(&packed, 24).unwrap(), want);
    }

    #[test]
    fn minus_128_is_skipped() {
        assert_eq!(decode(&[0x80, 0x80, 0xff, 7], 2).unwrap(), [7, 7]);
    }

    #[test]
    fn a_run_longer_than_the_block_stops_at_its_end() {
        assert_eq!(decode(&[0x81, 9], 5).unwrap(), [9; 5]);
        assert_eq!(decode(&[4, 1, 2, 3], 3).unwrap(), [1, 2, 3]);
    }

    #[test]
    fn a_short_stream_says_how_far_it_came() {
        let error = decode(&[0xff, 1, 5, 1, 2], 100).unwrap_err();
        assert_eq!(error.to_string(), "PackBits: stream ends after 2 of 100 bytes");
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_a_block_or_an_error(src in prop::collection::vec(any::<u8>(), 0..200), len in 0usize..300) {
            let _ = decode(&src, len);
        }
    }
}
