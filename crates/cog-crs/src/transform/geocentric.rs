//! A shift between two datums by way of geocentric coordinates. Heights are taken for zero and forgotten, as PROJ does with
//! two-dimensional CRSs.

use std::f64::consts::{FRAC_PI_2, PI};

/// An ellipsoid by its axis in metres and its flattening.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    a: f64,
    f: f64,
}

/// `x' = translation + matrix · x` in geocentric metres, from one ellipsoid to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift {
    from: Shape,
    to: Shape,
    /// None: longitudes and latitudes are the same.
    affine: Option<Affine>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Affine {
    pub(super) translation: [f64; 3],
    /// Row by row.
    pub(super) matrix: [f64; 9],
}

pub(super) const IDENTITY: Affine =
    Affine { translation: [0.0; 3], matrix: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0] };

impl Shape {
    /// Inverse flattening 0 is a sphere.
    pub(super) fn new(a: f64, inverse_flattening: f64) -> Shape {
        Shape { a, f: if inverse_flattening == 0.0 { 0.0 } else { 1.0 / inverse_flattening } }
    }

    fn e2(self) -> f64 {
        self.f * (2.0 - self.f)
    }

    fn is(self, other: Shape) -> bool {
        (self.a - other.a).abs() < 1e-6 && (self.f - other.f).abs() < 1e-12
    }

    /// PROJ keeps longitudes and latitudes between these two where nothing else is shifted.
    fn is_grs80_or_wgs84(self) -> bool {
        self.is(Shape::new(6_378_137.0, 298.257_222_101)) || self.is(Shape::new(6_378_137.0, 298.257_223_563))
    }
}

impl Affine {
    /// Seven parameters of a position vector transformation (EPSG method 1033): metres, seconds of arc, parts per million.
    pub(super) fn helmert([dx, dy, dz, rx, ry, rz, ppm]: [f64; 7]) -> Affine {
        let scale = 1.0 + ppm * 1e-6;
        let [rx, ry, rz] = [rx, ry, rz].map(|seconds| seconds * PI / (180.0 * 3600.0));
        let matrix = [1.0, -rz, ry, rz, 1.0, -rx, -ry, rx, 1.0].map(|n| scale * n);
        Affine { translation: [dx, dy, dz], matrix }
    }

    fn apply(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let [a, b, c, d, e, f, g, h, i] = self.matrix;
        let [tx, ty, tz] = self.translation;
        [tx + a * x + b * y + c * z, ty + d * x + e * y + f * z, tz + g * x + h * y + i * z]
    }

    /// The way back, exactly.
    pub(super) fn inverse(&self) -> Affine {
        let [a, b, c, d, e, f, g, h, i] = self.matrix;
        let determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
        let adjugate = [
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ];
        let turn = Affine { translation: [0.0; 3], matrix: adjugate.map(|n| n / determinant) };
        let translation = turn.apply(self.translation).map(|n| -n);
        Affine { translation, ..turn }
    }

    /// This one, and then another.
    pub(super) fn then(&self, next: &Affine) -> Affine {
        let [a, b, c, d, e, f, g, h, i] = self.matrix;
        let turn = Affine { translation: [0.0; 3], ..*next };
        let columns = [[a, d, g], [b, e, h], [c, f, i]].map(|column| turn.apply(column));
        let [[a, d, g], [b, e, h], [c, f, i]] = columns;
        Affine { translation: next.apply(self.translation), matrix: [a, b, c, d, e, f, g, h, i] }
    }
}

impl Shift {
    /// None: the operation shifts nothing, whatever the ellipsoids.
    pub(super) fn new(from: Shape, to: Shape, affine: Option<Affine>) -> Shift {
        let keeps = from.is(to) || from.is_grs80_or_wgs84() && to.is_grs80_or_wgs84();
        Shift { from, to, affine: affine.filter(|affine| !(keeps && *affine == IDENTITY)) }
    }

    /// True if longitudes and latitudes stay the same.
    pub(super) fn is_nothing(&self) -> bool {
        self.affine.is_none()
    }

    /// Degrees in and out.
    pub(super) fn convert(&self, longitude: f64, latitude: f64) -> (f64, f64) {
        let Some(affine) = &self.affine else { return (longitude, latitude) };
        let there = affine.apply(geocentric(self.from, longitude.to_radians(), latitude.to_radians()));
        let (longitude, latitude) = geodetic(self.to, there);
        (longitude.to_degrees(), latitude.to_degrees())
    }
}

/// On the ellipsoid.
fn geocentric(shape: Shape, longitude: f64, latitude: f64) -> [f64; 3] {
    let (sine, cosine) = latitude.sin_cos();
    let across = shape.a / (1.0 - shape.e2() * sine * sine).sqrt();
    [across * cosine * longitude.cos(), across * cosine * longitude.sin(), across * (1.0 - shape.e2()) * sine]
}

/// Longitude and latitude of a place near the ellipsoid, by Bowring's solution as in PROJ.
fn geodetic(shape: Shape, place: [f64; 3]) -> (f64, f64) {
    let [x, y, z] = place.map(|n| n / shape.a);
    let (e2, ratio) = (shape.e2(), 1.0 - shape.f);
    let second = e2 / (ratio * ratio);
    let out = x.hypot(y);
    let norm = z.hypot(out * ratio);
    let (cosine, sine) = if norm == 0.0 { (1.0, 0.0) } else { (out * ratio / norm, z / norm) };
    let (up, along) = (z + second * ratio * sine.powi(3), out - e2 * cosine.powi(3));
    let latitude = if along <= 0.0 { FRAC_PI_2.copysign(z) } else { (up / along).atan() };
    (y.atan2(x), latitude)
}

#[cfg(test)]
mod tests {
    use super::{Affine, Shape, Shift};

    /// EPSG:1314, from the datum of the Ordnance Survey, and back.
    #[test]
    fn a_helmert_transformation_is_that_of_proj() {
        let affine = Affine::helmert([446.448, -125.157, 542.06, 0.15, 0.247, 0.842, -20.489]);
        let (airy, wgs84) = (Shape::new(6_377_563.396, 299.324_964_6), Shape::new(6_378_137.0, 298.257_223_563));
        let there = Shift::new(airy, wgs84, Some(affine));
        let point = affine.inverse().apply(affine.apply([3_980_000.0, -100_000.0, 4_960_000.0]));
        let nothing = affine.then(&affine.inverse()).apply([3_980_000.0, -100_000.0, 4_960_000.0]);
        assert!((nothing[0] - 3_980_000.0).abs() < 1e-8 && (nothing[1] + 100_000.0).abs() < 1e-8);
        assert!((point[0] - 3_980_000.0).abs() < 1e-8 && (point[2] - 4_960_000.0).abs() < 1e-8);
        // PROJ 9.7.1: push v_3, cart, helmert, inverse cart, pop v_3.
        let (longitude, latitude) = there.convert(-2.0, 53.0);
        let far = (longitude + 2.001_448_853_514).abs().max((latitude - 53.000_308_022_134).abs());
        assert!(far < 1e-11, "{longitude} {latitude}");
    }

    #[test]
    fn nothing_is_shifted_between_grs80_and_wgs84() {
        let (grs80, wgs84) = (Shape::new(6_378_137.0, 298.257_222_101), Shape::new(6_378_137.0, 298.257_223_563));
        let shift = Shift::new(grs80, wgs84, Some(Affine::helmert([0.0; 7])));
        assert_eq!(shift.convert(190.0, 45.0), (190.0, 45.0));
    }
}
