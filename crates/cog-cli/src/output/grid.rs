//! The grid of an array, as JSON.

use cog_crs::Crs;
use cog_read::Raster;
use serde_json::json;

use crate::geography;
use crate::output::destination::Format;
use crate::output::written::Output;

/// How such files are named.
pub(crate) const FORMAT: Format = Format { name: "JSON", endings: &["json"] };

/// Writes size, transform (`[a, b, c, d, e, f]` as in rasterio), bounds and CRS (a code, or WKT2 where there is none).
pub(crate) fn write(output: &mut Output, raster: &Raster, crs: Option<&Crs>) -> anyhow::Result<()> {
    let (bands, height, width) = raster.dim();
    let grid = json!({
        "width": width,
        "height": height,
        "count": bands,
        "dtype": raster.pixels.sample_type().to_string(),
        "transform": raster.transform.map(|transform| transform.to_array()),
        "bounds": raster.bounds().map(|b| [b.minx, b.miny, b.maxx, b.maxy]),
        "crs": crs.map(|crs| geography::code(crs).unwrap_or_else(|| crs.to_wkt2())),
        "level": raster.level,
    });
    let text = serde_json::to_string_pretty(&grid)? + "\n";
    output.write(Some(text.len() as u64), |out| out.write_all(text.as_bytes()))
}
