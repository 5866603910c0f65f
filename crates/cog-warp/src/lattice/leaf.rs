//! One square of the lattice.

use crate::frame::Frame;
use crate::level::Rectangle;
use crate::mapping::Mapping;
use crate::vector::vectorized;

/// How far interpolated coordinates may be from the exact ones where they are checked, in source pixels of full resolution.
/// Checked places lie where the error of the interpolation is largest but for a few per cent; with a factor of two to spare the
/// error stays below 0.0001 pixel.
const TOLERANCE: f64 = 5e-5;

/// Places of the nodes, from -1 to 1 over the square.
const NODES: [f64; 4] = [-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0];

/// Places between the nodes, where the interpolation is checked.
const CHECKS: [f64; 3] = [-2.0 / 3.0, 0.0, 2.0 / 3.0];

/// From values at the nodes to the coefficients of a cubic in -1 to 1, constant first.
const TO_CUBIC: [[f64; 4]; 4] = [
    [-1.0 / 16.0, 9.0 / 16.0, 9.0 / 16.0, -1.0 / 16.0],
    [1.0 / 16.0, -27.0 / 16.0, 27.0 / 16.0, -1.0 / 16.0],
    [9.0 / 16.0, -9.0 / 16.0, -9.0 / 16.0, 9.0 / 16.0],
    [-9.0 / 16.0, 27.0 / 16.0, -27.0 / 16.0, 9.0 / 16.0],
];

/// Coefficients of a polynomial in two variables: `[power of y][power of x]`.
type Cubic = [[f64; 4]; 4];

/// A square of output pixels with the way to their source coordinates.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    /// Column and row of its first pixel in the output grid.
    pub(crate) column: u32,
    pub(crate) row: u32,
    /// Pixels along its side.
    pub(crate) side: u32,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    /// Every pixel by itself.
    Exact,
    /// The mapping is affine: x and y by two coefficients and a constant each.
    Affine([f64; 3], [f64; 3]),
    Interpolated(Box<(Cubic, Cubic)>),
}

impl Leaf {
    pub(crate) fn exact(column: u32, row: u32, side: u32) -> Leaf {
        Leaf { column, row, side, way: Way::Exact }
    }

    /// A square whose coordinates may be interpolated; `None` if that is not good enough, or a place has no coordinates.
    pub(crate) fn interpolated(mapping: &Mapping, column: u32, row: u32, side: u32) -> Option<Leaf> {
        if let Some((x, y)) = mapping.affine() {
            return Some(Leaf { column, row, side, way: Way::Affine(x, y) });
        }
        let half = f64::from(side) / 2.0;
        let (middle_column, middle_row) = (f64::from(column) + half, f64::from(row) + half);
        let near = mapping.point(middle_column, middle_row)?;
        let at = |u: f64, v: f64| mapping.point_near(middle_column + u * half, middle_row + v * half, near);
        let (mut x, mut y) = ([[0.0; 4]; 4], [[0.0; 4]; 4]);
        for ((v, xs), ys) in NODES.iter().zip(&mut x).zip(&mut y) {
            for ((u, x), y) in NODES.iter().zip(xs).zip(ys) {
                (*x, *y) = at(*u, *v)?;
            }
        }
        let (x, y) = (cubic(&x), cubic(&y));
        for v in CHECKS {
            for u in CHECKS {
                let exact = if u == 0.0 && v == 0.0 { near } else { at(u, v)? };
                let off = (value(&x, u, v) - exact.0).abs().max((value(&y, u, v) - exact.1).abs());
                // Not a number is not good enough either.
                if off.is_nan() || off > TOLERANCE {
                    return None;
                }
            }
        }
        Some(Leaf { column, row, side, way: Way::Interpolated(Box::new((x, y))) })
    }

