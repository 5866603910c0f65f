//! `cog info --json`: rasterio's names and spellings.

use cog_crs::Crs;
use cog_read::tiff::{ColorMap, Domain, GeoTransform, Georeference, Ifd, Image, Profile};
use cog_read::{BlockSizes, Level};
use serde_json::{Map, Value, json};

use crate::description::Described;
use crate::output::cog_layout::Layout;
use crate::output::json_number::{nodata, number};

pub(crate) fn describe(file: &Described) -> cog_read::Result<Value> {
    let cog = &file.cog;
    let tiff = cog.tiff();
    let profile = cog.profile()?;
    let full = file.levels.first().and_then(|level| cog.ifd(level.ifd).ok());
    let bands = 1..=u32::from(profile.count);
    let transform = profile.georeference.transform().unwrap_or(GeoTransform::IDENTITY);
    let (left, bottom, right, top) = transform.bounds(profile.width, profile.height);
    let bounds = [left, bottom, right, top].map(number);
    let names = |flags: &cog_read::tiff::MaskFlags| flags.names();
    let band_tags = |ifd: &Ifd| bands.clone().map(|b| domains(&profile.band_tags(ifd, b))).collect::<Vec<_>>();
    Ok(json!({
        "schema": "info-1",
        "location": cog.location(),
        "size": cog.source().size(),
        "profile": profile_json(file, &profile, &transform),
        "bounds": bounds,
        "overviews": profile.overviews,
        "colorinterp": profile.color_interpretation.iter().map(|c| c.name()).collect::<Vec<_>>(),
        "mask_flags": profile.mask_flags.iter().map(names).collect::<Vec<_>>(),
        "scales": bands.clone().map(|b| number(profile.metadata.scale(b))).collect::<Vec<_>>(),
        "offsets": bands.clone().map(|b| number(profile.metadata.offset(b))).collect::<Vec<_>>(),
        "units": bands.clone().map(|b| profile.unit(b)).collect::<Vec<_>>(),
        "nodatavals": profile.band_nodata.iter().map(|value| nodata(*value)).collect::<Vec<_>>(),
        "descriptions": bands.clone().map(|b| profile.metadata.description(b)).collect::<Vec<_>>(),
        "colormap": profile.color_map.as_ref().map(colors),
        "tags": domains(&file.domains),
        "band_tags": full.map(band_tags),
        "crs": file.geography.crs.as_ref().map(|crs| crs_json(crs, &profile)),
        "geographic_bounds": file.geography.bounds.map(|bounds| bounds.to_array().map(number)),
        "zoom": file.geography.zooms.map(|zooms| json!({"min": zooms.min, "max": zooms.max})),
        "side_cars": cog.side_cars().iter().map(|location| location.as_ref()).collect::<Vec<&str>>(),
        "gcps": gcps(&profile.georeference),
        "byte_order": tiff.header().byte_order.name(),
        "bigtiff": tiff.header().variant == cog_read::tiff::Variant::Big,
        "pages": cog.page_count(),
        "levels": file.levels.iter().map(|level| level_json(file, level)).collect::<Vec<_>>(),
        "masks": file.levels.iter().filter_map(|level| mask_json(file, level)).collect::<Vec<_>>(),
        "header_bytes": file.header_bytes,
        "ifd_bytes": tiff.ifd_bytes(),
        "ghost": tiff.ghost().map(|g| g.entries().map(|(k, v)| (k.to_string(), json!(v))).collect::<Map<_, _>>()),
        "cog": layout_json(&Layout::of(file, &profile)),
        "warnings": file.warnings,
    }))
}

