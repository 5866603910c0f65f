//! One asset of an item.

use std::fmt;
use std::sync::Arc;

use cog_crs::Crs;
use cog_io::Location;
use cog_raster::SampleType;
use cog_warp::OutputGrid;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::stac::bands::{StacBand, bands};
use crate::stac::href::resolve;
use crate::stac::media_type::MediaType;
use crate::stac::projection::Projection;

/// What the assets of an item share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) properties: Map<String, Value>,
    /// To what hrefs are relative.
    pub(super) base: Option<Location>,
}

/// A file that belongs to an item, as the item describes it: nothing of it was opened. Cheap to clone.
#[derive(Clone)]
pub struct StacAsset {
    name: Arc<str>,
    fields: Arc<Map<String, Value>>,
    shared: Arc<Shared>,
    /// The alternate location that is preferred.
    alternate: Option<Arc<str>>,
}

impl StacAsset {
    pub(super) fn new(name: &str, fields: Map<String, Value>, shared: &Arc<Shared>) -> StacAsset {
        StacAsset { name: name.into(), fields: Arc::new(fields), shared: Arc::clone(shared), alternate: None }
    }

    pub(super) fn preferring(&self, alternate: &Arc<str>) -> StacAsset {
        StacAsset { alternate: Some(Arc::clone(alternate)), ..self.clone() }
    }

    /// Its name in the item: `red`, `B04`, `thumbnail`.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shared_name(&self) -> &Arc<str> {
        &self.name
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// Where it is: the [preferred alternate](crate::StacItem::prefer_alternate) if it has one, else its own href. Shown redacted.
    ///
    /// # Errors
    /// No href, one of a scheme that nothing reads, and a relative one where the item has no location.
    pub fn location(&self) -> Result<Location> {
        let preferred = self.alternate.as_deref().and_then(|name| self.alternate_href(name));
        let href = preferred.or_else(|| self.text("href")).ok_or(Error::NoHref)?;
        resolve(href, self.shared.base.as_ref())
    }

    /// Where else it is, by the name of the place (the alternate-assets extension): `s3`, `https`.
    ///
    /// # Errors
    /// As [`location`](Self::location); [`Error::NoHref`] for a name that it has not.
    pub fn alternate_location(&self, name: &str) -> Result<Location> {
        resolve(self.alternate_href(name).ok_or(Error::NoHref)?, self.shared.base.as_ref())
    }

    /// Names of the places where else it is.
    pub fn alternates(&self) -> impl Iterator<Item = &str> {
        self.fields.get("alternate").and_then(Value::as_object).into_iter().flat_map(Map::keys).map(String::as_str)
    }

    fn alternate_href(&self, name: &str) -> Option<&str> {
        // The main href may have a name of its own.
        if self.text("alternate:name") == Some(name) {
            return self.text("href");
        }
        self.fields.get("alternate")?.get(name)?.get("href")?.as_str()
    }

    /// What it is called for people.
    pub fn title(&self) -> Option<&str> {
        self.text("title")
    }

    /// What it is, for people.
    pub fn description(&self) -> Option<&str> {
        self.text("description")
    }

    /// Its media type, as the item writes it.
    pub fn media_type(&self) -> Option<&str> {
        self.text("type")
    }

    /// What it serves for: `data`, `visual`, `overview`, `thumbnail`, `metadata`.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.fields.get("roles").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether it serves for this.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles().any(|own| own == role)
    }

    /// Whether it is of one of these types. One without a type counts as a TIFF if its name ends so.
    pub(super) fn is_of(&self, wanted: &[MediaType]) -> bool {
        match self.media_type().map(MediaType::parse) {
            Some(own) => own.is_some_and(|own| wanted.iter().any(|wanted| wanted.admits(&own))),
            None => {
                let ending = self.location().ok().and_then(|location| location.extension());
                let tiff = ending.is_some_and(|e| e.eq_ignore_ascii_case("tif") || e.eq_ignore_ascii_case("tiff"));
                let unsaid = MediaType::parse("image/tiff; application=geotiff; profile=cloud-optimized");
                tiff && unsaid.is_some_and(|unsaid| wanted.iter().any(|wanted| wanted.admits(&unsaid)))
            }
        }
    }

    /// Its CRS, as `proj:code`, `proj:epsg`, `proj:wkt2` or `proj:projjson` of the asset or the item name it.
    ///
    /// # Errors
    /// Codes that are not registered, and text that is no CRS.
    pub fn crs(&self) -> Result<Option<Crs>> {
        Ok(self.projection().crs()?)
    }

    /// Columns and rows, as `proj:shape` tells them.
    pub fn size(&self) -> Option<(u32, u32)> {
        self.projection().size()
    }

    /// The grid of its pixels, where the projection extension tells CRS, size and place, and they agree with each other.
    ///
    /// # Errors
    /// As [`crs`](Self::crs).
    pub fn grid(&self) -> Result<Option<OutputGrid>> {
        Ok(self.projection().grid()?)
    }

    /// minx, miny, maxx, maxy in its CRS: `proj:bbox`, or the bounds of its grid.
    pub fn bounds(&self) -> Option<[f64; 4]> {
        self.projection().bounds().or_else(|| Some(self.grid().ok()??.bounds()))
    }

    /// Its bands, in order; none where the item does not tell.
    pub fn bands(&self) -> Vec<StacBand> {
        bands(&self.fields, &self.shared.properties)
    }

    /// The type of the samples, where the item tells one for all bands.
    pub fn sample_type(&self) -> Option<SampleType> {
        let bands = self.bands();
        let first = bands.first()?.sample_type?;
        bands.iter().all(|band| band.sample_type == Some(first)).then_some(first)
    }

    /// Its size in bytes, as `file:size` tells it.
    pub fn file_size(&self) -> Option<u64> {
        self.fields.get("file:size").and_then(Value::as_u64)
    }

    /// All that the item says of it. Hrefs in it may hold secrets.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    fn projection(&self) -> Projection<'_> {
        Projection { asset: &self.fields, properties: &self.shared.properties }
    }
}

impl fmt::Debug for StacAsset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.location() {
            Ok(location) => write!(f, "StacAsset({}: {location})", self.name),
            Err(problem) => write!(f, "StacAsset({}: {problem})", self.name),
        }
    }
}
