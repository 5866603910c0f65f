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

/// Nodes and checked places of a square, and which of them is its middle.
const PROBES: usize = NODES.len() * NODES.len() + CHECKS.len() * CHECKS.len();
const MIDDLE: usize = NODES.len() * NODES.len() + CHECKS.len() * CHECKS.len() / 2;

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
    /// x follows from the column alone and y from the row alone, each by a cubic.
    Upright([f64; 4], [f64; 4]),
    Interpolated(Box<(Cubic, Cubic)>),
}

/// Squares that lean less, in source pixels over all of the square, are upright: what is left is rounding.
const LEANING: f64 = 1e-7;

impl Leaf {
    pub(crate) fn exact(column: u32, row: u32, side: u32) -> Leaf {
        Leaf { column, row, side, way: Way::Exact }
    }

    /// A square whose coordinates may be interpolated; `None` if that is not good enough, or a place has no coordinates.
    pub(crate) fn interpolated(mapping: &Mapping, column: u32, row: u32, side: u32) -> Option<Leaf> {
        if let Some((x, y)) = mapping.affine() {
            return Some(Leaf { column, row, side, way: Way::Affine(x, y) });
        }
        let (xs, ys) = probe(mapping, column, row, side)?;
        let (x, y) = (cubic(&square(xs.first_chunk()?)), cubic(&square(ys.first_chunk()?)));
        let checks = CHECKS.iter().flat_map(|v| CHECKS.iter().map(move |u| (*u, *v)));
        let exact = xs.iter().zip(&ys).skip(NODES.len() * NODES.len());
        for ((u, v), (exact_x, exact_y)) in checks.zip(exact) {
            let off = (value(&x, u, v) - exact_x).abs().max((value(&y, u, v) - exact_y).abs());
            // Not a number is not good enough either.
            if off.is_nan() || off > TOLERANCE {
                return None;
            }
        }
        let way = upright(&x, &y).unwrap_or_else(|| Way::Interpolated(Box::new((x, y))));
        Some(Leaf { column, row, side, way })
    }

    /// True if all rows have the same x, and all columns the same y.
    pub(crate) fn is_upright(&self) -> bool {
        match &self.way {
            Way::Upright(..) => true,
            Way::Affine(x, y) => x[1] == 0.0 && y[0] == 0.0,
            Way::Exact | Way::Interpolated(_) => false,
        }
    }

