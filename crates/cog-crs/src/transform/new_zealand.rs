//! The New Zealand Map Grid (EPSG method 9811), which no engine has: a conformal polynomial of Land Information New Zealand around
//! 41°S 173°E on the International ellipsoid, good in New Zealand and nowhere else.

use crate::model::{Conversion, Ellipsoid};
use std::f64::consts::PI;

/// 10⁵ seconds of arc in a radian.
const SECONDS: f64 = 180.0 * 3600.0 / PI * 1e-5;

/// From latitudes to isometric ones, by powers from the first.
const ISOMETRIC: [f64; 10] = [
    0.639_917_507_3,
    -0.135_879_761_3,
    0.063_294_409,
    -0.025_268_53,
    0.011_787_9,
    -0.005_516_1,
    0.002_690_6,
    -0.001_333,
    0.000_67,
    -0.000_34,
];

/// And back.
const LATITUDE: [f64; 9] = [
    1.562_701_424_3,
    0.518_540_639_8,
    -0.033_330_98,
    -0.105_290_6,
    -0.036_859_4,
    0.007_317,
    0.012_20,
    0.003_94,
    -0.001_3,
];

/// From isometric latitude and longitude to northing and easting in radii.
const GRID: [Complex; 6] = [
    Complex(0.755_785_322_8, 0.0),
    Complex(0.249_204_646, 0.003_371_507),
    Complex(-0.001_541_739, 0.041_058_560),
    Complex(-0.101_629_07, 0.017_276_09),
    Complex(-0.266_234_89, -0.362_492_18),
    Complex(-0.687_098_3, -1.165_196_7),
];

#[derive(Clone, Copy, Debug)]
struct Complex(f64, f64);

impl Complex {
    fn times(self, other: Complex) -> Complex {
        Complex(self.0 * other.0 - self.1 * other.1, self.0 * other.1 + self.1 * other.0)
    }

    fn plus(self, other: Complex) -> Complex {
        Complex(self.0 + other.0, self.1 + other.1)
    }

    fn over(self, other: Complex) -> Complex {
        let size = other.0 * other.0 + other.1 * other.1;
        let Complex(real, imaginary) = self.times(Complex(other.0, -other.1));
        Complex(real / size, imaginary / size)
    }
}

#[derive(Debug)]
pub(super) struct NewZealandMapGrid {
    radius: f64,
    latitude: f64,
    longitude: f64,
    false_easting: f64,
    false_northing: f64,
}

impl NewZealandMapGrid {
    pub(super) fn new(conversion: &Conversion, ellipsoid: &Ellipsoid) -> NewZealandMapGrid {
        let value = |code: u32| conversion.si(code).unwrap_or(0.0);
        NewZealandMapGrid {
            radius: ellipsoid.semi_major_metres(),
            latitude: value(8801),
            longitude: value(8802),
            false_easting: value(8806),
            false_northing: value(8807),
        }
    }

    pub(super) fn forward(&self, longitude: f64, latitude: f64) -> Option<(f64, f64)> {
        let turn = longitude.to_radians() - self.longitude;
        let turn = if turn.abs() > PI { (turn + PI).rem_euclid(2.0 * PI) - PI } else { turn };
        let north = powers(&ISOMETRIC, (latitude.to_radians() - self.latitude) * SECONDS);
        let Complex(northing, easting) = on_grid(Complex(north, turn)).0;
        Some((easting * self.radius + self.false_easting, northing * self.radius + self.false_northing))
    }

    pub(super) fn inverse(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let wanted = Complex((y - self.false_northing) / self.radius, (x - self.false_easting) / self.radius);
        let mut place = wanted;
        for _ in 0..20 {
            let (here, slope) = on_grid(place);
            let step = Complex(wanted.0 - here.0, wanted.1 - here.1).over(slope);
            place = place.plus(step);
            if step.0.abs() + step.1.abs() < 1e-12 {
                let latitude = self.latitude + powers(&LATITUDE, place.0) / SECONDS;
                return Some(((place.1 + self.longitude).to_degrees(), latitude.to_degrees()));
            }
        }
        // Far from New Zealand Newton's steps lead nowhere.
        None
    }
}

/// A polynomial without a constant.
fn powers(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| (sum + c) * x)
}

/// The grid's polynomial and its derivative.
fn on_grid(z: Complex) -> (Complex, Complex) {
    let zero = Complex(0.0, 0.0);
    let (value, slope) =
        GRID.iter().rev().fold((zero, zero), |(value, slope), c| (value.times(z).plus(*c), slope.times(z).plus(value)));
    // Of z · p(z).
    (value.times(z), slope.times(z).plus(value))
}

#[cfg(test)]
mod tests {
    use super::NewZealandMapGrid;

    fn grid() -> NewZealandMapGrid {
        NewZealandMapGrid {
            radius: 6_378_388.0,
            latitude: -41_f64.to_radians(),
            longitude: 173_f64.to_radians(),
            false_easting: 2_510_000.0,
            false_northing: 6_023_150.0,
        }
    }

    /// PROJ 9.7.1 has this point at 2487100.6644 6751049.7543.
    #[test]
    fn north_cape_is_where_proj_has_it() {
        let (x, y) = grid().forward(172.739_194, -34.444_066).unwrap();
        assert!((x - 2_487_100.664_4).abs() < 1e-3 && (y - 6_751_049.754_3).abs() < 1e-3, "{x} {y}");
        let (longitude, latitude) = grid().inverse(x, y).unwrap();
        assert!((longitude - 172.739_194).abs() < 1e-10 && (latitude + 34.444_066).abs() < 1e-8);
    }

    #[test]
    fn far_away_is_an_answer_or_none_and_never_a_hang() {
        for place in [(1e9, 1e9), (-1e12, 0.0), (f64::MAX, 1.0)] {
            let found = grid().inverse(place.0, place.1);
            assert!(found.is_none_or(|(x, y)| x.is_finite() && y.is_finite()), "{place:?}");
        }
    }
}
