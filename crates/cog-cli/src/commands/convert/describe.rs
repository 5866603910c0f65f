//! What a COG takes over of a file.

use anyhow::bail;
use cog_crs::Crs;
use cog_read::Cog;
use cog_read::tiff::{GeoKey, GeoKeyValue, GeoKeys, GeoTransform, Georeference, Nodata, Profile, Tag, Value};
use cog_warp::OutputGrid;
use cog_write::{Image, MetadataItem, geo_key_tags, transform_tags};

use super::change::Change;
use super::grid::Target;
use crate::cli;
use crate::context::Context;

/// Tags that are taken over as they are.
const CARRIED: [Tag; 18] = [
    Tag::DOCUMENT_NAME,
    Tag::IMAGE_DESCRIPTION,
    Tag::MIN_SAMPLE_VALUE,
    Tag::MAX_SAMPLE_VALUE,
    Tag::X_RESOLUTION,
    Tag::Y_RESOLUTION,
    Tag::RESOLUTION_UNIT,
    Tag::SOFTWARE,
    Tag::DATE_TIME,
    Tag::ARTIST,
    Tag::HOST_COMPUTER,
    Tag::COPYRIGHT,
    Tag::XMP,
    Tag::ICC_PROFILE,
    Tag::RPC_COEFFICIENTS,
    Tag::TIFF_RSID,
    Tag::GEO_METADATA,
    Tag::IPTC,
];

/// Tags that tie pixels to coordinates.
pub(crate) const PLACE: [Tag; 6] = [
    Tag::MODEL_PIXEL_SCALE,
    Tag::MODEL_TIEPOINT,
    Tag::MODEL_TRANSFORMATION,
    Tag::GEO_KEY_DIRECTORY,
    Tag::GEO_DOUBLE_PARAMS,
    Tag::GEO_ASCII_PARAMS,
];

/// Of the whole image at full resolution: nothing of a part of it.
pub(crate) const OF_THE_WHOLE: [Tag; 2] = [Tag::RPC_COEFFICIENTS, Tag::GEO_METADATA];

/// Describes a file's image. `bands` are those to take, counted from 1; all if none.
///
/// # Errors
/// A damaged file, and what the store says.
pub(crate) async fn image(cog: &Cog, bands: &[usize]) -> anyhow::Result<Image> {
    let profile = cog.profile()?;
    let level = cog.level(0)?;
    let all: Vec<usize> = match bands {
        [] => (1..=usize::from(profile.count)).collect(),
        some => some.to_vec(),
    };
    let count = u16::try_from(all.len())?;
    let mut image = Image::new(profile.width, profile.height, count, profile.sample_type);
    let narrow = profile.sample_type.is_integer() && level.image.converted_bands().is_none();
    if narrow && level.image.bits < image.bits && all.len() <= usize::from(level.image.samples) {
        image.bits = level.image.bits;
    }
    let flags = profile.mask_flags.first().copied().unwrap_or_default();
    image.mask = flags.per_dataset && !flags.alpha && !flags.nodata;
    image.nodata = all.first().and_then(|band| profile.band_nodata.get(band - 1).copied()).flatten();
    let color = |band: &usize| profile.color_interpretation.get(band - 1).cloned();
    image.colors = all.iter().filter_map(color).collect();
    if count == 1 && all.first() == Some(&1) {
        let whole = |map: &cog_read::tiff::ColorMap| map.entries().len() == 1 << image.bits;
        let palette = profile.color_map.as_ref().filter(|map| whole(map));
        image.palette = palette.map(|map| map.entries().iter().map(|[r, g, b, _]| [*r, *g, *b]).collect());
    }
    image.premultiplied = level.image.extra_samples.contains(&cog_read::tiff::ExtraSample::AssociatedAlpha);
    image.metadata = metadata(cog, &profile, level.ifd, &all).await?;
    for tag in CARRIED {
        if let Ok(Some(value)) = cog.tag(level.ifd, tag).await {
            image.tags.push((tag, value));
        }
    }
    image.tags.extend(place(cog, &profile, level.ifd).await?);
    Ok(image)
}

