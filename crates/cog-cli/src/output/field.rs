//! Single values of JSON, as plain text.

use serde_json::Value;

use crate::output::text::one_line;

/// What lies at a path such as `crs.epsg` or `levels.0.width`; names that hold dots are known too. Below what is null, and behind the end of a
/// list, lies null; `None` is for paths that lead nowhere.
pub(crate) fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => {
            if let Some(found) = map.get(path) {
                return Some(found);
            }
            let dots = path.match_indices('.').map(|(dot, _)| path.split_at(dot));
            let found = dots.filter_map(|(name, rest)| find(map.get(name)?, rest.get(1..)?));
            // Of two readings of the path the one that leads to something.
            found.reduce(|one, other| if one.is_null() { other } else { one })
        }
        Value::Array(list) => {
            let (index, rest) = path.split_once('.').map_or((path, None), |(index, rest)| (index, Some(rest)));
            let item = list.get(index.parse::<usize>().ok()?).unwrap_or(&Value::Null);
            rest.map_or(Some(item), |rest| find(item, rest))
        }
        Value::Null => Some(&Value::Null),
        _ => None,
    }
}

/// Text as it is, nothing for null, other values as JSON writes them, all on one line.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => one_line(text),
        other => other.to_string(),
    }
}

/// The values at some paths, in a line, and the first path that leads nowhere: its cell is empty, so that lines and columns stay in step.
pub(crate) fn line<'a>(value: &Value, paths: &'a [String]) -> (String, Option<&'a str>) {
    let mut wrong = None;
    let mut cell = |path: &'a String| {
        let found = find(value, path);
        if found.is_none() {
            wrong = wrong.or(Some(path.as_str()));
        }
        found.map(plain).unwrap_or_default()
    };
    let cells: Vec<String> = paths.iter().map(&mut cell).collect();
    (cells.join("\t") + "\n", wrong)
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
            ("none", ""),
            ("none.a.0", ""),
            ("levels.1", ""),
            ("levels.1.width", ""),
        ] {
            assert_eq!(find(&value, path).map(plain).as_deref(), Some(text), "{path}");
        }
        for path in ["crs.name", "levels.x", "levels.0.x", "", "crs.", ".", "crs.epsg.x"] {
            assert!(find(&value, path).is_none(), "{path}");
        }
        let both = json!({"a": null, "a.b": {"c": 1}});
        assert_eq!(find(&both, "a.b.c").map(plain).as_deref(), Some("1"));
    }

    #[test]
    fn a_line_has_a_cell_for_each_path() {
        let value = json!({"a": null, "b": 2});
        let paths = |all: &[&str]| all.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        assert_eq!(line(&value, &paths(&["a.x", "b"])), ("\t2\n".to_owned(), None));
        assert_eq!(line(&value, &paths(&["b", "c", "d"])), ("2\t\t\n".to_owned(), Some("c")));
    }
}
