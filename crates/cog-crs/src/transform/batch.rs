//! Points that go from step to step together, in two slices.

/// Points that go through one step together, while they are in the processor's cache.
pub(super) const BATCH: usize = 128;

/// NaN for both coordinates where one is not finite; how many there are.
pub(super) fn only_finite(x: &mut [f64], y: &mut [f64]) -> usize {
    let mut failed = 0;
    for (x, y) in x.iter_mut().zip(y) {
        let is_finite = x.is_finite() & y.is_finite();
        (*x, *y) = if is_finite { (*x, *y) } else { (f64::NAN, f64::NAN) };
        failed += usize::from(!is_finite);
    }
    failed
}

/// Point by point, for methods without loops of their own.
pub(super) fn each(x: &mut [f64], y: &mut [f64], convert: impl Fn(f64, f64) -> Option<(f64, f64)>) {
    for (x, y) in x.iter_mut().zip(y) {
        let is_number = !x.is_nan() && !y.is_nan();
        let converted = if is_number { convert(*x, *y) } else { None };
        (*x, *y) = converted.unwrap_or((f64::NAN, f64::NAN));
    }
}
