//! What files say of bands that an array has of them.

use cog_crs::Crs;
use cog_read::tiff::{ColorInterpretation, GeoKey, GeoKeyValue, GeoKeys, GeoTransform, Georeference, Tag, Value};
use cog_read::{Cog, Pixels, Raster, Window};
use cog_write::{Image, MetadataItem, geo_key_tags, transform_tags};

use crate::commands::convert::{OF_THE_WHOLE, PLACE, described};

/// Domains of metadata that speak of the file's own grid.
const OF_THE_GRID: [&str; 3] = ["RPC", "GEOLOCATION", "TILING_SCHEME"];

/// The files whose bands an array has.
#[derive(Clone, Copy)]
pub(crate) struct Own<'a> {
    /// Their bands follow each other.
    pub(crate) files: &'a [Cog],
    /// Whether the array is in the grid of the file, or in a part or a level of it.
    pub(crate) in_its_grid: bool,
    /// Whether scale and offset are applied.
    pub(crate) unscaled: bool,
    /// Whether samples are as they are stored where GDAL would convert colours.
    pub(crate) raw_color: bool,
    /// Whether a sample may be made of several ones, of which none is left.
    pub(crate) mixed: bool,
}

/// Which part of a file an array is.
pub(super) struct Part {
    bands: Vec<usize>,
    level: usize,
    window: Window,
    transform: Option<GeoTransform>,
    /// The highest sample of one band of numbers of colours.
    highest: u16,
}

impl Part {
    pub(super) fn of(raster: &Raster) -> Part {
        let Raster { bands, level, window, transform, .. } = raster;
        let highest = match &raster.pixels {
            Pixels::U8(samples) if bands.len() == 1 => samples.iter().max().copied().map(u16::from),
            Pixels::U16(samples) if bands.len() == 1 => samples.iter().max().copied(),
            _ => None,
        };
        let highest = highest.unwrap_or(u16::MAX);
        Part { bands: bands.clone(), level: *level, window: *window, transform: *transform, highest }
    }

    /// The part of which this is the first piece.
    pub(super) fn reaching(self, window: Window) -> Part {
        Part { window, ..self }
    }
}

/// Adds colours, metadata and other tags of the files, and what ties the array to coordinates.
///
/// # Errors
/// A damaged file, a CRS that GeoKeys cannot say, and what the store says.
pub(super) async fn adopt(image: &mut Image, own: Own<'_>, part: Part, crs: Option<&Crs>) -> anyhow::Result<()> {
    let [file] = own.files else {
        place(image, crs, false)?;
        return of_several(image, own).await;
    };
    if part.bands.len() != usize::from(image.bands) {
        return place(image, crs, false);
    }
    let told = described(file, &part.bands).await?;
    let whole = own.in_its_grid && part.is_whole(image, &told);
    let point = says_point(&told.tags);
    match own.in_its_grid {
        true => {
            let keys =
                |tag: &Tag| [Tag::GEO_KEY_DIRECTORY, Tag::GEO_DOUBLE_PARAMS, Tag::GEO_ASCII_PARAMS].contains(tag);
            image.tags.extend(told.tags.iter().filter(|(tag, _)| keys(tag)).cloned());
        }
        false => place(image, crs, point)?,
    }
    if point && let Some(transform) = part.transform {
        image
            .tags
            .retain(|(tag, _)| ![Tag::MODEL_PIXEL_SCALE, Tag::MODEL_TIEPOINT, Tag::MODEL_TRANSFORMATION].contains(tag));
        image.tags.extend(transform_tags(&transform.translated(0.5, 0.5)));
    }
    if own.in_its_grid && part.transform.is_none() {
        image.tags.extend(part.gcps(image, file, point)?);
    }
    let stays = |tag: &Tag| !PLACE.contains(tag) && (whole || !OF_THE_WHOLE.contains(tag));
    image.tags.extend(told.tags.iter().filter(|(tag, _)| stays(tag)).cloned());
    let measured = whole && !own.unscaled && told.nodata == image.nodata;
    colors(image, own, &told, part.highest)?;
    let is_kept = |item: &MetadataItem| {
        let of_grid = item.domain.as_deref().is_some_and(|domain| OF_THE_GRID.contains(&domain));
        let of_scale = matches!(item.role.as_deref(), Some("scale" | "offset"));
        (whole || !of_grid) && !(own.unscaled && of_scale) && (measured || !item.name.starts_with("STATISTICS_"))
    };
    let named = std::mem::take(&mut image.metadata);
    image.metadata = told.metadata.into_iter().filter(is_kept).collect();
    // A name that the array has of elsewhere.
    let described: Vec<Option<u32>> = descriptions(&image.metadata).map(|item| item.band).collect();
    image.metadata.extend(descriptions(&named).filter(|item| !described.contains(&item.band)).cloned());
    Ok(())
}

