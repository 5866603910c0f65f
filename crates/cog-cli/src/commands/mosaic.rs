//! `cog mosaic`: many files as one.

mod create;
mod sources;

use std::time::Instant;

use anyhow::anyhow;
use cog_mosaic::{MosaicProgress, OnError, PixelSelection, Skipped};
use cog_read::Bounds;

use crate::cli::{self, MosaicCommand};
use crate::commands::arrays::{Arrays, Targets};
use crate::commands::geotiff::{Origin, Own};
use crate::commands::listed::listed;
use crate::context::Context;
use crate::output::format::FileFormat;
use crate::progress::Progress;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Mosaic) -> anyhow::Result<()> {
    match &arguments.command {
        Some(MosaicCommand::Create(create)) => create::run(context, create).await,
        None => read(context, &arguments.read).await,
    }
}

async fn read(context: &mut Context, arguments: &cli::MosaicRead) -> anyhow::Result<()> {
    let sources = listed(&arguments.sources)?;
    let targets = Targets {
        pixels: arguments.output.as_ref(),
        mask: arguments.mask.as_ref(),
        grid: arguments.grid.as_ref(),
        format: arguments.rendering.format,
        usual: FileFormat::Npy,
    };
    let outputs = Arrays::create(context, &sources, &targets)?;
    let mosaic = sources::mosaic(context, &sources, &arguments.assets).await?;
    context.stats.open = context.stats.elapsed();
    let method = arguments.resampling.warp().map_err(|problem| anyhow!(problem))?;
    let mut request = mosaic
        .read()
        .resampling(method)
        .pixel_selection(arguments.pixel_selection)
        .look_ahead(arguments.look_ahead.into());
    if let Some(crs) = &arguments.crs {
        request = request.crs(crs.clone());
    }
    if let Some(Bounds { minx, miny, maxx, maxy }) = arguments.bounds {
        request = request.bounds([minx, miny, maxx, maxy]);
    }
    if let Some(crs) = &arguments.bounds_crs {
        request = request.bounds_crs(crs.clone());
    }
    request = match (arguments.width, arguments.height, arguments.max_size, arguments.resolution) {
        (Some(width), Some(height), ..) => request.shape(height, width),
        (Some(width), None, ..) => request.width(width),
        (None, Some(height), ..) => request.height(height),
        (None, None, Some(most), _) => request.max_size(most),
        (None, None, None, Some([x, y])) => request.resolution(x, y),
        (None, None, None, None) => request,
    };
    if let Some(bands) = &arguments.bands {
        request = request.bands(bands.iter().copied());
    }
    if let Some(nodata) = arguments.nodata {
        request = request.nodata(nodata);
    }
    if let Some(fill) = arguments.fill {
        request = request.fill(fill);
    }
    if let Some(level) = arguments.level {
        request = request.level(level);
    }
    if arguments.unscale {
        request = request.unscale();
    }
    if arguments.raw_color {
        request = request.raw_color();
    }
    if arguments.skip_errors {
        request = request.on_error(OnError::Skip);
    }
    if let Some(at_once) = arguments.at_once {
        request = request.at_once(at_once.into());
    }
    if let Some(memory) = arguments.memory {
        request = request.memory(memory);
    }
    let grid = request.output_grid().await?;
    let crs = grid.crs().clone();
    let progress = Progress::of_pixels(context.quiet);
    if let Some(show) = progress.steps() {
        request = request.progress(move |now: MosaicProgress| show(now.done, now.pixels));
    }
    let started = Instant::now();
    let (raster, report) = request.grid(grid).with_report().await?;
    drop(progress);
    context.stats.read = Some(started.elapsed());
    context.stats.cost = Some(report.cost);
    tell_skipped(context, &report.skipped);
    let count = mosaic.sources().len();
    let used = match report.used.len() {
        0 => format!("none of {count} sources holds data there"),
        used => format!("{used} of {count} sources"),
    };
    // As its type and its nodata, what its samples mean is told by the first source.
    let files = mosaic.first_files().await?;
    let own = means(arguments.pixel_selection).map(|mixed| Own {
        files: &files,
        in_its_grid: false,
        unscaled: arguments.unscale,
        raw_color: arguments.raw_color,
        mixed,
    });
    let origin = Origin { crs: Some(&crs), own };
    outputs.write(context, raster, &arguments.rendering.drawing(), origin, &format!("; {used}")).await
}

/// Whether samples mean what those of the sources mean, and then whether they are made of several.
fn means(selection: PixelSelection) -> Option<bool> {
    use PixelSelection as S;
    match selection {
        S::Mean | S::Median => Some(true),
        S::StandardDeviation | S::Sum | S::Count => None,
        _ => Some(false),
    }
}

/// Names what was left out.
fn tell_skipped(context: &Context, skipped: &[Skipped]) {
    for skipped in skipped {
        context.say(&format!("cog: skipped: {}", skipped.error));
    }
}
