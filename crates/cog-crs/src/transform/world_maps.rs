//! Maps of the whole world that no engine has, on the sphere (Snyder 1987 and 1993; Bildirici and Ipbüker 2002 for Winkel's inverse).
//! Beside a map lies nothing, though PROJ wraps some of them around.

use super::solve::root;
use super::{globe, goode};
use crate::model::{Conversion, Ellipsoid};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_3, PI};

#[derive(Clone, Copy, Debug)]
pub(super) struct WorldMap {
    kind: Kind,
    radius: f64,
    longitude: f64,
    false_easting: f64,
    false_northing: f64,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Aitoff,
    EckertFour,
    EckertSix,
    /// Whole, or in lobes.
    Goode {
        is_interrupted: bool,
    },
    VanDerGrinten,
    /// The cosine of the standard parallel.
    WinkelTripel(f64),
}

/// So far beyond an edge a point is taken for one on it, in radians and in radii.
const EDGE: f64 = 1e-10;

impl WorldMap {
    /// None for another method.
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Option<WorldMap> {
        let a = ellipsoid.semi_major_metres();
        let (kind, radius) = match conversion.method.name.as_ref() {
            "Aitoff" => (Kind::Aitoff, a),
            "Eckert IV" => (Kind::EckertFour, a),
            "Eckert VI" => (Kind::EckertSix, a),
            "Goode Homolosine" => (Kind::Goode { is_interrupted: false }, a),
            "Interrupted Goode Homolosine" => (Kind::Goode { is_interrupted: true }, a),
            "Van Der Grinten" => (Kind::VanDerGrinten, globe::authalic_radius(ellipsoid)),
            // Winkel's own parallel is that of 2/π.
            "Winkel Tripel" => (Kind::WinkelTripel(conversion.si(8823).map_or(2.0 / PI, f64::cos)), a),
            _ => return None,
        };
        let value = |code: u32| conversion.si(code).unwrap_or(0.0);
        Some(WorldMap { kind, radius, longitude: value(8802), false_easting: value(8806), false_northing: value(8807) })
    }

    pub(super) fn forward(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let (longitude, latitude) = globe::radians(longitude, latitude, self.longitude);
        if !latitude.is_finite() {
            return None;
        }
        let (x, y) = match self.kind {
            Kind::Aitoff => aitoff(longitude, latitude),
            Kind::EckertFour => {
                let theta = eckert_four(latitude);
                (longitude * (1.0 + theta.cos()) * ECKERT_FOUR, PI * theta.sin() * ECKERT_FOUR)
            }
            Kind::EckertSix => {
                let theta = eckert_six(latitude);
                let size = 1.0 / (2.0 + PI).sqrt();
                (longitude * (1.0 + theta.cos()) * size, 2.0 * theta * size)
            }
            Kind::Goode { is_interrupted } => goode::forward(longitude, latitude, is_interrupted)?,
            Kind::VanDerGrinten => van_der_grinten(longitude, latitude),
            Kind::WinkelTripel(cosine) => {
                let (x, y) = aitoff(longitude, latitude);
                (0.5 * (x + longitude * cosine), 0.5 * (y + latitude))
            }
        };
        Some((x * self.radius + self.false_easting, y * self.radius + self.false_northing))
    }

    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (x, y) = ((x - self.false_easting) / self.radius, (y - self.false_northing) / self.radius);
        let (longitude, latitude) = match self.kind {
            Kind::Aitoff => back_from_aitoff(x, y)?,
            Kind::EckertFour => {
                let theta = arc_sine(y / (PI * ECKERT_FOUR))?;
                let (sine, cosine) = theta.sin_cos();
                let latitude = arc_sine((theta + sine * (cosine + 2.0)) / (2.0 + FRAC_PI_2))?;
                (x / ((1.0 + cosine) * ECKERT_FOUR), latitude)
            }
            Kind::EckertSix => {
                let size = 1.0 / (2.0 + PI).sqrt();
                let theta = y / (2.0 * size);
                if theta.abs() > FRAC_PI_2 + EDGE {
                    return None;
                }
                let latitude = arc_sine((theta + theta.sin()) / (1.0 + FRAC_PI_2))?;
                (x / ((1.0 + theta.cos()) * size), latitude)
            }
            Kind::Goode { is_interrupted } => goode::inverse(x, y, is_interrupted)?,
            Kind::VanDerGrinten => back_from_van_der_grinten(x, y)?,
            Kind::WinkelTripel(cosine) => back_from_winkel(x, y, cosine)?,
        };
        let is_on_map = longitude.abs() <= PI + EDGE && latitude.abs() <= FRAC_PI_2 + EDGE;
        is_on_map
            .then(|| globe::degrees(longitude.clamp(-PI, PI), latitude.clamp(-FRAC_PI_2, FRAC_PI_2), self.longitude))
    }
}

