//! Takes blocks, gives statistics.

use ndarray::ArrayView2;

use super::counts::{Counts, DENSE_PLACE, SPARSE_PLACE};
use super::histogram::Histogram;
use super::moments::Moments;
use super::quantile::Ranked;
use super::{BandStatistics, StatisticsOptions};
use crate::pixels::sample::Sample;

/// Values between two joins of the moments.
const PIECE: usize = 4096;

/// Statistics of one band in the making. Complex samples have no order: they count as NaN does, not at all.
#[derive(Clone, Debug)]
pub struct Accumulator<T> {
    options: StatisticsOptions,
    counts: Counts,
    pixels: u64,
    /// Of types without a dense table.
    moments: Moments,
    exact: i128,
    extremes: Option<(T, T)>,
    histogram: Option<Histogram>,
}

impl<T: Sample> Accumulator<T> {
    /// `bytes`: what its counts may take. Too little for all values of a 16-bit type, and they are counted as those of wider types.
    pub fn new(options: &StatisticsOptions, bytes: usize) -> Accumulator<T> {
        let counts = Counts::new(T::DENSE, options.max_distinct, bytes);
        let range = options.range.filter(|_| !counts.is_dense());
        Accumulator {
            counts,
            pixels: 0,
            moments: Moments::default(),
            exact: 0,
            extremes: None,
            histogram: range.and_then(|range| Histogram::new(options.bins, range)),
            options: options.clone(),
        }
    }

    /// Bytes that the counts of one accumulator would take to be exact.
    pub fn wanted_bytes(options: &StatisticsOptions) -> usize {
        match T::DENSE {
            0 => options.max_distinct.max(1).saturating_mul(SPARSE_PLACE),
            keys => keys.saturating_mul(DENSE_PLACE),
        }
    }

    /// True once memory was short: the statistics are worth nothing.
    pub fn is_short(&self) -> bool {
        self.counts.is_short()
    }

    /// Counts the pixels of a block; those with weight 0 and NaN are not valid.
    pub fn push(&mut self, values: ArrayView2<'_, T>, weights: Option<ArrayView2<'_, u8>>) {
        self.pixels += values.len() as u64;
        match weights {
            None => self.add_all(values.iter().copied(), values.len()),
            Some(weights) => match (values.as_slice(), weights.as_slice()) {
                // Two slices are walked faster than two arrays.
                (Some(values), Some(weights)) => self.add_valid(values.iter().zip(weights), values.len()),
                _ => self.add_valid(values.iter().zip(&weights), values.len()),
            },
        }
    }

    /// Counts `count` pixels of one value, or so many that are not valid.
    pub fn push_same(&mut self, value: T, valid: bool, count: u64) {
        self.pixels += count;
        let Some(key) = value.ordered().filter(|_| valid && count > 0) else { return };
        self.counts.add_many(key, count);
        if self.counts.is_dense() {
            return;
        }
        self.see(value, count);
        self.moments.join(&Moments::of_same(value.lane(0), count));
    }

