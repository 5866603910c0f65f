//! From floating point numbers to small integers, in a form that compilers make vectors of.
#![allow(unsafe_code)]

/// The whole number towards 0, between `min` and `max`. What `as` does, but in vectors.
#[inline(always)]
pub(crate) fn truncate(v: f32, min: i16, max: u16) -> i32 {
    let v = v.max(f32::from(min)).min(f32::from(max));
    // SAFETY: both bounds fit an i32, and `max` with a number leaves no NaN.
    unsafe { v.to_int_unchecked() }
}

/// As [`truncate`].
#[inline(always)]
pub(crate) fn truncate_wide(v: f64, min: i16, max: u16) -> i32 {
    let v = v.max(f64::from(min)).min(f64::from(max));
    // SAFETY: both bounds fit an i32, and `max` with a number leaves no NaN.
    unsafe { v.to_int_unchecked() }
}
