//! How much of each source pixel the pixels of a row cover, for all of them at once.
//!
//! As in [`Coverage`](super::coverage::Coverage), each edge adds what lies right of it, row by row of the source. Here the sums from the left
//! are computed at each border between columns, in a frame that begins at the pixel's first column and row: there, numbers of 24 bits
//! leave an error of 2e-6 of a source pixel.
#![allow(
    clippy::indexing_slicing,
    clippy::needless_range_loop,
    reason = "loops over several arrays of one length, up to that length"
)]

use super::places::{Extent, ROW, below};
use super::quads::Quads;

/// Pixels of a row that are measured together: where they lie alike, all of them touch the same number of columns and rows.
pub(super) const BLOCK: usize = 32;

/// The most columns and rows of the source that a pixel may touch here.
pub(super) const MOST: usize = 8;

/// What reaches so little into a pixel does not touch it: the view may end there.
const TOUCH: f64 = 1e-9;

/// What is less than the error of the sums is nothing.
const LEAST_SHARE: f32 = 1e-6;

/// A number for each pixel of a row.
type Numbers = [f32; BLOCK];

#[derive(Clone, Debug)]
pub(super) struct Shares {
    /// First column and row of each pixel, in the view.
    pub(super) columns: [i32; BLOCK],
    pub(super) rows: [i32; BLOCK],
    /// How many of them it touches; 0 if they are more than fit, or it lies over an edge of the source.
    widths: [i32; BLOCK],
    heights: [i32; BLOCK],
    /// The most of all pixels.
    pub(super) across: usize,
    pub(super) down: usize,
    /// Corners as seen from there.
    xs: [Numbers; 4],
    ys: [Numbers; 4],
    /// The least and the largest of each corner.
    x_ranges: [(f32, f32); 4],
    y_ranges: [(f32, f32); 4],
    /// Shares of each pixel, by row and column of the source as seen from there.
    pub(super) cells: [[Numbers; MOST]; MOST],
    edge: Edge,
    line: Line,
}

/// One edge of each pixel, from top to bottom.
#[derive(Clone, Debug)]
struct Edge {
    top: Numbers,
    bottom: Numbers,
    /// x at the top.
    x: Numbers,
    /// How much x grows with y.
    slope: Numbers,
    /// Half of how much y grows with x. With the sign of the edge: 1 if it runs down, -1 if up.
    growth: Numbers,
    sign: Numbers,
}

/// The part of an edge in one row of the source.
#[derive(Clone, Debug)]
struct Line {
    low: Numbers,
    high: Numbers,
    /// With the sign of the edge.
    height: Numbers,
}

impl Shares {
    pub(super) fn new() -> Shares {
        const NONE: Numbers = [0.0; BLOCK];
        Shares {
            columns: [0; BLOCK],
            rows: [0; BLOCK],
            widths: [0; BLOCK],
            heights: [0; BLOCK],
            across: 0,
            down: 0,
            xs: [NONE; 4],
            ys: [NONE; 4],
            x_ranges: [(0.0, 0.0); 4],
            y_ranges: [(0.0, 0.0); 4],
            cells: [[NONE; MOST]; MOST],
            edge: Edge { top: NONE, bottom: NONE, x: NONE, slope: NONE, growth: NONE, sign: NONE },
            line: Line { low: NONE, high: NONE, height: NONE },
        }
    }

    /// Whether a pixel was measured.
    pub(super) fn knows(&self, i: usize) -> bool {
        self.widths.get(i).is_some_and(|width| *width > 0)
    }
}

/// A block of each of four rows.
#[inline(always)]
fn block(rows: &[[f64; ROW]; 4], first: usize) -> Option<[&[f64; BLOCK]; 4]> {
    let [a, b, c, d] = rows;
    Some([
        a.get(first..)?.first_chunk()?,
        b.get(first..)?.first_chunk()?,
        c.get(first..)?.first_chunk()?,
        d.get(first..)?.first_chunk()?,
    ])
}

