//! Ranges of samples that become 0 to 255.

use anyhow::bail;
use cog_read::ndarray::{Array3, Axis};
use cog_read::{Pixels, Raster};

/// What becomes 0, and what 255: the second may be the smaller one.
pub(crate) type Range = [f64; 2];

/// Makes bytes of all bands: one range counts for all, else each band has its own. What lies outside is cut off,
/// what lies between is rounded, halves up. What is no number is 0.
///
/// # Errors
/// More or fewer ranges than bands, and complex samples.
pub(crate) fn apply(mut raster: Raster, ranges: &[Range]) -> anyhow::Result<Raster> {
    let (bands, ..) = raster.dim();
    if ranges.len() != 1 && ranges.len() != bands {
        bail!("--rescale is given {} times: once, or for each of the {bands} bands", ranges.len());
    }
    let range = |band: usize| ranges.get(band).or(ranges.first()).copied().unwrap_or([0.0, 255.0]);
    let Some(bytes) = bytes(&raster.pixels, range) else {
        bail!("{} samples have no range: --rescale needs real ones", raster.pixels.sample_type());
    };
    raster.pixels = Pixels::U8(bytes);
    raster.nodata = None;
    Ok(raster)
}

/// None of complex samples.
fn bytes(pixels: &Pixels, range: impl Fn(usize) -> Range) -> Option<Array3<u8>> {
    let mut bytes = Array3::zeros(pixels.dim());
    macro_rules! of {
        ($($variant:ident),*) => {
            match pixels {
                $(Pixels::$variant(array) => {
                    for (band, (mut to, from)) in bytes.axis_iter_mut(Axis(0)).zip(array.axis_iter(Axis(0))).enumerate() {
                        let [low, high] = range(band);
                        let factor = if high == low { 0.0 } else { 255.0 / (high - low) };
                        // A cast cuts off what lies outside, and makes 0 of what is no number.
                        to.zip_mut_with(&from, |to, from| *to = ((*from as f64 - low) * factor + 0.5).floor() as u8);
                    }
                })*
                _ => return None,
            }
        };
    }
    of!(U8, U16, U32, U64, I8, I16, I32, I64, F32, F64);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use cog_read::ndarray::array;

    use super::*;

    #[test]
    fn a_range_becomes_0_to_255() {
        let pixels = Pixels::F64(array![[[9.0, 10.0, 10.02, 15.0, 17.5, 20.0, 21.0, f64::NAN]]]);
        let made = bytes(&pixels, |_| [10.0, 20.0]).unwrap();
        assert_eq!(made, array![[[0, 0, 1, 128, 191, 255, 255, 0]]]);
        let turned = bytes(&pixels, |_| [20.0, 10.0]).unwrap();
        assert_eq!(turned.get((0, 0, 1)), Some(&255));
    }
}
