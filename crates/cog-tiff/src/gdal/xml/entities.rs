//! `&lt;`, `&#65;` and the like.

use std::borrow::Cow;

/// Undoes XML's named and numbered entities, as GDAL: an `&` that starts none ends the text. The second value is where
/// that was.
pub(crate) fn unescape(text: &str) -> (Cow<'_, str>, Option<usize>) {
    if !text.contains('&') {
        return (Cow::Borrowed(text), None);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        plain.push_str(before);
        match entity(behind) {
            Some((character, len)) => {
                plain.extend(character);
                rest = behind.get(len..).unwrap_or_default();
            }
            None => return (Cow::Owned(plain), Some(text.len() - behind.len() - 1)),
        }
    }
    plain.push_str(rest);
    (Cow::Owned(plain), None)
}

/// The character of an entity and the bytes it takes behind its `&`. A number 0 is no character.
fn entity(text: &str) -> Option<(Option<char>, usize)> {
    const NAMED: [(&str, char); 5] = [("lt;", '<'), ("gt;", '>'), ("amp;", '&'), ("apos;", '\''), ("quot;", '"')];
    for (name, character) in NAMED {
        if text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Some((Some(character), name.len()));
        }
    }
    let number = text.strip_prefix('#')?;
    let (radix, digits) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, number),
    };
    let mut code = 0u32;
    for (i, c) in digits.char_indices() {
        if c == ';' {
            let character = (code != 0).then(|| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            return Some((character, text.len() - digits.len() + i + 1));
        }
        code = code.wrapping_mul(radix).wrapping_add(c.to_digit(radix)?);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of elements and what GDAL 3.10.3 makes of them before its second unescaping.
    #[test]
    fn entities_are_undone_and_a_bare_ampersand_ends_the_text() {
        for (text, plain, whole) in [
            ("&lt;&AMP;&Quot;&apos;", "<&\"'", true),
            ("&#65;&#x42;&#233;&#x20AC;&#1;&#0;z", "ABé€\u{1}z", true),
            ("&#x110000; y", "\u{fffd} y", true),
            ("&#4294967361;y", "Ay", true),
            ("&#xD800;y", "\u{fffd}y", true),
            ("&#;&#x;y", "y", true),
            ("salt & pepper", "salt ", false),
            ("x &amp y", "x ", false),
            ("&#65", "", false),
            ("&#12x;y", "", false),
            ("a&nbsp;b", "a", false),
        ] {
            let (found, cut) = unescape(text);
            assert_eq!((found.as_ref(), cut.is_none()), (plain, whole), "{text}");
        }
        assert_eq!(unescape("salt & pepper").1, Some(5));
    }
}
