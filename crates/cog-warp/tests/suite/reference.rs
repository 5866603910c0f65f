//! The exact mode beside a reference that shares nothing with it: coordinates of 30 digits from closed formulas
//! (`xtask/oracle/reference.py`), kernels summed over the whole source, areas by cutting polygons.

use std::collections::BTreeMap;

use cog_crs::Crs;
use cog_raster::ndarray::{Array2, Array3};
use cog_raster::{GeoTransform, Pixels, Raster, Validity};
use cog_warp::{Method, OutputGrid, Warp};
use serde_json::Value;

type Point = (f64, f64);

struct Case {
    name: String,
    crs: Crs,
    transform: GeoTransform,
    source: (usize, usize),
    grid: OutputGrid,
    size: (usize, usize),
    middles: Vec<Point>,
    corners: Vec<Point>,
}

impl Case {
    /// The corners of an output pixel, in the source.
    fn quad(&self, at: usize) -> [Point; 4] {
        let width = self.size.0;
        let corner = |dx: usize, dy: usize| self.corners[(at / width + dy) * (width + 1) + at % width + dx];
        [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)]
    }
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/reference.json");
    let cases: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let number = |v: &Value| v.as_f64().unwrap();
    let transform = |v: &Value| {
        let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(|i| number(&v[i]));
        GeoTransform { a, b, c, d, e, f }
    };
    let points = |v: &Value| v.as_array().unwrap().iter().map(|p| (number(&p[0]), number(&p[1]))).collect();
    let size = |v: &Value| (v[0].as_u64().unwrap() as usize, v[1].as_u64().unwrap() as usize);
    let case = |v: &Value| {
        let (width, height) = size(&v["size"]);
        let target = v["target"].as_str().unwrap().parse().unwrap();
        Case {
            name: format!("{} to {}", v["crs"], v["target"]),
            crs: v["crs"].as_str().unwrap().parse().unwrap(),
            transform: transform(&v["transform"]),
            source: size(&v["source"]),
            grid: OutputGrid::new(target, transform(&v["grid"]), width as u32, height as u32).unwrap(),
            size: (width, height),
            middles: points(&v["middles"]),
            corners: points(&v["corners"]),
        }
    };
    cases.as_array().unwrap().iter().map(case).collect()
}

/// A source with holes: noise from 0 to 1.
struct Source {
    width: usize,
    height: usize,
}

impl Source {
    fn value(&self, column: usize, row: usize) -> f64 {
        ((column * 7919 + row * 104_729 + column * row * 31) % 1009) as f64 / 1009.0
    }

    fn is_valid(&self, column: usize, row: usize) -> bool {
        !(column * 5 + row * 7).is_multiple_of(11)
    }

    fn get(&self, column: f64, row: f64) -> Option<f64> {
        let inside = column >= 0.0 && row >= 0.0 && column < self.width as f64 && row < self.height as f64;
        let (column, row) = (column as usize, row as usize);
        (inside && self.is_valid(column, row)).then(|| self.value(column, row))
    }

    fn raster(&self, transform: GeoTransform) -> Raster {
        let valid =
            Array2::from_shape_fn((self.height, self.width), |(r, c)| if self.is_valid(c, r) { 255 } else { 0 });
        let samples = Array3::from_shape_fn((1, self.height, self.width), |(_, r, c)| self.value(c, r));
        let mut raster = Raster::new(Pixels::from(samples), Validity::Shared(valid));
        raster.transform = Some(transform);
        raster
    }

    fn pixels(&self) -> impl Iterator<Item = (f64, f64)> {
        let width = self.width;
        (0..self.height).flat_map(move |row| (0..width).map(move |column| (column as f64, row as f64)))
    }
}

/// Kernels as textbooks have them.
fn kernel(method: Method, distance: f64) -> f64 {
    let d = distance.abs();
    let sinc = |v: f64| if v == 0.0 { 1.0 } else { (std::f64::consts::PI * v).sin() / (std::f64::consts::PI * v) };
    match method {
        Method::Bilinear if d < 1.0 => 1.0 - d,
        Method::Cubic if d < 1.0 => 1.5 * d.powi(3) - 2.5 * d.powi(2) + 1.0,
        Method::Cubic if d < 2.0 => -0.5 * d.powi(3) + 2.5 * d.powi(2) - 4.0 * d + 2.0,
        Method::CubicSpline if d < 1.0 => (4.0 - 6.0 * d.powi(2) + 3.0 * d.powi(3)) / 6.0,
        Method::CubicSpline if d < 2.0 => (2.0 - d).powi(3) / 6.0,
        Method::Lanczos if d < 3.0 => sinc(d) * sinc(d / 3.0),
        _ => 0.0,
    }
}

