//! How much of each source pixel an output pixel covers.

use super::places::below;
use super::quads::{Corner, Quad};

/// Shares of source pixels, 0 to 1, in the rectangle around a quadrilateral.
///
/// Each edge adds what lies right of it, counted in the direction it runs; once around, what remains is the inside. The area is exact but
/// for rounding, whatever the shape.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    /// Rows of `stride` cells: what changes from each pixel to the next.
    cells: Vec<f64>,
    stride: usize,
    pub(crate) column: usize,
    pub(crate) row: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// The most source pixels that one output pixel may cover.
const MOST_CELLS: usize = 1 << 26;

impl Coverage {
    /// Measures a quadrilateral, given by its corners in order, as far as it lies in `columns` × `rows` pixels. False if it lies outside, or
    /// has corners that are not numbers.
    pub(crate) fn measure(&mut self, corners: &Quad, columns: usize, rows: usize) -> bool {
        let bounds = |pick: fn(&Corner) -> f64, length: usize| {
            let (low, high) =
                corners.iter().map(pick).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
            // Conversions of numbers below 0 give 0.
            let (first, end) = (low as usize, (high.min(length as f64) as usize + 1).min(length));
            (end > first && high > 0.0).then(|| (first, end - first))
        };
        if corners.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
            return false;
        }
        let (Some((column, width)), Some((row, height))) = (bounds(|c| c.0, columns), bounds(|c| c.1, rows)) else {
            return false;
        };
        // One cell more for what an edge in the last pixel hands on.
        let stride = width + 2;
        let Some(len) = stride.checked_mul(height).filter(|len| *len <= MOST_CELLS) else { return false };
        (self.column, self.row, self.width, self.height, self.stride) = (column, row, width, height, stride);
        self.cells.clear();
        self.cells.resize(len, 0.0);
        let [a, b, c, d] = corners.map(|(x, y)| (x - column as f64, y - row as f64));
        for (from, to) in [(a, b), (b, c), (c, d), (d, a)] {
            self.edge(from, to);
        }
        for row in self.cells.chunks_exact_mut(stride) {
            let mut covered = 0.0;
            for cell in row {
                covered += *cell;
                *cell = covered.abs().min(1.0);
            }
        }
        true
    }

    /// Shares of the pixels of one row, from [`column`](Self::column) on.
    pub(crate) fn row(&self, row: usize) -> &[f64] {
        let at = row * self.stride;
        self.cells.get(at..at + self.width).unwrap_or_default()
    }

    fn edge(&mut self, from: Corner, to: Corner) {
        let (sign, (upper, lower)) = if from.1 <= to.1 { (1.0, (from, to)) } else { (-1.0, (to, from)) };
        let (top, bottom) = (upper.1.max(0.0), lower.1.min(self.height as f64));
        if bottom <= top {
            return;
        }
        let slope = (lower.0 - upper.0) / (lower.1 - upper.1);
        let right = self.width as f64;
        let is_inside = upper.0.min(lower.0) >= 0.0 && upper.0.max(lower.0) <= right;
        let first = below(top).max(0) as usize;
        let mut y = top;
        let mut x = upper.0 + (top - upper.1) * slope;
        for (row, cells) in self.cells.chunks_exact_mut(self.stride).enumerate().skip(first) {
            let end = bottom.min(row as f64 + 1.0);
            let height = end - y;
            if height <= 0.0 {
                break;
            }
            let next = upper.0 + (end - upper.1) * slope;
            let (low, high) = if x <= next { (x, next) } else { (next, x) };
            if is_inside {
                spread(cells, low, high, height * sign);
            } else {
                cut(cells, low, high, height * sign, right);
            }
            (x, y) = (next, end);
        }
    }
}

/// An edge that may leave the rectangle: left of it, it counts at the left side; right of it, not at all.
fn cut(cells: &mut [f64], low: f64, high: f64, height: f64, right: f64) {
    if high <= 0.0 {
        add(cells, 0, height);
    } else if low < right {
        let length = high - low;
        if low < 0.0 {
            add(cells, 0, height * (-low / length));
        }
        let (a, b) = (low.max(0.0), high.min(right));
        let inside = if length > 0.0 { (b - a) / length } else { 1.0 };
        spread(cells, a, b, height * inside);
    }
}

