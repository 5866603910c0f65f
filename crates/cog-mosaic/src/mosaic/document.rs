//! Mosaics from documents: MosaicJSON, outlines in GeoJSON, items of STAC.

use std::path::Path;
use std::sync::Arc;

use cog_crs::{Crs, Transform};
use cog_io::{Location, LocationKind};
use cog_read::Session;
use serde_json::Value;

use super::collection::Mosaic;
use super::coverage::{Coverage, boxes_of};
use super::json::MosaicJson;
use super::order::Order;
use super::source::MosaicSource;
use crate::documents::Document;
use crate::error::{MosaicError, Result};
use crate::limits::Limits;
use crate::stac::href::resolve;
use crate::stac::item::StacItem;
use crate::stac::pages::StacPages;

/// Properties of a Feature that name its file, the first that is there counts: what `cog bounds` was given, what `gdaltindex` writes, what
/// cogeo-mosaic writes, and what others do.
const LOCATIONS: [&str; 7] = ["input", "location", "path", "href", "url", "filename", "filepath"];

/// Documents of mosaics may be larger than those of STAC: bytes.
const DOCUMENT: u64 = 512 << 20;

impl Mosaic {
    /// Of a document: a MosaicJSON, a FeatureCollection of outlines whose properties name files (`location`, as `gdaltindex` writes it,
    /// `path`, `href` and others), or an item of STAC, a collection of items or an answer of a search, whose `next` links are followed.
    ///
    /// Items need one asset that can be read each, unless others are chosen: see [`of_document`](Self::of_document).
    ///
    /// # Errors
    /// What the store says, and a document that is none of these.
    pub async fn open(session: &Session, location: impl AsRef<str>) -> Result<Mosaic> {
        let location = Location::parse(location.as_ref())?;
        let limits = Limits::default().with_max_document_bytes(DOCUMENT);
        let document = Document::open(session.io(), &location, &limits).await?;
        Mosaic::of_document::<&str>(session, document, Some(location), &[]).await
    }

    /// The same of a document that was read elsewhere. Files that it names without a scheme lie beside `location`; those of a local document
    /// may lie in the working directory, which counts first, as in GDAL and cogeo-mosaic. Of items these assets are read, whose bands follow
    /// each other.
    ///
    /// # Errors
    /// A document that is no mosaic; items with no such asset, or with several that can be read and none chosen.
    pub async fn of_document<N: AsRef<str>>(
        session: &Session,
        document: Document,
        location: Option<Location>,
        assets: &[N],
    ) -> Result<Mosaic> {
        if document.value().get("mosaicjson").is_some() {
            return Mosaic::of_mosaic_json(session, &MosaicJson::new(&document)?, location.as_ref());
        }
        Mosaic::new(session, MosaicSource::of_document(session, document, location, assets).await?)
    }

    /// Of a MosaicJSON. Sources count as the lists of its tiles say: within one tile as its own list, over several in an order that agrees
    /// with all of them, as far as they agree with each other.
    ///
    /// # Errors
    /// A document without files, and names that are no locations.
    pub fn of_mosaic_json(session: &Session, json: &MosaicJson, location: Option<&Location>) -> Result<Mosaic> {
        let sources = json.assets().map(|asset| source_at(&asset, location)).collect::<Result<Vec<_>>>()?;
        Mosaic::with_order(session, sources, Order::Listed(json.lists()?))
    }

    /// Of items of STAC, in the order in which they count: of each these assets, whose bands follow each other; without names the one
    /// asset that can be read. Where items lie is known from them.
    ///
    /// # Errors
    /// No item; items with no such asset, or with several that can be read and none chosen.
    pub fn of_items<N: AsRef<str>>(session: &Session, items: &[StacItem], assets: &[N]) -> Result<Mosaic> {
        Mosaic::new(session, items.iter().map(|item| MosaicSource::of_item(item, assets)).collect::<Result<Vec<_>>>()?)
    }
}

impl MosaicSource {
    /// The sources of a document that is a FeatureCollection of outlines or has items of STAC: see [`Mosaic::of_document`]. Those of several
    /// documents, and others, may become one mosaic.
    ///
    /// # Errors
    /// As [`Mosaic::of_document`]; a MosaicJSON, which has an order of its own.
    pub async fn of_document<N: AsRef<str>>(
        session: &Session,
        document: Document,
        location: Option<Location>,
        assets: &[N],
    ) -> Result<Vec<MosaicSource>> {
        let wrong =
            |problem: &str| MosaicError::Document { location: document.location().into(), problem: problem.into() };
        let has = |name: &str| document.value().get(name).is_some();
        let features = document.value().get("features").and_then(Value::as_array);
        let is_stac = |feature: &Value| feature.get("assets").is_some_and(Value::is_object);
        match features {
            _ if has("mosaicjson") => {
                Err(wrong("is a MosaicJSON, which is a mosaic of its own: no other sources go with it").into())
            }
            Some(features) if !features.is_empty() && !features.first().is_some_and(is_stac) => {
                MosaicSource::of_features(&document, location.as_ref(), None)
            }
            None if !has("assets") => {
                Err(wrong("is no mosaic: no MosaicJSON, no FeatureCollection and no item of STAC").into())
            }
            _ => {
                let items = StacPages::from_document(session, document, location).all().await?;
                items.iter().map(|item| MosaicSource::of_item(item, assets)).collect()
            }
        }
    }