/// Sums a kernel over all of the source, so wide along x and y.
fn convolved(source: &Source, method: Method, (x, y): Point, (wide_x, wide_y): (f64, f64)) -> Option<f64> {
    source.get(x.floor(), y.floor())?;
    let (mut sum, mut weights) = (0.0, 0.0);
    for (column, row) in source.pixels() {
        let weight = kernel(method, (column + 0.5 - x) / wide_x) * kernel(method, (row + 0.5 - y) / wide_y);
        if let Some(value) = source.get(column, row).filter(|_| weight != 0.0) {
            sum += weight * value;
            weights += weight;
        }
    }
    (weights > 1e-5).then(|| sum / weights)
}

/// How far a pixel with these corners reaches along x and y of the source.
fn reach([a, b, c, d]: [Point; 4]) -> (f64, f64) {
    let half = |p: f64, q: f64, r: f64, s: f64| 0.5 * ((q - p) + (r - s));
    let across = (half(a.0, b.0, c.0, d.0), half(a.1, b.1, c.1, d.1));
    let down = (half(a.0, d.0, c.0, b.0), half(a.1, d.1, c.1, b.1));
    (across.0.hypot(down.0), across.1.hypot(down.1))
}

fn by_kernel(source: &Source, method: Method, place: Point, quad: [Point; 4]) -> Option<f64> {
    let (x, y) = reach(quad);
    let keeps = matches!(method, Method::Bilinear | Method::Cubic);
    let wide = |size: f64| if keeps { (0.5 * size).max(1.0) } else { size.max(1.0) };
    let wide = (wide(x), wide(y));
    if method == Method::Cubic && wide == (1.0, 1.0) {
        // One of sixteen is missing: bilinear.
        let near = |from: f64| (0..4).map(move |i| (from - 0.5).floor() - 1.0 + f64::from(i));
        let is_whole = near(place.1).all(|row| near(place.0).all(|column| source.get(column, row).is_some()));
        if !is_whole {
            return convolved(source, Method::Bilinear, place, (1.0, 1.0));
        }
    }
    convolved(source, method, place, wide)
}

/// What is left of a polygon on one side of a line along an axis.
fn cut(polygon: &[Point], along: impl Fn(Point) -> f64) -> Vec<Point> {
    let mut out = Vec::new();
    for (a, b) in polygon.iter().zip(polygon.iter().cycle().skip(1)) {
        let (from, to) = (along(*a), along(*b));
        if from >= 0.0 {
            out.push(*a);
        }
        if (from >= 0.0) != (to >= 0.0) {
            let share = from / (from - to);
            out.push((a.0 + share * (b.0 - a.0), a.1 + share * (b.1 - a.1)));
        }
    }
    out
}

fn covered(quad: [Point; 4], column: f64, row: f64) -> f64 {
    let left = cut(&quad, |p| p.0 - column);
    let right = cut(&left, |p| column + 1.0 - p.0);
    let top = cut(&right, |p| p.1 - row);
    let inside = cut(&top, |p| row + 1.0 - p.1);
    let edges = inside.iter().zip(inside.iter().cycle().skip(1));
    // Counted from the pixel's corner, where nothing cancels.
    let twice: f64 = edges.map(|(a, b)| (a.0 - column) * (b.1 - row) - (b.0 - column) * (a.1 - row)).sum();
    0.5 * twice.abs()
}

/// Valid source samples below a pixel, with the area of each that is covered.
fn below(source: &Source, quad: [Point; 4]) -> Vec<(f64, f64)> {
    let pixels =
        source.pixels().filter_map(|(column, row)| Some((source.get(column, row)?, covered(quad, column, row))));
    pixels.filter(|(_, area)| *area > 0.0).collect()
}

/// Two samples have about the same, largest area.
fn is_tie(below: &[(f64, f64)]) -> bool {
    let mut areas: Vec<f64> = below.iter().map(|(_, area)| *area).collect();
    areas.sort_by(|a, b| b.total_cmp(a));
    areas.len() > 1 && areas[0] - areas[1] < 1e-3
}

/// The last of the sorted values that is not above the share, not weighted.
fn quantile(below: &[(f64, f64)], share: f64) -> f64 {
    let mut values: Vec<f64> = below.iter().map(|(v, _)| *v).collect();
    values.sort_by(f64::total_cmp);
    values[((share * values.len() as f64).ceil() as usize).max(1) - 1]
}

fn by_area(method: Method, below: &[(f64, f64)]) -> Option<f64> {
    let area: f64 = below.iter().map(|(_, a)| a).sum();
    let sum: f64 = below.iter().map(|(v, a)| v * a).sum();
    let squares: f64 = below.iter().map(|(v, a)| v * v * a).sum();
    (area > 0.0).then(|| match method {
        Method::Average => sum / area,
        Method::Sum => sum,
        Method::Rms => (squares / area).sqrt(),
        Method::Median => quantile(below, 0.5),
        Method::FirstQuartile => quantile(below, 0.25),
        Method::ThirdQuartile => quantile(below, 0.75),
        Method::Mode => {
            // The noise repeats no value so near: what covers most.
            let largest = below.iter().max_by(|a, b| a.1.total_cmp(&b.1));
            largest.map_or(f64::NAN, |(v, _)| *v)
        }
        Method::Min => below.iter().map(|(v, _)| *v).fold(f64::INFINITY, f64::min),
        _ => below.iter().map(|(v, _)| *v).fold(f64::NEG_INFINITY, f64::max),
    })
}

