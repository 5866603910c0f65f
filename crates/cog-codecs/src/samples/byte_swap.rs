//! From the file's byte order to the machine's, in place.

use cog_tiff::{ByteOrder, Predictor, SampleFormat, SampleType};

use crate::block::BlockSpec;

/// Brings samples as encoded into the byte order of this machine.
///
/// Packed depths have no byte order (TIFF 6.0, FillOrder), integers of 24 bits among them, as GDAL reads them. Complex
/// samples are swapped by component, except under the horizontal predictor: libtiff takes the whole sample for one
/// number there.
pub(crate) fn to_native(spec: &BlockSpec<'_>, samples: &mut [u8]) {
    if spec.byte_order == ByteOrder::NATIVE {
        return;
    }
    let complex = spec.sample_type().is_ok_and(SampleType::is_complex);
    let halves = complex && spec.predictor != Predictor::Horizontal;
    match spec.bits_per_sample / if halves { 2 } else { 1 } {
        16 => reverse::<2>(samples),
        24 if spec.sample_format == SampleFormat::Float => reverse::<3>(samples),
        32 => reverse::<4>(samples),
        64 => reverse::<8>(samples),
        _ => {}
    }
}

fn reverse<const N: usize>(bytes: &mut [u8]) {
    for number in bytes.as_chunks_mut::<N>().0 {
        number.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_tiff::Compression;

    fn swapped(format: SampleFormat, bits: u16, predictor: Predictor, bytes: &[u8]) -> Vec<u8> {
        let mut spec = BlockSpec::new(1, 1, 1, bits, format, Compression::None);
        spec.byte_order = if ByteOrder::NATIVE == ByteOrder::Little { ByteOrder::Big } else { ByteOrder::Little };
        spec.predictor = predictor;
        let mut bytes = bytes.to_vec();
        to_native(&spec, &mut bytes);
        bytes
    }

    #[test]
    fn complex_samples_swap_each_component() {
        let bytes = [1, 2, 3, 4];
        assert_eq!(swapped(SampleFormat::ComplexInt, 32, Predictor::None, &bytes), [2, 1, 4, 3]);
        assert_eq!(swapped(SampleFormat::ComplexInt, 32, Predictor::Horizontal, &bytes), [4, 3, 2, 1]);
        assert_eq!(swapped(SampleFormat::Uint, 32, Predictor::None, &bytes), [4, 3, 2, 1]);
    }

    #[test]
    fn packed_bits_have_no_byte_order() {
        assert_eq!(swapped(SampleFormat::Uint, 12, Predictor::None, &[1, 2, 3]), [1, 2, 3]);
        assert_eq!(swapped(SampleFormat::Uint, 24, Predictor::None, &[1, 2, 3]), [1, 2, 3]);
        assert_eq!(swapped(SampleFormat::Float, 24, Predictor::None, &[1, 2, 3]), [3, 2, 1]);
    }
}
