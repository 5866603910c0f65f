//! Values at a rank.

/// Values in order and how many there are up to each.
#[derive(Debug)]
pub(crate) struct Ranked {
    values: Vec<f64>,
    ends: Vec<u64>,
}

impl Ranked {
    /// From values in order and their counts.
    pub(crate) fn new(counts: impl Iterator<Item = (f64, u64)>) -> Ranked {
        let mut end = 0;
        let (values, ends) = counts
            .map(|(value, count)| {
                end += count;
                (value, end)
            })
            .unzip();
        Ranked { values, ends }
    }

    fn count(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The value at a rank from 0.
    fn at(&self, rank: u64) -> f64 {
        self.values.get(self.ends.partition_point(|end| *end <= rank)).copied().unwrap_or(f64::NAN)
    }

    /// As `numpy.median`.
    pub(crate) fn median(&self) -> f64 {
        match self.count() {
            0 => f64::NAN,
            n if n % 2 == 1 => self.at(n / 2),
            n => {
                let (a, b) = (self.at(n / 2 - 1), self.at(n / 2));
                a / 2.0 + b / 2.0
            }
        }
    }

    /// As `numpy.percentile`; NaN if `percent` is not in 0 to 100.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        let n = self.count();
        if n == 0 || !(0.0..=100.0).contains(&percent) {
            return f64::NAN;
        }
        let rank = percent / 100.0 * (n - 1) as f64;
        let lower = rank.floor();
        let (a, b) = (self.at(lower as u64), self.at((lower as u64 + 1).min(n - 1)));
        let t = rank - lower;
        if a == b {
            a
        } else if t < 0.5 {
            a + (b - a) * t
        } else {
            b - (b - a) * (1.0 - t)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_numpys() {
        let ranked = Ranked::new([(1.0, 2), (2.0, 1), (10.0, 1)].into_iter());
        // numpy.median([1, 1, 2, 10]) = 1.5; percentile 75 → 4.0, 2 → 1.0, 98 → 9.52.
        assert_eq!((ranked.median(), ranked.percentile(75.0), ranked.percentile(2.0)), (1.5, 4.0, 1.0));
        assert!((ranked.percentile(98.0) - 9.52).abs() < 1e-14);
        assert!(ranked.percentile(101.0).is_nan());
    }
}
