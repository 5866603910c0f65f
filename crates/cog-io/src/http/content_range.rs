//! `Content-Range: bytes 0-99/200` (RFC 9110, section 14.4).

use std::ops::Range;

/// A parsed Content-Range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// The bytes that follow; `None` for `bytes */200`, which comes with status 416.
    pub(super) range: Option<Range<u64>>,
    /// The size of the whole object; `None` for `*`.
    pub(super) size: Option<u64>,
}

impl ContentRange {
    /// # Errors
    /// What is wrong with the text, if it is not a byte range that can be true.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let nonsense = || format!("Content-Range \"{text}\" makes no sense");
        let (unit, rest) = text.trim().split_once([' ', '=']).ok_or_else(nonsense)?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return Err(format!("Content-Range \"{text}\" does not count in bytes"));
        }
        Self::range_and_size(rest).ok_or_else(nonsense)
    }

    fn range_and_size(rest: &str) -> Option<Self> {
        // Some servers leave the size out instead of writing `*`.
        let (range, size) = rest.trim().split_once('/').unwrap_or((rest, "*"));
        let size = match size.trim() {
            "*" => None,
            size => Some(digits(size)?),
        };
        let range = match range.trim() {
            "*" => None,
            range => {
                let (first, last) = range.split_once('-')?;
                let (first, last) = (digits(first.trim())?, digits(last.trim())?);
                let end = last.checked_add(1)?;
                if first > last || size.is_some_and(|size| end > size) {
                    return None;
                }
                Some(first..end)
            }
        };
        Some(Self { range, size })
    }
}

/// Digits only: `u64::from_str` would take a plus sign.
fn digits(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rfc_9110_allows_is_read() {
        for (text, range, size) in [
            ("bytes 0-99/200", Some(0..100), Some(200)),
            ("bytes 5-5/*", Some(5..6), None),
            ("bytes */0", None, Some(0)),
        ] {
            assert_eq!(ContentRange::parse(text), Ok(ContentRange { range, size }), "{text}");
        }
    }

    #[test]
    fn what_servers_write_beside_the_rule_is_read_where_it_is_clear() {
        for text in ["Bytes 0-99/200", "BYTES=0-99/200", " bytes  0-99 / 200 ", "bytes 0 - 99/200"] {
            assert_eq!(ContentRange::parse(text), Ok(ContentRange { range: Some(0..100), size: Some(200) }), "{text}");
        }
        assert_eq!(ContentRange::parse("bytes 0-99"), Ok(ContentRange { range: Some(0..100), size: None }));
    }

    #[test]
    fn what_cannot_be_true_is_refused() {
        for text in [
            "bytes 9-5/20",
            "bytes 0-20/20",
            "items 0-1/2",
            "bytes 0-18446744073709551615/*",
            "bytes +1-2/3",
            "",
            "bytes",
        ] {
            assert!(ContentRange::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            ContentRange::parse("items 0-1/2"),
            Err("Content-Range \"items 0-1/2\" does not count in bytes".into())
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            if let Ok(ContentRange { range: Some(range), size: Some(size) }) = ContentRange::parse(&text) {
                proptest::prop_assert!(range.start < range.end && range.end <= size);
            }
        }
    }
}
