//! Weights of the columns of a convolution.

use std::ops::Range;

use super::axis::Taps;

/// Output columns of a period at most.
const LONGEST_PERIOD: usize = 8;

/// Weights of all output columns, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Weighted {
    firsts: Vec<u32>,
    ends: Vec<usize>,
    weights: Vec<f64>,
    phases: Option<Phases>,
}

/// Output columns that repeat each other: where a source column becomes two, four …, every second, fourth … has the same
/// weights, bit for bit, one source column further on.
#[derive(Debug)]
pub(crate) struct Phases {
    /// The output columns: whole periods.
    pub(crate) columns: Range<usize>,
    /// First source column and weights of each column of the first period.
    pub(crate) period: Vec<(usize, Vec<f64>)>,
}

impl Weighted {
    /// `columns` yields taps; `place` says where their first source column is.
    pub(crate) fn new(count: usize, mut taps_of: impl FnMut(usize, &mut Taps), place: impl Fn(u32) -> u32) -> Weighted {
        let mut all = Weighted::default();
        let mut taps = Taps::default();
        for i in 0..count {
            taps_of(i, &mut taps);
            all.push(place(taps.first), &taps.weights);
        }
        all.phases = all.find_phases();
        all
    }

    fn push(&mut self, first: u32, weights: &[f64]) {
        self.firsts.push(first);
        self.weights.extend_from_slice(weights);
        self.ends.push(self.weights.len());
    }

    /// First source column and weights of each output column.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &[f64])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let weights = starts.zip(&self.ends).map(|(start, end)| self.weights.get(start..*end).unwrap_or_default());
        self.firsts.iter().map(|first| *first as usize).zip(weights)
    }

    fn get(&self, column: usize) -> Option<(usize, &[f64])> {
        let start = column.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        let weights = self.weights.get(start..*self.ends.get(column)?)?;
        Some((*self.firsts.get(column)? as usize, weights))
    }

    /// The columns before, in and behind those that repeat each other.
    pub(crate) fn phases(&self) -> Option<&Phases> {
        self.phases.as_ref()
    }

    /// Some of the columns.
    pub(crate) fn some(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &[f64])> {
        range.map_while(|column| self.get(column))
    }

    fn find_phases(&self) -> Option<Phases> {
        // Beside the edges, where columns have fewer weights.
        let most = self.iter().map(|(_, weights)| weights.len()).max()?;
        let start = self.iter().position(|(_, weights)| weights.len() == most)?;
        let repeats = |column: usize, period: usize| match (self.get(column), self.get(column + period)) {
            (Some((first, weights)), Some((next, same))) => next == first + 1 && weights == same,
            _ => false,
        };
        let period = (2..=LONGEST_PERIOD).find(|period| (start..start + period).all(|i| repeats(i, *period)))?;
        let count = (start..self.firsts.len()).take_while(|i| repeats(*i, period)).count() + period;
        let columns = start..start + count / period * period;
        let period = self.some(start..start + period).map(|(first, weights)| (first, weights.to_vec())).collect();
        Some(Phases { columns, period })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Plan, Resampling};
    use crate::geometry::window::Window;
    use crate::resample::plan::Columns;

    fn phases(method: Resampling, width: f64, out: usize) -> Option<(std::ops::Range<usize>, usize)> {
        let window = Window::new(0, 0, width, 4);
        let plan = Plan::new(method, &window, (out, 9), (40, 40), 1 << 30).unwrap();
        match plan.columns() {
            Columns::Weighted(columns) => columns.phases().map(|phases| (phases.columns.clone(), phases.period.len())),
            _ => None,
        }
    }

    #[test]
    fn columns_repeat_each_other_where_a_source_column_becomes_two_or_four() {
        // Cubic at twice the size: the first three columns lack taps beyond the edge.
        assert_eq!(phases(Resampling::Cubic, 20.0, 40), Some((3..39, 2)));
        assert_eq!(phases(Resampling::Bilinear, 10.0, 40), Some((2..38, 4)));
        assert_eq!(phases(Resampling::Cubic, 20.0, 37), None);
        assert_eq!(phases(Resampling::Cubic, 20.0, 13), None);
    }
}