/// 2 / √(π (4 + π)).
const ECKERT_FOUR: f64 = 0.422_238_200_315_771_2;

fn arc_sine(sine: f64) -> Option<f64> {
    (sine.abs() <= 1.0 + EDGE).then(|| sine.clamp(-1.0, 1.0).asin())
}

/// The angle with θ + sin θ cos θ + 2 sin θ = (2 + π/2) sin φ.
fn eckert_four(latitude: f64) -> f64 {
    let wanted = (2.0 + FRAC_PI_2) * latitude.sin();
    root(-FRAC_PI_2, FRAC_PI_2, latitude, |theta| {
        let (sine, cosine) = theta.sin_cos();
        (theta + sine * (cosine + 2.0) - wanted, 2.0 * cosine * (1.0 + cosine))
    })
}

/// The angle with θ + sin θ = (1 + π/2) sin φ.
fn eckert_six(latitude: f64) -> f64 {
    let wanted = (1.0 + FRAC_PI_2) * latitude.sin();
    root(-FRAC_PI_2, FRAC_PI_2, latitude, |theta| (theta + theta.sin() - wanted, 1.0 + theta.cos()))
}

/// The azimuthal equidistant projection of half the longitudes, twice as wide.
fn aitoff(longitude: f64, latitude: f64) -> (f64, f64) {
    let (sine, cosine) = latitude.sin_cos();
    let (sine_half, cosine_half) = (0.5 * longitude).sin_cos();
    // Near the centre an arc cosine would keep few digits.
    let away = sine.hypot(cosine * sine_half);
    let distance = away.atan2(cosine * cosine_half);
    let scale = if away < 1e-100 { 1.0 } else { distance / away };
    (2.0 * scale * cosine * sine_half, scale * sine)
}

fn back_from_aitoff(x: f64, y: f64) -> Option<(f64, f64)> {
    let distance = (0.5 * x).hypot(y);
    if distance > FRAC_PI_2 + EDGE {
        return None;
    }
    let scale = if distance < 1e-100 { 1.0 } else { distance.sin() / distance };
    let latitude = arc_sine(y * scale)?;
    // PROJ gives the poles the longitude 0.
    let is_pole = FRAC_PI_2 - latitude.abs() < 1e-12;
    let longitude = if is_pole { 0.0 } else { 2.0 * (0.5 * x * scale).atan2(distance.cos()) };
    Some((longitude, latitude))
}

/// By Newton's steps, which are kept on the map; None if they do not arrive.
fn back_from_winkel(x: f64, y: f64, cosine: f64) -> Option<(f64, f64)> {
    let (mut longitude, mut latitude) = (x.clamp(-PI, PI), y.clamp(-FRAC_PI_2, FRAC_PI_2));
    for _ in 0..60 {
        let (aitoff_x, aitoff_y) = aitoff(longitude, latitude);
        let error = (0.5 * (aitoff_x + longitude * cosine) - x, 0.5 * (aitoff_y + latitude) - y);
        let (sp, cp) = latitude.sin_cos();
        let (sl, cl) = (0.5 * longitude).sin_cos();
        let squared = sp * sp + cp * cp * sl * sl;
        let away = squared.sqrt();
        // Where the map is nearly plain, to the accuracy of a step.
        let (ratio, squared) = if away < 1e-8 { (1.0, 1.0) } else { (away.atan2(cp * cl) / (away * squared), squared) };
        let (across_by_longitude, across_by_latitude, up_by_longitude, up_by_latitude) = if away < 1e-8 {
            (1.0, 0.0, 0.0, 1.0)
        } else {
            (
                cp * cp * sl * sl / squared + ratio * cp * cl * sp * sp,
                2.0 * (sl * cl * sp * cp / squared - ratio * sp * sl),
                0.5 * (sp * cp * sl / squared - ratio * sp * cp * cp * sl * cl),
                sp * sp * cl / squared + ratio * sl * sl * cp,
            )
        };
        let (a, b) = (0.5 * (across_by_longitude + cosine), 0.5 * across_by_latitude);
        let (c, d) = (0.5 * up_by_longitude, 0.5 * (up_by_latitude + 1.0));
        let determinant = a * d - b * c;
        let step = ((error.0 * d - error.1 * b) / determinant, (error.1 * a - error.0 * c) / determinant);
        let before = (longitude, latitude);
        longitude = (longitude - step.0).clamp(-PI, PI);
        latitude = (latitude - step.1).clamp(-FRAC_PI_2, FRAC_PI_2);
        if !(longitude.is_finite() && latitude.is_finite()) {
            return None;
        }
        if (longitude - before.0).abs() < 1e-14 && (latitude - before.1).abs() < 1e-14 {
            break;
        }
    }
    let (aitoff_x, aitoff_y) = aitoff(longitude, latitude);
    let error = (0.5 * (aitoff_x + longitude * cosine) - x).hypot(0.5 * (aitoff_y + latitude) - y);
    (error < EDGE).then_some((longitude, latitude))
}

