//! An item: what belongs together in one scene.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use cog_io::Location;
use cog_read::Session;
use serde_json::{Map, Value};

use crate::composite::Composite;
use crate::composite::reader::Reader;
use crate::documents::Document;
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::stac::asset::{Shared, StacAsset};
use crate::stac::found::found;
use crate::stac::media_type::MediaType;
use crate::stac::{bounded, href};

/// Media types and names that an error lists.
const LISTED: usize = 12;

/// An item of STAC 0.9, 1.0 or 1.1: the assets of one scene, by name, in the order of the document. Cheap to clone.
///
/// Nothing but the item itself is fetched until pixels are read:
///
/// ```no_run
/// # async fn example() -> Result<(), cog_mosaic::Error> {
/// use cog_mosaic::StacItem;
/// use cog_mosaic::reader::Session;
///
/// let session = Session::default();
/// let item = StacItem::open(&session, "https://example.com/S2B_33UVP/item.json").await?;
/// for asset in item.assets() {
///     println!("{}: {:?}", asset.name(), asset.media_type());
/// }
/// let rasters = item.select(["red", "nir"])?.composite(&session)?.preview(1024).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct StacItem {
    inner: Arc<Inner>,
    assets: Arc<[StacAsset]>,
    wanted: Wanted,
}

struct Inner {
    /// What it is called in errors: redacted.
    name: Arc<str>,
    /// Its members but for properties and assets.
    members: Map<String, Value>,
    shared: Arc<Shared>,
}

/// Which of the assets are read.
#[derive(Clone, Debug)]
enum Wanted {
    Types(Arc<[MediaType]>),
    /// Those that were named, whatever they are.
    All,
}

impl StacItem {
    /// Fetches an item from wherever a [`Location`] can be. Hrefs are relative to this location, also where it redirects: what a gate
    /// signs for one document it does not sign for the files beside it. pystac and rio-tiler have it so too.
    ///
    /// # Errors
    /// What the store says, and a document that is no item: see [`Error::NotStac`].
    pub async fn open(session: &Session, location: impl AsRef<str>) -> Result<StacItem> {
        StacItem::open_location(session, &Location::parse(location.as_ref())?, &Limits::default()).await
    }

