//! The grid that a warp of a raster would have: GDAL's `GDALSuggestedWarpOutput2`, rasterio's
//! `calculate_default_transform`.

use super::Extent;
use super::pixels::Pixels;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::transform::Transform;

/// A north-up grid of square pixels, or nearly square ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// `[a, b, c, d, e, f]` as in [`Extent::new`]; b and d are 0.
    pub transform: [f64; 6],
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Grid {
    /// The same upper left corner with pixels of another size, enough of them to cover the grid.
    pub fn with_resolution(&self, x: f64, y: f64) -> Grid {
        let [a, b, c, d, e, f] = self.transform;
        let count = |pixels: u32, old: f64, new: f64| (f64::from(pixels) * (old / new)).abs().ceil() as u32;
        Grid { transform: [x, b, c, d, -y, f], width: count(self.width, a, x), height: count(self.height, e, y) }
    }

    /// The same box with other numbers of columns and rows.
    pub fn with_size(&self, width: u32, height: u32) -> Grid {
        let [a, b, c, d, e, f] = self.transform;
        let scale = |old: u32, new: u32| f64::from(old) / f64::from(new.max(1));
        Grid { transform: [a * scale(self.width, width), b, c, d, e * scale(self.height, height), f], width, height }
    }
}

impl Extent {
    /// The grid in another CRS that has about as many pixels as the raster from one corner to the other and covers all of it:
    /// what GDAL suggests and rasterio's `calculate_default_transform` answers.
    ///
    /// # Errors
    /// As [`Transform::new_or_ballpark`]; [`Error::NoImage`] if nearly no point of the raster has a place in the other CRS, and
    /// [`Error::Value`] if the grid would have more than 2³¹ columns or rows.
    pub fn suggested_grid(&self, target: &Crs) -> Result<Grid> {
        if self.crs == *target && !self.is_rotated() {
            return Ok(self.north_up());
        }
        self.grid_by(Transform::new_or_ballpark(&self.crs, target)?, target)
    }

    fn grid_by(&self, transform: Transform, target: &Crs) -> Result<Grid> {
        let pixels = Pixels::new(self, transform);
        Search { extent: self, pixels: &pixels, steps: self.steps(), found: None }.grid(target)
    }

    /// Its own grid, with row 0 in the north.
    fn north_up(&self) -> Grid {
        let [a, b, c, d, e, f] = self.transform;
        let (e, f) = if e < 0.0 { (e, f) } else { (-e, f + e * f64::from(self.height)) };
        Grid { transform: [a, b, c, d, e, f], width: self.width, height: self.height }
    }

    /// Into how many parts each edge is cut.
    fn steps(&self) -> u32 {
        ((f64::from(self.width.min(self.height)) / 50.0 + 0.5) as u32).clamp(20, 100)
    }
}

type Point = Option<(f64, f64)>;

/// The box of the points seen so far.
#[derive(Clone, Copy, Debug)]
struct Around {
    left: f64,
    bottom: f64,
    right: f64,
    top: f64,
}

struct Search<'a> {
    extent: &'a Extent,
    pixels: &'a Pixels<'a>,
    steps: u32,
    found: Option<Around>,
}

/// Points of a raster's edges, or of all of it, with where they lie in the target CRS.
struct Samples {
    points: Vec<Point>,
    is_full: bool,
}

