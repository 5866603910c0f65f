//! Where a growing function is zero.

/// Newton's steps, kept between bounds that close in: near a pole, where curves are flat, they alone would not arrive. `function`
/// gives value and slope.
pub(super) fn root(low: f64, high: f64, start: f64, function: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = (low, high);
    let mut x = start.clamp(low, high);
    for _ in 0..100 {
        let (error, slope) = function(x);
        if error > 0.0 {
            high = x
        } else {
            low = x
        }
        let mut next = x - error / slope;
        if !(next > low && next < high) {
            next = 0.5 * (low + high);
        }
        if (next - x).abs() < 1e-15 {
            return next;
        }
        x = next;
    }
    x
}
