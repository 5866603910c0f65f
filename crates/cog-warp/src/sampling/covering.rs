//! Methods that take all that an output pixel covers.

use super::coverage::Coverage;
use super::mean::{MeanRow, means};
use super::number::{Number, Sum};
use super::places::{BandRow, Extent, ROW, band_row};
use super::quads::{Corner, Quad, Quads};
use super::view::{Plane, View};
use crate::method::Covering;

/// Shares below this are rounding: two pixels that only touch.
const LEAST_SHARE: f64 = 1e-9;

/// Rows of a method that takes what pixels cover, with the memory they use.
#[derive(Clone, Debug)]
pub(crate) struct CoveringRow<T: Number> {
    method: Covering,
    coverage: Coverage,
    /// The samples that one pixel covers, and their shares.
    covered: Vec<(T, f64)>,
    /// Means of pixels that cover a few source pixels.
    mean: Option<Box<MeanRow<T>>>,
}

/// Numbers with an order, for what asks for one.
pub(crate) trait Ordered: Number {
    /// NaN comes last, so that it is never the smallest.
    fn order(&self, other: &Self) -> std::cmp::Ordering;
}

macro_rules! ordered {
    (integers: $($int:ty),*; floats: $($float:ty),*) => {
        $(impl Ordered for $int {
            fn order(&self, other: &Self) -> std::cmp::Ordering { self.cmp(other) }
        })*
        $(impl Ordered for $float {
            fn order(&self, other: &Self) -> std::cmp::Ordering { self.total_cmp(other) }
        })*
        // Complex numbers have none of their own: by real part, then by imaginary part.
        $(impl Ordered for cog_raster::num_complex::Complex<$float> {
            fn order(&self, other: &Self) -> std::cmp::Ordering {
                self.re.total_cmp(&other.re).then(self.im.total_cmp(&other.im))
            }
        })*
    };
}
ordered!(integers: u8, u16, u32, u64, i8, i16, i32, i64; floats: f32, f64);

impl<T: Ordered> CoveringRow<T> {
    pub(crate) fn new(method: Covering) -> CoveringRow<T> {
        let mean = (method == Covering::Average).then(|| Box::new(MeanRow::new()));
        CoveringRow { method, coverage: Coverage::default(), covered: Vec::new(), mean }
    }

    /// Fills rows of all bands. `quads` are the row's pixels, in pixels of the view. `samples` has room for `bands` rows, `valid` for one
    /// or as many.
    pub(crate) fn fill(
        &mut self,
        view: &View<'_, T>,
        quads: &Quads,
        extent: &Extent,
        samples: &mut [T],
        valid: &mut [u8],
    ) {
        let len = quads.len.min(ROW);
        if let Some(mean) = &mut self.mean {
            means(mean, view, quads, extent, samples, valid);
        }
        for i in 0..len {
            if self.mean.as_ref().is_some_and(|mean| mean.knows(i)) {
                continue;
            }
            let Some(quad) = quads.get(i) else { continue };
            let is_somewhere = touches(&quad, view) && self.coverage.measure(&quad, view.width, view.height);
            for band in 0..view.bands {
                let Some((plane, out)) = band_row(view, band, len, samples, valid) else { continue };
                let alpha = view.alpha.filter(|alpha| self.adds_up() && alpha.has(band));
                let value = match alpha {
                    _ if !is_somewhere => None,
                    Some(alpha) => self.mean(&plane).map(|mean| alpha.written_mean(mean)),
                    None => self.value(&plane),
                };
                set(out, i, value);
            }
        }
    }

    /// Whether it adds up what is covered, and does not find one value for it.
    pub(crate) fn adds_up(&self) -> bool {
        self.method == Covering::Sum
    }

    /// The mean of what is covered.
    fn mean(&self, plane: &Plane<'_, T>) -> Option<f64> {
        let (mut sum, mut shares) = (0.0, 0.0);
        self.each(plane, |v, share| {
            sum += v.real() * share;
            shares += share;
        });
        (shares > 0.0).then(|| sum / shares)
    }