    /// The files that a FeatureCollection names in a property of its Features, each with the Feature's outline: `property`, or the first of those that
    /// are usual. Outlines are longitudes and latitudes, unless a member `crs` says otherwise, as GDAL writes it.
    ///
    /// # Errors
    /// A document that is no FeatureCollection, and a Feature that names no file.
    pub fn of_features(
        document: &Document,
        location: Option<&Location>,
        property: Option<&str>,
    ) -> Result<Vec<MosaicSource>> {
        let wrong = |problem: String| MosaicError::Document { location: document.location().into(), problem };
        let features = document.value().get("features").and_then(Value::as_array);
        let features = features.ok_or_else(|| wrong("is no FeatureCollection: it has no list 'features'".into()))?;
        let outlines = Outlines::of(document.value()).map_err(wrong)?;
        let one = |(number, feature): (usize, &Value)| {
            let properties = feature.get("properties");
            let name = |property: &str| properties?.get(property)?.as_str();
            let found = match property {
                Some(property) => name(property),
                None => LOCATIONS.iter().find_map(|property| name(property)),
            };
            let names = || property.map_or_else(|| LOCATIONS.join(", "), str::to_string);
            let found = found.ok_or_else(|| {
                wrong(format!("feature {} has no property with a location ({})", number + 1, names()))
            })?;
            let source = source_at(found, location)?;
            let outline = feature.get("geometry").and_then(|geometry| outlines.coverage(geometry));
            Ok(match outline {
                Some(outline) => source.covering(outline),
                None => source,
            })
        };
        features.iter().enumerate().map(one).collect()
    }

    /// The files of these assets of an item of STAC, whose bands follow each other, and its outline. Without names it is the one asset that can be
    /// read.
    ///
    /// # Errors
    /// No such asset; none that can be read, or several and none chosen; an href that leads nowhere.
    pub fn of_item<N: AsRef<str>>(item: &StacItem, assets: &[N]) -> Result<MosaicSource> {
        let item = if assets.is_empty() { item.clone() } else { item.select(assets.iter().map(AsRef::as_ref))? };
        let mut readable = item.readable();
        let all: Vec<String> = item.readable().map(|asset| asset.name().to_string()).collect();
        let item_name = || item.location().map_or_else(|| item.id().to_string(), Location::to_string);
        let first = readable.next().ok_or_else(|| MosaicError::Document {
            location: item_name().into(),
            problem: "has no asset that can be read".into(),
        })?;
        if assets.is_empty() && all.len() > 1 {
            return Err(MosaicError::ChooseAssets { item: item.id().to_string(), there: all.join(", ") }.into());
        }
        let mut source = MosaicSource::at(first.location()?);
        for asset in readable {
            source = source.and(MosaicSource::at(asset.location()?));
        }
        if all.len() > 1 {
            source = source.named(Arc::from(item.id()));
        }
        Ok(match coverage_of(&item) {
            Some(coverage) => source.covering(coverage),
            None => source,
        })
    }
}

/// Where an item lies: its box, which holds all of its pixels, and its outline, within which they hold data.
fn coverage_of(item: &StacItem) -> Option<Coverage> {
    let outline = item.geometry().and_then(Coverage::of_geometry);
    match (item.bbox().and_then(Coverage::of_bounds), outline) {
        (Some(bounds), Some(outline)) => Some(outline.within(&bounds)),
        (bounds, outline) => bounds.or(outline),
    }
}

/// A file that a document names.
fn source_at(named: &str, document: Option<&Location>) -> Result<MosaicSource> {
    match document {
        Some(location) if is_relative(named) => {
            let here = matches!(location.kind(), LocationKind::Local(_)) && Path::new(named).exists();
            if here { MosaicSource::new(named) } else { Ok(MosaicSource::at(resolve(named, Some(location))?)) }
        }
        _ => MosaicSource::new(named),
    }
}

/// Neither a URL, nor a path from the root, nor one of GDAL's names.
fn is_relative(named: &str) -> bool {
    let drive = named.get(1..3).is_some_and(|rest| rest == ":\\" || rest == ":/");
    !(named.starts_with('/') || named.contains("://") || drive || named.starts_with("GTIFF_DIR:"))
}

/// How outlines of a document are read.
struct Outlines {
    /// To longitudes and latitudes, where they are others.
    transform: Option<Transform>,
}

impl Outlines {
    fn of(document: &Value) -> std::result::Result<Outlines, String> {
        let name = document.get("crs").and_then(|crs| crs.get("properties")?.get("name")?.as_str());
        let Some(name) = name else { return Ok(Outlines { transform: None }) };
        let transform = || -> cog_crs::Result<Option<Transform>> {
            let wgs84 = Crs::from_epsg(4326)?;
            let own: Crs = name.parse()?;
            let is_wgs84 = own == wgs84 || own.authority() == Some(("OGC", "CRS84"));
            if is_wgs84 { Ok(None) } else { Transform::new_or_ballpark(&own, &wgs84).map(Some) }
        };
        Ok(Outlines { transform: transform().map_err(|error| format!("'crs': {error}"))? })
    }

    /// `None` where nothing is known.
    fn coverage(&self, geometry: &Value) -> Option<Coverage> {
        let Some(transform) = &self.transform else { return Coverage::of_geometry(geometry) };
        let [mut west, mut south, mut east, mut north] =
            [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let mut waiting = vec![geometry.get("coordinates")?];
        while let Some(value) = waiting.pop() {
            match value.as_array()?.as_slice() {
                [Value::Number(x), Value::Number(y), ..] => {
                    let (x, y) = (x.as_f64()?, y.as_f64()?);
                    (west, south, east, north) = (west.min(x), south.min(y), east.max(x), north.max(y));
                }
                many => waiting.extend(many),
            }
        }
        /// Places between the corners of an edge, as in rasterio.
        const BETWEEN: usize = 21;
        let bounds = transform.bounds([west, south, east, north], BETWEEN)?;
        Some(Coverage::of_boxes(boxes_of(bounds)).padded())
    }
}
