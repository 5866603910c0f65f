//! `cog tile`: a map tile.

use anyhow::anyhow;
use cog_crs::tiles::{NAMES, Tile, TileMatrixSet};
use cog_read::Raster;
use cog_warp::{TileGrid, WarpedRead};

use crate::cli::{self, select};
use crate::commands::expressions::Expressions;
use crate::commands::{preview, warped};
use crate::context::Context;
use crate::output::destination::{Format, Wanted};
use crate::output::written::{self, Output};
use crate::output::{npy, png};

/// How such files are named.
const FORMAT: Format = Format { name: "NumPy or PNG", endings: &["npy", "png"] };

pub(crate) async fn run(context: &mut Context, arguments: &cli::Tile) -> anyhow::Result<()> {
    let set = TileMatrixSet::named(&arguments.tms)
        .map_err(|error| anyhow!("--tms {}: {error}; cog tms lists them: {}", arguments.tms, NAMES.join(", ")))?;
    let tile = Tile::new(arguments.x, arguments.y, arguments.z);
    let grid = TileGrid::new(&set, tile).size(arguments.size, arguments.size).buffer(arguments.buffer).build()?;
    let mut wanted = vec![Wanted { path: &arguments.output, what: "tile", format: FORMAT }];
    if let Some(path) = &arguments.mask {
        wanted.push(Wanted { path, what: "mask", format: npy::FORMAT });
    }
    let mut outputs = context.outputs(&arguments.location, &wanted)?;
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let is_picture = arguments.output.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
    let expressions = Expressions::of(&cog, &arguments.selection, &arguments.tuning)?;
    warped::warn_of_ballpark(context, &cog, grid.crs())?;
    let look = match is_picture {
        true => Some(preview::Look::of(&cog, &arguments.selection, expressions.as_ref())?),
        false => None,
    };
    let method = arguments.resampling.warp().map_err(|problem| anyhow!(problem))?;
    let mut request = WarpedRead::new(&cog, &grid).method(look.as_ref().map_or(method, |look| look.method(method)));
    request = select!(request, arguments.selection);
    if let Some(look) = &look {
        request = request.bands(look.bands.iter().copied());
    }
    if let Some(expressions) = &expressions {
        request = request.bands(expressions.bands());
    }
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
    let mut said = Vec::new();
    let mut all = outputs.iter_mut();
    if let Some(output) = all.next() {
        said.push(write(output, &raster, look.as_ref())?);
    }
    if let Some(output) = all.next() {
        let (_, height, width) = raster.dim();
        npy::write_mask(output, &raster.mask())?;
        said.push(output.summary(&format!("({height}, {width}) uint8")));
    }
    written::finish(outputs)?;
    context.say(&format!("wrote {}", said.join("; ")));
    Ok(())
}

fn write(output: &mut Output, raster: &Raster, look: Option<&preview::Look>) -> anyhow::Result<String> {
    let Some(look) = look else {
        let (bands, height, width) = raster.dim();
        npy::write_pixels(output, &raster.pixels)?;
        return Ok(output.summary(&format!("({bands}, {height}, {width}) {}", raster.pixels.sample_type())));
    };
    let picture = look.picture(raster);
    png::write(output, &picture)?;
    Ok(output.summary(&picture.summary()))
}
