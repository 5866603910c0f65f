//! Elementary functions without branches and tables, so that loops over them become vector instructions. They are within 2 units in
//! the last place; the same operations in the same order give the same bits on every processor, one point at a time or many.
//!
//! Polynomials are Chebyshev fits in 50 digits. A NaN in is a NaN out.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2, FRAC_PI_4, PI};

/// Added and taken away, it leaves the nearest whole number, whose lowest bits stand at the end of the sum.
pub(super) const WHOLE: f64 = 6_755_399_441_055_744.0;

/// π/2 in three parts; up to 2²⁰ times each of the first two is exact.
const HALF_TURN: [f64; 3] = [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_795_950_6e-21];

/// ln 2 in two parts; up to 2¹¹ times the first is exact.
const LN_2_PARTS: [f64; 2] = [0.693_147_180_559_890_3, 5.497_923_018_708_371e-14];

/// What π/2, π/4, 3π/4 and π are longer than their doubles.
const REST_PI_2: f64 = 6.123_233_995_736_766e-17;
const REST_PI_4: f64 = 0.5 * REST_PI_2;
const REST_3_PI_4: f64 = 9.184_850_993_605_148e-17;
const REST_PI: f64 = 2.0 * REST_PI_2;

/// tan π/8.
const TAN_PI_8: f64 = std::f64::consts::SQRT_2 - 1.0;

/// (sin r - r) / r³ by powers of r², up to π/4.
const SINE: [f64; 6] = [
    -0.166_666_666_666_666_66,
    0.008_333_333_333_330_936,
    -0.000_198_412_698_367_405_32,
    2.755_731_609_319_840_4e-6,
    -2.505_112_989_645_018_5e-8,
    1.591_798_897_939_743_5e-10,
];

/// (cos r - 1 + r²/2) / r⁴ by powers of r², up to π/4.
const COSINE: [f64; 6] = [
    0.041_666_666_666_666_664,
    -0.001_388_888_888_888_738_9,
    2.480_158_729_875_44e-5,
    -2.755_731_726_587_808e-7,
    2.087_614_504_941_318e-9,
    -1.138_254_464_534_925e-11,
];

/// (atan t - t) / t³ by powers of t², up to tan π/8.
const ARC_TANGENT: [f64; 11] = [
    -0.333_333_333_333_333_3,
    0.199_999_999_999_954_9,
    -0.142_857_142_846_601_4,
    0.111_111_110_147_415_62,
    -0.090_909_045_572_142_67,
    0.076_921_827_052_463_2,
    -0.066_645_046_100_326_48,
    0.058_580_895_386_102_03,
    -0.050_851_391_487_066_376,
    0.039_222_688_823_476_32,
    -0.019_165_906_506_304_3,
];

/// (2 atanh s - 2 s) / s³ by powers of s², up to a fifth.
const LOGARITHM: [f64; 8] = [
    0.666_666_666_666_666_6,
    0.400_000_000_000_093_06,
    0.285_714_285_666_686_4,
    0.222_222_231_483_229_84,
    0.181_817_298_697_452_53,
    0.153_891_741_359_066_75,
    0.132_037_515_904_488_9,
    0.136_542_614_137_230_5,
];

/// (eʳ - 1 - r - r²/2) / r³ by powers of r, up to ln 2 / 2.
const EXPONENTIAL: [f64; 10] = [
    0.166_666_666_666_666_69,
    0.041_666_666_666_666_664,
    0.008_333_333_333_330_039,
    0.001_388_888_888_888_653_7,
    0.000_198_412_698_631_715_57,
    2.480_158_731_722_872_4e-5,
    2.755_726_827_690_569_6e-6,
    2.755_728_283_880_048_4e-7,
    2.510_047_250_569_499_6e-8,
    2.091_129_876_594_02e-9,
];

#[inline(always)]
fn polynomial<const N: usize>(coefficients: [f64; N], x: f64) -> f64 {
    coefficients.into_iter().rev().reduce(|sum, c| sum * x + c).unwrap_or(0.0)
}

/// One of two numbers, whose computation must not fail: both are at hand.
#[inline(always)]
pub(super) fn choose(condition: bool, yes: f64, no: f64) -> f64 {
    let mask = u64::from(condition).wrapping_neg();
    f64::from_bits(yes.to_bits() & mask | no.to_bits() & !mask)
}

