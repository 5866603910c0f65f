//! `cog create-tms`: a tile matrix set whose tiles are the file's blocks.

use anyhow::bail;
use cog_read::Cog;
use cog_read::tiff::{GeoKey, GeoKeys, GeoTransform, Georeference, ModelType};
use serde_json::{Value, json};

use crate::cli;
use crate::commands::files::{Answer, Files};
use crate::context::Context;
use crate::exit::Exit;

/// The size of a rendered pixel in metres by which OGC defines scale denominators (OGC 17-083r2, section 6.2).
const STANDARD_PIXEL: f64 = 0.28e-3;

/// Metres of one degree on the equator of WGS 84: what OGC 17-083r2 uses for CRSs in degrees.
const METRES_PER_DEGREE: f64 = 6_378_137.0 * std::f64::consts::PI / 180.0;

pub(crate) async fn run(context: &mut Context, arguments: &cli::CreateTms) -> anyhow::Result<Exit> {
    let cli::CreateTms { locations, identifier, list } = arguments;
    let work = async |cog: &Cog| tile_matrix_set(cog, identifier.as_deref()).map(Answer::Standard);
    Files::new(locations, 0, true, *list).answer(context, work).await
}

fn tile_matrix_set(cog: &Cog, identifier: Option<&str>) -> anyhow::Result<Value> {
    let location = cog.location();
    let profile = cog.profile()?;
    let Georeference::Transform(transform) = profile.georeference else {
        bail!("{location}: has no geotransform, so its tiles have no place");
    };
    if transform.b != 0.0 || transform.d != 0.0 {
        bail!("{location}: is rotated; a tile matrix set has no way to say so");
    }
    if profile.side_car_crs().is_some() {
        bail!("{location}: the CRS of a side-car cannot name a tile matrix set yet; leave out --side-cars");
    }
    let keys = profile.geo_keys.as_ref();
    let Some(code) = keys.and_then(|k| k.epsg().or(k.crs_epsg())) else {
        bail!("{location}: has no EPSG code to name the tile matrix set's CRS by");
    };
    let unit = keys.map_or(1.0, metres_per_unit);
    let levels = cog.levels()?;
    // Coarse to fine: the identifier "0" is the smallest overview.
    let mut ordered: Vec<_> = levels.iter().collect();
    ordered.sort_by_key(|level| level.image.width);
    let matrices: Vec<_> = ordered
        .iter()
        .enumerate()
        .map(|(id, level)| {
            let GeoTransform { a, c, f, .. } = transform.scaled(level.decimation.0, level.decimation.1);
            let grid = &level.image.grid;
            json!({
                "type": "TileMatrixType",
                "identifier": id.to_string(),
                "scaleDenominator": a.abs() * unit / STANDARD_PIXEL,
                "topLeftCorner": [c, f],
                "tileWidth": grid.block_width,
                "tileHeight": grid.block_height,
                "matrixWidth": grid.across(),
                "matrixHeight": grid.down(),
            })
        })
        .collect();
    let (left, bottom, right, top) = transform.bounds(profile.width, profile.height);
    let crs = format!("http://www.opengis.net/def/crs/EPSG/0/{code}");
    let set = json!({
        "type": "TileMatrixSetType",
        "title": format!("Tile matrix for {location}"),
        "identifier": identifier.map_or_else(|| named_after(location), str::to_owned),
        "supportedCRS": crs,
        "boundingBox": {
            "type": "BoundingBoxType",
            "crs": crs,
            "lowerCorner": [left.min(right), bottom.min(top)],
            "upperCorner": [left.max(right), bottom.max(top)],
        },
        "tileMatrix": matrices,
    });
    Ok(set)
}

/// The file's name without its ending, in characters that identifiers may have.
fn named_after(location: &str) -> String {
    let name = location.split(['?', '#']).next().unwrap_or(location).rsplit(['/', '\\']).next().unwrap_or("cog");
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }).collect()
}

/// How many metres one unit of the CRS is: from the GeoKeys of units, else what the kind of CRS, and a few families of
/// EPSG codes in feet, imply.
fn metres_per_unit(keys: &GeoKeys) -> f64 {
    if keys.model_type() == Some(ModelType::Geographic) {
        return METRES_PER_DEGREE;
    }
    if let Some(size) = keys.double(GeoKey::PROJ_LINEAR_UNIT_SIZE).filter(|size| *size > 0.0) {
        return size;
    }
    match (keys.short(GeoKey::PROJ_LINEAR_UNITS), keys.epsg()) {
        (Some(9002), _) => 0.3048,
        (Some(9003), _) => 1200.0 / 3937.0,
        (Some(9036), _) => 1000.0,
        // State plane zones in US survey feet, as EPSG numbers them for NAD83, NAD83(HARN) and NAD83(2011), and NAD27.
        (None, Some(2225..=2289 | 2867..=2888 | 26729..=26799 | 32001..=32060)) => 1200.0 / 3937.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_made_from_the_file_name() {
        assert_eq!(named_after("https://h/a/b c.d.tif?x=1"), "b_c_d");
        assert_eq!(named_after("C:\\data\\x.tif"), "x");
    }
}
