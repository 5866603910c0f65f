//! Average and rms where every output pixel covers whole source pixels: 2 × 2, 4 × 4, 3 × 5 …

use std::ops::Range;

use super::finish::{Finish, Sink};
use super::gather::Gather;
use super::plan::Columns;
use super::{Plan, Resampling, vector};
use crate::pixels::sample::Sample;

/// Source rows that can be added up in 32 bits.
pub(crate) const MAX_ROWS: f64 = 32_768.0;

/// Adds source rows first. Sums of integers are exact, so the order does not matter; floats may differ from another order in
/// the last bit of a double.
#[derive(Debug)]
pub(crate) struct WholeSums<T> {
    plan: Plan,
    gather: Gather<Sums>,
    finish: Finish<T>,
    kind: Kind,
    squares: bool,
    pairs: bool,
    /// Two columns and two rows may make one, in one step.
    fours: bool,
    means: Vec<Vec<f64>>,
    roots: Vec<f32>,
}

/// How sums are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Two columns make one: 32-bit sums of output columns.
    Pairs,
    /// 32-bit sums of source columns.
    Small,
    /// Doubles.
    Wide,
}

#[derive(Debug)]
enum Sums {
    Small(Vec<i32>),
    Wide(Vec<Vec<f64>>),
}

impl Sums {
    fn clear(&mut self) {
        match self {
            Sums::Small(sums) => sums.fill(0),
            Sums::Wide(lanes) => lanes.iter_mut().for_each(|sums| sums.fill(0.0)),
        }
    }

    /// Adds a source row.
    #[inline(always)]
    fn add<T: Sample>(&mut self, samples: &[T], kind: Kind, squares: bool) {
        match self {
            Sums::Small(sums) if kind == Kind::Pairs => vector::add_pairs(sums, samples, squares),
            Sums::Small(sums) => vector::add_small(sums, samples, squares),
            Sums::Wide(lanes) => {
                for (lane, sums) in lanes.iter_mut().enumerate() {
                    vector::add_wide(sums, samples, lane, squares);
                }
            }
        }
    }

    /// Adds the sums of one source row as often as it comes.
    fn add_times(&mut self, line: &Sums, times: usize, first: bool) {
        if first {
            self.clear();
        }
        match (self, line) {
            (Sums::Small(sums), Sums::Small(line)) => {
                // Not more rows than add up: see `MAX_ROWS`.
                sums.iter_mut().zip(line).for_each(|(sum, v)| *sum += *v * times as i32);
            }
            (Sums::Wide(lanes), Sums::Wide(lines)) => {
                for (sums, line) in lanes.iter_mut().zip(lines) {
                    sums.iter_mut().zip(line).for_each(|(sum, v)| *sum += *v * times as f64);
                }
            }
            _ => {}
        }
    }
}

