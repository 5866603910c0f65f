//! `cog preview`: a small picture.

use std::time::Instant;

use cog_read::tiff::{ColorInterpretation, ColorMap};
use cog_read::{Cog, Pixels, Resampling};

use crate::cli;
use crate::context::Context;
use crate::output::destination::Wanted;
use crate::output::{picture, png, written};
use crate::progress::Progress;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Preview) -> anyhow::Result<()> {
    let started = Instant::now();
    let wanted = [Wanted { path: &arguments.output, what: "picture", format: png::FORMAT }];
    let mut outputs = context.outputs(&arguments.location, &wanted)?;
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let profile = cog.profile()?;
    let palette = palette(&cog)?.filter(|_| profile.count == 1 || arguments.selection.bands.is_none());
    let bands = match &arguments.selection.bands {
        Some(bands) => bands.clone(),
        None => bands(&profile.color_interpretation),
    };
    let resampling = if palette.is_some() { Resampling::Nearest } else { arguments.resampling };
    let mut request = cog.read().max_size(arguments.max_size).resampling(resampling).bands(bands.iter().copied());
    if arguments.selection.raw_color {
        request = request.raw_color();
    }
    if let Some(nodata) = arguments.nodata {
        request = request.nodata(nodata);
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
    let picture = match (palette, &raster.pixels) {
        (Some(map), Pixels::U8(_) | Pixels::U16(_)) => picture::of_palette(&raster, &map),
        _ => picture::of_bands(&raster),
    };
    let mut said = Vec::new();
    for output in &mut outputs {
        png::write(output, &picture)?;
        let colors = ["gray", "gray and alpha", "RGB", "RGBA"].get(picture.channels.saturating_sub(1)).unwrap_or(&"");
        let (width, height) = (picture.width, picture.height);
        said.push(output.summary(&format!("{width} × {height} PNG, {colors}")));
    }
    written::finish(outputs)?;
    context.say(&format!("wrote {}", said.join("; ")));
    Ok(())
}

/// Red, green and blue where the file names them, else the first band.
fn bands(colors: &[ColorInterpretation]) -> Vec<usize> {
    use ColorInterpretation as C;
    let find = |color: C| colors.iter().position(|c| *c == color).map(|i| i + 1);
    match (find(C::Red), find(C::Green), find(C::Blue)) {
        (Some(red), Some(green), Some(blue)) => vec![red, green, blue],
        _ => vec![1],
    }
}

fn palette(cog: &Cog) -> anyhow::Result<Option<ColorMap>> {
    let profile = cog.profile()?;
    if profile.color_interpretation.first() != Some(&ColorInterpretation::Palette) {
        return Ok(None);
    }
    Ok(profile.color_map)
}
