//! `cog read`: pixels into a NumPy file.

use std::time::Instant;

use anyhow::anyhow;
use cog_crs::Crs;
use cog_read::{Cog, Raster};
use cog_warp::{WarpedRead, crs_of};

use crate::cli::{self, Formulas, select};
use crate::commands::arrays::Arrays;
use crate::commands::expressions::Expressions;
use crate::commands::warped;
use crate::context::Context;
use crate::progress::Progress;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Read) -> anyhow::Result<()> {
    let outputs = Arrays::create(
        context,
        std::slice::from_ref(&arguments.location),
        Some(&arguments.output),
        arguments.mask.as_ref(),
        arguments.grid.as_ref(),
    )?;
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let expressions = Expressions::of(&cog, &arguments.selection, &arguments.tuning)?;
    let (raster, crs) = match arguments.is_warped() {
        true => warped(context, &cog, arguments, expressions.as_ref()).await?,
        false => plain(context, &cog, arguments, expressions.as_ref()).await?,
    };
    context.done(&cog);
    outputs.write(context, &raster, crs.as_ref(), "")
}

/// Pixels of the file's own grid, and the CRS that it is in.
async fn plain(
    context: &mut Context,
    cog: &Cog,
    arguments: &cli::Read,
    expressions: Option<&Expressions>,
) -> anyhow::Result<(Raster, Option<Crs>)> {
    let started = Instant::now();
    let resampling = arguments.resampling.read().map_err(|problem| anyhow!(problem))?;
    let mut request = cog.read().resampling(resampling);
    if let Some(level) = arguments.level {
        request = request.level(level);
    }
    if let Some(window) = arguments.window {
        request = request.window(window);
    }
    if let Some(bounds) = arguments.bounds {
        request = request.bounds(match &arguments.warping.bounds_crs {
            Some(crs) => warped::bounds_of_file(cog, bounds, crs)?,
            None => bounds,
        });
    }
    request = match (arguments.width, arguments.height, arguments.max_size, arguments.resolution) {
        (Some(width), Some(height), ..) => request.shape(height, width),
        (Some(width), None, ..) => request.width(width),
        (None, Some(height), ..) => request.height(height),
        (None, None, Some(most), _) => request.max_size(most),
        (None, None, None, Some([x, y])) => request.resolution(x, y),
        (None, None, None, None) => request,
    };
    request = select!(request, arguments.selection);
    if let Some(expressions) = expressions {
        request = request.bands(expressions.bands());
    }
    if arguments.boundless {
        request = request.boundless(arguments.fill);
    }
    if arguments.unscale {
        request = request.unscale();
    }
    let progress = Progress::of_blocks(context.quiet);
    if let Some(hook) = progress.hook() {
        request = request.progress(hook);
    }
    let (mut raster, cost) = request.with_cost().await?;
    drop(progress);
    if let Some(expressions) = expressions {
        raster = expressions.apply(&raster)?;
    }
    context.stats.read = Some(started.elapsed());
    context.stats.cost = Some(cost);
    let crs = match arguments.grid {
        Some(_) => crs_of(&cog.profile()?).map_err(cog_warp::Error::from)?,
        None => None,
    };
    Ok((raster, crs))
}

/// Pixels of another grid, and its CRS.
async fn warped(
    context: &mut Context,
    cog: &Cog,
    arguments: &cli::Read,
    expressions: Option<&Expressions>,
) -> anyhow::Result<(Raster, Option<Crs>)> {
    let method = arguments.resampling.warp().map_err(|problem| anyhow!(problem))?;
    let cutline = arguments.warping.cut.cutline()?;
    let grid = warped::grid(context, cog, arguments, cutline.as_ref()).await?;
    warped::warn_of_ballpark(context, cog, grid.crs())?;
    let request = WarpedRead::new(cog, &grid).method(method);
    let mut request = select!(request, arguments.selection);
    if let Some(expressions) = expressions {
        request = request.bands(expressions.bands());
    }
    if let Some(cutline) = &cutline {
        request = request.cutline(cutline.clone());
    }
    if arguments.warp == Formulas::Gdal {
        request = request.gdal();
    }
    if let Some(level) = arguments.level {
        request = request.level(level);
    }
    if let Some(fill) = arguments.fill {
        request = request.fill(fill);
    }
    if arguments.unscale {
        request = request.unscale();
    }
    if arguments.mask.is_none() && expressions.is_none() {
        request = request.without_validity();
    }
    let mut raster = warped::read(context, request).await?;
    if let Some(expressions) = expressions {
        raster = expressions.apply(&raster)?;
        // What lies outside holds no data, whatever an expression makes of that.
        if let Some(cutline) = &cutline {
            cutline.on(&grid)?.cut(&mut raster, 0, 0);
        }
    }
    Ok((raster, Some(grid.crs().clone())))
}