    /// The same for a location that is parsed, within bounds of your own.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_location(session: &Session, location: &Location, limits: &Limits) -> Result<StacItem> {
        let document = Document::open(session.io(), location, limits).await?;
        StacItem::new(document.name, document.value, Some(location.clone()))
    }

    /// An item that was read elsewhere. Hrefs are relative to `location`, or to its `self` link where none is given.
    ///
    /// # Errors
    /// A document that is no item.
    pub fn from_json(value: Value, location: Option<Location>) -> Result<StacItem> {
        let name = location.as_ref().map_or_else(|| "the item".into(), Location::to_string);
        StacItem::new(name.into(), value, location)
    }

    /// An item of a document that was fetched: see [`from_json`](Self::from_json).
    ///
    /// # Errors
    /// A document that is no item.
    pub fn from_document(document: Document, location: Option<Location>) -> Result<StacItem> {
        StacItem::new(document.name, document.value, location)
    }

    pub(super) fn new(name: Arc<str>, value: Value, location: Option<Location>) -> Result<StacItem> {
        if let Some(problem) = refusal(&value) {
            return Err(Error::NotStac { location: name, wanted: "a STAC item", found: problem });
        }
        let Value::Object(mut members) = value else {
            return Err(Error::NotStac { location: name, wanted: "a STAC item", found: "no object".into() });
        };
        let mut object = |name: &str| match members.shift_remove(name) {
            Some(Value::Object(object)) => object,
            _ => Map::new(),
        };
        let (properties, assets) = (object("properties"), object("assets"));
        let base = location.or_else(|| own_location(&members));
        let shared = Arc::new(Shared { properties, base });
        let asset = |(name, value): (String, Value)| match value {
            Value::Object(fields) => StacAsset::new(&name, fields, &shared),
            _ => StacAsset::new(&name, Map::new(), &shared),
        };
        let assets = assets.into_iter().map(asset).collect();
        let wanted = Wanted::Types(MediaType::cogs().into());
        Ok(StacItem { inner: Arc::new(Inner { name, members, shared }), assets, wanted })
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    fn text(&self, member: &str) -> Option<&str> {
        self.inner.members.get(member).and_then(Value::as_str)
    }

    /// The collection that it belongs to.
    pub fn collection(&self) -> Option<&str> {
        self.text("collection")
    }

    /// The version of STAC that it names.
    pub fn stac_version(&self) -> Option<&str> {
        self.text("stac_version")
    }

    /// When it was taken, as its `datetime` says.
    pub fn datetime(&self) -> Option<&str> {
        self.properties().get("datetime").and_then(Value::as_str)
    }

    /// West, south, east, north in degrees, as its `bbox` says; of one with heights without them. West is above east where it
    /// crosses the antimeridian.
    pub fn bbox(&self) -> Option<[f64; 4]> {
        let list: Vec<f64> =
            self.inner.members.get("bbox")?.as_array()?.iter().map(Value::as_f64).collect::<Option<_>>()?;
        match *list {
            [west, south, east, north] | [west, south, _, east, north, _] => Some([west, south, east, north]),
            _ => None,
        }
    }

    /// Its outline: a geometry of GeoJSON, in degrees.
    pub fn geometry(&self) -> Option<&Value> {
        self.inner.members.get("geometry").filter(|geometry| geometry.is_object())
    }

    /// Its properties.
    pub fn properties(&self) -> &Map<String, Value> {
        &self.inner.shared.properties
    }

    /// Where it is, or says that it is: to what hrefs are relative. Shown redacted.
    pub fn location(&self) -> Option<&Location> {
        self.inner.shared.base.as_ref()
    }

    /// All assets, of whatever type, but those that were [filtered](Self::filter) out.
    pub fn assets(&self) -> &[StacAsset] {
        &self.assets
    }

    /// The asset of this name.
    pub fn asset(&self, name: &str) -> Option<&StacAsset> {
        self.assets.iter().find(|asset| asset.name() == name)
    }

    /// The assets that are read: those of the [wanted types](Self::include_types).
    pub fn readable(&self) -> impl Iterator<Item = &StacAsset> {
        self.assets.iter().filter(|asset| match &self.wanted {
            Wanted::All => true,
            Wanted::Types(types) => asset.is_of(types),
        })
    }

    /// The same with other media types that are read; COGs unless set. A type admits what is a kind of it: `image/tiff` COGs too,
    /// `image/*` all pictures. Order, case and blanks of parameters do not count. An asset without a type counts as a COG if its name
    /// ends in `.tif` or `.tiff`.
    ///
    /// # Errors
    /// A text that is no media type.
    pub fn include_types<T: AsRef<str>>(&self, types: impl IntoIterator<Item = T>) -> Result<StacItem> {
        let parse = |text: T| {
            let text = text.as_ref();
            MediaType::parse(text).ok_or_else(|| Error::NotAMediaType { text: plain(text) })
        };
        let types: Vec<MediaType> = types.into_iter().map(parse).collect::<Result<_>>()?;
        Ok(StacItem { wanted: Wanted::Types(types.into()), ..self.clone() })
    }

    /// Those of the assets that `wanted` accepts, before anything of the others is opened.
    #[must_use]
    pub fn filter(&self, mut wanted: impl FnMut(&StacAsset) -> bool) -> StacItem {
        StacItem { assets: self.assets.iter().filter(|asset| wanted(asset)).cloned().collect(), ..self.clone() }
    }

    /// The assets of these names, in this order, whatever their types.
    ///
    /// # Errors
    /// [`Error::NoSuchAsset`] for a name that it has not.
    pub fn select<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Result<StacItem> {
        let by_name: BTreeMap<&str, &StacAsset> = self.assets.iter().map(|asset| (asset.name(), asset)).collect();
        let find = |name: N| match by_name.get(name.as_ref()) {
            Some(asset) => Ok((*asset).clone()),
            None => Err(Error::NoSuchAsset {
                location: Arc::clone(&self.inner.name),
                name: name.as_ref().into(),
                there: listed(self.assets.iter().map(StacAsset::name)),
            }),
        };
        let assets = names.into_iter().map(find).collect::<Result<Vec<_>>>()?;
        Ok(StacItem { assets: assets.into(), wanted: Wanted::All, ..self.clone() })
    }

    /// The same with assets taken from the alternate location of this name (`s3`, `https`), where they have it.
    #[must_use]
    pub fn prefer_alternate(&self, name: &str) -> StacItem {
        let name: Arc<str> = name.into();
        StacItem { assets: self.assets.iter().map(|asset| asset.preferring(&name)).collect(), ..self.clone() }
    }

    /// The assets that are read, as files that answer the same request. None of them is opened until one does. An href that leads
    /// nowhere is an error of the file that it names, when that is read.
    ///
    /// # Errors
    /// [`Error::MissingAssets`] if no asset is of the wanted types, and two assets of one name.
    pub fn composite(&self, session: &Session) -> Result<Composite> {
        let reader = |asset: &StacAsset| match asset.location() {
            Ok(location) => Reader::new(session, Arc::clone(asset.shared_name()), location),
            Err(problem) => Reader::without(Arc::clone(asset.shared_name()), problem),
        };
        let readers: Vec<Reader> = self.readable().map(reader).collect();
        if readers.is_empty() { Err(self.missing()) } else { Composite::of(readers) }
    }

    /// The error that says which types are wanted and which are there.
    fn missing(&self) -> Error {
        let wanted = match &self.wanted {
            Wanted::Types(types) => listed(types.iter()),
            Wanted::All => "any type".into(),
        };
        let mut there: BTreeMap<String, usize> = BTreeMap::new();
        for asset in self.assets.iter() {
            let own = asset.media_type().map_or_else(|| "no type".to_owned(), plain);
            *there.entry(own).or_default() += 1;
        }
        let counted =
            there.into_iter().map(|(own, count)| if count == 1 { own } else { format!("{own} ({count} times)") });
        Error::MissingAssets { location: Arc::clone(&self.inner.name), wanted, there: listed(counted) }
    }
}