    fn value(&mut self, plane: &Plane<'_, T>) -> Option<T> {
        match self.method {
            Covering::Average => {
                let (sum, weights) = self.weighed(plane, |v| v);
                (weights > 0.0).then(|| T::from_wide(sum.times(1.0 / weights)))
            }
            Covering::Sum => {
                let (sum, weights) = self.weighed(plane, |v| v);
                (weights > 0.0).then(|| T::from_wide(sum))
            }
            Covering::Rms => {
                let (sum, weights) = self.weighed(plane, |v| v.square());
                (weights > 0.0).then(|| T::from_wide(sum.times(1.0 / weights).root()))
            }
            Covering::Mode => {
                self.collect(plane);
                most(&mut self.covered)
            }
            Covering::Min => {
                self.collect(plane);
                self.covered.iter().map(|(v, _)| *v).min_by(T::order)
            }
            Covering::Max => {
                self.collect(plane);
                self.covered.iter().map(|(v, _)| *v).max_by(T::order)
            }
            Covering::Quantile(share) => {
                self.collect(plane);
                let rank = (share * self.covered.len() as f64 - 1.0).ceil().max(0.0) as usize;
                if rank >= self.covered.len() {
                    return None;
                }
                Some(self.covered.select_nth_unstable_by(rank, |a, b| a.0.order(&b.0)).1.0)
            }
        }
    }

    /// The sum of what `of` makes of the valid samples, weighed by their shares, and the sum of the shares.
    #[inline]
    fn weighed(&self, plane: &Plane<'_, T>, of: impl Fn(T::Wide) -> T::Wide) -> (T::Wide, f64) {
        let (mut sum, mut weights) = (T::Wide::default(), 0.0);
        self.each(plane, |v, share| {
            sum = sum.add(of(v.to_wide()).times(share));
            weights += share;
        });
        (sum, weights)
    }

    fn collect(&mut self, plane: &Plane<'_, T>) {
        let mut covered = std::mem::take(&mut self.covered);
        covered.clear();
        self.each(plane, |v, share| covered.push((v, share)));
        self.covered = covered;
    }

    #[inline]
    fn each(&self, plane: &Plane<'_, T>, mut each: impl FnMut(T, f64)) {
        let Coverage { column, row, width, height, .. } = self.coverage;
        for line in 0..height {
            let at = (row + line) * plane.width + column;
            let Some(samples) = plane.samples.get(at..at + width) else { continue };
            let shares = self.coverage.row(line).iter();
            match plane.valid.and_then(|v| v.get(at..at + width)) {
                None => samples.iter().zip(shares).filter(|(_, s)| **s > LEAST_SHARE).for_each(|(v, s)| each(*v, *s)),
                Some(valid) => samples
                    .iter()
                    .zip(shares)
                    .zip(valid)
                    .filter(|((_, s), m)| **s > LEAST_SHARE && **m != 0)
                    .for_each(|((v, s), _)| each(*v, *s)),
            }
        }
    }
}

/// False of what lies beside the view.
fn touches<T>(quad: &Quad, view: &View<'_, T>) -> bool {
    let beside =
        |of: fn(&Corner) -> f64, length: f64| quad.iter().all(|c| of(c) < 0.0) || quad.iter().all(|c| of(c) > length);
    !(beside(|c| c.0, view.width as f64) || beside(|c| c.1, view.height as f64))
}

fn set<T: Number>(out: BandRow<'_, T>, at: usize, value: Option<T>) {
    if let Some((sample, valid)) = out.samples.get_mut(at).zip(out.valid.get_mut(at)) {
        (*sample, *valid) = value.map_or((T::default(), 0), |v| (v, 255));
    }
}

/// The value with the largest sum of shares; of equal ones the one that comes first.
fn most<T: Ordered>(covered: &mut [(T, f64)]) -> Option<T> {
    /// Up to here every value is looked for among those before; above, they are sorted.
    const FEW: usize = 32;
    if covered.len() > FEW {
        return most_of_many(covered);
    }
    let mut best: Option<(T, f64)> = None;
    for (i, (value, _)) in covered.iter().enumerate() {
        if covered.iter().take(i).any(|(v, _)| v.order(value).is_eq()) {
            continue;
        }
        let share: f64 = covered.iter().skip(i).filter(|(v, _)| v.order(value).is_eq()).map(|(_, s)| *s).sum();
        if best.is_none_or(|(_, most)| share > most) {
            best = Some((*value, share));
        }
    }
    best.map(|(v, _)| v)
}

fn most_of_many<T: Ordered>(covered: &mut [(T, f64)]) -> Option<T> {
    let mut order: Vec<(usize, T, f64)> = covered.iter().enumerate().map(|(i, (v, s))| (i, *v, *s)).collect();
    order.sort_by(|a, b| a.1.order(&b.1).then(a.0.cmp(&b.0)));
    let sums = order.chunk_by(|a, b| a.1.order(&b.1).is_eq()).filter_map(|run| {
        let (first, value, _) = run.first()?;
        Some((*first, *value, run.iter().map(|(_, _, s)| *s).sum::<f64>()))
    });
    sums.max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0))).map(|(_, v, _)| v)
}