/// Sine and cosine of an angle of up to a million radians.
#[inline(always)]
pub(super) fn sin_cos(x: f64) -> (f64, f64) {
    let sum = x * FRAC_2_PI + WHOLE;
    let turns = sum - WHOLE;
    let [first, second, third] = HALF_TURN;
    // The rest of the angle in two parts: near a quarter turn one alone would keep few digits.
    let near = x - turns * first;
    let step = turns * second;
    let high = near - step;
    let low = (near - high) - step - turns * third;
    let r = high + low;
    let rest = (high - r) + low;
    let square = r * r;
    let sine = r + (r * square * polynomial(SINE, square) + rest * (1.0 - 0.5 * square));
    let half = 0.5 * square;
    let most = 1.0 - half;
    let cosine = most + (((1.0 - most) - half) + (square * square * polynomial(COSINE, square) - r * rest));
    let quarter = sum.to_bits();
    let is_odd = (quarter & 1).wrapping_neg();
    let exchanged = (sine.to_bits() ^ cosine.to_bits()) & is_odd;
    let (sine, cosine) = (sine.to_bits() ^ exchanged, cosine.to_bits() ^ exchanged);
    let sine = f64::from_bits(sine ^ (quarter & 2) << 62);
    let cosine = f64::from_bits(cosine ^ (quarter.wrapping_add(1) & 2) << 62);
    (sine, cosine)
}

/// The angle with the tangent `short / long`, both not negative and the first not greater: whether it is counted from π/4, and the rest.
#[inline(always)]
fn arc_tangent(short: f64, long: f64) -> (bool, f64) {
    // Between π/8 and 3π/8 counted from π/4.
    let is_diagonal = short > TAN_PI_8 * long;
    let numerator = choose(is_diagonal, short - long, short);
    let denominator = choose(is_diagonal, short + long, long);
    let t = numerator / choose(denominator == 0.0, 1.0, denominator);
    let square = t * t;
    (is_diagonal, t + t * square * polynomial(ARC_TANGENT, square))
}

/// Twice the angle with the tangent `short / long`, both not negative and the first not greater.
#[inline(always)]
pub(super) fn twice_arc_tangent(short: f64, long: f64) -> f64 {
    let (is_diagonal, part) = arc_tangent(short, long);
    choose(is_diagonal, FRAC_PI_2, 0.0) + (2.0 * part + choose(is_diagonal, REST_PI_2, 0.0))
}

/// The angle of a point, counted from the x axis, as `y.atan2(x)`; 0 for the origin.
#[inline(always)]
pub(super) fn angle(y: f64, x: f64) -> f64 {
    let (up, across) = (y.abs(), x.abs());
    let is_steep = up > across;
    let (is_diagonal, part) = arc_tangent(choose(is_steep, across, up), choose(is_steep, up, across));
    let is_left = x < 0.0;
    let part = choose(is_steep != is_left, -part, part);
    let (diagonal, diagonal_rest) =
        (choose(is_left, 3.0 * FRAC_PI_4, FRAC_PI_4), choose(is_left, REST_3_PI_4, REST_PI_4));
    let (axis, axis_rest) = (choose(is_left, PI, 0.0), choose(is_left, REST_PI, 0.0));
    let (axis, axis_rest) = (choose(is_steep, FRAC_PI_2, axis), choose(is_steep, REST_PI_2, axis_rest));
    let (from, rest) = (choose(is_diagonal, diagonal, axis), choose(is_diagonal, diagonal_rest, axis_rest));
    (from + (part + rest)).copysign(y)
}

/// eˣ - 1 for up to 700 in size.
#[inline(always)]
pub(super) fn exp_m1(x: f64) -> f64 {
    let sum = x * std::f64::consts::LOG2_E + WHOLE;
    let doublings = sum - WHOLE;
    let r = (x - doublings * LN_2_PARTS[0]) - doublings * LN_2_PARTS[1];
    let square = r * r;
    let part = r + (0.5 * square + r * square * polynomial(EXPONENTIAL, r));
    let scale = f64::from_bits(sum.to_bits().wrapping_add(1023) << 52);
    scale * part + (scale - 1.0)
}

/// The isometric latitude, asinh tan, of an angle with this sine and this cosine, which is not negative.
#[inline(always)]
pub(super) fn isometric(sine: f64, cosine: f64) -> f64 {
    // The logarithm of (1 + sine) / cosine: so many doublings, and the rest.
    let s = sine.abs();
    let above = 1.0 + s;
    let doublings = (above.to_bits().wrapping_sub(cosine.to_bits()).wrapping_add(1 << 51)) >> 52;
    let scaled = cosine * f64::from_bits(doublings.wrapping_add(1023) << 52);
    let is_small = doublings == 0;
    // The same quotient, exact for small angles.
    let numerator = choose(is_small, s, above - scaled);
    let denominator = choose(is_small, 1.0 + cosine, above + scaled);
    let t = numerator / denominator;
    let square = t * t;
    let part = 2.0 * t + t * square * polynomial(LOGARITHM, square);
    let count = f64::from_bits(doublings | 0x4330_0000_0000_0000) - 4_503_599_627_370_496.0;
    (count * LN_2_PARTS[0] + (part + count * LN_2_PARTS[1])).copysign(sine)
}

