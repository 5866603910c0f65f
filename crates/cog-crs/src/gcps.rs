//! Polynomials through ground control points, as GDAL fits them (`GDALCreateGCPTransformer`).

use crate::error::{Error, Result};
use cog_tiff::Gcp;

/// Terms of a polynomial of the third order in two variables.
const MOST: usize = 10;

/// Pivots below this share of the largest number of their column are rounding: the points lie on a line, or on a curve of the
/// order.
const LEAST_PIVOT: f64 = 1e-12;

/// From pixels to coordinates and back by polynomials through ground control points.
///
/// Both ways are fitted by least squares, each for itself, as GDAL does: there and back again is not the same place exactly.
///
/// ```
/// use cog_crs::{Gcp, GcpTransform};
///
/// let at = |column, row, x, y| Gcp { column, row, x, y, z: 0.0 };
/// let corners = [at(0.0, 0.0, 9.0, 48.0), at(100.0, 0.0, 9.5, 48.1), at(0.0, 100.0, 8.9, 47.5), at(100.0, 100.0, 9.4, 47.6)];
/// let transform = GcpTransform::new(&corners, None)?;
/// assert_eq!(transform.order(), 1);
/// let (x, y) = transform.forward(50.0, 50.0);
/// assert!((x - 9.2).abs() < 1e-12 && (y - 47.8).abs() < 1e-12);
/// # Ok::<(), cog_crs::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GcpTransform {
    order: u8,
    to_coordinates: Polynomial,
    to_pixels: Polynomial,
    /// minx, miny, maxx, maxy of the points' coordinates.
    bounds: [f64; 4],
}

/// Two polynomials in two variables, which are counted from a middle in units of a reach.
#[derive(Clone, Debug, PartialEq)]
struct Polynomial {
    middle: (f64, f64),
    reach: (f64, f64),
    terms: usize,
    first: [f64; MOST],
    second: [f64; MOST],
}

impl GcpTransform {
    /// Polynomials of an order from 1 to 3; without one, of the second from six points on, else of the first, as GDAL chooses them:
    /// the third is unstable, and only made when asked for. It needs ten points, the second six, the first three.
    ///
    /// # Errors
    /// [`Error::Value`] for an order that there is not, too few points, numbers that are not finite, and points on one line (or on one
    /// conic, one cubic, for the higher orders).
    pub fn new(gcps: &[Gcp], order: Option<u8>) -> Result<GcpTransform> {
        let wrong = |problem| Err(Error::value("ground control points", gcps.len(), problem));
        let order = order.unwrap_or(if gcps.len() >= 6 { 2 } else { 1 });
        let (needed, problem) = match order {
            1 => (3, "too few for polynomials of order 1: 3 are needed"),
            2 => (6, "too few for polynomials of order 2: 6 are needed"),
            3 => (10, "too few for polynomials of order 3: 10 are needed"),
            _ => return Err(Error::value("order of polynomials", order, "not 1, 2 or 3")),
        };
        if gcps.len() < needed {
            return wrong(problem);
        }
        if gcps.iter().any(|p| ![p.column, p.row, p.x, p.y].iter().all(|v| v.is_finite())) {
            return wrong("not all finite");
        }
        let pixels = || gcps.iter().map(|p| (p.column, p.row));
        let coordinates = || gcps.iter().map(|p| (p.x, p.y));
        let there = Polynomial::fit(needed, pixels().zip(coordinates()));
        let back = Polynomial::fit(needed, coordinates().zip(pixels()));
        let (Some(to_coordinates), Some(to_pixels)) = (there, back) else {
            return wrong("too much in line to place an image");
        };
        let none = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let bounds = coordinates().fold(none, |[l, b, r, t], (x, y)| [l.min(x), b.min(y), r.max(x), t.max(y)]);
        Ok(GcpTransform { order, to_coordinates, to_pixels, bounds })
    }

    /// 1 to 3.
    pub fn order(&self) -> u8 {
        self.order
    }

    /// From a place in pixels, counted from the image's first corner, to coordinates.
    pub fn forward(&self, column: f64, row: f64) -> (f64, f64) {
        self.to_coordinates.at(column, row)
    }

    /// From coordinates to a place in pixels.
    pub fn backward(&self, x: f64, y: f64) -> (f64, f64) {
        self.to_pixels.at(x, y)
    }

    /// minx, miny, maxx, maxy of the points' coordinates.
    pub fn bounds(&self) -> [f64; 4] {
        self.bounds
    }

