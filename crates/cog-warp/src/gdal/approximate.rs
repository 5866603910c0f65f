//! Coordinates along a row, interpolated as `GDALApproxTransform` does.

/// GDAL's default: how far the middle of a line may lie beside the exact place, x and y added up, in source pixels.
const TOLERANCE: f64 = 0.125;

/// Rows that are not longer are exact.
const SHORT: usize = 5;

type Place = (f64, f64);

/// Fills the places of a row of points at `first`, `first + 1`, …; NaN where one has none. `exact` is asked for single ones.
pub(super) fn along_row(first: f64, exact: &impl Fn(f64) -> Option<Place>, xs: &mut [f64], ys: &mut [f64]) {
    let n = xs.len().min(ys.len());
    let anchors = if n > SHORT {
        let at = |i: usize| exact(first + i as f64);
        at(0).zip(at((n - 1) / 2)).zip(at(n - 1))
    } else {
        None
    };
    match anchors {
        Some(((start, middle), end)) => divide(first, exact, [start, middle, end], xs, ys),
        None => one_by_one(first, exact, xs, ys),
    }
}

fn one_by_one(first: f64, exact: &impl Fn(f64) -> Option<Place>, xs: &mut [f64], ys: &mut [f64]) {
    for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
        (*x, *y) = exact(first + i as f64).unwrap_or((f64::NAN, f64::NAN));
    }
}

/// A line from the first to the last place if it passes by the middle one, else two halves with a middle of their own.
fn divide(
    first: f64,
    exact: &impl Fn(f64) -> Option<Place>,
    [start, middle, end]: [Place; 3],
    xs: &mut [f64],
    ys: &mut [f64],
) {
    let n = xs.len().min(ys.len());
    let steps = (n - 1) as f64;
    let slope = ((end.0 - start.0) / steps, (end.1 - start.1) / steps);
    let half = (n - 1) / 2;
    let passed = (start.0 + slope.0 * half as f64, start.1 + slope.1 * half as f64);
    let off = (passed.0 - middle.0).abs() + (passed.1 - middle.1).abs();
    if off <= TOLERANCE {
        for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
            (*x, *y) = (start.0 + slope.0 * i as f64, start.1 + slope.1 * i as f64);
        }
        return;
    }
    let (left_xs, right_xs) = xs.split_at_mut(half);
    let (left_ys, right_ys) = ys.split_at_mut(half);
    let at = |i: usize| exact(first + i as f64);
    let rest = n - half;
    // The second half begins in the middle; the first one ends before it.
    let left = if half > SHORT { Some(at((half - 1) / 2).zip(at(half - 1))) } else { None };
    let right = if rest > SHORT { Some(at(half + (rest - 1) / 2)) } else { None };
    let failed = matches!(left, Some(None)) || matches!(right, Some(None));
    match left.flatten().filter(|_| !failed) {
        Some((own, last)) => divide(first, exact, [start, own, last], left_xs, left_ys),
        None => one_by_one(first, exact, left_xs, left_ys),
    }
    match right.flatten().filter(|_| !failed) {
        Some(own) => divide(first + half as f64, exact, [middle, own, end], right_xs, right_ys),
        None => one_by_one(first + half as f64, exact, right_xs, right_ys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_row_is_one_line_and_a_bent_one_stays_within_the_tolerance() {
        let calls = std::cell::Cell::new(0);
        let straight = |x: f64| {
            calls.set(calls.get() + 1);
            Some((2.0 * x, -x))
        };
        let (mut xs, mut ys) = ([0.0; 1000], [0.0; 1000]);
        along_row(0.5, &straight, &mut xs, &mut ys);
        assert_eq!((calls.get(), xs[999], ys[1]), (3, 1999.0, -1.5));

        let bent = |x: f64| Some((x + (x / 100.0).sin() * 5.0, 0.0));
        along_row(0.5, &bent, &mut xs, &mut ys);
        let off = |i: usize| (xs[i] - bent(i as f64 + 0.5).unwrap().0).abs();
        let worst = (0..1000).map(off).fold(0.0, f64::max);
        assert!(worst > 0.01 && worst < 0.2, "{worst}");
        let holes = |x: f64| (x < 500.0).then_some((x, x));
        along_row(0.5, &holes, &mut xs, &mut ys);
        assert!(xs[499] == 499.5 && xs[500].is_nan());
    }
}
