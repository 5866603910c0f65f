//! A grid from what people know: a CRS, bounds, a size.

use cog_crs::{Crs, Extent, Grid, Kind, Transform};
use cog_raster::GeoTransform;

use super::OutputGrid;
use crate::error::{Error, Result};

/// Places along an edge of bounds that are transformed, as in GDAL.
const BETWEEN: usize = 21;

/// A request for a grid over a raster.
///
/// Without more than a CRS it is the grid that GDAL suggests: all of the raster, at its own resolution.
///
/// ```
/// use cog_warp::GridRequest;
/// use cog_warp::crs::{Crs, Extent};
///
/// let utm: Crs = "EPSG:32633".parse()?;
/// let extent = Extent::new(&utm, [10.0, 0.0, 399_960.0, 0.0, -10.0, 5_300_040.0], 10_980, 10_980)?;
/// let grid = GridRequest::new("EPSG:3857".parse()?).max_size(512).build(&extent)?;
/// assert_eq!((grid.width(), grid.height()), (511, 512));
///
/// let part = GridRequest::new("EPSG:3857".parse()?)
///     .bounds([14.0, 47.0, 14.1, 47.1])
///     .bounds_crs("EPSG:4326".parse()?)
///     .width(300);
/// assert_eq!(part.build(&extent)?.width(), 300);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct GridRequest {
    crs: Crs,
    bounds: Option<[f64; 4]>,
    bounds_crs: Option<Crs>,
    size: Size,
}

#[derive(Clone, Copy, Debug)]
enum Size {
    Native,
    Shape(u32, u32),
    Width(u32),
    Height(u32),
    Longest(u32),
    Resolution([f64; 2]),
}

impl GridRequest {
    /// Coordinates in this CRS.
    pub fn new(crs: Crs) -> GridRequest {
        GridRequest { crs, bounds: None, bounds_crs: None, size: Size::Native }
    }

    /// Only what lies within these bounds: minx, miny, maxx, maxy, in the grid's CRS unless [`bounds_crs`](Self::bounds_crs) says
    /// otherwise. Longitudes may run over the antimeridian: minx is then above maxx, as in GeoJSON.
    pub fn bounds(mut self, bounds: [f64; 4]) -> Self {
        self.bounds = Some(bounds);
        self
    }

    /// The CRS of the bounds. The grid covers the rectangle around them in its own CRS.
    pub fn bounds_crs(mut self, crs: Crs) -> Self {
        self.bounds_crs = Some(crs);
        self
    }

    /// So many rows and columns, whatever that does to the shape of the pixels.
    pub fn shape(mut self, rows: u32, columns: u32) -> Self {
        self.size = Size::Shape(columns, rows);
        self
    }

    /// So many columns, and as many rows as keep pixels square.
    pub fn width(mut self, columns: u32) -> Self {
        self.size = Size::Width(columns);
        self
    }

    /// So many rows, and as many columns as keep pixels square.
    pub fn height(mut self, rows: u32) -> Self {
        self.size = Size::Height(rows);
        self
    }

    /// Neither side is longer than this; nothing is enlarged.
    pub fn max_size(mut self, pixels: u32) -> Self {
        self.size = Size::Longest(pixels);
        self
    }

    /// Pixels of this width and height, in units of the CRS.
    pub fn resolution(mut self, x: f64, y: f64) -> Self {
        self.size = Size::Resolution([x, y]);
        self
    }

    /// The grid over a raster of this place.
    ///
    /// # Errors
    /// Bounds without area or outside of what the CRS can show, sizes of 0, CRSs without a way between them, and a raster without
    /// a place in the grid's CRS where that has to be known.
    pub fn build(&self, extent: &Extent) -> Result<OutputGrid> {
        let bounds = self.output_bounds()?;
        match (bounds, self.size) {
            (Some(bounds), Size::Shape(width, height)) => {
                OutputGrid::of_bounds(self.crs.clone(), bounds, width, height)
            }
            (Some(bounds), Size::Resolution(resolution)) => {
                OutputGrid::of_resolution(self.crs.clone(), bounds, resolution)
            }
            (Some(bounds @ [minx, miny, maxx, maxy]), Size::Width(width)) => {
                let height = along(width, (maxy - miny) / (maxx - minx))?;
                OutputGrid::of_bounds(self.crs.clone(), bounds, width, height)
            }
            (Some(bounds @ [minx, miny, maxx, maxy]), Size::Height(height)) => {
                let width = along(height, (maxx - minx) / (maxy - miny))?;
                OutputGrid::of_bounds(self.crs.clone(), bounds, width, height)
            }
            (Some(bounds), Size::Native | Size::Longest(_)) => {
                let [a, .., e, _] = extent.suggested_grid(&self.crs)?.transform;
                let native = OutputGrid::of_resolution(self.crs.clone(), bounds, [a, -e])?;
                match self.within_longest(native.width(), native.height())? {
                    Some((width, height)) => OutputGrid::of_bounds(self.crs.clone(), bounds, width, height),
                    None => Ok(native),
                }
            }
            (None, size) => self.all(extent.suggested_grid(&self.crs)?, size),
        }
    }

