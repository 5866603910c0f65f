//! Methods that take what a pixel covers, for which GDAL takes the upright box around the places of two of its corners.

use super::source_window::SourceWindow;
use crate::method::Covering;
use crate::sampling::{Number, Ordered, Plane, Sum, View};

const NOTHING: f64 = 1e-10;

/// x and y of one corner of a pixel and of the opposite one, in pixels of what was read of the source.
pub(super) type Corners = [f64; 4];

/// One method, with memory for what a pixel covers.
pub(super) struct Areas<T> {
    method: Covering,
    scale: (f64, f64),
    begins_at_edge: bool,
    values: Vec<T>,
    counts: Vec<(T, u32)>,
}

/// Pixels from first to end along one axis, and where the box begins and ends.
#[derive(Clone, Copy)]
struct Side {
    first: i64,
    end: i64,
    low: f64,
    high: f64,
}

impl<T: Ordered> Areas<T> {
    pub(super) fn new(method: Covering, window: &SourceWindow) -> Areas<T> {
        let begins_at_edge = window.rectangle.column == 0;
        Areas { method, scale: window.scale, begins_at_edge, values: Vec::new(), counts: Vec::new() }
    }

    /// Fills rows of all bands, one or as many of validity.
    pub(super) fn fill(&mut self, view: &View<'_, T>, pixels: &[Corners], samples: &mut [T], valid: &mut [u8]) {
        let n = pixels.len();
        let masks = view.masks();
        if masks == 1 {
            valid.fill(0);
        }
        for (i, corners) in pixels.iter().enumerate() {
            let covered = self.sides(corners, view.width, view.height);
            for band in 0..view.bands {
                let value = view.band(band).zip(covered).and_then(|(plane, (x, y))| self.value(&plane, x, y));
                let mask = if masks == 1 { i } else { band * n + i };
                if let Some((sample, valid)) = samples.get_mut(band * n + i).zip(valid.get_mut(mask)) {
                    *sample = value.unwrap_or_default();
                    *valid = if value.is_some() { 255 } else { 0 };
                }
            }
        }
    }

    /// The pixels that a box covers: as GDAL rounds, cuts off, and goes on behind the last column around the Earth.
    fn sides(&self, corners: &Corners, columns: usize, rows: usize) -> Option<(Side, Side)> {
        let [ax, ay, bx, by] = *corners;
        let (width, height) = (columns as f64, rows as f64);
        let near = |v: f64, length: f64, scale: f64| {
            let margin = 2.0 * (1.0 / scale).ceil().max(1.0);
            v >= -margin && v - length <= margin
        };
        // NaN is nowhere.
        if ![ax, bx].iter().all(|x| near(*x, width, self.scale.0))
            || ![ay, by].iter().all(|y| near(*y, height, self.scale.1))
        {
            return None;
        }
        let (mut low, mut high) = (ax.min(bx), ax.max(bx));
        let threshold = ((columns / 10) as f64).min(2.0);
        let wraps = self.begins_at_edge && low * self.scale.0 < threshold && (width - high) * self.scale.0 < threshold;
        if wraps {
            (low, high) = (high, low + width);
        }
        let x = side(low, high, columns, wraps)?;
        Some((x, side(ay.min(by), ay.max(by), rows, false)?))
    }

    fn value(&mut self, plane: &Plane<'_, T>, x: Side, y: Side) -> Option<T> {
        match self.method {
            Covering::Average | Covering::Rms | Covering::Sum => {
                let is_rms = self.method == Covering::Rms;
                let (mut sum, mut weights) = (T::Wide::default(), 0.0);
                each(plane, x, y, |value, weight| {
                    if weight > 0.0 {
                        let value = value.to_wide();
                        sum = sum.add(if is_rms { value.square() } else { value }.times(weight));
                        weights += weight;
                    }
                });
                let mean = (weights > 0.0).then(|| sum.times(1.0 / weights))?;
                Some(T::from_wide(if is_rms { mean.root() } else { mean }))
            }
            Covering::Mode => self.most(plane, x, y),
            Covering::Min | Covering::Max | Covering::Quantile(_) => {
                let values = &mut self.values;
                values.clear();
                each(plane, x, y, |value, _| values.push(value));
                match self.method {
                    Covering::Min => values.iter().copied().min_by(T::order),
                    Covering::Max => values.iter().copied().max_by(T::order),
                    Covering::Quantile(share) => {
                        let rank = (share * values.len() as f64 - 1.0).ceil().max(0.0) as usize;
                        (rank < values.len()).then(|| *values.select_nth_unstable_by(rank, T::order).1)
                    }
                    _ => None,
                }
            }
        }
    }

    /// The value that is there most often, by number of pixels; of equal ones the one that first was.
    fn most(&mut self, plane: &Plane<'_, T>, x: Side, y: Side) -> Option<T> {
        let counts = &mut self.counts;
        counts.clear();
        let mut best: Option<(T, u32)> = None;
        each(plane, x, y, |value, _| {
            let count = match counts.iter_mut().find(|(v, _)| v.order(&value).is_eq()) {
                Some((_, count)) => {
                    *count += 1;
                    *count
                }
                None => {
                    counts.push((value, 1));
                    1
                }
            };
            if best.is_none_or(|(_, most)| count > most) {
                best = Some((value, count));
            }
        });
        best.map(|(value, _)| value)
    }
}

fn side(low: f64, high: f64, length: usize, wraps: bool) -> Option<Side> {
    let last = length as f64;
    if !(high > -NOTHING && low < last + NOTHING) {
        return None;
    }
    let first = (low + NOTHING).floor().max(0.0);
    let end = (high - NOTHING).ceil();
    let end = if wraps { end } else { end.min(last) };
    let end = if first == end && end < last { end + 1.0 } else { end };
    Some(Side { first: first as i64, end: end as i64, low, high })
}

impl Side {
    /// The share of a pixel, as GDAL counts it: beyond the first edge of the source it is more than the whole.
    fn weight(&self, at: i64) -> f64 {
        if at == self.first {
            if self.first + 1 == self.end { 1.0 } else { 1.0 - (self.low - self.first as f64) }
        } else if at + 1 == self.end {
            1.0 - (self.end as f64 - self.high)
        } else {
            1.0
        }
    }
}

/// Every valid sample of a box with its weight, row by row.
fn each<T: Number>(plane: &Plane<'_, T>, x: Side, y: Side, mut each: impl FnMut(T, f64)) {
    let width = plane.width.max(1) as i64;
    for row in y.first..y.end {
        let down = y.weight(row);
        for column in x.first..x.end {
            let (Ok(at), Ok(row)) = (i32::try_from(column % width), i32::try_from(row)) else { continue };
            if let Some(value) = plane.get(at, row) {
                each(value, down * x.weight(column));
            }
        }
    }
}
