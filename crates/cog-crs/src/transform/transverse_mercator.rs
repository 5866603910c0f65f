//! Transverse Mercator (EPSG methods 9807 and 9808, UTM among them) by the series of Poder and Engsager, which PROJ takes too, within
//! its bounds: about 150 degrees around on the ellipsoid, to the last 0.0005 degrees before the two points of no return on the sphere.

use super::elementary::{WHOLE, angle, choose, exp_m1, isometric, sin_cos};
use super::{auxiliary_latitude, globe};
use crate::error::{Error, Result};
use crate::model::{Conversion, Ellipsoid};
use std::f64::consts::{FRAC_PI_2, TAU};

#[derive(Clone, Copy, Debug)]
pub(super) struct TransverseMercator {
    /// Metres in a radian of the central meridian as it is drawn, on average.
    radius: f64,
    /// Radians of the origin's northing.
    origin: f64,
    longitude: f64,
    false_easting: f64,
    false_northing: f64,
    series: Series,
    bounds: Bounds,
}

#[derive(Clone, Copy, Debug)]
struct Series {
    geodetic: [f64; 6],
    conformal: [f64; 6],
    from_sphere: [f64; 6],
    to_sphere: [f64; 6],
}

/// Eastings in radii.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    forward: f64,
    inverse: f64,
}

/// PROJ's 150 degrees.
const ON_ELLIPSOID: f64 = 2.623_395_162_778;

impl TransverseMercator {
    /// None for another method.
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Result<Option<TransverseMercator>> {
        /// Of no planet.
        const FLATTEST: f64 = 0.2;
        // West and south are counted by the caller, and offsets with them.
        let sign = match conversion.method_code() {
            Some(9807) => 1.0,
            Some(9808) => -1.0,
            _ => return Ok(None),
        };
        let value = |code: u32| conversion.si(code).unwrap_or(0.0);
        let latitude = value(8801);
        let flattening = globe::flattening(ellipsoid);
        let n = flattening / (2.0 - flattening);
        let quadrant = {
            let n2 = n * n;
            (1.0 + n2 * (1.0 / 4.0 + n2 * (1.0 / 64.0 + n2 / 256.0))) / (1.0 + n)
        };
        let series = Series {
            geodetic: auxiliary_latitude::geodetic(n),
            conformal: auxiliary_latitude::conformal(n),
            from_sphere: auxiliary_latitude::from_sphere(n),
            to_sphere: auxiliary_latitude::to_sphere(n),
        };
        let (sine, cosine) = latitude.sin_cos();
        let conformal = auxiliary_latitude::plus_series(series.conformal, latitude, sine, cosine);
        let (sine, cosine) = conformal.sin_cos();
        let made = TransverseMercator {
            radius: ellipsoid.semi_major_metres() * conversion.si(8805).unwrap_or(1.0) * quadrant,
            origin: auxiliary_latitude::plus_series(series.from_sphere, conformal, sine, cosine),
            longitude: value(8802),
            false_easting: sign * value(8806),
            false_northing: sign * value(8807),
            series,
            bounds: if flattening == 0.0 {
                // PROJ refuses sines within 1e-10 of one; far out the inverse has long reached 90 degrees.
                Bounds { forward: (1.0_f64 - 1e-10).atanh(), inverse: f64::INFINITY }
            } else {
                Bounds { forward: ON_ELLIPSOID, inverse: ON_ELLIPSOID }
            },
        };
        let numbers = [made.radius, made.origin, made.longitude, made.false_easting, made.false_northing];
        let is_sound =
            made.radius >= 1e-6 && latitude.abs() <= FRAC_PI_2 + 1e-12 && (0.0..FLATTEST).contains(&flattening);
        if !is_sound || !numbers.iter().all(|n| n.is_finite()) {
            let name = &conversion.method.name;
            return Err(Error::unsupported(format!("the projection '{name}' with these parameters")));
        }
        Ok(Some(made))
    }

    /// Degrees to metres, in place.
    pub(super) fn forward(&self, x: &mut [f64], y: &mut [f64]) {
        let map = *self;
        for (x, y) in x.iter_mut().zip(y) {
            let (longitude, latitude) = globe::radians(*x, *y, map.longitude);
            let (sine, cosine) = sin_cos(latitude);
            let (sine, cosine) = sin_cos(auxiliary_latitude::plus_series(map.series.conformal, latitude, sine, cosine));
            let (sine_east, cosine_east) = sin_cos(longitude);
            // On the sphere, turned by a right angle: along the central meridian, and away from it.
            let along = cosine * cosine_east;
            let away = cosine * sine_east;
            let radius_squared = sine * sine + along * along;
            let north = angle(sine, along);
            let east = isometric(away, radius_squared.sqrt());
            let inverse = 2.0 / radius_squared;
            let doubled = [
                sine * along * inverse,
                (along - sine) * (along + sine) * (0.5 * inverse),
                away * inverse,
                (1.0 + away * away) * (0.5 * inverse),
            ];
            let (more_north, more_east) = auxiliary_latitude::complex_series(map.series.from_sphere, doubled);
            let (north, east) = (north + more_north, east + more_east);
            let is_drawn = east.abs() <= map.bounds.forward;
            *x = choose(is_drawn, map.radius * east + map.false_easting, f64::NAN);
            *y = choose(is_drawn, map.radius * (north - map.origin) + map.false_northing, f64::NAN);
        }
    }

    /// Metres to degrees, in place.
    pub(super) fn inverse(&self, x: &mut [f64], y: &mut [f64]) {
        /// 90 degrees from the central meridian, to the last bit.
        const END: f64 = 300.0;
        /// So many turns around the globe have lost their place.
        const LOST: f64 = 1e6;
        let map = *self;
        let is_sphere = map.bounds.inverse == f64::INFINITY;
        for (x, y) in x.iter_mut().zip(y) {
            let up = (*y - map.false_northing) / map.radius + map.origin;
            let turns = (up / TAU + WHOLE) - WHOLE;
            let is_drawn_north = turns.abs() <= LOST;
            let north = up - TAU * turns;
            let east = (*x - map.false_easting) / map.radius;
            let is_drawn = east.abs() <= map.bounds.inverse && is_drawn_north;
            let east = choose(east.abs() > END, END.copysign(east), east);
            let (sin, cos) = sin_cos(2.0 * north);
            let grown = exp_m1(2.0 * east.abs()) + 1.0;
            let (half, half_inverse) = (0.5 * grown, 0.5 / grown);
            let doubled = [sin, cos, (half - half_inverse).copysign(east), half + half_inverse];
            let (more_north, more_east) = auxiliary_latitude::complex_series(map.series.to_sphere, doubled);
            let (north, east) = (north + more_north, east + more_east);
            let (sine, along) = sin_cos(north);
            let grown = exp_m1(east.abs());
            let away = (0.5 * (grown + grown / (grown + 1.0))).copysign(east);
            // On the sphere, larger by the hyperbolic cosine of the easting.
            let across_squared = away * away + along * along;
            let across = across_squared.sqrt();
            let latitude = angle(sine, across);
            let shrink = 1.0 / (sine * sine + across_squared).sqrt();
            let latitude =
                auxiliary_latitude::plus_series(map.series.geodetic, latitude, sine * shrink, across * shrink);
            // PROJ does not turn around behind the poles of the sphere.
            let latitude = choose(is_sphere, latitude.abs().copysign(up), latitude);
            let (longitude, latitude) = globe::degrees(angle(away, along), latitude, map.longitude);
            *x = choose(is_drawn, longitude, f64::NAN);
            *y = choose(is_drawn, latitude, f64::NAN);
        }
    }
}