/// The same in another grid; `is_part` if that has none but pixels of the file.
///
/// # Errors
/// A CRS that GeoKeys cannot say.
pub(super) fn in_grid(
    cog: &Cog,
    image: &mut Image,
    (grid, is_part): (&OutputGrid, bool),
    arguments: &cli::Convert,
) -> anyhow::Result<()> {
    (image.width, image.height) = (grid.width(), grid.height());
    image.tags.retain(|(tag, _)| !PLACE.contains(tag) && !OF_THE_WHOLE.contains(tag));
    let point = is_point(&cog.profile()?);
    image.tags.extend(transform_tags(&by_tiepoint(grid.transform(), point)));
    image.tags.extend(geo_key_tags(&geo_keys(grid.crs(), point)?));
    image.metadata.retain(|item| !item.name.starts_with("STATISTICS_") && !is_of(item, "GEOLOCATION"));
    // What lies outside of the file holds no data.
    if image.nodata.is_none() && image.alpha().is_none() && !is_part {
        image.mask = true;
    }
    // GDAL without its alpha band: what holds no data is not told.
    if arguments.no_alpha && !arguments.add_mask {
        image.mask = false;
    }
    Ok(())
}

/// What a COG says of the tiles that its blocks are. What the file said is true as long as neither grid nor blocks change.
///
/// # Errors
/// A damaged file.
pub(super) fn tiling(cog: &Cog, image: &mut Image, target: &Target, block: u32) -> anyhow::Result<()> {
    let grid = &cog.level(0)?.image.grid;
    if target.grid.is_some() || target.scheme.is_some() || (grid.block_width, grid.block_height) != (block, block) {
        image.metadata.retain(|item| !is_of(item, "TILING_SCHEME"));
    }
    image.metadata.extend(target.scheme.iter().flat_map(|scheme| scheme.items()));
    Ok(())
}

fn is_of(item: &MetadataItem, domain: &str) -> bool {
    item.domain.as_deref() == Some(domain)
}

/// GeoKeys of a CRS that say too what a pixel is.
fn geo_keys(crs: &Crs, point: bool) -> anyhow::Result<GeoKeys> {
    let keys = crs.to_geo_keys().map_err(cog_warp::Error::from)?;
    let raster_type = (GeoKey::RASTER_TYPE, GeoKeyValue::Short(if point { 2 } else { 1 }));
    let others = keys.iter().filter(|(key, _)| *key != GeoKey::RASTER_TYPE).map(|(key, value)| (key, value.clone()));
    Ok(GeoKeys::from_keys(keys.revision(), std::iter::once(raster_type).chain(others).collect()))
}

/// Whether pixels are points.
fn is_point(profile: &Profile) -> bool {
    profile.geo_keys.as_ref().is_some_and(|keys| keys.pixel_is_point())
}

/// A transform as tags have it: where pixels are points, those speak of their centres.
fn by_tiepoint(transform: GeoTransform, point: bool) -> GeoTransform {
    if point { transform.translated(0.5, 0.5) } else { transform }
}

/// The same with samples of another type.
///
/// # Errors
/// Complex samples, and numbers of colours, which nothing can be made of.
pub(super) fn changed(context: &Context, cog: &Cog, image: &mut Image, change: &Change) -> anyhow::Result<()> {
    if image.sample.is_complex() {
        bail!("--rescale, --dtype and another nodata are not for complex samples");
    }
    if change.ranges.is_empty() && change.of_type(image.sample) == image.sample {
        return Ok(());
    }
    if image.palette.is_some() && !change.ranges.is_empty() {
        bail!("--rescale is not for samples that are numbers of colours");
    }
    image.sample = change.of_type(image.sample);
    image.bits = 8 * image.sample.size() as u16;
    if image.palette.as_ref().is_some_and(|palette| palette.len() != 1 << image.bits.min(16)) {
        image.palette = None;
        image.colors.clear();
    }
    image.metadata.retain(|item| !item.name.starts_with("STATISTICS_"));
    if !change.ranges.is_empty() {
        image.metadata.retain(|item| !matches!(item.role.as_deref(), Some("scale" | "offset" | "unittype")));
    }
    // A nodata of the old type may mean nothing in the new one.
    if let Some(nodata) = image.nodata {
        image.nodata = Nodata::of(nodata.as_f64(), image.sample);
        if image.nodata.is_none() {
            image.mask = image.alpha().is_none();
            let (location, sample, nodata) = (cog.location(), image.sample, nodata.as_f64());
            let instead = if image.mask { "; a mask takes its place (--nodata sets a value)" } else { "" };
            context.say(&format!("cog: warning: {location}: {sample} cannot hold its nodata {nodata}{instead}"));
        }
    }
    Ok(())
}

