//! Scales of maps.

use crate::crs::Crs;
use crate::model::CsKind;
use std::f64::consts::PI;

/// The edge of a pixel in metres by which OGC defines scale denominators (OGC 17-083r4, 6.1.1.1).
pub(super) const STANDARD_PIXEL: f64 = 0.28e-3;

impl Crs {
    /// Metres in one unit of the horizontal coordinates; of angles, along the equator of the CRS's own ellipsoid (OGC 17-083r4: a
    /// degree is 2πa / 360). `None` for a CRS without horizontal coordinates.
    pub fn metres_per_unit(&self) -> Option<f64> {
        let cs = self.body().cs();
        let unit = cs.axes.first()?.unit.as_ref()?;
        match cs.kind {
            CsKind::Cartesian => Some(unit.factor),
            CsKind::Ellipsoidal => {
                let radius = self.body().geodetic()?.datum.ellipsoid.semi_major_metres();
                // The factor of a degree is a rounded number.
                Some(if unit.is_degree() { radius * PI / 180.0 } else { radius * unit.factor })
            }
            CsKind::Vertical | CsKind::Spherical | CsKind::Ordinal => None,
        }
    }
}
