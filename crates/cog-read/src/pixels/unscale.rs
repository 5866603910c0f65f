//! From stored samples to values: scale and offset of each band.

use ndarray::{Array3, Zip};
use num_complex::Complex;

use crate::pixels::raster::Pixels;
use crate::pixels::validity::Validity;

/// `sample × scale + offset` of each band as `f64`; pixels without data become NaN.
pub(crate) fn unscaled(pixels: &Pixels, validity: &Validity, scales: &[(f64, f64)]) -> Pixels {
    if let Pixels::Complex32(_) | Pixels::Complex64(_) = pixels {
        let shape = pixels.dim();
        let mut values = Array3::from_elem(shape, Complex::new(f64::NAN, f64::NAN));
        for (index, value) in values.indexed_iter_mut() {
            let (scale, offset) = scales.get(index.0).copied().unwrap_or((1.0, 0.0));
            if validity.is_valid(index.0, index.1, index.2)
                && let Some((re, im)) = pixels.complex(index)
            {
                *value = Complex::new(re * scale + offset, im * scale);
            }
        }
        return Pixels::Complex64(values);
    }
    let mut values = pixels.to_f64();
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
