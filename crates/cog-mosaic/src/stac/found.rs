//! What a JSON document is, where something else was wanted.

use serde_json::Value;

use crate::stac::bounded;

/// Names of members that are shown.
const SHOWN: usize = 6;

/// A few words for a document that is not what was wanted.
pub(super) fn found(value: &Value) -> String {
    let Value::Object(members) = value else {
        return match value {
            Value::Array(list) => format!("a list of {}", list.len()),
            Value::String(_) => "a text".into(),
            Value::Number(_) => "a number".into(),
            _ => "true, false or null".into(),
        };
    };
    let has = |name: &str| members.contains_key(name);
    match members.get("type").and_then(Value::as_str) {
        Some("Catalog") => return "a STAC catalog, whose links lead to items".into(),
        Some("Collection") => return "a STAC collection, whose links lead to items".into(),
        Some("FeatureCollection") => {
            let count = members.get("features").and_then(Value::as_array).map_or(0, Vec::len);
            return format!("a FeatureCollection of {count} features");
        }
        Some("Feature") if !has("assets") => return "a GeoJSON Feature without assets".into(),
        _ => {}
    }
    if has("mosaicjson") {
        return "a MosaicJSON".into();
    }
    if has("stac_version") && has("links") && !has("assets") {
        // Before 1.0 neither had a type.
        let kind = if has("extent") { "collection" } else { "catalog" };
        return format!("a STAC {kind}, whose links lead to items");
    }
    let names: Vec<String> = members.keys().take(SHOWN).map(|name| bounded(name, 30)).collect();
    let more = if members.len() > SHOWN { ", …" } else { "" };
    match names.is_empty() {
        true => "an empty object".into(),
        false => format!("an object with the members {}{more}", names.join(", ")),
    }
}
