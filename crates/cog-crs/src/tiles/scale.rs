//! Scales of maps.

use crate::crs::Crs;
use crate::model::{CsKind, same_number};
use std::f64::consts::PI;

/// The edge of a pixel in metres by which OGC defines scale denominators (OGC 17-083r4, 6.1.1.1).
pub(super) const STANDARD_PIXEL: f64 = 0.28e-3;

/// The foot of surveys in the USA: 1200 / 3937 m.
const SURVEY_FOOT: f64 = 1200.0 / 3937.0;

impl Crs {
    /// Metres in one unit of the horizontal coordinates; of angles, along the equator of the CRS's own ellipsoid (OGC 17-083r4: a
    /// degree is 2πa / 360). `None` for a CRS without horizontal coordinates.
    pub fn metres_per_unit(&self) -> Option<f64> {
        let cs = self.body().cs();
        let unit = cs.axes.first()?.unit.as_ref()?;
        match cs.kind {
            // The registry carries 15 digits of it.
            CsKind::Cartesian => Some(if same_number(unit.factor, SURVEY_FOOT) { SURVEY_FOOT } else { unit.factor }),
            CsKind::Ellipsoidal => {
                let radius = self.body().geodetic()?.datum.ellipsoid.semi_major_metres();
                // The factor of a degree is a rounded number.
                Some(if unit.is_degree() { radius * PI / 180.0 } else { radius * unit.factor })
            }
            CsKind::Vertical | CsKind::Spherical | CsKind::Ordinal => None,
        }
    }
}
