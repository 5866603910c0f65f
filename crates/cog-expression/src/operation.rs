//! What can be done to numbers, one at a time. Invalid is not-a-number, and every operation keeps it: whatever C's library says of
//! `hypot(inf, nan)` or of `1 ** nan`.
//!
//! What is true is 1, what is false 0.

/// An operation on one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Unary {
    Negate,
    Not,
    Invert,
    Abs,
    Sqrt,
    Exp,
    Expm1,
    Log,
    Log10,
    Log1p,
    Log2,
    Sin,
    Cos,
    Tan,
    Arcsin,
    Arccos,
    Arctan,
    Sinh,
    Cosh,
    Tanh,
    Arcsinh,
    Arccosh,
    Arctanh,
    Floor,
    Ceil,
    Trunc,
    Round,
    Sign,
    SignBit,
    IsNan,
    IsFinite,
    IsInf,
    OnesLike,
}

/// An operation on two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Remainder,
    Power,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    /// Python's `and`: the right side counts where the left one is true.
    And,
    /// Python's `or`: the right side counts where the left one is false.
    Or,
    /// `&` of what is true or false: both sides count.
    Both,
    /// `|` of what is true or false.
    Either,
    /// `^` of what is true or false.
    Differ,
    Maximum,
    Minimum,
    Arctan2,
    Copysign,
    Fmod,
    Hypot,
    Nextafter,
}

/// 1 or 0.
#[inline(always)]
fn truth(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

/// What is true of two numbers, where both are.
#[inline(always)]
fn of_both(a: f64, b: f64, is: bool) -> f64 {
    if a.is_nan() | b.is_nan() { f64::NAN } else { truth(is) }
}

/// A number that is made of two, where both are.
#[inline(always)]
fn number_of_both(a: f64, b: f64, value: f64) -> f64 {
    if a.is_nan() | b.is_nan() { f64::NAN } else { value }
}

/// A whole number that an `i64` holds.
#[inline(always)]
fn whole(value: f64) -> Option<i64> {
    let number = value as i64;
    (number as f64 == value && value < 9_223_372_036_854_775_808.0).then_some(number)
}

/// What becomes of the bits of two whole numbers.
#[inline(always)]
fn of_bits(a: f64, b: f64, make: impl Fn(i64, i64) -> Option<i64>) -> f64 {
    whole(a).zip(whole(b)).and_then(|(a, b)| make(a, b)).map_or(f64::NAN, |bits| bits as f64)
}

/// Quotient and remainder as NumPy and Python make them of floats: the remainder has the sign of the divisor.
#[inline(always)]
fn divided(a: f64, b: f64) -> (f64, f64) {
    if b == 0.0 {
        return (f64::NAN, f64::NAN);
    }
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0f64.copysign(b);
    } else if (b < 0.0) != (remainder < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    let floor = quotient.floor();
    let floor = if quotient - floor > 0.5 { floor + 1.0 } else { floor };
    (if quotient == 0.0 { 0f64.copysign(a / b) } else { floor }, remainder)
}

impl Unary {
    /// The result for one number.
    #[inline(always)]
    pub(crate) fn of(self, v: f64) -> f64 {
        match self {
            Unary::Negate => -v,
            Unary::Not => of_both(v, v, v == 0.0),
            Unary::Invert => of_bits(v, v, |bits, _| Some(!bits)),
            Unary::Abs => v.abs(),
            Unary::Sqrt => v.sqrt(),
            Unary::Exp => v.exp(),
            Unary::Expm1 => v.exp_m1(),
            Unary::Log => v.ln(),
            Unary::Log10 => v.log10(),
            Unary::Log1p => v.ln_1p(),
            Unary::Log2 => v.log2(),
            Unary::Sin => v.sin(),
            Unary::Cos => v.cos(),
            Unary::Tan => v.tan(),
            Unary::Arcsin => v.asin(),
            Unary::Arccos => v.acos(),
            Unary::Arctan => v.atan(),
            Unary::Sinh => v.sinh(),
            Unary::Cosh => v.cosh(),
            Unary::Tanh => v.tanh(),
            Unary::Arcsinh => v.asinh(),
            Unary::Arccosh => v.acosh(),
            Unary::Arctanh => v.atanh(),
            Unary::Floor => v.floor(),
            Unary::Ceil => v.ceil(),
            Unary::Trunc => v.trunc(),
            Unary::Round => v.round_ties_even(),
            Unary::Sign => number_of_both(v, v, truth(v > 0.0) - truth(v < 0.0)),
            Unary::SignBit => of_both(v, v, v.is_sign_negative()),
            Unary::IsNan => truth(v.is_nan()),
            Unary::IsFinite => truth(v.is_finite()),
            Unary::IsInf => truth(v.is_infinite()),
            Unary::OnesLike => number_of_both(v, v, 1.0),
        }
    }

    /// Whether the result is true or false, not a number.
    pub(crate) fn is_logical(self) -> bool {
        use Unary::{IsFinite, IsInf, IsNan, Not, SignBit};
        matches!(self, Not | IsNan | IsFinite | IsInf | SignBit)
    }
}

impl Binary {
    /// The result for two numbers.
    #[inline(always)]
    pub(crate) fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Binary::Add => a + b,
            Binary::Subtract => a - b,
            Binary::Multiply => a * b,
            // Infinity would come back as 0 from a second division.
            Binary::Divide => {
                if b == 0.0 {
                    f64::NAN
                } else {
                    a / b
                }
            }
            Binary::FloorDivide => divided(a, b).0,
            Binary::Remainder => divided(a, b).1,
            Binary::Power => match a == 0.0 && b < 0.0 {
                true => f64::NAN,
                false => number_of_both(a, b, a.powf(b)),
            },
            Binary::BitAnd => of_bits(a, b, |a, b| Some(a & b)),
            Binary::BitOr => of_bits(a, b, |a, b| Some(a | b)),
            Binary::BitXor => of_bits(a, b, |a, b| Some(a ^ b)),
            Binary::ShiftLeft => of_bits(a, b, |a, b| {
                let by = u32::try_from(b).ok()?;
                a.checked_shl(by).filter(|bits| bits >> by == a)
            }),
            Binary::ShiftRight => of_bits(a, b, |a, b| a.checked_shr(u32::try_from(b).ok()?)),
            Binary::Less => of_both(a, b, a < b),
            Binary::LessEqual => of_both(a, b, a <= b),
            Binary::Greater => of_both(a, b, a > b),
            Binary::GreaterEqual => of_both(a, b, a >= b),
            Binary::Equal => of_both(a, b, a == b),
            Binary::NotEqual => of_both(a, b, a != b),
            Binary::And => match a == 0.0 {
                true => 0.0,
                false => of_both(a, b, b != 0.0),
            },
            Binary::Or => match a != 0.0 && !a.is_nan() {
                true => 1.0,
                false => of_both(a, b, b != 0.0),
            },
            Binary::Both => of_both(a, b, (a != 0.0) & (b != 0.0)),
            Binary::Either => of_both(a, b, (a != 0.0) | (b != 0.0)),
            Binary::Differ => of_both(a, b, (a != 0.0) != (b != 0.0)),
            Binary::Maximum => number_of_both(a, b, if a >= b { a } else { b }),
            Binary::Minimum => number_of_both(a, b, if a <= b { a } else { b }),
            Binary::Arctan2 => a.atan2(b),
            Binary::Copysign => number_of_both(a, b, a.copysign(b)),
            Binary::Fmod => a % b,
            Binary::Hypot => number_of_both(a, b, a.hypot(b)),
            Binary::Nextafter => number_of_both(
                a,
                b,
                match () {
                    () if a < b => a.next_up(),
                    () if a > b => a.next_down(),
                    () => b,
                },
            ),
        }
    }

    /// Whether the result is true or false, not a number.
    pub(crate) fn is_logical(self) -> bool {
        use Binary::{And, Both, Differ, Either, Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual, Or};
        matches!(self, And | Both | Differ | Either | Equal | Greater | GreaterEqual | Less | LessEqual | NotEqual | Or)
    }
}