#[test]
fn coordinates_are_exact_to_a_ten_thousandth_of_a_pixel() {
    let mut worst: f64 = 0.0;
    let mut seen = 0;
    for case in cases() {
        let (width, height) = case.source;
        if reach(case.quad(0)).0 > 2.0 {
            // Wider kernels do not keep ramps to the last digit.
            continue;
        }
        // Bilinear between samples that are columns, and rows, gives the place itself.
        let ramps = Array3::from_shape_fn((2, height, width), |(b, r, c)| if b == 0 { c as f64 } else { r as f64 });
        let mut source = Raster::new(Pixels::from(ramps), Validity::AllValid);
        source.transform = Some(case.transform);
        let warped = Warp::new(&source, &case.crs, &case.grid).method(Method::Bilinear).run().unwrap();
        let values = warped.pixels.view::<f64>().unwrap();
        for (i, (x, y)) in case.middles.iter().enumerate() {
            let inner = |v: f64, length: usize| v > 2.5 && v < length as f64 - 2.5;
            if inner(*x, width) && inner(*y, height) {
                let (row, column) = (i / case.size.0, i % case.size.0);
                worst = worst
                    .max((values[[0, row, column]] + 0.5 - x).abs())
                    .max((values[[1, row, column]] + 0.5 - y).abs());
                seen += 1;
            }
        }
    }
    println!("{worst:e} pixel at most, of {seen}");
    assert!(seen > 1000 && worst < 1e-4, "{worst} of {seen}");
}

#[test]
fn pixels_by_all_methods_are_those_of_the_definitions() {
    /// A place may be off by 0.0001 pixel; a kernel's weights change by less than eight times as much.
    const TOLERANCE: f64 = 8e-4;
    let mut worst: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for case in cases() {
        let source = Source { width: case.source.0, height: case.source.1 };
        let raster = source.raster(case.transform);
        let (width, height) = case.size;
        let quads: Vec<[Point; 4]> = (0..width * height).map(|i| case.quad(i)).collect();
        let covered: Vec<Vec<(f64, f64)>> = quads.iter().map(|quad| below(&source, *quad)).collect();
        let kernels = [Method::Bilinear, Method::Cubic, Method::CubicSpline, Method::Lanczos];
        let ranks =
            [Method::Min, Method::Max, Method::Median, Method::FirstQuartile, Method::ThirdQuartile, Method::Mode];
        let areas: Vec<Method> = [Method::Average, Method::Sum, Method::Rms].into_iter().chain(ranks).collect();
        for method in [Method::Nearest].into_iter().chain(kernels).chain(areas.iter().copied()) {
            let warped = Warp::new(&raster, &case.crs, &case.grid).method(method).run().unwrap();
            let (values, mask) = (warped.pixels.view::<f64>().unwrap(), warped.mask());
            for (i, place) in case.middles.iter().enumerate() {
                let (row, column) = (i / width, i % width);
                let is_area = areas.contains(&method);
                // Where 0.0001 pixel decides between two pixels, or between something and nothing, nobody is right.
                let is_close = |v: f64| (v - v.round()).abs() < 1e-4;
                if !is_area && (is_close(place.0) || is_close(place.1)) {
                    continue;
                }
                if is_area && covered[i].iter().any(|(_, area)| *area < 1e-3) {
                    continue;
                }
                if method == Method::Mode && is_tie(&covered[i]) {
                    continue;
                }
                let expected = match method {
                    Method::Nearest => source.get(place.0.floor(), place.1.floor()),
                    _ if is_area => by_area(method, &covered[i]),
                    _ => by_kernel(&source, method, *place, quads[i]),
                };
                let found = (mask[[row, column]] != 0).then(|| values[[0, row, column]]);
                let off = match (expected, found) {
                    (Some(expected), Some(found)) => (expected - found).abs(),
                    (None, None) => 0.0,
                    other => panic!("{} {method} {column},{row} at {place:?}: {other:?}", case.name),
                };
                let least = if method == Method::Nearest || ranks.contains(&method) { 0.0 } else { TOLERANCE };
                assert!(off <= least, "{} {method} {column},{row} at {place:?}: {expected:?} {found:?}", case.name);
                let worst = worst.entry(method.name()).or_default();
                *worst = (worst.0.max(off), worst.1 + usize::from(expected.is_some()));
            }
        }
    }
    println!("{worst:?}");
    assert!(worst.len() == 14 && worst.values().all(|(_, count)| *count > 800), "{worst:?}");
}