    /// Source coordinates along a row of places `step` pixels apart: the first is `column` right of the square's left edge, all are
    /// `row` below its upper edge, both in pixels. NaN where a place has none.
    pub(crate) fn coordinates(&self, mapping: &Mapping, column: f64, row: f64, xs: &mut [f64], ys: &mut [f64]) {
        let (left, upper) = (f64::from(self.column), f64::from(self.row));
        match &self.way {
            Way::Exact => {
                for (i, (x, y)) in xs.iter_mut().zip(ys.iter_mut()).enumerate() {
                    (*x, *y) = (left + column + i as f64, upper + row);
                }
                mapping.points(xs, ys);
            }
            Way::Affine(a, b) => {
                let row = upper + row;
                for (i, (x, y)) in xs.iter_mut().zip(ys).enumerate() {
                    let column = left + column + i as f64;
                    *x = a[0] * column + (a[1] * row + a[2]);
                    *y = b[0] * column + (b[1] * row + b[2]);
                }
            }
            Way::Upright(x, y) => {
                let scale = 2.0 / f64::from(self.side);
                cubics(x, &[at(y, row * scale - 1.0), 0.0, 0.0, 0.0], column, scale, xs, ys);
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

    /// As [`coordinates`](Self::coordinates), in pixels of the frame.
    pub(crate) fn places(&self, frame: &Frame<'_>, column: f64, row: f64, xs: &mut [f64], ys: &mut [f64]) {
        if let Way::Interpolated(both) = &self.way {
            let (x, y) = both.as_ref();
            let scale = 2.0 / f64::from(self.side);
            let v = row * scale - 1.0;
            let ((fx, fy), (left, top)) = (frame.level.factors(), frame.origin);
            return seen(&along_row(x, v), &along_row(y, v), [column, scale, fx, left as f64, fy, top as f64], xs, ys);
        }
        self.coordinates(frame.mapping, column, row, xs, ys);
        frame.to_view(xs, ys);
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

    /// The y of an upright square at a row, as [`coordinates`](Self::coordinates) has it.
    pub(crate) fn upright_y(&self, row: f64) -> f64 {
        match &self.way {
            Way::Affine(_, y) => y[1] * (f64::from(self.row) + row) + y[2],
            Way::Upright(_, y) => at(y, row * (2.0 / f64::from(self.side)) - 1.0),
            Way::Exact | Way::Interpolated(_) => f64::NAN,
        }
    }

    /// Between which x and which y of the source its places lie, corners of pixels too; `None` where pixels are computed one by one.
    pub(crate) fn bounds(&self) -> Option<[(f64, f64); 2]> {
        // What the constant is without the other coefficients: no place is further from it than their sum.
        let around = |constant: f64, all: f64| (constant - (all - constant.abs()), constant + (all - constant.abs()));
        match &self.way {
            Way::Exact => None,
            Way::Affine(x, y) => Some([x, y].map(|[a, b, c]| {
                let (columns, rows) = (self.rectangle().columns(), self.rectangle().rows());
                let ends = |factor: f64, (first, end): (f64, f64)| {
                    let (v, w) = (factor * first, factor * end);
                    (v.min(w), v.max(w))
                };
                let ((least_a, most_a), (least_b, most_b)) = (ends(*a, columns), ends(*b, rows));
                (least_a + least_b + c, most_a + most_b + c)
            })),
            Way::Upright(x, y) => Some([x, y].map(|of| around(of[0], of.iter().map(|c| c.abs()).sum()))),
            Way::Interpolated(both) => {
                let of = |cubic: &Cubic| around(cubic[0][0], cubic.iter().flatten().map(|c| c.abs()).sum());
                Some([of(&both.0), of(&both.1)])
            }
        }
    }

    /// False if no place of the square may lie in the source on another turn around the Earth, nor two of them on different ones.
    /// `turn` and `width` are those of the Earth and of the source, in pixels of full resolution.
    pub(crate) fn may_turn(&self, turn: f64, width: f64) -> bool {
        let Some([(least, most), _]) = self.bounds() else { return true };
        !(least - 1.0 + turn > width && most + 1.0 - turn < 0.0 && most - least < 0.4 * turn)
    }

    /// True if x and y each grow, or fall, all along every row and every column, and certainly more than by rounding: of the places of a
    /// rectangle none lies further out than those in its corners.
    #[cfg(feature = "files")]
    pub(crate) fn is_monotonic(&self) -> bool {
        match &self.way {
            Way::Exact => false,
            Way::Affine(..) => true,
            Way::Upright(x, y) => grows(x) && grows(y),
            Way::Interpolated(both) => [&both.0, &both.1].into_iter().all(|cubic| {
                let [x, y] = slopes(cubic);
                x > STEEP && y > STEEP
            }),
        }
    }

    /// True if every pixel is computed by itself.
    #[cfg(any(test, feature = "files"))]
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.way, Way::Exact)
    }
}

vectorized! {
    /// Two cubics at places from -1 on: `first` and those that follow it, counted in steps of `step`.
    fn cubics(a: &[f64; 4], b: &[f64; 4], first: f64, step: f64, xs: &mut [f64], ys: &mut [f64]) = each_of_cubics;
    /// The same, and what is made of each for a view: times a factor, less where it begins. The numbers are where places begin and their
    /// step, then factor and beginning of x and of y.
    fn seen(a: &[f64; 4], b: &[f64; 4], numbers: [f64; 6], xs: &mut [f64], ys: &mut [f64]) = each_seen;
}

#[inline(always)]
fn each_of_cubics(a: &[f64; 4], b: &[f64; 4], first: f64, step: f64, xs: &mut [f64], ys: &mut [f64]) {
    for (i, (x, y)) in (0_i32..).zip(xs.iter_mut().zip(ys)) {
        let u = (first + f64::from(i)) * step - 1.0;
        *x = ((a[3] * u + a[2]) * u + a[1]) * u + a[0];
        *y = ((b[3] * u + b[2]) * u + b[1]) * u + b[0];
    }
}

#[inline(always)]
fn each_seen(a: &[f64; 4], b: &[f64; 4], numbers: [f64; 6], xs: &mut [f64], ys: &mut [f64]) {
    let [first, step, factor_x, left, factor_y, top] = numbers;
    for (i, (x, y)) in (0_i32..).zip(xs.iter_mut().zip(ys)) {
        let u = (first + f64::from(i)) * step - 1.0;
        *x = (((a[3] * u + a[2]) * u + a[1]) * u + a[0]) * factor_x - left;
        *y = (((b[3] * u + b[2]) * u + b[1]) * u + b[0]) * factor_y - top;
    }
}

/// A slope over half a square that is larger makes neighbours differ by much more than rounding.
#[cfg(feature = "files")]
const STEEP: f64 = 1e-6;

/// Whether a cubic has a slope of one sign from -1 to 1.
#[cfg(feature = "files")]
fn grows([_, b, c, d]: &[f64; 4]) -> bool {
    b.abs() - 2.0 * c.abs() - 3.0 * d.abs() > STEEP
}

/// The least slopes along x and along y, whatever their sign, of a polynomial over its square; not above 0 if that may change.
#[cfg(feature = "files")]
fn slopes(cubic: &Cubic) -> [f64; 2] {
    let [mut x, mut y] = [0.0, 0.0];
    for (row, power_y) in cubic.iter().zip(0_u8..) {
        for (c, power_x) in row.iter().zip(0_u8..) {
            let sign = |is_first: bool| if is_first { 1.0 } else { -1.0 };
            x += sign((power_x, power_y) == (1, 0)) * f64::from(power_x) * c.abs();
            y += sign((power_x, power_y) == (0, 1)) * f64::from(power_y) * c.abs();
        }
    }
    [x, y]
}

/// Source coordinates of the nodes of a square, then those of the places where interpolation is checked, all on the turn around the Earth
/// of its middle; `None` if a place has none.
fn probe(mapping: &Mapping, column: u32, row: u32, side: u32) -> Option<([f64; PROBES], [f64; PROBES])> {
    let half = f64::from(side) / 2.0;
    let (middle_column, middle_row) = (f64::from(column) + half, f64::from(row) + half);
    let grid = |places: &'static [f64]| places.iter().flat_map(move |v| places.iter().map(move |u| (*u, *v)));
    let (mut xs, mut ys) = ([0.0; PROBES], [0.0; PROBES]);
    for ((x, y), (u, v)) in xs.iter_mut().zip(&mut ys).zip(grid(&NODES).chain(grid(&CHECKS))) {
        (*x, *y) = (middle_column + u * half, middle_row + v * half);
    }
    mapping.points(&mut xs, &mut ys);
    if xs.iter().any(|x| x.is_nan()) {
        return None;
    }
    let near = (*xs.get(MIDDLE)?, *ys.get(MIDDLE)?);
    mapping.turn_near(&mut xs, &mut ys, near);
    Some((xs, ys))
}

/// Values at the nodes, row by row.
fn square(values: &[f64; 16]) -> [[f64; 4]; 4] {
    let mut rows = [[0.0; 4]; 4];
    rows.iter_mut().zip(values.as_chunks::<4>().0).for_each(|(row, values)| *row = *values);
    rows
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
    at(&along_row(cubic, v), u)
}

fn at([a, b, c, d]: &[f64; 4], u: f64) -> f64 {
    ((d * u + c) * u + b) * u + a
}

/// The cubics of a square whose x does not depend on the row, nor its y on the column.
fn upright(x: &Cubic, y: &Cubic) -> Option<Way> {
    let [along_x, other_x @ ..] = x;
    let leaning = other_x.iter().flatten().chain(y.iter().flat_map(|row| row.iter().skip(1)));
    (leaning.map(|c| c.abs()).sum::<f64>() < LEANING).then(|| Way::Upright(*along_x, y.map(|[constant, ..]| constant)))
}
