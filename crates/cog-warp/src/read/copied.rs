//! Where the grid is that of a level, nothing is warped.

use cog_raster::{Nodata, Raster, Window};
use cog_read::ReadCost;

use super::job::Job;
use super::progress::Progress;
use crate::error::Result;
use crate::level::Rectangle;

/// A read of the level's own pixels, as they are, where the grid is the level's; `None` where it is not, or shows none of them.
pub(super) async fn copied(job: &Job, first: Option<(f64, f64)>) -> Result<Option<(Raster, ReadCost)>> {
    let Some((column, row)) = first else { return Ok(None) };
    let Rectangle { column: x, row: y, width, height } = job.grid.rectangle();
    let window =
        Window { column: column + f64::from(x), row: row + f64::from(y), width: width.into(), height: height.into() };
    let (w, h) = job.layout.level_size;
    let is_beside = |first: f64, length: f64, of: u32| first + length <= 0.0 || first >= f64::from(of);
    if is_beside(window.column, window.width, w) || is_beside(window.row, window.height, h) {
        return Ok(None);
    }
    let mut request = job.cog.read().level(job.level).window(window).boundless(job.fill);
    if let Some(bands) = &job.selection.bands {
        request = request.bands(bands.iter().copied());
    }
    if let Some(nodata) = job.selection.nodata {
        request = request.nodata(nodata);
    }
    if job.selection.raw_color {
        request = request.raw_color();
    }
    if job.unscale {
        request = request.unscale();
    }
    let mut progress = Progress::of(job.progress.as_ref(), job.grid.rectangle().pixels());
    let (mut raster, cost) = request.with_cost().await?;
    raster.transform = Some(job.grid.transform());
    raster.window = Window::new(0, 0, width, height);
    if let Some(cutline) = &job.cutline {
        let own = raster.nodata;
        raster.nodata = job.fill.map(Nodata::Float).or(own);
        cutline.on(&job.grid)?.cut(&mut raster, 0, 0);
        raster.nodata = own;
    }
    progress.finish();
    Ok(Some((raster, cost)))
}
