//! Pixels in other grids than their file's.

use anyhow::{Context as _, anyhow, bail};
use cog_crs::{Crs, Transform};
use cog_read::tiff::GeoTransform;
use cog_read::{Bounds, Cog, Raster, Window};
use cog_warp::{Cutline, GridRequest, OutputGrid, WarpedRead, crs_of, extent_of};

use crate::cli;
use crate::context::Context;
use crate::progress::Progress;

/// The grid that the arguments of `cog read` ask for.
pub(crate) async fn grid(
    context: &mut Context,
    cog: &Cog,
    arguments: &cli::Read,
    cutline: Option<&Cutline>,
) -> anyhow::Result<OutputGrid> {
    let crop = cutline.filter(|_| arguments.crop_to_cutline);
    let whole = match (&arguments.like, &arguments.warping.crs) {
        (Some(like), _) => {
            let other = context.open(like, 0).await?;
            let grid = own_grid(&other)?;
            context.done(&other);
            grid
        }
        (None, Some(crs)) => requested(cog, arguments, crs, crop)?,
        (None, None) if arguments.has_size() => requested(cog, arguments, extent_of(cog)?.crs(), crop)?,
        (None, None) => match crop {
            Some(cutline) => around(cog, &own_grid(cog)?, cutline)?,
            None => own_grid(cog)?,
        },
    };
    match arguments.window {
        Some(window) => part(&whole, window),
        None => Ok(whole),
    }
}

/// A file's own grid.
pub(crate) fn own_grid(cog: &Cog) -> cog_warp::Result<OutputGrid> {
    let extent = extent_of(cog)?;
    let only_gcps = || cog_warp::Error::NoFileTransform {
        location: cog.location().into(),
        reason: "it has ground control points alone, which make no grid",
    };
    let transform = cog.transform()?.ok_or_else(only_gcps)?;
    OutputGrid::new(extent.crs().clone(), transform, cog.width()?, cog.height()?)
}

/// All pixels of a file's own grid that polygons may touch.
fn around(cog: &Cog, grid: &OutputGrid, cutline: &Cutline) -> anyhow::Result<OutputGrid> {
    let bounds = bounds_of(cog, cutline, grid.crs())?;
    let to_pixels = grid.transform().inverse().ok_or(cog_warp::Error::FlatGrid)?;
    let Window { column, row, width, height } = whole_pixels(&to_pixels, bounds);
    let within = |first: f64, length: f64, of: u32| {
        let (low, high) = (first.clamp(0.0, of.into()), (first + length).clamp(0.0, of.into()));
        (low as u32, (high - low) as u32)
    };
    let ((x, w), (y, h)) = (within(column, width, grid.width()), within(row, height, grid.height()));
    if w == 0 || h == 0 {
        bail!("{}: the cut-line lies outside of the file", cog.location());
    }
    Ok(grid.window(x, y, w, h)?)
}

/// The rectangle around polygons in a CRS.
pub(crate) fn bounds_of(cog: &Cog, cutline: &Cutline, crs: &Crs) -> anyhow::Result<[f64; 4]> {
    let bounds = cutline.bounds_in(crs)?;
    bounds.with_context(|| format!("{}: the cut-line has no place in the CRS '{}'", cog.location(), crs.name()))
}

/// All pixels that bounds touch.
pub(crate) fn whole_pixels(to_pixels: &GeoTransform, [minx, miny, maxx, maxy]: [f64; 4]) -> Window {
    let corners = [(minx, miny), (maxx, miny), (minx, maxy), (maxx, maxy)].map(|(x, y)| to_pixels.apply(x, y));
    let first = corners.iter().fold((f64::INFINITY, f64::INFINITY), |(x, y), c| (c.0.min(x), c.1.min(y)));
    let last = corners.iter().fold((f64::NEG_INFINITY, f64::NEG_INFINITY), |(x, y), c| (c.0.max(x), c.1.max(y)));
    let (column, row) = (first.0.floor(), first.1.floor());
    Window::new(column, row, last.0.ceil() - column, last.1.ceil() - row)
}

