//! Which of many intervals touch another one.

/// Intervals sorted by their lower ends, with the highest upper end of each half, of each quarter, and so on.
#[derive(Clone, Debug, Default)]
pub(super) struct Intervals {
    /// Lower and upper end, and which interval it is.
    sorted: Vec<(f64, f64, u32)>,
    /// Highest upper end of the range whose middle this is.
    highest: Vec<f64>,
}

impl Intervals {
    /// Counts intervals in their order.
    pub(super) fn new(intervals: impl Iterator<Item = (f64, f64)>) -> Intervals {
        let mut sorted: Vec<_> = (0..).zip(intervals).map(|(i, (low, high))| (low, high, i)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut highest = vec![f64::NEG_INFINITY; sorted.len()];
        summarize(&sorted, &mut highest);
        Intervals { sorted, highest }
    }

    /// Appends which intervals touch one from `low` to `high`, ends included.
    pub(super) fn touching(&self, low: f64, high: f64, found: &mut Vec<u32>) {
        search(&self.sorted, &self.highest, low, high, found);
    }
}

fn summarize(sorted: &[(f64, f64, u32)], highest: &mut [f64]) -> f64 {
    let middle = sorted.len() / 2;
    let Some(own) = sorted.get(middle).map(|i| i.1) else { return f64::NEG_INFINITY };
    let (left, right) = sorted.split_at(middle);
    let (left_highest, rest) = highest.split_at_mut(middle);
    let Some((place, right_highest)) = rest.split_first_mut() else { return own };
    let best = own.max(summarize(left, left_highest)).max(summarize(right.get(1..).unwrap_or_default(), right_highest));
    *place = best;
    best
}

fn search(sorted: &[(f64, f64, u32)], highest: &[f64], low: f64, high: f64, found: &mut Vec<u32>) {
    let middle = sorted.len() / 2;
    let (Some((own_low, own_high, which)), Some(best)) = (sorted.get(middle), highest.get(middle)) else { return };
    if *best < low {
        return;
    }
    let half = |range: std::ops::Range<usize>, found: &mut Vec<u32>| {
        let (sorted, highest) = (sorted.get(range.clone()).unwrap_or_default(), highest.get(range).unwrap_or_default());
        search(sorted, highest, low, high, found);
    };
    half(0..middle, found);
    if *own_low <= high {
        if *own_high >= low {
            found.push(*which);
        }
        half(middle + 1..sorted.len(), found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_finds_what_a_look_at_each_finds() {
        let all: Vec<(f64, f64)> = (0..500_u32)
            .map(|i| {
                let low = f64::from(i * 7919 % 1000);
                (low, low + f64::from(i * 104_729 % 50) + if i % 41 == 0 { 600.0 } else { 0.0 })
            })
            .collect();
        let intervals = Intervals::new(all.iter().copied());
        for (low, high) in [(0.0, 0.0), (500.0, 501.0), (-5.0, -1.0), (990.0, 3000.0), (20.5, 20.5), (-1e9, 1e9)] {
            let mut found = Vec::new();
            intervals.touching(low, high, &mut found);
            found.sort_unstable();
            let expected: Vec<u32> =
                (0..500_u32).filter(|i| all[*i as usize].0 <= high && all[*i as usize].1 >= low).collect();
            assert_eq!(found, expected, "{low} {high}");
        }
    }
}
