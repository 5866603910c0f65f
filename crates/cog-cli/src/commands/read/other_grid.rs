//! `cog read` in another grid than the file's.

use std::cell::RefCell;

use anyhow::anyhow;
use cog_read::tiff::SampleType;
use cog_read::{Raster, ReadCost};
use cog_warp::{Cutline, OutputGrid, WarpedRead};

use super::{Task, by_rows};
use crate::cli::{Formulas, select};
use crate::commands::arrays::Arrays;
use crate::commands::geotiff::Origin;
use crate::commands::rows::{self, Part};
use crate::commands::warped;
use crate::context::Context;
use crate::output::drawing::Drawing;
use crate::output::rows::Shape;
use crate::progress::Progress;

/// Bytes of a part: its edges are read twice.
const PART: u64 = 96 << 20;

/// Reads and writes.
pub(super) async fn write(
    context: &mut Context,
    task: &Task<'_>,
    outputs: Arrays,
    drawing: &Drawing<'_>,
) -> anyhow::Result<()> {
    let Task { cog, arguments, .. } = *task;
    let cutline = arguments.warping.cut.cutline()?;
    let grid = warped::grid(context, cog, arguments, cutline.as_ref()).await?;
    warped::warn_of_ballpark(context, cog, grid.crs())?;
    if let Some(shape) = shape(task, &grid)? {
        let limit = cog.session().limits().max_output_bytes;
        // With GDAL's formulas a part has other pixels than the whole.
        if arguments.warp == Formulas::Exact
            && by_rows(task, shape, limit.saturating_add(1), &outputs, drawing) == Some(false)
        {
            return in_rows(context, task, (&grid, shape), cutline.as_ref(), outputs, drawing).await;
        }
    }
    let raster = warped::read(context, request(task, &grid, cutline.as_ref())?).await?;
    let raster = finished(task, raster, &grid, cutline.as_ref())?;
    outputs.write(context, raster, drawing, Origin { crs: Some(grid.crs()), own: task.own(false) }, "").await
}

/// What will come, as far as it is known before.
fn shape(task: &Task<'_>, grid: &OutputGrid) -> anyhow::Result<Option<Shape>> {
    let Some(stored) = task.sample()? else { return Ok(None) };
    let sample = match stored {
        complex if task.arguments.unscale && complex.is_complex() => SampleType::Complex64,
        _ if task.arguments.unscale => SampleType::F64,
        stored => stored,
    };
    let chosen = task.arguments.selection.bands.as_ref().map(Vec::len);
    let bands = chosen.map_or_else(|| task.cog.profile().map(|profile| usize::from(profile.count)), Ok)?;
    Ok(Some(task.shape(Shape { dim: (bands, grid.height() as usize, grid.width() as usize), sample })))
}

/// Writes rows while others are warped: a part of a grid has the pixels of the whole.
async fn in_rows(
    context: &mut Context,
    task: &Task<'_>,
    (grid, shape): (&OutputGrid, Shape),
    cutline: Option<&Cutline>,
    outputs: Arrays,
    drawing: &Drawing<'_>,
) -> anyhow::Result<()> {
    let progress = Progress::of_pixels(context.quiet);
    let (height, width) = (grid.height(), grid.width());
    let sample = shape.sample.size() as u64;
    let row_bytes = (shape.dim.0 as u64).saturating_mul(u64::from(width)).saturating_mul(sample).max(1);
    let rows = u32::try_from(PART / row_bytes).unwrap_or(u32::MAX).clamp(1, height.max(1));
    let spent = RefCell::new(ReadCost::default());
    let (spent_by_all, progress) = (&spent, &progress);
    let parts = (0..height).step_by(rows as usize).map(|row| {
        let read = async move {
            let part = grid.window(0, row, width, rows.min(height - row))?;
            let (raster, cost) = request(task, &part, cutline)?.with_cost().await?;
            {
                let mut spent = spent_by_all.borrow_mut();
                spent.fetch += cost.fetch;
                spent.decode += cost.decode;
            }
            progress
                .pixels_done(u64::from(row + part.height()) * u64::from(width), u64::from(height) * u64::from(width));
            finished(task, raster, &part, cutline)
        };
        Part { band: 0, row: row as usize, read }
    });
    let done = rows::write(context, outputs, shape, parts, drawing, Some(grid.crs())).await;
    context.stats.cost = Some(spent.take());
    done
}

/// What the arguments ask for, in this grid.
fn request(task: &Task<'_>, grid: &OutputGrid, cutline: Option<&Cutline>) -> anyhow::Result<WarpedRead> {
    let Task { cog, arguments, expressions, seen } = *task;
    let method = arguments.resampling.warp().map_err(|problem| anyhow!(problem))?;
    let request = WarpedRead::new(cog, grid).method(method);
    let mut request = select!(request, arguments.selection);
    if let Some(expressions) = expressions {
        request = request.bands(expressions.bands());
    }
    if let Some(cutline) = cutline {
        request = request.cutline(cutline.clone());
    }
    if arguments.warp == Formulas::Gdal {
        request = request.gdal();
    }
    if let Some(level) = arguments.level {
        request = request.level(level);
    }
    if let Some(fill) = arguments.fill {
        request = request.fill(fill);
    }
    if arguments.unscale {
        request = request.unscale();
    }
    if !seen && expressions.is_none() {
        request = request.without_validity();
    }
    Ok(request)
}

/// What expressions make of it.
fn finished(
    task: &Task<'_>,
    mut raster: Raster,
    grid: &OutputGrid,
    cutline: Option<&Cutline>,
) -> anyhow::Result<Raster> {
    if let Some(expressions) = task.expressions {
        raster = expressions.apply(&raster)?;
        // What lies outside holds no data, whatever an expression makes of that.
        if let Some(cutline) = cutline {
            cutline.on(grid)?.cut(&mut raster, 0, 0);
        }
    }
    Ok(raster)
}
