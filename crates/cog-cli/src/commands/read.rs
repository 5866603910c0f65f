//! `cog read`: pixels into a NumPy file.

use std::time::Instant;

use crate::cli;
use crate::commands::Context;
use crate::output::npy;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Read) -> anyhow::Result<()> {
    let started = Instant::now();
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let mut request = cog.read().resampling(arguments.resampling);
    if let Some(level) = arguments.level {
        request = request.level(level);
    }
    if let Some(window) = arguments.window {
        request = request.window(window);
    }
    if let Some(bounds) = arguments.bounds {
        request = request.bounds(bounds);
    }
    request = match (arguments.width, arguments.height, arguments.max_size, arguments.resolution) {
        (Some(width), Some(height), ..) => request.shape(height, width),
        (Some(width), None, ..) => request.width(width),
        (None, Some(height), ..) => request.height(height),
        (None, None, Some(most), _) => request.max_size(most),
        (None, None, None, Some([x, y])) => request.resolution(x, y),
        (None, None, None, None) => request,
    };
    if let Some(bands) = &arguments.selection.bands {
        request = request.bands(bands.iter().copied());
    }
    if arguments.selection.raw_color {
        request = request.raw_color();
    }
    if arguments.boundless {
        request = request.boundless(arguments.fill);
    }
    if let Some(nodata) = arguments.nodata {
        request = request.nodata(nodata);
    }
    if arguments.unscale {
        request = request.unscale();
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
