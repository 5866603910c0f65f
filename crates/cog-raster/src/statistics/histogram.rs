//! Bins.

/// As `numpy.histogram`: bins are half open but for the last, which has both edges.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Histogram {
    /// One for each bin.
    pub counts: Vec<u64>,
    /// One more than bins.
    pub edges: Vec<f64>,
}

impl Histogram {
    /// Empty bins of equal width; `None` if the range is empty the wrong way round or not finite.
    pub(crate) fn new(bins: usize, (first, last): (f64, f64)) -> Option<Histogram> {
        let (first, last) = if first == last { (first - 0.5, last + 0.5) } else { (first, last) };
        if bins == 0 || !(first.is_finite() && last.is_finite() && first < last) {
            return None;
        }
        let step = (last - first) / bins as f64;
        let mut edges: Vec<f64> = (0..=bins).map(|i| i as f64 * step + first).collect();
        if let Some(edge) = edges.last_mut() {
            *edge = last;
        }
        Some(Histogram { counts: vec![0; bins], edges })
    }

    pub(crate) fn add(&mut self, value: f64, count: u64) {
        let ([first, .., last], bins) = (self.edges.as_slice(), self.counts.len()) else { return };
        if !(value >= *first && value <= *last) {
            return;
        }
        let guess = ((value - first) / (last - first) * bins as f64) as usize;
        let mut bin = guess.min(bins - 1);
        // The product may be off by a bin; the edges decide.
        if self.edges.get(bin).is_some_and(|edge| value < *edge) {
            bin = bin.saturating_sub(1);
        } else if bin + 1 < bins && self.edges.get(bin + 1).is_some_and(|edge| value >= *edge) {
            bin += 1;
        }
        if let Some(n) = self.counts.get_mut(bin) {
            *n += count;
        }
    }

    pub(crate) fn merge(&mut self, other: &Histogram) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(mine, others)| *mine += others);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_numpys() {
        let mut histogram = Histogram::new(3, (0.0, 3.0)).unwrap();
        for value in [0.0, 0.99, 1.0, 2.0, 3.0, 3.1, -0.1, f64::NAN] {
            histogram.add(value, 1);
        }
        assert_eq!(histogram.counts, [2, 1, 2]);
        // numpy.histogram([5, 5], 2) has edges 4.5, 5, 5.5.
        let mut same = Histogram::new(2, (5.0, 5.0)).unwrap();
        same.add(5.0, 2);
        assert_eq!((same.edges, same.counts), (vec![4.5, 5.0, 5.5], vec![0, 2]));
        assert!(Histogram::new(3, (1.0, 0.0)).is_none() && Histogram::new(0, (0.0, 1.0)).is_none());
    }
}