/// The one or the other, by a condition; what the other holds does not count.
#[inline(always)]
pub(crate) fn select(condition: f64, yes: f64, no: f64) -> f64 {
    let chosen = if condition != 0.0 { yes } else { no };
    if condition.is_nan() { f64::NAN } else { chosen }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NumPy 2.4: `np.floor_divide` and `np.remainder` of float64.
    #[test]
    fn quotients_and_remainders_are_numpys() {
        for (a, b, quotient, remainder) in [
            (7.0, 2.0, 3.0, 1.0),
            (-7.0, 2.0, -4.0, 1.0),
            (7.0, -2.0, -4.0, -1.0),
            (-7.0, -2.0, 3.0, -1.0),
            (1.0, 0.1, 9.0, 0.099_999_999_999_999_95),
            (-2.5, 1e300, -1.0, 1e300),
            (5.5, f64::INFINITY, 0.0, 5.5),
        ] {
            assert_eq!(divided(a, b), (quotient, remainder), "{a} {b}");
        }
        assert!(divided(1.0, 0.0).0.is_nan() && divided(f64::NAN, 2.0).1.is_nan());
    }

    #[test]
    fn not_a_number_stays_what_it_is() {
        let nan = f64::NAN;
        let infinity = f64::INFINITY;
        for (operation, a, b) in [
            (Binary::Power, 1.0, nan),
            (Binary::Power, nan, 0.0),
            (Binary::Hypot, infinity, nan),
            (Binary::Copysign, 1.0, nan),
            (Binary::Maximum, nan, 1.0),
            (Binary::Minimum, 1.0, nan),
            (Binary::Equal, nan, nan),
            (Binary::NotEqual, 1.0, nan),
            (Binary::Both, 0.0, nan),
            (Binary::And, nan, 0.0),
            (Binary::And, 1.0, nan),
            (Binary::Or, nan, 1.0),
            (Binary::BitAnd, 1.5, 1.0),
            (Binary::BitOr, nan, 1.0),
            (Binary::ShiftLeft, 1.0, 64.0),
            (Binary::ShiftLeft, 1.0, 63.0),
            (Binary::ShiftRight, 1.0, -1.0),
            (Binary::Divide, 1.0, 0.0),
            (Binary::Power, 0.0, -1.0),
        ] {
            assert!(operation.of(a, b).is_nan(), "{operation:?} {a} {b}");
        }
        assert_eq!((Binary::And.of(0.0, nan), Binary::Or.of(2.0, nan)), (0.0, 1.0));
        assert!(Unary::Not.of(nan).is_nan() && Unary::SignBit.of(-nan).is_nan() && Unary::Invert.of(0.5).is_nan());
        assert_eq!((Unary::IsNan.of(nan), Unary::IsFinite.of(nan)), (1.0, 0.0));
        assert!(Unary::Invert.of(9_223_372_036_854_775_808.0).is_nan());
        assert_eq!(Unary::Invert.of(-9_223_372_036_854_775_808.0), 9_223_372_036_854_775_807i64 as f64);
    }

    #[test]
    fn only_the_branch_that_is_taken_counts() {
        let nan = f64::NAN;
        assert_eq!((select(1.0, 5.0, nan), select(0.0, nan, 6.0)), (5.0, 6.0));
        assert!(select(nan, 1.0, 1.0).is_nan() && select(1.0, nan, 1.0).is_nan());
    }
}