#[inline(always)]
fn add(cells: &mut [f64], at: usize, v: f64) {
    if let Some(cell) = cells.get_mut(at) {
        *cell += v;
    }
}

/// An edge from `low` to `high` in one row of pixels, `height` of it.
#[inline(always)]
fn spread(cells: &mut [f64], low: f64, high: f64, height: f64) {
    let first = below(low);
    let last = below(high);
    if first == last {
        let right = f64::from(first) + 1.0 - 0.5 * (low + high);
        add(cells, first as usize, height * right);
        add(cells, first as usize + 1, height * (1.0 - right));
        return;
    }
    let per_pixel = height / (high - low);
    let mut at = low;
    for column in first..=last {
        let end = high.min(f64::from(column) + 1.0);
        let part = (end - at) * per_pixel;
        let right = f64::from(column) + 1.0 - 0.5 * (at + end);
        add(cells, column as usize, part * right);
        add(cells, column as usize + 1, part * (1.0 - right));
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(corners: Quad, columns: usize, rows: usize) -> Vec<Vec<f64>> {
        let mut coverage = Coverage::default();
        assert!(coverage.measure(&corners, columns, rows));
        let mut all = vec![vec![0.0; columns]; rows];
        for row in 0..coverage.height {
            for (column, share) in coverage.row(row).iter().enumerate() {
                all[row + coverage.row][column + coverage.column] = *share;
            }
        }
        all
    }

    #[test]
    fn a_rectangle_between_pixels_covers_its_shares() {
        let all = shares([(0.5, 0.25), (2.5, 0.25), (2.5, 1.0), (0.5, 1.0)], 4, 2);
        assert_eq!(all, [[0.375, 0.75, 0.375, 0.0], [0.0; 4]]);
    }

    #[test]
    fn a_diamond_has_half_the_area_of_the_square_around_it_in_either_direction() {
        let diamond = [(2.0, 0.0), (4.0, 2.0), (2.0, 4.0), (0.0, 2.0)];
        let mut back = diamond;
        back.reverse();
        for corners in [diamond, back] {
            let all = shares(corners, 4, 4);
            assert!((all.iter().flatten().sum::<f64>() - 8.0).abs() < 1e-12);
            assert!((all[0][1] - 0.5).abs() < 1e-12 && all[1][1] == 1.0 && all[0][0] == 0.0, "{all:?}");
        }
    }

    #[test]
    fn what_reaches_over_the_edges_is_cut_off() {
        let all = shares([(-3.0, -1.0), (1.5, -1.0), (1.5, 9.0), (-3.0, 9.0)], 2, 2);
        assert_eq!(all, [[1.0, 0.5], [1.0, 0.5]]);
        // A slanted edge that leaves on the left and on the right: the triangle below it.
        let all = shares([(-2.0, 0.0), (4.0, 2.0), (4.0, 8.0), (-2.0, 8.0)], 2, 2);
        let expected = 4.0 - (0.5 * (2.0 / 3.0 + 4.0 / 3.0) * 2.0);
        assert!((all.iter().flatten().sum::<f64>() - expected).abs() < 1e-12, "{all:?}");
    }

    #[test]
    fn shares_equal_those_of_many_points() {
        let corners = [(1.2, 0.3), (6.1, 1.9), (4.8, 5.7), (0.4, 4.1)];
        let all = shares(corners, 7, 7);
        let inside = |x: f64, y: f64| {
            (0..4).all(|i| {
                let ((ax, ay), (bx, by)) = (corners[i], corners[(i + 1) % 4]);
                (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0.0
            })
        };
        for (row, shares) in all.iter().enumerate() {
            for (column, share) in shares.iter().enumerate() {
                let n = 200;
                let hits = (0..n * n)
                    .filter(|i| {
                        let (i, j) = (i % n, i / n);
                        let step = |i: i32| (f64::from(i) + 0.5) / f64::from(n);
                        inside(column as f64 + step(i), row as f64 + step(j))
                    })
                    .count();
                let expected = hits as f64 / f64::from(n * n);
                assert!((share - expected).abs() < 6e-3, "{column},{row}: {share}, {expected}");
            }
        }
    }
}
