//! Versions 2.0 and 1.0, read.

use super::is_northward;
use crate::crs::Crs;
use crate::error::{Error, Result};
use crate::tiles::matrix::{Corner, TileMatrix, VariableWidth};
use crate::tiles::scale::STANDARD_PIXEL;
use crate::tiles::set::{About, TileMatrixSet};
use serde_json::Value;
use std::collections::HashSet;
use std::str::FromStr;

/// How aiocogeo and `cog create-tms` begin a title. They write `topLeftCorner` with x first whatever the CRS says.
const X_FIRST: &str = "Tile matrix for ";

impl FromStr for TileMatrixSet {
    type Err = Error;

    /// JSON of OGC's Tile Matrix Set 2.0, or of 1.0 as aiocogeo writes it. Members that are not defined are passed over.
    ///
    /// # Errors
    /// [`Error::NotATileMatrixSet`] for text that is no JSON object with matrices, [`Error::Missing`] and [`Error::Value`] for the member that
    /// is wrong, and what is wrong with the CRS.
    fn from_str(text: &str) -> Result<TileMatrixSet> {
        let json: Value = serde_json::from_str(text).map_err(|e| Error::NotATileMatrixSet(e.to_string()))?;
        if json.get("tileMatrices").is_some() {
            two(&json)
        } else if json.get("tileMatrix").is_some() {
            one(&json)
        } else {
            Err(Error::NotATileMatrixSet("neither tileMatrices nor tileMatrix is in it".into()))
        }
    }
}

/// Where in a document, for errors.
struct At<'a> {
    json: &'a Value,
    path: String,
}

impl<'a> At<'a> {
    fn name(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_string() } else { format!("{}.{key}", self.path) }
    }

    fn get(&self, key: &'static str) -> Option<&'a Value> {
        self.json.get(key).filter(|value| !value.is_null())
    }

    fn need(&self, key: &'static str) -> Result<&'a Value> {
        let within = if self.path.is_empty() { "the tile matrix set" } else { &self.path };
        self.get(key).ok_or_else(|| Error::missing(within, key))
    }

    fn wrong(&self, key: &str, value: &Value, problem: &'static str) -> Error {
        let shown: String = value.to_string().chars().take(60).collect();
        Error::value(&self.name(key), shown, problem)
    }

    fn text(&self, key: &'static str) -> Result<Option<String>> {
        let text = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            other => Err(self.wrong(key, other, "no text")),
        };
        self.get(key).map(text).transpose()
    }

    fn number(&self, key: &'static str) -> Result<f64> {
        let value = self.need(key)?;
        value.as_f64().ok_or_else(|| self.wrong(key, value, "no number"))
    }

    /// A count; 256.0 is one too.
    fn count(&self, key: &'static str) -> Result<u64> {
        let value = self.need(key)?;
        let whole = value.as_f64().filter(|n| n.fract() == 0.0 && (0.0..=9e15).contains(n)).map(|n| n as u64);
        value.as_u64().or(whole).ok_or_else(|| self.wrong(key, value, "no count"))
    }

    fn short_count(&self, key: &'static str) -> Result<u32> {
        let count = self.count(key)?;
        u32::try_from(count).map_err(|_| Error::value(&self.name(key), count, "too many pixels for a tile"))
    }

    /// Two numbers, as x and y.
    fn point(&self, key: &'static str, north_first: bool) -> Result<(f64, f64)> {
        let value = self.need(key)?;
        let numbers: Option<Vec<f64>> = value.as_array().and_then(|list| list.iter().map(Value::as_f64).collect());
        match numbers.as_deref() {
            Some([a, b]) => Ok(if north_first { (*b, *a) } else { (*a, *b) }),
            _ => Err(self.wrong(key, value, "not two numbers")),
        }
    }

    fn list(&self, key: &'static str) -> Result<Vec<At<'a>>> {
        let value = self.need(key)?;
        let list = value.as_array().ok_or_else(|| self.wrong(key, value, "no list"))?;
        Ok(list.iter().enumerate().map(|(i, json)| At { json, path: format!("{}[{i}]", self.name(key)) }).collect())
    }
}

fn two(json: &Value) -> Result<TileMatrixSet> {
    let set = At { json, path: String::new() };
    let crs = crs(&set, set.need("crs")?)?;
    let ordered_axes = axes(&set)?;
    let north_first = ordered_axes.as_ref().map_or_else(|| crs.is_north_first(), is_northward);
    let keywords = set.get("keywords").and_then(Value::as_array).into_iter().flatten();
    let about = About {
        id: set.text("id")?,
        title: set.text("title")?,
        description: set.text("description")?,
        keywords: keywords.filter_map(Value::as_str).map(str::to_string).collect(),
        uri: set.text("uri")?,
        well_known_scale_set: set.text("wellKnownScaleSet")?,
        bounding_box: bounding_box(&set, ("lowerLeft", "upperRight"), north_first)?,
        ordered_axes,
    };
    let matrix = |at: &At<'_>| {
        let widths =
            if at.get("variableMatrixWidths").is_some() { at.list("variableMatrixWidths")? } else { Vec::new() };
        let width = |at: &At<'_>| {
            let (coalesce, min_row) = (at.count("coalesce")?, at.count("minTileRow")?);
            Ok(VariableWidth { coalesce, min_row, max_row: at.count("maxTileRow")? })
        };
        let corner = match at.text("cornerOfOrigin")?.as_deref() {
            None | Some("topLeft") => Corner::TopLeft,
            Some("bottomLeft") => Corner::BottomLeft,
            Some(other) => return Err(Error::value(&at.name("cornerOfOrigin"), other, "no corner")),
        };
        Ok(TileMatrix {
            zoom: 0,
            id: at.text("id")?.ok_or_else(|| Error::missing(&at.path, "id"))?,
            scale_denominator: at.number("scaleDenominator")?,
            cell_size: at.number("cellSize")?,
            corner,
            origin: at.point("pointOfOrigin", north_first)?,
            tile_width: at.short_count("tileWidth")?,
            tile_height: at.short_count("tileHeight")?,
            matrix_width: at.count("matrixWidth")?,
            matrix_height: at.count("matrixHeight")?,
            variable_widths: widths.iter().map(width).collect::<Result<_>>()?,
        })
    };
    let matrices = set.list("tileMatrices")?.iter().map(matrix).collect::<Result<_>>()?;
    TileMatrixSet::new(about, crs, numbered(matrices)?)
}

