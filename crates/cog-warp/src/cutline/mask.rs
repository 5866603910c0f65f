//! Which pixels of a grid lie inside a cut-line.

use std::ops::Range;

use cog_crs::Transform;
use cog_raster::ndarray::{Array2, Array3, ArrayViewMut2};
use cog_raster::{Area, Pixels, Raster, Sample, Validity, dispatch};

use super::by_point::{ByPoint, Memory};
use super::edges::{Columns, Edge, Edges, Scratch};
use super::outline::{self, ToPixels, Torn};
use super::polygon::{MOST_POINTS, Point};
use super::{Cutline, turn_of};
use crate::error::{CutlineError, Error, Result};
use crate::grid::OutputGrid;
use crate::level::Rectangle;
use crate::output::times;

/// A cut-line on a grid: answers for any rows and windows of it.
///
/// The mask of a window equals the same part of the mask of the whole, bit for bit: also of a grid that was cut out of another one
/// ([`OutputGrid::window`]).
#[derive(Debug)]
pub struct CutMask {
    /// Of the grid, in the one that it was cut from; so are all edges.
    rectangle: Rectangle,
    edges: Edges,
    /// Polygons whose outline is torn on this map.
    torn: Option<ByPoint>,
    touched: bool,
    blend: f64,
}

/// Rows of a window, one after the other.
struct Rows<'a> {
    mask: &'a CutMask,
    scratch: Scratch,
    found: Vec<u32>,
    memory: Memory,
    spans: Vec<Columns>,
    distances: Vec<f64>,
}

impl CutMask {
    pub(super) fn new(cutline: &Cutline, grid: &OutputGrid) -> Result<CutMask> {
        let transform =
            (cutline.crs != *grid.crs()).then(|| Transform::new_or_ballpark(&cutline.crs, grid.crs())).transpose()?;
        let to_pixels = outline::inverse(&grid.whole_transform()).ok_or(Error::FlatGrid)?;
        let turn = turn_of(grid.crs()).map(|turn| (turn * to_pixels.a, turn * to_pixels.d));
        let to_pixels = ToPixels { transform: transform.as_ref(), to_pixels, turn };
        let mut edges = Vec::new();
        let mut torn = Vec::new();
        let needs_torn_edges = cutline.touched || cutline.blend > 0.0;
        for (polygon, rings) in (0..).zip(cutline.polygons.iter()) {
            let limit = MOST_POINTS.saturating_sub(edges.len());
            match outlines(&to_pixels, rings, limit) {
                Ok(outlines) => {
                    let pairs = outlines.iter().flat_map(|ring| ring.iter().copied().zip(ring.iter().skip(1).copied()));
                    edges.extend(pairs.map(|(from, to)| Edge { from, to, polygon, encloses: true }));
                }
                Err(Torn) => {
                    torn.push(rings);
                    for ring in rings.iter().filter(|_| needs_torn_edges) {
                        let pieces = to_pixels.pieces(ring, limit).into_iter();
                        edges.extend(pieces.map(|(from, to)| Edge { from, to, polygon, encloses: false }));
                    }
                }
            }
            if edges.len() > MOST_POINTS {
                return Err(CutlineError::TooManyPoints { limit: MOST_POINTS }.into());
            }
        }
        let rectangle = grid.rectangle();
        let edges = match turn {
            Some(turn) => on_all_turns(edges, turn, rectangle, cutline.blend),
            None => edges,
        };
        let torn = if torn.is_empty() {
            None
        } else {
            let back = transform.map(|transform| transform.inverse()).transpose()?;
            Some(ByPoint::new(back, grid.whole_transform(), turn_of(&cutline.crs), torn.into_iter()))
        };
        let edges = Edges::new(edges);
        Ok(CutMask { rectangle, edges, torn, touched: cutline.touched, blend: cutline.blend })
    }

    /// The part of the grid outside of which nothing is valid; `None` if nothing is.
    pub fn bounds(&self) -> Option<Area> {
        let whole = Area { x: 0, y: 0, width: self.rectangle.width, height: self.rectangle.height };
        if self.torn.is_some() {
            return Some(whole);
        }
        let [left, top, right, bottom] = self.edges.bounds();
        let range = |low: f64, high: f64, first: u32, length: u32| {
            // A pixel that is only touched in its corner counts.
            let low = (low - self.blend).floor() - 1.0 - f64::from(first);
            let high = (high + self.blend).ceil() + 1.0 - f64::from(first);
            // Conversions keep to the range of the type, also from the infinite bounds of nothing.
            let (low, high) = (low.max(0.0) as u32, (high.max(0.0) as u32).min(length));
            (high > low).then(|| (low, high - low))
        };
        let (x, width) = range(left, right, self.rectangle.column, self.rectangle.width)?;
        let (y, height) = range(top, bottom, self.rectangle.row, self.rectangle.height)?;
        Some(Area { x, y, width, height })
    }

