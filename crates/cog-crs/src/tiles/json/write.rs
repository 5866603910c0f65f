//! Version 2.0, written.

use super::axes_of;
use crate::crs::Crs;
use crate::tiles::matrix::{Corner, TileMatrix};
use crate::tiles::set::TileMatrixSet;
use serde_json::{Map, Value, json};

impl TileMatrixSet {
    /// The set as JSON of OGC's Tile Matrix Set 2.0 (OGC 17-083r4), in one line. A CRS without a code is written as PROJJSON.
    pub fn to_json(&self) -> String {
        self.value().to_string()
    }

    /// The same in lines, for people.
    pub fn to_json_pretty(&self) -> String {
        format!("{:#}", self.value())
    }

    fn value(&self) -> Value {
        let about = &self.about;
        let mut map = Map::new();
        let words = [("id", &about.id), ("title", &about.title), ("description", &about.description)];
        for (key, text) in words {
            put(&mut map, key, text.as_deref().map(Value::from));
        }
        put(&mut map, "keywords", (!about.keywords.is_empty()).then(|| json!(about.keywords)));
        put(&mut map, "uri", about.uri.as_deref().map(Value::from));
        put(&mut map, "crs", Some(reference(&self.crs)));
        put(&mut map, "orderedAxes", Some(json!(about.ordered_axes.clone().unwrap_or_else(|| axes_of(&self.crs)))));
        put(&mut map, "wellKnownScaleSet", about.well_known_scale_set.as_deref().map(Value::from));
        let pair = |x: f64, y: f64| if self.is_north_first() { json!([y, x]) } else { json!([x, y]) };
        if let Some([left, bottom, right, top]) = about.bounding_box {
            let bounds = json!({"lowerLeft": pair(left, bottom), "upperRight": pair(right, top)});
            put(&mut map, "boundingBox", Some(bounds));
        }
        let matrices = self.matrices.iter().map(|matrix| matrix_value(matrix, &pair));
        put(&mut map, "tileMatrices", Some(matrices.collect()));
        Value::Object(map)
    }
}

fn put(map: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        map.insert(key.to_string(), value);
    }
}

fn matrix_value(matrix: &TileMatrix, pair: &impl Fn(f64, f64) -> Value) -> Value {
    let mut value = json!({
        "id": matrix.id,
        "scaleDenominator": matrix.scale_denominator,
        "cellSize": matrix.cell_size,
        "cornerOfOrigin": match matrix.corner {
            Corner::TopLeft => "topLeft",
            Corner::BottomLeft => "bottomLeft",
        },
        "pointOfOrigin": pair(matrix.origin.0, matrix.origin.1),
        "tileWidth": matrix.tile_width,
        "tileHeight": matrix.tile_height,
        "matrixWidth": matrix.matrix_width,
        "matrixHeight": matrix.matrix_height,
    });
    if let (Value::Object(map), false) = (&mut value, matrix.variable_widths.is_empty()) {
        let widths = matrix
            .variable_widths
            .iter()
            .map(|w| json!({"coalesce": w.coalesce, "minTileRow": w.min_row, "maxTileRow": w.max_row}));
        map.insert("variableMatrixWidths".into(), widths.collect());
    }
    value
}

/// A URI if the CRS has a code, else its definition.
fn reference(crs: &Crs) -> Value {
    match crs.authority() {
        Some(("OGC", code)) => json!(format!("http://www.opengis.net/def/crs/OGC/1.3/{code}")),
        Some((authority, code)) => {
            // The year of planetary codes is the version in a URI.
            let (authority, version) = authority.split_once('_').unwrap_or((authority, "0"));
            json!(format!("http://www.opengis.net/def/crs/{authority}/{version}/{code}"))
        }
        None => {
            let definition = crs.to_projjson();
            json!({"wkt": serde_json::from_str(&definition).unwrap_or(Value::String(definition))})
        }
    }
}
