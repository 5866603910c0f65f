//! From stored samples to values: scale and offset of each band.

use ndarray::{Array3, Zip};
use num_complex::Complex;

use crate::pixels::Pixels;
use crate::pixels::validity::Validity;

impl Pixels {
    /// `sample × scale + offset` of each band as `f64` (complex samples: as `Complex<f64>`, the offset added to the real part);
    /// pixels without data become NaN. A band for which `scales` has no (scale, offset) keeps its values.
    pub fn unscaled(&self, validity: &Validity, scales: &[(f64, f64)]) -> Pixels {
        if self.sample_type().is_complex() {
            let mut values = Array3::from_elem(self.dim(), Complex::new(f64::NAN, f64::NAN));
            for (index, value) in values.indexed_iter_mut() {
                let (scale, offset) = scales.get(index.0).copied().unwrap_or((1.0, 0.0));
                let sample = self.value(index).filter(|_| validity.is_valid(index.0, index.1, index.2));
                if let Some(sample) = sample {
                    *value = Complex::new(sample.re * scale + offset, sample.im * scale);
                }
            }
            return Pixels::Complex64(values);
        }
        let mut values = self.to_f64();
        for (band, mut plane) in values.outer_iter_mut().enumerate() {
            let (scale, offset) = scales.get(band).copied().unwrap_or((1.0, 0.0));
            plane.mapv_inplace(|v| v * scale + offset);
            if let Some(mask) = validity.of_band(band) {
                Zip::from(&mut plane).and(&mask).for_each(|v, m| {
                    if *m == 0 {
                        *v = f64::NAN;
                    }
                });
            }
        }
        Pixels::F64(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{arr2, arr3};

    #[test]
    fn values_are_scaled_band_by_band_and_what_is_not_valid_is_nan() {
        let pixels = Pixels::from(arr3(&[[[1u8, 2]], [[3, 4]]]));
        let values = pixels.unscaled(&Validity::Shared(arr2(&[[255, 0]])), &[(2.0, 10.0)]);
        let values = values.view::<f64>().unwrap();
        assert_eq!((values[[0, 0, 0]], values[[1, 0, 0]]), (12.0, 3.0));
        assert!(values[[0, 0, 1]].is_nan() && values[[1, 0, 1]].is_nan());
    }

    #[test]
    fn an_offset_is_real() {
        let pixels = Pixels::from(arr3(&[[[Complex::new(1f32, 2.0)]]]));
        let values = pixels.unscaled(&Validity::AllValid, &[(2.0, 10.0)]);
        assert_eq!(values, Pixels::from(arr3(&[[[Complex::new(12.0, 4.0)]]])));
    }
}