fn requested(cog: &Cog, arguments: &cli::Read, crs: &Crs, crop: Option<&Cutline>) -> anyhow::Result<OutputGrid> {
    let mut request = GridRequest::new(crs.clone());
    if let Some(cutline) = crop {
        request = request.bounds(bounds_of(cog, cutline, crs)?);
    }
    if let Some(Bounds { minx, miny, maxx, maxy }) = arguments.bounds {
        request = request.bounds([minx, miny, maxx, maxy]);
    }
    if let Some(crs) = &arguments.warping.bounds_crs {
        request = request.bounds_crs(crs.clone());
    }
    request = match (arguments.width, arguments.height, arguments.max_size, arguments.resolution) {
        (Some(width), Some(height), ..) => request.shape(pixels(height)?, pixels(width)?),
        (Some(width), None, ..) => request.width(pixels(width)?),
        (None, Some(height), ..) => request.height(pixels(height)?),
        (None, None, Some(most), _) => request.max_size(pixels(most)?),
        (None, None, None, Some([x, y])) => request.resolution(x, y),
        (None, None, None, None) => request,
    };
    Ok(request.build(&extent_of(cog)?)?)
}

fn pixels(count: usize) -> anyhow::Result<u32> {
    u32::try_from(count).map_err(|_| anyhow!("{count} pixels along a side are too many"))
}

/// A part of a grid, in its pixels.
fn part(grid: &OutputGrid, window: Window) -> anyhow::Result<OutputGrid> {
    let whole = |value: f64| {
        let fits = value >= 0.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0;
        fits.then_some(value as u32)
            .ok_or_else(|| anyhow!("{value} in --window is no whole number of pixels of the output"))
    };
    let Window { column, row, width, height } = window;
    Ok(grid.window(whole(column)?, whole(row)?, whole(width)?, whole(height)?)?)
}

/// Bounds in the CRS of a file, where they were given in another one.
pub(crate) fn bounds_of_file(cog: &Cog, bounds: Bounds, crs: &Crs) -> anyhow::Result<Bounds> {
    let profile = cog.profile()?;
    let own = crs_of(&profile).map_err(cog_warp::Error::from)?;
    let own = own.ok_or_else(|| cog_warp::Error::NoCrs { location: cog.location().into() })?;
    let Bounds { minx, miny, maxx, maxy } = bounds;
    let found = GridRequest::new(own).bounds([minx, miny, maxx, maxy]).bounds_crs(crs.clone()).output_bounds()?;
    let [minx, miny, maxx, maxy] = found.unwrap_or([minx, miny, maxx, maxy]);
    Ok(Bounds { minx, miny, maxx, maxy })
}

/// Says so where nothing ties the datums of two CRSs to each other.
pub(crate) fn warn_of_ballpark(context: &Context, cog: &Cog, crs: &Crs) -> anyhow::Result<()> {
    let Some(own) = crs_of(&cog.profile()?).map_err(cog_warp::Error::from)? else { return Ok(()) };
    if own != *crs && Transform::new_or_ballpark(&own, crs).is_ok_and(|transform| transform.is_ballpark()) {
        let (from, to) = (own.name(), crs.name());
        context.say(&format!(
            "cog: warning: no operation is known between the datums of '{from}' and '{to}': places may be some hundred metres off"
        ));
    }
    Ok(())
}

/// Reads, and shows how far it is.
pub(crate) async fn read(context: &mut Context, mut request: WarpedRead) -> anyhow::Result<Raster> {
    let started = std::time::Instant::now();
    let progress = Progress::of_pixels(context.quiet);
    if let Some(hook) = progress.pixel_hook() {
        request = request.progress(hook);
    }
    let (raster, cost) = request.with_cost().await?;
    context.stats.read = Some(started.elapsed());
    context.stats.cost = Some(cost);
    Ok(raster)
}
