//! Average and rms of numbers of colours: the colours are mixed, and the number of the closest one is the result.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::finish::{Finish, Sink};
use super::gather::Gather;
use super::plan::{Columns, Span};
use super::{Plan, Resampling};
use crate::pixels::sample::Sample;

/// Red, green and blue of each number; `None` for the number of nodata, which does not count.
pub type Colors = Vec<Option<[u8; 3]>>;

/// Mixes as GDAL does: every pixel that an output pixel touches counts alike, and a mask counts for nothing.
#[derive(Debug)]
pub(crate) struct PaletteMeans<T> {
    plan: Plan,
    gather: Gather<Vec<Sum>>,
    finish: Finish<T>,
    colors: Arc<Colors>,
    line: Vec<Sum>,
    valid: Vec<u8>,
    /// Numbers of the colours that were looked for.
    closest: HashMap<[u64; 3], usize>,
}

/// Colours that are looked for are many more than a picture has; some are kept.
const KEPT: usize = 1 << 16;

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    channels: [u64; 3],
    count: u64,
}

impl<T: Sample> PaletteMeans<T> {
    pub(crate) fn new(plan: &Plan, finish: Finish<T>, colors: Arc<Colors>) -> PaletteMeans<T> {
        let width = plan.out_size().0;
        PaletteMeans {
            plan: plan.clone(),
            gather: Gather::new(plan),
            finish,
            colors,
            line: vec![Sum::default(); width],
            valid: vec![0; width],
            closest: HashMap::new(),
        }
    }

    pub(crate) fn row(&mut self, row: u32, samples: &[T], sink: Sink<'_, T>) {
        self.same_rows(row..row + 1, samples, sink);
    }

    /// Takes rows that are all alike.
    pub(crate) fn same_rows(&mut self, rows: Range<u32>, samples: &[T], sink: Sink<'_, T>) {
        let squares = self.plan.method() == Resampling::Rms;
        let spans: &[Span] = if let Columns::Spans(spans) = self.plan.columns() { spans } else { &[] };
        for (sum, span) in self.line.iter_mut().zip(spans) {
            *sum = Sum::default();
            for sample in samples.get(span.first..span.first + span.len).unwrap_or_default() {
                let Some(color) = self.colors.get(sample.lane(0) as usize).copied().flatten() else { continue };
                for (total, channel) in sum.channels.iter_mut().zip(color.map(u64::from)) {
                    *total += if squares { channel * channel } else { channel };
                }
                sum.count += 1;
            }
        }
        let (line, finish, valid) = (&self.line, &mut self.finish, &mut self.valid);
        let (colors, closest) = (&self.colors, &mut self.closest);
        let fresh = || vec![Sum::default(); line.len()];
        self.gather.visit(rows, fresh, |step, sums| {
            let count = step.weights.len() as u64;
            if step.first {
                sums.fill(Sum::default());
            }
            for (sum, more) in sums.iter_mut().zip(line) {
                sum.channels.iter_mut().zip(more.channels).for_each(|(total, channel)| *total += channel * count);
                sum.count += more.count * count;
            }
            if !step.last {
                return;
            }
            for ((sample, valid), sum) in finish.samples_mut().iter_mut().zip(valid.iter_mut()).zip(sums.iter()) {
                *valid = if sum.count > 0 { 255 } else { 0 };
                *sample = match sum.mean(squares) {
                    Some(mean) => T::from_mean(number(colors, closest, mean) as f64),
                    None => T::default(),
                };
            }
            finish.emit(step.row, Some(valid), &mut *sink);
        });
    }
}

impl Sum {
    /// The mixed colour, with GDAL's roundings.
    fn mean(&self, squares: bool) -> Option<[u64; 3]> {
        let count = self.count;
        (count > 0).then(|| {
            self.channels.map(|total| match squares {
                true => (((total / count) as f64).sqrt() + 0.5) as u64,
                false => (total + count / 2) / count,
            })
        })
    }
}

/// The number of the closest colour: of several the first.
fn number(colors: &Colors, closest: &mut HashMap<[u64; 3], usize>, mean: [u64; 3]) -> usize {
    if let Some(known) = closest.get(&mean) {
        return *known;
    }
    let distance = |color: &[u8; 3]| -> u64 {
        color.iter().zip(mean).map(|(channel, mean)| u64::from(*channel).abs_diff(mean).pow(2)).sum()
    };
    let all = colors.iter().enumerate().filter_map(|(number, color)| Some((distance(color.as_ref()?), number)));
    let found = all.min().map_or(0, |(_, number)| number);
    if closest.len() < KEPT {
        closest.insert(mean, found);
    }
    found
}
