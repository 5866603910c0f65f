//! `cog read`: pixels into a NumPy file.

use std::time::Instant;

use cog_read::Raster;

use crate::cli;
use crate::context::Context;
use crate::output::destination::Wanted;
use crate::output::npy;
use crate::output::written::{self, Output};
use crate::progress::Progress;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Read) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut wanted = vec![Wanted { path: &arguments.output, what: "array", format: npy::FORMAT }];
    if let Some(path) = &arguments.mask {
        wanted.push(Wanted { path, what: "mask", format: npy::FORMAT });
    }
    let mut outputs = context.outputs(&arguments.location, &wanted)?;
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
    let progress = Progress::of_blocks(context.quiet);
    if let Some(hook) = progress.hook() {
        request = request.progress(hook);
    }
    let (raster, cost) = request.with_cost().await?;
    drop(progress);
    context.stats.read = Some(started.elapsed());
    context.stats.cost = Some(cost);
    context.done(&cog);
    let said = write(&mut outputs, &raster)?;
    written::finish(outputs)?;
    context.say(&said);
    Ok(())
}

/// Writes the array and, if there is a second output, the mask; the line that says so.
fn write(outputs: &mut [Output], raster: &Raster) -> anyhow::Result<String> {
    let (bands, height, width) = raster.dim();
    let mut said = Vec::new();
    let mut all = outputs.iter_mut();
    if let Some(output) = all.next() {
        npy::write_pixels(output, &raster.pixels)?;
        said.push(output.summary(&format!("({bands}, {height}, {width}) {}", raster.pixels.sample_type())));
    }
    if let Some(output) = all.next() {
        npy::write_mask(output, &raster.mask())?;
        said.push(output.summary(&format!("({height}, {width}) uint8")));
    }
    Ok(format!("wrote {}", said.join("; ")))
}
