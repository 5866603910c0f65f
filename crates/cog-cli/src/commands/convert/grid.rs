//! Which grid a COG has, if it is not the file's own.

use anyhow::bail;
use cog_crs::{Crs, Extent, Kind};
use cog_read::tiff::GeoTransform;
use cog_read::{Bounds, Cog};
use cog_warp::{GridRequest, OutputGrid, extent_of};

use super::tiles::{self, Scheme};
use crate::cli;
use crate::commands::warped::{own_grid, whole_pixels};
use crate::context::Context;

/// What of a pixel counts as nothing where numbers are rounded (`gdal_translate -projwin`).
const SLACK: f64 = 1e-3;

/// Where a COG lies.
#[derive(Default)]
pub(super) struct Target {
    /// Another grid than the file's; `None` if it is the file's own.
    pub(super) grid: Option<OutputGrid>,
    /// Whether its pixels are some of the file's, and nothing else.
    pub(super) is_part: bool,
    /// The tiles that blocks are.
    pub(super) scheme: Option<Scheme>,
}

/// The grid that the arguments ask for.
///
/// # Errors
/// Files and bounds that have no place in it.
pub(super) async fn target(context: &mut Context, cog: &Cog, arguments: &cli::Convert) -> anyhow::Result<Target> {
    if let Some(like) = &arguments.like {
        let other = context.open(like, 0).await?;
        let grid = own_grid(&other).map_err(|error| of_like(&other, error))?;
        let extent = extent_of(cog)?;
        if !overlap(&extent, grid.crs(), grid.bounds()) {
            bail!("{}: --like: the grid of {} lies outside of the image", cog.location(), other.location());
        }
        context.done(&other);
        return Ok(Target { grid: other_than_own(cog, grid)?, ..Target::default() });
    }
    if arguments.web {
        let (grid, scheme) = tiles::grid(context, cog, arguments)?;
        return Ok(Target { grid: other_than_own(cog, grid)?, scheme: Some(scheme), is_part: false });
    }
    if arguments.crs.is_none() && arguments.bounds.is_none() && arguments.resolution.is_none() {
        return Ok(Target::default());
    }
    let extent = extent_of(cog)?;
    let crs = arguments.crs.clone().unwrap_or_else(|| extent.crs().clone());
    let request = GridRequest::new(crs.clone());
    let (grid, is_part) = match (arguments.bounds, arguments.resolution) {
        (Some(bounds), resolution) => {
            let bounds = within(cog, &extent, &crs, bounds)?;
            let request = request.bounds(bounds);
            match (resolution, pixels_of(cog)?.filter(|_| arguments.crs.is_none())) {
                (Some([x, y]), _) => {
                    let grid = request.resolution(x, y).build(&extent)?;
                    let (width, height) = (grid.width(), grid.height());
                    match arguments.fills_bounds {
                        true => (OutputGrid::of_bounds(crs, bounds, width, height)?, false),
                        false => (grid, false),
                    }
                }
                (None, Some(pixels)) => part(cog, &crs, pixels, bounds)?,
                (None, None) => {
                    let (width, height) = size(&natural(cog, &crs)?, bounds)?;
                    (OutputGrid::of_bounds(crs, bounds, width, height)?, false)
                }
            }
        }
        (None, Some([x, y])) => (request.resolution(x, y).build(&shown(cog, extent, &crs)?)?, false),
        (None, None) => (natural(cog, &crs)?, false),
    };
    Ok(Target { grid: other_than_own(cog, grid)?, is_part, scheme: None })
}

/// What is wrong with the file of --like, with its name.
fn of_like(other: &Cog, error: cog_warp::Error) -> anyhow::Error {
    use cog_warp::Error as E;
    let is_named = matches!(error, E::NoCrs { .. } | E::NoFileTransform { .. });
    let what = if is_named { "--like".into() } else { format!("--like: {}", other.location()) };
    anyhow::Error::from(error).context(what)
}

