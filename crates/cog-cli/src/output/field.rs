//! Single values of JSON, as plain text.

use serde_json::Value;

use crate::output::text::one_line;

/// What lies at a path such as `crs.epsg` or `levels.0.width`; names that hold dots are known too.
pub(crate) fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => {
            if let Some(found) = map.get(path) {
                return Some(found);
            }
            let dots = path.match_indices('.').map(|(dot, _)| path.split_at(dot));
            dots.filter_map(|(name, rest)| find(map.get(name)?, rest.get(1..)?)).next()
        }
        Value::Array(list) => {
            let (index, rest) = path.split_once('.').map_or((path, None), |(index, rest)| (index, Some(rest)));
            let item = list.get(index.parse::<usize>().ok()?)?;
            rest.map_or(Some(item), |rest| find(item, rest))
        }
        _ => None,
    }
}

/// Text as it is, other values as JSON writes them, all on one line.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => one_line(text),
        other => other.to_string(),
    }
}

/// What there is instead, for a message.
pub(crate) fn names(value: &Value) -> String {
    match value {
        Value::Object(map) => map.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_names_and_numbers() {
        let value =
            json!({"crs": {"epsg": 32633}, "levels": [{"width": 5}], "tags": {"a.b": {"c": "x"}}, "none": null});
        for (path, text) in [
            ("crs.epsg", "32633"),
            ("levels.0.width", "5"),
            ("levels.0", "{\"width\":5}"),
            ("tags.a.b.c", "x"),
            ("none", "null"),
        ] {
            assert_eq!(find(&value, path).map(plain).as_deref(), Some(text), "{path}");
        }
        for path in ["crs.name", "levels.1", "levels.x", "", "crs.", ".", "crs.epsg.x"] {
            assert!(find(&value, path).is_none(), "{path}");
        }
    }
}
