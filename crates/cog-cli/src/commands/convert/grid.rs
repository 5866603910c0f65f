//! Which grid a COG has, if it is not the file's own.

use anyhow::bail;
use cog_crs::tiles::{TileMatrixSet, ZoomLevel};
use cog_read::Cog;
use cog_read::tiff::GeoTransform;
use cog_warp::{GridRequest, OutputGrid, extent_of};

use crate::cli;
use crate::commands::warped::own_grid;
use crate::context::Context;

/// Fractions of a pixel that a raster may reach over a tile without taking the next (GDAL).
const TOLERANCE: f64 = 0.499;

/// The grid that the arguments ask for; `None` if it is the file's own.
///
/// # Errors
/// Files and bounds that have no place in it.
pub(super) async fn grid(
    context: &mut Context,
    cog: &Cog,
    arguments: &cli::Convert,
    block: u32,
) -> anyhow::Result<Option<OutputGrid>> {
    if let Some(like) = &arguments.like {
        let other = context.open(like, 0).await?;
        let grid = own_grid(&other)?;
        context.done(&other);
        return Ok(Some(grid));
    }
    if arguments.web {
        return web(cog, arguments.tms.as_deref().unwrap_or("WebMercatorQuad"), block).map(Some);
    }
    if arguments.crs.is_none() && arguments.bounds.is_none() && arguments.resolution.is_none() {
        return Ok(None);
    }
    let extent = extent_of(cog)?;
    let mut request = GridRequest::new(arguments.crs.clone().unwrap_or_else(|| extent.crs().clone()));
    if let Some(cog_read::Bounds { minx, miny, maxx, maxy }) = arguments.bounds {
        request = request.bounds([minx, miny, maxx, maxy]);
    }
    if let Some([x, y]) = arguments.resolution {
        request = request.resolution(x, y);
    }
    Ok(Some(request.build(&extent)?))
}

/// Blocks that are tiles of a tile matrix set: those of the zoom level that fits the file's resolution.
fn web(cog: &Cog, name: &str, block: u32) -> anyhow::Result<OutputGrid> {
    let set = TileMatrixSet::named(name).map_err(cog_warp::Error::from)?;
    let natural = GridRequest::new(set.crs().clone()).build(&extent_of(cog)?)?;
    let resolution = natural.transform().a.abs();
    let zoom = set.zoom_for_resolution(resolution, ZoomLevel::Auto).map_err(cog_warp::Error::from)?;
    let matrix = set.matrix(zoom).map_err(cog_warp::Error::from)?;
    let cell = matrix.cell_size;
    let [left, _, _, top] = matrix.bounds();
    let side = f64::from(block) * cell;
    let [minx, miny, maxx, maxy] = natural.bounds();
    let slack = TOLERANCE * cell;
    let first = |from: f64, origin: f64| ((from - origin + slack) / side).floor();
    let last = |to: f64, origin: f64| ((to - origin - slack) / side).ceil();
    let (x, right) = (first(minx, left), last(maxx, left));
    let (y, bottom) = (first(top - maxy, 0.0), last(top - miny, 0.0));
    let pixels = |tiles: f64| tiles.max(1.0) * f64::from(block);
    let (width, height) = (pixels(right - x), pixels(bottom - y));
    if width > f64::from(i32::MAX) || height > f64::from(i32::MAX) {
        bail!("{}: {width} × {height} pixels of zoom level {zoom} are too many", cog.location());
    }
    let transform = GeoTransform { a: cell, b: 0.0, c: left + x * side, d: 0.0, e: -cell, f: top - y * side };
    Ok(OutputGrid::new(set.crs().clone(), transform, width as u32, height as u32)?)
}
