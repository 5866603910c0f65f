//! Values at places.

mod interpolation;

use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::sync::Arc;

use cog_raster::{Area, Pixels, Sample, Validity, WrongType};
use futures_util::future::BoxFuture;
use ndarray::{Array2, Array3, ArrayView2, Axis};
use num_complex::Complex;

use crate::cog::Cog;
use crate::error::{Error, Result, UsageProblem};
use crate::render::areas::read_blocks;
use crate::render::band_source::{BandSource, Part};
use crate::render::selection::{Selection, selection_setters};

pub use interpolation::Interpolation;

impl Cog {
    /// Reads the values at places, given as coordinates in the file's CRS.
    ///
    /// ```no_run
    /// # async fn example(cog: cog_read::Cog) -> cog_read::Result<()> {
    /// let points = cog.points([(438_210.0, 3_766_400.0), (438_500.0, 3_766_900.0)]).bands([1]).await?;
    /// let values = points.view::<i16>()?; // (band, place)
    /// println!("{} metres", values[[0, 1]]);
    /// # Ok(()) }
    /// ```
    pub fn points(&self, points: impl IntoIterator<Item = (f64, f64)>) -> PointsRead {
        PointsRead::new(self, points.into_iter().collect())
    }
}

/// A request for the values at places; await it to get [`Points`].
///
/// Places that share a block cost it once, and all blocks are fetched with merged requests.
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct PointsRead {
    cog: Cog,
    points: Vec<(f64, f64)>,
    level: usize,
    selection: Selection,
    in_pixels: bool,
    interpolation: Interpolation,
    unscale: bool,
}

/// The values at places.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Points {
    /// (band, 0, place): one row of as many columns as places; [`view`](Points::view) gives it without the row. Bands are in the
    /// order of [`bands`](Points::bands), places in that of the request. Of places outside the image nodata, else 0. In the file's
    /// type; `f64` where values are interpolated (`complex128` of a complex file) or unscaled.
    pub values: Pixels,
    /// (band, place): 255 where there is data, else 0.
    pub validity: Array2<u8>,
    /// Column and row of the level for each place; `None` for those outside the image.
    pub pixels: Vec<Option<(u32, u32)>>,
    /// Numbers of the bands read, from 1.
    pub bands: Vec<usize>,
    /// The level read; 0 is full resolution.
    pub level: usize,
}

impl Points {
    /// The values as (band, place).
    ///
    /// # Errors
    /// Values are not of type `T`.
    pub fn view<T: Sample>(&self) -> std::result::Result<ArrayView2<'_, T>, WrongType> {
        Ok(self.values.view::<T>()?.index_axis_move(Axis(1), 0))
    }
}

/// A place on the level: the first pixel of its neighbourhood and the weights along x and y.
struct Place {
    column: i64,
    row: i64,
    x: Vec<f64>,
    y: Vec<f64>,
}

/// Decoded bytes that are held at once.
const GROUP_BYTES: u64 = 32 << 20;

impl PointsRead {
    pub(crate) fn new(cog: &Cog, points: Vec<(f64, f64)>) -> PointsRead {
        PointsRead {
            cog: cog.clone(),
            points,
            level: 0,
            selection: Selection::default(),
            in_pixels: false,
            interpolation: Interpolation::Nearest,
            unscale: false,
        }
    }

    /// Reads this level instead of full resolution.
    pub fn level(mut self, level: usize) -> Self {
        self.level = level;
        self
    }

    /// Places are columns and rows of full resolution, not coordinates: (0.5, 0.5) is the centre of the first pixel.
    pub fn in_pixels(mut self) -> Self {
        self.in_pixels = true;
        self
    }

    /// Makes values from several pixels, as `f64` or, of a complex file, as `complex128`.
    pub fn interpolation(mut self, interpolation: Interpolation) -> Self {
        self.interpolation = interpolation;
        self
    }

    /// Applies each band's scale and offset; values come as `f64`.
    pub fn unscale(mut self) -> Self {
        self.unscale = true;
        self
    }

    selection_setters!(selection);

