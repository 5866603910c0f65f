//! `cog tile`: a map tile.

use anyhow::anyhow;
use cog_crs::tiles::{NAMES, Tile, TileMatrixSet};
use cog_warp::{TileGrid, WarpedRead};

use crate::cli::{self, select};
use crate::commands::arrays::{Arrays, Targets};
use crate::commands::expressions::Expressions;
use crate::commands::geotiff::{Origin, Own};
use crate::commands::look::Look;
use crate::commands::warped;
use crate::context::Context;
use crate::output::format::FileFormat;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Tile) -> anyhow::Result<()> {
    let set = TileMatrixSet::named(&arguments.tms)
        .map_err(|error| anyhow!("--tms {}: {error}; cog tms lists them: {}", arguments.tms, NAMES.join(", ")))?;
    let tile = Tile::new(arguments.x, arguments.y, arguments.z);
    let grid = TileGrid::new(&set, tile).size(arguments.size, arguments.size).buffer(arguments.buffer).build()?;
    let targets = Targets {
        pixels: Some(&arguments.output),
        mask: arguments.mask.as_ref(),
        grid: None,
        format: arguments.rendering.format,
        usual: FileFormat::Npy,
    };
    let outputs = Arrays::create(context, std::slice::from_ref(&arguments.location), &targets)?;
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let expressions = Expressions::of(&cog, &arguments.selection, &arguments.tuning)?;
    warped::warn_of_ballpark(context, &cog, grid.crs())?;
    let chosen = if outputs.format().is_picture() { Look::best } else { Look::all };
    let look = chosen(&cog, &arguments.selection, expressions.as_ref(), &arguments.rendering)?;
    let method = arguments.resampling.warp().map_err(|problem| anyhow!(problem))?;
    let method = if outputs.format().is_picture() { look.method(method) } else { method };
    let mut request = WarpedRead::new(&cog, &grid).method(method);
    request = select!(request, arguments.selection);
    request = request.bands(look.bands.iter().copied());
    if let Some(level) = arguments.level {
        request = request.level(level);
    }
    if arguments.unscale {
        request = request.unscale();
    }
    let mut raster = warped::read(context, request).await?;
    if let Some(expressions) = &expressions {
        raster = expressions.apply(&raster)?;
    }
    context.done(&cog);
    let own = expressions.is_none().then(|| Own {
        files: std::slice::from_ref(&cog),
        in_its_grid: false,
        unscaled: arguments.unscale,
        raw_color: arguments.selection.raw_color,
        mixed: false,
    });
    let origin = Origin { crs: Some(grid.crs()), own };
    outputs.write(context, raster, &look.drawing(&arguments.rendering, true), origin, "").await
}
