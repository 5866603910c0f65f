//! `cog read`: pixels into a NumPy file.

use std::time::Instant;

use crate::cli;
use crate::commands::Context;
use crate::output::npy;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Read) -> anyhow::Result<()> {
    let started = Instant::now();
    let cog = context.open(&arguments.location, arguments.page).await?;
    let mut request = cog.read().level(arguments.level);
    if let Some(window) = arguments.window {
        request = request.window(window);
    }
    if let Some(bands) = &arguments.bands {
        request = request.bands(bands.iter().copied());
    }
    if arguments.raw_color {
        request = request.raw_color();
    }
    let raster = request.await?;
    context.stats.read = Some(started.elapsed());
    context.stats.cost = Some(raster.cost);
    npy::write_pixels(&arguments.output, &raster.pixels)?;
    if let Some(path) = &arguments.mask {
        npy::write_mask(path, &raster.mask())?;
    }
    context.done(&cog);
    Ok(())
}
