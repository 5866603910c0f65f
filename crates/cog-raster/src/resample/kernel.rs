//! The four kernels as functions of the distance in (scaled) source pixels.

use std::f64::consts::PI;

use super::Resampling;

/// The weight at distance `x`. Kernels of methods without one are 0 everywhere.
pub(crate) fn weight(method: Resampling, x: f64) -> f64 {
    match method {
        Resampling::Bilinear => bilinear(x),
        Resampling::Cubic => cubic(x),
        Resampling::CubicSpline => cubic_spline(x),
        Resampling::Lanczos => lanczos(x),
        _ => 0.0,
    }
}

fn bilinear(x: f64) -> f64 {
    (1.0 - x.abs()).max(0.0)
}

/// Keys' cubic convolution with a = -0.5.
fn cubic(x: f64) -> f64 {
    let (a, square) = (x.abs(), x * x);
    if a <= 1.0 {
        square * (1.5 * a - 2.5) + 1.0
    } else if a <= 2.0 {
        square * (-0.5 * a + 2.5) - 4.0 * a + 2.0
    } else {
        0.0
    }
}

/// Six times the cubic B-spline, as a sum of truncated powers (the factor goes when weights are normalised). At the very
/// edge the sum is not 0 but some 1e-15 of either sign: with a mask that decides about single pixels, so the form matters.
fn cubic_spline(x: f64) -> f64 {
    let power = |x: f64| if x > 0.0 { x * x * x } else { 0.0 };
    if x <= -2.0 {
        return 0.0;
    }
    let inner = if x > 0.0 { -4.0 * power(x - 1.0) + 6.0 * x * x * x } else { 0.0 };
    let middle = if x + 1.0 > 0.0 { inner + -4.0 * (x + 1.0) * (x + 1.0) * (x + 1.0) } else { 0.0 };
    middle + (x + 2.0) * (x + 2.0) * (x + 2.0)
}

/// sinc(x) · sinc(x / 3), with the sine of the triple angle taken from the single one.
fn lanczos(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    if x.abs() > 3.0 {
        return 0.0;
    }
    let angle = PI * x;
    let third = angle / 3.0;
    let sine = third.sin();
    let square = sine * sine;
    (3.0 - 4.0 * square) * square / (angle * third)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_have_their_textbook_values() {
        assert_eq!(bilinear(-0.25), 0.75);
        // Keys 1981: w(0.5) = 0.5625, w(1.5) = -0.0625.
        assert_eq!((cubic(0.5), cubic(-1.5), cubic(1.0), cubic(2.5)), (0.5625, -0.0625, 0.0, 0.0));
        // The B-spline: 4/6 at 0, 1/6 at ±1, 23/48 at ±0.5.
        assert_eq!((cubic_spline(0.0), cubic_spline(1.0), cubic_spline(-1.0)), (4.0, 1.0, 1.0));
        assert!((cubic_spline(0.5) - 6.0 * 23.0 / 48.0).abs() < 1e-15);
        // sinc(1/2) sinc(1/6) = (2/π) (3/π) = 6/π².
        assert!((lanczos(0.5) - 6.0 / (PI * PI)).abs() < 1e-15);
        assert!(lanczos(2.0).abs() < 1e-16 && lanczos(0.0) == 1.0);
    }
}
