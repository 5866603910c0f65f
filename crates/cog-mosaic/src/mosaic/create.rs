//! MosaicJSON made from files: their headers are read side by side, and nothing of them is kept but where they lie.

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use cog_crs::tiles::{Tile, TileMatrixSet};
use cog_raster::SampleType;
use cog_read::Session;
use cog_warp::extent_of;
use futures_util::{StreamExt, stream};

use super::collection::{OPENED_AT_ONCE, named};
use super::json::{About, Made, MosaicJson};
use super::options::OnError;
use super::quadkeys::{DEFAULT_SET, Quadkeys};
use super::report::Skipped;
use super::source::MosaicSource;
use crate::error::{Error, MosaicError, Result};

/// Entries in the lists of all tiles, at most: fewer than the values that a document may have which is read.
const MOST_ENTRIES: u64 = 3_500_000;

/// How far the making of a MosaicJSON is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateProgress {
    /// Files that were opened.
    pub done: usize,
    /// All of them.
    pub files: usize,
}

/// A MosaicJSON of files; await it to get the [`MosaicJson`].
///
/// Zooms, bounds and tiles are those that cogeo-mosaic computes: `minzoom` is the largest of the coarsest zooms of all files, `maxzoom` the
/// largest of their finest ones, and a file is in every tile that the box around it overlaps. Files that cross the antimeridian are in the tiles on either
/// side of it. Within a tile, files count in the order in which they were given.
#[must_use = "nothing is made until it is awaited"]
pub struct CreateMosaicJson {
    session: Session,
    locations: Vec<String>,
    set: Option<TileMatrixSet>,
    min_zoom: Option<i32>,
    max_zoom: Option<i32>,
    quadkey_zoom: Option<i32>,
    about: About,
    on_error: OnError,
    at_once: usize,
    progress: Option<Box<dyn Fn(CreateProgress) + Send + Sync>>,
}

/// What is kept of a file.
struct Place {
    /// West, south, east, north; west above east across the antimeridian.
    bounds: [f64; 4],
    zooms: (i32, i32),
    sample_type: SampleType,
}

impl MosaicJson {
    /// A document of these files, which may be anywhere.
    pub fn create<L: Into<String>>(session: &Session, locations: impl IntoIterator<Item = L>) -> CreateMosaicJson {
        CreateMosaicJson {
            session: session.clone(),
            locations: locations.into_iter().map(Into::into).collect(),
            set: None,
            min_zoom: None,
            max_zoom: None,
            quadkey_zoom: None,
            about: About::default(),
            on_error: OnError::default(),
            at_once: OPENED_AT_ONCE,
            progress: None,
        }
    }
}

impl CreateMosaicJson {
    /// The tile matrix set of the quadkeys; WebMercatorQuad unless set.
    pub fn tile_matrix_set(mut self, set: TileMatrixSet) -> Self {
        self.set = Some(set);
        self
    }

    /// The coarsest zoom, instead of what the files say.
    pub fn min_zoom(mut self, zoom: i32) -> Self {
        self.min_zoom = Some(zoom);
        self
    }

    /// The finest zoom, instead of what the files say.
    pub fn max_zoom(mut self, zoom: i32) -> Self {
        self.max_zoom = Some(zoom);
        self
    }

    /// The zoom of the quadkeys; the coarsest zoom unless set.
    pub fn quadkey_zoom(mut self, zoom: i32) -> Self {
        self.quadkey_zoom = Some(zoom);
        self
    }

