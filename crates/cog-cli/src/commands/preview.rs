//! `cog preview`: a small picture.

use std::io::IsTerminal;
use std::time::Instant;

use cog_read::{Cog, Raster};
use cog_warp::{GridRequest, WarpedRead, crs_of, extent_of};

use crate::cli::{self, select};
use crate::commands::arrays::{Arrays, Targets};
use crate::commands::expressions::Expressions;
use crate::commands::geotiff::{Origin, Own};
use crate::commands::look::Look;
use crate::commands::warped;
use crate::context::Context;
use crate::output::destination::Refused;
use crate::output::format::FileFormat;
use crate::output::stdout;
use crate::output::terminal::{self, Depth, Size};
use crate::progress::Progress;

/// The longer side of a picture in a file.
const USUAL_SIZE: u32 = 1024;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Preview) -> anyhow::Result<()> {
    let Some(output) = &arguments.output else { return draw(context, arguments).await };
    let targets = Targets {
        pixels: Some(output),
        mask: None,
        grid: None,
        format: arguments.rendering.format,
        usual: FileFormat::Png,
    };
    let outputs = Arrays::create(context, std::slice::from_ref(&arguments.location), &targets)?;
    let (cog, raster, look) = read(context, arguments, |_, _| USUAL_SIZE).await?;
    let crs = match (&arguments.crs, outputs.format()) {
        (Some(crs), _) => Some(crs.clone()),
        (None, FileFormat::Tif) => crs_of(&cog.profile()?).map_err(cog_warp::Error::from)?,
        _ => None,
    };
    let own = arguments.selection.expression.is_none().then(|| Own {
        files: std::slice::from_ref(&cog),
        in_its_grid: arguments.crs.is_none(),
        unscaled: false,
        raw_color: arguments.selection.raw_color,
        mixed: false,
    });
    let origin = Origin { crs: crs.as_ref(), own };
    outputs.write(context, raster, &look.drawing(&arguments.rendering, true), origin, "").await
}

/// In the terminal.
async fn draw(context: &mut Context, arguments: &cli::Preview) -> anyhow::Result<()> {
    if !std::io::stdout().is_terminal() {
        let what =
            "standard output is no terminal to draw in: -o FILE.png writes a file, -o - a PNG to standard output";
        return Err(Refused::new(what).into());
    }
    let size = Size::of_stdout();
    let (_, raster, look) = read(context, arguments, |width, height| size.longest_side(width, height)).await?;
    let picture = look.drawing(&arguments.rendering, true).picture(&raster, FileFormat::Png)?;
    let depth = Depth::of_environment(|name| std::env::var(name).ok());
    stdout::print(terminal::draw(&picture, depth).as_bytes())
}

/// The pixels of a small picture; `longest` says how large it is at most, for an image of this width and height.
async fn read(
    context: &mut Context,
    arguments: &cli::Preview,
    longest: impl Fn(u32, u32) -> u32,
) -> anyhow::Result<(Cog, Raster, Look)> {
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let expressions = Expressions::of(&cog, &arguments.selection, &arguments.tuning)?;
    let look = Look::best(&cog, &arguments.selection, expressions.as_ref(), &arguments.rendering)?;
    let size = |width, height| {
        let given = arguments.max_size.map(|size| u32::try_from(size).unwrap_or(u32::MAX));
        given.unwrap_or_else(|| longest(width, height))
    };
    let mut raster = match &arguments.crs {
        Some(crs) => {
            let extent = extent_of(&cog)?;
            let whole = GridRequest::new(crs.clone()).build(&extent)?;
            let size = size(whole.width(), whole.height());
            let grid = GridRequest::new(crs.clone()).max_size(size).build(&extent)?;
            warped::warn_of_ballpark(context, &cog, crs)?;
            let method = arguments.resampling.warp().map_err(|problem| anyhow::anyhow!(problem))?;
            let request = WarpedRead::new(&cog, &grid).method(look.method(method));
            let request = select!(request, arguments.selection);
            warped::read(context, request.bands(look.bands.iter().copied())).await?
        }
        None => plain(context, &cog, arguments, &look, size(cog.width()?, cog.height()?)).await?,
    };
    if let Some(expressions) = &expressions {
        raster = expressions.apply(&raster)?;
    }
    context.done(&cog);
    Ok((cog, raster, look))
}

/// In the file's own grid.
async fn plain(
    context: &mut Context,
    cog: &Cog,
    arguments: &cli::Preview,
    look: &Look,
    size: u32,
) -> anyhow::Result<Raster> {
    let started = Instant::now();
    let resampling = arguments.resampling.read().map_err(|problem| anyhow::anyhow!(problem))?;
    let request = cog.read().max_size(size as usize).resampling(look.resampling(resampling));
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