    /// The columns of a row of the grid that have a weight above 0, from left to right, apart from each other.
    pub fn columns(&self, row: u32) -> Vec<Range<u32>> {
        let mut rows = Rows::new(self);
        let mut weights = Vec::new();
        if self.blend > 0.0 {
            weights.resize(self.rectangle.width as usize, 0);
            rows.weights(0, row, &mut weights);
            return runs(&weights);
        }
        rows.spans(row, 0, self.rectangle.width);
        let first = i64::from(self.rectangle.column);
        let place = |column: i64| u32::try_from(column - first).unwrap_or(0);
        rows.spans.iter().map(|span| place(span.start)..place(span.end)).collect()
    }

    /// Fills the mask of a window of the grid, row after row: 255 inside, 0 outside, and between where the cut-line blends. What does not
    /// fit into `mask` is left out.
    pub fn fill(&self, window: Area, mask: &mut [u8]) {
        let mut rows = Rows::new(self);
        for (row, line) in
            (window.y..).zip(mask.chunks_mut((window.width as usize).max(1))).take(window.height as usize)
        {
            rows.weights(window.x, row, line);
        }
    }

    /// Makes invalid what lies outside, in a raster whose first pixel is at a column and row of the grid. Where the cut-line blends,
    /// validity becomes a weight. Samples outside are set to the raster's nodata, or to 0 where it has none.
    pub fn cut(&self, raster: &mut Raster, column: u32, row: u32) {
        let (_, height, width) = raster.dim();
        let mut mask = Array2::<u8>::zeros((height, width));
        let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        if let Some(mask) = mask.as_slice_mut() {
            self.fill(Area { x: column, y: row, width: side(width), height: side(height) }, mask);
        }
        let weigh = |own: &mut ArrayViewMut2<'_, u8>| {
            own.zip_mut_with(&mask, |own, weight| *own = times(*own, *weight));
        };
        let validity = std::mem::replace(&mut raster.validity, Validity::AllValid);
        raster.validity = match validity {
            Validity::Shared(mut own) => {
                weigh(&mut own.view_mut());
                Validity::Shared(own)
            }
            Validity::PerBand(mut own) => {
                own.outer_iter_mut().for_each(|mut own| weigh(&mut own));
                Validity::PerBand(own)
            }
            Validity::Dataset(mut own) => {
                weigh(&mut own.dataset.view_mut());
                own.masks.outer_iter_mut().for_each(|mut own| weigh(&mut own));
                Validity::Dataset(own)
            }
            _ => Validity::Shared(mask.clone()),
        };
        let sample_type = raster.pixels.sample_type();
        let pixels = std::mem::replace(&mut raster.pixels, Pixels::from(Array3::<u8>::zeros((0, 0, 0))));
        raster.pixels = dispatch!(sample_type, T => {
            without::<T>(pixels, &mask, raster.nodata.map_or_else(T::default, T::from_nodata))
        }, _ => pixels);
    }
}

/// Samples of pixels of weight 0 become `fill`.
fn without<T: Sample>(pixels: Pixels, mask: &Array2<u8>, fill: T) -> Pixels {
    let mut samples = match T::take(pixels) {
        Ok(samples) => samples,
        Err(others) => return others,
    };
    for mut band in samples.outer_iter_mut() {
        band.zip_mut_with(mask, |sample, weight| {
            if *weight == 0 {
                *sample = fill;
            }
        });
    }
    samples.into()
}

/// The rings of one polygon on the grid; torn too if they need more than `limit` points.
fn outlines(to_pixels: &ToPixels<'_>, rings: &[Vec<Point>], limit: usize) -> Result<Vec<Vec<Point>>, Torn> {
    let mut outlines = Vec::with_capacity(rings.len());
    let mut points = 0;
    for ring in rings {
        let outline = to_pixels.ring(ring, limit - points)?;
        points += outline.len();
        if points > limit {
            return Err(Torn);
        }
        outlines.push(outline);
    }
    Ok(outlines)
}

/// Longitudes repeat: edges as many turns around the Earth away as the grid reaches.
fn on_all_turns(edges: Vec<Edge>, turn: Point, rectangle: Rectangle, blend: f64) -> Vec<Edge> {
    /// On either side.
    const TURNS: i32 = 3;
    let (left, top) = (f64::from(rectangle.column), f64::from(rectangle.row));
    let (right, bottom) = (left + f64::from(rectangle.width), top + f64::from(rectangle.height));
    let [l, t, r, b] = super::polygon::bounds(edges.iter().flat_map(|edge| [edge.from, edge.to]));
    // A pixel more than anything may touch.
    let margin = blend + 2.0;
    let mut out = Vec::new();
    for (n, turns) in (-TURNS..=TURNS).enumerate() {
        let (x, y) = (f64::from(turns) * turn.0, f64::from(turns) * turn.1);
        let reaches =
            l + x <= right + margin && r + x >= left - margin && t + y <= bottom + margin && b + y >= top - margin;
        if !reaches {
            continue;
        }
        // Copies are polygons of their own: what lies in two of them is inside.
        let group = (n as u32) << 26;
        out.extend(edges.iter().map(|edge| Edge {
            from: (edge.from.0 + x, edge.from.1 + y),
            to: (edge.to.0 + x, edge.to.1 + y),
            polygon: edge.polygon | group,
            ..*edge
        }));
    }
    out
}