    async fn run(self) -> Result<Points> {
        let source = BandSource::new(&self.cog, self.level, &self.selection)?;
        let places = self.places(&source)?;
        let interpolates = self.interpolation != Interpolation::Nearest;
        let (bands, count) = (source.bands.len(), places.len());
        source.check_output((bands as u64).saturating_mul(count as u64).saturating_mul(17))?;
        let shape = (bands, 1, count);
        let nodata = source.nodata().map_or(0.0, |n| n.as_f64());
        let mut values = if interpolates && source.layer.sample_type.is_complex() {
            Pixels::Complex64(Array3::from_elem(shape, Complex::new(nodata, 0.0)))
        } else if interpolates {
            Pixels::F64(Array3::from_elem(shape, nodata))
        } else {
            Pixels::filled(source.layer.sample_type, shape, source.nodata())
                .ok_or_else(|| Error::OutOfMemory { location: source.location(), bytes: count as u64 })?
        };
        let mut validity = Array2::zeros((bands, count));
        let counter = self.selection.counter();
        for group in groups(&source, &places) {
            let areas: Vec<Area> = group.areas.values().copied().collect();
            let (parts, _) = read_blocks(&source, &areas, Arc::clone(&counter)).await?;
            let blocks: BTreeMap<(u32, u32), Part> = group.areas.keys().copied().zip(parts).collect();
            let sampled = Sampled { source: &source, areas: &group.areas, blocks: &blocks };
            for (at, place) in group.places.iter().filter_map(|&at| Some((at, places.get(at)?.as_ref()?))) {
                for band in 0..bands {
                    let valid = if interpolates {
                        let value = sampled.interpolated(place, band);
                        value.is_some_and(|value| put(&mut values, (band, 0, at), value))
                    } else {
                        sampled.copy(place, band, &mut values, at)
                    };
                    if let Some(v) = validity.get_mut((band, at)) {
                        *v = if valid { 255 } else { 0 };
                    }
                }
            }
        }
        if self.unscale {
            let masks = Validity::PerBand(validity.clone().insert_axis(Axis(1)));
            values = values.unscaled(&masks, &source.scales());
        }
        Ok(Points {
            values,
            validity,
            pixels: places.iter().map(|p| p.as_ref().map(|p| pixel(&source, p))).collect(),
            bands: source.bands.iter().map(|b| b + 1).collect(),
            level: self.level,
        })
    }

    /// Places on the level; those outside the image are `None`.
    fn places(&self, source: &BandSource) -> Result<Vec<Option<Place>>> {
        let size = source.image_size();
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let how = self.interpolation.on(size);
        let inverse = if self.in_pixels {
            None
        } else {
            let transform = self.cog.level_transform(&source.level)?;
            let inverse = transform.and_then(|t| t.inverse());
            Some(inverse.ok_or_else(|| self.cog.usage(UsageProblem::NotGeoreferenced))?)
        };
        let decimation = source.level.decimation;
        Ok(self
            .points
            .iter()
            .map(|&(x, y)| {
                let (column, row) = match &inverse {
                    Some(inverse) => inverse.apply(x, y),
                    None => (x / decimation.0, y / decimation.1),
                };
                // Where values are interpolated, the last edge belongs to the image.
                let lies = |v: f64, size: f64| v >= 0.0 && (v < size || (how != Interpolation::Nearest && v == size));
                let inside = lies(column, width) && lies(row, height);
                inside.then(|| {
                    let ((column, x), (row, y)) = (how.taps(column), how.taps(row));
                    Place { column, row, x, y }
                })
            })
            .collect())
    }
}

impl IntoFuture for PointsRead {
    type Output = Result<Points>;
    type IntoFuture = BoxFuture<'static, Result<Points>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// Writes an interpolated value; false if there is no such place.
fn put(values: &mut Pixels, at: (usize, usize, usize), value: Complex<f64>) -> bool {
    match values {
        Pixels::F64(out) => out.get_mut(at).map(|v| *v = value.re).is_some(),
        Pixels::Complex64(out) => out.get_mut(at).map(|v| *v = value).is_some(),
        _ => false,
    }
}

/// The pixel that a place lies in.
fn pixel(source: &BandSource, place: &Place) -> (u32, u32) {
    let (width, height) = source.image_size();
    let inside = |first: i64, weights: &[f64], size: u32| {
        // The heaviest of the pixels around the place.
        let heaviest = weights.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i as i64);
        (first + heaviest).clamp(0, i64::from(size) - 1) as u32
    };
    (inside(place.column, &place.x, width), inside(place.row, &place.y, height))
}

/// Places whose blocks are read together.
#[derive(Default)]
struct Group {
    /// Of each block the part that is needed.
    areas: BTreeMap<(u32, u32), Area>,
    places: Vec<usize>,
    bytes: u64,
}