    /// `[a, b, c, d, e, f]` of the affine transform that it comes nearest to at a place in pixels.
    pub(crate) fn affine_at(&self, column: f64, row: f64) -> [f64; 6] {
        let (here, right, below) =
            (self.forward(column, row), self.forward(column + 0.5, row), self.forward(column, row + 0.5));
        let (left, above) = (self.forward(column - 0.5, row), self.forward(column, row - 0.5));
        let (a, d) = (right.0 - left.0, right.1 - left.1);
        let (b, e) = (below.0 - above.0, below.1 - above.1);
        [a, b, here.0 - a * column - b * row, d, e, here.1 - d * column - e * row]
    }
}

impl Polynomial {
    /// Least squares over points and what is to become of them; `None` where they do not say enough.
    ///
    /// GDAL counts from the middle of the points too. The reach changes the numbers that are added, not the polynomial, and keeps
    /// the third order from drowning in rounding.
    fn fit(terms: usize, points: impl Iterator<Item = ((f64, f64), (f64, f64))> + Clone) -> Option<Polynomial> {
        let count = points.clone().count() as f64;
        let (x, y) = points.clone().fold((0.0, 0.0), |(x, y), (from, _)| (x + from.0, y + from.1));
        let middle = (x / count, y / count);
        let reach = points.clone().fold((0.0_f64, 0.0_f64), |(x, y), (from, _)| {
            (x.max((from.0 - middle.0).abs()), y.max((from.1 - middle.1).abs()))
        });
        if reach.0 == 0.0 || reach.1 == 0.0 {
            return None;
        }
        let mut fit = Polynomial { middle, reach, terms, first: [0.0; MOST], second: [0.0; MOST] };
        // Rows of the normal equations, with both right sides behind them.
        let mut rows = [[0.0; MOST + 2]; MOST];
        for (from, (u, v)) in points {
            let own = fit.terms_at(from.0, from.1);
            for (row, a) in rows.iter_mut().zip(own).take(terms) {
                let right = own.into_iter().chain([u, v]);
                row.iter_mut().zip(right).for_each(|(sum, b)| *sum += a * b);
            }
        }
        for ((place, first), second) in solve(&rows, terms)?.iter().zip(&mut fit.first).zip(&mut fit.second) {
            (*first, *second) = *place;
        }
        Some(fit)
    }

    fn terms_at(&self, x: f64, y: f64) -> [f64; MOST] {
        let (x, y) = ((x - self.middle.0) / self.reach.0, (y - self.middle.1) / self.reach.1);
        [1.0, x, y, x * x, x * y, y * y, x * x * x, x * x * y, x * y * y, y * y * y]
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let terms = self.terms_at(x, y);
        let sum = |of: &[f64; MOST]| of.iter().zip(terms).take(self.terms).map(|(c, t)| c * t).sum();
        (sum(&self.first), sum(&self.second))
    }
}

/// Gauss-Jordan elimination with two right sides; `None` if the rows depend on each other.
fn solve(rows: &[[f64; MOST + 2]; MOST], size: usize) -> Option<[(f64, f64); MOST]> {
    let mut rows: Vec<[f64; MOST + 2]> = rows.iter().take(size).copied().collect();
    for step in 0..size {
        let of = |row: &[f64; MOST + 2]| row.get(step).map_or(0.0, |v| v.abs());
        let scale = rows.iter().map(of).fold(0.0, f64::max);
        let best = (step..size).max_by(|a, b| {
            let size = |at: &usize| rows.get(*at).map_or(0.0, of);
            size(a).total_cmp(&size(b))
        })?;
        rows.swap(step, best);
        let pivot_row = *rows.get(step)?;
        let pivot = *pivot_row.get(step)?;
        if pivot.abs() <= LEAST_PIVOT * scale || pivot == 0.0 {
            return None;
        }
        for (at, row) in rows.iter_mut().enumerate() {
            if at != step {
                let factor = row.get(step)? / pivot;
                row.iter_mut().zip(pivot_row).for_each(|(v, p)| *v -= factor * p);
            }
        }
    }
    let mut out = [(0.0, 0.0); MOST];
    for (at, (row, place)) in rows.iter().zip(&mut out).enumerate() {
        let [.., u, v] = row;
        let pivot = row.get(at)?;
        *place = (u / pivot, v / pivot);
    }
    Some(out)
}
