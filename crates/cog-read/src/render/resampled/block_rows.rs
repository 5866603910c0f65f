//! Rows of blocks that an area touches, and what they take.

use cog_raster::Area;

use crate::file::layer::Layer;
use crate::pipeline::block_list::BlockList;
use crate::render::band_source::BandSource;
use cog_raster::canvas::Tiling;

/// Rows of blocks that are wider are read strip by strip.
pub(super) const ROW_BYTES: u64 = 96 << 20;
/// What a block takes beside its pixels.
const BLOCK_COST: u64 = 128;

/// The blocks of each layer that touch an area.
pub(super) fn lists<'a>(source: &'a BandSource, area: &'a Area) -> impl Iterator<Item = (BlockList, &'a Layer)> {
    source.layers().into_iter().enumerate().map(|(destination, (layer, bands))| {
        let grid = &layer.image.grid;
        let tiling = Tiling { area: *area, block: (grid.block_width, grid.block_height) };
        (BlockList::of(destination, layer, &tiling, bands), &**layer)
    })
}

/// What a row of blocks takes while it is read.
pub(super) fn bytes(source: &BandSource, area: &Area) -> u64 {
    let blocks = lists(source, area).map(|(list, _)| list.left());
    source.bytes(area).saturating_add(blocks.fold(0, u64::saturating_add).saturating_mul(BLOCK_COST))
}

/// Bytes of a row of blocks that may be held: a block at least.
pub(super) fn most_bytes(source: &BandSource) -> u64 {
    let block = |layer: &Layer| layer.spec(0).output_len().map_or(0, |n| n as u64);
    source.layers().iter().map(|(layer, _)| block(layer)).fold(ROW_BYTES, u64::max)
}

/// Rows after which the blocks of all layers end. Of grids that do not fit, those of one do; blocks of the other that go on are
/// decoded again.
pub(super) fn block_height(source: &BandSource) -> u32 {
    source.layers().iter().map(|(layer, _)| layer.image.grid.block_height).fold(1, u32::max)
}