    /// Source coordinates along a row of places `step` pixels apart: the first is `column` right of the square's left edge, all are
    /// `row` below its upper edge, both in pixels. NaN where a place has none.
    pub(crate) fn coordinates(&self, mapping: &Mapping, column: f64, row: f64, xs: &mut [f64], ys: &mut [f64]) {
        let (left, upper) = (f64::from(self.column), f64::from(self.row));
        match &self.way {
            Way::Exact => {
                for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
                    (*x, *y) = mapping.point(left + column + i as f64, upper + row).unwrap_or((f64::NAN, f64::NAN));
                }
            }
            Way::Affine(a, b) => {
                let row = upper + row;
                for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
                    let column = left + column + i as f64;
                    *x = a[0] * column + (a[1] * row + a[2]);
                    *y = b[0] * column + (b[1] * row + b[2]);
                }
            }
            Way::Interpolated(both) => {
                let (x, y) = both.as_ref();
                let scale = 2.0 / f64::from(self.side);
                let v = row * scale - 1.0;
                let (a, b) = (along_row(x, v), along_row(y, v));
                cubics(&a, &b, column, scale, xs, ys);
            }
        }
    }

    /// The pixels in it.
    pub(crate) fn rectangle(&self) -> Rectangle {
        Rectangle { column: self.column, row: self.row, width: self.side, height: self.side }
    }

    /// The longest way of a pixel along x or y of the level, looked for in the corners of the square and in its middle; `None` where
    /// pixels are computed one by one.
    pub(crate) fn largest_pixel(&self, frame: &Frame<'_>) -> Option<f64> {
        if matches!(self.way, Way::Exact) {
            return None;
        }
        let (fx, fy) = frame.level.factors();
        let last = f64::from(self.side - 1);
        let mut largest = 0.0_f64;
        for (column, row) in [(0.0, 0.0), (last, 0.0), (last / 2.0, last / 2.0), (0.0, last), (last, last)] {
            let (mut xs, mut ys) = ([0.0; 4], [0.0; 4]);
            let ([upper_xs, lower_xs], [upper_ys, lower_ys]) = (xs.as_chunks_mut::<2>().0, ys.as_chunks_mut::<2>().0)
            else {
                return None;
            };
            self.coordinates(frame.mapping, column, row, upper_xs, upper_ys);
            self.coordinates(frame.mapping, column, row + 1.0, lower_xs, lower_ys);
            let [ax, bx, cx, _] = xs;
            let [ay, by, cy, _] = ys;
            largest = largest.max(fx * (bx - ax).hypot(cx - ax)).max(fy * (by - ay).hypot(cy - ay));
        }
        Some(largest)
    }

    /// False if no place of the square may lie in the source on another turn around the Earth, nor two of them on different ones.
    /// `turn` and `width` are those of the Earth and of the source, in pixels of full resolution.
    pub(crate) fn may_turn(&self, turn: f64, width: f64) -> bool {
        let Way::Interpolated(both) = &self.way else { return true };
        // What the constant is without the other coefficients: no place is further from it than their sum.
        let [[middle, ..], ..] = both.0;
        let reach = both.0.iter().flatten().map(|c| c.abs()).sum::<f64>() - middle.abs();
        let (least, most) = (middle - reach - 1.0, middle + reach + 1.0);
        !(least + turn > width && most - turn < 0.0 && reach < 0.2 * turn)
    }

    /// True if every pixel is computed by itself.
    #[cfg(test)]
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.way, Way::Exact)
    }
}

vectorized! {
    /// Two cubics at places from -1 on: `first` and those that follow it, counted in steps of `step`.
    fn cubics(a: &[f64; 4], b: &[f64; 4], first: f64, step: f64, xs: &mut [f64], ys: &mut [f64]) = each_of_cubics;
}

#[inline(always)]
fn each_of_cubics(a: &[f64; 4], b: &[f64; 4], first: f64, step: f64, xs: &mut [f64], ys: &mut [f64]) {
    for (i, (x, y)) in (0_i32..).zip(xs.iter_mut().zip(ys)) {
        let u = (first + f64::from(i)) * step - 1.0;
        *x = ((a[3] * u + a[2]) * u + a[1]) * u + a[0];
        *y = ((b[3] * u + b[2]) * u + b[1]) * u + b[0];
    }
}

/// Coefficients from values at the nodes.
fn cubic(values: &[[f64; 4]; 4]) -> Cubic {
    let mut rows = [[0.0; 4]; 4];
    for (row, values) in rows.iter_mut().zip(values) {
        *row = to_cubic(values);
    }
    let mut cubic = [[0.0; 4]; 4];
    for power in 0..4 {
        let column = rows.map(|row| row.get(power).copied().unwrap_or(0.0));
        for (out, v) in cubic.iter_mut().zip(to_cubic(&column)) {
            if let Some(out) = out.get_mut(power) {
                *out = v;
            }
        }
    }
    cubic
}

fn to_cubic(values: &[f64; 4]) -> [f64; 4] {
    TO_CUBIC.map(|weights| weights.iter().zip(values).map(|(w, v)| w * v).sum())
}

/// The coefficients in x at one y.
fn along_row(cubic: &Cubic, v: f64) -> [f64; 4] {
    let [a, b, c, d] = cubic;
    let mut row = [0.0; 4];
    for ((((out, a), b), c), d) in row.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *out = ((d * v + c) * v + b) * v + a;
    }
    row
}

fn value(cubic: &Cubic, u: f64, v: f64) -> f64 {
    let [a, b, c, d] = along_row(cubic, v);
    ((d * u + c) * u + b) * u + a
}