/// Snyder 1987, page 239, without the differences of nearly equal numbers.
fn van_der_grinten(longitude: f64, latitude: f64) -> (f64, f64) {
    let s = (latitude.abs() / FRAC_PI_2).min(1.0);
    let cosine = ((1.0 - s) * (1.0 + s)).sqrt();
    if latitude.abs() < 1e-13 {
        return (longitude, latitude);
    }
    if longitude.abs() < 1e-13 || cosine == 0.0 {
        return (0.0, (PI * s / (1.0 + cosine)).copysign(latitude));
    }
    let part = longitude.abs() / PI;
    let a = 0.5 * (1.0 - part) * (1.0 + part) / part;
    let g = cosine * (1.0 + cosine) / (s * (1.0 + cosine - s));
    let p2 = (g * (2.0 / s - 1.0)).powi(2);
    // Where the meridian, x² + 2 a x + y² = 1, meets the parallel, an arc around (0, p).
    let (middle, rest) = (a * (p2 - g), p2 - g * g);
    let x = rest / (middle + (middle * middle + (p2 + a * a) * rest).sqrt());
    let y = (2.0 * g - 1.0 + x * x) / (p2.sqrt() + (p2 - 2.0 * g + 1.0 - x * x).max(0.0).sqrt());
    ((PI * x).copysign(longitude), (PI * y).copysign(latitude))
}

fn back_from_van_der_grinten(x: f64, y: f64) -> Option<(f64, f64)> {
    let (x, y) = (x / PI, y / PI);
    let (xx, yy) = (x * x, y * y);
    let r = xx + yy;
    if r > 1.0 + EDGE {
        return None;
    }
    let longitude = if x.abs() < 1e-13 {
        0.0
    } else {
        // Of two nearly equal numbers the sum in the place of the difference.
        let below = (1.0 + 2.0 * (xx - yy) + r * r).max(0.0).sqrt();
        let numerator = if r < 1.0 { 4.0 * xx / (below + 1.0 - r) } else { r - 1.0 + below };
        (PI * numerator / (2.0 * x)).clamp(-PI, PI)
    };
    let c1 = -y.abs() * (1.0 + r);
    let c2 = c1 - 2.0 * yy + xx;
    let c3 = 1.0 - 2.0 * c1 + 2.0 * yy + r * r;
    let d = yy / c3 + (2.0 * (c2 / c3).powi(3) - 9.0 * c1 * c2 / (c3 * c3)) / 27.0;
    let a = (c1 - c2 * c2 / (3.0 * c3)) / c3;
    let m = 2.0 * (-a / 3.0).max(0.0).sqrt();
    let theta = (3.0 * d / (a * m)).clamp(-1.0, 1.0).acos() / 3.0;
    let near = PI * (-m * (theta + FRAC_PI_3).cos() - c2 / (3.0 * c3));
    // The arc cosine keeps half of the digits; the latitude that is drawn there has all.
    let wanted = PI * y.abs();
    let near = if near.is_finite() { near.clamp(0.0, FRAC_PI_2) } else { 0.0 };
    let latitude = root(0.0, FRAC_PI_2, near, |latitude| {
        const STEP: f64 = 1e-5;
        let above = (latitude + STEP).min(FRAC_PI_2);
        let here = |latitude: f64| van_der_grinten(longitude, latitude).1;
        (here(latitude) - wanted, (here(above) - here(above - STEP)) / STEP)
    });
    Some((longitude, latitude.copysign(y)))
}
