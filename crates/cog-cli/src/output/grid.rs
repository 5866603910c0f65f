//! The grid of an array, as JSON.

use cog_crs::Crs;
use cog_read::Raster;
use cog_read::tiff::GeoTransform;
use serde_json::json;

use crate::geography;
use crate::output::destination::Format;
use crate::output::rows::Shape;
use crate::output::written::Output;

/// How such files are named.
pub(crate) const FORMAT: Format = Format { name: "JSON", endings: &["json"] };

/// Where an array lies.
#[derive(Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) shape: Shape,
    pub(crate) transform: Option<GeoTransform>,
    pub(crate) level: usize,
}

impl Grid {
    pub(crate) fn of(raster: &Raster) -> Grid {
        let shape = Shape { dim: raster.dim(), sample: raster.pixels.sample_type() };
        Grid { shape, transform: raster.transform, level: raster.level }
    }
}

/// Writes size, transform (`[a, b, c, d, e, f]` as in rasterio), bounds and CRS (a code, or WKT2 where there is none).
pub(crate) fn write(output: &mut Output, grid: &Grid, crs: Option<&Crs>) -> anyhow::Result<()> {
    let Grid { shape: Shape { dim: (bands, height, width), sample }, transform, level } = *grid;
    let bounds = transform.and_then(|transform| {
        let (minx, miny, maxx, maxy) = transform.bounds(width.try_into().ok()?, height.try_into().ok()?);
        Some([minx, miny, maxx, maxy])
    });
    let grid = json!({
        "schema": "grid-1",
        "width": width,
        "height": height,
        "count": bands,
        "dtype": sample.to_string(),
        "transform": transform.map(|transform| transform.to_array()),
        "bounds": bounds,
        "crs": crs.map(|crs| geography::code(crs).unwrap_or_else(|| crs.to_wkt2())),
        "level": level,
    });
    let text = serde_json::to_string_pretty(&grid)? + "\n";
    output.write(Some(text.len() as u64), |out| out.write_all(text.as_bytes()))
}
