//! Which part of a source GDAL reads for a part of the output, and how much smaller it is: `GDALWarpOperation::ComputeSourceWindow`.

use cog_crs::{Crs, GcpTransform, Transform};
use cog_raster::GeoTransform;

use crate::error::{Error, Result};
use crate::grid::OutputGrid;
use crate::level::Rectangle;
use crate::mapping::{Mapping, SourceGrid};
use crate::method::Kind;

/// Places along an edge.
const STEPS: u32 = 21;

/// From places in a source to places in the output.
pub(crate) struct Forward {
    /// `None` if both have the same CRS.
    transform: Option<Transform>,
    source: Placement,
    to_output: GeoTransform,
    /// Just beside the poles of the output's CRS, in its pixels: where they are seen, edges do not show what the output sees.
    poles: Vec<(f64, f64)>,
}

enum Placement {
    Affine(GeoTransform),
    Gcps(Box<GcpTransform>),
}

impl Forward {
    /// # Errors
    /// CRSs without a transform between them.
    pub(crate) fn new(output: &OutputGrid, source: &SourceGrid<'_>) -> Result<Forward> {
        Forward::with(output, source.crs, Placement::Affine(source.transform))
    }

    /// # Errors
    /// CRSs without a transform between them.
    pub(crate) fn of_gcps(output: &OutputGrid, crs: &Crs, gcps: &GcpTransform) -> Result<Forward> {
        Forward::with(output, crs, Placement::Gcps(Box::new(gcps.clone())))
    }

    fn with(output: &OutputGrid, crs: &Crs, source: Placement) -> Result<Forward> {
        let transform = (output.crs() != crs).then(|| Transform::new_or_ballpark(crs, output.crs())).transpose()?;
        let to_output = output.whole_transform().inverse().ok_or(Error::FlatGrid)?;
        let poles = if transform.is_some() { poles(output.crs(), &to_output) } else { Vec::new() };
        Ok(Forward { transform, source, to_output, poles })
    }

    /// A place in pixels of the source, in pixels of the whole output grid.
    pub(crate) fn of_source(&self, column: f64, row: f64) -> Option<(f64, f64)> {
        let (x, y) = match &self.source {
            Placement::Affine(transform) => transform.apply(column, row),
            Placement::Gcps(gcps) => gcps.forward(column, row),
        };
        let (x, y) = match &self.transform {
            Some(transform) => transform.point(x, y)?,
            None => (x, y),
        };
        Some(self.to_output.apply(x, y))
    }

    fn sees_pole(&self, output: Rectangle) -> bool {
        self.poles.iter().any(|place| holds(output, *place))
    }
}

fn poles(crs: &Crs, to_output: &GeoTransform) -> Vec<(f64, f64)> {
    /// Degrees. GDAL stays away from 90, where longitudes do not come back.
    const BESIDE: f64 = 89.9999;
    let Some(globe) = crs.geographic() else { return Vec::new() };
    let degree = globe.unit().map_or(1.0, |(_, radians)| 1_f64.to_radians() / radians);
    let Ok(transform) = Transform::new(&globe, crs) else { return Vec::new() };
    let places = [-BESIDE, BESIDE].into_iter().filter_map(|latitude| transform.point(0.0, latitude * degree));
    places.map(|(x, y)| to_output.apply(x, y)).collect()
}

/// What is read for a part of the output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceWindow {
    pub(super) rectangle: Rectangle,
    /// Output pixels in one source pixel, along x and y.
    pub(super) scale: (f64, f64),
    /// Of what the output sees, the share that lies in the source.
    pub(super) fill_ratio: f64,
}

/// The smallest box of places, and how many of them there were.
struct Seen {
    low: (f64, f64),
    high: (f64, f64),
    places: usize,
    failed: usize,
}

impl Seen {
    fn nothing() -> Seen {
        let (low, high) = ((f64::INFINITY, f64::INFINITY), (f64::NEG_INFINITY, f64::NEG_INFINITY));
        Seen { low, high, places: 0, failed: 0 }
    }

    fn add(&mut self, (x, y): (f64, f64)) {
        self.low = (self.low.0.min(x), self.low.1.min(y));
        self.high = (self.high.0.max(x), self.high.1.max(y));
    }

    /// Keeps the box, and counts anew.
    fn look(&mut self, places: impl Iterator<Item = Option<(f64, f64)>>) {
        (self.places, self.failed) = (0, 0);
        for place in places {
            self.places += 1;
            match place {
                Some(place) => self.add(place),
                None => self.failed += 1,
            }
        }
    }
}

fn holds(part: Rectangle, (column, row): (f64, f64)) -> bool {
    let inside = |v: f64, first: u32, length: u32| v >= f64::from(first) && v <= f64::from(first) + f64::from(length);
    inside(column, part.column, part.width) && inside(row, part.row, part.height)
}

/// Shares from 0 to 1, with places half a pixel inside before and behind them.
fn shares(pixels: u32) -> impl Iterator<Item = f64> + Clone {
    let half = 0.5 / f64::from(pixels.max(1));
    let steps = (0..STEPS).map(|step| f64::from(step) / f64::from(STEPS - 1));
    std::iter::once(half).chain(steps).chain(std::iter::once(1.0 - half))
}

