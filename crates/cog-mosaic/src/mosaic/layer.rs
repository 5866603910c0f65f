//! What one source has of a part of the output.

use cog_raster::{Pixels, Raster, Sample, dispatch};

use super::masks::Masks;
use crate::error::{Error, Result};

/// Samples of the output's type, (band, row, column), and which of them hold data.
#[derive(Debug)]
pub(super) struct Layer<T> {
    pub(super) samples: Vec<T>,
    pub(super) masks: Masks,
}

impl<T: Sample> Layer<T> {
    /// Of rasters of one size, each with bands of its own.
    pub(super) fn of(rasters: Vec<Raster>) -> Result<Layer<T>> {
        let (mut samples, mut masks) = (Vec::new(), Vec::new());
        for raster in rasters {
            let dim = raster.dim();
            masks.push((Masks::of(&raster.validity, dim), dim.0));
            let own = converted::<T>(raster.pixels)?;
            if samples.is_empty() { samples = own } else { samples.extend(own) }
        }
        let masks = match masks.len() {
            1 => masks.pop().map_or_else(|| Masks::nothing(0), |(masks, _)| masks),
            _ => Masks::joined(masks),
        };
        Ok(Layer { samples, masks })
    }
}

/// Samples in another type: rounded, and cut to its range. Of complex samples the real part, where the type has no other.
fn converted<T: Sample>(pixels: Pixels) -> Result<Vec<T>> {
    let internal = || Error::Internal { what: "a raster is of another type than it says" };
    let sample_type = pixels.sample_type();
    if sample_type == T::TYPE {
        let array = pixels.into_array::<T>().map_err(|_| internal())?;
        return Ok(match array.is_standard_layout() {
            true => array.into_raw_vec_and_offset().0,
            false => array.iter().copied().collect(),
        });
    }
    dispatch!(sample_type, S => {
        let array = pixels.into_array::<S>().map_err(|_| internal())?;
        let lane = |sample: S, lane: usize| if lane < S::LANES { sample.lane(lane) } else { 0.0 };
        Ok(array.iter().map(|sample| T::from_lanes([lane(*sample, 0), lane(*sample, 1)])).collect())
    }, _ => Err(internal()))
}

#[cfg(test)]
mod tests {
    use cog_raster::Validity;
    use cog_raster::ndarray::arr3;

    use super::*;

    #[test]
    fn samples_are_rounded_and_cut_to_the_range_of_the_type() {
        let raster = Raster::new(arr3(&[[[-1.5_f32, 2.5, 254.6, 70_000.0]]]), Validity::AllValid);
        assert_eq!(Layer::<u8>::of(vec![raster.clone()]).unwrap().samples, [0, 3, 255, 255]);
        assert_eq!(Layer::<i16>::of(vec![raster]).unwrap().samples, [-2, 3, 255, 32767]);
    }

    #[test]
    fn bands_of_several_files_follow_each_other_with_their_masks() {
        let mask = |v| Validity::Shared(cog_raster::ndarray::arr2(&[[v, 255_u8]]));
        let (a, b) =
            (Raster::new(arr3(&[[[1_u8, 2]]]), mask(0)), Raster::new(arr3(&[[[3_u8, 4]], [[5, 6]]]), mask(255)));
        let layer = Layer::<u8>::of(vec![a, b]).unwrap();
        assert_eq!(layer.samples, [1, 2, 3, 4, 5, 6]);
        let masks: Vec<&[u8]> = (0..3).map(|band| layer.masks.band(band)).collect();
        assert_eq!(masks, [[0, 255], [255, 255], [255, 255]]);
    }
}