    /// The bounds in the grid's CRS; `None` without any.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn output_bounds(&self) -> Result<Option<[f64; 4]>> {
        self.bounds.map(|bounds| self.own_bounds(bounds)).transpose()
    }

    fn all(&self, grid: Grid, size: Size) -> Result<OutputGrid> {
        let [a, .., e, _] = grid.transform;
        let (across, down) = (f64::from(grid.width) * a, f64::from(grid.height) * -e);
        let grid = match size {
            Size::Native => grid,
            Size::Longest(_) => match self.within_longest(grid.width, grid.height)? {
                Some((width, height)) => grid.with_size(width, height),
                None => grid,
            },
            Size::Shape(width, height) => grid.with_size(width, height),
            Size::Width(width) => grid.with_size(width, along(width, down / across)?),
            Size::Height(height) => grid.with_size(along(height, across / down)?, height),
            Size::Resolution(resolution @ [x, y]) => {
                if !(x > 0.0 && y > 0.0 && x.is_finite() && y.is_finite()) {
                    return Err(Error::NoResolution { resolution });
                }
                if across / x > f64::from(u32::MAX) || down / y > f64::from(u32::MAX) {
                    return Err(Error::TooManyPixels { across: across / x, down: down / y });
                }
                grid.with_resolution(x, y)
            }
        };
        let [a, b, c, d, e, f] = grid.transform;
        OutputGrid::new(self.crs.clone(), GeoTransform { a, b, c, d, e, f }, grid.width, grid.height)
    }

    /// A smaller size, if one is asked for.
    fn within_longest(&self, width: u32, height: u32) -> Result<Option<(u32, u32)>> {
        let Size::Longest(most) = self.size else { return Ok(None) };
        if most == 0 {
            return Err(Error::EmptyGrid { width: 0, height: 0 });
        }
        let shorter =
            |short: u32, long: u32| (f64::from(most) * f64::from(short) / f64::from(long)).round().max(1.0) as u32;
        Ok(match (width > most, height > most) {
            (false, false) => None,
            _ if width >= height => Some((most, shorter(height, width))),
            _ => Some((shorter(width, height), most)),
        })
    }

    /// The bounds in the grid's CRS.
    fn own_bounds(&self, bounds: [f64; 4]) -> Result<[f64; 4]> {
        let crs = self.bounds_crs.as_ref().unwrap_or(&self.crs);
        let [minx, miny, maxx, maxy] = bounds;
        let around = |west: f64, east: f64| {
            let turn =
                if is_geographic(crs) { crs.unit().map(|(_, radians)| std::f64::consts::TAU / radians) } else { None };
            turn.filter(|turn| west > east && east + turn > west).map_or(east, |turn| east + turn)
        };
        let maxx = around(minx, maxx);
        if !(maxx > minx && maxy > miny) {
            return Err(Error::EmptyBounds { bounds });
        }
        if *crs == self.crs {
            return match self.shows([minx, miny, maxx, maxy]) {
                true => Ok([minx, miny, maxx, maxy]),
                false => Err(Error::BoundsOutside { bounds, crs: self.crs.name().into() }),
            };
        }
        let transform = Transform::new_or_ballpark(crs, &self.crs)?;
        let found = transform.bounds([minx, miny, maxx, maxy], BETWEEN).filter(|b| b.iter().all(|v| v.is_finite()));
        let outside = || Error::BoundsOutside { bounds, crs: self.crs.name().into() };
        let [left, bottom, right, top] = found.ok_or_else(outside)?;
        let right = if is_geographic(&self.crs) && left > right {
            let turn = self.crs.unit().map_or(360.0, |(_, radians)| std::f64::consts::TAU / radians);
            right + turn
        } else {
            right
        };
        Ok([left, bottom, right, top])
    }
}

impl GridRequest {
    /// Whether any place within bounds of the grid's CRS lies on Earth. Of a CRS that has no place on Earth nobody knows.
    fn shows(&self, [minx, miny, maxx, maxy]: [f64; 4]) -> bool {
        /// Places along a side that are looked at.
        const PLACES: u32 = 9;
        let Some(globe) = self.crs.geographic() else { return true };
        if is_geographic(&self.crs) {
            let quarter = self.crs.unit().map_or(90.0, |(_, radians)| std::f64::consts::FRAC_PI_2 / radians);
            // Longitudes repeat: sources from 0 to 360 degrees, and a turn more, are bounds of somebody.
            return miny < quarter && maxy > -quarter && minx < 8.0 * quarter && maxx > -8.0 * quarter;
        }
        let Ok(to_globe) = Transform::new(&self.crs, &globe) else { return true };
        let at = |i: u32, low: f64, high: f64| low + (high - low) * f64::from(i) / f64::from(PLACES - 1);
        (0..PLACES * PLACES).any(|i| {
            let place = to_globe.point(at(i % PLACES, minx, maxx), at(i / PLACES, miny, maxy));
            place.is_some_and(|(x, y)| x.is_finite() && y.is_finite())
        })
    }
}

fn is_geographic(crs: &Crs) -> bool {
    matches!(crs.horizontal().kind(), Kind::Geographic | Kind::Geographic3d)
}

/// So many times the pixels of the other side, at least one.
fn along(pixels: u32, ratio: f64) -> Result<u32> {
    let count = (f64::from(pixels) * ratio).round();
    if count > f64::from(u32::MAX) {
        return Err(Error::TooManyPixels { across: f64::from(pixels), down: count });
    }
    // 0 pixels of the other side are refused by the grid.
    Ok(count.max(1.0) as u32)
}
