//! Series in the third flattening n, to the sixth order, between geodetic and conformal latitudes and between the conformal sphere
//! and the ellipsoid as Transverse Mercator draws it (Engsager and Poder, ICC 2007; Krüger 1912); and authalic latitudes by sums.

use super::solve::root;
use std::f64::consts::FRAC_PI_2;

/// A polynomial of n without a constant.
fn powers<const N: usize>(n: f64, from: i32, coefficients: [f64; N]) -> f64 {
    n.powi(from) * coefficients.into_iter().rev().fold(0.0, |sum, c| sum * n + c)
}

/// From conformal to geodetic latitudes.
#[rustfmt::skip]
pub(super) fn geodetic(n: f64) -> [f64; 6] {
    [
        powers(n, 1, [2.0, -2.0 / 3.0, -2.0, 116.0 / 45.0, 26.0 / 45.0, -2854.0 / 675.0]),
        powers(n, 2, [7.0 / 3.0, -8.0 / 5.0, -227.0 / 45.0, 2704.0 / 315.0, 2323.0 / 945.0]),
        powers(n, 3, [56.0 / 15.0, -136.0 / 35.0, -1262.0 / 105.0, 73_814.0 / 2835.0]),
        powers(n, 4, [4279.0 / 630.0, -332.0 / 35.0, -399_572.0 / 14_175.0]),
        powers(n, 5, [4174.0 / 315.0, -144_838.0 / 6237.0]),
        powers(n, 6, [601_676.0 / 22_275.0]),
    ]
}

/// From geodetic to conformal latitudes.
#[rustfmt::skip]
pub(super) fn conformal(n: f64) -> [f64; 6] {
    [
        powers(n, 1, [-2.0, 2.0 / 3.0, 4.0 / 3.0, -82.0 / 45.0, 32.0 / 45.0, 4642.0 / 4725.0]),
        powers(n, 2, [5.0 / 3.0, -16.0 / 15.0, -13.0 / 9.0, 904.0 / 315.0, -1522.0 / 945.0]),
        powers(n, 3, [-26.0 / 15.0, 34.0 / 21.0, 8.0 / 5.0, -12_686.0 / 2835.0]),
        powers(n, 4, [1237.0 / 630.0, -12.0 / 5.0, -24_832.0 / 14_175.0]),
        powers(n, 5, [-734.0 / 315.0, 109_598.0 / 31_185.0]),
        powers(n, 6, [444_337.0 / 155_925.0]),
    ]
}

/// From the sphere's Transverse Mercator to the ellipsoid's.
#[rustfmt::skip]
pub(super) fn from_sphere(n: f64) -> [f64; 6] {
    [
        powers(n, 1, [1.0 / 2.0, -2.0 / 3.0, 5.0 / 16.0, 41.0 / 180.0, -127.0 / 288.0, 7891.0 / 37_800.0]),
        powers(n, 2, [13.0 / 48.0, -3.0 / 5.0, 557.0 / 1440.0, 281.0 / 630.0, -1_983_433.0 / 1_935_360.0]),
        powers(n, 3, [61.0 / 240.0, -103.0 / 140.0, 15_061.0 / 26_880.0, 167_603.0 / 181_440.0]),
        powers(n, 4, [49_561.0 / 161_280.0, -179.0 / 168.0, 6_601_661.0 / 7_257_600.0]),
        powers(n, 5, [34_729.0 / 80_640.0, -3_418_889.0 / 1_995_840.0]),
        powers(n, 6, [212_378_941.0 / 319_334_400.0]),
    ]
}

/// And back.
#[rustfmt::skip]
pub(super) fn to_sphere(n: f64) -> [f64; 6] {
    [
        powers(n, 1, [-1.0 / 2.0, 2.0 / 3.0, -37.0 / 96.0, 1.0 / 360.0, 81.0 / 512.0, -96_199.0 / 604_800.0]),
        powers(n, 2, [-1.0 / 48.0, -1.0 / 15.0, 437.0 / 1440.0, -46.0 / 105.0, 1_118_711.0 / 3_870_720.0]),
        powers(n, 3, [-17.0 / 480.0, 37.0 / 840.0, 209.0 / 4480.0, -5569.0 / 90_720.0]),
        powers(n, 4, [-4397.0 / 161_280.0, 11.0 / 504.0, 830_251.0 / 7_257_600.0]),
        powers(n, 5, [-4583.0 / 161_280.0, 108_847.0 / 3_991_680.0]),
        powers(n, 6, [-20_648_693.0 / 638_668_800.0]),
    ]
}

