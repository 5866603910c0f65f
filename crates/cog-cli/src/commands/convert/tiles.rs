//! Blocks that are the tiles of a map.

use anyhow::{anyhow, bail};
use cog_crs::tiles::{Corner, TileMatrix, TileMatrixSet};
use cog_read::Cog;
use cog_read::tiff::GeoTransform;
use cog_warp::OutputGrid;
use cog_write::{MetadataItem, Overviews};

use super::grid::{is_geographic, natural};
use crate::cli;
use crate::context::Context;

/// Fractions of a pixel that a raster may reach over a tile without taking the next (GDAL).
const TOLERANCE: f64 = 0.499;

/// Which tiles blocks are, for GDAL's metadata domain TILING_SCHEME.
pub(super) struct Scheme {
    name: String,
    block: u32,
    zoom: i32,
    aligned: u32,
}

impl Scheme {
    /// Width and height of a tile in pixels.
    pub(super) fn block(&self) -> u32 {
        self.block
    }

    /// The domain's items.
    pub(super) fn items(&self) -> Vec<MetadataItem> {
        let item = |name: &str, value: String| MetadataItem {
            name: name.into(),
            value,
            domain: Some("TILING_SCHEME".into()),
            ..MetadataItem::default()
        };
        let mut items = vec![item("NAME", self.name.clone()), item("ZOOM_LEVEL", self.zoom.to_string())];
        if self.aligned > 0 {
            items.push(item("ALIGNED_LEVELS", self.aligned.to_string()));
        }
        items
    }
}

/// The tiles of the zoom level that fits a file's resolution, as GDAL's COG driver finds them: a block of any size is one tile. Unless their
/// size is set, tiles are smaller where rio-cogeo would take those of a level for strips.
///
/// # Errors
/// Sets that are not known or whose levels do not fit each other, and files that lie outside of the set.
pub(super) fn grid(context: &Context, cog: &Cog, arguments: &cli::Convert) -> anyhow::Result<(OutputGrid, Scheme)> {
    let overviews = matches!(arguments.overviews, Some(Overviews::None)).then_some(&[][..]);
    let usual = of_block(cog, arguments, arguments.blocksize.unwrap_or(cli::BLOCK))?;
    let is_plain = |tiles: &Tiles, block| {
        cog_validate::is_plain_tile_side((tiles.grid.width(), tiles.grid.height()), overviews, block)
    };
    let tiles = match arguments.blocksize {
        None if !is_plain(&usual, cli::BLOCK) => {
            let others = [256, 384].map(|block| Ok((block, of_block(cog, arguments, block)?)));
            let others = others.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
            others.into_iter().find(|(block, tiles)| is_plain(tiles, *block)).map_or_else(
                || {
                    let location = cog.location();
                    context.say(&format!(
                        "cog: warning: {location}: a level is one column of tiles of the map, which rio-cogeo takes for strips: it will call the COG not valid"
                    ));
                    usual
                },
                |(_, tiles)| tiles,
            )
        }
        _ => usual,
    };
    if tiles.reaches_over {
        let (location, name) = (cog.location(), &tiles.scheme.name);
        context.say(&format!(
            "cog: warning: {location}: reaches over the edges of the tile matrix set {name}; what lies outside is left out"
        ));
    }
    Ok((tiles.grid, tiles.scheme))
}

/// A grid whose blocks are tiles.
struct Tiles {
    grid: OutputGrid,
    scheme: Scheme,
    /// Whether a part of the file lies outside of the set.
    reaches_over: bool,
}

