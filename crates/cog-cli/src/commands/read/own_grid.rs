//! `cog read` in the file's own grid.

use std::cell::RefCell;
use std::time::Instant;

use anyhow::anyhow;
use cog_crs::Crs;
use cog_read::{RasterRead, ReadCost, ReadParts};
use cog_warp::crs_of;

use super::{Task, by_rows, exceeds};
use crate::cli::select;
use crate::commands::arrays::Arrays;
use crate::commands::geotiff::{Origin, Unread};
use crate::commands::rows::{self, LOCAL, Part, REMOTE};
use crate::commands::warped;
use crate::context::Context;
use crate::output::drawing::Drawing;
use crate::output::format::FileFormat;
use crate::output::rows::Shape;
use crate::progress::Progress;

/// Reads and writes.
pub(super) async fn write(
    context: &mut Context,
    task: &Task<'_>,
    outputs: Arrays,
    drawing: &Drawing<'_>,
) -> anyhow::Result<()> {
    let mut request = request(task)?;
    let crs = match (&task.arguments.grid, outputs.format()) {
        (None, format) if format != FileFormat::Tif => None,
        _ => crs_of(&task.cog.profile()?).map_err(cog_warp::Error::from)?,
    };
    let bytes = if task.cog.source().is_remote() { REMOTE } else { LOCAL };
    let bytes = match outputs.format() {
        // Two parts are in memory at once, each with which of its samples hold data.
        FileFormat::Tif => bytes.min(task.cog.session().limits().max_output_bytes / 4),
        _ => bytes,
    };
    if let Some(parts) = request.parts(bytes)? {
        let shape = task.shape(Shape { dim: parts.dim(), sample: parts.sample_type() });
        if outputs.format() == FileFormat::Tif && !outputs.has_mask() && exceeds(task, shape) && drawing.is_by_pixel() {
            return unread(context, task, (request, parts), outputs, drawing, (shape, crs.as_ref())).await;
        }
        if let Some(by_band) = by_rows(task, shape, 2 * bytes, &outputs, drawing) {
            return in_rows(context, task, (request, parts, by_band), outputs, drawing, (shape, crs.as_ref())).await;
        }
    }
    let started = Instant::now();
    let progress = Progress::of_blocks(context.quiet);
    if let Some(hook) = progress.hook() {
        request = request.progress(hook);
    }
    let (mut raster, cost) = request.with_cost().await?;
    drop(progress);
    if let Some(expressions) = task.expressions {
        raster = expressions.apply(&raster)?;
    }
    context.stats.read = Some(started.elapsed());
    context.stats.cost = Some(cost);
    outputs.write(context, raster, drawing, Origin { crs: crs.as_ref(), own: task.own(true) }, "").await
}

/// Writes a TIFF whose array is more than fits.
async fn unread(
    context: &mut Context,
    task: &Task<'_>,
    (request, mut parts): (RasterRead, ReadParts),
    outputs: Arrays,
    drawing: &Drawing<'_>,
    (shape, crs): (Shape, Option<&Crs>),
) -> anyhow::Result<()> {
    let started = Instant::now();
    let (from, level) = (parts.from(), task.arguments.level.unwrap_or(0));
    let (_, first) = parts.next().ok_or_else(|| anyhow!("an array without rows"))?;
    let mut first = first.await?;
    if let Some(expressions) = task.expressions {
        first = expressions.apply(&first)?;
    }
    first = drawing.changed(&first)?.unwrap_or(first);
    let unread = Unread { cog: task.cog, request, level, from, expressions: task.expressions, drawing };
    let origin = Origin { crs, own: task.own(true) };
    let alpha = drawing.alpha.filter(|_| drawing.colors.is_none());
    let done = outputs.write_unread(context, unread, (drawing.shape(shape), &first), (origin, alpha)).await;
    context.stats.read = Some(started.elapsed());
    done
}

/// Writes rows while others are read.
async fn in_rows(
    context: &mut Context,
    task: &Task<'_>,
    (whole, parts, by_band): (RasterRead, ReadParts, bool),
    outputs: Arrays,
    drawing: &Drawing<'_>,
    (shape, crs): (Shape, Option<&Crs>),
) -> anyhow::Result<()> {
    let progress = Progress::of_blocks(context.quiet).expecting(parts.blocks());
    let mut hooks = progress.part_hooks();
    let spent = RefCell::new(ReadCost::default());
    let bytes = if task.cog.source().is_remote() { REMOTE } else { LOCAL };
    let mut all: Vec<(usize, ReadParts)> = vec![(0, parts)];
    if by_band {
        let chosen = task.arguments.selection.bands.clone();
        let bands = chosen.unwrap_or_else(|| (1..=shape.dim.0).collect()).into_iter().enumerate();
        let of_band = |(index, band): (usize, usize)| {
            let parts = whole.clone().bands([band]).parts(bytes)?;
            Ok(parts.map(|parts| (index, parts)))
        };
        all = bands.filter_map(|band| of_band(band).transpose()).collect::<cog_read::Result<Vec<_>>>()?;
    }
    let spent_by_all = &spent;
    let parts = all.into_iter().flat_map(|(band, parts)| parts.map(move |(row, request)| (band, row, request)));
    let parts = parts.map(|(band, row, mut request)| {
        if let Some(hook) = hooks.as_mut().map(|next| next()) {
            request = request.progress(hook);
        }
        let read = async move {
            let (raster, cost) = request.with_cost().await?;
            let mut spent = spent_by_all.borrow_mut();
            spent.fetch += cost.fetch;
            spent.decode += cost.decode;
            match task.expressions {
                Some(expressions) => expressions.apply(&raster),
                None => Ok(raster),
            }
        };
        Part { band, row, read }
    });
    let done = rows::write(context, outputs, shape, parts, drawing, crs).await;
    context.stats.cost = Some(spent.take());
    done
}

/// What the arguments ask for.
fn request(task: &Task<'_>) -> anyhow::Result<RasterRead> {
    let Task { cog, arguments, .. } = task;
    let resampling = arguments.resampling.read().map_err(|problem| anyhow!(problem))?;
    let mut request = cog.read().resampling(resampling);
    if let Some(level) = arguments.level {
        request = request.level(level);
    }
    if let Some(window) = arguments.window {
        request = request.window(window);
    }
    if let Some(bounds) = arguments.bounds {
        request = request.bounds(match &arguments.warping.bounds_crs {
            Some(crs) => warped::bounds_of_file(cog, bounds, crs)?,
            None => bounds,
        });
    }
    request = match (arguments.width, arguments.height, arguments.max_size, arguments.resolution) {
        (Some(width), Some(height), ..) => request.shape(height, width),
        (Some(width), None, ..) => request.width(width),
        (None, Some(height), ..) => request.height(height),
        (None, None, Some(most), _) => request.max_size(most),
        (None, None, None, Some([x, y])) => request.resolution(x, y),
        (None, None, None, None) => request,
    };
    request = select!(request, arguments.selection);
    if let Some(expressions) = task.expressions {
        request = request.bands(expressions.bands());
    }
    if arguments.boundless {
        request = request.boundless(arguments.fill);
    }
    if arguments.unscale {
        request = request.unscale();
    }
    Ok(request)
}