/// Places in the order of their blocks, in groups whose decoded parts fit in memory.
fn groups(source: &BandSource, places: &[Option<Place>]) -> Vec<Group> {
    let grid = source.layer.image.grid;
    let (width, height) = source.image_size();
    let block_of = |place: &Place| {
        let cell = |first: i64, block: u32| first.max(0) as u32 / block.max(1);
        (cell(place.row, grid.block_height), cell(place.column, grid.block_width))
    };
    let mut order: Vec<usize> = (0..places.len()).filter(|&i| places.get(i).is_some_and(Option::is_some)).collect();
    order.sort_by_key(|&i| places.get(i).and_then(Option::as_ref).map(block_of));
    let mut groups = Vec::new();
    let mut group = Group::default();
    for i in order {
        let Some(place) = places.get(i).and_then(Option::as_ref) else { continue };
        let span = |first: i64, taps: usize, size: u32| {
            let clamp = |v: i64| v.clamp(0, i64::from(size) - 1) as u32;
            (clamp(first), clamp(first + taps as i64 - 1))
        };
        let (left, right) = span(place.column, place.x.len(), width);
        let (top, bottom) = span(place.row, place.y.len(), height);
        for y in top / grid.block_height..=bottom / grid.block_height {
            for x in left / grid.block_width..=right / grid.block_width {
                let cut = |first: u32, last: u32, cell: u32, block: u32| {
                    let start = cell.saturating_mul(block);
                    (first.max(start), last.min(start.saturating_add(block - 1)))
                };
                let (x0, x1) = cut(left, right, x, grid.block_width);
                let (y0, y1) = cut(top, bottom, y, grid.block_height);
                let part = Area { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
                let area = match group.areas.get(&(x, y)) {
                    Some(known) => around(known, &part),
                    None => part,
                };
                let before = group.areas.insert((x, y), area).map_or(0, |known| source.bytes(&known));
                group.bytes = (group.bytes - before).saturating_add(source.bytes(&area));
            }
        }
        group.places.push(i);
        if group.bytes > GROUP_BYTES {
            groups.push(std::mem::take(&mut group));
        }
    }
    groups.push(group);
    groups.retain(|group| !group.places.is_empty());
    groups
}

/// The rectangle around two.
fn around(a: &Area, b: &Area) -> Area {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    let right = (a.x + a.width).max(b.x + b.width);
    let bottom = (a.y + a.height).max(b.y + b.height);
    Area { x, y, width: right - x, height: bottom - y }
}

/// What was read of the blocks of a group.
struct Sampled<'a> {
    source: &'a BandSource,
    areas: &'a BTreeMap<(u32, u32), Area>,
    blocks: &'a BTreeMap<(u32, u32), Part>,
}

impl Sampled<'_> {
    /// The part that holds a pixel, and where.
    fn find(&self, column: i64, row: i64) -> Option<(&Part, usize, usize)> {
        let grid = self.source.layer.image.grid;
        let (column, row) = (u32::try_from(column).ok()?, u32::try_from(row).ok()?);
        let block = (column / grid.block_width, row / grid.block_height);
        let area = self.areas.get(&block)?;
        let (x, y) = (column.checked_sub(area.x)? as usize, row.checked_sub(area.y)? as usize);
        (x < area.width as usize && y < area.height as usize).then_some(())?;
        Some((self.blocks.get(&block)?, x, y))
    }

    /// Copies the pixel of a place; true if it holds data.
    fn copy(&self, place: &Place, band: usize, out: &mut Pixels, at: usize) -> bool {
        let Some((part, x, y)) = self.find(place.column, place.row) else { return false };
        out.copy_sample((band, 0, at), &part.pixels, (band, y, x));
        part.validity.is_valid(band, y, x)
    }

    fn interpolated(&self, place: &Place, band: usize) -> Option<Complex<f64>> {
        let (width, height) = self.source.image_size();
        let on_image = |v: i64, size: u32| v.clamp(0, i64::from(size) - 1);
        let bilinear = place.x.len() == 2;
        let (mut sum, mut weights) = (Complex::new(0.0, 0.0), 0.0);
        for (row, wy) in (place.row..).zip(&place.y) {
            for (column, wx) in (place.column..).zip(&place.x) {
                let (part, x, y) = self.find(on_image(column, width), on_image(row, height))?;
                if part.validity.is_valid(band, y, x) {
                    sum += part.pixels.value((band, y, x))? * (wx * wy);
                    weights += wx * wy;
                } else if bilinear {
                    return None;
                }
            }
        }
        (weights != 0.0).then(|| sum / weights)
    }
}
