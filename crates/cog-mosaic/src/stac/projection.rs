//! Where an asset lies, as the projection extension tells it.

use cog_crs::Crs;
use cog_raster::GeoTransform;
use cog_warp::OutputGrid;
use serde_json::{Map, Value};

/// The fields of the projection extension: those of an asset, and for what they lack those of its item.
pub(super) struct Projection<'a> {
    pub(super) asset: &'a Map<String, Value>,
    pub(super) properties: &'a Map<String, Value>,
}

impl<'a> Projection<'a> {
    fn field(&self, name: &str) -> Option<&'a Value> {
        let said = |fields: &'a Map<String, Value>| fields.get(name).filter(|value| !value.is_null());
        said(self.asset).or_else(|| said(self.properties))
    }

    /// The CRS, by code or by definition; `None` where nothing names one.
    ///
    /// # Errors
    /// Codes that are not registered, and text that is no CRS.
    pub(super) fn crs(&self) -> cog_crs::Result<Option<Crs>> {
        // All that an asset says of its CRS comes before what the item says.
        for fields in [self.asset, self.properties] {
            let said = |name: &str| fields.get(name).filter(|value| !value.is_null());
            if let Some(code) = said("proj:code").and_then(Value::as_str) {
                return code.parse().map(Some);
            }
            if let Some(code) = said("proj:epsg").and_then(Value::as_u64) {
                return format!("EPSG:{code}").parse().map(Some);
            }
            if let Some(text) = said("proj:wkt2").and_then(Value::as_str) {
                return text.parse().map(Some);
            }
            if let Some(json) = said("proj:projjson").filter(|value| value.is_object()) {
                return json.to_string().parse().map(Some);
            }
        }
        Ok(None)
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> Option<(u32, u32)> {
        let [rows, columns] = self.field("proj:shape")?.as_array()?.as_slice() else { return None };
        let side = |value: &Value| {
            let whole = value.as_f64().filter(|v| *v >= 1.0 && *v <= f64::from(u32::MAX) && v.fract() == 0.0)?;
            Some(whole as u32)
        };
        Some((side(columns)?, side(rows)?))
    }

    /// From columns and rows to coordinates.
    fn transform(&self) -> Option<GeoTransform> {
        match *numbers(self.field("proj:transform")?)? {
            [a, b, c, d, e, f] | [a, b, c, d, e, f, 0.0, 0.0, 1.0] => Some(GeoTransform { a, b, c, d, e, f }),
            _ => None,
        }
    }

    /// minx, miny, maxx, maxy in its CRS.
    pub(super) fn bounds(&self) -> Option<[f64; 4]> {
        match *numbers(self.field("proj:bbox")?)? {
            [minx, miny, maxx, maxy] | [minx, miny, _, maxx, maxy, _] => Some([minx, miny, maxx, maxy]),
            _ => None,
        }
    }

    /// The grid of its pixels, where CRS, size and place are told and agree with each other.
    pub(super) fn grid(&self) -> cog_crs::Result<Option<OutputGrid>> {
        let Some((width, height)) = self.size() else { return Ok(None) };
        let (transform, bounds) = (self.transform(), self.bounds());
        if transform.is_none() && bounds.is_none() {
            return Ok(None);
        }
        let Some(crs) = self.crs()? else { return Ok(None) };
        let grid = match (transform, bounds) {
            (Some(transform), _) => OutputGrid::new(crs, transform, width, height),
            (None, Some(bounds)) => OutputGrid::of_bounds(crs, bounds, width, height),
            (None, None) => return Ok(None),
        };
        // Numbers that make no grid, or two that are not the same, tell nothing: the file knows.
        Ok(grid.ok().filter(|grid| bounds.is_none_or(|bounds| agrees(grid, bounds))))
    }
}

/// Whether bounds are those of a grid, to a pixel: some items have the transform in another order than the extension says.
fn agrees(grid: &OutputGrid, bounds: [f64; 4]) -> bool {
    let own = grid.bounds();
    let pixel = [(own[2] - own[0]) / f64::from(grid.width()), (own[3] - own[1]) / f64::from(grid.height())];
    own.iter().zip(bounds).zip(pixel.iter().cycle()).all(|((own, said), pixel)| (own - said).abs() <= *pixel)
}

fn numbers(value: &Value) -> Option<Box<[f64]>> {
    value.as_array()?.iter().map(Value::as_f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn grid(asset: Value, properties: Value) -> Option<OutputGrid> {
        Projection { asset: asset.as_object().unwrap(), properties: properties.as_object().unwrap() }.grid().unwrap()
    }

    #[test]
    fn a_grid_is_known_by_crs_size_and_place() {
        let utm = json!({"proj:epsg": 32633});
        let place = json!({"proj:shape": [140, 150], "proj:transform": [10, 0, 399960, 0, -10, 5300040, 0, 0, 1]});
        let found = grid(place, utm.clone()).unwrap();
        assert_eq!((found.width(), found.height(), found.crs().epsg()), (150, 140, Some(32633)));
        assert_eq!(found.bounds(), [399_960.0, 5_298_640.0, 401_460.0, 5_300_040.0]);
        let by_bounds = json!({"proj:code": "EPSG:32633", "proj:shape": [140, 150], "proj:bbox": [399960, 5298640, 401460, 5300040]});
        assert_eq!(grid(by_bounds, json!({})).unwrap(), found);
    }

    #[test]
    fn what_an_asset_says_comes_before_what_its_item_says() {
        let item = json!({"proj:epsg": 4326, "proj:shape": [10, 10], "proj:bbox": [0, 0, 10, 10]});
        let found = grid(json!({"proj:code": "EPSG:3857", "proj:shape": [5, 5]}), item).unwrap();
        assert_eq!((found.crs().epsg(), found.width()), (Some(3857), 5));
    }

    #[test]
    fn a_transform_that_does_not_fit_the_bounds_tells_nothing() {
        // In GDAL's order, as some catalogues have it.
        let item = json!({"proj:epsg": 32633, "proj:shape": [140, 150], "proj:bbox": [399960, 5298640, 401460, 5300040],
            "proj:transform": [399960, 10, 0, 5300040, 0, -10]});
        assert_eq!(grid(json!({}), item), None);
        for lacking in [
            json!({"proj:shape": [140, 150]}),
            json!({"proj:epsg": null}),
            json!({"proj:shape": [-1, 1.5], "proj:epsg": 4326}),
        ] {
            assert_eq!(grid(json!({}), lacking), None);
        }
    }
}
