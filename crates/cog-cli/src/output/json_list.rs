//! A JSON list that is printed while it is made.

use serde::Serialize;

/// A list of which no element is kept.
#[derive(Default)]
pub(crate) struct JsonList {
    begun: bool,
}

impl JsonList {
    /// The text of the next element, and what stands before it.
    ///
    /// # Errors
    /// A value that JSON cannot hold.
    pub(crate) fn item(&mut self, value: &impl Serialize) -> serde_json::Result<String> {
        let before = if self.begun { ",\n  " } else { "[\n  " };
        self.begun = true;
        // Inside strings JSON has no line breaks: each one found is between elements.
        Ok(before.to_owned() + &serde_json::to_string_pretty(value)?.replace('\n', "\n  "))
    }

    /// What closes the list.
    pub(crate) fn end(&self) -> &'static str {
        if self.begun { "\n]\n" } else { "[]\n" }
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
            text.push_str(list.end());
            assert_eq!(text, serde_json::to_string_pretty(&items).unwrap() + "\n");
        }
    }
}