/// The grid of all of a file in a CRS, as GDAL's COG driver has it: pixels of one size in x and y, which fill what GDAL suggests.
pub(super) fn natural(cog: &Cog, crs: &Crs) -> anyhow::Result<OutputGrid> {
    let extent = extent_of(cog)?;
    let is_own = extent.crs() == crs && pixels_of(cog)?.is_some();
    let suggested = OutputGrid::suggested(&shown(cog, extent, crs)?, crs)?;
    if is_own {
        return Ok(suggested);
    }
    let GeoTransform { a, .. } = suggested.transform();
    let bounds @ [minx, miny, maxx, maxy] = suggested.bounds();
    let (width, height) = (((maxx - minx) / a).round().max(1.0), ((maxy - miny) / a).round().max(1.0));
    let fills = |length: f64, pixels: f64| (length / a - pixels).abs() <= 1e-8;
    if fills(maxx - minx, width) && fills(maxy - miny, height) {
        let transform = GeoTransform { a, b: 0.0, c: minx, d: 0.0, e: -a, f: maxy };
        return Ok(OutputGrid::new(crs.clone(), transform, width as u32, height as u32)?);
    }
    Ok(OutputGrid::of_bounds(crs.clone(), bounds, width as u32, height as u32)?)
}

/// How many pixels of a grid's size come nearest to bounds.
fn size(natural: &OutputGrid, [minx, miny, maxx, maxy]: [f64; 4]) -> anyhow::Result<(u32, u32)> {
    let GeoTransform { a, e, .. } = natural.transform();
    let (width, height) = (((maxx - minx) / a).round().max(1.0), ((maxy - miny) / -e).round().max(1.0));
    if width > f64::from(i32::MAX) || height > f64::from(i32::MAX) {
        bail!("--bounds: {width} × {height} pixels are too many");
    }
    Ok((width as u32, height as u32))
}

/// The whole pixels of a file that bounds touch, and whether all of them lie in the file.
fn part(cog: &Cog, crs: &Crs, pixels: GeoTransform, bounds: [f64; 4]) -> anyhow::Result<(OutputGrid, bool)> {
    let (width, height) = (f64::from(cog.width()?), f64::from(cog.height()?));
    let inverse = pixels.inverse().ok_or(cog_warp::Error::FlatGrid)?;
    let [x, y] = [SLACK * pixels.a.abs(), SLACK * pixels.e.abs()];
    let [minx, miny, maxx, maxy] = bounds;
    let bounds = [minx + x, miny + y, maxx - x, maxy - y];
    let window = whole_pixels(&inverse, bounds);
    let (columns, rows) = (window.width.max(1.0), window.height.max(1.0));
    if columns > f64::from(i32::MAX) || rows > f64::from(i32::MAX) {
        bail!("{}: --bounds: {columns} × {rows} pixels are too many", cog.location());
    }
    let inside =
        window.column >= 0.0 && window.row >= 0.0 && window.column + columns <= width && window.row + rows <= height;
    let transform = pixels.translated(window.column, window.row);
    Ok((OutputGrid::new(crs.clone(), transform, columns as u32, rows as u32)?, inside))
}

/// Bounds in the CRS of the COG, which must have something of the file within.
fn within(cog: &Cog, extent: &Extent, crs: &Crs, bounds: Bounds) -> anyhow::Result<[f64; 4]> {
    let given = [bounds.minx, bounds.miny, bounds.maxx, bounds.maxy];
    let bounds = GridRequest::new(crs.clone()).bounds(given).output_bounds()?.unwrap_or(given);
    if overlap(extent, crs, bounds) {
        return Ok(bounds);
    }
    let [minx, miny, maxx, maxy] = given;
    let covers = bounds_in(extent, crs).map_or_else(String::new, |[a, b, c, d]| {
        format!(", whose bounds are {a},{b},{c},{d} in the CRS '{}'", crs.name())
    });
    bail!("{}: the bounds {minx},{miny},{maxx},{maxy} lie outside the image{covers}", cog.location())
}

