//! Assets as bands of one array.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::anyhow;
use cog_mosaic::Composite;
use cog_read::Cog;
use cog_warp::{OutputGrid, extent_of};
use futures_util::{StreamExt, stream};

use super::{AT_ONCE, chosen, one};
use crate::cli;
use crate::commands::arrays::{Arrays, Targets};
use crate::commands::geotiff::{Origin, Own};
use crate::commands::warped;
use crate::context::Context;
use crate::output::format::FileFormat;
use crate::progress::Progress;

/// Of a pixel: as much may bounds miss an edge between two.
const EDGE: f64 = 1e-6;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Stac, output: &PathBuf) -> anyhow::Result<()> {
    let targets = Targets {
        pixels: Some(output),
        mask: arguments.mask.as_ref(),
        grid: arguments.grid.as_ref(),
        format: arguments.rendering.format,
        usual: FileFormat::Npy,
    };
    let outputs = Arrays::create(context, std::slice::from_ref(&arguments.item), &targets)?;
    let method = arguments.resampling.warp().map_err(|problem| anyhow!(problem))?;
    let cutline = arguments.cut.cutline()?;
    let item = one(context, arguments).await?;
    let mut composite = chosen(&item, arguments)?.composite(&context.session)?;
    if let Some(expression) = &arguments.expression {
        composite = composite.named_by(expression)?;
    }
    let cogs = open(context, &composite).await?;
    let first = cogs.first().ok_or(cog_mosaic::Error::NoReaders)?;
    let grid = grid(first, &arguments.place)?;
    for cog in &cogs {
        warped::warn_of_ballpark(context, cog, grid.crs())?;
    }
    let mut request = composite.stack(&grid).method(method);
    if let Some(cutline) = cutline {
        request = request.cutline(cutline);
    }
    if let Some(fill) = arguments.fill {
        request = request.fill(fill);
    }
    if arguments.unscale {
        request = request.unscale();
    }
    if let Some(expression) = &arguments.expression {
        request = request.expression(expression.clone());
    }
    let started = Instant::now();
    let progress = Progress::of_pixels(context.quiet);
    if let Some(hook) = progress.stack_hook() {
        request = request.progress(hook);
    }
    let (raster, cost) = request.with_cost().await?;
    drop(progress);
    context.stats.read = Some(started.elapsed());
    context.stats.cost = Some(cost);
    cogs.iter().for_each(|cog| context.done(cog));
    let names: Vec<&str> = raster.band_names.iter().map(|name| name.as_deref().unwrap_or("-")).collect();
    let named = format!("; bands {}", names.join(", "));
    let drawing = arguments.rendering.drawing();
    let own = arguments.expression.is_none().then_some(Own {
        files: &cogs,
        in_its_grid: false,
        unscaled: arguments.unscale,
        raw_color: false,
        mixed: false,
    });
    outputs.write(context, raster, &drawing, Origin { crs: Some(grid.crs()), own }, &named).await
}

/// Opens all files side by side, and shows how far it is.
async fn open(context: &mut Context, composite: &Composite) -> anyhow::Result<Vec<Cog>> {
    let started = Instant::now();
    let progress = Progress::of_files(context.quiet || composite.len() < 2, composite.len());
    let readers = composite.readers().to_vec();
    let mut all = stream::iter(readers.into_iter().map(|reader| async move { reader.cog().await })).buffered(AT_ONCE);
    let mut cogs = Vec::new();
    while let Some(cog) = all.next().await {
        cogs.push(cog?);
        progress.files_done(cogs.len(), context.session.io().stats().bytes);
    }
    context.stats.open += started.elapsed();
    Ok(cogs)
}

/// The grid that is asked for; without CRS and size that of the first file, or all of its pixels that bounds touch, on it or beside it.
fn grid(first: &Cog, place: &cli::Grid) -> anyhow::Result<OutputGrid> {
    if place.crs.is_some() || place.has_size() {
        let extent = extent_of(first)?;
        return Ok(place.request(extent.crs()).build(&extent)?);
    }
    let own = warped::own_grid(first)?;
    let Some([minx, miny, maxx, maxy]) = place.request(own.crs()).output_bounds()? else { return Ok(own) };
    let to_pixels = own.transform().inverse().ok_or(cog_warp::Error::FlatGrid)?;
    let corners = [(minx, miny), (maxx, miny), (minx, maxy), (maxx, maxy)].map(|(x, y)| to_pixels.apply(x, y));
    let (left, right) = edges(corners.map(|corner| corner.0));
    let (top, bottom) = edges(corners.map(|corner| corner.1));
    let size = |pixels: f64| if pixels <= f64::from(u32::MAX) { Ok(pixels as u32) } else { Err(pixels) };
    let too_many = |_| cog_warp::Error::TooManyPixels { across: right - left, down: bottom - top };
    let (width, height) = (size(right - left).map_err(too_many)?, size(bottom - top).map_err(too_many)?);
    Ok(OutputGrid::new(own.crs().clone(), own.transform().translated(left, top), width, height)?)
}

/// The edges of the pixels that places lie in.
fn edges(places: [f64; 4]) -> (f64, f64) {
    let first = places.iter().copied().fold(f64::INFINITY, f64::min);
    let last = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let low = (first + EDGE).floor();
    (low, (last - EDGE).ceil().max(low + 1.0))
}