#[inline(always)]
fn lesser(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// Measures a block of pixels of a row from `first` on; `extent` is that of the source.
#[inline(always)]
pub(super) fn measure(shares: &mut Shares, quads: &Quads, first: usize, extent: &Extent) {
    frame(shares, quads, first, *extent);
    if quads.are_upright {
        return upright(shares);
    }
    let (across, down) = (shares.across, shares.down);
    for row in shares.cells.iter_mut().take(down) {
        for cells in row.iter_mut().take(across) {
            *cells = [0.0; BLOCK];
        }
    }
    for (from, to) in [(0, 1), (1, 2), (2, 3), (3, 0)] {
        edge(shares, from, to);
    }
    let (widths, heights) = (&shares.widths, &shares.heights);
    for (row, cells) in shares.cells.iter_mut().enumerate().take(down) {
        let mut before = [0.0; BLOCK];
        for (column, cells) in cells.iter_mut().enumerate().take(across) {
            let (column, row) = (column as i32, row as i32);
            for i in 0..BLOCK {
                let covered = cells[i];
                let share = (covered - before[i]).abs();
                let share = if share < 1.0 { share } else { 1.0 };
                let counts = (share > LEAST_SHARE) & (column < widths[i]) & (row < heights[i]);
                cells[i] = if counts { share } else { 0.0 };
                before[i] = covered;
            }
        }
    }
}

/// Of upright rectangles: shares of columns by shares of rows.
#[inline(always)]
fn upright(shares: &mut Shares) {
    let Shares { xs: [left, right, ..], ys: [top, .., bottom], widths, heights, cells, across, down, .. } = shares;
    let mut columns = [[0.0; BLOCK]; MOST];
    for (column, share) in columns.iter_mut().enumerate().take(*across) {
        overlap(left, right, widths, column, share);
    }
    for (row, cells) in cells.iter_mut().enumerate().take(*down) {
        let mut rows = [0.0; BLOCK];
        overlap(top, bottom, heights, row, &mut rows);
        for (cells, columns) in cells.iter_mut().zip(&columns).take(*across) {
            for i in 0..BLOCK {
                let share = columns[i] * rows[i];
                cells[i] = if share > LEAST_SHARE { share } else { 0.0 };
            }
        }
    }
}

/// How much of a pixel lies between two places, whichever comes first, if the pixel counts.
#[inline(always)]
fn overlap(a: &Numbers, b: &Numbers, lengths: &[i32; BLOCK], number: usize, share: &mut Numbers) {
    let (first, end) = (number as f32, number as f32 + 1.0);
    for i in 0..BLOCK {
        let (low, high) = if a[i] < b[i] { (a[i], b[i]) } else { (b[i], a[i]) };
        let (low, high) = (within(low, first, end), within(high, first, end));
        share[i] = if (number as i32) < lengths[i] { high - low } else { 0.0 };
    }
}

/// Where each pixel begins, how much it touches, and its corners as seen from there.
#[inline(always)]
fn frame(shares: &mut Shares, quads: &Quads, first: usize, extent: Extent) {
    let (Some(xs), Some(ys)) = (block(&quads.xs, first), block(&quads.ys, first)) else { return };
    let ([ax, bx, cx, dx], [ay, by, cy, dy]) = (xs, ys);
    let count = quads.len.saturating_sub(first).min(BLOCK) as i32;
    let most = MOST as i32;
    for i in 0..BLOCK {
        let left = lesser(lesser(ax[i], bx[i]), lesser(cx[i], dx[i]));
        let right = greater(greater(ax[i], bx[i]), greater(cx[i], dx[i]));
        let top = lesser(lesser(ay[i], by[i]), lesser(cy[i], dy[i]));
        let bottom = greater(greater(ay[i], by[i]), greater(cy[i], dy[i]));
        let sum = (ax[i] + bx[i]) + (cx[i] + dx[i]) + ((ay[i] + by[i]) + (cy[i] + dy[i]));
        let (column, row) = (below(left + TOUCH), below(top + TOUCH));
        let (width, height) = (below(right - TOUCH) - column + 1, below(bottom - TOUCH) - row + 1);
        let is_inside =
            (left >= extent.left) & (right <= extent.right) & (top >= extent.top) & (bottom <= extent.bottom);
        let is_measured =
            ((i as i32) < count) & !sum.is_nan() & is_inside & (width <= most) & (height <= most) & (height > 0);
        shares.columns[i] = if is_measured { column } else { 0 };
        shares.rows[i] = if is_measured { row } else { 0 };
        shares.widths[i] = if is_measured { width } else { 0 };
        shares.heights[i] = if is_measured { height } else { 0 };
    }
    let largest = |of: &[i32; BLOCK]| of.iter().copied().fold(0, i32::max) as usize;
    (shares.across, shares.down) = (largest(&shares.widths).min(MOST), largest(&shares.heights).min(MOST));
    let (columns, rows, widths) = (&shares.columns, &shares.rows, &shares.widths);
    for ((to, range), from) in shares.xs.iter_mut().zip(&mut shares.x_ranges).zip(xs) {
        *range = seen_from(from, columns, widths, to);
    }
    for ((to, range), from) in shares.ys.iter_mut().zip(&mut shares.y_ranges).zip(ys) {
        *range = seen_from(from, rows, widths, to);
    }
}

/// Coordinates less those of where pixels begin; 0 for those that are not measured. Returns the least and the largest.
#[inline(always)]
fn seen_from(from: &[f64; BLOCK], origins: &[i32; BLOCK], widths: &[i32; BLOCK], to: &mut Numbers) -> (f32, f32) {
    // Numbers that are not below 0 have bits in the same order; of those below, which are next to 0, it does not matter.
    let (mut least, mut largest) = (i32::MAX, 0);
    for i in 0..BLOCK {
        let v = (from[i] - f64::from(origins[i])) as f32;
        let v = if widths[i] > 0 { v } else { 0.0 };
        to[i] = v;
        let bits = v.to_bits() as i32;
        least = least.min(bits);
        largest = largest.max(bits);
    }
    (f32::from_bits(least as u32).max(0.0), f32::from_bits(largest as u32))
}

/// Adds what one edge of each pixel adds.
#[inline(always)]
fn edge(shares: &mut Shares, from: usize, to: usize) {
    let Shares { xs, ys, x_ranges, y_ranges, cells, edge, line, across, down, .. } = shares;
    let (from_x, from_y, to_x, to_y) = (&xs[from], &ys[from], &xs[to], &ys[to]);
    // Bits of numbers without a sign have the order of the numbers.
    let mut steepest = 0;
    for i in 0..BLOCK {
        let ((ax, ay), (bx, by)) = ((from_x[i], from_y[i]), (to_x[i], to_y[i]));
        let runs_down = ay <= by;
        let sign = if runs_down { 1.0_f32 } else { -1.0 };
        let (dx, dy) = (bx - ax, by - ay);
        // The same in both directions. An edge that hardly leans lies on either side of a border; one that is hardly steep adds nothing.
        let leans = (dx.abs() > LEVEL) & (dy.abs() > LEVEL);
        let both = 1.0 / (dx * dy);
        let (slope, growth) = (dx * dx * both, 0.5 * dy * (dy * both).abs());
        edge.top[i] = if runs_down { ay } else { by };
        edge.bottom[i] = if runs_down { by } else { ay };
        edge.x[i] = if runs_down { ax } else { bx };
        edge.slope[i] = if leans { slope } else { 0.0 };
        edge.growth[i] = if leans { growth } else { 0.0 };
        edge.sign[i] = sign;
        steepest = dy.abs().to_bits().max(steepest);
    }
    // Nothing lies beside edges that are level in the source.
    if steepest == 0 {
        return;
    }
    let both = |ranges: &[(f32, f32); 4]| (ranges[from].0.min(ranges[to].0), ranges[from].1.max(ranges[to].1));
    let ((left, right), (top, bottom)) = (both(x_ranges), both(y_ranges));
    let (first, last) = (top as usize, bottom as usize);
    for (row, cells) in cells.iter_mut().enumerate().take((last + 1).min(*down)).skip(first) {
        let (upper, lower) = (row as f32, row as f32 + 1.0);
        for i in 0..BLOCK {
            let (top, bottom) = (edge.top[i], edge.bottom[i]);
            let from = within(upper, top, bottom);
            let to = within(lower, top, bottom);
            let (a, b) = (edge.x[i] + (from - top) * edge.slope[i], edge.x[i] + (to - top) * edge.slope[i]);
            line.low[i] = if a < b { a } else { b };
            line.high[i] = if a < b { b } else { a };
            line.height[i] = (to - from) * edge.sign[i];
        }
        for (column, cells) in cells.iter_mut().enumerate().take(*across) {
            // The border behind the column.
            let border = column as f32 + 1.0;
            if border <= left {
                continue;
            }
            if border >= right + BESIDE {
                for i in 0..BLOCK {
                    cells[i] += line.height[i] * (border - 0.5 * (line.low[i] + line.high[i]));
                }
                continue;
            }
            for i in 0..BLOCK {
                let (low, high) = (line.low[i], line.high[i]);
                let all = line.height[i] * (border - 0.5 * (low + high));
                let before = border - low;
                let before = if before > 0.0 { before } else { 0.0 };
                let some = before * before * edge.growth[i];
                cells[i] += if border >= high { all } else { some };
            }
        }
    }
}

/// Edges that rise or lean less are level or upright.
const LEVEL: f32 = 1e-9;

/// Places on an edge may lie this much behind its ends.
const BESIDE: f32 = 1e-4;

#[inline(always)]
fn within(v: f32, least: f32, most: f32) -> f32 {
    let v = if v > least { v } else { least };
    if v < most { v } else { most }
}

#[cfg(test)]
mod tests {
    use super::super::coverage::Coverage;
    use super::*;

    const EXTENT: Extent = Extent { left: 0.0, top: 0.0, right: 40.0, bottom: 30.0 };

    /// Numbers from 0 to 1 that look like chance.
    fn chance(seed: &mut u64) -> f64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A turned, slanted and perhaps mirrored square, with uneven corners; some have corners on borders of pixels.
    fn quad(seed: &mut u64) -> [(f64, f64); 4] {
        let (x, y) = (chance(seed) * 40.0, chance(seed) * 30.0);
        let (length, turn) = (0.02 + 5.6 * chance(seed), chance(seed) * std::f64::consts::TAU);
        let (turn, mirror) = (if chance(seed) < 0.3 { 0.0 } else { turn }, if chance(seed) < 0.5 { -1.0 } else { 1.0 });
        let snap = chance(seed) < 0.2;
        [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)].map(|(u, v)| {
            let (u, v) = (u * length + 0.1 * (chance(seed) - 0.5) * length, v * length * mirror);
            let place = (x + u * turn.cos() - v * turn.sin(), y + u * turn.sin() + v * turn.cos());
            if snap { (place.0.round(), place.1.round()) } else { place }
        })
    }

    #[test]
    fn shares_equal_those_of_pixels_measured_one_by_one() {
        let (mut shares, mut coverage, mut seed) = (Shares::new(), Coverage::default(), 7);
        let (mut measured, mut worst) = (0, 0.0_f64);
        for _ in 0..2_000 {
            let mut quads = Quads::new();
            quads.len = BLOCK;
            for i in 0..BLOCK {
                for (corner, (x, y)) in quad(&mut seed).into_iter().enumerate() {
                    (quads.xs[corner][i], quads.ys[corner][i]) = (x, y);
                }
            }
            measure(&mut shares, &quads, 0, &EXTENT);
            for i in (0..BLOCK).filter(|i| shares.knows(*i)) {
                measured += 1;
                let is_somewhere = coverage.measure(&quads.get(i).unwrap(), 40, 30);
                for row in 0..MOST {
                    for column in 0..MOST {
                        let (x, y) = (shares.columns[i] as usize + column, shares.rows[i] as usize + row);
                        let exact = if is_somewhere
                            && (coverage.row..coverage.row + coverage.height).contains(&y)
                            && (coverage.column..coverage.column + coverage.width).contains(&x)
                        {
                            coverage.row(y - coverage.row)[x - coverage.column]
                        } else {
                            0.0
                        };
                        let is_used = row < shares.down && column < shares.across;
                        let share = if is_used { shares.cells[row][column][i] } else { 0.0 };
                        worst = worst.max((f64::from(share) - exact).abs());
                    }
                }
            }
        }
        assert!(measured > 40_000, "{measured}");
        assert!(worst < 2e-6, "{worst}");
    }

    #[test]
    fn shares_of_upright_rectangles_equal_those_of_pixels_measured_one_by_one() {
        let (mut shares, mut coverage, mut seed, mut measured) = (Shares::new(), Coverage::default(), 11, 0);
        for turn in 0..500 {
            let mut quads = Quads::new();
            (quads.len, quads.are_upright) = (BLOCK, true);
            let (top, height) = (chance(&mut seed) * 25.0, chance(&mut seed) * 5.6 + 0.05);
            // Rows and columns may run either way.
            let (upper, lower) = if turn % 2 == 0 { (top, top + height) } else { (top + height, top) };
            for i in 0..BLOCK {
                let (left, width) = (chance(&mut seed) * 34.0, chance(&mut seed) * 5.6 + 0.05);
                let (left, right) = if turn % 3 == 0 { (left + width, left) } else { (left, left + width) };
                for (corner, (x, y)) in
                    [(left, upper), (right, upper), (right, lower), (left, lower)].into_iter().enumerate()
                {
                    (quads.xs[corner][i], quads.ys[corner][i]) = (x, y);
                }
            }
            measure(&mut shares, &quads, 0, &EXTENT);
            for i in (0..BLOCK).filter(|i| shares.knows(*i)) {
                assert!(coverage.measure(&quads.get(i).unwrap(), 40, 30));
                for row in 0..shares.down {
                    for column in 0..shares.across {
                        let x = (shares.columns[i] as usize + column).checked_sub(coverage.column);
                        let y = (shares.rows[i] as usize + row).checked_sub(coverage.row);
                        let exact = x.zip(y).filter(|(_, y)| *y < coverage.height);
                        let exact = exact.and_then(|(x, y)| coverage.row(y).get(x).copied()).unwrap_or(0.0);
                        let share = f64::from(shares.cells[row][column][i]);
                        assert!((share - exact).abs() < 2e-6, "{turn} {i}: {share} {exact}");
                        measured += 1;
                    }
                }
            }
        }
        assert!(measured > 100_000, "{measured}");
    }

    #[test]
    fn what_reaches_over_an_edge_or_is_no_number_is_left_to_others() {
        let mut quads = Quads::new();
        quads.len = 3;
        let corners = [
            [(-0.1, 1.0), (0.9, 1.0), (0.9, 2.0), (-0.1, 2.0)],
            [(1.0, 1.0), (f64::NAN, 1.0), (2.0, 2.0), (1.0, 2.0)],
            [(1.0, 1.0), (12.0, 1.0), (12.0, 12.0), (1.0, 12.0)],
        ];
        for (i, corners) in corners.into_iter().enumerate() {
            for (corner, (x, y)) in corners.into_iter().enumerate() {
                (quads.xs[corner][i], quads.ys[corner][i]) = (x, y);
            }
        }
        let mut shares = Shares::new();
        measure(&mut shares, &quads, 0, &EXTENT);
        assert!((0..BLOCK).all(|i| !shares.knows(i)));
    }
}
