//! `cog preview`: a small picture.

use std::time::Instant;

use cog_read::tiff::{ColorInterpretation, ColorMap};
use cog_read::{Cog, Pixels, Raster, Resampling};
use cog_warp::{GridRequest, Method, WarpedRead, extent_of};

use crate::cli::{self, select};
use crate::commands::expressions::Expressions;
use crate::commands::warped;
use crate::context::Context;
use crate::output::destination::Wanted;
use crate::output::picture::Picture;
use crate::output::{picture, png, written};
use crate::progress::Progress;

pub(crate) async fn run(context: &mut Context, arguments: &cli::Preview) -> anyhow::Result<()> {
    let wanted = [Wanted { path: &arguments.output, what: "picture", format: png::FORMAT }];
    let mut outputs = context.outputs(&arguments.location, &wanted)?;
    let cog = context.open(&arguments.location, arguments.selection.page).await?;
    let expressions = Expressions::of(&cog, &arguments.selection, &arguments.tuning)?;
    let look = Look::of(&cog, &arguments.selection, expressions.as_ref())?;
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
    let picture = look.picture(&raster);
    let mut said = Vec::new();
    for output in &mut outputs {
        png::write(output, &picture)?;
        said.push(output.summary(&picture.summary()));
    }
    written::finish(outputs)?;
    context.say(&format!("wrote {}", said.join("; ")));
    Ok(())
}

/// In the file's own grid.
async fn plain(context: &mut Context, cog: &Cog, arguments: &cli::Preview, look: &Look) -> anyhow::Result<Raster> {
    let started = Instant::now();
    let resampling = arguments.resampling.read().map_err(|problem| anyhow::anyhow!(problem))?;
    let resampling = if look.numbers { Resampling::Nearest } else { resampling };
    let request = cog.read().max_size(arguments.max_size).resampling(resampling);
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

/// Which bands of a file a picture shows, and by which colours.
pub(crate) struct Look {
    pub(crate) bands: Vec<usize>,
    palette: Option<ColorMap>,
    /// Samples are numbers of colours.
    numbers: bool,
}

impl Look {
    /// The results of expressions are shown as bands are.
    pub(crate) fn of(
        cog: &Cog,
        selection: &cli::Selection,
        expressions: Option<&Expressions>,
    ) -> cog_read::Result<Look> {
        let profile = cog.profile()?;
        let is_palette = profile.color_interpretation.first() == Some(&ColorInterpretation::Palette);
        if let Some(expressions) = expressions {
            return Ok(Look { bands: expressions.bands().collect(), palette: None, numbers: is_palette });
        }
        let palette = profile.color_map.filter(|_| is_palette && (profile.count == 1 || selection.bands.is_none()));
        let bands = selection.bands.clone().unwrap_or_else(|| bands(&profile.color_interpretation));
        let numbers = palette.is_some();
        Ok(Look { bands, palette, numbers })
    }

    /// Numbers of colours are not mixed.
    pub(crate) fn method(&self, wanted: Method) -> Method {
        if self.numbers { Method::Nearest } else { wanted }
    }

    pub(crate) fn picture(&self, raster: &Raster) -> Picture {
        match (&self.palette, &raster.pixels) {
            (Some(map), Pixels::U8(_) | Pixels::U16(_)) => picture::of_palette(raster, map),
            _ => picture::of_bands(raster),
        }
    }
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
