//! Lambert's azimuthal equal-area projection (EPSG methods 9820 and 1027; Snyder 1987, page 187), on the sphere that has the
//! ellipsoid's surface.

use super::elementary::{angle, choose, sin_cos};
use super::{auxiliary_latitude, globe};
use crate::model::{Conversion, Ellipsoid};
use std::f64::consts::FRAC_PI_2;

#[derive(Clone, Copy, Debug)]
pub(super) struct LambertAzimuthal {
    /// Of the sphere.
    radius: f64,
    authalic: [f64; 6],
    geodetic: [f64; 6],
    /// Sine and cosine of the centre's authalic latitude.
    center: (f64, f64),
    /// East is stretched by this, and north shrunk, for true scale at the centre.
    stretch: f64,
    /// PROJ refuses what is nearer to the point opposite the centre, counted by 1 + the cosine of the distance from the centre.
    opposite: f64,
    longitude: f64,
    false_easting: f64,
    false_northing: f64,
}

impl LambertAzimuthal {
    /// None for another method, and for what this one does not do.
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Option<LambertAzimuthal> {
        let is_mine = match conversion.method_code()? {
            9820 => true,
            1027 => ellipsoid.is_sphere(),
            _ => false,
        };
        let value = |code: u32| conversion.si(code).unwrap_or(0.0);
        let (latitude, flattening, a) = (value(8801), globe::flattening(ellipsoid), ellipsoid.semi_major_metres());
        if !is_mine || !(0.0..0.01).contains(&flattening) || latitude.abs() > FRAC_PI_2 + 1e-10 {
            return None;
        }
        let (authalic, geodetic) = auxiliary_latitude::authalic(flattening);
        let is_polar = FRAC_PI_2 - latitude.abs() < 1e-10;
        let (sine, cosine) = latitude.sin_cos();
        let (sine_center, cosine_center) = if is_polar {
            (sine.signum(), 0.0)
        } else {
            auxiliary_latitude::plus_series(authalic, latitude, sine, cosine).sin_cos()
        };
        let radius = a * auxiliary_latitude::authalic_radius(flattening);
        let squared = flattening * (2.0 - flattening);
        let parallel = a * cosine / (1.0 - squared * sine * sine).sqrt();
        let made = LambertAzimuthal {
            radius,
            authalic,
            geodetic,
            center: (sine_center, cosine_center),
            stretch: if is_polar { 1.0 } else { parallel / (radius * cosine_center) },
            // Of a pole 1e-10 radians.
            opposite: if is_polar { 5e-21 } else { 1e-10 },
            longitude: value(8802),
            false_easting: value(8806),
            false_northing: value(8807),
        };
        let numbers = [made.radius, made.stretch, made.longitude, made.false_easting, made.false_northing];
        (made.radius > 1e-6 && numbers.iter().all(|n| n.is_finite())).then_some(made)
    }

    /// Degrees to metres, in place.
    pub(super) fn forward(&self, x: &mut [f64], y: &mut [f64]) {
        let map = *self;
        let (sine_center, cosine_center) = map.center;
        for (x, y) in x.iter_mut().zip(y) {
            let (longitude, latitude) = globe::radians(*x, *y, map.longitude);
            let (sine, cosine) = sin_cos(latitude);
            let (sine, cosine) = sin_cos(auxiliary_latitude::plus_series(map.authalic, latitude, sine, cosine));
            let (sine_east, cosine_east) = sin_cos(longitude);
            let along = cosine * cosine_east;
            let (east, north) = (cosine * sine_east, cosine_center * sine - sine_center * along);
            let distance = sine_center * sine + cosine_center * along;
            // Far away a sum would keep few digits.
            let near = choose(distance < 0.0, (east * east + north * north) / (1.0 - distance), 1.0 + distance);
            let scale = map.radius * (2.0 / near).sqrt();
            let (east, north) = (scale * map.stretch * east, scale / map.stretch * north);
            let is_drawn = near >= map.opposite;
            *x = choose(is_drawn, east + map.false_easting, f64::NAN);
            *y = choose(is_drawn, north + map.false_northing, f64::NAN);
        }
    }

    /// Metres to degrees, in place.
    pub(super) fn inverse(&self, x: &mut [f64], y: &mut [f64]) {
        let map = *self;
        let (sine_center, cosine_center) = map.center;
        for (x, y) in x.iter_mut().zip(y) {
            let east = (*x - map.false_easting) / (map.radius * map.stretch);
            let north = (*y - map.false_northing) * map.stretch / map.radius;
            // Twice the square of the half distance's sine.
            let away = 0.5 * (east * east + north * north);
            let is_drawn = away <= 2.0;
            let scale = (1.0 - 0.5 * away).sqrt();
            let (east, north, toward) = (east * scale, north * scale, 1.0 - away);
            let sine = toward * sine_center + north * cosine_center;
            let along = toward * cosine_center - north * sine_center;
            let latitude = angle(sine, (east * east + along * along).sqrt());
            let (sine, cosine) = sin_cos(latitude);
            let latitude = auxiliary_latitude::plus_series(map.geodetic, latitude, sine, cosine);
            let (longitude, latitude) = globe::degrees(angle(east, along), latitude, map.longitude);
            *x = choose(is_drawn, longitude, f64::NAN);
            *y = choose(is_drawn, latitude, f64::NAN);
        }
    }
}