/// The bounds of a file in a CRS, if that can be known.
fn bounds_in(extent: &Extent, crs: &Crs) -> Option<[f64; 4]> {
    if extent.crs() == crs {
        return Some(extent.bounds());
    }
    OutputGrid::suggested(extent, crs).ok().map(|grid| grid.bounds())
}

/// Whether bounds have an area in common with a file. Where nobody knows, they may.
fn overlap(extent: &Extent, crs: &Crs, [minx, miny, maxx, maxy]: [f64; 4]) -> bool {
    let Some([left, bottom, right, top]) = bounds_in(extent, crs) else { return true };
    // Longitudes repeat.
    let turn = if is_geographic(crs) { crs.unit().map(|(_, radians)| std::f64::consts::TAU / radians) } else { None };
    let shifts = turn.map_or(vec![0.0], |turn| vec![-turn, 0.0, turn]);
    miny < top && maxy > bottom && shifts.iter().any(|shift| minx + shift < right && maxx + shift > left)
}

/// A grid, unless it is the file's own: to 1e-10 of its coordinates, as in GDAL's COG driver.
fn other_than_own(cog: &Cog, grid: OutputGrid) -> anyhow::Result<Option<OutputGrid>> {
    let Ok(own) = own_grid(cog) else { return Ok(Some(grid)) };
    let of = |grid: &OutputGrid| {
        let GeoTransform { a, b, c, d, e, f } = grid.transform();
        let (w, h) = (f64::from(grid.width()), f64::from(grid.height()));
        [c, f, a * w, b * h, d * w, e * h]
    };
    let same = |(one, other): (f64, f64)| (one - other).abs() <= 1e-10 * one.abs();
    let alike = own.crs() == grid.crs()
        && (own.width(), own.height()) == (grid.width(), grid.height())
        && of(&own).into_iter().zip(of(&grid)).all(same);
    Ok((!alike).then_some(grid))
}

/// The transform of a file whose columns and rows are those of a map.
fn pixels_of(cog: &Cog) -> anyhow::Result<Option<GeoTransform>> {
    Ok(cog.transform()?.filter(|transform| transform.b == 0.0 && transform.d == 0.0))
}

/// The part of a file that Web Mercator shows, in whole rows: from pole to pole its map has no end. Only for the sake of a grid; rows are
/// counted as GDAL's COG driver does.
fn shown(cog: &Cog, extent: Extent, crs: &Crs) -> anyhow::Result<Extent> {
    /// Where the square of Web Mercator ends, in degrees.
    const END: f64 = 85.051_128_779_806_6;
    let Some(GeoTransform { a, c, e, f, .. }) = pixels_of(cog)? else { return Ok(extent) };
    if !is_geographic(extent.crs()) || *crs != Crs::from_epsg(3857)? {
        return Ok(extent);
    }
    let height = f64::from(cog.height()?);
    // With row 0 in the north.
    let (e, f) = if e < 0.0 { (e, f) } else { (-e, f + e * height) };
    let end = extent.crs().unit().map_or(END, |(_, radians)| END.to_radians() / radians);
    let (top, bottom) = (f.min(end), (f + e * height).max(-end));
    if top <= bottom || (top == f && bottom == f + e * height) {
        return Ok(extent);
    }
    let first = ((top - f) / e + SLACK).floor();
    let rows = ((bottom - top) / e + 0.5).floor().clamp(1.0, height);
    Ok(Extent::new(extent.crs(), [a, 0.0, c, 0.0, e, f + e * first], cog.width()?, rows as u32)?)
}

pub(super) fn is_geographic(crs: &Crs) -> bool {
    matches!(crs.horizontal().kind(), Kind::Geographic | Kind::Geographic3d)
}