fn profile_json(file: &Described, profile: &Profile, transform: &GeoTransform) -> Value {
    let numbers = transform.to_array().map(number);
    json!({
        "driver": "GTiff",
        "width": profile.width,
        "height": profile.height,
        "count": profile.count,
        "dtype": profile.dtype,
        "nodata": nodata(profile.nodata),
        "crs": file.geography.profile_crs(profile),
        "transform": numbers,
        "blockxsize": profile.block_width,
        "blockysize": profile.block_height,
        "tiled": profile.tiled,
        "compress": profile.compress,
        "interleave": profile.interleave,
        "photometric": profile.photometric,
    })
}

/// What a CRS is, and what the file says of it in its own words.
fn crs_json(crs: &Crs, profile: &Profile) -> Value {
    let keys = profile.geo_keys.as_ref().filter(|_| profile.side_car_crs().is_none());
    let pam = profile.side_car_crs();
    json!({
        "name": crs.name(),
        "epsg": crs.epsg(),
        "authority": crs.authority().map(|(authority, code)| format!("{authority}:{code}")),
        "kind": crs.kind().to_string(),
        "units": crs.unit().map(|(name, _)| name),
        "wkt2": crs.to_wkt2(),
        "projjson": serde_json::from_str::<Value>(&crs.to_projjson()).ok(),
        "found": crs.found().to_string(),
        "warnings": crs.warnings(),
        "horizontal_epsg": keys.and_then(|k| k.epsg()).or(pam.and_then(|pam| pam.epsg())),
        "vertical_epsg": keys.and_then(|k| k.vertical_epsg()),
        "citation": keys.and_then(|k| k.citation()).or(pam.and_then(|pam| pam.crs_name())),
    })
}

fn domains(domains: &[Domain]) -> Value {
    let items = |d: &Domain| d.items.iter().map(|(k, v)| (k.clone(), json!(v))).collect::<Map<_, _>>();
    Value::Object(domains.iter().map(|d| (d.name.clone(), Value::Object(items(d)))).collect())
}

/// Red, green, blue and alpha by sample value.
fn colors(map: &ColorMap) -> Value {
    Value::Object(map.entries().iter().enumerate().map(|(i, color)| (i.to_string(), json!(color))).collect())
}

fn layout_json(layout: &Layout) -> Value {
    json!({"layout": layout.problems.is_empty(), "announced": layout.announced, "problems": layout.problems})
}

fn gcps(georeference: &Georeference) -> Value {
    let Georeference::Gcps(points) = georeference else { return json!([]) };
    let point = |p: &cog_read::tiff::Gcp| json!({"col": p.column, "row": p.row, "x": p.x, "y": p.y, "z": p.z});
    points.iter().map(point).collect()
}

fn level_json(file: &Described, level: &Level) -> Value {
    let mut object = grid_json(level.index, level.ifd, &level.image, file.block_sizes.get(&level.ifd));
    object.insert("decimation".to_string(), json!([level.decimation.0, level.decimation.1]));
    Value::Object(object)
}

fn mask_json(file: &Described, level: &Level) -> Option<Value> {
    let ifd = level.mask?;
    let image = Image::of(file.cog.ifd(ifd).ok()?).ok()?;
    Some(Value::Object(grid_json(level.index, ifd, &image, file.block_sizes.get(&ifd))))
}

fn grid_json(level: usize, ifd: usize, image: &Image, sizes: Option<&BlockSizes>) -> Map<String, Value> {
    let grid = &image.grid;
    let entries = [
        ("level", json!(level)),
        ("ifd", json!(ifd)),
        ("width", json!(image.width)),
        ("height", json!(image.height)),
        ("blockxsize", json!(grid.block_width)),
        ("blockysize", json!(grid.block_height)),
        ("blocks_across", json!(grid.across())),
        ("blocks_down", json!(grid.down())),
        ("blocks", json!(grid.count())),
        ("sparse", json!(sizes.map(|s| s.sparse))),
        ("block_bytes", json!(sizes.map(|s| json!({"min": s.min, "max": s.max, "mean": s.mean()})))),
    ];
    entries.into_iter().map(|(key, value)| (key.to_string(), value)).collect()
}