/// Where weights are above 0.
fn runs(weights: &[u8]) -> Vec<Range<u32>> {
    let mut runs: Vec<Range<u32>> = Vec::new();
    for column in (0..).zip(weights).filter(|(_, weight)| **weight > 0).map(|(column, _)| column) {
        match runs.last_mut() {
            Some(run) if run.end == column => run.end += 1,
            _ => runs.push(column..column + 1),
        }
    }
    runs
}

impl<'a> Rows<'a> {
    fn new(mask: &'a CutMask) -> Rows<'a> {
        Rows {
            mask,
            scratch: Scratch::default(),
            found: Vec::new(),
            memory: Memory::default(),
            spans: Vec::new(),
            distances: Vec::new(),
        }
    }

    /// The columns of the whole grid that lie inside, of `width` from a column of the window's grid on.
    fn spans(&mut self, row: u32, column: u32, width: u32) {
        let mask = self.mask;
        let row = i64::from(mask.rectangle.row) + i64::from(row);
        let first = i64::from(mask.rectangle.column) + i64::from(column);
        let end = first + i64::from(width);
        self.spans.clear();
        mask.edges.row(row, mask.touched, &mut self.scratch, &mut self.spans);
        if let Some(torn) = &mask.torn {
            let memory = &mut self.memory;
            let inside = (first..end).filter(|column| torn.contains(*column, row, memory));
            self.spans.extend(inside.map(|column| column..column + 1));
        }
        self.spans.iter_mut().for_each(|span| *span = span.start.max(first)..span.end.min(end));
        self.spans.retain(|span| span.end > span.start);
        self.spans.sort_unstable_by_key(|span| span.start);
        let mut merged: Vec<Columns> = Vec::with_capacity(self.spans.len());
        for span in self.spans.drain(..) {
            match merged.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => merged.push(span),
            }
        }
        self.spans = merged;
    }

    /// Weights from a column of the grid on.
    fn weights(&mut self, column: u32, row: u32, weights: &mut [u8]) {
        let width = u32::try_from(weights.len()).unwrap_or(u32::MAX);
        self.spans(row, column, width);
        let first = i64::from(self.mask.rectangle.column) + i64::from(column);
        weights.fill(0);
        for span in &self.spans {
            let place = |column: i64| usize::try_from(column - first).unwrap_or(0);
            if let Some(inside) = weights.get_mut(place(span.start)..place(span.end)) {
                inside.fill(255);
            }
        }
        if self.mask.blend > 0.0 {
            self.blend(first, i64::from(self.mask.rectangle.row) + i64::from(row), weights);
        }
    }

    /// From a mask to weights.
    fn blend(&mut self, first: i64, row: i64, weights: &mut [u8]) {
        let blend = self.mask.blend;
        let y = row as f64 + 0.5;
        self.mask.edges.near(y - blend, y + blend, &mut self.found);
        self.distances.clear();
        self.distances.resize(weights.len(), f64::INFINITY);
        for edge in self.found.iter().filter_map(|at| self.mask.edges.get(*at)) {
            let low = edge.from.0.min(edge.to.0) - blend - first as f64 - 0.5;
            let high = edge.from.0.max(edge.to.0) + blend - first as f64 + 0.5;
            let (low, high) = (low.max(0.0) as usize, (high.max(0.0) as usize).min(weights.len()));
            let Some(distances) = self.distances.get_mut(low..high.max(low)) else { continue };
            for (column, distance) in (low..).zip(distances) {
                let x = first as f64 + column as f64 + 0.5;
                *distance = distance.min(square_of_distance((x, y), edge.from, edge.to));
            }
        }
        for (weight, square) in weights.iter_mut().zip(&self.distances) {
            let share = 0.5 * square.sqrt() / blend;
            if share < 0.5 {
                let inside = if *weight > 0 { 0.5 + share } else { 0.5 - share };
                *weight = (255.0 * inside).round() as u8;
            }
        }
    }
}

fn square_of_distance(p: Point, a: Point, b: Point) -> f64 {
    let (way, to) = ((b.0 - a.0, b.1 - a.1), (p.0 - a.0, p.1 - a.1));
    let length = way.0 * way.0 + way.1 * way.1;
    let share = if length > 0.0 { ((to.0 * way.0 + to.1 * way.1) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (to.0 - share * way.0, to.1 - share * way.1);
    x * x + y * y
}
