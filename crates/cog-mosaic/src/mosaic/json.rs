//! MosaicJSON: which files lie in which tile.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use cog_crs::tiles::{Tile, TileMatrixSet};
use serde_json::{Map, Value, json};

use super::coverage::boxes_of;
use super::order::Lists;
use super::quadkeys::{DEFAULT_SET, Quadkeys};
use crate::documents::Document;
use crate::error::{MosaicError, Result};

/// The version that is written.
const VERSION: &str = "0.0.3";

/// A MosaicJSON document, of version 0.0.1, 0.0.2 or 0.0.3: lists of files by quadkeys.
///
/// Optional members that are not valid count as if they were not there, as the specification wants it; those that are not known are kept
/// ([`fields`](MosaicJson::fields)).
///
/// ```
/// use cog_mosaic::{Document, Limits, MosaicJson};
///
/// let text = br#"{"mosaicjson": "0.0.3", "minzoom": 7, "maxzoom": 9, "asset_prefix": "s3://bucket/",
///     "tiles": {"0302310": ["a.tif", "b.tif"], "0302311": ["b.tif"]}}"#;
/// let json = MosaicJson::new(&Document::parse("mosaic.json", text, &Limits::default())?)?;
/// assert_eq!((json.min_zoom(), json.quadkey_zoom(), json.tile_count()), (7, 7, 2));
/// assert_eq!(json.assets().collect::<Vec<_>>(), ["s3://bucket/a.tif", "s3://bucket/b.tif"]);
/// # Ok::<(), cog_mosaic::Error>(())
/// ```
#[derive(Clone)]
pub struct MosaicJson {
    /// All members but the tiles.
    fields: Map<String, Value>,
    min_zoom: i32,
    max_zoom: i32,
    quadkey_zoom: i32,
    bounds: [f64; 4],
    prefix: String,
    keys: Quadkeys,
    /// As they are written, without the prefix.
    assets: Vec<String>,
    /// In the order of the document.
    tiles: Vec<(Tile, Vec<usize>)>,
}

impl MosaicJson {
    /// What a document says.
    ///
    /// # Errors
    /// A document without `mosaicjson`, `minzoom`, `maxzoom` or `tiles`, of a version that is not known, keys that are no quadkeys, and a tile matrix
    /// set that cannot have any.
    pub fn new(document: &Document) -> Result<MosaicJson> {
        let wrong = |problem: String| MosaicError::Document { location: document.location().into(), problem };
        let members = document.value().as_object().ok_or_else(|| wrong("is no MosaicJSON: it is no object".into()))?;
        let version = members.get("mosaicjson").and_then(Value::as_str);
        let version = version.ok_or_else(|| wrong("is no MosaicJSON: it has no member 'mosaicjson'".into()))?;
        if !version.starts_with("0.0.") {
            return Err(wrong(format!("is MosaicJSON {version:?}; known are 0.0.1 to {VERSION}")).into());
        }
        let zoom = |name: &str| {
            let zoom = members.get(name).and_then(Value::as_i64).filter(|zoom| (0..=30).contains(zoom));
            zoom.map(|zoom| zoom as i32)
        };
        let needed = |name: &str| zoom(name).ok_or_else(|| wrong(format!("'{name}' is no zoom from 0 to 30")));
        let (min_zoom, max_zoom) = (needed("minzoom")?, needed("maxzoom")?);
        let set = match members.get("tilematrixset").filter(|set| !set.is_null()) {
            Some(set) => {
                set.to_string().parse::<TileMatrixSet>().map_err(|e| wrong(format!("'tilematrixset': {e}")))?
            }
            None => TileMatrixSet::named(DEFAULT_SET)?,
        };
        let keys = Quadkeys::new(set).map_err(|e| wrong(e.to_string()))?;
        let tiles = members.get("tiles").and_then(Value::as_object);
        let tiles = tiles.ok_or_else(|| wrong("'tiles' is no object".into()))?;
        let (mut assets, mut numbers, mut listed) = (Vec::new(), HashMap::new(), Vec::new());
        for (key, list) in tiles {
            let tile = keys.tile(key).map_err(|e| wrong(format!("'tiles': {e}")))?;
            let names = list.as_array().map(|list| list.iter().map(Value::as_str).collect::<Option<Vec<&str>>>());
            let names = names.flatten().ok_or_else(|| wrong(format!("'tiles': {key:?} is no list of strings")))?;
            let number = |name: &str| {
                *numbers.entry(name.to_string()).or_insert_with(|| {
                    assets.push(name.to_string());
                    assets.len() - 1
                })
            };
            listed.push((tile, names.into_iter().map(number).collect()));
        }
        let mut fields = members.clone();
        fields.shift_remove("tiles");
        let bounds = members.get("bounds").and_then(Value::as_array).and_then(|bounds| {
            let numbers: Vec<f64> = bounds.iter().map(Value::as_f64).collect::<Option<_>>()?;
            <[f64; 4]>::try_from(numbers).ok().filter(|bounds| bounds.iter().all(|n| n.is_finite()))
        });
        Ok(MosaicJson {
            min_zoom,
            max_zoom,
            quadkey_zoom: zoom("quadkey_zoom").unwrap_or(min_zoom),
            bounds: bounds.unwrap_or([-180.0, -90.0, 180.0, 90.0]),
            prefix: members.get("asset_prefix").and_then(Value::as_str).unwrap_or_default().to_string(),
            fields,
            keys,
            assets,
            tiles: listed,
        })
    }

