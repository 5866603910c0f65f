//! Pixels in other grids than their file's.

use anyhow::anyhow;
use cog_crs::{Crs, Transform};
use cog_read::{Bounds, Cog, Raster, Window};
use cog_warp::{GridRequest, OutputGrid, WarpedRead, crs_of, extent_of};

use crate::cli;
use crate::context::Context;
use crate::progress::Progress;

/// The grid that the arguments of `cog read` ask for.
pub(crate) async fn grid(context: &mut Context, cog: &Cog, arguments: &cli::Read) -> anyhow::Result<OutputGrid> {
    let whole = match (&arguments.like, &arguments.warping.crs) {
        (Some(like), _) => {
            let other = context.open(like, 0).await?;
            let grid = own_grid(&other)?;
            context.done(&other);
            grid
        }
        (None, Some(crs)) => requested(cog, arguments, crs)?,
        (None, None) if arguments.has_size() => requested(cog, arguments, extent_of(cog)?.crs())?,
        (None, None) => own_grid(cog)?,
    };
    match arguments.window {
        Some(window) => part(&whole, window),
        None => Ok(whole),
    }
}

/// A file's own grid.
pub(crate) fn own_grid(cog: &Cog) -> cog_warp::Result<OutputGrid> {
    let extent = extent_of(cog)?;
    let transform = cog.transform()?.ok_or(cog_warp::Error::NoTransform)?;
    OutputGrid::new(extent.crs().clone(), transform, cog.width()?, cog.height()?)
}

fn requested(cog: &Cog, arguments: &cli::Read, crs: &Crs) -> anyhow::Result<OutputGrid> {
    let mut request = GridRequest::new(crs.clone());
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

/// What the arguments that all commands share say of a read.
pub(crate) fn select(mut request: WarpedRead, selection: &cli::Selection, nodata: Option<f64>) -> WarpedRead {
    if let Some(bands) = &selection.bands {
        request = request.bands(bands.iter().copied());
    }
    if selection.raw_color {
        request = request.raw_color();
    }
    match nodata {
        Some(nodata) => request.nodata(nodata),
        None => request,
    }
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
