//! Mercator's projection of the sphere and of the ellipsoid (EPSG methods 1024, 1026, 9804, 9805), as PROJ 9.7 computes it: the poles,
//! which lie infinitely far away, are at 38 radii, for π/2 is a little less than a right angle.

use super::elementary::{choose, exp_m1, isometric, sin_cos, twice_arc_tangent};
use super::{auxiliary_latitude, globe};
use crate::error::{Error, Result};
use crate::model::{Conversion, Ellipsoid};

#[derive(Clone, Copy, Debug)]
pub(super) struct Mercator {
    /// Metres in a radian of the equator as it is drawn.
    radius: f64,
    eccentricity: f64,
    /// From conformal to geodetic latitudes; of a flatter ellipsoid they say too little, and steps are taken.
    geodetic: Option<[f64; 6]>,
    longitude: f64,
    false_easting: f64,
    false_northing: f64,
}

impl Mercator {
    /// None for another method.
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> Result<Option<Mercator>> {
        /// Up to here the rest of the series is below 1e-13.
        const SERIES: f64 = 0.01;
        /// Of no planet; more steps would be needed.
        const FLATTEST: f64 = 0.2;
        let value = |code: u32| conversion.si(code).unwrap_or(0.0);
        let flattening = globe::flattening(ellipsoid);
        let squared = flattening * (2.0 - flattening);
        let (scale, is_sphere) = match conversion.method_code() {
            Some(1024) => (1.0, true),
            // The sphere that touches the ellipsoid at the equator as closely as can be.
            Some(1026) => (1.0 - flattening, true),
            Some(9804) => (conversion.si(8805).unwrap_or(1.0), false),
            Some(9805) => {
                let (sine, cosine) = value(8823).sin_cos();
                (cosine / (1.0 - squared * sine * sine).sqrt(), false)
            }
            _ => return Ok(None),
        };
        let flattening = if is_sphere { 0.0 } else { flattening };
        let made = Mercator {
            radius: ellipsoid.semi_major_metres() * scale,
            eccentricity: (flattening * (2.0 - flattening)).sqrt(),
            geodetic: (flattening < SERIES).then(|| auxiliary_latitude::geodetic(flattening / (2.0 - flattening))),
            longitude: value(8802),
            false_easting: value(8806),
            false_northing: value(8807),
        };
        let unsupported =
            |what: &str| Err(Error::unsupported(format!("the projection '{}' {what}", conversion.method.name)));
        let numbers = [made.radius, made.longitude, made.false_easting, made.false_northing];
        if made.radius < 1e-6 || !numbers.iter().all(|n| n.is_finite()) || !(0.0..FLATTEST).contains(&flattening) {
            return unsupported("with these parameters");
        }
        if value(8801) != 0.0 {
            return unsupported("with an origin off the equator, which PROJ does not know either,");
        }
        Ok(Some(made))
    }

    /// Degrees to metres, in place.
    pub(super) fn forward(&self, x: &mut [f64], y: &mut [f64]) {
        let map = *self;
        let is_sphere = map.eccentricity == 0.0;
        for (x, y) in x.iter_mut().zip(y) {
            let (longitude, latitude) = globe::radians(*x, *y, map.longitude);
            let (sine, cosine) = sin_cos(latitude);
            let mut up = isometric(sine, cosine);
            if !is_sphere {
                let less = map.eccentricity * sine;
                up -= map.eccentricity * isometric(less, ((1.0 - less) * (1.0 + less)).sqrt());
            }
            *x = map.radius * longitude + map.false_easting;
            *y = map.radius * up + map.false_northing;
        }
    }

    /// Metres to degrees, in place. One loop for each kind, for the last has a loop of its own.
    pub(super) fn inverse(&self, x: &mut [f64], y: &mut [f64]) {
        let map = *self;
        match map.geodetic {
            _ if map.eccentricity == 0.0 => map.inverse_by(x, y, |_, _, latitude| latitude),
            Some(series) => map.inverse_by(x, y, |_, grown, latitude| {
                let above = grown + 1.0;
                let across = 1.0 / (above * above + 1.0);
                let (sine, cosine) = (grown * (grown + 2.0) * across, 2.0 * above * across);
                auxiliary_latitude::plus_series(series, latitude, sine, cosine)
            }),
            None => map.inverse_by(x, y, |high, _, latitude| map.by_steps(high, sin_cos(latitude).0)),
        }
    }

    /// `geodetic` makes the latitude of the height in radii, of e to its power less 1, and of the conformal latitude.
    #[inline(always)]
    fn inverse_by(self, x: &mut [f64], y: &mut [f64], geodetic: impl Fn(f64, f64, f64) -> f64) {
        /// The pole, to the last bit.
        const POLE: f64 = 100.0;
        for (x, y) in x.iter_mut().zip(y) {
            let up = (*y - self.false_northing) / self.radius;
            let high = choose(up.abs() > POLE, POLE, up.abs());
            // The half latitude's tangent is that of the half height, hyperbolic.
            let grown = exp_m1(high);
            let latitude = geodetic(high, grown, twice_arc_tangent(grown, grown + 2.0));
            let east = (*x - self.false_easting) / self.radius;
            (*x, *y) = globe::degrees(east, latitude.copysign(up), self.longitude);
        }
    }

    /// The latitude of a height in radii, from the sine of the conformal latitude, by steps that each leave no more than a third
    /// of the error.
    fn by_steps(&self, high: f64, sine: f64) -> f64 {
        let (mut sine, mut latitude) = (sine, 0.0);
        for _ in 0..40 {
            let less = self.eccentricity * sine;
            let of_sphere = high + self.eccentricity * isometric(less, ((1.0 - less) * (1.0 + less)).sqrt());
            let grown = exp_m1(of_sphere);
            latitude = twice_arc_tangent(grown, grown + 2.0);
            sine = sin_cos(latitude).0;
        }
        latitude
    }
}
