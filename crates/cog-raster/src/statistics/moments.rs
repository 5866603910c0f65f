//! Mean and spread of values that come in pieces.

/// Count, mean and sum of the squared distances from it. Pieces are joined by Chan's formula, so nothing cancels.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moments {
    pub(crate) count: u64,
    mean: f64,
    squares: f64,
    sum: f64,
    /// What the sum lost to rounding (Neumaier).
    lost: f64,
}

impl Moments {
    /// Of a piece; up to some thousand values.
    pub(crate) fn of(values: &[f64]) -> Moments {
        let count = values.len() as u64;
        if count == 0 {
            return Moments::default();
        }
        let sum = add_up(values, |v| v);
        let mean = sum / count as f64;
        let squares = add_up(values, |v| (v - mean) * (v - mean));
        Moments { count, mean, squares, sum, lost: 0.0 }
    }

    /// Of values with counts, in any order.
    pub(crate) fn of_counts(counts: impl Iterator<Item = (f64, u64)> + Clone, sum: f64, count: u64) -> Moments {
        let mean = sum / count as f64;
        let squares = counts.map(|(v, n)| n as f64 * (v - mean) * (v - mean)).sum();
        Moments { count, mean, squares, sum, lost: 0.0 }
    }

    /// Of one value that occurs many times.
    pub(crate) fn of_same(value: f64, count: u64) -> Moments {
        Moments { count, mean: value, squares: 0.0, sum: value * count as f64, lost: 0.0 }
    }

    pub(crate) fn join(&mut self, other: &Moments) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (mine, theirs) = (self.count as f64, other.count as f64);
        let apart = other.mean - self.mean;
        self.count += other.count;
        let all = self.count as f64;
        self.mean += apart * (theirs / all);
        self.squares += other.squares + apart * apart * (mine / all * theirs);
        let sum = self.sum + other.sum;
        self.lost +=
            if self.sum.abs() >= other.sum.abs() { self.sum - sum + other.sum } else { other.sum - sum + self.sum };
        self.lost += other.lost;
        self.sum = sum;
    }

    pub(crate) fn sum(&self) -> f64 {
        // Infinite sums lose infinity minus infinity.
        if self.lost.is_finite() { self.sum + self.lost } else { self.sum }
    }

    pub(crate) fn mean(&self) -> f64 {
        self.sum() / self.count as f64
    }

    /// Of the population.
    pub(crate) fn std(&self) -> f64 {
        (self.squares / self.count as f64).sqrt()
    }
}

/// Eight sums side by side.
fn add_up(values: &[f64], f: impl Fn(f64) -> f64) -> f64 {
    let mut sums = [0.0; 8];
    let eights = values.chunks_exact(8);
    let rest: f64 = eights.remainder().iter().map(|v| f(*v)).sum();
    for eight in eights {
        sums.iter_mut().zip(eight).for_each(|(sum, v)| *sum += f(*v));
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + b) + (c + d)) + ((e + f) + (g + h)) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_offset_does_not_cancel() {
        let mut moments = Moments::default();
        // 1e9 + 0, 1, 2 …: std of 0..1000 is sqrt((1000² - 1) / 12).
        let values: Vec<f64> = (0..1000).map(|v| 1e9 + f64::from(v)).collect();
        values.chunks(7).for_each(|piece| moments.join(&Moments::of(piece)));
        assert!((moments.std() - (999_999.0f64 / 12.0).sqrt()).abs() < 1e-9);
        assert_eq!(moments.mean(), 1e9 + 499.5);
    }

    #[test]
    fn small_values_beside_large_ones_are_not_lost() {
        let mut moments = Moments::default();
        for v in [1.0, 1e100, 1.0, -1e100] {
            moments.join(&Moments::of(&[v]));
        }
        assert_eq!(moments.sum(), 2.0);
    }
}