fn descriptions(all: &[MetadataItem]) -> impl Iterator<Item = &MetadataItem> {
    all.iter().filter(|item| item.role.as_deref() == Some("description"))
}

/// What the bands show.
fn colors(image: &mut Image, own: Own<'_>, told: &Image, highest: u16) -> anyhow::Result<()> {
    let converted = |cog: &Cog| cog.level(0).map(|level| level.image.converted_bands().is_some());
    if own.raw_color && own.files.iter().map(converted).collect::<cog_read::Result<Vec<_>>>()?.contains(&true) {
        return Ok(());
    }
    let same = told.sample == image.sample && !own.unscaled && !own.mixed;
    image.palette = told.palette.clone().filter(|_| same);
    if let Some(palette) = &mut image.palette {
        match usize::from(highest) < palette.len() {
            true => image.bits = told.bits,
            // A value that was asked for is none of the file's.
            false => palette.resize(1 << image.bits.min(16), [0; 3]),
        }
    }
    image.colors.clone_from(&told.colors);
    for color in image.colors.iter_mut().filter(|color| **color == ColorInterpretation::Palette) {
        if image.palette.is_none() {
            *color = ColorInterpretation::Gray;
        }
    }
    image.premultiplied = told.premultiplied;
    if image.alpha().is_some() {
        image.mask = false;
    }
    Ok(())
}

/// Scales, offsets and units of files whose bands follow each other.
async fn of_several(image: &mut Image, own: Own<'_>) -> anyhow::Result<()> {
    let (mut before, mut items) = (0, Vec::new());
    for file in own.files {
        let told = described(file, &[]).await?;
        let wanted = |item: &MetadataItem| match item.role.as_deref() {
            Some("scale" | "offset") => !own.unscaled,
            Some("unittype") => true,
            _ => false,
        };
        let moved = |item: MetadataItem| MetadataItem { band: item.band.map(|band| band + before), ..item };
        items.extend(told.metadata.into_iter().filter(wanted).map(moved));
        before += u32::from(told.bands);
    }
    if before == u32::from(image.bands) {
        image.metadata.extend(items);
    }
    Ok(())
}

/// Adds the CRS; `point` says that pixels are points.
///
/// # Errors
/// A CRS that GeoKeys cannot say.
pub(super) fn place(image: &mut Image, crs: Option<&Crs>, point: bool) -> anyhow::Result<()> {
    let Some(crs) = crs else { return Ok(()) };
    let mut keys = crs.to_geo_keys().map_err(cog_warp::Error::from)?;
    if point {
        let others = keys.iter().filter(|(key, _)| *key != GeoKey::RASTER_TYPE);
        let all = others.map(|(key, value)| (key, value.clone())).chain([(GeoKey::RASTER_TYPE, GeoKeyValue::Short(2))]);
        keys = GeoKeys::from_keys(keys.revision(), all.collect());
    }
    image.tags.extend(geo_key_tags(&keys));
    Ok(())
}

/// Whether GeoKeys among tags say that pixels are points.
fn says_point(tags: &[(Tag, Value)]) -> bool {
    let directory = tags.iter().find(|(tag, _)| *tag == Tag::GEO_KEY_DIRECTORY);
    let Some((_, Value::Unsigned(numbers))) = directory else { return false };
    numbers.chunks_exact(4).skip(1).any(|key| key == [u64::from(GeoKey::RASTER_TYPE.0), 0, 1, 2])
}

impl Part {
    /// Whether it is all of a file, pixel for pixel.
    fn is_whole(&self, image: &Image, told: &Image) -> bool {
        let Window { column, row, width, height } = self.window;
        self.level == 0
            && (column, row, width, height) == (0.0, 0.0, f64::from(told.width), f64::from(told.height))
            && (image.width, image.height) == (told.width, told.height)
    }

    /// Ground control points, in pixels of this part.
    fn gcps(&self, image: &Image, file: &Cog, point: bool) -> anyhow::Result<Option<(Tag, Value)>> {
        let profile = file.profile()?;
        let Georeference::Gcps(points) = &profile.georeference else { return Ok(None) };
        let level = file.level(self.level)?;
        let Window { column, row, width, height } = self.window;
        let x = |at: f64| {
            let of_level = at * f64::from(level.image.width) / f64::from(profile.width);
            (of_level - column) * f64::from(image.width) / width
        };
        let y = |at: f64| {
            let of_level = at * f64::from(level.image.height) / f64::from(profile.height);
            (of_level - row) * f64::from(image.height) / height
        };
        // Where pixels are points, tags speak of their centres.
        let half = if point { 0.5 } else { 0.0 };
        let numbers = points.iter().flat_map(|p| [x(p.column) - half, y(p.row) - half, 0.0, p.x, p.y, p.z]);
        Ok(Some((Tag::MODEL_TIEPOINT, Value::Double(numbers.collect()))))
    }
}
