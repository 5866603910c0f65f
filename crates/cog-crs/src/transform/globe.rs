//! Longitudes and latitudes as projections take and give them, with PROJ's bounds. Without branches, for loops.

use super::elementary::{WHOLE, choose};
use crate::model::Ellipsoid;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// PROJ takes so much more than a pole or a half turn for rounding, in radians.
const ROUNDING: f64 = 1e-12;

/// 0 for a sphere.
pub(super) fn flattening(ellipsoid: &Ellipsoid) -> f64 {
    match ellipsoid.inverse_flattening() {
        0.0 => 0.0,
        f => 1.0 / f,
    }
}

/// The radius in metres of the sphere with the ellipsoid's surface, by PROJ's series.
pub(super) fn authalic_radius(ellipsoid: &Ellipsoid) -> f64 {
    let flattening = flattening(ellipsoid);
    let squared = flattening * (2.0 - flattening);
    let series = squared * (1.0 / 6.0 + squared * (17.0 / 360.0 + squared * 67.0 / 3024.0));
    ellipsoid.semi_major_metres() * (1.0 - series)
}

/// Degrees as radians, the longitude counted from a meridian; NaN where PROJ refuses: beyond a pole, and beyond ten radians.
#[inline(always)]
pub(super) fn radians(longitude: f64, latitude: f64, meridian: f64) -> (f64, f64) {
    const FARTHEST: f64 = 10.0;
    let (longitude, latitude) = (longitude.to_radians(), latitude.to_radians());
    let is_refused = latitude.abs() > FRAC_PI_2 + ROUNDING || longitude.abs() > FARTHEST;
    let clamped = choose(latitude.abs() > FRAC_PI_2, FRAC_PI_2.copysign(latitude), latitude);
    // Twice, as PROJ: a half turn away from the meridian keeps its side.
    (wrapped(wrapped(longitude) - meridian), choose(is_refused, f64::NAN, clamped))
}

/// Radians counted from a meridian as degrees.
#[inline(always)]
pub(super) fn degrees(longitude: f64, latitude: f64, meridian: f64) -> (f64, f64) {
    (wrapped(longitude + meridian).to_degrees(), latitude.to_degrees())
}

/// A longitude in radians between -π and π.
#[inline(always)]
fn wrapped(longitude: f64) -> f64 {
    /// Further out nothing is left of the angle.
    const FAR: f64 = 1e12;
    let turns = (longitude + PI) / TAU;
    let nearest = turns + WHOLE - WHOLE;
    let whole = nearest - choose(nearest > turns, 1.0, 0.0);
    // In PROJ's order, to the last bit: a map's edges are compared with each other.
    let inside = choose(longitude.abs() > FAR, f64::NAN, longitude + PI - TAU * whole - PI);
    choose(longitude.abs() <= PI + ROUNDING, longitude, inside)
}

#[cfg(test)]
mod tests {
    use super::{radians, wrapped};
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

    #[test]
    fn longitudes_end_at_a_half_turn() {
        for (longitude, expected) in
            [(1.0, 1.0), (PI, PI), (-PI, -PI), (PI + 1e-13, PI + 1e-13), (TAU, 0.0), (4.0, 4.0 + PI - TAU - PI)]
        {
            assert_eq!(wrapped(longitude), expected);
        }
        assert!((wrapped(-7.0 * FRAC_PI_4) - FRAC_PI_4).abs() < 1e-15);
        assert!((wrapped(1.0 + 1e6 * TAU) - 1.0).abs() < 1e-8);
        assert!(wrapped(1e300).is_nan() && wrapped(f64::NAN).is_nan());
    }

    /// PROJ 9.7.1 answers `*` beyond these.
    #[test]
    fn latitudes_end_at_the_poles() {
        assert_eq!(radians(0.0, 90.0, 0.0).1, FRAC_PI_2);
        assert_eq!(radians(0.0, -90.0 - 5e-11, 0.0).1, -FRAC_PI_2);
        assert!(radians(0.0, 90.0 + 6e-11, 0.0).1.is_nan());
        assert!(radians(573.0, 0.0, 0.0).1.is_nan() && !radians(572.9, 0.0, 0.0).1.is_nan());
        assert!(radians(0.0, f64::NAN, 0.0).1.is_nan() && radians(f64::NAN, 0.0, 0.0).0.is_nan());
    }
}
