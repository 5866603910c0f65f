//! Operations on a chunk of pixels. Loops have a fixed length and no branches, so that compilers make vectors of them.

use super::vector::vectorized;
use crate::operation::{self, Binary, Unary};

/// Pixels that are worked on together. A few chunks fit the first cache of a processor, and a step takes much longer than to choose it.
pub(super) const CHUNK: usize = 256;

/// A number of each pixel.
pub(super) type Chunk = [f64; CHUNK];

/// Numbers of each pixel, or one for all.
#[derive(Clone, Copy)]
pub(super) enum Side<'a> {
    Chunk(&'a Chunk),
    Constant(f64),
}

vectorized! {
    /// A step with one operand.
    pub(super) fn unary(operation: Unary, a: &Chunk, to: &mut Chunk) = unary_of;
    /// A step with two.
    pub(super) fn binary(operation: Binary, a: Side<'_>, b: Side<'_>, to: &mut Chunk) = binary_of;
    /// The one or the other.
    pub(super) fn select(condition: &Chunk, yes: Side<'_>, no: Side<'_>, to: &mut Chunk) = select_of;
    fn round(values: Side<'_>, samples: &mut [f32], missing: &mut u32) = round_of;
    /// 255 where a sample is a number.
    pub(super) fn mask(samples: &[f32], mask: &mut [u8]) = mask_of;
}

pub(super) fn new() -> Box<Chunk> {
    Box::new([0.0; CHUNK])
}

#[inline(always)]
fn each(a: &Chunk, to: &mut Chunk, of: impl Fn(f64) -> f64) {
    for (to, a) in to.iter_mut().zip(a) {
        *to = of(*a);
    }
}

#[inline(always)]
fn both(a: Side<'_>, b: Side<'_>, to: &mut Chunk, of: impl Fn(f64, f64) -> f64) {
    match (a, b) {
        (Side::Chunk(a), Side::Chunk(b)) => {
            for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
                *to = of(*a, *b);
            }
        }
        (Side::Chunk(a), Side::Constant(b)) => each(a, to, |a| of(a, b)),
        (Side::Constant(a), Side::Chunk(b)) => each(b, to, |b| of(a, b)),
        (Side::Constant(a), Side::Constant(b)) => to.fill(of(a, b)),
    }
}

/// A loop for each operation, in which it is a constant: nothing is chosen pixel by pixel.
macro_rules! loops {
    ($operation:expr, $type:ident { $($name:ident)* }, |$CONSTANT:ident| $body:expr) => {
        match $operation {
            $($type::$name => {
                const $CONSTANT: $type = $type::$name;
                $body
            })*
        }
    };
}

#[inline(always)]
fn unary_of(operation: Unary, a: &Chunk, to: &mut Chunk) {
    loops!(operation, Unary {
        Negate Not Invert Abs Sqrt Exp Expm1 Log Log10 Log1p Log2 Sin Cos Tan Arcsin Arccos Arctan Sinh Cosh Tanh Arcsinh Arccosh Arctanh
        Floor Ceil Trunc Round Sign SignBit IsNan IsFinite IsInf OnesLike
    }, |OPERATION| each(a, to, |v| OPERATION.of(v)));
}

#[inline(always)]
fn binary_of(operation: Binary, a: Side<'_>, b: Side<'_>, to: &mut Chunk) {
    loops!(operation, Binary {
        Add Subtract Multiply Divide FloorDivide Remainder Power BitAnd BitOr BitXor ShiftLeft ShiftRight Less LessEqual Greater GreaterEqual
        Equal NotEqual And Or Both Either Differ Maximum Minimum Arctan2 Copysign Fmod Hypot Nextafter
    }, |OPERATION| both(a, b, to, |a, b| OPERATION.of(a, b)));
}

#[inline(always)]
fn select_of(condition: &Chunk, yes: Side<'_>, no: Side<'_>, to: &mut Chunk) {
    let select = operation::select;
    match (yes, no) {
        (Side::Chunk(yes), Side::Chunk(no)) => {
            for (((to, condition), yes), no) in to.iter_mut().zip(condition).zip(yes).zip(no) {
                *to = select(*condition, *yes, *no);
            }
        }
        (Side::Chunk(yes), Side::Constant(no)) => {
            both(Side::Chunk(condition), Side::Chunk(yes), to, |condition, yes| select(condition, yes, no));
        }
        (Side::Constant(yes), Side::Chunk(no)) => {
            both(Side::Chunk(condition), Side::Chunk(no), to, |condition, no| select(condition, yes, no));
        }
        (Side::Constant(yes), Side::Constant(no)) => each(condition, to, |condition| select(condition, yes, no)),
    }
}

/// Rounds numbers to samples, NaN where they are not finite; whether all of them are.
pub(super) fn store(values: Side<'_>, samples: &mut [f32]) -> bool {
    let mut missing = 0;
    round(values, samples, &mut missing);
    missing == 0
}

#[inline(always)]
fn round_of(values: Side<'_>, samples: &mut [f32], missing: &mut u32) {
    match values {
        Side::Chunk(values) => {
            for (sample, value) in samples.iter_mut().zip(values) {
                let value = *value as f32;
                let finite = value.abs() <= f32::MAX;
                *sample = if finite { value } else { f32::NAN };
                *missing |= u32::from(!finite);
            }
        }
        Side::Constant(value) => {
            let value = value as f32;
            samples.fill(if value.is_finite() { value } else { f32::NAN });
            *missing = u32::from(!value.is_finite());
        }
    }
}

#[inline(always)]
fn mask_of(samples: &[f32], mask: &mut [u8]) {
    for (mask, sample) in mask.iter_mut().zip(samples) {
        *mask = if sample.is_nan() { 0 } else { 255 };
    }
}
