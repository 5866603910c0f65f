//! A JSON list that is printed while it is made.

use serde::Serialize;

/// A list of which no element is kept.
#[derive(Default)]
pub(crate) struct JsonList {
    begun: bool,
    /// It is that of a FeatureCollection, with an element in each line.
    features: bool,
}

/// What stands before the first Feature.
const COLLECTION: &str = "{\"type\":\"FeatureCollection\",\"features\":[";

impl JsonList {
    /// A FeatureCollection of GeoJSON.
    pub(crate) fn of_features() -> JsonList {
        JsonList { begun: false, features: true }
    }

    /// The text of the next element, and what stands before it.
    ///
    /// # Errors
    /// A value that JSON cannot hold.
    pub(crate) fn item(&mut self, value: &impl Serialize) -> serde_json::Result<String> {
        let begun = std::mem::replace(&mut self.begun, true);
        if self.features {
            let before = if begun { ",\n".to_string() } else { format!("{COLLECTION}\n") };
            return Ok(before + &serde_json::to_string(value)?);
        }
        let before = if begun { ",\n  " } else { "[\n  " };
        // Inside strings JSON has no line breaks: each one found is between elements.
        Ok(before.to_owned() + &serde_json::to_string_pretty(value)?.replace('\n', "\n  "))
    }

    /// What closes the list.
    pub(crate) fn end(&self) -> String {
        match (self.features, self.begun) {
            (false, true) => "\n]\n".into(),
            (false, false) => "[]\n".into(),
            (true, true) => "\n]}\n".into(),
            (true, false) => format!("{COLLECTION}]}}\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_text_is_that_of_a_whole_list() {
        for items in [vec![], vec![json!({"a": [1, 2], "b": "x\ny"})], vec![json!(1), json!([]), json!({"c": null})]] {
            let mut list = JsonList::default();
            let mut text: String = items.iter().map(|item| list.item(item).unwrap()).collect();
            text.push_str(&list.end());
            assert_eq!(text, serde_json::to_string_pretty(&items).unwrap() + "\n");
            let mut list = JsonList::of_features();
            let mut text: String = items.iter().map(|item| list.item(item).unwrap()).collect();
            text.push_str(&list.end());
            let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(parsed, json!({"type": "FeatureCollection", "features": items}));
        }
    }
}
