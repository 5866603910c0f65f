//! `cog preview`: a small picture.

use std::time::Instant;

use cog_read::{Cog, Raster};
use cog_warp::{GridRequest, WarpedRead, extent_of};

use crate::cli::{self, select};
use crate::commands::arrays::{Arrays, Targets};
use crate::commands::expressions::Expressions;
use crate::commands::look::Look;
use crate::commands::warped;
use crate::context::Context;
use crate::output::format::FileFormat;
use crate::progress::Progress;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Preview) -> anyhow::Result<()> {
    let targets = Targets {
        pixels: Some(&arguments.output),
        mask: None,
        grid: None,
        format: arguments.rendering.format,
        usual: FileFormat::Png,
    };
    let outputs = Arrays::create(context, std::slice::from_ref(&arguments.location), &targets)?;
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let expressions = Expressions::of(&cog, &arguments.selection, &arguments.tuning)?;
    let look = Look::best(&cog, &arguments.selection, expressions.as_ref(), &arguments.rendering)?;
    let mut raster = match &arguments.crs {
        Some(crs) => {
            let request = GridRequest::new(crs.clone()).max_size(arguments.max_size.try_into().unwrap_or(u32::MAX));
            let grid = request.build(&extent_of(&cog)?)?;
            warped::warn_of_ballpark(context, &cog, crs)?;
            let method = arguments.resampling.warp().map_err(|problem| anyhow::anyhow!(problem))?;
            let request = WarpedRead::new(&cog, &grid).method(look.method(method));
            let request = select!(request, arguments.selection);
            warped::read(context, request.bands(look.bands.iter().copied())).await?
        }
        None => plain(context, &cog, arguments, &look).await?,
    };
    if let Some(expressions) = &expressions {
        raster = expressions.apply(&raster)?;
    }
    context.done(&cog);
    outputs.write(context, &raster, &look.drawing(&arguments.rendering, true), None, "")
}

/// In the file's own grid.
async fn plain(context: &mut Context, cog: &Cog, arguments: &cli::Preview, look: &Look) -> anyhow::Result<Raster> {
    let started = Instant::now();
    let resampling = arguments.resampling.read().map_err(|problem| anyhow::anyhow!(problem))?;
    let request = cog.read().max_size(arguments.max_size).resampling(look.resampling(resampling));
    let mut request = select!(request, arguments.selection).bands(look.bands.iter().copied());
    let progress = Progress::of_blocks(context.quiet);
    if let Some(hook) = progress.hook() {
        request = request.progress(hook);
    }
    let (raster, cost) = request.with_cost().await?;
    context.stats.read = Some(started.elapsed());
    context.stats.cost = Some(cost);
    Ok(raster)
}