    /// Made of files and the tiles that they are in.
    pub(super) fn made(made: Made) -> Result<MosaicJson> {
        let Made { about, zooms: (min_zoom, max_zoom, quadkey_zoom), bounds, data_type, keys, assets, tiles } = made;
        let [west, south, east, north] = bounds;
        let mut fields = Map::new();
        let mut put = |name: &str, value: Option<Value>| _ = value.map(|value| fields.insert(name.to_string(), value));
        put("mosaicjson", Some(json!(VERSION)));
        put("name", about.name.map(Value::from));
        put("description", about.description.map(Value::from));
        put("version", Some(json!("1.0.0")));
        put("attribution", about.attribution.map(Value::from));
        put("minzoom", Some(json!(min_zoom)));
        put("maxzoom", Some(json!(max_zoom)));
        put("quadkey_zoom", Some(json!(quadkey_zoom)));
        put("bounds", Some(json!(bounds)));
        put("center", Some(json!([(west + east) / 2.0, (south + north) / 2.0, min_zoom])));
        put("asset_type", about.asset_type.map(Value::from));
        put("asset_prefix", about.asset_prefix.clone().map(Value::from));
        put("data_type", data_type.map(Value::from));
        if keys.set().id() != Some(DEFAULT_SET) {
            put("tilematrixset", serde_json::from_str(&keys.set().to_json()).ok());
        }
        let prefix = about.asset_prefix.unwrap_or_default();
        let without = |asset: String| match asset.strip_prefix(&prefix) {
            Some(rest) => rest.to_string(),
            None => asset,
        };
        let assets = assets.into_iter().map(without).collect();
        Ok(MosaicJson { fields, min_zoom, max_zoom, quadkey_zoom, bounds, prefix, keys, assets, tiles })
    }

    /// The coarsest zoom at which it is worth showing.
    pub fn min_zoom(&self) -> i32 {
        self.min_zoom
    }

    /// The finest zoom at which it is worth showing.
    pub fn max_zoom(&self) -> i32 {
        self.max_zoom
    }

    /// The zoom of the quadkeys.
    pub fn quadkey_zoom(&self) -> i32 {
        self.quadkey_zoom
    }

    /// West, south, east, north in degrees.
    pub fn bounds(&self) -> [f64; 4] {
        self.bounds
    }

    /// The tile matrix set of the quadkeys.
    pub fn tile_matrix_set(&self) -> &TileMatrixSet {
        self.keys.set()
    }

    /// Files, each once, in the order in which they are first named; with their prefix.
    pub fn assets(&self) -> impl Iterator<Item = String> {
        self.assets.iter().map(|asset| format!("{}{asset}", self.prefix))
    }

    /// How many tiles have files.
    pub fn tile_count(&self) -> usize {
        self.tiles.len()
    }

    /// Files of a tile of the quadkeys' zoom, in the order in which they count; with their prefix.
    pub fn assets_of(&self, tile: Tile) -> Vec<String> {
        let found = self.tiles.iter().find(|(own, _)| *own == tile);
        let assets = found.into_iter().flat_map(|(_, list)| list).filter_map(|asset| self.assets.get(*asset));
        assets.map(|asset| format!("{}{asset}", self.prefix)).collect()
    }

    /// All members but `tiles`, as they stand in the document.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// The document, in one line.
    pub fn to_json(&self) -> String {
        let mut tiles = Map::new();
        for (tile, list) in &self.tiles {
            if let Ok(key) = self.keys.key(*tile) {
                tiles.insert(key, list.iter().filter_map(|asset| self.assets.get(*asset)).cloned().collect());
            }
        }
        let mut all = self.fields.clone();
        all.insert("tiles".into(), Value::Object(tiles));
        Value::Object(all).to_string()
    }

    /// The lists, for a mosaic whose sources are the assets.
    pub(super) fn lists(&self) -> Result<Arc<Lists>> {
        let of_tile =
            |(tile, list): &(Tile, Vec<usize>)| Ok((boxes_of(self.keys.set().geographic_bounds(*tile)?), list.clone()));
        Ok(Arc::new(Lists::new(self.assets.len(), self.tiles.iter().map(of_tile).collect::<Result<_>>()?)))
    }
}

impl fmt::Debug for MosaicJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (files, tiles, zoom) = (self.assets.len(), self.tiles.len(), self.quadkey_zoom);
        write!(f, "MosaicJson({files} files in {tiles} tiles of zoom {zoom})")
    }
}

/// What a document is made of.
pub(super) struct Made {
    pub(super) about: About,
    /// The coarsest, the finest, that of the quadkeys.
    pub(super) zooms: (i32, i32, i32),
    pub(super) bounds: [f64; 4],
    pub(super) data_type: Option<&'static str>,
    pub(super) keys: Quadkeys,
    pub(super) assets: Vec<String>,
    pub(super) tiles: Vec<(Tile, Vec<usize>)>,
}

/// What people say of a mosaic.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) attribution: Option<String>,
    pub(super) asset_type: Option<String>,
    pub(super) asset_prefix: Option<String>,
}