impl Search<'_> {
    fn grid(mut self, target: &Crs) -> Result<Grid> {
        let mut samples = Samples { points: self.edges(), is_full: false };
        on_one_side(self.pixels, &mut samples.points);
        if !self.comes_back(&samples.points) {
            samples = Samples { points: self.everywhere(), is_full: true };
        }
        let failed = self.collect(&samples);
        let no_image = || Error::NoImage { target: target.name().to_string() };
        if failed + 10 > samples.points.len() {
            return Err(no_image());
        }
        let mut around = self.found.ok_or_else(no_image)?;
        let to_degrees = self.pixels.transform().to_degrees() && !self.extent.is_geographic();
        if to_degrees {
            self.with_poles(&mut around);
        }
        self.with_bounds(&mut around);
        let size = self.pixel_size(&samples.points, around);
        let count = |extent: f64| (extent / size + 0.5).floor();
        let (columns, rows) = (count(around.right - around.left), count(around.top - around.bottom));
        let most = f64::from(i32::MAX - 1);
        if !(columns <= most && rows <= most) {
            return Err(Error::value("the grid", format!("{columns}x{rows}"), "too large"));
        }
        let (columns, rows) = (columns.max(1.0), rows.max(1.0));
        let (x_size, y_size) = self.within_borders(around, (columns, rows), size);
        let mut transform = [x_size, 0.0, around.left, 0.0, -y_size, around.top];
        let right = around.left + columns * x_size;
        if to_degrees && (around.right == 180.0 || around.right <= 180.0 && right > 180.0) {
            transform[0] = (180.0 - around.left) / columns;
        }
        let bottom = around.top - rows * y_size;
        if to_degrees && around.bottom >= -90.0 && bottom < -90.0 {
            transform[4] = -(around.top + 90.0) / rows;
        }
        Ok(Grid { transform, width: columns as u32, height: rows as u32 })
    }

    fn ratio(&self, step: u32) -> f64 {
        if step == self.steps { 1.0 } else { f64::from(step) * (1.0 / f64::from(self.steps)) }
    }

    /// Pixels of the top, bottom, left and right edge.
    fn edge_pixels(&self) -> Vec<(f64, f64)> {
        let (width, height) = self.extent.size();
        let ratios = || (0..=self.steps).map(|step| self.ratio(step));
        let top = ratios().map(|r| (r * width, 0.0));
        let bottom = ratios().map(|r| (r * width, height));
        let left = ratios().map(|r| (0.0, r * height));
        let right = ratios().map(|r| (width, r * height));
        top.chain(bottom).chain(left).chain(right).collect()
    }

    fn edges(&self) -> Vec<Point> {
        self.edge_pixels().into_iter().map(|(column, row)| self.pixels.forward(column, row)).collect()
    }

    /// A lattice over the whole raster, row by row.
    fn everywhere(&self) -> Vec<Point> {
        let (width, height) = self.extent.size();
        let row = |row: u32| {
            (0..=self.steps)
                .map(move |column| self.pixels.forward(self.ratio(column) * width, self.ratio(row) * height))
        };
        (0..=self.steps).flat_map(row).collect()
    }

    /// True if every point exists and leads back to about the pixel that it came from.
    fn comes_back(&self, points: &[Point]) -> bool {
        let (width, height) = self.extent.size();
        let (most_columns, most_rows) = (width / f64::from(self.steps), height / f64::from(self.steps));
        points.iter().all(Option::is_some)
            && points.iter().zip(self.edge_pixels()).all(|(point, pixel)| {
                let back = point.and_then(|(x, y)| self.pixels.backward(x, y));
                back.is_some_and(|(column, row)| {
                    (column - pixel.0).abs() <= most_columns && (row - pixel.1).abs() <= most_rows
                })
            })
    }

    fn include(&mut self, (x, y): (f64, f64)) {
        let found = self.found.get_or_insert(Around { left: x, bottom: y, right: x, top: y });
        found.left = found.left.min(x);
        found.bottom = found.bottom.min(y);
        found.right = found.right.max(x);
        found.top = found.top.max(y);
    }

    /// The box of all points; how many do not exist.
    fn collect(&mut self, samples: &Samples) -> usize {
        let line = self.steps as usize + 1;
        let mut failed = 0;
        for (i, here) in samples.points.iter().enumerate() {
            let (column, row) = match samples.is_full {
                true => (i % line, i / line),
                false if i < 2 * line => (i % line, if i < line { 0 } else { self.steps as usize }),
                false => (0, 0),
            };
            if column > 0
                && let Some(before) = samples.points.get(i - 1)
                && (before.is_some() || here.is_some())
            {
                self.bisect(*before, *here, column, row);
            }
            match here {
                Some(point) => self.include(*point),
                None => failed += 1,
            }
        }
        failed
    }

    /// Between two neighbours of a row of which one does not exist, or which lie on two sides of x = 0, looks for
    /// the place where the map is torn.
    fn bisect(&mut self, before: Point, after: Point, column: usize, row: usize) {
        const ROUNDS: usize = 16;
        let (width, height) = self.extent.size();
        let steps = f64::from(self.steps);
        let (mut before, mut after) = (before.map(|p| p.0), after.map(|p| p.0));
        let (mut low, mut high) = ((column - 1) as f64 * width / steps, column as f64 * width / steps);
        let row = row as f64 * height / steps;
        for _ in 0..ROUNDS {
            if let (Some(a), Some(b)) = (before, after)
                && a * b >= 0.0
            {
                return;
            }
            let middle = 0.5 * (low + high);
            match (self.pixels.forward(middle, row), before, after) {
                (Some(point), ..) => {
                    self.include(point);
                    if before.is_none_or(|x| x * point.0 < 0.0) {
                        (high, after) = (middle, Some(point.0));
                    } else {
                        (low, before) = (middle, Some(point.0));
                    }
                }
                (None, None, _) => low = middle,
                (None, _, None) => high = middle,
                (None, ..) => return,
            }
        }
    }

    /// A pole inside the raster has all longitudes.
    fn with_poles(&self, around: &mut Around) {
        const NEAR: f64 = 1e-5;
        let (width, height) = self.extent.size();
        for latitude in [-90.0, 90.0] {
            let Some((x, y)) = self.pixels.transform().point_back(0.0, latitude) else { continue };
            let (column, row) = self.pixels.pixel(x, y);
            let is_inside = (-NEAR..=width + NEAR).contains(&column) && (-NEAR..=height + NEAR).contains(&row);
            let again = self.pixels.transform().point(x, y);
            if is_inside && again.is_some_and(|(_, y)| (y - latitude).abs() <= 1e-6) {
                (around.left, around.right) = (-180.0, 180.0);
                if latitude < 0.0 { around.bottom = latitude } else { around.top = latitude }
            }
        }
    }

    /// What the box of the raster becomes may reach further than its points.
    fn with_bounds(&self, around: &mut Around) {
        const BETWEEN: usize = 2;
        if self.extent.is_rotated() {
            return;
        }
        if let Some([left, bottom, right, top]) = self.pixels.transform().bounds(self.extent.bounds(), BETWEEN) {
            around.left = around.left.min(left);
            around.bottom = around.bottom.min(bottom);
            around.right = around.right.max(right);
            around.top = around.top.max(top);
        }
    }

    /// As many pixels from corner to corner as in the raster.
    fn pixel_size(&self, points: &[Point], around: Around) -> f64 {
        let corners = (points.first().copied().flatten(), points.last().copied().flatten());
        let diagonal = match corners {
            (Some(first), Some(last)) => (last.0 - first.0, last.1 - first.1),
            _ => (0.0, 0.0),
        };
        let (dx, dy) = match diagonal {
            (dx, dy) if dx != 0.0 && dy != 0.0 => (dx, dy),
            _ => (around.right - around.left, around.top - around.bottom),
        };
        let (width, height) = self.extent.size();
        (dx * dx + dy * dy).sqrt() / (width * width + height * height).sqrt()
    }

    /// Pixels a little smaller where the last column or row would lie beyond the raster altogether.
    fn within_borders(&self, around: Around, (columns, rows): (f64, f64), size: f64) -> (f64, f64) {
        const SHRINK: [f64; 5] = [0.0, 0.001, 0.01, 0.1, 1.0];
        let smaller =
            |count: f64| SHRINK.into_iter().filter(move |r| *r < count).map(move |ratio| size - size * ratio / count);
        let on_right = |x_size: &f64| {
            let x = around.left + columns * x_size;
            self.is_on_raster((*x_size, size), |ratio| (x, around.top - size * ratio * rows))
        };
        let x_size = smaller(columns).find(on_right).unwrap_or(size);
        let on_bottom = |y_size: &f64| {
            let y = around.top - rows * y_size;
            self.is_on_raster((x_size, *y_size), |ratio| (around.left + x_size * ratio * columns, y))
        };
        let y_size = smaller(rows).find(on_bottom).unwrap_or(size);
        (x_size, y_size)
    }

    /// True if one of 21 places on a line leads to the raster and back to within a pixel.
    fn is_on_raster(&self, (x_size, y_size): (f64, f64), place: impl Fn(f64) -> (f64, f64)) -> bool {
        (0..=20).map(|i| f64::from(i) / 20.0).any(|ratio| {
            let (x, y) = place(ratio);
            let again = self.pixels.backward(x, y).and_then(|(column, row)| self.pixels.forward(column, row));
            again.is_some_and(|(u, v)| (u - x).abs() <= x_size && (v - y).abs() <= y_size)
        })
    }
}

/// Longitudes that are all of one sign, but for some on the antimeridian with the other one, get one sign.
fn on_one_side(pixels: &Pixels<'_>, points: &mut [Point]) {
    const NEAR: f64 = 1e-8;
    let opposite = |x: f64, sign: f64| (x + sign * 180.0).abs() < NEAR;
    let fits = |x: f64, sign: f64| sign * x > 0.0 && sign * x <= 180.0 || opposite(x, sign);
    let all = || points.iter().flatten().map(|p| p.0);
    let Some(first) = all().next() else { return };
    let Some(sign) = [-1.0, 1.0].into_iter().find(|sign| fits(first, *sign)) else { return };
    if !all().all(|x| fits(x, sign)) {
        return;
    }
    for point in points.iter_mut().flatten().filter(|p| opposite(p.0, sign)) {
        let (here, there) = (pixels.backward(-sign * 180.0, point.1), pixels.backward(sign * 180.0, point.1));
        if let (Some(here), Some(there)) = (here, there)
            && (here.0 - there.0).abs() < NEAR
            && (here.1 - there.1).abs() < NEAR
        {
            point.0 = sign * 180.0;
        }
    }
}