impl fmt::Debug for StacItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StacItem({}, {} assets)", self.inner.name, self.assets.len())
    }
}

/// Why a document is no item.
fn refusal(value: &Value) -> Option<String> {
    let is = |name: &str, kind: &str| value.get(name).and_then(Value::as_str).is_none_or(|own| own == kind);
    if !value.get("assets").is_some_and(Value::is_object) || !is("type", "Feature") {
        return Some(found(value));
    }
    let version = value.get("stac_version").and_then(Value::as_str);
    let known = version.is_none_or(|version| version.starts_with("0.") || version.starts_with("1."));
    (!known).then(|| format!("an item of STAC {}", version.map(plain).unwrap_or_default()))
}

/// Where a document says that it is.
pub(super) fn own_location(members: &Map<String, Value>) -> Option<Location> {
    let links = members.get("links")?.as_array()?;
    let own = links.iter().find(|link| link.get("rel").and_then(Value::as_str) == Some("self"))?;
    href::own(own.get("href")?.as_str()?)
}

fn plain(text: &str) -> String {
    bounded(text, 80)
}

fn listed<T: ToString>(all: impl Iterator<Item = T>) -> String {
    let mut names: Vec<String> = all.take(LISTED + 1).map(|one| plain(&one.to_string())).collect();
    if names.len() > LISTED {
        names.truncate(LISTED);
        names.push("…".into());
    }
    if names.is_empty() { "none".into() } else { names.join(", ") }
}