/// Metadata of the file and of the bands.
async fn metadata(cog: &Cog, profile: &Profile, ifd: usize, bands: &[usize]) -> anyhow::Result<Vec<MetadataItem>> {
    let (domains, _) = cog.metadata().await?;
    let mut items = Vec::new();
    let mut add = |domains: Vec<cog_read::tiff::Domain>, band: Option<u32>| {
        for domain in domains {
            let name = Some(domain.name).filter(|name| !name.is_empty());
            items.extend(domain.items.into_iter().map(|(key, value)| MetadataItem {
                name: key,
                value,
                band,
                role: None,
                domain: name.clone(),
            }));
        }
    };
    add(domains, None);
    let ifd = cog.ifd(ifd)?;
    for (number, band) in (1..).zip(bands) {
        add(profile.band_tags(ifd, u32::try_from(*band)?), Some(number));
    }
    for (number, band) in (1..).zip(bands) {
        let band = u32::try_from(*band)?;
        let of = &profile.metadata;
        let mut role = |name: &str, role: &str, value: Option<String>| {
            items.extend(value.map(|value| MetadataItem {
                name: name.into(),
                value,
                band: Some(number),
                role: Some(role.into()),
                domain: None,
            }));
        };
        let (scale, offset) = (of.scale(band), of.offset(band));
        let scaled = scale != 1.0 || offset != 0.0;
        role("OFFSET", "offset", scaled.then(|| offset.to_string()));
        role("SCALE", "scale", scaled.then(|| scale.to_string()));
        role("UNITTYPE", "unittype", of.unit(band).map(str::to_string));
        role("DESCRIPTION", "description", of.description(band).map(str::to_string));
    }
    Ok(items)
}

/// The tags that tie a file to coordinates: its own as they are, or those that side-cars make necessary.
async fn place(cog: &Cog, profile: &Profile, ifd: usize) -> anyhow::Result<Vec<(Tag, Value)>> {
    let mut tags = Vec::new();
    let own = cog.ifd(ifd)?;
    let by_side_car = profile.side_car_crs().is_some_and(|pam| pam.srs.is_some());
    if by_side_car {
        if let Some(crs) = cog_warp::crs_of(profile).map_err(cog_warp::Error::from)? {
            tags.extend(geo_key_tags(&geo_keys(&crs, is_point(profile))?));
        }
    } else {
        for tag in [Tag::GEO_KEY_DIRECTORY, Tag::GEO_DOUBLE_PARAMS, Tag::GEO_ASCII_PARAMS] {
            tags.extend(cog.tag(ifd, tag).await?.map(|value| (tag, value)));
        }
    }
    if !by_side_car && Georeference::of(own) == profile.georeference {
        for tag in [Tag::MODEL_PIXEL_SCALE, Tag::MODEL_TIEPOINT, Tag::MODEL_TRANSFORMATION] {
            tags.extend(cog.tag(ifd, tag).await?.map(|value| (tag, value)));
        }
        return Ok(tags);
    }
    match &profile.georeference {
        Georeference::Gcps(points) => {
            let numbers = points.iter().flat_map(|p| [p.column, p.row, 0.0, p.x, p.y, p.z]).collect();
            tags.push((Tag::MODEL_TIEPOINT, Value::Double(numbers)));
        }
        other => {
            let transform = other.transform().map(|transform| by_tiepoint(transform, is_point(profile)));
            tags.extend(transform.iter().flat_map(transform_tags));
        }
    }
    Ok(tags)
}