impl<T: Sample> WholeSums<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>) -> WholeSums<T> {
        let squares = plan.method() == Resampling::Rms;
        let pairs = match plan.columns() {
            Columns::Spans(spans) => spans.iter().zip(0..).all(|(span, i)| span.len == 2 && span.first == 2 * i),
            _ => false,
        };
        let kind = match T::SMALL && (!squares || T::DENSE == 256) {
            true if pairs => Kind::Pairs,
            true => Kind::Small,
            false => Kind::Wide,
        };
        let fours = pairs && !squares && T::LANES == 1 && (T::SMALL || !T::DIRECT_MEAN);
        WholeSums {
            plan: plan.clone(),
            gather: Gather::new(plan),
            finish,
            kind,
            squares,
            pairs,
            fours,
            means: vec![vec![0.0; plan.out_size().0]; T::LANES],
            roots: vec![0.0; if squares { plan.out_size().0 } else { 0 }],
        }
    }

    /// Makes an output row of two source rows, of which the first is given by its number, if these make one: sums need no memory then.
    pub(crate) fn two_rows(&mut self, row: u32, [upper, lower]: [&[T]; 2], sink: Sink<'_, T>) -> bool {
        let made = if self.fours { self.gather.take(row..row + 2) } else { None };
        let Some(made) = made else { return false };
        match T::SMALL {
            true => vector::small_means_of_four(upper, lower, self.finish.samples_mut()),
            false => vector::means_of_four(upper, lower, self.finish.samples_mut()),
        }
        self.finish.emit(made, None, sink);
        true
    }

    pub(crate) fn row(&mut self, row: u32, samples: &[T], sink: Sink<'_, T>) {
        self.same_rows(row..row + 1, samples, sink);
    }

    /// Takes source rows that are all alike.
    pub(crate) fn same_rows(&mut self, rows: Range<u32>, samples: &[T], sink: Sink<'_, T>) {
        let (kind, squares, out) = (self.kind, self.squares, self.plan.out_size().0);
        let (pairs, means, finish, roots) = (self.pairs, &mut self.means, &mut self.finish, &mut self.roots);
        let Columns::Spans(spans) = self.plan.columns() else { return };
        let fresh = || match kind {
            Kind::Pairs => Sums::Small(vec![0; out]),
            Kind::Small => Sums::Small(vec![0; samples.len()]),
            Kind::Wide => Sums::Wide(vec![vec![0.0; samples.len()]; T::LANES]),
        };
        let mut line = None;
        self.gather.visit(rows, fresh, |step, sums| {
            if step.weights.len() == 1 {
                if step.first {
                    sums.clear();
                }
                sums.add(samples, kind, squares);
            } else {
                let line = line.get_or_insert_with(|| {
                    let mut line = fresh();
                    line.add(samples, kind, squares);
                    line
                });
                sums.add_times(line, step.weights.len(), step.first);
            }
            if !step.last {
                return;
            }
            let rows = step.all.len();
            let count = |len: usize| (len * rows) as f64;
            match (sums, means.as_mut_slice()) {
                (Sums::Small(sums), _) if kind == Kind::Pairs && !squares && rows.is_power_of_two() && rows <= 128 => {
                    let shift = rows.trailing_zeros() + 1;
                    vector::small_means(sums, shift, finish.samples_mut());
                    return finish.emit(step.row, None, &mut *sink);
                }
                (Sums::Small(sums), _)
                    if kind == Kind::Pairs && T::DIRECT_MEAN && rows.is_power_of_two() && rows <= 16 =>
                {
                    vector::small_roots(sums, rows.trailing_zeros() + 1, roots);
                    for (sample, root) in finish.samples_mut().iter_mut().zip(&*roots) {
                        *sample = T::from_lanes([f64::from(*root), 0.0]);
                    }
                    return finish.emit(step.row, None, &mut *sink);
                }
                (Sums::Small(sums), [means, ..]) if kind == Kind::Pairs => {
                    means.iter_mut().zip(sums).for_each(|(mean, sum)| *mean = f64::from(*sum) / count(2));
                }
                (Sums::Small(sums), [means, ..]) => {
                    for (mean, span) in means.iter_mut().zip(spans) {
                        let parts = sums.get(span.first..span.first + span.len).unwrap_or_default();
                        let sum: i64 = parts.iter().map(|part| i64::from(*part)).sum();
                        *mean = sum as f64 / count(span.len);
                    }
                }
                (Sums::Wide(lanes), means) => {
                    for (means, sums) in means.iter_mut().zip(lanes) {
                        if pairs {
                            vector::pair_means(sums, count(2), means);
                            continue;
                        }
                        for (mean, span) in means.iter_mut().zip(spans) {
                            let sum: f64 = sums.get(span.first..span.first + span.len).unwrap_or_default().iter().sum();
                            *mean = sum / count(span.len);
                        }
                    }
                }
                _ => {}
            }
            finish.means(step.row, means, None, &mut *sink);
        });
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, s};

    use super::*;
    use crate::geometry::window::Window;
    use crate::resample::{Resampler, Rules};

    /// The bytes of halves of an image whose rows are given so many at a time.
    fn halves<T: Sample>(image: &Array2<T>, at_once: usize) -> Vec<u8> {
        let (height, width) = image.dim();
        let window = Window::new(0, 0, width as u32, height as u32);
        let raster = (width as u32, height as u32);
        let plan = Plan::new(Resampling::Average, &window, (width / 2, height / 2), raster, 1 << 30).unwrap();
        let mut resampler = Resampler::new(&plan, Rules::default(), false).unwrap();
        let mut bytes = Vec::new();
        let mut sink = |_: usize, samples: &[T], _: Option<&[u8]>| samples.iter().for_each(|v| v.push_ne(&mut bytes));
        for first in (0..height).step_by(at_once) {
            let rows = image.slice(s![first..height.min(first + at_once), ..]);
            resampler.push_rows(first as u32, rows, None, &mut sink).unwrap();
        }
        bytes
    }

    fn check<T: Sample>(make: impl Fn(u32) -> T) {
        let mut seed = 7u32;
        let image = Array2::from_shape_simple_fn((43, 135), || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            make(seed >> 8)
        });
        // Without an odd row or column, with one of each, and with an odd row alone.
        for image in [image.slice(s![..42, ..134]).to_owned(), image.clone(), image.slice(s![.., 1..]).to_owned()] {
            let one_by_one = halves(&image, 1);
            assert_eq!(one_by_one.len(), image.dim().0 / 2 * (image.dim().1 / 2) * size_of::<T>());
            for at_once in [2, 3, 5, 42] {
                assert!(halves(&image, at_once) == one_by_one, "{} rows of {}", at_once, T::TYPE.name());
            }
        }
    }

    #[test]
    fn two_rows_at_once_make_the_bits_that_one_after_the_other_makes() {
        check(|v| v as u8);
        check(|v| v as i8);
        check(|v| v as u16);
        check(|v| v as i16);
        check(|v| v.wrapping_mul(257));
        check(|v| v.wrapping_mul(257) as i32);
        check(|v| u64::from(v) << 40);
        let floats = [-0.0, 0.0, f32::NAN, f32::INFINITY, f32::MIN, f32::MIN_POSITIVE, f32::from_bits(1), 1.0 / 3.0];
        check(|v| if v % 3 == 0 { floats[v as usize / 3 % 8] } else { (v as f32 - 8e6) * 0.37 });
        check(|_| -0.0f32);
        check(|v| if v % 3 == 0 { f64::from(floats[v as usize / 3 % 8]) } else { (f64::from(v) - 8e6) / 3e200 });
        check(|v| num_complex::Complex::new(v as f32, -0.0));
    }
}
