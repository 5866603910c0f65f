//! CIE L*a*b* of 8 bits (TIFF 6.0 section 23) to sRGB, by the steps of libtiff: XYZ, its display matrix, a table of 1500
//! steps for the gamma curve.

use crate::error::{Error, Result};

const STEPS: usize = 1500;
const WHITE: f32 = 100.0;
const BLACK: f32 = 1.0;

#[derive(Debug, Clone)]
pub(super) struct Lab {
    /// X and Z of the reference white; its Y is 100.
    x0: f32,
    z0: f32,
    curve: Vec<f32>,
}

impl Lab {
    /// With the chromaticity of the white point (tag 318).
    pub(super) fn new([x, y]: [f32; 2]) -> Result<Self> {
        if y == 0.0 || !y.is_finite() || !x.is_finite() {
            return Err(Error::corrupt("CIELab", format!("a white point of ({x}, {y})")));
        }
        let step = |i: usize| 255.0 * (i as f64 / STEPS as f64).powf(1.0 / f64::from(2.4_f32)) as f32;
        Ok(Self { x0: x / y * WHITE, z0: (1.0 - x - y) / y * WHITE, curve: (0..=STEPS).map(step).collect() })
    }

    pub(super) fn rgb(&self, l: u8, a: i8, b: i8) -> [u8; 3] {
        let l = f32::from(u16::from(l) * 257) * 100.0 / 65535.0;
        let (y, cube_root) = if l < 8.856 {
            let y = l * WHITE / 903.292;
            (y, 7.787 * (y / WHITE) + 16.0 / 116.0)
        } else {
            let root = (l + 16.0) / 116.0;
            (WHITE * root * root * root, root)
        };
        let x = self.x0 * cube(f32::from(a) / 500.0 + cube_root);
        let z = self.z0 * cube(cube_root - f32::from(b) / 200.0);
        [
            self.level(3.2410 * x - 1.5374 * y - 0.4986 * z),
            self.level(-0.9692 * x + 1.8760 * y + 0.0416 * z),
            self.level(0.0556 * x - 0.2040 * y + 1.0570 * z),
        ]
    }

    /// A luminosity as a byte.
    fn level(&self, light: f32) -> u8 {
        let light = if light > BLACK { light.min(WHITE) } else { BLACK };
        let step = (WHITE - BLACK) / STEPS as f32;
        let index = ((light - BLACK) / step) as usize;
        let value = self.curve.get(index.min(STEPS)).copied().unwrap_or(255.0);
        (f64::from(value) + 0.5).min(255.0) as u8
    }
}

fn cube(root: f32) -> f32 {
    if root < 0.2069 { (root - 0.13793) / 7.787 } else { root * root * root }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lightest_and_darkest_are_those_of_gdal() {
        let lab = Lab::new([96.425 / 278.893, 100.0 / 278.893]).unwrap();
        assert_eq!(lab.rgb(0, 0, 0), [0, 0, 0]);
        // The paper white of D50 seen on an sRGB display, as GDAL 3.10 gives it.
        assert_eq!(lab.rgb(255, 0, 0), [255, 252, 222]);
        assert!(Lab::new([0.3, 0.0]).is_err());
    }
}