    /// A name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.about.name = Some(name.into());
        self
    }

    /// A description.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.about.description = Some(text.into());
        self
    }

    /// Who made the files, shown on maps.
    pub fn attribution(mut self, text: impl Into<String>) -> Self {
        self.about.attribution = Some(text.into());
        self
    }

    /// What the assets are, in a word.
    pub fn asset_type(mut self, text: impl Into<String>) -> Self {
        self.about.asset_type = Some(text.into());
        self
    }

    /// With what locations begin: it stands once in the document, and not in those that begin with it.
    pub fn asset_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.about.asset_prefix = Some(prefix.into());
        self
    }

    /// What becomes of a file that cannot be opened or has no place.
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Files that are opened at once: 256 unless set.
    pub fn at_once(mut self, files: usize) -> Self {
        self.at_once = files.max(1);
        self
    }

    /// Calls `hook` whenever a file was opened.
    pub fn progress(mut self, hook: impl Fn(CreateProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(hook));
        self
    }

    /// The document, and the files that were left out.
    ///
    /// # Errors
    /// The first file, in their order, that cannot be opened or has no place, unless it is skipped; no file at all; a set without quadkeys; zooms that the
    /// set does not have; and tiles without end.
    pub async fn with_skipped(self) -> Result<(MosaicJson, Vec<Skipped>)> {
        let set = self.set.clone().map_or_else(|| TileMatrixSet::named(DEFAULT_SET), Ok)?;
        let keys = Quadkeys::new(set)?;
        let count = self.locations.len();
        let (session, set) = (&self.session, keys.set());
        let open = |(index, location): (usize, &String)| {
            let source = MosaicSource::new(location.clone());
            async move {
                let source = source.map_err(|error| (Arc::from("location"), error));
                let found = async {
                    let source = source?;
                    let name = Arc::clone(source.shared_name());
                    place(&source, session, set).await.map_err(|error| (name, error))
                };
                found.await.map_err(|(name, error)| (Arc::clone(&name), named(error, &name, index, count)))
            }
        };
        let mut all = stream::iter(self.locations.iter().enumerate()).map(open).buffered(self.at_once);
        let (mut assets, mut places, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
        for (done, location) in (1..).zip(&self.locations) {
            match all.next().await {
                Some(Ok(place)) => {
                    assets.push(location.clone());
                    places.push(place);
                }
                Some(Err((name, error))) if self.on_error == OnError::Skip => skipped.push(Skipped { name, error }),
                Some(Err((_, error))) => return Err(error),
                None => break,
            }
            if let Some(hook) = &self.progress {
                hook(CreateProgress { done, files: count });
            }
        }
        drop(all);
        if places.is_empty() {
            return Err(skipped.into_iter().next().map_or_else(|| MosaicError::NoSources.into(), |first| first.error));
        }
        let zooms = self.zooms(&places);
        let tiles = tiles(&keys, &places, zooms.2)?;
        let bounds = around(&places);
        let data_type = data_type(&places);
        Ok((MosaicJson::made(Made { about: self.about, zooms, bounds, data_type, keys, assets, tiles })?, skipped))
    }

    fn zooms(&self, places: &[Place]) -> (i32, i32, i32) {
        let largest = |of: fn(&Place) -> i32| places.iter().map(of).max().unwrap_or(0).clamp(0, 30);
        let min = self.min_zoom.unwrap_or_else(|| largest(|place| place.zooms.0));
        let max = self.max_zoom.unwrap_or_else(|| largest(|place| place.zooms.1)).max(min);
        (min, max, self.quadkey_zoom.unwrap_or(min))
    }
}

impl IntoFuture for CreateMosaicJson {
    type Output = Result<MosaicJson>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<MosaicJson>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_skipped().await?.0) })
    }
}

async fn place(source: &MosaicSource, session: &Session, set: &TileMatrixSet) -> Result<Place> {
    let cogs = source.open(session).await?;
    let cog = cogs.first().ok_or(Error::Internal { what: "a source of a mosaic has no file" })?;
    let extent = extent_of(cog)?;
    let zooms = extent.zooms(set)?;
    let bounds = extent.geographic_bounds()?.to_array();
    Ok(Place { bounds, zooms: (zooms.min, zooms.max), sample_type: cog.tiles([]).layout()?.sample_type })
}

/// Files by tile, both in order.
fn tiles(keys: &Quadkeys, places: &[Place], zoom: i32) -> Result<Vec<(Tile, Vec<usize>)>> {
    let of_place = |place: &Place| keys.set().tiles_of(place.bounds, zoom);
    let mut entries = 0_u64;
    for place in places {
        entries = entries.saturating_add(of_place(place)?.total());
    }
    if entries > MOST_ENTRIES {
        return Err(MosaicError::TooManyTiles { zoom, limit: MOST_ENTRIES }.into());
    }
    let mut found: BTreeMap<String, (Tile, Vec<usize>)> = BTreeMap::new();
    for (number, place) in places.iter().enumerate() {
        for tile in of_place(place)? {
            found.entry(keys.key(tile)?).or_insert_with(|| (tile, Vec::new())).1.push(number);
        }
    }
    Ok(found.into_values().collect())
}

/// Around all; all longitudes if one crosses the antimeridian, for readers take west to be below east.
fn around(places: &[Place]) -> [f64; 4] {
    let boxes = places.iter().map(|place| match place.bounds {
        [west, south, east, north] if west > east => [-180.0, south, 180.0, north],
        bounds => bounds,
    });
    let union = |a: [f64; 4], b: [f64; 4]| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])];
    boxes.reduce(union).unwrap_or([-180.0, -90.0, 180.0, 90.0])
}

/// The type of all files, in the words of MosaicJSON 0.0.3; none if they differ.
fn data_type(places: &[Place]) -> Option<&'static str> {
    let first = places.first()?.sample_type;
    if places.iter().any(|place| place.sample_type != first) {
        return None;
    }
    Some(match first {
        SampleType::U8 => "uint8",
        SampleType::U16 => "uint16",
        SampleType::U32 => "uint32",
        SampleType::U64 => "uint64",
        SampleType::I8 => "int8",
        SampleType::I16 => "int16",
        SampleType::I32 => "int32",
        SampleType::I64 => "int64",
        SampleType::F32 => "float32",
        SampleType::F64 => "float64",
        SampleType::Complex32 => "cfloat32",
        SampleType::Complex64 => "cfloat64",
        _ => "other",
    })
}