/// The part of the source for a part of the output, which lies in `whole`; `None` where hardly any place of it has one, or the source
/// lies elsewhere.
pub(super) fn of(
    mapping: &Mapping,
    forward: &Forward,
    part: Rectangle,
    whole: Rectangle,
    source: (u32, u32),
    kind: Kind,
) -> Option<SourceWindow> {
    let (left, top) = (f64::from(part.column), f64::from(part.row));
    let (width, height) = (f64::from(part.width), f64::from(part.height));
    let at = |x: f64, y: f64| mapping.point(left + x * width, top + y * height);
    let mut seen = Seen::nothing();
    let corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)];
    if corners.iter().all(|(x, y)| at(*x, *y).is_some()) {
        let steps = (0..STEPS).map(|step| f64::from(step) / f64::from(STEPS - 1));
        seen.look(steps.flat_map(|s| [at(s, 0.0), at(s, 1.0), at(0.0, s), at(1.0, s)]));
    } else {
        let columns = (0..=part.width).map(|column| f64::from(column) / width);
        let rows = (1..part.height).map(|row| f64::from(row) / height);
        let level = columns.flat_map(|x| [at(x, 0.0), at(x, 1.0)]);
        seen.look(level.chain(rows.flat_map(|y| [at(0.0, y), at(1.0, y)])));
    }
    if seen.failed > 0 || forward.sees_pole(whole) {
        // GDAL takes the width for both.
        let lattice = shares(part.width).flat_map(|y| shares(part.width).map(move |x| (x, y)));
        seen.look(lattice.map(|(x, y)| at(x, y)));
        if seen.failed + 5 > seen.places {
            return None;
        }
        let (w, h) = (f64::from(source.0), f64::from(source.1));
        for y in shares(source.1) {
            for x in shares(source.0) {
                if forward.of_source(x * w, y * h).is_some_and(|place| holds(part, place)) {
                    seen.add((x * w, y * h));
                }
            }
        }
    }
    if seen.failed + 5 > seen.places {
        return None;
    }
    window(&seen, part, source, kind)
}

/// One axis of a window: first pixel, length, scale, and what would be read of an endless source.
struct Side {
    first: u32,
    length: u32,
    scale: f64,
    endless: f64,
}

fn window(seen: &Seen, part: Rectangle, source: (u32, u32), kind: Kind) -> Option<SourceWindow> {
    let extra = if seen.failed > 0 { 10.0 } else { 0.0 };
    let x = side((seen.low.0, seen.high.0), part.width, source.0, kind, extra)?;
    let y = side((seen.low.1, seen.high.1), part.height, source.1, kind, extra)?;
    let read = f64::from(x.length) * f64::from(y.length);
    Some(SourceWindow {
        rectangle: Rectangle { column: x.first, row: y.first, width: x.length, height: y.length },
        scale: (x.scale, y.scale),
        fill_ratio: read / (x.endless * y.endless).max(1.0),
    })
}

fn side((low, high): (f64, f64), pixels: u32, source: u32, kind: Kind, extra: f64) -> Option<Side> {
    let (length, pixels) = (f64::from(source), f64::from(pixels));
    if low > length || high < 0.0 {
        return None;
    }
    let settle = |v: f64| if (v.round() - v).abs() < 1e-6 { v.round() } else { v };
    let (low, high) = (settle(low), settle(high));
    let rough = (pixels / (high - low)).max(1e-3);
    let reach = match kind {
        Kind::Kernel(kernel) => kernel.radius(),
        Kind::Nearest | Kind::Covering(_) => 0.0,
    };
    let reach = extra + if rough < NATIVE { (reach / rough).ceil() } else { reach };
    let (first_seen, end_seen) = (low.max(0.0).floor(), high.ceil().min(length));
    let raw = (high - low).min(length - first_seen).max(0.0);
    let (first, end) = if end_seen - first_seen > 0.9 * length {
        (0.0, length)
    } else {
        let first = (first_seen - reach).clamp(0.0, length);
        (first, (end_seen + reach).min(length).max(first))
    };
    let read = end - first;
    let scale = scale(pixels, read, read - raw);
    // All four lie between 0 and the source's size.
    (read > 0.0).then_some(Side { first: first as u32, length: read as u32, scale, endless: high - low + 2.0 * reach })
}

/// Down to this scale kernels keep their size.
const NATIVE: f64 = 0.95;

/// Output pixels in one source pixel.
fn scale(pixels: f64, read: f64, extra: f64) -> f64 {
    if read >= pixels && read <= pixels + extra {
        return 1.0;
    }
    let scale = pixels / (read - extra);
    let whole = (1.0 / scale + 0.5).floor();
    if scale < 1.0 && (1.0 / scale - whole).abs() < 0.05 { 1.0 / whole } else { scale }
}

impl SourceWindow {
    /// Bilinear and cubic keep their size.
    pub(super) fn is_native(&self) -> bool {
        self.scale.0 >= NATIVE && self.scale.1 >= NATIVE
    }
}