#[cfg(test)]
mod tests {
    use super::{angle, exp_m1, isometric, sin_cos, twice_arc_tangent};
    use std::f64::consts::{FRAC_PI_2, PI};

    /// Numbers between the two bounds, evenly spread, and their neighbours at every power of two and half.
    fn numbers(low: f64, high: f64) -> impl Iterator<Item = f64> {
        let spread =
            (0..200_000).map(move |i| low + (high - low) * ((f64::from(i) + 0.5) * 0.754_877_666_246_692_7).fract());
        let powers = (-60..20).flat_map(|e| {
            let n = f64::from(e).exp2();
            [n, n.next_up(), n.next_down(), 1.5 * n, -n, -1.5 * n]
        });
        spread.chain(powers).filter(move |n| (low..=high).contains(n))
    }

    fn off(ours: f64, expected: f64) -> f64 {
        let unit = (expected.abs().next_up() - expected.abs()).max(f64::MIN_POSITIVE);
        (ours - expected).abs() / unit
    }

    fn worst(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
        pairs.map(|(ours, expected)| off(ours, expected)).fold(0.0, f64::max)
    }

    #[test]
    fn sines_and_cosines_are_those_of_the_standard_library() {
        for reach in [1.0, 4.0, 100.0, 1e6] {
            let around = (-40..40).flat_map(|i| {
                let n = f64::from(i) * FRAC_PI_2;
                [n, n.next_up(), n.next_down(), n + 1e-9, n + 1e-5]
            });
            let all: Vec<f64> = numbers(-reach, reach).chain(around).collect();
            let sine = worst(all.iter().map(|x| (sin_cos(*x).0, x.sin())));
            let cosine = worst(all.iter().map(|x| (sin_cos(*x).1, x.cos())));
            assert!(sine <= 2.0 && cosine <= 2.0, "{reach}: {sine} {cosine}");
        }
        assert_eq!(sin_cos(0.0), (0.0, 1.0));
        assert!(sin_cos(f64::NAN).0.is_nan() && sin_cos(f64::NAN).1.is_nan());
    }

    #[test]
    fn angles_are_those_of_the_standard_library() {
        for scale in [1e-12, 1e-3, 1.0, 1e15] {
            let pairs: Vec<(f64, f64)> = numbers(-PI, PI).map(|a| (scale * a.sin(), scale * a.cos())).collect();
            let found = worst(pairs.iter().map(|(y, x)| (angle(*y, *x), y.atan2(*x))));
            assert!(found <= 2.0, "{scale}: {found}");
        }
        for (y, x) in
            [(0.0, 1.0), (1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 1.0), (-1.0, -1.0), (1e-300, 1.0), (0.0, 0.0)]
        {
            assert_eq!(angle(y, x), y.atan2(x), "{y} {x}");
        }
        assert!(angle(f64::NAN, 1.0).is_nan() && angle(1.0, f64::NAN).is_nan());
    }

    #[test]
    fn double_angles_are_those_of_the_standard_library() {
        for long in [1e-12, 1.0, 1e15] {
            let found =
                worst(numbers(0.0, 1.0).map(|t| (twice_arc_tangent(t * long, long), 2.0 * (t * long).atan2(long))));
            assert!(found <= 2.0, "{long}: {found}");
        }
        assert_eq!((twice_arc_tangent(0.0, 1.0), twice_arc_tangent(1.0, 1.0)), (0.0, FRAC_PI_2));
        assert!(twice_arc_tangent(f64::NAN, 1.0).is_nan());
    }

    #[test]
    fn exponentials_are_those_of_the_standard_library() {
        for reach in [0.01, 1.0, 30.0, 700.0] {
            let found = worst(numbers(-reach, reach).map(|x| (exp_m1(x), x.exp_m1())));
            assert!(found <= 2.0, "{reach}: {found}");
        }
        assert_eq!(exp_m1(0.0), 0.0);
        assert!(exp_m1(f64::NAN).is_nan());
    }

    #[test]
    fn isometric_latitudes_are_those_of_the_standard_library() {
        for reach in [1e-6, 0.1, 1.0, FRAC_PI_2] {
            let all =
                numbers(-reach, reach).chain([FRAC_PI_2, -FRAC_PI_2, FRAC_PI_2 - 3e-7]).filter(|a| a.abs() <= reach);
            let found = worst(all.map(|a| {
                let (sine, cosine) = a.sin_cos();
                (isometric(sine, cosine), (sine / cosine).asinh())
            }));
            // Two of them are those of the quotient.
            assert!(found <= 4.0, "{reach}: {found}");
        }
        assert_eq!(isometric(0.0, 1.0), 0.0);
        assert!(isometric(f64::NAN, f64::NAN).is_nan());
    }
}
