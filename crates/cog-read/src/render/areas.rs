//! Areas of a level, at its own resolution.

use std::sync::Arc;

use cog_raster::{Area, Resampling, Validity, Window};
use cog_tiff::BlockGrid;

use crate::error::{Result, UsageProblem};
use crate::pipeline::assemble::assemble;
use crate::pipeline::cost::ReadCost;
use crate::pipeline::progress::Counter;
use crate::render::band_source::{BandSource, Part};
use crate::render::resampled;

/// Decoded bytes of the blocks that are read together; the next such group is read while one is consumed.
pub(crate) const GROUP_BYTES: u64 = 8 << 20;

/// The pixels of a block of a grid, with or without its padding.
pub(crate) fn area_of(source: &BandSource, grid: &BlockGrid, (x, y): (u32, u32), clipped: bool) -> Result<Area> {
    let (across, down) = (grid.across(), grid.down());
    if x >= across || y >= down {
        return Err(source.cog.usage(UsageProblem::NoSuchTile { x, y, across, down }));
    }
    let (width, height) = if clipped { grid.inside(x, y) } else { (grid.block_width, grid.block_height) };
    let (x, y) = (x.saturating_mul(grid.block_width), y.saturating_mul(grid.block_height));
    Ok(Area { x, y, width, height })
}

/// Reads areas of one level together. Of a level without a mask, while the image has one, each pixel is as valid as the one of full
/// resolution at its centre.
pub(crate) async fn read_blocks(
    source: &BandSource,
    areas: &[Area],
    counter: Arc<Counter>,
) -> Result<(Vec<Part>, ReadCost)> {
    let (mut parts, cost) = read_areas(source, areas, Arc::clone(&counter)).await?;
    let Some(mask) = source.missing_mask()? else { return Ok((parts, cost)) };
    let ((across, down), (width, height)) = (source.level.decimation, source.image_size());
    for (area, part) in areas.iter().zip(&mut parts) {
        let inside = Area {
            width: width.saturating_sub(area.x).min(area.width),
            height: height.saturating_sub(area.y).min(area.height),
            ..*area
        };
        let window = Window::from(inside).shrunk((1.0 / across, 1.0 / down));
        let out = (inside.width as usize, inside.height as usize);
        let (pixels, ..) = resampled::read(&mask, &window, out, Resampling::Nearest, Arc::clone(&counter)).await?;
        let whole = Validity::of_mask(pixels).padded(area.height as usize, area.width as usize);
        part.validity = std::mem::replace(&mut part.validity, Validity::AllValid).and(whole);
    }
    Ok((parts, cost))
}

/// Reads areas of one level together, with what the level itself says of validity.
pub(crate) async fn read_areas(
    source: &BandSource,
    areas: &[Area],
    counter: Arc<Counter>,
) -> Result<(Vec<Part>, ReadCost)> {
    let bytes = areas.iter().fold(0u64, |sum, area| sum.saturating_add(source.bytes(area)));
    source.check_output(bytes)?;
    let header = &source.layer.file.header;
    let (filled, cost) = loop {
        let trusted = header.trusts_frames();
        let mut destinations = Vec::new();
        for area in areas {
            destinations.extend(source.destinations(*area)?);
        }
        match assemble(source.cog.session(), destinations, Arc::clone(&counter)).await {
            // A frame was wrong: the file was changed by a program that knows nothing of frames. Once more by its tables.
            Err(_) if trusted && !header.trusts_frames() => {}
            done => break done?,
        }
    };
    let mut filled = filled.into_iter();
    let part = |area| source.finish(area, filled.by_ref().take(source.destinations_per_area()));
    Ok((areas.iter().map(part).collect::<Result<Vec<_>>>()?, cost))
}
