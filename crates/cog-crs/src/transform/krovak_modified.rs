//! Krovak's projection as the Czech Republic has adjusted it to the terrain (EPSG methods 1042 and 1043): a polynomial of the fourth
//! degree on the map, at most some decimetres. Its coefficients are those of EPSG Guidance Note 7-2.

use super::by_proj_core::Projection;
use crate::error::{Error, Result};
use crate::model::{Conversion, Ellipsoid, Identifier};

/// Southing and westing in metres where the polynomial is evaluated from.
const ORIGIN: (f64, f64) = (1_089_000.0, 654_000.0);

#[rustfmt::skip]
const C: [f64; 10] = [
    2.946_529_277e-2, 2.515_965_696e-2, 1.193_845_912e-7, -4.668_270_147e-7, 9.233_980_362e-12,
    1.523_735_715e-12, 1.696_780_024e-18, 4.408_314_235e-18, -8.331_083_518e-24, -3.689_471_323e-24,
];

#[derive(Debug)]
pub(super) struct KrovakModified {
    krovak: Projection,
    false_easting: f64,
    false_northing: f64,
}

impl KrovakModified {
    /// None for another method.
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Result<Option<KrovakModified>> {
        if !matches!(conversion.method_code(), Some(1042 | 1043)) {
            return Ok(None);
        }
        let value = |code: u32| conversion.si(code).unwrap_or(0.0);
        let (false_easting, false_northing) = (value(8806), value(8807));
        // The plain one without offsets, north orientated.
        let mut plain = conversion.clone();
        plain.method.id = Some(Identifier::epsg(1041));
        plain.parameters.retain(|p| !matches!(p.epsg(), Some(8806 | 8807)));
        let krovak = Projection::new(&plain, ellipsoid)?
            .ok_or_else(|| Error::unsupported(format!("the projection '{}'", conversion.method.name)))?;
        Ok(Some(KrovakModified { krovak, false_easting, false_northing }))
    }

    pub(super) fn forward(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let (east, north) = self.krovak.forward(longitude, latitude)?;
        let (south, west) = (-north, -east);
        let (less_south, less_west) = adjustment(south, west);
        Some((-(west - less_west + self.false_easting), -(south - less_south + self.false_northing)))
    }

    pub(super) fn inverse(&self, east: f64, north: f64) -> Option<(f64, f64)> {
        let (south, west) = (-north - self.false_northing, -east - self.false_easting);
        let (less_south, less_west) = adjustment(south, west);
        self.krovak.inverse(-(west + less_west), -(south + less_south))
    }
}

/// Metres of southing and westing.
fn adjustment(south: f64, west: f64) -> (f64, f64) {
    let [c1, c2, c3, c4, c5, c6, c7, c8, c9, c10] = C;
    let (x, y) = (south - ORIGIN.0, west - ORIGIN.1);
    let (xx, yy) = (x * x, y * y);
    let fourth = xx * xx + yy * yy - 6.0 * xx * yy;
    let mixed = 4.0 * x * y * (xx - yy);
    let southward = c1 + c3 * x - c4 * y - 2.0 * c6 * x * y + c5 * (xx - yy) + c7 * x * (xx - 3.0 * yy)
        - c8 * y * (3.0 * xx - yy)
        + c9 * mixed
        + c10 * fourth;
    let westward =
        c2 + c3 * y + c4 * x + 2.0 * c5 * x * y + c6 * (xx - yy) + c8 * x * (xx - 3.0 * yy) + c7 * y * (3.0 * xx - yy)
            - c10 * mixed
            + c9 * fourth;
    (southward, westward)
}