    #[inline(always)]
    fn add_valid<'a>(&mut self, values: impl Iterator<Item = (&'a T, &'a u8)>, most: usize) {
        self.add_all(values.filter(|(_, weight)| **weight != 0).map(|(value, _)| *value), most);
    }

    #[inline(always)]
    fn add_all(&mut self, values: impl Iterator<Item = T>, most: usize) {
        if T::DENSE > 0 && self.counts.is_dense() {
            return self.counts.add_all(values.filter_map(Sample::ordered));
        }
        let mut piece: Vec<f64> = Vec::with_capacity(most.min(PIECE));
        values.for_each(|value| {
            let Some(key) = value.ordered() else { return };
            self.counts.add(key);
            self.see(value, 1);
            piece.push(value.lane(0));
            if piece.len() == PIECE {
                self.moments.join(&Moments::of(&piece));
                piece.clear();
            }
        });
        self.moments.join(&Moments::of(&piece));
    }

    /// Takes note of a value of a type without a place for each.
    #[inline(always)]
    fn see(&mut self, value: T, count: u64) {
        let real = value.lane(0);
        self.extremes = match self.extremes {
            None => Some((value, value)),
            Some((min, max)) => {
                Some((if real < min.lane(0) { value } else { min }, if real > max.lane(0) { value } else { max }))
            }
        };
        if T::MANTISSA.is_none() {
            self.exact += value.exact() * i128::from(count);
        }
        if let Some(histogram) = &mut self.histogram {
            histogram.add(real, count);
        }
    }

    /// Adds what another accumulator of the same options has counted.
    pub fn merge(&mut self, other: &Accumulator<T>) {
        self.counts.merge(&other.counts);
        self.pixels += other.pixels;
        self.moments.join(&other.moments);
        self.exact += other.exact;
        self.extremes = match (self.extremes, other.extremes) {
            (Some((a, b)), Some((c, d))) => {
                Some((if c.lane(0) < a.lane(0) { c } else { a }, if d.lane(0) > b.lane(0) { d } else { b }))
            }
            (mine, others) => mine.or(others),
        };
        if let (Some(mine), Some(others)) = (&mut self.histogram, &other.histogram) {
            mine.merge(others);
        }
    }

    /// The statistics of everything counted.
    pub fn finish(&self) -> BandStatistics {
        let shift = self.counts.shift();
        let counts = self.counts.sorted();
        let value = |key: u64| Self::value(key, shift);
        let values = counts.iter().map(|(key, n)| (value(*key), *n));
        let (moments, min, max) = self.moments_and_extremes(&counts);
        let inside = |v: f64| v.max(min).min(max);
        let ranked = Ranked::new(values.clone().map(|(v, n)| (inside(v), n)));
        let single = |found: Option<(u64, u64)>| found.filter(|_| shift == 0).map(|(key, _)| value(key));
        // Of equal counts the first, so the smallest value: `max_by_key` would take the last.
        let most = counts.iter().rev().max_by_key(|(_, n)| *n).copied();
        let least = counts.iter().min_by_key(|(_, n)| *n).copied();
        let histogram = self.histogram.clone().or_else(|| {
            let mut histogram = Histogram::new(self.options.bins, self.options.range.unwrap_or((min, max)))?;
            values.clone().for_each(|(v, n)| histogram.add(inside(v), n));
            Some(histogram)
        });
        let none = moments.count == 0;
        BandStatistics {
            min,
            max,
            mean: if none { f64::NAN } else { moments.mean() },
            std: if none { f64::NAN } else { moments.std() },
            sum: if T::MANTISSA.is_none() && !self.counts.is_dense() { self.exact as f64 } else { moments.sum() },
            count: moments.count,
            valid_percent: if self.pixels == 0 { 0.0 } else { moments.count as f64 / self.pixels as f64 * 100.0 },
            median: ranked.median(),
            majority: single(most),
            minority: single(least),
            unique: (shift == 0).then_some(counts.len() as u64),
            percentiles: self.options.percentiles.iter().map(|p| (*p, ranked.percentile(*p))).collect(),
            histogram,
            resolution: match (shift, T::MANTISSA) {
                (0, _) => 0.0,
                (_, Some(bits)) => f64::from(shift as f32 - bits as f32).exp2(),
                (_, None) => f64::from(shift).exp2(),
            },
        }
    }

    fn moments_and_extremes(&self, counts: &[(u64, u64)]) -> (Moments, f64, f64) {
        if !self.counts.is_dense() {
            let (min, max) = self.extremes.map_or((f64::NAN, f64::NAN), |(min, max)| (min.lane(0), max.lane(0)));
            return (self.moments, min, max);
        }
        let values = counts.iter().map(|(key, n)| (T::from_ordered(*key), *n));
        let sum: i128 = values.clone().map(|(v, n)| v as i128 * i128::from(n)).sum();
        let count = counts.iter().map(|(_, n)| n).sum();
        let edge = |found: Option<&(u64, u64)>| found.map_or(f64::NAN, |(key, _)| T::from_ordered(*key));
        (Moments::of_counts(values, sum as f64, count), edge(counts.first()), edge(counts.last()))
    }

    /// The value that a key of `2^shift` neighbours stands for: the middle of them.
    fn value(key: u64, shift: u32) -> f64 {
        if shift == 0 {
            return T::from_ordered(key);
        }
        let low = T::from_ordered(key << shift);
        let high = T::from_ordered((key << shift) | ((1 << shift) - 1));
        match (low.is_finite(), high.is_finite()) {
            (true, true) => low / 2.0 + high / 2.0,
            (true, false) => low,
            _ => high,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, arr2};

    use super::*;

    fn of<T: Sample>(values: &Array2<T>, weights: Option<&Array2<u8>>, options: &StatisticsOptions) -> BandStatistics {
        let mut all = Accumulator::new(options, usize::MAX);
        all.push(values.view(), weights.map(|w| w.view()));
        // The same in two parts, merged.
        let (mut a, mut b) = (Accumulator::new(options, usize::MAX), Accumulator::new(options, usize::MAX));
        let half = values.dim().0 / 2;
        let part = |w: &Array2<u8>, rows: std::ops::Range<usize>| w.slice(ndarray::s![rows, ..]).to_owned();
        let height = values.dim().0;
        let (top, bottom) = (weights.map(|w| part(w, 0..half)), weights.map(|w| part(w, half..height)));
        b.push(values.slice(ndarray::s![..half, ..]), top.as_ref().map(|w| w.view()));
        a.push(values.slice(ndarray::s![half.., ..]), bottom.as_ref().map(|w| w.view()));
        a.merge(&b);
        let (all, merged) = (all.finish(), a.finish());
        assert_eq!(
            (all.count, all.median.to_bits(), all.unique),
            (merged.count, merged.median.to_bits(), merged.unique)
        );
        assert_eq!((all.histogram.clone(), all.min.to_bits()), (merged.histogram.clone(), merged.min.to_bits()));
        all
    }

    /// Expected values are NumPy's.
    #[test]
    fn small_integers_are_counted_exactly() {
        let values = arr2(&[[1u8, 2, 2, 9], [200, 255, 255, 9]]);
        let weights = arr2(&[[255, 255, 255, 0], [255, 255, 255, 0]]);
        let s = of(&values, Some(&weights), &StatisticsOptions::default());
        assert_eq!((s.min, s.max, s.count, s.sum, s.mean), (1.0, 255.0, 6, 715.0, 715.0 / 6.0));
        // numpy.std([1, 2, 2, 200, 255, 255])
        assert!((s.std - 118.922_126_714_174_68).abs() < 1e-12, "{}", s.std);
        assert_eq!((s.median, s.majority, s.minority, s.unique), (101.0, Some(2.0), Some(1.0), Some(4)));
        assert_eq!((s.valid_percent, s.resolution), (75.0, 0.0));
        // numpy.percentile(…, [2, 98])
        assert!(s.percentiles.iter().zip([1.1, 255.0]).all(|((_, a), b)| (a - b).abs() < 1e-12));
        assert_eq!(s.histogram.unwrap().counts, [3, 0, 0, 0, 0, 0, 0, 1, 0, 2]);
    }

    #[test]
    fn nan_does_not_count_and_infinity_does() {
        let s = of(&arr2(&[[f32::NAN, 1.0], [f32::INFINITY, 3.0]]), None, &StatisticsOptions::default());
        assert_eq!((s.count, s.min, s.max, s.median, s.sum), (3, 1.0, f64::INFINITY, 3.0, f64::INFINITY));
        assert_eq!((s.valid_percent, s.histogram), (75.0, None));
    }

    #[test]
    fn no_valid_pixel_is_no_error() {
        let s = of(&arr2(&[[f64::NAN], [f64::NAN]]), None, &StatisticsOptions::default());
        assert!(s.min.is_nan() && s.mean.is_nan() && s.std.is_nan() && s.median.is_nan());
        assert_eq!((s.count, s.sum, s.valid_percent, s.majority, s.unique), (0, 0.0, 0.0, None, Some(0)));
        let s = of(&Array2::<u16>::zeros((0, 4)), None, &StatisticsOptions::default());
        assert!(s.min.is_nan() && s.mean.is_nan() && s.count == 0);
    }

    #[test]
    fn wide_integers_are_summed_beyond_doubles() {
        let big = (1i64 << 53) + 1;
        let s = of(&arr2(&[[big, big], [-big, 5]]), None, &StatisticsOptions::default());
        assert_eq!((s.sum, s.unique, s.majority), ((big + 5) as f64, Some(3), Some(big as f64)));
    }

    #[test]
    fn beyond_the_bound_percentiles_are_right_to_the_resolution() {
        let options = StatisticsOptions {
            max_distinct: 1000,
            percentiles: vec![0.0, 1.0, 25.0, 99.9, 100.0],
            ..Default::default()
        };
        let mut bits = 1u64;
        let values = Array2::from_shape_simple_fn((400, 500), || {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((bits >> 40) as f32 - 8e6) * 1e-3
        });
        let s = of(&values, None, &options);
        assert!(s.resolution > 0.0 && s.resolution < 0.1 && s.unique.is_none() && s.majority.is_none());
        let mut sorted: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
        sorted.sort_by(f64::total_cmp);
        let exact = Ranked::new(sorted.iter().map(|v| (*v, 1)));
        for (percent, value) in s.percentiles {
            let exact = exact.percentile(percent);
            assert!((value - exact).abs() <= exact.abs() * s.resolution, "{percent}: {value}, not {exact}");
        }
        assert_eq!((s.min, s.max), (sorted[0], sorted[sorted.len() - 1]));
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        assert!((s.mean - mean).abs() < 1e-9);
    }

    #[test]
    fn a_given_range_is_counted_exactly() {
        let options = StatisticsOptions { max_distinct: 40, bins: 4, range: Some((0.0, 100.0)), ..Default::default() };
        let values = Array2::from_shape_fn((40, 40), |(y, x)| (y * 40 + x) as u32);
        let s = of(&values, None, &options);
        assert!(s.resolution > 0.0);
        assert_eq!(s.histogram.unwrap().counts, [25, 25, 25, 26]);
    }

    #[test]
    fn many_pixels_of_one_value_count_as_each_of_them() {
        fn same<T: Sample>(value: T, bytes: usize) {
            let options = StatisticsOptions { bins: 3, ..Default::default() };
            let mut counted = Accumulator::new(&options, bytes);
            counted.push_same(value, true, 1000);
            counted.push_same(value, false, 500);
            let (pixels, weights) =
                (Array2::from_elem((30, 50), value), Array2::from_shape_fn((30, 50), |(y, _)| u8::from(y < 20)));
            let mut each = Accumulator::new(&options, bytes);
            each.push(pixels.view(), Some(weights.view()));
            assert_eq!(counted.finish(), each.finish());
            assert_eq!(counted.finish().count, 1000);
        }
        same(7u8, usize::MAX);
        same(-7i16, usize::MAX);
        same(-7i16, 4096);
        same(u64::MAX, usize::MAX);
        same(-1.5f64, usize::MAX);
    }

    /// Expected values are NumPy's of the numbers 0 to 59999.
    #[test]
    fn many_bands_of_16_bits_are_counted_in_the_memory_there_is() {
        let values = Array2::from_shape_fn((200, 300), |(y, x)| (y * 300 + x) as u16);
        let mut few = Accumulator::new(&StatisticsOptions::default(), SPARSE_PLACE * 500);
        few.push(values.view(), None);
        let s = few.finish();
        assert_eq!((s.min, s.max, s.mean, s.sum, s.count), (0.0, 59_999.0, 29_999.5, 1_799_970_000.0, 60_000));
        assert!((s.std - 17_320.508_073_282_497).abs() < 1e-6, "{}", s.std);
        assert!(s.resolution > 0.0 && s.unique.is_none() && (s.median - 29_999.5).abs() <= s.resolution);
    }
}
