//! Rows that are all alike, given as one: the output must be that of each of them given by itself.

use ndarray::{Array2, s};

use super::{Plan, Resampler, Resampling, Rules};
use crate::geometry::window::Window;
use crate::pixels::sample::Sample;

type Row<T> = (usize, Vec<T>, Option<Vec<u8>>);

/// 97 rows of which some runs are the value: given as they are, and those runs as one row each.
fn both<T: Sample>(
    plan: &Plan,
    rules: Rules<T>,
    image: &Array2<T>,
    mask: Option<&Array2<u8>>,
    same: &[std::ops::Range<usize>],
) -> [Vec<Row<T>>; 2] {
    let area = plan.source_area();
    let columns = area.x as usize..(area.x + area.width) as usize;
    let mut out = [Vec::new(), Vec::new()];
    for (as_one, out) in [false, true].into_iter().zip(&mut out) {
        let mut sink = |row: usize, samples: &[T], valid: Option<&[u8]>| {
            out.push((row, samples.to_vec(), valid.map(<[u8]>::to_vec)));
        };
        let mut resampler = Resampler::new(plan, rules, mask.is_some()).unwrap();
        let mut at = 0;
        while at < image.dim().0 {
            let run = same.iter().find(|run| run.contains(&at));
            let end = run.map_or_else(
                || same.iter().map(|run| run.start).filter(|start| *start > at).min().unwrap_or(image.dim().0),
                |run| run.end,
            );
            let part = |rows| image.slice(s![rows, columns.clone()]);
            let weights = |rows: std::ops::Range<usize>| mask.map(|mask| mask.slice(s![rows, columns.clone()]));
            if as_one && run.is_some() {
                let rows = at as u32..end as u32;
                resampler.push_same(rows, part(at..at + 1), weights(at..at + 1), &mut sink).unwrap();
            } else {
                resampler.push_rows(at as u32, part(at..end), weights(at..end), &mut sink).unwrap();
            }
            at = end;
        }
    }
    out
}

fn check<T: Sample>(make: impl Fn(u32) -> T, value: T, near: impl Fn(T, T) -> bool) {
    let (height, width) = (97, 61);
    let runs: [&[std::ops::Range<usize>]; 5] =
        [&[0..50, 50..97], &[0..40, 60..97], &[7..8, 30..63], &[1..2, 2..96], &[10..20, 20..50]];
    let mut seed = 7u32;
    let noise = Array2::from_shape_simple_fn((height, width), || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 24
    });
    for same in runs {
        let is_same = |y: usize| same.iter().any(|run| run.contains(&y));
        let image =
            Array2::from_shape_fn((height, width), |(y, x)| if is_same(y) { value } else { make(noise[(y, x)]) });
        let holes = noise.mapv(|v| if v % 5 == 0 { 0 } else { 255 });
        let masks = [0, 255]
            .map(|all| Array2::from_shape_fn((height, width), |(y, x)| if is_same(y) { all } else { holes[(y, x)] }));
        for method in Resampling::ALL.into_iter().filter(|method| T::LANES == 1 || *method != Resampling::Gauss) {
            for output in [(61, 97), (30, 48), (61, 50), (7, 1), (20, 3), (5, 11), (80, 200), (3, 2)] {
                let window = Window::new(0, 0, width, height);
                let plan = Plan::new(method, &window, output, (width as u32, height as u32), 1 << 30).unwrap();
                for nodata in [None, Some(value)] {
                    let rules = Rules { nodata, ..Rules::default() };
                    for mask in [None, Some(&masks[0]), Some(&masks[1])] {
                        let [each, one] = both(&plan, rules, &image, mask, same);
                        let case = format!("{method} {output:?} {same:?} nodata {nodata:?} mask {}", mask.is_some());
                        assert_eq!(each.len(), output.1, "{case}");
                        for (each, one) in each.iter().zip(&one) {
                            assert_eq!((each.0, &each.2), (one.0, &one.2), "{case}");
                            let alike = each.1.iter().zip(&one.1).all(|(a, b)| near(*a, *b));
                            assert!(alike && each.1.len() == one.1.len(), "{case}: {each:?}, but {one:?}");
                        }
                        assert_eq!(each.len(), one.len(), "{case}");
                    }
                }
            }
        }
    }
}

#[test]
fn unwritten_rows_of_zeros_make_what_each_of_them_would() {
    check(|v| v as u8, 0u8, |a, b| a == b);
    check(|v| v as i16 - 100, 0i16, |a, b| a == b);
    check(|v| v as f32 * 0.37, 0f32, |a, b| (a - b).abs() <= 1e-5 * a.abs().max(1.0));
    check(
        |v| num_complex::Complex::new(f64::from(v), 1.0),
        num_complex::Complex::default(),
        |a, b| (a - b).norm() < 1e-9,
    );
}

#[test]
fn unwritten_rows_of_nodata_make_what_each_of_them_would() {
    check(|v| v as u8, 255u8, |a, b| a == b);
    check(|v| v as i16 - 100, -9999i16, |a, b| a == b);
    check(|v| f64::from(v) * 0.37, -9999.5f64, |a, b| (a - b).abs() <= 1e-9 * a.abs().max(1.0));
}