fn one(json: &Value) -> Result<TileMatrixSet> {
    let set = At { json, path: String::new() };
    let crs = crs(&set, set.need("supportedCRS")?)?;
    let title = set.text("title")?;
    let north_first = crs.is_north_first() && !title.as_ref().is_some_and(|title| title.starts_with(X_FIRST));
    let without = || Error::Unsupported(format!("a tile grid in '{}'", crs.name()));
    let metres = crs.metres_per_unit().ok_or_else(without)?;
    let about = About {
        id: set.text("identifier")?,
        title,
        description: set.text("abstract")?,
        well_known_scale_set: set.text("wellKnownScaleSet")?,
        bounding_box: bounding_box(&set, ("lowerCorner", "upperCorner"), north_first)?,
        ..About::default()
    };
    let matrix = |at: &At<'_>| {
        let scale_denominator = at.number("scaleDenominator")?;
        Ok(TileMatrix {
            zoom: 0,
            id: at.text("identifier")?.ok_or_else(|| Error::missing(&at.path, "identifier"))?,
            scale_denominator,
            cell_size: scale_denominator * STANDARD_PIXEL / metres,
            corner: Corner::TopLeft,
            origin: at.point("topLeftCorner", north_first)?,
            tile_width: at.short_count("tileWidth")?,
            tile_height: at.short_count("tileHeight")?,
            matrix_width: at.count("matrixWidth")?,
            matrix_height: at.count("matrixHeight")?,
            variable_widths: Vec::new(),
        })
    };
    let matrices = set.list("tileMatrix")?.iter().map(matrix).collect::<Result<_>>()?;
    TileMatrixSet::new(about, crs, numbered(matrices)?)
}

/// Gives every matrix its zoom: its identifier as a number where all are numbers, else its place from coarse to fine.
fn numbered(mut matrices: Vec<TileMatrix>) -> Result<Vec<TileMatrix>> {
    let mut seen = HashSet::new();
    if let Some(twice) = matrices.iter().find(|matrix| !seen.insert(matrix.id.clone())) {
        return Err(Error::value("tile matrix", &twice.id, "there twice"));
    }
    let numbers: Option<Vec<i32>> = matrices.iter().map(|matrix| matrix.id.parse().ok()).collect();
    let distinct = |numbers: &Vec<i32>| numbers.iter().collect::<HashSet<_>>().len() == numbers.len();
    let zooms = numbers.filter(distinct).unwrap_or_else(|| {
        matrices.sort_by(|a, b| b.scale_denominator.total_cmp(&a.scale_denominator));
        (0..).take(matrices.len()).collect()
    });
    for (matrix, zoom) in matrices.iter_mut().zip(zooms) {
        matrix.zoom = zoom;
    }
    Ok(matrices)
}

/// Text, or an object of one member that says what it is.
fn crs(set: &At<'_>, value: &Value) -> Result<Crs> {
    match value {
        Value::String(text) => text.parse(),
        Value::Object(object) => match (object.get("uri"), object.get("wkt")) {
            (Some(Value::String(uri)), _) => uri.parse(),
            (_, Some(Value::String(wkt))) => wkt.parse(),
            (_, Some(projjson @ Value::Object(_))) => projjson.to_string().parse(),
            _ if object.contains_key("referenceSystem") => {
                Err(Error::Unsupported("a CRS that is a referenceSystem of ISO 19115".into()))
            }
            _ => Err(set.wrong("crs", value, "neither uri nor wkt")),
        },
        other => Err(set.wrong("crs", other, "no CRS")),
    }
}

fn axes(set: &At<'_>) -> Result<Option<[String; 2]>> {
    let Some(value) = set.get("orderedAxes") else { return Ok(None) };
    let names: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match names.as_slice() {
        [first, second] => Ok(Some([(*first).to_string(), (*second).to_string()])),
        _ => Err(set.wrong("orderedAxes", value, "not two names")),
    }
}

/// Of a set's own CRS; a box in another one is left out.
fn bounding_box(set: &At<'_>, corners: (&'static str, &'static str), north_first: bool) -> Result<Option<[f64; 4]>> {
    let Some(json) = set.get("boundingBox") else { return Ok(None) };
    let at = At { json, path: set.name("boundingBox") };
    let own = set.get("crs").or_else(|| set.get("supportedCRS"));
    if at.get("crs").is_some_and(|crs| Some(crs) != own) {
        return Ok(None);
    }
    let north_first = axes(&at)?.map_or(north_first, |names| is_northward(&names));
    let ((left, bottom), (right, top)) = (at.point(corners.0, north_first)?, at.point(corners.1, north_first)?);
    Ok(Some([left, bottom, right, top]))
}
