//! Subsampled chroma (TIFF 6.0 section 21): data units of luma samples with one Cb and one Cr.

use cog_tiff::{Photometric, Predictor};

use crate::block::BlockSpec;
use crate::error::{Error, Result};

/// Whether the subsampling of a block is one that TIFF and libtiff know.
pub(crate) fn check(spec: &BlockSpec<'_>) -> Result<()> {
    if spec.photometric == Photometric::YCbCr && spec.samples == 1 && spec.ycbcr_subsampling != (1, 1) {
        // Planes of two sizes; libtiff has no way to show them either.
        return Err(Error::variant("YCbCr", "subsampled chroma in planes"));
    }
    let Some((across, down)) = spec.packed_chroma() else { return Ok(()) };
    if !matches!((across, down), (1 | 2 | 4, 1 | 2 | 4)) {
        return Err(Error::variant("YCbCr", format!("chroma subsampling {across} × {down}")));
    }
    if spec.predictor != Predictor::None {
        return Err(Error::variant("YCbCr", "a predictor together with subsampled chroma"));
    }
    Ok(())
}

/// Writes one Y, Cb, Cr for each pixel; chroma is repeated, not interpolated, as in libtiff's RGBA view.
pub(crate) fn unpack(spec: &BlockSpec<'_>, (across, down): (u16, u16), units: &[u8], out: &mut [u8]) {
    let (across, down, width) = (usize::from(across), usize::from(down), spec.width as usize);
    let unit_len = across * down + 2;
    let units_across = width.div_ceil(across);
    if width == 0 || units_across == 0 {
        return;
    }
    let bands = units.chunks_exact(units_across * unit_len);
    for (band, rows) in bands.zip(out.chunks_mut(width * 3 * down)) {
        for (y, row) in rows.chunks_exact_mut(width * 3).enumerate() {
            for (unit, pixels) in band.chunks_exact(unit_len).zip(row.chunks_mut(across * 3)) {
                let Some((luma, &[cb, cr])) = unit.split_last_chunk::<2>() else { continue };
                let luma = luma.get(y * across..).unwrap_or(&[]);
                for (pixel, &luma) in pixels.as_chunks_mut::<3>().0.iter_mut().zip(luma) {
                    *pixel = [luma, cb, cr];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cog_tiff::{Compression, SampleFormat};

    #[test]
    fn units_beyond_the_right_and_lower_edge_are_cut() {
        let mut spec = BlockSpec::new(3, 3, 3, 8, SampleFormat::Uint, Compression::None);
        spec.photometric = Photometric::YCbCr;
        let units: Vec<u8> = (1..=24).collect();
        assert_eq!(spec.encoded_len(), Ok(24));
        let mut out = vec![0; 27];
        unpack(&spec, (2, 2), &units, &mut out);
        let rows = [
            [[1, 5, 6], [2, 5, 6], [7, 11, 12]],
            [[3, 5, 6], [4, 5, 6], [9, 11, 12]],
            [[13, 17, 18], [14, 17, 18], [19, 23, 24]],
        ];
        assert_eq!(out, rows.concat().concat());
    }
}
