//! Bonne's projection (EPSG method 9827; Snyder 1987, page 138), on the ellipsoid: parallels are arcs around one centre, true to scale.

use super::{auxiliary_latitude, globe};
use crate::error::{Error, Result};
use crate::model::{Conversion, Ellipsoid};
use std::f64::consts::{FRAC_PI_2, PI};

#[derive(Clone, Copy, Debug)]
pub(super) struct Bonne {
    radius: f64,
    squared_eccentricity: f64,
    third_flattening: f64,
    /// Radii from the centre of the arcs to the standard parallel; negative in the south.
    cone: f64,
    /// Radii from the equator to the centre of the arcs.
    center: f64,
    longitude: f64,
    false_easting: f64,
    false_northing: f64,
}

impl Bonne {
    /// None for another method.
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Result<Option<Bonne>> {
        if conversion.method_code() != Some(9827) {
            return Ok(None);
        }
        let value = |code: u32| conversion.si(code).unwrap_or(0.0);
        let flattening = globe::flattening(ellipsoid);
        let parallel = value(8801);
        let is_possible = (1e-10..=FRAC_PI_2 + 1e-10).contains(&parallel.abs());
        if !is_possible || !(0.0..0.01).contains(&flattening) {
            return Err(Error::unsupported("the projection 'Bonne' with these parameters"));
        }
        let squared_eccentricity = flattening * (2.0 - flattening);
        let (sine, cosine) = parallel.sin_cos();
        let cone = cosine / (sine * (1.0 - squared_eccentricity * sine * sine).sqrt());
        let mut made = Bonne {
            radius: ellipsoid.semi_major_metres(),
            squared_eccentricity,
            third_flattening: flattening / (2.0 - flattening),
            cone,
            center: 0.0,
            longitude: value(8802),
            false_easting: value(8806),
            false_northing: value(8807),
        };
        made.center = cone + made.meridian(parallel);
        Ok(Some(made))
    }

    /// Radii in a radian of the meridian, on average.
    fn quadrant(&self) -> f64 {
        let n2 = self.third_flattening * self.third_flattening;
        (1.0 + n2 * (1.0 / 4.0 + n2 * (1.0 / 64.0 + n2 / 256.0))) / (1.0 + self.third_flattening)
    }

    /// Radii from the equator.
    fn meridian(&self, latitude: f64) -> f64 {
        let n = self.third_flattening;
        let (sine, cosine) = latitude.sin_cos();
        let conformal = auxiliary_latitude::plus_series(auxiliary_latitude::conformal(n), latitude, sine, cosine);
        let (sine, cosine) = conformal.sin_cos();
        self.quadrant() * auxiliary_latitude::plus_series(auxiliary_latitude::from_sphere(n), conformal, sine, cosine)
    }

    fn latitude(&self, meridian: f64) -> f64 {
        let n = self.third_flattening;
        let rectifying = meridian / self.quadrant();
        let (sine, cosine) = rectifying.sin_cos();
        let conformal = auxiliary_latitude::plus_series(auxiliary_latitude::to_sphere(n), rectifying, sine, cosine);
        let (sine, cosine) = conformal.sin_cos();
        auxiliary_latitude::plus_series(auxiliary_latitude::geodetic(n), conformal, sine, cosine)
    }

    /// The radius of a parallel.
    fn parallel(&self, latitude: f64) -> f64 {
        let (sine, cosine) = latitude.sin_cos();
        cosine / (1.0 - self.squared_eccentricity * sine * sine).sqrt()
    }

    pub(super) fn forward(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let (longitude, latitude) = globe::radians(longitude, latitude, self.longitude);
        if !latitude.is_finite() {
            return None;
        }
        let away = self.center - self.meridian(latitude);
        let (x, y) = if away.abs() > 1e-10 {
            let (sine, cosine) = (longitude * self.parallel(latitude) / away).sin_cos();
            (away * sine, self.cone - away * cosine)
        } else {
            (0.0, self.cone)
        };
        Some((x * self.radius + self.false_easting, y * self.radius + self.false_northing))
    }

    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        const EDGE: f64 = 1e-10;
        let (x, y) = ((x - self.false_easting) / self.radius, self.cone - (y - self.false_northing) / self.radius);
        let sign = 1.0_f64.copysign(self.center);
        let away = sign * x.hypot(y);
        let latitude = self.latitude(self.center - away);
        if !latitude.is_finite() || latitude.abs() > FRAC_PI_2 + EDGE {
            return None;
        }
        let is_pole = FRAC_PI_2 - latitude.abs() <= EDGE;
        let longitude = if is_pole { 0.0 } else { away * (sign * x).atan2(sign * y) / self.parallel(latitude) };
        let latitude = latitude.clamp(-FRAC_PI_2, FRAC_PI_2);
        (longitude.abs() <= PI + EDGE).then(|| globe::degrees(longitude.clamp(-PI, PI), latitude, self.longitude))
    }
}
