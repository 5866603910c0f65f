//! Compression 1: none.

use crate::block::BlockSpec;
use crate::codec::{Codec, Decoded};
use crate::error::{Error, Result};
use crate::scratch::Scratch;

/// Copies the bytes; what follows the block is ignored.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Uncompressed;

impl Codec for Uncompressed {
    fn decode(&self, _spec: &BlockSpec<'_>, src: &[u8], _scratch: &mut Scratch, out: &mut [u8]) -> Result<Decoded> {
        let (got, want) = (src.len().min(out.len()), out.len());
        for (to, from) in out.iter_mut().zip(src) {
            *to = *from;
        }
        if got == want { Ok(Decoded::default()) } else { Err(Error::Short { codec: "none", got, want }) }
    }

    fn is_verbatim(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::block::BlockSpec;
    use crate::registry::Codecs;
    use crate::scratch::Scratch;
    use cog_tiff::{ByteOrder, Compression, FillOrder, Photometric, SampleFormat};

    #[test]
    fn bytes_that_are_samples_already_need_no_copy() {
        let (codecs, bytes) = (Codecs::default(), [7; 40]);
        let mut spec = BlockSpec::new(2, 2, 4, 16, SampleFormat::Uint, Compression::None);
        spec.byte_order = ByteOrder::NATIVE;
        assert_eq!(codecs.verbatim(&spec, &bytes), Some(&bytes[..32]));
        assert_eq!(codecs.verbatim(&spec, &bytes[..31]), None);
        let swapped = if ByteOrder::NATIVE == ByteOrder::Little { ByteOrder::Big } else { ByteOrder::Little };
        assert_eq!(codecs.verbatim(&BlockSpec { byte_order: swapped, ..spec }, &bytes), None);
        assert_eq!(codecs.verbatim(&BlockSpec { fill_order: FillOrder::LsbFirst, ..spec }, &bytes), None);
        assert_eq!(codecs.verbatim(&BlockSpec { bits_per_sample: 12, ..spec }, &bytes), None);
        assert_eq!(codecs.verbatim(&BlockSpec { compression: Compression::PackBits, ..spec }, &bytes), None);
        let inks = BlockSpec { bits_per_sample: 8, photometric: Photometric::Separated, byte_order: swapped, ..spec };
        assert_eq!(codecs.verbatim(&inks, &bytes), None);
        assert_eq!(codecs.verbatim(&BlockSpec { ink_set: 2, ..inks }, &bytes), Some(&bytes[..16]));
    }

    #[test]
    fn a_tile_that_ends_after_the_rows_within_the_image_keeps_them() {
        let mut spec = BlockSpec::new(4, 3, 1, 8, SampleFormat::Uint, Compression::None);
        spec.rows_used = 1;
        let mut out = [9; 12];
        Codecs::default().decode_block(&spec, &[1, 2, 3, 4, 5], &mut Scratch::new(), &mut out).unwrap();
        assert_eq!(out, [1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0]);
        let error = Codecs::default().decode_block(&spec, &[1, 2, 3], &mut Scratch::new(), &mut out).unwrap_err();
        assert_eq!(error.to_string(), "none: stream ends after 3 of 12 bytes");
    }
}