fn of_block(cog: &Cog, arguments: &cli::Convert, block: u32) -> anyhow::Result<Tiles> {
    let name = arguments.tms.as_deref().unwrap_or(cli::WEB_MERCATOR);
    let set = TileMatrixSet::named(name).map_err(cog_warp::Error::from)?;
    let tile = f64::from(alike(&set)?.tile_width);
    if block == 0 {
        bail!("blocks of 0 pixels");
    }
    let natural = natural(cog, set.crs())?;
    // Pixels of a level are smaller by as much as blocks are larger than its tiles.
    let scale = f64::from(block) / tile;
    let resolution = natural.transform().a.abs() * scale;
    let zoom = match arguments.tiling.zoom {
        Some(zoom) => zoom,
        None => set.zoom_for_resolution(resolution, arguments.tiling.strategy).map_err(cog_warp::Error::from)?,
    };
    let matrix = set.matrix(zoom).map_err(cog_warp::Error::from)?;
    let aligned = aligned_levels(&set, zoom, arguments.tiling.aligned);
    let multiple = multiple(&set, zoom, aligned)?;
    let cell = matrix.cell_size / scale;
    let (left, top) = matrix.origin;
    let side = f64::from(block) * cell;
    let [minx, miny, maxx, maxy] = natural.bounds();
    let slack = TOLERANCE * cell;
    let first = |length: f64| (((length + slack) / side).floor() / multiple).floor() * multiple;
    let last = |length: f64| (((length - slack) / side).ceil() / multiple).ceil() * multiple;
    let (columns, rows) = (matrix.matrix_width as f64, matrix.matrix_height as f64);
    let (x, right) = match (first(minx - left), last(maxx - left)) {
        // Longitudes go on behind the antimeridian: from 0 to 360 lie on both sides of it.
        (x, right) if (x < 0.0 || right > columns) && is_geographic(set.crs()) => (0.0, columns),
        both => both,
    };
    let (y, bottom) = (first(top - maxy), last(top - miny));
    let reaches_over = x < 0.0 || y < 0.0 || right > columns || bottom > rows;
    let (x, y, right, bottom) = (x.max(0.0), y.max(0.0), right.min(columns), bottom.min(rows));
    if right <= x || bottom <= y {
        bail!("{}: lies outside of the tile matrix set {name}", cog.location());
    }
    let (width, height) = ((right - x) * f64::from(block), (bottom - y) * f64::from(block));
    if width > f64::from(i32::MAX) || height > f64::from(i32::MAX) {
        bail!("{}: {width} × {height} pixels of zoom level {zoom} are too many", cog.location());
    }
    let transform = GeoTransform { a: cell, b: 0.0, c: left + x * side, d: 0.0, e: -cell, f: top - y * side };
    let grid = OutputGrid::new(set.crs().clone(), transform, width as u32, height as u32)?;
    let name = if name == cli::WEB_MERCATOR { cli::GOOGLE_MAPS } else { name };
    Ok(Tiles { grid, scheme: Scheme { name: name.into(), block, zoom, aligned }, reaches_over })
}

/// The first matrix of a set whose matrices differ in nothing but their scale.
fn alike(set: &TileMatrixSet) -> anyhow::Result<&TileMatrix> {
    let name = || set.id().unwrap_or_default().to_owned();
    let first = set.matrices().first().ok_or_else(|| anyhow!("the tile matrix set {} is empty", name()))?;
    let reason = match () {
        () if set.matrices().iter().any(|matrix| matrix.origin != first.origin) => "do not begin in one corner",
        () if set.matrices().iter().any(|matrix| matrix.tile_width != first.tile_width) => "differ in size",
        () if set.matrices().iter().any(|matrix| !matrix.variable_widths.is_empty()) => "are wider in some rows",
        () if set.matrices().iter().any(|matrix| matrix.corner != Corner::TopLeft) => "are counted from below",
        () if set.matrices().iter().any(|matrix| matrix.tile_width != matrix.tile_height) => "are not square",
        () => return Ok(first),
    };
    bail!("the tiles of {} {reason}: a COG cannot have them as blocks", name())
}

/// On how many levels blocks of overviews are to be whole tiles; there are no more than ten, and none below the first.
fn aligned_levels(set: &TileMatrixSet, zoom: i32, wanted: u32) -> u32 {
    let below = u32::try_from(zoom.saturating_sub(set.min_zoom())).unwrap_or_default();
    wanted.min(10).min(below)
}

/// Of how many tiles the edges must be a multiple so that tiles of coarser levels begin and end there too.
fn multiple(set: &TileMatrixSet, zoom: i32, aligned: u32) -> anyhow::Result<f64> {
    /// Has all denominators that ratios of levels have in practice (GDAL).
    const PARTS: u32 = 60;
    let mut product = 1.0;
    for step in 0..aligned.saturating_sub(1) {
        let zoom = zoom - i32::try_from(step)?;
        let cell = |zoom: i32| set.matrix(zoom).map(|matrix| matrix.cell_size).map_err(cog_warp::Error::from);
        let ratio = cell(zoom - 1)? / cell(zoom)?;
        let parts = f64::from(PARTS) / ratio;
        if !(1.0..=f64::from(PARTS)).contains(&parts) || (parts - parts.round()).abs() > 1e-10 {
            bail!("ALIGNED_LEVELS: cells of zoom level {} are {ratio} times those of {zoom}", zoom - 1);
        }
        product *= f64::from(PARTS / greatest_common_divisor(PARTS, parts.round() as u32));
    }
    Ok(product)
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
