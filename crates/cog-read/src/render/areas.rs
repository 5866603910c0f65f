//! Areas of a level, each read into a raster of its own.

use std::sync::Arc;

use crate::error::{Result, UsageProblem};
use crate::geometry::window::{Area, Window};
use crate::pipeline::assemble::assemble;
use crate::pipeline::progress::Counter;
use crate::pixels::raster::Raster;
use crate::pixels::validity::Validity;
use crate::render::resampled;
use crate::render::source::Request;
use crate::resample::Resampling;

/// Decoded bytes of the blocks that are read together; the next such group is read while one is consumed.
pub(crate) const GROUP_BYTES: u64 = 8 << 20;

/// The pixels of a block, with or without its padding.
pub(crate) fn area_of(request: &Request, x: u32, y: u32, clipped: bool) -> Result<Area> {
    let grid = request.layer.image.grid;
    let (across, down) = (grid.across(), grid.down());
    if x >= across || y >= down {
        return Err(request.cog.usage(UsageProblem::NoSuchTile { x, y, across, down }));
    }
    let (width, height) = if clipped { grid.inside(x, y) } else { (grid.block_width, grid.block_height) };
    let (x, y) = (x.saturating_mul(grid.block_width), y.saturating_mul(grid.block_height));
    Ok(Area { x, y, width, height })
}

/// Reads areas of one level together, each into a raster of its own. Of a level without a mask, while the image has one, each
/// pixel is as valid as the one of full resolution at its centre.
pub(crate) async fn read_blocks(request: &Request, areas: &[Area], counter: Arc<Counter>) -> Result<Vec<Raster>> {
    let mut rasters = read_areas(request, areas, Arc::clone(&counter)).await?;
    let Some(mask) = request.missing_mask()? else { return Ok(rasters) };
    let ((across, down), (width, height)) = (request.level.decimation, request.image_size());
    for (area, raster) in areas.iter().zip(&mut rasters) {
        let inside = Area {
            width: width.saturating_sub(area.x).min(area.width),
            height: height.saturating_sub(area.y).min(area.height),
            ..*area
        };
        let window = Window::from(inside).shrunk((1.0 / across, 1.0 / down));
        let out = (inside.width as usize, inside.height as usize);
        let (pixels, ..) = resampled::read(&mask, &window, out, Resampling::Nearest, Arc::clone(&counter)).await?;
        let whole = Validity::of_mask(pixels).padded(area.height as usize, area.width as usize);
        raster.validity = std::mem::replace(&mut raster.validity, Validity::AllValid).and(whole);
    }
    Ok(rasters)
}

/// Reads areas of one level together, each into a raster of its own, with what the level itself says of validity.
pub(crate) async fn read_areas(request: &Request, areas: &[Area], counter: Arc<Counter>) -> Result<Vec<Raster>> {
    let bytes = areas.iter().fold(0u64, |sum, area| sum.saturating_add(request.bytes(area)));
    request.check_output(bytes)?;
    let header = &request.layer.file.header;
    let (filled, cost) = loop {
        let trusted = header.trusts_frames();
        let mut targets = Vec::new();
        for area in areas {
            targets.extend(request.targets(*area)?);
        }
        match assemble(request.cog.session(), targets, Arc::clone(&counter)).await {
            // A frame was wrong: the file was changed by a program that knows nothing of frames. Once more by its tables.
            Err(_) if trusted && !header.trusts_frames() => {}
            done => break done?,
        }
    };
    let mut filled = filled.into_iter();
    areas
        .iter()
        .map(|area| {
            let part = request.finish(area, filled.by_ref().take(request.targets_per_area()))?;
            request.raster(*area, part.pixels, part.validity, cost)
        })
        .collect()
}
