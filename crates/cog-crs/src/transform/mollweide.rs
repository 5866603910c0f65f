use super::solve::root;
use crate::model::{Conversion, Ellipsoid};
use std::f64::consts::{FRAC_PI_2, PI, SQRT_2};

/// Mollweide's projection of the sphere with the ellipsoid's semi-major axis, as PROJ and ESRI have it (Snyder 1987, page 251).
#[derive(Debug)]
pub(super) struct Mollweide {
    radius: f64,
    longitude: f64,
    false_easting: f64,
    false_northing: f64,
}

impl Mollweide {
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Mollweide {
        let value = |code: u32| conversion.si(code).unwrap_or(0.0);
        Mollweide {
            radius: ellipsoid.semi_major_metres(),
            longitude: value(8802),
            false_easting: value(8806),
            false_northing: value(8807),
        }
    }

    pub(super) fn forward(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let latitude = latitude.to_radians();
        if latitude.abs() > FRAC_PI_2 + 1e-12 {
            return None;
        }
        let turn = (longitude.to_radians() - self.longitude + PI).rem_euclid(2.0 * PI) - PI;
        // +180 stays on the right edge.
        let turn = if turn == -PI && longitude.to_radians() > self.longitude { PI } else { turn };
        let theta = auxiliary(latitude);
        let x = 2.0 * SQRT_2 / PI * self.radius * turn * theta.cos();
        Some((x + self.false_easting, SQRT_2 * self.radius * theta.sin() + self.false_northing))
    }

    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (x, y) = ((x - self.false_easting) / self.radius, (y - self.false_northing) / self.radius);
        let sine = y / SQRT_2;
        if sine.abs() > 1.0 + 1e-12 {
            return None;
        }
        let theta = sine.clamp(-1.0, 1.0).asin();
        let latitude = ((2.0 * theta + (2.0 * theta).sin()) / PI).clamp(-1.0, 1.0).asin();
        let turn = if theta.cos().abs() < 1e-12 { 0.0 } else { PI * x / (2.0 * SQRT_2 * theta.cos()) };
        // Beside the ellipse lies nothing; on it PROJ answers nothing either.
        if turn.abs() >= PI - 1e-12 {
            return None;
        }
        let longitude = (turn + self.longitude + PI).rem_euclid(2.0 * PI) - PI;
        Some((longitude.to_degrees(), latitude.to_degrees()))
    }
}

/// The angle with 2θ + sin 2θ = π sin φ.
pub(super) fn auxiliary(latitude: f64) -> f64 {
    let wanted = PI * latitude.sin();
    root(-FRAC_PI_2, FRAC_PI_2, latitude, |theta| {
        let twice = 2.0 * theta;
        (twice + twice.sin() - wanted, 2.0 + 2.0 * twice.cos())
    })
}