/// The surface between the equator and a latitude, by its sine: for e² = 0 twice the sine.
fn surface(squared: f64, sine: f64) -> f64 {
    let e = squared.sqrt();
    let rest = if e * sine.abs() < 1e-9 { sine } else { (e * sine).atanh() / e };
    (1.0 - squared) * (sine / (1.0 - squared * sine * sine) + rest)
}

/// The radius of the sphere with the ellipsoid's surface, in its semi-major axis.
pub(super) fn authalic_radius(flattening: f64) -> f64 {
    (0.5 * surface(flattening * (2.0 - flattening), 1.0)).sqrt()
}

/// From geodetic to authalic latitudes, and back: sums over latitudes evenly spread, which are the integrals of Fourier's series to the last
/// bit, for its terms shrink by the flattening.
pub(super) fn authalic(flattening: f64) -> ([f64; 6], [f64; 6]) {
    const NODES: u32 = 16;
    let squared = flattening * (2.0 - flattening);
    let whole = surface(squared, 1.0);
    let authalic = |latitude: f64| (surface(squared, latitude.sin()) / whole).asin();
    let geodetic = |wanted: f64| {
        root(-FRAC_PI_2, FRAC_PI_2, wanted, |latitude| {
            let (sine, cosine) = latitude.sin_cos();
            let slope = 2.0 * (1.0 - squared) * cosine / (1.0 - squared * sine * sine).powi(2);
            (surface(squared, sine) - whole * wanted.sin(), slope)
        })
    };
    let series = |to: &dyn Fn(f64) -> f64| -> [f64; 6] {
        let nodes = (0..NODES).map(|i| (f64::from(i) + 0.5) / f64::from(NODES) * FRAC_PI_2);
        let more: Vec<(f64, f64)> = nodes.map(|latitude| (latitude, to(latitude) - latitude)).collect();
        std::array::from_fn(|k| {
            let twice = 2.0 * (k + 1) as f64;
            more.iter().map(|(latitude, more)| more * (twice * latitude).sin()).sum::<f64>() * 2.0 / f64::from(NODES)
        })
    };
    if flattening == 0.0 { ([0.0; 6], [0.0; 6]) } else { (series(&authalic), series(&geodetic)) }
}

/// A latitude and Σ cₖ sin 2kφ, by Clenshaw's summation.
#[inline(always)]
pub(super) fn plus_series(coefficients: [f64; 6], latitude: f64, sine: f64, cosine: f64) -> f64 {
    let twice = 2.0 * (cosine - sine) * (cosine + sine);
    let [c1, c2, c3, c4, c5, c6] = coefficients;
    let b5 = c5 + twice * c6;
    let b4 = c4 + (twice * b5 - c6);
    let b3 = c3 + (twice * b4 - b5);
    let b2 = c2 + (twice * b3 - b4);
    let b1 = c1 + (twice * b2 - b3);
    latitude + 2.0 * sine * cosine * b1
}

/// Σ cₖ sin 2k(ξ + iη), real and imaginary, from the sine and cosine of 2ξ and the hyperbolic ones of 2η.
#[inline(always)]
pub(super) fn complex_series(coefficients: [f64; 6], [sin, cos, sinh, cosh]: [f64; 4]) -> (f64, f64) {
    let (real, imaginary) = (2.0 * cos * cosh, -2.0 * sin * sinh);
    let [c1, c2, c3, c4, c5, c6] = coefficients;
    let (r5, i5) = (c5 + real * c6, imaginary * c6);
    let mut later = (c6, 0.0);
    let mut last = (r5, i5);
    for c in [c4, c3, c2, c1] {
        let r = c + (real * last.0 - imaginary * last.1 - later.0);
        let i = imaginary * last.0 + real * last.1 - later.1;
        later = last;
        last = (r, i);
    }
    let (real, imaginary) = (sin * cosh, cos * sinh);
    (real * last.0 - imaginary * last.1, real * last.1 + imaginary * last.0)
}
