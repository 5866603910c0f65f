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

/// The angle with 2θ + sin 2θ = π sin φ. Newton's steps are kept between bounds that close in: near a pole alone they would not
/// arrive.
fn auxiliary(latitude: f64) -> f64 {
    let wanted = PI * latitude.sin();
    let (mut low, mut high) = (-FRAC_PI_2, FRAC_PI_2);
    let mut theta = latitude.clamp(low, high);
    for _ in 0..100 {
        let error = 2.0 * theta + (2.0 * theta).sin() - wanted;
        if error > 0.0 {
            high = theta
        } else {
            low = theta
        }
        let slope = 2.0 + 2.0 * (2.0 * theta).cos();
        let mut next = theta - error / slope;
        if !(next > low && next < high) {
            next = 0.5 * (low + high);
        }
        if (next - theta).abs() < 1e-15 {
            return next;
        }
        theta = next;
    }
    theta
}
